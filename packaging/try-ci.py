"""Runs the steps of the action and of the GitLab template in repositories that are thrown away: `try-ci.py ROOT OUT`.

What is run is read from the files themselves; OUT holds the wheel that they install.
"""

import json
import re
import sys
from pathlib import Path

import yaml
from throwaway import BUCKET, Scratch, block, hides, shows

ROOT, OUT = (Path(path).resolve() for path in sys.argv[1:])


def pull_request(scratch):
    """A repository with an old finding, and a pull request that adds another, checked out as CI systems do."""
    folder = scratch.repository("project")
    (folder / "old.yaml").write_text(BUCKET.format(name="Old", bucket="acme-old"))
    base = scratch.commit(folder)
    scratch.run(folder, "git", "checkout", "-q", "-b", "change")
    (folder / "new.yaml").write_text(BUCKET.format(name="New", bucket="acme-new"))
    scratch.commit(folder)
    # Meanwhile the base went on.
    scratch.run(folder, "git", "checkout", "-q", "main")
    (folder / "later.yaml").write_text(BUCKET.format(name="Later", bucket="acme-later"))
    scratch.commit(folder)
    scratch.run(folder, "git", "checkout", "-q", "-b", "merge")
    scratch.run(folder, "git", "merge", "-q", "--no-edit", "change")
    return folder, base


class Action:
    """action.yml, run as GitHub's runner would."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.action = yaml.safe_load((ROOT / "action.yml").read_text())

    def run(self, folder, request="", /, status=0, **inputs):
        """What the steps print, the summary, and the outputs."""
        values = {name: each.get("default", "") for name, each in self.action["inputs"].items()} | inputs
        values = {f"inputs.{name}": value for name, value in values.items()}
        values["github.event.pull_request.base.sha"] = request
        files = {name: self.scratch.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        runner = {name: str(file) for name, file in files.items()} | {"RUNNER_TEMP": str(self.scratch.folder / "temp")}
        (self.scratch.folder / "temp").mkdir(exist_ok=True)
        steps = self.action["runs"]["steps"]
        printed = ""
        for step in steps:
            environment = {name: filled(text, values) for name, text in step.get("env", {}).items()}
            assert step["shell"] == "bash" and "${{" not in step["run"]
            command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
            last = step is steps[-1]
            at = folder / filled(step.get("working-directory", "."), values)
            printed += self.scratch.run(at, *command, status=status if last else 0, **runner, **environment)
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return printed, files["GITHUB_STEP_SUMMARY"].read_text(), outputs


def filled(text, values):
    """The text with its expressions filled in."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text)


def results(outputs):
    """The files that the SARIF report has findings in."""
    (run,) = json.loads(Path(outputs["sarif"]).read_text())["runs"]
    return {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]}


def try_action(scratch, folder, base):
    action = Action(scratch)
    printed, summary, outputs = action.run(folder, base, status=1)
    shows(printed, "::error", "file=new.yaml,line=2")
    hides(printed, "old.yaml", "later.yaml")
    shows(summary, "1 new finding", "new.yaml", "New")
    hides(summary, "old.yaml", "later.yaml")
    assert results(outputs) == {"new.yaml"}, outputs
    print("   the action, for a pull request: an annotation, a summary and a SARIF result for what is new")

    printed, summary, outputs = action.run(folder, status=1)
    shows(printed, "file=new.yaml", "file=old.yaml", "file=later.yaml")
    shows(summary, "New", "Old", "Later")
    assert results(outputs) == {"new.yaml", "old.yaml", "later.yaml"}, outputs
    print("   the action, for a push: everything")

    printed, _, outputs = action.run(folder, base, paths="old.yaml\nlater.yaml", args="--verbose\n")
    hides(printed, "::error", "::warning")
    assert json.loads(Path(outputs["json"]).read_text())["format"] == 1
    printed, _, _ = action.run(folder, base, base="none", **{"fail-on": "never"})
    shows(printed, "file=old.yaml")
    action.run(folder, base, status=2, base="no-such-commit")
    print("   the action, with paths, arguments, a base and a severity of its own")

    inside = folder / "infra"
    inside.mkdir()
    (inside / "inside.yaml").write_text(BUCKET.format(name="Inside", bucket="acme-inside"))
    printed, summary, outputs = action.run(folder, base, status=1, **{"working-directory": "infra"})
    shows(printed, "file=infra/inside.yaml,line=2")
    hides(printed, "new.yaml")
    shows(summary, "infra/inside.yaml")
    assert results(outputs) == {"infra/inside.yaml"}, outputs
    (inside / "inside.yaml").unlink()
    print("   the action, in a sub-folder: files are named from the root of the repository")


def try_gitlab(scratch, folder, base):
    text = (ROOT / "packaging/gitlab/bucketlint.yml").read_text()
    spec, jobs = yaml.safe_load_all(text)
    inputs = {name: each.get("default", "") for name, each in spec["spec"]["inputs"].items()}
    job = jobs["bucketlint"]
    variables = {
        name: re.sub(r"\$\[\[ inputs\.(.*?) \]\]", lambda found: inputs[found[1]], value)
        for name, value in job["variables"].items()
    }
    scratch.run(folder, "python3", "-m", "venv", str(scratch.folder / "gitlab"))
    variables["PATH"] = f"{scratch.folder / 'gitlab' / 'bin'}:{scratch.environment['PATH']}"
    report = folder / job["artifacts"]["reports"]["codequality"]
    for request, expected in [({"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}, {"new.yaml"}), ({}, None)]:
        for line in job["before_script"]:
            scratch.run(folder, "sh", "-e", "-c", line, **variables, **request)
        for line in job["script"]:
            scratch.run(folder, "sh", "-e", "-c", line, status=1, **variables, **request)
        entries = json.loads(report.read_text())
        assert all(entry["severity"] and entry["fingerprint"] for entry in entries), entries
        found = {entry["location"]["path"] for entry in entries}
        assert found == (expected or {"new.yaml", "old.yaml"}), found
        report.unlink()
        shows((folder / job["artifacts"]["reports"]["junit"]).read_text(), "<testsuite", "New")
    print("   the GitLab template, for a merge request and for the default branch")


def try_documentation():
    """What the documentation hands to the action and to the template is known to them."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    workflow = yaml.safe_load(block("docs/ci.md", "github"))
    _, ours, upload = workflow["jobs"]["bucketlint"]["steps"]
    assert set(ours.get("with", {})) <= set(action["inputs"])
    output = upload["with"]["sarif_file"].removeprefix("${{ steps.bucketlint.outputs.").removesuffix(" }}")
    assert ours["id"] == "bucketlint" and output in action["outputs"], output
    short = yaml.safe_load(block("README.md", "github"))["jobs"]["bucketlint"]["steps"][1]
    assert short["uses"] == ours["uses"] and set(short.get("with", {})) <= set(action["inputs"])
    (include,) = yaml.safe_load(block("docs/ci.md", "gitlab"))["include"]
    spec, _ = yaml.safe_load_all((ROOT / "packaging/gitlab/bucketlint.yml").read_text())
    assert set(include["inputs"]) <= set(spec["spec"]["inputs"])
    print("   what the documentation hands to them is known to them")


def main():
    try_documentation()
    with Scratch(PIP_FIND_LINKS=str(OUT)) as scratch:
        folder, base = pull_request(scratch)
        try_action(scratch, folder, base)
        scratch.run(folder, "git", "checkout", "-q", "change")
        try_gitlab(scratch, folder, base)


main()
