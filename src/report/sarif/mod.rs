//! `--format sarif`: SARIF 2.1.0, with what GitHub's code scanning asks for
//! (<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).

mod model;
mod rules;

pub(crate) use rules::descriptor;

use super::quiet::{self, Items};
use super::{ErrorRecord, FindingRecord, Place, RelatedRecord, Report, SuppressionRecord};
use crate::finding::Role;
use model::{
    Artifact, Change, CodeFlow, Content, Driver, Fix, Invocation, Location, Log, Logical, Notification, Outcome,
    Physical, Region, Replacement, Run, Said, Step, Suppression, Text, ThreadFlow, Tool,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// GitHub shows that many results of a run, and takes no more than five times as many.
const RESULTS: usize = 5000;
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.worst_first();
    let shown = findings.get(..RESULTS).unwrap_or(&findings);
    let mut notifications: Vec<Notification> = report.errors().map(of_error).collect();
    let execution_successful = notifications.is_empty();
    if shown.len() < findings.len() {
        let (all, left) = (findings.len(), findings.len() - shown.len());
        let text = format!("{left} of {all} findings are left out, the least severe: code scanning shows {RESULTS}");
        notifications.push(Notification { level: "warning", message: Text { text }, locations: Vec::new() });
    }
    let notices = report.files.iter().flat_map(|file| &file.notices).map(|notice| Notification {
        level: "note",
        message: Text { text: sentence(&notice.message) },
        locations: vec![location(&notice.place)],
    });
    notifications.extend(notices);
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules::all(),
                },
            },
            invocations: [Invocation { execution_successful, tool_execution_notifications: notifications }],
            column_kind: "unicodeCodePoints",
            results: Items(shown.iter().map(|finding| outcome(report, finding))),
        }],
    };
    quiet::write(&log, 4, out)
}

fn of_error(error: &ErrorRecord) -> Notification {
    let place = error.place();
    let mut location = location(place.unwrap_or(&Place::start_of(error.file.as_str())));
    if place.is_none() {
        location.physical_location.region = None;
    }
    Notification { level: "error", message: Text { text: sentence(&error.message) }, locations: vec![location] }
}

fn outcome<'a>(report: &Report<'_>, finding: &'a FindingRecord) -> Outcome<'a> {
    let bucket = finding.bucket.iter();
    let logical = bucket.map(|address| Logical { fully_qualified_name: address.clone(), kind: "resource" });
    let related = finding.related.iter().enumerate();
    Outcome {
        rule_id: finding.rule,
        rule_index: rules::index(finding.rule),
        level: finding.severity.name(),
        message: Text { text: message(finding) },
        locations: [Location { logical_locations: logical.collect(), ..location(report.place(finding)) }],
        related_locations: related.map(|(index, one)| Location { id: Some(index + 1), ..said(one) }).collect(),
        code_flows: flow(finding).into_iter().collect(),
        partial_fingerprints: BTreeMap::from([("bucketlint/v1", finding.fingerprint.as_str())]),
        suppressions: finding.suppressed.iter().map(|one| suppression(one)).collect(),
        fixes: finding.fix.iter().map(|fix| edits(fix, &finding.help)).collect(),
    }
}

/// What is wrong, the places that explain it (as links to them), and what to do. Links are written `[text](number)`,
/// and nothing else of the text may look like one.
fn message(finding: &FindingRecord) -> String {
    let mut text = sentence(&literal(&finding.message));
    for (index, one) in finding.related.iter().enumerate() {
        let link = one.message.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        let _ = write!(text, " [{link}]({}).", index + 1);
    }
    for note in &finding.notes {
        let _ = write!(text, "\n{}", sentence(&literal(note)));
    }
    if let Some((first, rest)) = finding.help.split_once('\n') {
        let _ = write!(text, "\nHelp: {}\n{}", literal(first), literal(rest));
    } else if !finding.help.is_empty() {
        let _ = write!(text, "\nHelp: {}", sentence(&literal(&finding.help)));
    }
    text
}

fn literal(text: &str) -> String {
    text.replace("](", "]\\(")
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// From the bucket over its policy to the statement.
fn flow(finding: &FindingRecord) -> Option<CodeFlow> {
    let order = |role: Role| match role {
        Role::Policy => Some(1),
        Role::Cause | Role::Hop => Some(2),
        Role::Bucket | Role::Other => None,
    };
    let mut steps: Vec<(u8, &RelatedRecord)> =
        finding.related.iter().filter_map(|one| Some((order(one.role)?, one))).collect();
    if steps.is_empty() {
        return None;
    }
    steps.sort_by_key(|(order, _)| *order);
    let first = Location { message: Some(Said { text: finding.label.clone() }), ..location(&finding.place) };
    let rest = steps.into_iter().map(|(_, one)| said(one));
    let locations = std::iter::once(first).chain(rest).map(|location| Step { location }).collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn suppression(one: &SuppressionRecord) -> Suppression<'_> {
    let in_source = matches!(one.by, "comment" | "metadata" | "construct");
    Suppression {
        kind: if in_source { "inSource" } else { "external" },
        status: "accepted",
        justification: &one.reason,
        location: one.place.as_ref().map(location),
    }
}

fn edits<'a>(fix: &'a super::FixRecord, help: &str) -> Fix<'a> {
    let mut changes: Vec<Change<'a>> = Vec::new();
    for (place, text) in &fix.edits {
        let uri = uri(&place.file);
        let replacement = Replacement { deleted_region: region(place), inserted_content: Content { text } };
        match changes.iter_mut().find(|change| change.artifact_location.uri == uri) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(Change { artifact_location: Artifact { uri }, replacements: vec![replacement] }),
        }
    }
    let first = help.lines().next().unwrap_or("");
    Fix { description: Text { text: sentence(first.trim_end_matches(':')) }, artifact_changes: changes }
}

fn said(one: &RelatedRecord) -> Location {
    Location { message: Some(Said { text: one.message.clone() }), ..location(&one.place) }
}

fn location(place: &Place) -> Location {
    Location {
        id: None,
        physical_location: Physical {
            artifact_location: Artifact { uri: uri(&place.file) },
            region: Some(region(place)),
        },
        logical_locations: Vec::new(),
        message: None,
    }
}

fn region(place: &Place) -> Region {
    let (start, end) = (place.start, place.end);
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// A path as a URI reference: relative, but for paths from the root. It is never empty, and its first part holds no
/// colon, which would make a scheme of it.
fn uri(path: &str) -> String {
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if out.is_empty() { "unnamed".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_and_whole() {
        assert_eq!(uri("a b/ü#1:2%.yaml"), "a%20b/%C3%BC%231%3A2%25.yaml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(uri("/tmp/a.yaml"), "file:///tmp/a.yaml");
        assert_eq!(uri("../a.yaml"), "../a.yaml");
        assert_eq!(uri(""), "unnamed");
    }

    #[test]
    fn past_what_github_shows_the_worst_are_kept_and_the_rest_counted() {
        use crate::finding::Severity;
        use crate::lint::{Input, Options, Outcome, lint};
        let bytes = b"Resources: {Data: {Type: AWS::S3::Bucket}}".to_vec();
        let input = Input { path: "a.yaml".to_owned(), named: true, bytes, deployments: Vec::new(), values: None };
        let Outcome::Linted(mut file) = lint(input, &Options::default(), &crate::frontend::NoFiles) else {
            unreachable!("it is a template");
        };
        let finding = file.findings.pop().unwrap();
        file.findings = vec![super::super::FindingRecord { severity: Severity::Note, ..finding.clone() }; 100];
        file.findings.extend(vec![finding; RESULTS]);
        let files = [*file];
        let report = Report {
            files: &files,
            include_suppressed: false,
            at: None,
            style: super::super::human::Style::default(),
            whole: false,
            now: crate::model::Date::default(),
        };
        let mut out = Vec::new();
        write(&report, &mut out).unwrap();
        let log: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert!(results.len() == RESULTS && results.iter().all(|result| result["level"] == "error"));
        let told = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(told.as_str().unwrap().starts_with("100 of 5100 findings are left out"), "{told}");
    }
}
