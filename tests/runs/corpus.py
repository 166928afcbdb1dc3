#!/usr/bin/env python3
"""Cases made by others, with their expected decisions, against `orgsim eval`: corpus.py ORGSIM FOLDER

Every row must be decided as expected. A row of another opinion than AWS's documents is an exception: a file
tests/cases/known-differences/*.jsonl with one row in our own words, decided as documented, whose `upstream` is the
row's id and whose `because` says where AWS says so. An exception that no row needs is an error too. Exit 77 (skipped)
where FOLDER is not there: the cases are not part of orgsim.
"""
import collections
import gzip
import json
import subprocess
import sys
from pathlib import Path

SHOWN = 20
DENIALS = ("ImplicitlyDenied", "ExplicitlyDenied")


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8") as lines:
        return [line for line in lines if line.strip()]


def exceptions():
    folder = Path(__file__).resolve().parent.parent / "cases" / "known-differences"
    return {row["upstream"]: row for path in sorted(folder.glob("*.jsonl")) for row in map(json.loads, read(path))}


def decide(orgsim, lines):
    done = subprocess.run([orgsim, "eval", "--cases", "-"], input="".join(lines), capture_output=True, text=True)
    return {answer["id"]: answer.get("decision", answer.get("error")) for answer in
            map(json.loads, done.stdout.splitlines()) if "id" in answer}


def agrees(expected, decision):
    return decision == expected or (expected == "Denied" and decision in DENIALS)


def main(orgsim, folder):
    cases = Path(folder) / "cases"
    if not cases.is_dir():
        print(f"no cases at {cases}")
        return 77
    known, needed = exceptions(), set()
    agreed, wrong = collections.Counter(), []
    for path in sorted(cases.glob("*.jsonl*")):
        lines = read(path)
        answers = decide(orgsim, lines)
        for row in map(json.loads, lines):
            decision = answers.get(row["id"], "no answer")
            if agrees(row["expected"], decision):
                agreed[path.name] += 1
            elif row["id"] in known:
                needed.add(row["id"])
            else:
                wrong.append(f"{row['id']}: expected {row['expected']}, got {decision}")
        print(f"{path.name}: {agreed[path.name]} of {len(lines)} agree")
    wrong += [f"{name}: an exception that is not needed" for name in sorted(set(known) - needed)]
    for line in wrong[:SHOWN]:
        print(line)
    print(f"{sum(agreed.values())} rows agree, {len(needed)} differ as known, {len(wrong)} are wrong")
    return 1 if wrong or not agreed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
