#!/usr/bin/env bash
# `orgsim eval` on what is too large to be tried at every commit: rows of 100 MB, a policy of a million statements,
# streams longer than the memory allowed. Each within a minute or two and within the memory named.
# Usage: eval_large.sh [ORGSIM] (default: a release build, as sanitizers take memory of their own)
set -u
orgsim=${1:-} passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$orgsim" ]; then
    cd "$(dirname "$0")/../.." || exit 1
    { cmake --preset release && cmake --build --preset release -j "$(nproc)" --target orgsim; } >"$scratch/log" 2>&1 ||
        { cat "$scratch/log" >&2; exit 1; }
    orgsim=build/release/orgsim
fi

# answers MEBIBYTES CODE PATTERN COUNT COMMAND: what COMMAND prints is decided in so much memory; the answers hold
# PATTERN in COUNT lines.
answers() {
    local memory=$1 want=$2 pattern=$3 count=$4 code have begin=$SECONDS
    (
        ulimit -v $((memory * 1024))
        timeout 120 "$orgsim" eval --cases - --threads 2 2>"$scratch/err"
    ) < <(eval "$5") >"$scratch/out"
    code=$?
    have=$(grep -cE -- "$pattern" "$scratch/out")
    if [ $code -eq "$want" ] && [ "$have" -eq "$count" ]; then
        passed=$((passed + 1))
        echo "ok in $((SECONDS - begin)) s: $5"
    else
        failed=$((failed + 1))
        echo "FAILED: $5: exit $code, expected $want; $have of $count lines match /$pattern/"
        head -c 300 "$scratch/out" "$scratch/err"
    fi
}

request='"request":{"principal":"arn:aws:iam::111122223333:role/Dev","action":"s3:GetObject","resource":"*",'
request+='"resource_account":"111122223333"}'
statement='{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}'
row() { printf '{"id":"%s",%s,"policies":{"identity":[{"Statement":[%s]}]}}\n' "$1" "$request" "$statement"; }
fill() { head -c "$2" /dev/zero | tr '\0' "$1"; } # fill CHARACTER BYTES
among() { row first; "$@"; row last; }

notes() { printf '{"id":"long","notes":"'; fill n 100000000; printf '",%s}\n' "$request"; }
value() { printf '{"id":"long","request":{"context":{"aws:username":"'; fill u 100000000; printf '"}}}\n'; }
garbage() { fill x 100000000; echo; }
open_string() { printf '{"id":"long","notes":"'; fill n 100000000; echo; }
deep() { printf '{"id":"long","policies":'; fill '[' 100000000; echo; }
deep_policy() { printf '{"id":"long","policies":{"resource":{"Statement":'; fill '[' 100000; printf '}}}\n'; }
huge() { printf '{"id":"long","notes":"'; fill n 1200000000; printf '"}\n'; }
statements() {
    printf '{"id":"long",%s,"policies":{"identity":[{"Statement":[' "$request"
    yes "$statement," | head -n 1000000 | tr -d '\n'
    printf '%s]}]}}\n' "$statement"
}
stream() { yes "$(row same)" | head -n 4000000; }
array() { printf '['; yes "$(row same)," | head -n 2000000; row last; printf ']'; }
policies() { # all different: more than the table may hold
    local part="$request,\"policies\":{\"identity\":[{\"Id\":\"&\",\"Statement\":[$statement]}]}"
    seq 400000 | sed "s|.*|{\"id\":\"&\",$part}|"
}
blank() { yes '' | head -n 300000000; }

answers 800 0 '^\{"id":"(first|long|last)","decision":' 3 'among notes'
answers 800 1 '^\{"id":"long","error":".*:2:[0-9]+: request without `principal`' 1 'among value'
answers 800 1 '^\{"line":2,"error":".*:2:1: expected a value, found' 1 'among garbage'
answers 800 1 '^\{"id":"long","error":".*:2:22: string without a closing quote' 1 'among open_string'
answers 800 1 '^\{"id":"long","error":".*:2:[0-9]+: `policies`: found an array' 1 'among deep'
answers 800 1 '^\{"id":"long","error":".*:2:[0-9]+: nested deeper than 128 levels' 1 'among deep_policy'
answers 4000 1 '^\{"line":2,"error":".*:2:1: record of more than 2\^30 bytes"\}|^\{"id":"last",' 2 'among huge'
answers 800 1 '^\{"id":"long","error":".*:2:[0-9]+: a policy of more than 65536 statements' 1 'among statements'
answers 500 0 '"decision":"Allowed"' 4000000 'stream'
answers 500 0 '"decision":"Allowed"' 2000001 'array'
answers 800 0 '"decision":"Allowed"' 400000 'policies'
answers 500 0 '"decision":"Allowed"' 2 'among blank'
echo "large input: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
