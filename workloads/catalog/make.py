#!/usr/bin/env python3
"""Remakes aws.txt, the compact catalogue of AWS services, from tables of the Service Authorization Reference.

    make.py TABLES > aws.txt      TABLES: a folder with services.tsv, actions.tsv, condition-keys.tsv,
                                  resource-types.tsv, global-condition-keys.tsv and a README.md whose first
                                  line ends in the date

The text: a version, a date and a source line, then one line a fact. Fields are parted by tabs, a capital letter is the
kind of the line; things are referred to by number, counted from 0 in order of appearance.

    K name type [category]     a condition key, with its category if it is global; `ArrayOf…` is multivalued; `${…}`
                               in a name stands for any text
    L key key …                a list of condition keys, from number 1 on: list 0 is the empty one, not written
    S prefix name list [rcp]   a service, the list of keys that it defines or supports, `rcp` if its actions honour
                               resource control policies; what follows belongs to it, up to the next S
    R name arn list            a resource type; `~` stands for `arn:${Partition}:<prefix>:${Region}:${Account}:`
    access action [list [types]]
                               an action after its access letters (l list, r read, t tagging, w write, p permissions
                               management) and a blank: its list of keys and its resource types, counted within the
                               service, those with `!` required and first
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
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def spelled(key):
    """Any text is `tag-key` and `<key>` in places; one spelling for all."""
    return re.sub(r"/(tag-key|<key>)$", "/${TagKey}", key)


class Keys:
    """Condition keys by name without regard to case: the first spelling and type stay, ArrayOf is added."""

    def __init__(self):
        self.rows, self.numbers, self.lists = {}, {}, {(): 0}

    def add(self, key, type_, category=""):
        self.numbers.setdefault(spelled(key).lower(), len(self.numbers))
        row = self.rows.setdefault(spelled(key).lower(), [spelled(key), type_, category])
        if type_.startswith("ArrayOf") and not row[1].startswith("ArrayOf"):
            row[1] = "ArrayOf" + row[1]

    def list_of(self, keys):
        items = tuple(dict.fromkeys(self.numbers[spelled(key).lower()] for key in keys))
        return self.lists.setdefault(items, len(self.lists))


def action_line(row, own, keys):
    access = "".join(ACCESS[part] for part in split(row["access_level"]))
    named = sorted(split(row["resource_types"]), key=lambda name: not name.endswith("!"))
    types = " ".join(str(own[name.rstrip("!")]) + "!" * name.endswith("!") for name in named)
    line = access + " " + row["action"]
    list_ = keys.list_of(split(row["condition_keys"]))
    return line + ("\t%d\t%s" % (list_, types) if types else "\t%d" % list_ if list_ else "")


def main():
    folder = Path(sys.argv[1])
    readme = (folder / "README.md").read_text(encoding="utf-8")
    date = re.search(r"\d{4}-\d\d-\d\d", readme.splitlines()[0]).group()
    package = re.search(r"@[\w/-]+ [\w.]+\w \(\w+\)", readme).group()
    service_keys = table(folder, "condition-keys")
    keys = Keys()
    for row in table(folder, "global-condition-keys"):
        keys.add(row["key"], row["type"], row["category"])
    for row in service_keys:
        keys.add(row["key"], row["type"])

    resources, actions, body = table(folder, "resource-types"), table(folder, "actions"), []
    for service in table(folder, "services"):
        prefix = service["service"]
        supported = keys.list_of(row["key"] for row in service_keys if row["service"] == prefix)
        body.append("\t".join(["S", prefix, service["name"], str(supported)] + split(service["rcp"])))
        own = {}
        usual = "arn:${Partition}:%s:${Region}:${Account}:" % prefix
        for row in (row for row in resources if row["service"] == prefix):
            own[row["type"]] = len(own)
            arn = "~" + row["arn"][len(usual):] if row["arn"].startswith(usual) else row["arn"]
            body.append("R\t%s\t%s\t%d" % (row["type"], arn, keys.list_of(split(row["condition_keys"]))))
        body += [action_line(row, own, keys) for row in actions if row["service"] == prefix]

    print("orgsim.catalog/2")
    print("date\t" + date)
    print("source\tAWS Service Authorization Reference, as republished by " + package)
    for row in keys.rows.values():
        print("\t".join(["K"] + row).rstrip("\t"))
    for items in list(keys.lists)[1:]:
        print("L\t" + " ".join(map(str, items)))
    print("\n".join(body))


if __name__ == "__main__":
    main()
