#!/usr/bin/env python3
"""Rows of case files that are wrong, one member at a time: rows.py ORGSIM

Each row of tests/cases/malformed has a `row` (or the `text` of one) that cannot be decided, and what the error `says`.
Between any two stands a row that is right: it must be decided all the same, each line must have its answer in order,
and the exit code is 1.

Each row of strict.jsonl is decided as it is. With --strict one that `says` something is not: what it says, and where,
is the one line on standard error, and the exit code is 2; the others are decided all the same.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

GOOD = {"id": "right", "request": {"principal": "arn:aws:iam::111122223333:root", "action": "s3:GetObject",
                                   "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333"}}
PLACE = re.compile(r"^.*?:\d+:\d+: ")


def wrong(line, row, answer):
    given = row.get("row")
    name = given.get("id") if isinstance(given, dict) else None
    error = answer.get("error", "")
    if "decision" in answer or not error:
        return "it was decided"
    if "\n" in error or not PLACE.match(error) or row["says"] not in error:
        return f"the error is `{error}`, expected a place and `{row['says']}`"
    if isinstance(name, str) and answer.get("id") != name:
        return "the answer does not name it"
    if "id" not in answer and answer.get("line") != line:
        return f"the answer is of line {answer.get('line')}, expected {line}"
    return None


def rows_of(name):
    path = Path(__file__).resolve().parent.parent / "cases" / "malformed" / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(orgsim, text, *flags):
    return subprocess.run([orgsim, "eval", "--cases", "-", *flags], input=text, capture_output=True, text=True)


def strictly(orgsim, row):
    text = "\n".join(json.dumps(x) for x in (GOOD, row["row"], row["row"], GOOD)) + "\n"
    done = run(orgsim, text)
    if done.returncode != 0 or len(done.stdout.splitlines()) != 4:
        return f"without --strict: {done.stdout[:200]}{done.stderr[:200]}"
    strict = run(orgsim, text, "--strict")
    if "says" not in row:
        return None if strict.stdout == done.stdout else f"with --strict: {strict.stderr[:200]}"
    if strict.returncode != 2 or len(strict.stdout.splitlines()) != 1:
        return f"exit code {strict.returncode}, {strict.stdout[:200]}"
    said = re.fullmatch(r"orgsim: \S+:2:\d+: (.*)\n", strict.stderr)
    return None if said and row["says"] in said[1] else f"it says `{strict.stderr[:200]}`, expected `{row['says']}`"


def main(orgsim):
    rows = rows_of("rows.jsonl")
    right = json.dumps(GOOD)
    lines = [right]
    for row in rows:
        lines += [row["text"] if "text" in row else json.dumps(row["row"]), right]
    text = "\n".join(lines) + "\n"
    done = run(orgsim, text)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    found = []
    if done.returncode != 1 or done.stderr or len(answers) != len(lines):
        found.append(f"exit code {done.returncode}, {len(answers)} answers to {len(lines)} lines, {done.stderr[:200]}")
    for n, answer in enumerate(answers):
        if n % 2 == 0:
            problem = None if answer == {"id": "right", "decision": "Allowed"} else f"a right row is answered {answer}"
        else:
            problem = wrong(n + 1, rows[n // 2], answer)
        if problem:
            found.append(f"line {n + 1}, {rows[min(n // 2, len(rows) - 1)]['id']}: {problem}")
    strict = rows_of("strict.jsonl")
    found += [f"{row['id']}: {problem}" for row in strict if (problem := strictly(orgsim, row))]
    for line in found[:20]:
        print(line)
    print(f"{len(rows) + len(strict)} rows, {len(found)} findings")
    return 1 if found or not rows or not strict else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
