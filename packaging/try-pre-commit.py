"""Tries the hooks with pre-commit itself, in repositories that are thrown away: `try-pre-commit.py ROOT OUT`.

OUT holds the wheel. The hooks of the mirror are tried in full; those of the repository itself, which build it, once.
"""

import re
import sys
import time
from pathlib import Path

from throwaway import BUCKET, POLICY, Scratch, block, hides, shows

ROOT, OUT = (Path(path).resolve() for path in sys.argv[1:])


class Repository:
    """A repository with hooks of bucketlint's, installed as git's own."""

    def __init__(self, scratch, name, hooks, *ids):
        self.scratch, self.folder = scratch, scratch.repository(name)
        revision = scratch.run(hooks, "git", "rev-parse", "HEAD").strip()
        # As the documentation says, with a repository that is at hand.
        config = block("docs/pre-commit.md", "pre-commit")
        config = re.sub("repo: .*", f"repo: {hooks}", config)
        config = re.sub("rev: .*", f"rev: {revision}", config)
        config = re.sub(" *- id: .*\n", "".join(f"      - id: {id}\n" for id in ids), config)
        self.write(".pre-commit-config.yaml", config)
        scratch.run(self.folder, "pre-commit", "install")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def commit(self, *, refused=False):
        """What git and the hook say."""
        self.scratch.run(self.folder, "git", "add", "-A")
        return self.scratch.run(self.folder, "git", "commit", "-m", "change", status=1 if refused else 0)

    def commit_unchecked(self):
        self.scratch.commit(self.folder)


def scenarios(scratch, hooks):
    guarded = {"name": "Data", "bucket": "acme-data"}
    project = Repository(scratch, "project", hooks, "bucketlint")
    project.write("bucket.yaml", BUCKET.format(**guarded))
    project.write("guard.yaml", POLICY.format(**guarded, effect="Deny"))
    started = time.monotonic()
    shows(project.commit(), "Passed")
    print(f"   clean, the first commit: passes ({time.monotonic() - started:.1f} s with installing)")

    project.write("logs.yaml", BUCKET.format(name="Logs", bucket="acme-logs"))
    shows(project.commit(refused=True), "missing-bucket-policy", "logs.yaml:2:3")
    print("   a finding in the changed file: refused")

    project.commit_unchecked()
    project.write("bucket.yaml", BUCKET.format(**guarded) + "      Tags: []\n")
    started = time.monotonic()
    output = project.commit()
    shows(output, "Passed")
    hides(output, "Logs")
    print(f"   an old finding elsewhere: passes ({time.monotonic() - started:.1f} s)")

    project.write("guard.yaml", POLICY.format(**guarded, effect="Allow"))
    output = project.commit(refused=True)
    shows(output, "bucket.yaml:2:3")
    hides(output, "Logs")
    (project.folder / "guard.yaml").unlink()
    output = project.commit(refused=True)
    shows(output, "missing-bucket-policy", "bucket.yaml:2:3")
    hides(output, "Logs")
    scratch.run(project.folder, "git", "checkout", "-q", "HEAD", "--", "guard.yaml")
    print("   the policy changed, or deleted with its file: refused at the bucket in the other file")

    project.write("README.md", "Nothing to lint.\n")
    project.write("deployment.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: data\n")
    shows(project.commit(), "Passed")
    print("   not a template: passes")

    (project.folder / "main.tf").write_text('resource "aws_s3_bucket" "new" {\n  bucket = "acme-new"\n}\n')
    shows(project.commit(refused=True), "main.tf:1:1")
    print("   Terraform source: refused at its block")

    terraform = Repository(scratch, "terraform", hooks, "bucketlint-terraform")
    terraform.write("logs.yaml", BUCKET.format(name="Logs", bucket="acme-logs"))
    shows(terraform.commit(), "Passed")
    terraform.write("main.tf", 'resource "aws_s3_bucket" "new" {\n  bucket = "acme-new"\n}\n')
    output = terraform.commit(refused=True)
    shows(output, "main.tf:1:1")
    hides(output, "Logs")
    terraform.commit_unchecked()
    terraform.write("outputs.tf", 'output "new" {\n  value = aws_s3_bucket.new.id\n}\n')
    shows(terraform.commit(), "Passed")
    print("   bucketlint-terraform: source only, and an old finding passes")

    everything = Repository(scratch, "everything", hooks, "bucketlint-all")
    everything.write("logs.yaml", BUCKET.format(name="Logs", bucket="acme-logs"))
    everything.commit_unchecked()
    everything.write("README.md", "Nothing to lint.\n")
    shows(everything.commit(refused=True), "missing-bucket-policy", "logs.yaml:2:3")
    print("   bucketlint-all: an old finding elsewhere is refused")

    plans = Repository(scratch, "plans", hooks, "bucketlint-plan")
    plan = ROOT / "testdata/plans/07-inline"
    plans.write("package.json", "{}\n")
    plans.write("seating-plan.json", '{"tables": []}\n')
    shows(plans.commit(), "Passed")
    plans.write("plan.json", (plan / "plan.json").read_text())
    plans.write("seating-plan.json", '{"tables": [4]}\n')
    shows(plans.commit(refused=True), "plan.json")
    print("   bucketlint-plan: a plan is linted, other files of such names are skipped")


def main():
    assert block("README.md", "pre-commit") == block("docs/pre-commit.md", "pre-commit"), "one configuration is told twice"
    extra = {
        "PRE_COMMIT_HOME": "{scratch}/pre-commit",
        # The wheel, beside PyPI's packages.
        "PIP_FIND_LINKS": str(OUT),
        # The source hook: what was compiled is used again, without the optimizations that take minutes.
        "CARGO_TARGET_DIR": str(ROOT / "target"),
        "MATURIN_PEP517_ARGS": "--profile dev",
    }
    with Scratch(**extra) as scratch:
        mirror = scratch.repository("mirror")
        scratch.run(ROOT, "packaging/mirror.sh", str(mirror))
        scratch.commit(mirror)
        scenarios(scratch, mirror)

        source = scratch.folder / "source"
        scratch.run(ROOT, "git", "clone", "-q", str(ROOT), str(source))
        project = Repository(scratch, "from-source", source, "bucketlint")
        project.write("logs.yaml", BUCKET.format(name="Logs", bucket="acme-logs"))
        started = time.monotonic()
        shows(project.commit(refused=True), "missing-bucket-policy")
        print(f"   the hook that builds from source: the same ({time.monotonic() - started:.0f} s)")


main()
