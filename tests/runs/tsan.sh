#!/usr/bin/env bash
# ThreadSanitizer over whatever starts threads: the tests labelled `threads`, a run on three threads, and `eval`.
set -euo pipefail
cd "$(dirname "$0")/../.."
scenario=workloads/scenarios/small.json
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --preset tsan >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
cmake --build --preset tsan -j "$(nproc)" --target threads orgsim >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; exit 1; }
# A kernel that spreads mappings wider than gcc 12's runtime expects makes every program fail at its start.
quiet=(setarch "$(uname -m)" -R)
"${quiet[@]}" true 2>/dev/null || quiet=()
export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1"
"${quiet[@]}" ctest --test-dir build/tsan -L threads --no-tests=error --output-on-failure -j "$(nproc)"
"${quiet[@]}" build/tsan/orgsim run "$scenario" --threads 3 --out "$scratch/out" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; exit 1; }
echo "run on three threads: no race found"
"${quiet[@]}" bash tests/runs/eval.sh build/tsan/orgsim tests
