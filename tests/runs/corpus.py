#!/usr/bin/env python3
"""Cases made by others, with their expected decisions, against `orgsim eval`: corpus.py ORGSIM FOLDER

Rows that carry SCPs and identity policies only must be decided as expected; rows with other layers must be answered
with an error, never with a guess. Exit 77 (skipped) where FOLDER is not there: the cases are not part of orgsim.
"""
import gzip
import json
import subprocess
import sys
from pathlib import Path

DECIDED = ("scps", "identity")


def empty(value):
    return value is None or (isinstance(value, list) and all(empty(item) for item in value))


def rows(folder):
    for path in sorted(folder.glob("*.jsonl*")):
        with gzip.open(path, "rt") if path.suffix == ".gz" else open(path, encoding="utf-8") as lines:
            yield from lines


def main(orgsim, folder):
    cases = Path(folder) / "cases"
    if not cases.is_dir():
        print(f"no cases at {cases}")
        return 77
    lines = list(rows(cases))
    answers = subprocess.run([orgsim, "eval", "--cases", "-"], input="".join(lines), capture_output=True, text=True)
    agreed = left = 0
    wrong = []
    for line, answer in zip(lines, map(json.loads, answers.stdout.splitlines()), strict=True):
        row = json.loads(line)
        plain = all(empty(value) for name, value in (row.get("policies") or {}).items() if name not in DECIDED)
        decision, expected = answer.get("decision"), row["expected"]
        if not plain:
            left += 1
            if "error" not in answer:
                wrong.append((row["id"], answer, "an error: a layer that is not evaluated"))
        elif decision == expected or (expected == "Denied" and decision in ("ImplicitlyDenied", "ExplicitlyDenied")):
            agreed += 1
        else:
            wrong.append((row["id"], answer, expected))
    for item in wrong[:20]:
        print(*item)
    print(f"{agreed} rows agree, {left} have layers that are not evaluated yet, {len(wrong)} differ")
    return 1 if wrong or agreed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
