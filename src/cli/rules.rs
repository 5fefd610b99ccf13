//! `rules`: the list of them.

use super::arguments::{Color, List, ListFormat};
use super::{CLEAN, FAILED, terminal};
use crate::report::descriptor;
use crate::rules::{self, Control, Document, DocumentError, RULES, Reference};
use std::fmt::Write as _;

pub(super) fn list(arguments: &List, color: Color) -> u8 {
    let bold = terminal::standard_output(color).color;
    finish(match arguments.format {
        ListFormat::Human => table(bold),
        ListFormat::Json => objects(),
        ListFormat::Markdown => rules::index(),
    })
}

/// Prints a text; the exit status.
pub(super) fn finish(text: Result<String, DocumentError>) -> u8 {
    let told = text.map_err(|error| error.to_string());
    match told.and_then(|text| terminal::print(&text).map_err(|error| error.to_string())) {
        Ok(()) => CLEAN,
        Err(error) => {
            terminal::tell(&format!("error: {error}\n"));
            FAILED
        }
    }
}

fn table(bold: bool) -> Result<String, DocumentError> {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in RULES {
        let severity = rule.severity.name();
        let title = rule.document()?.title;
        let (on, off) = if bold { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        let _ = writeln!(out, "{on}{:width$}{off}  {severity:7}  {title}", rule.name);
    }
    out.push_str("\nbucketlint explain RULE tells more.\n");
    Ok(out)
}

fn objects() -> Result<String, DocumentError> {
    let mut objects = Vec::new();
    for rule in RULES {
        let Document { title, since, references, compliance, .. } = rule.document()?;
        let references =
            references.iter().map(|Reference { title, url }| serde_json::json!({"title": title, "url": url}));
        let compliance = compliance.iter().map(|Control { framework, version, control, source }| {
            serde_json::json!({"framework": framework, "version": version, "control": control, "source": source})
        });
        // What code scanning is told of a rule, so that nobody has to lint something to learn it.
        let told = descriptor(rule);
        let told = |path: &str| told.pointer(path).cloned().unwrap_or_default();
        objects.push(serde_json::json!({
            "name": rule.name,
            "severity": rule.severity.name(),
            "title": title,
            "since": since,
            "references": references.collect::<Vec<_>>(),
            "compliance": compliance.collect::<Vec<_>>(),
            "short": told("/shortDescription/text"),
            "full": told("/fullDescription/text"),
            "help": told("/help/markdown"),
            "help-uri": told("/helpUri"),
            "tags": told("/properties/tags"),
            "precision": told("/properties/precision"),
            "problem-severity": told("/properties/problem.severity"),
            "security-severity": told("/properties/security-severity"),
        }));
    }
    Ok(format!("{:#}\n", serde_json::Value::Array(objects)))
}
