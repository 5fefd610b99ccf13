//! `--format junit`: a suite for each file, a test case for each bucket, so that what is enforced is seen too.
//!
//! Valid by the schema of Ant's `JUnit` task and by that of Jenkins, which ask for and forbid different things: each
//! suite has a property, both streams and a time, and no case is skipped.

use super::markup::{attribute, xml};
use super::{BucketRecord, FileReport, FindingRecord, Place, Report, Subject, TOOL};
use crate::finding::Severity;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    for (id, file) in report.files.iter().enumerate() {
        suite(report, id, file, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// What a test case came to.
enum Case<'a> {
    Passed,
    Failed(Vec<&'a FindingRecord>),
    Error(&'a str),
}

fn suite(report: &Report<'_>, id: usize, file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let mut told: HashMap<Subject<'_>, Vec<&FindingRecord>> = HashMap::new();
    for finding in file.findings.iter().filter(|finding| report.shows(finding)) {
        told.entry(finding.subject()).or_default().push(finding);
    }
    let mut cases: Vec<(String, Case<'_>)> = Vec::new();
    let mut names = Names::default();
    for bucket in &file.buckets {
        let findings = told.get(&bucket.subject()).cloned().unwrap_or_default();
        cases.push((names.unique(&name(bucket)), Case::of(findings)));
    }
    for bucket in &file.buckets {
        told.remove(&bucket.subject());
    }
    // What is not about a bucket of this file: policies on buckets elsewhere, the file as a whole.
    for finding in &file.findings {
        let subject = finding.subject();
        if let Some(findings) = told.remove(&subject) {
            let subject = if subject.0.is_empty() { "file" } else { subject.0 };
            cases.push((names.unique(subject), Case::of(findings)));
        }
    }
    cases.extend(file.errors.iter().map(|error| (names.unique("reading"), Case::Error(&error.message))));
    let count = |wanted: fn(&Case<'_>) -> bool| cases.iter().filter(|(_, case)| wanted(case)).count();
    writeln!(
        out,
        "  <testsuite name=\"{name}\" package=\"bucketlint\" id=\"{id}\" timestamp=\"{now}T00:00:00\" \
         hostname=\"localhost\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0\">\n    \
         <properties><property name=\"tool\" value=\"{TOOL}\"/></properties>",
        name = attribute(&file.path),
        now = report.now,
        tests = cases.len(),
        failures = count(|case| matches!(case, Case::Failed(_))),
        errors = count(|case| matches!(case, Case::Error(_))),
    )?;
    for (name, case) in &cases {
        write_case(&file.path, name, case, out)?;
    }
    // Notes make no case fail; they are told all the same.
    writeln!(out, "    <system-out>{}</system-out>", xml(&notes(report, file)))?;
    writeln!(out, "    <system-err></system-err>\n  </testsuite>")
}

impl<'a> Case<'a> {
    fn of(mut findings: Vec<&'a FindingRecord>) -> Self {
        findings.retain(|finding| finding.severity > Severity::Note);
        if findings.is_empty() { Self::Passed } else { Self::Failed(findings) }
    }
}

fn name(bucket: &BucketRecord) -> String {
    match &bucket.deployment {
        Some(deployment) => format!("{} in {deployment}", bucket.address),
        None => bucket.address.clone(),
    }
}

fn write_case(path: &str, name: &str, case: &Case<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (class, name) = (attribute(path), attribute(name));
    write!(out, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\"")?;
    match case {
        Case::Passed => return writeln!(out, "/>"),
        Case::Error(message) => write!(out, "><error type=\"error\" message=\"{}\"></error>", attribute(message))?,
        Case::Failed(findings) => {
            let first = findings.first().map_or(("", ""), |first| (first.rule, first.message.as_str()));
            let text: Vec<String> = findings.iter().map(|finding| text(finding)).collect();
            write!(
                out,
                "><failure type=\"{}\" message=\"{}\">{}</failure>",
                attribute(first.0),
                attribute(first.1),
                xml(&text.join("\n\n"))
            )?;
        }
    }
    writeln!(out, "</testcase>")
}

fn at(place: &Place) -> String {
    format!("{}:{}:{}", place.file, place.start.line, place.start.column)
}

fn text(finding: &FindingRecord) -> String {
    let mut text =
        format!("{}: {}[{}]: {}", at(&finding.place), finding.severity.name(), finding.rule, finding.message);
    for one in &finding.related {
        let _ = write!(text, "\n{}: {}", at(&one.place), one.message);
    }
    for note in &finding.notes {
        let _ = write!(text, "\nnote: {note}");
    }
    if !finding.help.is_empty() {
        let _ = write!(text, "\nhelp: {}", finding.help);
    }
    text
}

fn notes(report: &Report<'_>, file: &FileReport) -> String {
    let findings = file.findings.iter().filter(|one| one.severity == Severity::Note && report.shows(one)).map(text);
    let notices = file.notices.iter().map(|notice| format!("{}: {}", at(&notice.place), notice.message));
    findings.chain(notices).collect::<Vec<_>>().join("\n")
}

/// Names of test cases that were given out: readers take equal ones for one case.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let times = self.0.entry(name.to_owned()).or_default();
        *times += 1;
        if *times == 1 { name.to_owned() } else { format!("{name} ({times})") }
    }
}
