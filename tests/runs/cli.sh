#!/usr/bin/env bash
# The program as a user meets it: exit codes and messages. Usage: cli.sh ORGSIM TESTS_FOLDER
set -u
orgsim=$1 tests=$2 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# expect CODE PATTERN COMMAND...: the exit code, and a line of stdout or stderr that matches.
expect() {
    local want=$1 pattern=$2
    shift 2
    "$@" >"$scratch/out" 2>&1 </dev/null
    local code=$?
    if [ "$code" -ne "$want" ] || ! grep -qE -- "$pattern" "$scratch/out"; then
        echo "FAILED: $* : exit $code, expected $want and /$pattern/; it printed:"
        head -3 "$scratch/out"
        failed=$((failed + 1))
    fi
}

: >"$scratch/empty"
printf '{"id":"a","request":{"principal":"anonymous"}}\nnot json\n' >"$scratch/bad.jsonl"
request='{"principal":"anonymous","action":"s3:GetObject","resource":"*","resource_account":"111122223333"}'
echo '{"id":"r","request":'"$request"',"policies":{"rcps":[[{"Statement":[]}]]}}' >"$scratch/layer.jsonl"
printf '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}' >"$scratch/good.json"
gzip -c "$tests/cases/evaluation/scp.jsonl" >"$scratch/scp.jsonl.gz"

expect 0 '^usage|orgsim eval' "$orgsim" --help
expect 0 '^orgsim [0-9]' "$orgsim" --version
expect 2 'no command' "$orgsim"
expect 2 'did you mean `eval`' "$orgsim" evla
expect 0 'example:' "$orgsim" eval --help
expect 2 'no `--cases FILE`' "$orgsim" eval
expect 2 'is a directory' "$orgsim" eval --cases "$scratch"
expect 2 'no such file' "$orgsim" eval --cases "$scratch/none"
expect 2 'is empty' "$orgsim" eval --cases "$scratch/empty"
expect 2 'is empty' "$orgsim" eval --cases -
expect 0 '"decision":"ExplicitlyDenied"' "$orgsim" eval --cases "$tests/cases/evaluation/scp.jsonl"
expect 0 '"decision":"ExplicitlyDenied"' "$orgsim" eval --cases "$scratch/scp.jsonl.gz"
expect 1 '^\{"id":"a","error":".*request without `action`' "$orgsim" eval --cases "$scratch/bad.jsonl"
expect 1 '^\{"line":2,"error":".*bad.jsonl:2:1: ' "$orgsim" eval --cases "$scratch/bad.jsonl"
expect 0 '"id":"r","decision":"ImplicitlyDenied"' "$orgsim" eval --cases "$scratch/layer.jsonl"
expect 0 'ok, 1 statement,' "$orgsim" check "$scratch/good.json"
expect 2 'effect `Deny`|without `Principal`' "$orgsim" check --type resource "$scratch/good.json"
expect 2 'unknown type' "$orgsim" check --type nonsense "$scratch/good.json"
# what is wrong with a `--set` is said of it, whatever other ones moved
expect 2 '^orgsim: `--set foo`: unknown key `foo`' "$orgsim" run small --set foo=1
expect 2 '^orgsim: `--set sed`: unknown key `sed`, did you mean `seed`\?' "$orgsim" run small --set sed=1 \
    --set name=a-longer-name
expect 2 '^orgsim: `--set seed`: ' "$orgsim" run small --set name=x --set seed=-1 --set description=x
expect 2 '^orgsim: `--set evaluators/regions/0/cells`: .*found a' "$orgsim" run small --set name=first \
    --set evaluators/regions/0/cells=many --set evaluators/regions/0/weight=1
expect 2 '^orgsim: `--set workload`: ' "$orgsim" run small --set 'workload={"foo":1}'
expect 2 '^orgsim: `--set workload`: unknown key `bar`' "$orgsim" run small --set workload/foo=1 \
    --set workload/bar=1 --set 'workload={"bar":1}'
# an oracle that is asked too makes a run slow, and the summary says so
expect 0 '^ +decided .* slowed by --verify: ' "$orgsim" run five-accounts --verify 1/10 --no-report \
    --out "$scratch/slow"
expect 0 '^ +decided .* measured: ' "$orgsim" run five-accounts --no-report --out "$scratch/slow"
expect 2 'cannot write standard output' \
    bash -c "'$orgsim' eval --cases '$tests/cases/evaluation/scp.jsonl' 2>&1 >/dev/full"

# Who has seen enough, and closed the pipe, needs no message; the results of a run are written all the same.
gone() {
    (sleep 0.2; "$orgsim" "$@" 2>"$scratch/err"; echo $? >"$scratch/code") | true
    if [ "$(cat "$scratch/code")" != 141 ] || [ -s "$scratch/err" ]; then
        echo "FAILED: $* without a reader : exit $(cat "$scratch/code"), expected 141 and no message:"
        head -3 "$scratch/err"
        failed=$((failed + 1))
    fi
}
gone --help
gone --version
gone eval --cases "$tests/cases/evaluation/scp.jsonl"
gone check --codes
gone check --format json "$scratch/good.json"
gone generate --help
gone run "$tests/cases/scenario/base.json" --out "$scratch/run" --no-report
expect 0 '"verdict"' cat "$scratch/run/results.json"
[ "$failed" -eq 0 ] && echo "all as expected"
exit $((failed > 0))
