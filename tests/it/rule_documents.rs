//! The rule documents hold what they promise: their front matter is complete, and each example, run through
//! the binary, fires or is clean as it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bucketlint::rules::RULES;
use serde::Deserialize;
use serde_json::Value;

/// What the document of a rule says that no plan breaks.
const NOT_OF_PLANS: &str = "There is no Terraform example, as ";

/// The headings that every document has, in this order.
const HEADINGS: [&str; 11] = [
    "## What it does",
    "## Why it matters",
    "## What exactly is checked",
    "## Controls",
    "## How to fix it",
    "### CloudFormation",
    "### SAM",
    "### CDK",
    "### Terraform",
    "### Console",
    "## Examples",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    CloudFormation,
    Sam,
    Terraform,
}

impl Format {
    const ALL: [Self; 3] = [Self::CloudFormation, Self::Sam, Self::Terraform];
}

#[derive(Debug)]
enum Expect {
    /// The rule, and the lines that its findings point at.
    Fires(BTreeSet<u64>),
    Clean,
}

/// The front matter. Serde's derived readers refuse a key that stands twice, `deny_unknown_fields` one that
/// nobody reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    rule: String,
    title: String,
    severity: String,
    since: String,
    references: Vec<Reference>,
    compliance: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    title: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    framework: String,
    version: String,
    #[serde(rename = "control")]
    name: String,
    source: String,
}

struct Document {
    rule: String,
    front: FrontMatter,
    body: String,
    examples: Vec<Example>,
}

/// A fenced block that runs as a test.
struct Example {
    line: usize,
    format: Format,
    language: String,
    plan: Option<String>,
    expect: Expect,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder entry").file_name().into_string().expect("a UTF-8 file name"))
        .collect()
}

fn documents() -> Vec<Document> {
    names_in(&root().join("rules"))
        .iter()
        .filter(|name| !["README.md", "controls.yaml"].contains(&name.as_str()))
        .map(|name| {
            let rule = name.strip_suffix(".md").unwrap_or_else(|| panic!("rules/{name} is no Markdown document"));
            let text = fs::read_to_string(root().join("rules").join(name)).expect("a readable document");
            document(rule, &text)
        })
        .collect()
}

fn document(rule: &str, text: &str) -> Document {
    let (front, body) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .unwrap_or_else(|| panic!("rules/{rule}.md has no front matter"));
    let lines_before = front.lines().count() + 2;
    Document {
        rule: rule.to_owned(),
        front: serde_yaml::from_str(front).unwrap_or_else(|error| panic!("rules/{rule}.md: {error}")),
        body: body.to_owned(),
        examples: examples(rule, body, lines_before),
    }
}

fn examples(rule: &str, body: &str, lines_before: usize) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = body.lines().zip(lines_before + 1..);
    while let Some((line, number)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut text = String::new();
        loop {
            let (line, _) = lines.next().unwrap_or_else(|| panic!("rules/{rule}.md:{number}: the block never ends"));
            if line == "```" {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        // A block without further words is a snippet to copy from, not a whole file.
        if info.contains('=') {
            examples.push(example(rule, info, number, text));
        }
    }
    examples
}

fn example(rule: &str, info: &str, line: usize, text: String) -> Example {
    let mut words = info.split(' ');
    let language = words.next().unwrap_or_default().to_owned();
    let (mut format, mut plan, mut expect, mut lines) = (None, None, None, BTreeSet::new());
    for word in words {
        match word.split_once('=') {
            Some(("format", "cloudformation")) => format = Some(Format::CloudFormation),
            Some(("format", "sam")) => format = Some(Format::Sam),
            Some(("format", "terraform")) => format = Some(Format::Terraform),
            Some(("plan", name)) => plan = Some(name.to_owned()),
            Some(("expect", "fires")) => expect = Some(true),
            Some(("expect", "clean")) => expect = Some(false),
            Some(("lines", list)) => lines = list.split(',').map(|line| line.parse().expect("a line")).collect(),
            _ => panic!("rules/{rule}.md:{line}: `{word}` means nothing here"),
        }
    }
    let (Some(format), Some(fires)) = (format, expect) else {
        panic!("rules/{rule}.md:{line}: an example names its format and what to expect")
    };
    assert_eq!(fires, !lines.is_empty(), "rules/{rule}.md:{line}: an example that fires says at which lines");
    let expect = if fires { Expect::Fires(lines) } else { Expect::Clean };
    Example { line, format, language, plan, expect, text }
}

#[test]
fn every_rule_has_a_document_and_every_document_a_rule() {
    let have: Vec<String> = documents().into_iter().map(|document| document.rule).collect();
    let want: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(have, want);
}

#[test]
fn front_matter_is_complete() {
    for (document, row) in documents().iter().zip(RULES) {
        let (front, rule) = (&document.front, row.name);
        assert_eq!(front.rule, rule);
        assert_eq!(front.severity, row.severity.name(), "{rule}");
        assert_eq!(front.since.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{rule}");
        assert!(!front.title.is_empty() && !front.title.ends_with('.'), "{rule}: {}", front.title);
        assert!(!front.references.is_empty(), "{rule} has no reference");
        for reference in &front.references {
            assert!(!reference.title.is_empty(), "{rule}: {}", reference.url);
            assert!(reference.url.starts_with("https://"), "{rule}: {}", reference.url);
        }
        // A bucket with an error is evidence against a control; the other rules say why they are none.
        assert_eq!(front.compliance, front.severity == "error", "{rule}");
    }
}

#[test]
fn controls_have_a_source_and_stand_once() {
    let text = fs::read_to_string(root().join("rules/controls.yaml")).expect("a list of controls");
    let controls: Vec<Control> = serde_yaml::from_str(&text).expect("a list of controls");
    let mut seen = BTreeSet::new();
    for control in &controls {
        let key = (&control.framework, &control.version, &control.name);
        assert!(!key.0.is_empty() && !key.1.is_empty() && !key.2.is_empty(), "{key:?}");
        assert!(control.source.starts_with("https://"), "{key:?} has no source");
        assert!(seen.insert(key), "{key:?} stands twice");
    }
    assert!(seen.iter().any(|(framework, _, name)| *framework == "NIST SP 800-171" && *name == "3.13.8"));
}

#[test]
fn front_matter_that_is_wrong_is_refused() {
    let good = "rule: a\ntitle: b\nseverity: note\nsince: 0.1.0\nreferences: []\ncompliance: false\n";
    assert!(serde_yaml::from_str::<FrontMatter>(good).is_ok());
    for line in ["rule: a\n", "titel: b\n", "compliance: false\n"] {
        let text = format!("{good}{line}");
        assert!(serde_yaml::from_str::<FrontMatter>(&text).is_err(), "accepted: {text}");
    }
    for part in good.lines() {
        let text = good.replacen(&format!("{part}\n"), "", 1);
        assert!(serde_yaml::from_str::<FrontMatter>(&text).is_err(), "accepted: {text}");
    }
}

#[test]
fn documents_have_their_sections() {
    for document in documents() {
        let rule = &document.rule;
        let title = format!("# {rule}");
        let mut fenced = false;
        let mut headings = Vec::new();
        for line in document.body.lines() {
            fenced ^= line.starts_with("```");
            if !fenced && line.starts_with('#') {
                headings.push(line);
            }
            let length = line.chars().count();
            assert!(fenced || length <= 110 || line.contains("https://"), "{rule}: {length} columns: {line}");
        }
        let want: Vec<&str> = std::iter::once(title.as_str()).chain(HEADINGS).collect();
        assert_eq!(headings, want, "{rule}");
        for words in
            ["enforceSSL: true", "aws_iam_policy_document", "jsonencode", "attach_deny_insecure_transport_policy"]
        {
            assert!(document.body.contains(words), "{rule} does not show {words}");
        }
    }
}

#[test]
fn every_format_has_an_example_of_both_kinds() {
    for document in documents() {
        let rule = &document.rule;
        for format in Format::ALL {
            let knows = format != Format::Terraform || !document.body.contains(NOT_OF_PLANS);
            for fires in [true, false] {
                let is_one = |one: &Example| one.format == format && matches!(one.expect, Expect::Fires(_)) == fires;
                assert_eq!(document.examples.iter().any(is_one), knows, "{rule}: {format:?}, fires: {fires}");
            }
        }
        let json = document.examples.iter().filter(|example| example.language == "json").count();
        assert!(json > 0, "{rule} has no example in JSON");
    }
}

#[test]
fn terraform_examples_stand_beside_their_plans() {
    let mut used = BTreeSet::new();
    for document in documents() {
        for example in &document.examples {
            let place = format!("rules/{}.md:{}", document.rule, example.line);
            let Some(name) = &example.plan else {
                assert_ne!(example.format, Format::Terraform, "{place} names no plan");
                continue;
            };
            assert_eq!((example.format, example.language.as_str()), (Format::Terraform, "hcl"), "{place}");
            let folder = plan_folder(&document.rule, name);
            let source = fs::read_to_string(folder.join("main.tf")).unwrap_or_default();
            assert_eq!(example.text, source, "{place} and testdata/rules/{}/{name}/main.tf", document.rule);
            let files: Vec<String> = names_in(&folder).into_iter().collect();
            assert_eq!(files, ["main.tf", "plan.json"], "{}", folder.display());
            assert!(used.insert((document.rule.clone(), name.clone())), "{place}: the plan is used twice");
        }
    }
    let data = root().join("testdata/rules");
    for rule in names_in(&data) {
        for name in names_in(&data.join(&rule)) {
            assert!(used.contains(&(rule.clone(), name.clone())), "no document shows testdata/rules/{rule}/{name}");
        }
    }
}

#[test]
fn examples_do_what_they_say() {
    let mut wrong = Vec::new();
    let mut count = 0_usize;
    for document in documents() {
        for example in &document.examples {
            count += 1;
            if let Err(problem) = run(&document.rule, example) {
                wrong.push(format!("rules/{}.md:{}: {problem}", document.rule, example.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} examples:\n{}", wrong.len(), wrong.join("\n"));
}

fn plan_folder(rule: &str, name: &str) -> PathBuf {
    root().join("testdata/rules").join(rule).join(name)
}

/// Lints one example and holds the report against what it promises.
fn run(rule: &str, example: &Example) -> Result<(), String> {
    let report = lint(&input(rule, example))?;
    let list =
        |name: &str| report.get(name).and_then(Value::as_array).cloned().ok_or(format!("no `{name}` in the report"));
    let errors = list("errors")?;
    if !errors.is_empty() {
        return Err(format!("errors: {errors:?}"));
    }
    let findings = list("findings")?;
    match &example.expect {
        Expect::Fires(lines) => {
            let own = findings.iter().filter(|finding| finding["rule"] == *rule);
            let places = own.flat_map(|finding| finding["related"].as_array().into_iter().flatten().chain([finding]));
            let found: BTreeSet<u64> = places.filter_map(|place| place["span"]["start"]["line"].as_u64()).collect();
            if found == *lines { Ok(()) } else { Err(format!("fires at {found:?}")) }
        }
        // No finding of any rule.
        Expect::Clean if !findings.is_empty() => Err(format!("is not clean: {findings:?}")),
        Expect::Clean => {
            let verdicts: Vec<Value> = list("buckets")?.iter().map(|bucket| bucket["verdict"].clone()).collect();
            if verdicts.is_empty() || verdicts.iter().any(|verdict| verdict != "enforced") {
                return Err(format!("has a bucket that is not proven: {verdicts:?}"));
            }
            Ok(())
        }
    }
}

/// The file to lint: the plan of a Terraform example, else the block in a file of its own.
fn input(rule: &str, example: &Example) -> PathBuf {
    if let Some(name) = &example.plan {
        return plan_folder(rule, name).join("plan.json");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rule_documents").join(rule);
    fs::create_dir_all(&folder).expect("a folder for the example");
    let file = folder.join(format!("line-{}.{}", example.line, example.language));
    fs::write(&file, &example.text).expect("a file for the example");
    file
}

fn lint(file: &Path) -> Result<Value, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_bucketlint"))
        .args(["check", "--format", "json"])
        .arg(file)
        .output()
        .map_err(|error| format!("the binary does not run: {error}"))?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("the report is no JSON: {error}"))
}
