#!/usr/bin/env python3
"""`orgsim check` as people, scripts and code hosts meet it: check.py ORGSIM FOLDER-OF-THE-SOURCES

Formats (SARIF by the members that 2.1.0 demands), exit codes, places, folders, LINTS.md, and policies of a size that
nobody writes by hand.
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time

orgsim, sources = sys.argv[1], pathlib.Path(sys.argv[2])
wrong = []


def check(*arguments, stdin=b"", code=None):
    run = subprocess.run([orgsim, "check", *arguments], input=stdin, capture_output=True, timeout=300)
    if code is not None and run.returncode != code:
        wrong.append(f"{arguments}: exit {run.returncode}, expected {code}: {(run.stdout + run.stderr)[:300]}")
    return run.stdout.decode(), run.stderr.decode()


def expect(what, holds):
    if not holds:
        wrong.append(what)


def policy(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)})


def deny(action="s3:GetObject", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def exit_codes(folder):
    (folder / "clean.json").write_text(policy(deny()))
    (folder / "note.json").write_text(policy(deny(["s3:GetObject", "s3:Get*"])))
    (folder / "warning.json").write_text(policy(deny("s3:GetObjct")))
    (folder / "error.json").write_text(policy(deny("s3")))
    for name, code in (("clean", 0), ("note", 0), ("warning", 1), ("error", 2)):
        check(folder / f"{name}.json", code=code)
        for form in ("json", "github", "sarif"):
            check("--format", form, folder / f"{name}.json", code=code)
    check(folder / "note.json", folder / "warning.json", code=1)
    check(folder, code=2)
    check("--ignore", "ORG121", folder / "warning.json", code=0)
    check("--ignore", "unknown-action,ORG126", folder / "warning.json", code=0)
    check("--only", "ORG126", folder / "warning.json", code=0)
    check("--only", "org121", folder / "warning.json", code=1)
    check("--only", "ORG126", folder / "error.json", code=2)
    check(folder / "none.json", folder / "clean.json", code=2)
    expect("unknown code", "did you mean `unknown-action`" in check("--only", "unkown-action", folder, code=2)[1])
    expect("unknown format", "unknown format" in check("--format", "xml", folder, code=2)[1])
    expect("unknown profile", "unknown quota profile" in check("--quotas", "x", folder, code=2)[1])
    check("-", stdin=policy(deny()).encode(), code=0)
    out, _ = check("-", stdin=policy(deny("s3:GetObjct")).encode(), code=1)
    expect("standard input has a name", out.startswith("<stdin>:1:"))


def terminal(columns, path):
    """What is printed on a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    subprocess.run([orgsim, "check", path], stdout=theirs, timeout=300)
    os.close(theirs)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    return text.replace("\r\n", "\n")


def texts(folder):
    (folder / "text.json").write_text('{"Version":"2012-10-17",\n "Statement":[{"Effect":"Deny","Resource":"*",\n'
                                      '  "Action":"s3:GetObjct"}]}')
    out, err = check(folder / "text.json", code=1)
    lines = out.splitlines()
    first = r"text\.json:3:12: warning ORG121: unknown action `s3:GetObjct`, did you mean `s3:GetObject`\?$"
    expect(f"place: {lines[0]}", re.search(first, lines[0]))
    expect("help is indented", lines[1].startswith("    "))
    expect("summary", lines[-1] == "0 errors, 1 warning, 0 notes in 1 file" and err == "")
    expect("lines fit 80 columns", all(len(line) <= 80 for line in lines[1:]))
    narrow = terminal(40, folder / "text.json").splitlines()
    expect(f"lines fit 40 columns: {narrow}", len(narrow) > len(lines) and all(len(line) <= 40 for line in narrow[1:]))
    (folder / "a,b%:c.json").write_text(policy(deny("s3:GetObjct")))
    out, _ = check("--format", "github", folder / "a,b%:c.json", code=1)
    expect(f"github: {out}", re.match(r"::warning file=[^,:]*a%2Cb%25%3Ac\.json,line=1,col=\d+,title=ORG121 "
                                      r"unknown-action::unknown action [^\n]*%0A[^\n]*\n$", out))


def documents(folder):
    out, _ = check("--format", "json", folder, code=2)
    d = json.loads(out)
    expect("json's schema", d["schema"] == "orgsim.check/1")
    found = [f for one in d["files"] for f in one["findings"]]
    for severity in ("error", "warning", "note"):
        expect(f"count of {severity}s", d[severity + "s"] == sum(f["severity"] == severity for f in found) > 0)
    for f in found:
        expect(f"finding {f}", re.fullmatch(r"ORG\d{3}", f["code"]) and f["line"] >= 1 and f["column"] >= 1 and
               f["text"] and f["help"] and f["name"])
    expect("files in order", [one["file"] for one in d["files"]] == sorted(one["file"] for one in d["files"]))


# SARIF 2.1.0: of each object that we write, the members that it must have and those that it may have.
SARIF = {
    "log": ("version runs", "$schema"),
    "runs": ("tool", "columnKind invocations results"),
    "tool": ("driver", ""),
    "driver": ("name", "version rules informationUri"),
    "rules": ("id", "name shortDescription fullDescription help helpUri defaultConfiguration"),
    "shortDescription": ("text", "markdown"),
    "fullDescription": ("text", "markdown"),
    "help": ("text", "markdown"),
    "defaultConfiguration": ("", "level enabled rank"),
    "invocations": ("executionSuccessful", ""),
    "results": ("message", "ruleId ruleIndex level locations"),
    "message": ("text", "markdown"),
    "locations": ("physicalLocation", ""),
    "physicalLocation": ("artifactLocation", "region"),
    "artifactLocation": ("uri", "uriBaseId"),
    "region": ("startLine", "startColumn"),
}


def members(value, name="log"):
    if isinstance(value, list):
        for one in value:
            members(one, name)
    elif isinstance(value, dict):
        must, may = (set(words.split()) for words in SARIF[name])
        expect(f"members of `{name}`: {sorted(value)}", must <= set(value) <= must | may)
        for key, one in value.items():
            members(one, key)
    if name in ("helpUri", "informationUri"):
        expect(f"`{name}` is absolute", re.match(r"[a-z]+:", value))


def sarif(folder):
    twice = "arn:aws:s3:::\u00fc\u00fc/*"
    (folder / "wide \u00fc.json").write_text(
        json.dumps(json.loads(policy(deny(resource=[twice, twice]))), ensure_ascii=False))
    out, _ = check("--format", "sarif", folder, code=2)
    log = json.loads(out)
    expect("version", log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json"))
    expect("one run", len(log["runs"]) == 1)
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    expect("driver", driver["name"] == "orgsim" and re.match(r"\d+\.\d+\.\d+", driver["version"]))
    expect("rules are unique", len({rule["id"] for rule in rules}) == len(rules) > 50)
    expect("column kind", run["columnKind"] == "unicodeCodePoints")
    for rule in rules:
        expect(f"rule {rule}", rule["id"] and rule["shortDescription"]["text"] and rule["help"]["text"] and
               rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error"))
        expect(f"help of {rule['id']}", rule["id"] in rule["help"]["markdown"] and
               rule["help"]["text"] in rule["help"]["markdown"] and
               rule["fullDescription"]["text"].startswith(rule["shortDescription"]["text"]))
    members(log)
    expect("success", [one["executionSuccessful"] for one in run["invocations"]] == [True])
    expect("results", len(run["results"]) >= 4)
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        expect(f"result {result}", rule["id"] == result["ruleId"] and
               result["level"] == rule["defaultConfiguration"]["level"] and
               result["message"]["text"].endswith("\n" + rule["help"]["text"]) and
               re.fullmatch(r"(file://)?[A-Za-z0-9/._~!$&'()*+,;=@%-]+", place["artifactLocation"]["uri"]) and
               region["startLine"] >= 1 and region["startColumn"] >= 1)
    out, _ = check("--format", "sarif", folder / "nowhere.json", folder, code=2)
    expect("a file that is not there", [one["executionSuccessful"] for one in json.loads(out)["runs"][0]["invocations"]]
           == [False])
    out, _ = check("--format", "sarif", "-", stdin=policy(deny("s3")).encode(), code=2)
    expect("standard input has a plain name", '"uri": "stdin"' in out)
    wide = [r for r in run["results"] if "wide" in str(r["locations"])]
    text = (folder / "wide \u00fc.json").read_text()
    expect("columns count characters", len(wide) == 1 and
           wide[0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == text.rindex('"arn:') + 1)


def table():
    out, _ = check("--codes", code=0)
    expect("LINTS.md is `orgsim check --codes`", out == (sources / "LINTS.md").read_text())
    codes = re.findall(r"^\| (ORG\d+) ", out, re.M)
    expect("codes in order", codes == sorted(codes) and len(codes) > 50)
    for code in codes:
        expect(f"--explain {code}", check("--explain", code, code=0)[0].startswith(code + " "))
    check("--explain", "ORG999", code=2)


def scenarios(folder):
    text = (sources / "tests/cases/scenario/base.json").read_text()
    assert "organizations:LeaveOrganization" in text
    changed = text.replace("organizations:LeaveOrganization", "organizations:LeaveOrganisation")
    (folder / "scenario.json").write_text(changed)
    out, _ = check(folder / "scenario.json", code=1)
    line, column = 0, 0
    for number, row in enumerate(changed.splitlines(), 1):
        if "LeaveOrganisation" in row:
            line, column = number, row.index('"organizations:') + 1
    expect(f"a place inside the scenario: {out}", f"scenario.json:{line}:{column}: warning ORG121" in out)
    out, _ = check(sources / "tests/cases/scenario/base.json", code=0)
    expect("a scenario is summed up", "ok, scenario `base`" in out)
    for arguments in (("five-accounts",), ("--type", "scenario", "five-accounts")):
        out, _ = check(*arguments, code=0)
        expect(f"a scenario inside the program: {out}", "ok, scenario `five-accounts`" in out)
    _, err = check("--type", "scp", "five-accounts", code=2)
    expect(f"no policy of that name: {err}", err.count("\n") == 1)
    d = json.loads(text)
    inline = d["organization"]["inline"]
    inline["detached"] = []
    (folder / "scenario.json").write_text(json.dumps(d))
    out, _ = check(folder / "scenario.json", code=1)
    expect(f"an Allow beside FullAWSAccess: {out}", "warning ORG190: Allow of statement 1 in `sandbox-services`" in out)
    named = json.loads((sources / "workloads/scenarios/five-accounts.json").read_text())
    named["organization"]["inline"]["detached"] = []
    (folder / "named.json").write_text(json.dumps(named))
    out, _ = check(folder / "named.json", code=1)
    expect(f"policies by their names in the scenario: {out}", "in `sandbox-services` ($sandbox-services) has no" in out)
    (folder / "own.json").write_text(policy(deny("s3:GetObjct")))
    inline["detached"] = json.loads(text)["organization"]["inline"]["detached"]
    entry = inline["policies"][0]
    del entry["Content"]
    entry["file"] = "own.json"
    (folder / "scenario.json").write_text(json.dumps(d))
    out, _ = check(folder / "scenario.json", code=1)
    expect(f"a policy of its own file: {out}", re.search(r"own\.json:1:\d+: warning ORG121", out))
    (folder / "scenario.json").write_text(text.replace('"seed": 7', '"sed": 7'))
    out, err = check(folder / "scenario.json", code=2)
    expect("what is no scenario is one line", out == "" and err.count("\n") == 1 and "did you mean `seed`" in err)


def refused(folder):
    """What stops the reading is a finding in the formats for machines: code, file and place."""
    def findings(*paths):
        out, err = check("--format", "json", *paths, code=2)
        expect(f"one line on standard error: {err}", err.count("\n") == 1)
        d = json.loads(out)
        found = [(one["file"], f["code"], f["line"], f["column"], f["text"]) for one in d["files"]
                 for f in one["findings"] if f["severity"] == "error"]
        expect(f"errors are counted: {d['errors']}", d["errors"] == len(found) > 0)
        _, line = check(*paths, code=2)
        expect(f"the same line as with text: {line}", line == err)
        workflow, _ = check("--format", "github", *paths, code=2)
        log = json.loads(check("--format", "sarif", *paths, code=2)[0])
        members(log)
        results = [r for r in log["runs"][0]["results"] if r["level"] == "error"]
        expect(f"as many in SARIF: {results}", [r["ruleId"] for r in results] == [f[1] for f in found])
        for file, code, row, column, text in found:
            expect(f"a workflow command: {workflow}", f",line={row},col={column},title={code} " in workflow and
                   file.replace(":", "%3A").replace(",", "%2C") in workflow)
        return found

    text = (sources / "tests/cases/scenario/base.json").read_text()
    path = folder / "refused.json"

    def place(word):
        return next((number, row.index(word) + 1) for number, row in enumerate(changed.splitlines(), 1) if word in row)

    changed = text.replace('"seed": 7', '"sed": 7')
    path.write_text(changed)
    expect("an unknown key", [f[:4] for f in findings(path)] == [(str(path), "ORG112", *place('"sed"'))])
    check("--format", "json", "--ignore", "ORG112", path, code=2)
    changed = text.replace('"seed": 7', '"seed": 7,,')
    path.write_text(changed)
    expect("no JSON", [f[:2] for f in findings(path)] == [(str(path), "ORG100")])

    d = json.loads(text)
    entries = d["organization"]["inline"]["policies"][:2]
    for entry, effect in zip(entries, ("Alow", "Dney")):
        entry["Content"] = {"Version": "2012-10-17", "Statement": [deny(), {**deny(), "Effect": effect}]}
        entry.pop("file", None)
    changed = json.dumps(d, indent=1)
    path.write_text(changed)
    found = findings(path)
    expect(f"every policy's errors, each once: {found}", [f[:4] for f in found] == [
        (str(path), found[0][1], *place('"Alow"')), (str(path), found[0][1], *place('"Dney"'))])
    (folder / "own.json").write_text(policy({**deny(), "Effect": "Alow"}))
    entries[0]["file"] = "own.json"
    for entry in entries:
        entry.pop("Content")
    entries[1]["Content"] = {"Version": "2012-10-17", "Statement": [deny()]}
    path.write_text(json.dumps(d))
    found = findings(path)
    expect(f"a policy of its own file: {found}", len(found) == 1 and found[0][0].endswith("own.json"))
    entries[0]["file"] = "nowhere.json"
    path.write_text(json.dumps(d))
    found = findings(path)
    expect(f"a policy that is not there: {found}", len(found) == 1 and found[0][1] == "ORG112")

    nowhere = folder / "nowhere.json"
    found = findings(nowhere)
    expect(f"a file that is not there: {found}", [f[:4] for f in found] == [(str(nowhere), "ORG113", 1, 1)])
    (folder / "empty").mkdir()
    found = findings(folder / "empty")
    expect(f"a folder without files: {found}", [f[:4] for f in found] == [(str(folder / "empty"), "ORG113", 1, 1)])


def sizes(folder):
    """Nothing here may take long, whatever it is: lints that compare stop at a bound."""
    statement = ('{"Effect":"Deny","Action":"s3:Get%d*","Resource":"arn:aws:s3:::b%d/*",'
                 '"Condition":{"StringEquals":{"aws:PrincipalTag/t%d":"v"}}}')
    many = ",".join(statement % (i, i, i) for i in range(20000))
    huge = {
        "statements": '{"Version":"2012-10-17","Statement":[%s]}' % many,
        "actions": policy(deny([f"s3:Get{i}" for i in range(100000)])),
        "values": policy(deny(Condition={"StringEquals": {"aws:PrincipalTag/t": [f"v{i}" for i in range(100000)]}})),
        "keys": policy(deny(Condition={"StringEquals": {f"aws:x{i}": "v" for i in range(50000)}})),
        "stars": policy(deny(["s3:" + "*a" * 20000, "s3:" + "a*" * 20000], ["arn:aws:s3:::" + "*a" * 20000])),
        "deep": "[" * 100000,
        "deep-inside": '{"Version":"2012-10-17","Statement":' + "[" * 100000,
        "not-utf-8": None,
        "nul": policy(deny()).replace("GetObject", "Get\0Object"),
        "long": policy(deny(resource="arn:aws:s3:::" + "x" * 20000000)),
    }
    for name, text in huge.items():
        data = b'{"Version":"\xff\xfe"}' if text is None else text.encode()
        (folder / "huge").mkdir(exist_ok=True)
        path = folder / "huge" / f"{name}.json"
        path.write_bytes(data)
        start = time.monotonic()
        out, err = check(path)
        took = time.monotonic() - start
        expect(f"{name}: {took:.1f} s", took < 60)
        expect(f"{name}: {err}", err == "" and ": " in out)
        path.unlink()


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "all").mkdir()
    exit_codes(folder / "all")
    texts(folder)
    documents(folder / "all")
    sarif(folder / "all")
    table()
    scenarios(folder)
    refused(folder)
    sizes(folder)
for line in wrong:
    print("FAILED:", line[:600])
print("all as expected" if not wrong else f"{len(wrong)} wrong")
sys.exit(bool(wrong))
