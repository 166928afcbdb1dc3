#!/usr/bin/env bash
# Random cases of all layers, decided by evaluator and oracle: decisions.sh COUNT (100,000 take about a second).
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:?number of cases}
folder=build/release
cmake --preset release -B "$folder" >/dev/null
cmake --build "$folder" -j "$(nproc)" --target prop_text_oracle >"$folder/decisions.log" ||
    { cat "$folder/decisions.log" >&2; exit 1; }
"$folder/prop_text_oracle" 0 "$count"
