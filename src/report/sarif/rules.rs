//! The rules as SARIF tells of them: once a log, with their documents.

use super::model::{Configuration, Markdown, Properties, Rule, Text};
use crate::finding::Severity;
use crate::rules::{Document, RULES};

/// GitHub takes that many tags of a rule.
const TAGS: usize = 20;

/// All rules.
pub(super) fn all() -> Vec<Rule> {
    RULES.iter().map(rule).collect()
}

/// A rule as SARIF tells of it, for other lists of rules.
pub(crate) fn descriptor(of: &crate::rules::Rule) -> serde_json::Value {
    // Nothing in it can fail to be written.
    serde_json::to_value(rule(of)).unwrap_or_default()
}

/// The index of a rule among them.
pub(super) fn index(name: &str) -> usize {
    RULES.iter().position(|rule| rule.name == name).unwrap_or(0)
}

fn rule(rule: &crate::rules::Rule) -> Rule {
    // A test holds all documents against their form.
    let document = rule.document().ok();
    let title = document.as_ref().map_or(rule.name, |document| document.title.as_str());
    let body = document.as_ref().map_or("", |document| document.body);
    Rule {
        id: rule.name,
        name: pascal(rule.name),
        short_description: Text { text: format!("{title}.") },
        full_description: Text { text: first_paragraph(body).unwrap_or_else(|| format!("{title}.")) },
        help_uri: document.as_ref().and_then(|document| Some(document.references.first()?.url.clone())),
        help: Markdown { text: body.to_owned(), markdown: body.to_owned() },
        default_configuration: Configuration { level: rule.severity.name() },
        properties: Properties {
            tags: tags(document.as_ref()),
            precision: "very-high",
            problem: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
            security: document.filter(|document| !document.compliance.is_empty()).map(|_| match rule.severity {
                Severity::Error => "7.5",
                Severity::Warning => "5.0",
                Severity::Note => "2.0",
            }),
        },
    }
}

fn tags(document: Option<&Document>) -> Vec<String> {
    // Cleartext transmission of sensitive information.
    let mut tags: Vec<String> = ["security", "external/cwe/cwe-319", "aws", "s3", "tls"].map(str::to_owned).into();
    for control in document.iter().flat_map(|document| &document.compliance) {
        let tag = format!("{} {}: {}", control.framework, control.version, control.control);
        if tags.len() < TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// `missing-bucket-policy` as `MissingBucketPolicy`.
fn pascal(name: &str) -> String {
    let part = |part: &str| {
        let mut characters = part.chars();
        characters.next().map(|first| first.to_ascii_uppercase().to_string() + characters.as_str()).unwrap_or_default()
    };
    name.split('-').map(part).collect()
}

/// The first prose of a document, on one line, without its headings.
fn first_paragraph(body: &str) -> Option<String> {
    let paragraph = body.split("\n\n").map(str::trim).find(|part| !part.is_empty() && !part.starts_with('#'))?;
    Some(paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
}
