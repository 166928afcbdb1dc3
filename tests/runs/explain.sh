#!/usr/bin/env bash
# What `orgsim explain` says, word for word. Usage: explain.sh ORGSIM TESTS_FOLDER [--write]
#   --write: the answers as they are now become what is expected; read them before they are committed.
set -u
orgsim=$1 tests=$2 write=${3:-} failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# same NAME ARGUMENT...: the output is that of tests/cases/explain/NAME.txt, and the exit code 0.
same() {
    local want=$tests/cases/explain/$1.txt
    shift
    "$orgsim" explain "$@" >"$scratch/out" 2>&1 </dev/null
    local code=$?
    [ -n "$write" ] && cp "$scratch/out" "$want"
    if [ "$code" -ne 0 ] || ! diff -u "$want" "$scratch/out"; then
        echo "FAILED: explain $* : exit $code"
        failed=$((failed + 1))
    fi
}

# expect CODE PATTERN ARGUMENT...: each change is tried on few requests, lest it take long.
expect() {
    local want=$1 pattern=$2
    shift 2
    "$orgsim" explain --requests 1000 "$@" >"$scratch/out" 2>&1 </dev/null
    local code=$?
    if [ "$code" -ne "$want" ] || ! grep -qE -- "$pattern" "$scratch/out"; then
        echo "FAILED: explain $* : exit $code, expected $want and /$pattern/; it printed:"
        head -3 "$scratch/out"
        failed=$((failed + 1))
    fi
}

# also PATTERN: the last output holds that too.
also() {
    grep -qE -- "$1" "$scratch/out" && return
    echo "FAILED: the last output has no /$1/"
    failed=$((failed + 1))
}

# within COLUMNS ARGUMENT...: no line is wider, none ends in a space.
within() {
    local columns=$1 wide
    shift
    "$orgsim" explain --columns "$columns" "$@" >"$scratch/out" 2>&1 </dev/null || failed=$((failed + 1))
    wide=$(awk -v most="$columns" 'length($0) > most' "$scratch/out" | head -1)
    [ -z "$wide" ] && wide=$(grep ' $' "$scratch/out" | head -1)
    [ -z "$wide" ] && return
    echo "FAILED: explain $* : wider than $columns, or spaces at its end: $wide"
    failed=$((failed + 1))
}

shop=(five-accounts --account Shop --action s3:DeleteObject --resource arn:aws:s3:::invoices/2026/q1.pdf)
trials=(five-accounts --account 555555555555 --action dynamodb:GetItem --role Application)
ask=(five-accounts --account Shop --action)
cases=$tests/cases/evaluation/levels-and-callers.jsonl

same denied-by-statement "${shop[@]}" --requests 5000
same no-allow-narrow "${trials[@]}" --requests 5000 --columns 40
printf '{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:*","Resource":"*"},
    {"Sid":"NoReads","Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}]}' >"$scratch/bucket"
bucket=(five-accounts --account Shop --action s3:GetObject --resource arn:aws:s3:::b/k --resource-account Audit
    --resource-policy "$scratch/bucket")
same denied-by-resource-policy "${bucket[@]}"
same attach-full-access "${shop[@]}" --role DeployPipeline --at 15s --requests 5000
within 40 "${trials[@]}" --requests 100 --all
within 40 five-accounts --request 5 --at 12s --requests 100
for columns in 40 80; do
    within $columns --cases "$cases"
    within $columns every-layer --request 7 --cell 2 --no-fixes
done

expect 0 '^ImplicitlyDenied: No service control policy on OU Workloads/Prod' "${shop[@]}" --at 15s --one-line \
    --role DeployPipeline
expect 0 '^Allowed: ' "${shop[@]}" --at 25s --one-line --role DeployPipeline
expect 0 'they do not bind the management account' five-accounts --account Management --action s3:GetObject --no-fixes
expect 0 'request 5 of cell 1' five-accounts --request 5 --cell 1 --no-fixes
expect 0 'line 3 of ' --cases "$cases" --line 3 --columns 200
expect 2 'nothing to explain'
expect 2 'both a scenario and' five-accounts --cases "$cases"
expect 2 'no `--action`' five-accounts --account Shop
expect 2 'who asks' five-accounts --action s3:GetObject
expect 2 'no account of that id or name' five-accounts --account Shoe --action s3:GetObject
expect 2 'expected `service:Action`' five-accounts --account Shop --action GetObject
expect 2 'expected `key=value`' "${shop[@]}" --context nothing
expect 2 'expected a time such as' "${shop[@]}" --at soon
expect 2 'expected 0 to 1' five-accounts --request 1 --cell 2
expect 2 'already says who asks' five-accounts --request 1 --context a=b
expect 2 'belongs to `--request`' "${shop[@]}" --cell 1
expect 2 'has no case with id `none`' --cases "$cases" --id none
expect 2 'has no case at line 999' --cases "$cases" --line 999
expect 2 'no such file' --cases "$scratch/none"
expect 2 'unknown scenario' no-such-scenario --account Shop --action s3:GetObject
request='{"principal":"arn:aws:iam::111111111111:user/u","action":"s3:GetObject","resource":"*"'
policy='{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"v"}}}}'
printf '[%s,\n%s]' '{"id":"a"}' '{"id":"b","request":'"$request"',"resource_account":"111111111111"},
    "policies":{"identity":'"$policy"'}}' >"$scratch/array.json"
expect 0 'in case b, element 1 of ' --cases "$scratch/array.json" --line 1 --columns 200
expect 0 'aws:SourceVpc is asked for, and the request does not' --cases "$scratch/array.json" --id b --columns 200

# One line says what is out of range, and what would be in it.
expect 2 '^orgsim: `--at` is `100h`, expected `0s` to `60s`: the scenario ends then$' "${shop[@]}" --at 100h
expect 0 '^Allowed' "${ask[@]}" s3:GetObject --at 60s --one-line
expect 2 '^orgsim: `--request` is 4500, expected 0 to 4499, the requests of cell 0$' five-accounts --request 4500
expect 2 'expected 0 to 1499, the requests of cell 1' five-accounts --request 18446744073709551615 --cell 1
expect 0 'request 1499 of cell 1' five-accounts --request 1499 --cell 1 --no-fixes
expect 2 '`--requests` is 0, expected 1 to 100000000' "${shop[@]}" --requests 0
expect 2 '`--requests` is 100000001, expected 1 to' "${shop[@]}" --requests 100000001

# Accounts that are not in the organization, and actions that nobody knows.
leave='{ "at": "50s", "op": "RemoveAccountFromOrganization", "AccountId": "444444444444" }'
sed "s/^.*\"at\": \"45s\".*$/&, $leave/" "$tests/../workloads/scenarios/five-accounts.json" >"$scratch/left.json"
expect 2 '`--account` is `Shop-Dev`: that account has left the organization by then' "$scratch/left.json" --at 55s \
    --account Shop-Dev --action s3:GetObject
expect 0 'account Shop-Dev \(444444444444, has left the organization\), at 55 s' "$scratch/left.json" --at 55s \
    --principal arn:aws:iam::444444444444:user/u --action s3:GetObject --columns 200
expect 0 'in five-accounts, account 999999999999 \(not of the organization\), at 0 s' five-accounts \
    --principal arn:aws:iam::999999999999:user/u --action s3:GetObject --columns 200
expect 0 'in five-accounts, a caller of no account, at 0 s' five-accounts --principal anonymous --action s3:GetObject
expect 0 '\. Worth a look: the catalogue .* not have s3:GetObjekt: .*; is s3:GetObject meant\?$' "${ask[@]}" \
    s3:GetObjekt --one-line
expect 0 '"unlikely": \["the catalogue' "${ask[@]}" s33:GetObject --json

# Statements: sentences count from 1, the index from 0.
expect 0 '"statement_index": 0,' "${shop[@]}" --json
also 'Workloads/Prod, statement 1 \(KeepData\)'
also '"denied_to_allowed": [1-9]'
also '"note": "s3:DeleteObject\* gives way to the names that it takes today'
expect 0 '"policy_index": 0,$' --cases "$scratch/array.json" --id b --json
grep -A1 '"policy_index": 0,$' "$scratch/out" | grep -q '"statement_index": 0' || failed=$((failed + 1))

# What is to be pasted stands in backticks on one line, and a note where a wildcard gives way to names.
expect 0 'that allows it: `\{[^`]*"Principal":\{"AWS":"arn:aws:iam::333333333333:role/Administrator"\}[^`]*\}`\. As' \
    "${bucket[@]}" --one-line
expect 0 'the policy is attached to 2 targets and changes for all of them' every-layer --request 915 --cell 1 --at 10s
key=arn:aws:kms:eu-central-1:444444444444:key/abc
expect 0 '`\{"Sid":"AllowDecrypt",.*"Action":"kms:Decrypt","Resource":"\*"\}`' "${ask[@]}" kms:Decrypt --one-line \
    --resource $key
expect 0 '`\{"Effect":"Allow","Principal":[^`]*"Action":"sts:AssumeRole"\}`' "${ask[@]}" sts:AssumeRole --one-line \
    --resource arn:aws:iam::444444444444:role/R

# Too much in the way for three edits: all of it is named.
allow='{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
deny='{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}'
scps='"scps":'"[[$allow,$deny],[$deny],[$deny],[$allow]]"
printf '{"id":"much","request":%s,"resource_account":"111111111111"},"policies":{%s,"identity":[%s]}}' \
    "$request" "$scps" "$allow" >"$scratch/much.json"
expect 0 '  5  no service control policy on the OU at level 2 allows it' --cases "$scratch/much.json"
expect 0 'In the way: the service control policy 2 on the root, .*; no service control policy on the OU at' \
    --cases "$scratch/much.json" --one-line
expect 0 '"obstacles": \[' --cases "$scratch/much.json" --json
printf '{"id":"a","request":{"principal":"anonymous"}}\n' >"$scratch/bad.jsonl"
expect 2 'bad.jsonl:1:[0-9]+: request without `action`' --cases "$scratch/bad.jsonl"

# Every statement that a change is of is named: in words, on one line, and by index.
allow='{"Effect":"Allow","Action":"*","Resource":"*"}'
two='{"Statement":['$allow',{"Sid":"A","Effect":"Deny","Action":["s3:GetObject","iam:*"],"Resource":"*"},
    {"Sid":"B","Effect":"Deny","Action":["s3:GetObject","ec2:*"],"Resource":"*"}]}'
printf '{"id":"two","request":%s,"resource_account":"111111111111"},"policies":{"scps":[[%s]],"identity":[%s]}}' \
    "$request" "${two//$'\n'/}" '{"Statement":'$allow'}' >"$scratch/two.jsonl"
expect 0 '  1  leave the action out of statements 2 \(A\) and 3 \(B\) of the SCP 1 on the root: ' \
    --cases "$scratch/two.jsonl" --columns 200
also '  2  remove statements 2 \(A\) and 3 \(B\) of the SCP 1 on the root$'
also ', statement 2 \(A\), denies it, and so does 1 more there\. '
expect 0 ': leave the action out of statements 2 \(A\) and 3 \(B\) of' --cases "$scratch/two.jsonl" --one-line
expect 0 'remove statements 2 \(A\) and 3 \(B\) of' --cases "$scratch/two.jsonl" --json
also '"statement_indexes": \[1, 2\]'

# What a question in words may get wrong, and what it may leave out.
queue=arn:aws:sqs:eu-central-1:444444444444:q role=arn:aws:iam::333333333333:role/R
user=arn:aws:iam::333333333333:user/u
expect 0 '^ImplicitlyDenied' "${ask[@]}" sqs:SendMessage --resource $queue
expect 2 'the ARN says `444444444444`' "${ask[@]}" sqs:SendMessage --resource $queue --resource-account Shop
expect 0 'trust policy is not known' "${ask[@]}" sts:AssumeRole --resource $role --columns 200
printf '{"Statement":{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"sts:*"}}' >"$scratch/trust"
expect 0 '^Allowed' "${ask[@]}" sts:AssumeRole --resource $role --resource-policy "$scratch/trust"
expect 0 'asked in eu-central-1' "${ask[@]}" s3:GetObject --columns 200

# What names no region is asked in the scenario's, of global services in theirs, and it is said.
expect 0 '\(assumed: asked in eu-central-1; else say ' "${ask[@]}" ec2:DescribeInstances --columns 200 --no-fixes
expect 0 '\. Assumed: asked in eu-central-1\.$' "${ask[@]}" ec2:DescribeInstances --one-line
expect 0 '"aws:RequestedRegion": "eu-central-1"' "${ask[@]}" sts:AssumeRole --resource $role --json --no-fixes
also '"assumed": "the role.s trust policy is not known and taken to be none; asked in eu-central-1",'
also '"assumed_unless": "--resource-policy FILE, --context aws:RequestedRegion=NAME",'
expect 0 '"aws:RequestedRegion": "us-east-1"' "${ask[@]}" iam:ListRoles --json --no-fixes
also '"assumed": "asked in us-east-1",'
for told in "--context aws:requestedregion=us-west-2" "--resource arn:aws:ec2:us-west-2:333333333333:instance/i"; do
    # shellcheck disable=SC2086 # two words
    expect 0 '"aws:[Rr]equested[Rr]egion": "us-west-2"' "${ask[@]}" ec2:StopInstances --json $told --no-fixes
    grep -q '"assumed".*asked in' "$scratch/out" && echo "FAILED: told, and assumed" && failed=$((failed + 1))
done
expect 2 'expected an ARN, a service' five-accounts --principal banana --action s3:GetObject
expect 2 'none of the account `Trials`' five-accounts --account Trials --principal $user --action s3:GetObject
expect 2 'no such role, expected one of `Application`, `Administrator`, .*`broker`$' "${ask[@]}" s3:GetObject --role CI

# Where the request may carry what a condition asks for, no policy needs to change.
printf '{"Statement":{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"sts:AssumeRole","Condition":
    {"StringEquals":{"sts:ExternalId":"x1"}}}}' >"$scratch/external"
external=("${ask[@]}" sts:AssumeRole --resource $role --resource-policy "$scratch/external")
expect 0 '^     with sts:ExternalId=x1 in the request it is allowed$' "${external[@]}"
expect 0 '\. With sts:ExternalId=x1 in the request it is allowed\. Smallest change' "${external[@]}" --one-line
expect 0 '"allowed_with_context": \{$' "${external[@]}" --json
also '"sts:ExternalId": "x1"'
expect 0 '\(it leaves out the condition StringEquals sts:ExternalId that the resource.s policy, statement 1, asks' \
    "${external[@]}" --columns 200
expect 0 ' \(it leaves out the condition StringEquals sts:ExternalId that' "${external[@]}" --one-line
expect 0 '"note": "it leaves out the condition StringEquals sts:ExternalId that' "${external[@]}" --json
expect 0 '^     \(it opens the resource to everybody, without credentials too\)$' five-accounts --principal anonymous \
    --action s3:GetObject
expect 0 'let the key.s policy delegate to its account, so that identity policies count' "${ask[@]}" kms:Decrypt \
    --columns 200
expect 0 '^Allowed' "${external[@]}" --context sts:ExternalId=x1 --one-line

# What is odd is said, and decided as it stands.
expect 0 '^  arn:aws:s3:::b is no resource of s3:GetObject, expected arn:\$\{Partition\}' "${ask[@]}" \
    s3:GetObject --resource arn:aws:s3:::b --columns 200
expect 0 'ec2:DescribeInstances is asked on no resource, only on \*$' "${ask[@]}" ec2:DescribeInstances --columns 200 \
    --resource arn:aws:ec2:eu-central-1:333333333333:instance/i
expect 0 'Worth a look: the catalogue has no condition key aws:SourceIpp; is aws:SourceIp meant\?$' "${ask[@]}" \
    s3:ListAllMyBuckets --context aws:SourceIpp=1.2.3.4 --context app:own=x --one-line
printf '%s' '{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}' >"$scratch/scp"
expect 0 'no statement of the resource.s policy has a Principal' "${ask[@]}" s3:ListBucket --resource arn:aws:s3:::b \
    --resource-policy "$scratch/scp" --columns 200
expect 0 'arn:aws:s3:::b/k is no resource of s3:ListBucket, expected arn' "${ask[@]}" s3:ListBucket --columns 200 \
    --resource arn:aws:s3:::b/k
for odd in "s3:GetObject arn:aws:s3:::b/k" "sts:AssumeRole $role" "sqs:SendMessage $queue"; do
    # shellcheck disable=SC2086 # two words
    set -- $odd
    "$orgsim" explain "${ask[@]}" "$1" --resource "$2" --no-fixes | grep -q 'Worth a look' &&
        echo "FAILED: $odd is odd" && failed=$((failed + 1))
done

# A policy that is missing and would have to allow is in play, and it is the key or role that is named.
for action in sts:AssumeRole kms:Decrypt; do
    expect 0 '^Policy of the resource: of a key or role it has to allow' "${ask[@]}" $action --columns 200
    grep -A1 '^> no Allow$' "$scratch/out" | grep -q '^    not known, and taken to be none$' || failed=$((failed + 1))
done
also 'count for arn:aws:kms:eu-central-1:333333333333:key/example only as far as its key policy lets them, and none'
expect 0 'Who may assume arn:[^ ]*:role/a.b is for its trust policy to say, and that does not allow it\. ' \
    "${ask[@]}" sts:AssumeRole --resource arn:aws:iam::333333333333:role/a.b --resource-policy "$scratch/bucket" \
    --one-line
expect 2 'without wildcards' "${ask[@]}" 's3:*'
expect 2 'expected an ARN or' "${ask[@]}" s3:GetObject --resource banana
[ "$failed" -eq 0 ] && echo "all as expected"
exit $((failed > 0))
