#!/usr/bin/env bash
# The main job on a fresh Debian 12 machine: installs what is missing, builds build/release, simulates the quickstart
# scenario and prints its summary with the digest and the path of report.html. As root or through sudo; safe to run
# again.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/install.sh gnuplot-nox
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "building build/release"
{ cmake --preset release && cmake --build --preset release --target orgsim -j "$(nproc)"; } >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; exit 1; }
build/release/orgsim run workloads/scenarios/quickstart.json --out results/runs/quickstart
