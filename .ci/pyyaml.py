#!/usr/bin/env python3
"""Holds our readings of random YAML against PyYAML's: .ci/pyyaml.py READINGS

READINGS is what BUCKETLINT_YAML_READINGS=FILE .ci/random wrote; PyYAML must be installed (pip install pyyaml). What PyYAML
reads and what we read must be the same events. PyYAML is of YAML 1.1 and rejects much that 1.2 has: that is counted only.
Ends with 1 where something differs that is not explained here.
"""

import json
import re
import sys
from collections import Counter

import yaml

STYLES = {None: "Plain", "": "Plain", "'": "SingleQuoted", '"': "DoubleQuoted", "|": "Literal", ">": "Folded"}
# Line breaks to YAML 1.1 only. What of a template differs by them is an error of its own.
BREAKS = "\x85\u2028\u2029"


def reading(text):
    """The events of the first document, as the test writes them."""
    anchors, events = {}, []

    def anchor(event):
        if event.anchor is None:
            return 0
        anchors[event.anchor] = anchor.next = anchor.next + 1
        return anchor.next

    anchor.next = 0
    open_collections = []
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        match event:
            case yaml.DocumentStartEvent():
                events.append(["document"])
            case yaml.AliasEvent():
                events.append(["alias", anchors[event.anchor]])
            case yaml.ScalarEvent():
                events.append(["scalar", event.value, STYLES[event.style], event.tag, anchor(event)])
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                mapping = isinstance(event, yaml.MappingStartEvent)
                open_collections.append(mapping)
                kind = "mapping" if mapping else "sequence"
                events.append([kind, bool(event.flow_style), event.tag, anchor(event)])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                events.append(["end", open_collections.pop()])
    return events


def explained(text, theirs, ours):
    """Why a difference is none of ours, or nothing."""
    if any(character in text for character in BREAKS):
        return "a line break of YAML 1.1 only"
    # In brackets, `?` and `:` are indicators to PyYAML whatever follows, and to YAML 1.2 only before a blank. A key that
    # would be one for PyYAML only is a key with another name here, which is told where it matters.
    if re.search(r"(^|[\s\[{,:'\"])[?:][^\s]", text):
        return "`?` or `:` without a blank behind it"
    if ours is None and re.search(r"\?[ \t]+:", text):
        return "a key of nothing (`? :`), which CloudFormation refuses as well"
    return None


def main():
    counts, problems = Counter(), []
    for line in open(sys.argv[1], encoding="utf-8"):
        text, ours = json.loads(line)
        try:
            theirs = reading(text)
        except (yaml.YAMLError, KeyError, ValueError, RecursionError):
            counts["only PyYAML rejects" if ours is not None else "both reject"] += 1
            continue
        if theirs == ours:
            counts["same"] += 1
            continue
        why = explained(text, theirs, ours)
        counts[why or ("only we reject" if ours is None else "different")] += 1
        if why is None:
            problems.append((text, theirs, ours))
    for what, count in sorted(counts.items()):
        print(f"{what}: {count}")
    for text, theirs, ours in sorted(problems, key=lambda problem: len(problem[0]))[:20]:
        print(repr(text), theirs, ours, sep="\n  ")
    sys.exit(bool(problems))


main()
