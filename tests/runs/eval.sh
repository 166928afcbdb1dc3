#!/usr/bin/env bash
# `orgsim eval` from outside: lines and arrays, any number of threads, bad rows among good ones, a reader that goes
# away, an interrupt, a conversation. Usage: eval.sh ORGSIM TESTS_FOLDER
set -u
orgsim=$1 tests=$2 passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

wrong() {
    echo "FAILED: ${1:0:400}"
    head -c 600 "$scratch/err" | head -n 3
    failed=$((failed + 1))
}

# decides CODE ARGUMENTS...: answers to $scratch/out, the exit code is right.
decides() {
    local want=$1 code
    shift
    timeout 120 "$orgsim" eval "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    code=$?
    if [ $code -ne "$want" ]; then wrong "eval $* : exit $code, expected $want"; else passed=$((passed + 1)); fi
}

# holds PATTERN [FILE]: a line of the answers (or FILE) matches.
holds() {
    if grep -qE -- "$1" "$scratch/${2:-out}"; then passed=$((passed + 1)); else
        wrong "no line matches /$1/ in: $(head -c 300 "$scratch/${2:-out}")"
    fi
}

same() { # same FILE WHAT: the answers are those of FILE
    if cmp -s "$1" "$scratch/out"; then passed=$((passed + 1)); else wrong "$2: other answers"; fi
}

count() { # count N: so many answers
    local have
    have=$(wc -l <"$scratch/out")
    if [ "$have" -eq "$1" ]; then passed=$((passed + 1)); else wrong "$have answers, expected $1"; fi
}

row() { # row ID [POLICIES]
    printf '{"id":"%s","request":{"principal":"arn:aws:iam::111122223333:role/Dev","action":"s3:GetObject",' "$1"
    printf '"resource":"arn:aws:s3:::b/k","resource_account":"111122223333"},"policies":%s}' "${2:-$allow}"
}
allow='{"identity":[{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]}'

# ---- any form of input, any number of threads: the same bytes ----
cat "$tests"/cases/evaluation/*.jsonl >"$scratch/rows.jsonl"
{ echo '['; sed '$!s/$/,/' "$scratch/rows.jsonl"; echo ']'; } >"$scratch/rows.json"
{ printf ' [ '; paste -sd, "$scratch/rows.jsonl" | tr '\n' ' '; printf ']'; } >"$scratch/one-line.json"
gzip -c "$scratch/rows.jsonl" >"$scratch/rows.jsonl.gz"
gzip -c "$scratch/rows.json" >"$scratch/rows.json.gz"
{ head -n 50 "$scratch/rows.jsonl" | gzip -c; tail -n +51 "$scratch/rows.jsonl" | gzip -c; } >"$scratch/members.gz"
decides 0 --cases "$scratch/rows.jsonl" --threads 1
cp "$scratch/out" "$scratch/want"
count "$(wc -l <"$scratch/rows.jsonl")"
for name in rows.jsonl rows.json one-line.json rows.jsonl.gz rows.json.gz members.gz; do
    for threads in 1 2 7; do
        decides 0 --cases "$scratch/$name" --threads $threads
        same "$scratch/want" "$name with $threads threads"
    done
done
decides 0 --cases "$scratch/rows.jsonl" --oracle
same "$scratch/want" "the oracle"
cat "$scratch/rows.json" | "$orgsim" eval --cases - >"$scratch/out" 2>"$scratch/err"
same "$scratch/want" "a pipe"

# ---- bad rows among good ones ----
{
    row a; echo
    printf '{"id":"b","request":{"principal":"p"},"policies":{}}\n'
    printf '{"id":"c","request"\n'
    printf '\n  \n'
    printf '{"id":"d\200"}\n'
    printf '{"id":"e","x":"\0"}\n'
    row f '{"identity":[{"Statement":{"Effect":"Permit"}}]}'; echo
    printf '{"id":"g","policies":'; head -c 100000 /dev/zero | tr '\0' '['; echo
    printf '[]\n'
    row h '{"scps":{}}'; echo
    row z
} >"$scratch/mixed.jsonl"
for threads in 1 3; do
    decides 1 --cases "$scratch/mixed.jsonl" --threads $threads
    count 10
    holds '^\{"id":"a","decision":"Allowed"\}$'
    holds '^\{"id":"b","error":".*mixed.jsonl:2:21: request without `action`'
    holds '^\{"id":"c","error":".*mixed.jsonl:3:20: unexpected end of input, expected `:`'
    holds '^\{"line":6,"error":".*mixed.jsonl:6:9: invalid UTF-8'
    holds '^\{"id":"e","error":".*mixed.jsonl:7:[0-9]+: control character'
    holds '^\{"id":"f","error":".*mixed.jsonl:8:[0-9]+: unknown effect `Permit`, expected `Allow` or `Deny`'
    holds '^\{"id":"g","error":".*mixed.jsonl:9:[0-9]+: (nested deeper|`policies`: found an array)'
    holds '^\{"line":10,"error":".*mixed.jsonl:10:1: case: found an array, expected an object'
    holds '^\{"id":"h","error":".*mixed.jsonl:11:[0-9]+: `scps`: found an object, expected an array of levels'
    holds '^\{"id":"z","decision":"Allowed"\}$'
done

# ---- arrays that are none: bad input, but what came before is answered ----
broken() { # broken COUNT MESSAGE: the array on standard input
    cat >"$scratch/broken.json"
    for threads in 1 3; do
        decides 2 --cases "$scratch/broken.json" --threads $threads
        count "$1"
        holds "^orgsim: .*broken.json:$2" err
        if [ "$(wc -l <"$scratch/err")" -eq 1 ]; then passed=$((passed + 1)); else wrong "more than one line"; fi
    done
}
{ printf '[\n'; row a; printf ',\n'; row b; printf ' '; row c; printf ']'; } |
    broken 2 '3:[0-9]+: found another element, expected `,` or `\]`'
holds '^\{"id":"b","decision":'
{ printf '['; row a; printf ',,'; row b; printf ']'; } | broken 1 '1:[0-9]{3}: found `,`, expected an element'
{ printf '['; row a; printf ',]\n'; } | broken 1 '1:[0-9]{3}: found `\]`, expected an element'
{ printf '['; row a; printf ','; row b | head -c 90; } | broken 1 '1:[0-9]{3}: unexpected end of input, expected `\]`'
{ printf '['; row a; } | broken 1 '1:[0-9]{3}: unexpected end of input, expected `\]`'
{ printf '['; row a; printf ']\n['; row b; printf ']'; } | broken 1 '2:1: found more behind the array'
printf '[]x' | broken 0 '1:3: found more behind the array'
{ printf '['; for i in $(seq 3000); do row "$i"; printf ',\n'; done; } | broken 3000 '3001:1: unexpected end of input'
{ printf '[7,\n"x",'; row a; printf ']\n'; } >"$scratch/kinds.json"
decides 1 --cases "$scratch/kinds.json"
count 3
holds '^\{"index":0,"error":".*kinds.json:1:2: case: found a number, expected an object'
holds '^\{"index":1,"error":".*kinds.json:2:1: case: found a string, expected an object'
holds '^\{"id":"a","decision":'
printf ' [ ] \n' >"$scratch/none.json"
decides 0 --cases "$scratch/none.json"
count 0

# ---- damaged gzip: what came before is answered ----
for i in $(seq 3000); do row "$i-$RANDOM"; echo; done | gzip -c >"$scratch/whole.gz"
head -c $(($(wc -c <"$scratch/whole.gz") / 2)) "$scratch/whole.gz" >"$scratch/cut.gz"
decides 2 --cases "$scratch/cut.gz"
holds 'damaged or cut short' err
holds '^\{"id":"1-[0-9]+","decision":"Allowed"\}$'

# ---- strict ----
{ row a; echo; row b | sed 's/"policies"/"policys":{},"policies"/'; echo; row c; } >"$scratch/strict.jsonl"
decides 0 --cases "$scratch/strict.jsonl"
count 3
decides 2 --cases "$scratch/strict.jsonl" --strict
count 1
holds 'strict.jsonl:2:[0-9]+: unknown member `policys` in a case, did you mean `policies`\?' err
decides 2 --cases "$scratch/mixed.jsonl" --strict --threads 3
count 1
holds '^orgsim: .*mixed.jsonl:2:21: request without `action`' err
row a | sed 's/"action"/"Action":"x","action"/' >"$scratch/strict-request.jsonl"
decides 2 --cases "$scratch/strict-request.jsonl" --strict
holds 'unknown member `Action` in `request`, did you mean `action`' err

# ---- keys that follow from the request ----
row a '{"identity":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
  "Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}}]}' | tr -d '\n' >"$scratch/derive.jsonl"
decides 0 --cases "$scratch/derive.jsonl"
holds '"ImplicitlyDenied"'
decides 0 --cases "$scratch/derive.jsonl" --derive
holds '"Allowed"'
decides 0 --cases "$scratch/derive.jsonl" --derive --oracle
holds '"Allowed"'

# ---- what could not be evaluated ----
row a '{"identity":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
  "Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}}]}' | tr -d '\n' >"$scratch/missing.jsonl"
decides 0 --cases "$scratch/missing.jsonl"
holds '^\{"id":"a","decision":"ImplicitlyDenied"\}$'
decides 0 --cases "$scratch/missing.jsonl" --diagnostics
holds '^\{"id":"a","decision":"ImplicitlyDenied","diagnostics":\["[^"]*aws:SourceVpce[^"]*"\]\}$'
row a '{"identity":[{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*",
  "Resource":"*","Condition":{"StringNotEqual":{"aws:RequestedRegion":"eu-central-1"}}}]}]}' |
    tr -d '\n' >"$scratch/misspelt.jsonl"
decides 0 --cases "$scratch/misspelt.jsonl" --diagnostics
holds '"Allowed","diagnostics":\["identity, policy 1, statement 2: condition operator `StringNotEqual` does not exist'
decides 0 --cases "$scratch/rows.jsonl" --diagnostics --threads 1
sed 's/,"diagnostics":\[.*\]//' "$scratch/out" >"$scratch/without"
cp "$scratch/out" "$scratch/diagnosed"
decides 0 --cases "$scratch/rows.jsonl" --diagnostics --threads 5
same "$scratch/diagnosed" "diagnostics with 5 threads"
decides 0 --cases "$scratch/rows.jsonl"
same "$scratch/without" "diagnostics left out"

# ---- a conversation: an answer comes before the next row is asked for ----
for threads in 1 2; do
    coproc asked { exec "$orgsim" eval --cases - --threads $threads 2>/dev/null; }
    pid=$asked_PID to=${asked[1]} from=${asked[0]} said=
    for id in one two; do
        { row $id; echo; } >&"$to"
        IFS= read -r -t 20 answer <&"$from" && said+=$answer
    done
    kill -INT "$pid"
    wait "$pid"
    code=$?
    if [ "$said" = '{"id":"one","decision":"Allowed"}{"id":"two","decision":"Allowed"}' ] && [ $code -eq 130 ]; then
        passed=$((passed + 1))
    else
        wrong "a conversation with $threads threads: exit $code after $said"
    fi
done

# ---- a reader that goes away ----
for i in $(seq 2000); do cat "$scratch/whole.gz"; [ "$i" -lt 40 ] || break; done >"$scratch/many.gz"
"$orgsim" eval --cases "$scratch/many.gz" 2>"$scratch/err" | head -n 1 >"$scratch/out"
code=${PIPESTATUS[0]}
if [ "$code" -eq 141 ] && [ ! -s "$scratch/err" ]; then passed=$((passed + 1)); else
    wrong "a reader gone away: exit $code"
fi

decides 2 --cases "$scratch/rows.jsonl" --threads 0
holds '`--threads` is 0, expected 1 to' err
if "$orgsim" eval --help | LC_ALL=C.UTF-8 awk 'length > 80 { bad = 1 } END { exit bad }'; then
    passed=$((passed + 1))
else
    wrong "the help has lines of more than 80 columns"
fi

echo "eval: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
