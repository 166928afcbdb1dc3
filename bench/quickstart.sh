#!/usr/bin/env bash
# Installs what is missing, builds build/release and decides the cases of this repository.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/install.sh
cmake --preset release >/dev/null
cmake --build --preset release --target orgsim -j "$(nproc)"
for cases in tests/cases/evaluation/*.jsonl; do
    build/release/orgsim eval --cases "$cases" | tail -n 2
done
echo "build/release/orgsim is ready: try \`build/release/orgsim --help\`"
