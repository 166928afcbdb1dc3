#!/usr/bin/env bash
# Fuzzes each entry of tests/fuzz for some seconds, from its seeds, the rows of tests/cases and what earlier runs kept
# in build/fuzz/corpus. A find is copied to tests/fuzz/findings/ENTRY, where a test replays it from then on.
#   fuzz.sh SECONDS [ENTRY...]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=$1
shift
entries=("$@")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset fuzz >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
if [ ${#entries[@]} -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do
        name=${source##*/fuzz_}
        entries+=("${name%.c}")
    done
fi
cmake --build --preset fuzz -j "$(nproc)" --target "${entries[@]/#/fuzz_}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

passed=0 failed=0
for entry in "${entries[@]}"; do
    corpus=build/fuzz/corpus/$entry seeds=build/fuzz/seeds/$entry found=tests/fuzz/findings/$entry
    rm -rf "$seeds"
    mkdir -p "$corpus" "$seeds" "$found"
    find tests/cases -name '*.jsonl' -exec cat {} + | split -l 1 -a 5 - "$seeds/row-"
    # Whole documents, as far as they are small enough to be mutated usefully.
    find tests/cases tests/fuzz/seeds -type f ! -name '*.jsonl' -size -17k |
        while read -r file; do cp "$file" "$seeds/$(echo "$file" | tr / -)"; done
    dictionary=()
    for words in tests/fuzz/"$entry".dict tests/fuzz/policy.dict; do
        if [ -f "$words" ]; then dictionary=("-dict=$words"); break; fi
    done
    # A find is whatever crashes, trips a sanitizer, leaks, takes ten seconds or two gigabytes.
    if build/fuzz/fuzz_"$entry" "${dictionary[@]}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=4096 -print_final_stats=1 -artifact_prefix="$found/" "$corpus" "$seeds" "$found" >"$log" 2>&1; then
        echo "fuzz_$entry: $(sed -n 's/.*number_of_executed_units: *//p' "$log") inputs in $seconds s," \
            "$(find "$corpus" -type f | wc -l) kept"
        passed=$((passed + 1))
    else
        tail -n 60 "$log"
        echo "fuzz_$entry: found something, see $found"
        failed=$((failed + 1))
    fi
    rmdir "$found" 2>/dev/null || true
done
rmdir tests/fuzz/findings 2>/dev/null || true
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
