#!/usr/bin/env python3
"""cfn_lint.py BINARY [COUNT]: edits must not bring anything that cfn-lint minds. COUNT random templates in all spellings
(those of the test `random_fixes`) and the templates of the test data are fixed, and linted with cfn-lint before and
after: what it says afterwards it must have said before. cfn-lint is installed below target/ where pip can, and all is
skipped, with a line that says so, where it cannot."""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "target" / "cfn-lint"
DATA = ["cloudformation", "sam", "together", "sample"]


def cfn_lint():
    """The program, installed where it is not there yet."""
    if found := shutil.which("cfn-lint"):
        return found
    program = TOOLS / "bin" / "cfn-lint"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
        subprocess.run([TOOLS / "bin" / "pip", "install", "-q", "cfn-lint"], check=True)
    return str(program)


def generated(folder, count):
    """Random templates, before and after."""
    # Thirty at a time: `FEW` in the tests.
    environment = os.environ | {"BUCKETLINT_TIMES": str(-(-count // 30)), "BUCKETLINT_FIXED": str(folder)}
    test = ["cargo", "test", "-q", "--test", "it", "random_fixes::templates"]
    subprocess.run(test, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def test_data(folder, binary):
    """The test data, before and after."""
    for part in DATA:
        for state in ["before", "after"]:
            shutil.copytree(ROOT / "testdata" / part, folder / state / part)
    subprocess.run([binary, "check", "--isolated", "-q", "--fix", "--unsafe-fixes", folder / "after"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def messages(program, folder, names):
    """What cfn-lint says of each file: the rule and the message, how often."""
    said = {name: collections.Counter() for name in names}
    for start in range(0, len(names), 200):
        some = names[start:start + 200]
        # Each file is linted by itself; in one process, since starting is what takes time.
        output = subprocess.run([program, "--format", "json", *some], cwd=folder, capture_output=True, text=True).stdout
        for match in json.loads(output or "[]"):
            said[match["Filename"]][match["Rule"]["Id"], match["Message"]] += 1
    return said


def main():
    binary, count = str(pathlib.Path(sys.argv[1]).resolve()), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    try:
        program = cfn_lint()
    except (subprocess.CalledProcessError, OSError):
        print("cfn-lint is not to be had: skipped")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generated(folder, count)
        test_data(folder, binary)
        files = (path for path in (folder / "after").rglob("*") if path.suffix in {".yaml", ".yml", ".json", ".template"})
        names = sorted(str(path.relative_to(folder / "after")) for path in files)
        changed = [name for name in names if (folder / "before" / name).read_bytes() != (folder / "after" / name).read_bytes()]
        before, after = (messages(program, folder / state, changed) for state in ["before", "after"])
        new = [(name, *message) for name in changed for message in after[name] - before[name]]
    for name, rule, message in new:
        print(f"{name}: {rule} {message}")
    print(f"{len(changed)} of {len(names)} templates changed, {len(new)} new messages of cfn-lint")
    return 1 if new or not changed else 0


sys.exit(main())
