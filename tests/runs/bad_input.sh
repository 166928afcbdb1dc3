#!/usr/bin/env bash
# Whatever a user hands over by mistake: exit code 2, one line on standard error that names it, nothing on standard
# output, within a minute. Usage: bad_input.sh ORGSIM TESTS_FOLDER
set -u
orgsim=$1 tests=$2 passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT

wrong() {
    echo "FAILED: ${1:0:300}"
    head -c 600 "$scratch/err" | head -n 3
    failed=$((failed + 1))
}

# refuses PATTERN COMMAND...: code 2, one printable line on stderr that matches, an empty stdout.
refuses() {
    local pattern=$1 code
    shift
    timeout 60 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    code=$?
    if [ $code -ne 2 ]; then
        wrong "$* : exit $code, expected 2"
    elif [ "$(wc -l <"$scratch/err")" -ne 1 ] || LC_ALL=C grep -q '[[:cntrl:]]' "$scratch/err"; then
        wrong "$* : expected one line without control characters"
    elif ! head -c 1000000 "$scratch/err" | grep -qE -- "$pattern"; then
        wrong "$* : expected /$pattern/"
    elif [ -s "$scratch/out" ]; then
        wrong "$* : printed on standard output too"
    else
        passed=$((passed + 1))
    fi
}

# finds PATTERN COMMAND...: code 2, on stdout one printable finding that matches, its help and the summary; nothing on
# stderr.
finds() {
    local pattern=$1 code
    shift
    timeout 60 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    code=$?
    if [ $code -ne 2 ] || [ -s "$scratch/err" ]; then
        wrong "$* : exit $code, expected 2 and silence on standard error"
    elif [ "$(grep -c ': error ORG' "$scratch/out")" -ne 1 ] || LC_ALL=C grep -q '[[:cntrl:]]' "$scratch/out"; then
        wrong "$* : expected one finding without control characters: $(head -c 300 "$scratch/out")"
    elif ! head -c 1000000 "$scratch/out" | grep -qE -- "$pattern"; then
        wrong "$* : expected /$pattern/: $(head -c 300 "$scratch/out")"
    else
        passed=$((passed + 1))
    fi
}

# answers CODE PATTERN COMMAND...: the exit code, and a line of stdout that matches; nothing on stderr.
answers() {
    local want=$1 pattern=$2 code
    shift 2
    timeout 60 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    code=$?
    if [ $code -ne "$want" ] || [ -s "$scratch/err" ]; then
        wrong "$* : exit $code, expected $want and silence on standard error"
    elif ! grep -qE -- "$pattern" "$scratch/out"; then
        wrong "$* : expected /$pattern/ among the answers: $(head -c 300 "$scratch/out")"
    else
        passed=$((passed + 1))
    fi
}

file() { printf "$2" >"$scratch/$1"; } # printf's escapes make what an editor would not
repeat() { head -c "$2" /dev/zero | tr '\0' "$1"; }

good='{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
rows=$tests/cases/evaluation/scp.jsonl

# ---- what is no policy ----
file truncated.json '{"Version":"2012-10-17","Statement":[{"Effect":"Deny"'
file comment.json '{"Version":"2012-10-17", // no\n"Statement":[]}'
file trailing.json '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"},]}'
file two.json "$good\n$good"
file twice.json '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}'
file nul.json '{"Version":"2012-10-17\0"}'
file bytes.json '{"Version":"\200\377"}'
file bom.json "\xef\xbb\xbf$good"
file utf16.json '\xff\xfe{\0"\0'
file array.json '[]'
file number.json '12'
file blank.json ' \n\t\n'
file keys.json '{"Version":"2012-10-17","Statment":[]}'
file control.json '{"Version":"2012-10-17","Statement":[{"Effect":"a\\nb\\u0007","Action":"*","Resource":"*"}]}'
repeat '[' 1000000 >"$scratch/deep.json"
{ printf '{"'; repeat k 8000000; printf '":1}'; } >"$scratch/long-key.json"
{ printf '{"Version":'; repeat 9 1000000; printf '}'; } >"$scratch/long-number.json"
{ printf '{"Version":"'; repeat v 8000000; printf '"}'; } >"$scratch/long-value.json"
head -c 100000 "$orgsim" >"$scratch/program.json"
: >"$scratch/empty.json"
finds 'truncated.json:1:[0-9]+: ' "$orgsim" check "$scratch/truncated.json"
finds 'comment.json:1:26: ' "$orgsim" check "$scratch/comment.json"
finds 'trailing.json:1:[0-9]+: ' "$orgsim" check "$scratch/trailing.json"
finds 'two.json:2:1: ' "$orgsim" check "$scratch/two.json"
finds 'twice.json:1:25: .*Version' "$orgsim" check "$scratch/twice.json"
for name in nul bytes bom utf16 array number deep long-key long-number long-value program; do
    finds "$name.json:1:[0-9]+: " "$orgsim" check "$scratch/$name.json"
done
finds 'keys.json:1:[0-9]+: .*Statment.*Statement' "$orgsim" check "$scratch/keys.json"
finds 'control.json:1:[0-9]+: ' "$orgsim" check "$scratch/control.json"
finds 'blank.json' "$orgsim" check "$scratch/blank.json"
finds 'empty.json' "$orgsim" check "$scratch/empty.json"

# ---- what is no file ----
mkdir "$scratch/folder"
refuses 'folder.*is a directory' "$orgsim" check "$scratch/folder"
refuses 'folder.*is a directory' "$orgsim" eval --cases "$scratch/folder"
refuses 'none.*no such file' "$orgsim" check "$scratch/none"
refuses 'none.*no such file' "$orgsim" eval --cases "$scratch/none"
refuses 'no such file|not a directory' "$orgsim" check "$rows/x"
refuses 'cannot read `nnn' "$orgsim" check "$(repeat n 5000)"
refuses 'no such file' "$orgsim" check ''
refuses 'no such file' "$orgsim" check "$scratch/"$'new\nline'
printf '%s' "$good" >"$scratch/"$'bad\nname.json'
printf 'x' >>"$scratch/"$'bad\nname.json'
finds 'name.json:1:' "$orgsim" check "$scratch/"$'bad\nname.json'
file closed.json "$good"
chmod 000 "$scratch/closed.json"
if [ "$(id -u)" -ne 0 ]; then
    refuses 'closed.json.*permission denied' "$orgsim" check "$scratch/closed.json"
elif chmod 755 "$scratch" && setpriv --reuid 65534 --clear-groups "$orgsim" --version >/dev/null 2>&1; then
    refuses 'closed.json.*permission denied' setpriv --reuid 65534 --clear-groups "$orgsim" check "$scratch/closed.json"
else
    skipped=$((skipped + 1)) # root reads everything, and nobody else may start the program
fi

# ---- gzip ----
gzip -c "$rows" >"$scratch/whole.gz"
head -c 500 "$scratch/whole.gz" >"$scratch/cut.gz"
{ head -c 100 "$scratch/whole.gz"; head -c 1000 "$orgsim"; } >"$scratch/broken.gz"
printf '\x1f\x8b' >"$scratch/two-bytes.gz"
: | gzip -c >"$scratch/nothing.gz"
head -c 300000000 /dev/zero | gzip -c >"$scratch/bomb.gz"
for name in two-bytes nothing; do refuses "$name.gz" "$orgsim" eval --cases "$scratch/$name.gz"; done
for name in cut broken; do refuses "$name.gz" "$orgsim" check "$scratch/$name.gz"; done
refuses 'bomb.gz' "$orgsim" check "$scratch/bomb.gz"
# What came whole is answered, what was cut is not.
"$orgsim" eval --cases "$scratch/cut.gz" >"$scratch/out" 2>"$scratch/err"
if [ $? -ne 2 ] || grep -q '"error"' "$scratch/out" || [ "$(wc -l <"$scratch/err")" -ne 1 ]; then
    wrong "eval cut.gz: expected answers to what came whole, one line on standard error, code 2"
else
    passed=$((passed + 1))
fi

# ---- case files ----
refuses 'empty' "$orgsim" eval --cases "$scratch/empty.json"
refuses 'empty' "$orgsim" eval --cases -
printf '\n \n\t\r\n' >"$scratch/blank.jsonl"
refuses 'white space' "$orgsim" eval --cases "$scratch/blank.jsonl"
head -n 1 "$rows" | tr -d '\n' >"$scratch/no-newline.jsonl"
sed 's/$/\r/' "$rows" >"$scratch/crlf.jsonl"
{ echo; head -n 2 "$rows"; printf '\n \n'; } >"$scratch/blank-lines.jsonl"
answers 0 '"decision":' "$orgsim" eval --cases "$scratch/no-newline.jsonl"
answers 0 '"decision":' "$orgsim" eval --cases "$scratch/crlf.jsonl"
answers 0 '"decision":' "$orgsim" eval --cases "$scratch/blank-lines.jsonl"
{ cat "$scratch/truncated.json"; echo; head -n 1 "$rows"; } >"$scratch/mixed.jsonl"
answers 1 '^\{"line":1,"error":".*mixed.jsonl:1:[0-9]+: ' "$orgsim" eval --cases "$scratch/mixed.jsonl"
answers 1 '"decision":' "$orgsim" eval --cases "$scratch/mixed.jsonl"
refuses 'deep.json:1:1000001: unexpected end of input' "$orgsim" eval --cases "$scratch/deep.json"
{ cat "$scratch/deep.json"; repeat ']' 1000000; } >"$scratch/deep-closed.json"
answers 1 '^\{"index":0,"error":".*deep-closed.json:1:2: ' "$orgsim" eval --cases "$scratch/deep-closed.json"
for name in nul bytes bom utf16 number long-key long-number program control; do
    answers 1 '^\{"line":1,"error":".*:1:[0-9]+: ' "$orgsim" eval --cases "$scratch/$name.json"
done

# ---- arguments ----
refuses 'no command' "$orgsim"
refuses 'unknown command `evla`, did you mean `eval`' "$orgsim" evla
refuses 'unknown command' "$orgsim" "$(repeat n 100000)"
refuses 'unknown command' "$orgsim" $'e\nv\al'
refuses '`--cases`' "$orgsim" eval --cases
refuses '`--case`.*`--cases`' "$orgsim" eval --case x
refuses '`--cases`' "$orgsim" eval --cases "$rows" --cases
refuses '`--nonsense`' "$orgsim" check --nonsense "$scratch/two.json"
refuses '`--nonsense' "$orgsim" check --nonsense=1 "$scratch/two.json"
refuses '`-x`' "$orgsim" check -x
refuses '`x`|x.*no such file|unexpected|too many|operand' "$orgsim" eval --cases "$rows" x
refuses '`--legacy`' "$orgsim" check --legacy=maybe "$scratch/two.json"
refuses '`nonsense`' "$orgsim" check --type nonsense "$scratch/two.json"
refuses 'check' "$orgsim" check
# shellcheck disable=SC2046 # two thousand words are wanted
refuses 'check' "$orgsim" check $(seq 2000)

# ---- standard output that takes nothing ----
for arguments in --help --version "eval --help" "eval --cases $rows" "check $scratch/policy.json"; do
    printf '%s' "$good" >"$scratch/policy.json"
    refuses 'cannot write standard output' bash -c "'$orgsim' $arguments >/dev/full"
    refuses 'cannot write standard output' bash -c "'$orgsim' $arguments >&-"
done

echo "bad input: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
