#!/usr/bin/env python3
"""results/scenario.schema.json agrees with the reader: schema.py FOLDER-OF-THE-SOURCES

What the reader takes is valid: every scenario inside the program, every good case, and the files that they name. Of
the bad cases, those whose message speaks of shape (a member that is unknown or missing, a wrong kind, a word or a
number out of its range) are not. 77 when there is no jsonschema.
"""
import json
import pathlib
import re
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

# Shape, in the words of the reader. The rest (references, quotas, order, sums) no schema can know.
SHAPE = re.compile(
    "missing member|unknown key|unknown operation|unknown arrival|unknown order|unknown policy type|unknown world|"
    "takes no |creates nothing|expected `orgsim.scenario/1`|expected either|expected an integer from|expected a ratio|"
    "expected a time such|expected a non-negative|expected an integer, decimal|empty text|text of [0-9]+ bytes|"
    "is not supported|is negative|expected (a string|a number|an object|an array|a policy)|expected letters|"
    "[0-9]+ (regions|windows|scenarios|models)|is zero, expected a time|has a meaning already|"
    "a lag of the control plane"
)
# Shaped well, yet wrong.
BEYOND = re.compile(r"epoch `|expected a file|cannot read|behind `\$")

root = pathlib.Path(sys.argv[1])
cases = root / "tests/cases/scenario"
schema = json.loads((root / "results/scenario.schema.json").read_text())
Draft202012Validator.check_schema(schema)
judge = Draft202012Validator(schema)
judges = {
    kind: Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
    for kind in ("propagation_file", "quantile_file")
}
findings = []


def find(what, text):
    findings.append(f"{what}: {text}")


def complaints(document, by=judge):
    return [f"{e.json_path}: {e.message[:200]}" for e in by.iter_errors(document)]


def value_of(text):
    """As `--set` takes it: JSON, else a bare word."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def put(document, path, value):
    *way, last = path.split("/")
    for step in way:
        document = document[int(step)] if isinstance(document, list) else document[step]
    document[int(last) if isinstance(document, list) else last] = value


def made(case):
    """The document that a case describes; None where it is none, or lies in another file."""
    base = (cases / "base.json").read_text()
    text = case.get("text", base)
    if "piece" in case:
        assert case["piece"] in base, case["proves"]
        text = base.replace(case["piece"], case["instead"], 1)
    try:
        document = json.loads(text) if isinstance(text, str) else text
        for change in case.get("sets", []):
            put(document, change["path"], value_of(change["value"]))
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return None if "path" in case else document


for path in sorted(root.glob("workloads/scenarios/*.json")) + [cases / "base.json"]:
    for complaint in complaints(json.loads(path.read_text())):
        find(path.name, complaint)
for case in json.loads((cases / "good.json").read_text())["cases"]:
    for complaint in complaints(made(case)):
        find(case["proves"], complaint)

presets = [*sorted(root.glob("workloads/presets/propagation/*.json")), cases / "files/preset.json"]
for path, kind in [*((preset, "propagation_file") for preset in presets), (cases / "files/lag.json", "quantile_file")]:
    for complaint in complaints(json.loads(path.read_text()), judges[kind]):
        find(path.name, complaint)
if not complaints(json.loads((cases / "files/misnamed.json").read_text()), judges["quantile_file"]):
    find("misnamed.json", "the schema allows what the reader refuses")

refused = 0
for case in json.loads((cases / "bad.json").read_text())["cases"]:
    document, message = made(case), case["message"]
    if document is None or not message.startswith("base.json:") or not SHAPE.search(message) or BEYOND.search(message):
        continue
    refused += 1
    if not complaints(document):
        find(case["proves"], f"the schema allows what the reader refuses: {message}")

print(f"{refused} bad cases of shape refused" if not findings else "\n".join(findings))
sys.exit(1 if findings or refused < 100 else 0)
