#!/usr/bin/env bash
# Installs what is missing, builds build/dev (ASan and UBSan) and runs the whole test suite. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/install.sh gnuplot-nox python3-jsonschema # pictures and schemas are tested where these are
jobs=$(nproc)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset dev >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
cmake --build --preset dev -j "$jobs"
ctest --test-dir build/dev --output-on-failure -j "$jobs"
