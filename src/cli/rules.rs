//! `explain` and `rules`.

use super::arguments::{Color, Explain, List, ListFormat};
use super::{CLEAN, FAILED, terminal};
use crate::report::descriptor;
use crate::rules::{self, Control, Document, DocumentError, RULES, Reference, Rule};
use std::fmt::Write as _;

pub(super) fn explain(arguments: &Explain, color: Color) -> u8 {
    // The parser takes known names only.
    let Some(rule) = rules::find(&arguments.rule) else { return FAILED };
    let bold = terminal::standard_output(color).color;
    finish(rule.document().map(|document| explanation(rule, &document, bold)))
}

pub(super) fn list(arguments: &List, color: Color) -> u8 {
    let bold = terminal::standard_output(color).color;
    finish(match arguments.format {
        ListFormat::Human => table(bold),
        ListFormat::Json => objects(),
        ListFormat::Markdown => rules::index(),
    })
}

fn finish(text: Result<String, DocumentError>) -> u8 {
    let told = text.map_err(|error| error.to_string());
    match told.and_then(|text| terminal::print(&text).map_err(|error| error.to_string())) {
        Ok(()) => CLEAN,
        Err(error) => {
            terminal::tell(&format!("error: {error}\n"));
            FAILED
        }
    }
}

/// The head line, the rule's document, its controls and its references.
fn explanation(rule: &Rule, document: &Document, bold: bool) -> String {
    let Document { title, since, references, compliance, body, .. } = document;
    let head = format!("{} ({}, since {since}): {title}", rule.name, rule.severity.name());
    let mut out = heading(&head, bold);
    let prose = body.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    let mut in_code = false;
    out.push('\n');
    for line in prose.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if line.starts_with('#') && !in_code {
            out.push_str(&heading(line, bold));
        } else {
            let _ = writeln!(out, "{line}");
        }
    }
    if !compliance.is_empty() {
        let _ = write!(out, "\n{}\n", heading("## Controls by framework", bold));
        for Control { framework, version, control, .. } in compliance {
            let _ = writeln!(out, "- {framework} {version}: {control}");
        }
    }
    if !references.is_empty() {
        let _ = write!(out, "\n{}\n", heading("## References", bold));
        for Reference { title, url } in references {
            let _ = writeln!(out, "- {title}: <{url}>");
        }
    }
    out
}

fn heading(text: &str, bold: bool) -> String {
    if bold { format!("\u{1b}[1m{text}\u{1b}[0m\n") } else { format!("{text}\n") }
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
        let told = descriptor(&rule);
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
