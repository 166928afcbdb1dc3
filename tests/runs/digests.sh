#!/usr/bin/env bash
# The same bytes from gcc and clang, unoptimized and with all of this machine's instructions, on one, two and three
# threads: the answers of `eval` to every row of tests/cases, and results.json and the printed digest of `run`.
#   digests.sh [SCENARIO...]     small, quickstart, two-levels, five-accounts and every-layer unless told
# PROGRAMS="FILE..." adds programs that were built already, for another architecture.
set -euo pipefail
cd "$(dirname "$0")/../.."
scenarios=("$@")
[ ${#scenarios[@]} -gt 0 ] ||
    scenarios=(workloads/scenarios/{small,quickstart,two-levels,five-accounts,every-layer}.json)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# same WHAT FILE: the file is like the first one of this name.
same() {
    local first=$scratch/first-${1//[^A-Za-z0-9]/-}
    if [ ! -e "$first" ]; then
        cp "$2" "$first"
        return
    fi
    if cmp -s "$first" "$2"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $1 by $build differs from that of gcc-O0: $(cmp "$first" "$2" 2>&1 | head -1)" >&2
        failed=$((failed + 1))
    fi
}

check() {
    local program=$1 file scenario threads
    for file in tests/cases/evaluation/*.jsonl; do
        "$program" eval --cases "$file" >"$scratch/answers" || true # exit code 1: a row was answered with an error
        [ -s "$scratch/answers" ] || { echo "no answers to $file by $build" >&2; exit 1; }
        same "$file" "$scratch/answers"
    done
    for scenario in "${scenarios[@]}"; do
        for threads in 1 2 3; do
            rm -rf "$scratch/out"
            "$program" run "$scenario" --no-report --threads $threads --out "$scratch/out" >"$scratch/printed" ||
                { echo "$build cannot run $scenario" >&2; exit 1; }
            grep -i digest "$scratch/printed" >"$scratch/digest" ||
                { echo "no digest printed by $build for $scenario" >&2; exit 1; }
            same "results of $scenario" "$scratch/out/results.json"
            same "digest of $scenario" "$scratch/digest"
        done
    done
}

for cc in gcc clang; do
    for flags in "-O0" "-O3 -march=native"; do
        build=$cc${flags%% *}
        folder=build/digests/$build
        if ! { cmake -S . -B "$folder" -DCMAKE_C_COMPILER=$cc -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="$flags" &&
            cmake --build "$folder" -j "$(nproc)" --target orgsim; } >"$scratch/log" 2>&1; then
            cat "$scratch/log" >&2
            exit 1
        fi
        check "$folder/orgsim"
    done
done
for build in ${PROGRAMS:-}; do check "$build"; done
echo "digests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
