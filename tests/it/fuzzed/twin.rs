//! The twin of a template: the same tree in the other format. Both get one judgement.

use bucketlint::frontend::{Detected, NoFiles, detect};
use bucketlint::lint::{Input, Options, Outcome, lint};
use bucketlint::report::Verdict;
use bucketlint::source::Sources;
use bucketlint::syntax::{Kind, Node, Parse};

/// A tree with aliases unfolded may be far larger than its text.
const LARGEST: usize = 1 << 16;

/// What is said of a template, without its places.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    buckets: Vec<(String, Verdict, Option<String>)>,
    orphans: Vec<(String, Verdict)>,
    findings: Vec<(&'static str, Option<String>)>,
    errors: usize,
}

/// Lints a text by itself.
pub fn said(name: &str, text: &str) -> Option<Said> {
    let input = Input { path: name.to_owned(), named: true, bytes: text.as_bytes().to_vec(), ..Input::default() };
    let Outcome::Linted(report) = lint(input, &Options::default(), &NoFiles) else { return None };
    let request = |witness: &bucketlint::report::Witness| format!("{witness:?}");
    let mut said = Said {
        buckets: Vec::new(),
        orphans: report.orphans.iter().map(|orphan| (orphan.address.clone(), orphan.verdict)).collect(),
        findings: report.findings.iter().map(|finding| (finding.rule, finding.bucket.clone())).collect(),
        errors: report.errors.len(),
    };
    for bucket in &report.buckets {
        said.buckets.push((bucket.address.clone(), bucket.verdict, bucket.witness.as_deref().map(request)));
    }
    said.buckets.sort_by(|one, two| one.0.cmp(&two.0));
    said.orphans.sort_by(|one, two| one.0.cmp(&two.0));
    said.findings.sort();
    Some(said)
}

/// Holds a template against its twins, where its tree can be written in both formats.
pub fn check(parsed: &Parse) {
    if !(parsed.errors.is_empty() && parsed.lapses.is_empty() && parsed.duplicates.is_empty()) {
        return;
    }
    let Some(json) = parsed.tree.root().and_then(json) else { return };
    // As both formats write it, so that what only one of them can say (comments) is gone.
    let Some(yaml) = parsed.tree.root().and_then(|root| yaml(root)) else { return };
    if is_plan(&json) {
        return;
    }
    let (of_json, of_yaml) = (said("t.json", &json), said("t.yaml", &yaml));
    assert_eq!(of_json, of_yaml, "JSON:\n{json}\nYAML:\n{yaml}");
}

/// Plans have no twin: one in YAML is an error, which says what it is.
fn is_plan(json: &str) -> bool {
    let file = Sources::default().add("t.json", json);
    matches!(detect(&file), Detected::Input(frontend, _) if !frontend.is_linked())
}

/// The name that a short form stands for, and whether it is one of the two without `Fn::`.
fn long(tag: &str) -> Option<String> {
    let name = tag.strip_prefix('!')?;
    let known = [
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "GetAZs",
        "GetAtt",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    ];
    match name {
        "Ref" | "Condition" => Some(name.to_owned()),
        _ => known.contains(&name).then(|| format!("Fn::{name}")),
    }
}

fn json(root: Node<'_>) -> Option<String> {
    let mut out = String::new();
    write(root, &mut out, false).then_some(out)
}

/// YAML in flow style, with short forms.
fn yaml(root: Node<'_>) -> Option<String> {
    let mut out = String::new();
    write(root, &mut out, true).then_some(out).map(|out| format!("--- # no JSON\n{out}\n"))
}

/// Writes a node; false where the formats cannot both hold it. Trees are nested no deeper than the readers allow.
fn write(node: Node<'_>, out: &mut String, is_yaml: bool) -> bool {
    if out.len() > LARGEST {
        return false;
    }
    let tag = match node.tag() {
        None => None,
        Some(tag) => match long(tag) {
            Some(long) => Some((tag, long)),
            None => return false,
        },
    };
    match &tag {
        Some((tag, _)) if is_yaml => out.push_str(&format!("{tag} ")),
        Some((_, long)) => out.push_str(&format!("{{{}: ", quoted(long))),
        None => {}
    }
    let done = match node.kind() {
        Kind::Null => word(out, "null"),
        Kind::Bool(value) => word(out, if value { "true" } else { "false" }),
        Kind::Number => {
            let text = node.text().unwrap();
            serde_json::from_str::<serde_json::Number>(text).is_ok() && word(out, text)
        }
        Kind::String => word(out, &quoted(node.string().unwrap())),
        Kind::Sequence => {
            out.push('[');
            let mut first = true;
            let all = node.items().all(|item| {
                if !std::mem::take(&mut first) {
                    out.push_str(", ");
                }
                write(item, out, is_yaml)
            });
            out.push(']');
            all
        }
        Kind::Mapping => {
            out.push('{');
            let mut first = true;
            let all = node.entries().all(|(key, value)| {
                if !std::mem::take(&mut first) {
                    out.push_str(", ");
                }
                let Some(text) = key.string().filter(|text| key.tag().is_none() && *text != "<<") else { return false };
                out.push_str(&quoted(text));
                out.push_str(": ");
                write(value, out, is_yaml)
            });
            out.push('}');
            all
        }
    };
    if tag.is_some() && !is_yaml {
        out.push('}');
    }
    done
}

fn word(out: &mut String, text: &str) -> bool {
    out.push_str(text);
    true
}

/// A string in double quotes that JSON and YAML read alike.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(character),
            // No surrogate pair: YAML has none.
            _ if u32::from(character) > 0xFFFF => out.push(character),
            _ => out.push_str(&format!("\\u{:04x}", u32::from(character))),
        }
    }
    out.push('"');
    out
}
