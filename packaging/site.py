"""Lays out the sources of the documentation's site: `site.py REPOSITORY FOLDER`.

Pages keep their places, so that their links hold here as they do in the repository. What is for machines (a rule's front
matter, comments to the tests) becomes a table, or goes.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

root, out = map(Path, sys.argv[1:3])
src = out / "src"

shutil.rmtree(out, ignore_errors=True)
src.mkdir(parents=True)

for page in [*root.glob("*.md"), *root.glob("docs/*"), *root.glob("rules/*.md")]:
    to = src / page.relative_to(root)
    to.parent.mkdir(exist_ok=True)
    shutil.copy(page, to)
for name in ["LICENSE-MIT", "LICENSE-APACHE", "bucketlint.schema.json"]:
    shutil.copy(root / name, src / name)
shutil.copytree(root / ".github", src / ".github")

summary = (src / "docs/SUMMARY.md").read_text()
(src / "docs/SUMMARY.md").unlink()
summary = re.sub(r"\((?!\.\./)", "(docs/", summary).replace("(../", "(")
rules_line = "- [Rules](rules/README.md)\n"
assert rules_line in summary
names = sorted(page.stem for page in (root / "rules").glob("*.md") if page.stem != "README")
summary = summary.replace(rules_line, rules_line + "".join(f"  - [{name}](rules/{name}.md)\n" for name in names))
(src / "SUMMARY.md").write_text(summary)

program = [*sys.argv[3:], "rules", "--format", "json"]
rules = {rule["name"]: rule for rule in json.loads(subprocess.check_output(program, cwd=root))}
for page in (src / "rules").glob("*.md"):
    text = page.read_text()
    if not text.startswith("---\n"):
        continue
    rule = rules[page.stem]
    controls = {}
    for control in rule["compliance"]:
        name = f"[{control['framework']} {control['version']}]({control['source']})"
        controls.setdefault(name, []).append(control["control"])
    end = ["", "## References", ""]
    end += [f"- [{reference['title']}]({reference['url']})" for reference in rule["references"]]
    end += ["", "| controls of | |", "|---|---|"] if controls else []
    end += [f"| {name} | {', '.join(numbers)} |" for name, numbers in controls.items()]
    body = text.split("---\n", 2)[2].lstrip()
    title, rest = body.split("\n", 1)
    head = f"{title}\n\n*{rule['title']}: {rule['severity']}, since {rule['since']}*\n"
    page.write_text(head + rest.rstrip() + "\n" + "\n".join(end) + "\n")
# mdBook makes `index.html` of a README, and leaves the links to it as they are.
for page in [*src.rglob("README.md")]:
    page.rename(page.with_name("index.md"))
for page in src.rglob("*.md"):
    text = re.sub(r"^<!-- .*? -->\n", "", page.read_text(), flags=re.MULTILINE)
    text = re.sub(r"\]\(([^)\s:]*)README\.md", r"](\1index.md", text)
    page.write_text(re.sub(r"^```(\w+) [^\n]*$", r"```\1", text, flags=re.MULTILINE))

(out / "book.toml").write_text(
    """[book]
title = "bucketlint"
description = "Can anything reach this S3 bucket without TLS?"
language = "en"

[build]
build-dir = "../site"
create-missing = false

[output.html]
git-repository-url = "https://github.com/bucketlint/bucketlint"
no-section-label = true
"""
)
