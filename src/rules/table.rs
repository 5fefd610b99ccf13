//! The rules and their documents (`rules/<rule>.md`), which are the one source for `explain`, the generated index and
//! every report that tells what a rule means. The controls that rules check stand once for all of them
//! (`rules/controls.yaml`).

use super::Subject;
use crate::finding::{Finding, Severity};
use serde::Deserialize;
use std::fmt::Write as _;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, in kebab case; never used again for another rule.
    pub name: &'static str,
    /// How bad its findings are; `undecided-policy` also gives notes.
    pub severity: Severity,
    /// True where it explains why a bucket is not enforced: a suppression that another tool has for the same control, and
    /// `guarded-by`, are about these.
    pub explains_verdict: bool,
    /// Its document, front matter included.
    pub markdown: &'static str,
    /// What it says of a subject.
    pub(super) check: fn(&Subject<'_>) -> Option<Finding>,
}

/// A rule's row: its name, how bad its findings are, whether it explains a verdict, and its module.
macro_rules! rules {
    ($($name:literal $severity:ident $explains:ident $module:ident,)*) => {
        /// All rules, by name. A rule without its document, or without its function, does not compile.
        pub const RULES: &[Rule] = &[$(Rule {
            name: $name,
            severity: Severity::$severity,
            explains_verdict: matches!(Explains::$explains, Explains::Verdict),
            markdown: include_str!(concat!("../../rules/", $name, ".md")),
            check: super::$module::check,
        }),*];
    };
}

/// What the findings of a rule explain.
enum Explains {
    /// Why a bucket is not enforced.
    Verdict,
    /// Something else.
    Other,
}

rules! {
    "conditional-policy" Error Verdict conditional_policy,
    "conflicting-policies" Warning Other conflicting_policies,
    "denies-everything" Warning Other denies_everything,
    "http-not-denied" Error Verdict http_not_denied,
    "incomplete-input" Note Other incomplete_input,
    "invalid-policy" Error Verdict invalid_policy,
    "inverted-deny" Error Verdict inverted_deny,
    "missing-bucket-policy" Error Verdict missing_bucket_policy,
    "never-deployed" Note Other never_deployed,
    "orphan-policy" Note Other orphan_policy,
    "partial-deny" Error Verdict partial_deny,
    "refused-policy" Warning Other refused_policy,
    "undecided-policy" Warning Verdict undecided_policy,
    "unused-suppression" Note Other unused_suppression,
}

/// The front matter of a document.
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

/// What a rule's document says.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it fires on, in one line.
    pub title: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// The version that brought it.
    pub since: String,
    /// What to read.
    pub references: Vec<Reference>,
    /// The controls that a finding is evidence against.
    pub compliance: Vec<Control>,
    /// The prose: Markdown.
    pub body: &'static str,
}

/// A page to read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A control of a compliance framework.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The framework.
    pub framework: String,
    /// Its version.
    pub version: String,
    /// The control's id.
    pub control: String,
    /// Where the mapping is published.
    pub source: String,
}

/// A rule's document cannot be read. A test holds all documents against this.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It does not start with `---`, or the second `---` is missing.
    #[error("the document of `{0}` has no front matter")]
    NoFrontMatter(&'static str),
    /// The front matter is not what it must be.
    #[error("the front matter of `{0}` cannot be read: {1}")]
    Unreadable(&'static str, serde_yaml::Error),
    /// The list of controls is not what it must be.
    #[error("the list of controls cannot be read: {0}")]
    Controls(serde_yaml::Error),
}

impl Rule {
    /// Reads the rule's document.
    ///
    /// # Errors
    /// Where its front matter, or the list of controls, is missing or malformed.
    pub fn document(&self) -> Result<Document, DocumentError> {
        let text = self.markdown.strip_prefix("---\n").ok_or(DocumentError::NoFrontMatter(self.name))?;
        let (front, body) = text.split_once("\n---\n").ok_or(DocumentError::NoFrontMatter(self.name))?;
        let FrontMatter { rule, title, severity, since, references, compliance } =
            serde_yaml::from_str(front).map_err(|error| DocumentError::Unreadable(self.name, error))?;
        let compliance = if compliance { controls()? } else { Vec::new() };
        debug_assert_eq!(rule, self.name, "a document tells whose it is");
        Ok(Document { title, severity, since, references, compliance, body: body.trim() })
    }
}

/// The controls that ask for what the rules of errors check.
///
/// # Errors
/// Where their list is malformed.
pub fn controls() -> Result<Vec<Control>, DocumentError> {
    serde_yaml::from_str(include_str!("../../rules/controls.yaml")).map_err(DocumentError::Controls)
}

/// The rule with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// Whether the findings of the rule with that name say why a bucket is not enforced.
#[must_use]
pub fn explains_verdict(name: &str) -> bool {
    find(name).is_some_and(|rule| rule.explains_verdict)
}

/// The rule that was probably meant.
#[must_use]
pub fn suggest(name: &str) -> Option<&'static str> {
    let likeness = |rule: &Rule| (strsim::jaro_winkler(name, rule.name), rule.name);
    let best = RULES.iter().map(likeness).max_by(|one, two| one.0.total_cmp(&two.0));
    best.filter(|(likeness, _)| *likeness > 0.75).map(|(_, name)| name)
}

/// The index of all rules in Markdown; `rules/README.md` is this text.
///
/// # Errors
/// Where a document cannot be read.
pub fn index() -> Result<String, DocumentError> {
    let mut out =
        String::from("# Rules\n\nMade by `bucketlint rules --format markdown`; a test holds it up to date.\n\n");
    out.push_str("| rule | severity | fires on | since |\n|---|---|---|---|\n");
    for rule in RULES {
        let Document { title, severity, since, .. } = rule.document()?;
        let name = rule.name;
        let _ = writeln!(out, "| [`{name}`]({name}.md) | {severity} | {title} | {since} |");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_document_that_agrees_with_the_table() {
        for rule in RULES {
            let document = rule.document().unwrap();
            assert_eq!(document.severity, rule.severity.name(), "{}", rule.name);
            assert!(!document.title.is_empty() && !document.references.is_empty(), "{}", rule.name);
            assert!(document.body.starts_with(&format!("# {}\n", rule.name)), "{}", rule.name);
        }
        let asked_for = |rule: &&Rule| {
            rule.severity == Severity::Error || rule.document().is_ok_and(|document| !document.compliance.is_empty())
        };
        let missing: Vec<_> = RULES.iter().filter(asked_for).filter(|rule| !rule.explains_verdict).collect();
        assert!(missing.is_empty(), "they say why a bucket is not enforced: {missing:?}");
        let names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        assert!(names.is_sorted(), "the table is in order");
    }

    #[test]
    fn every_document_belongs_to_a_rule() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = name.strip_suffix(".md").is_some_and(|rule| rule == "README" || find(rule).is_some());
            assert!(known || name == "controls.yaml", "rules/{name} belongs to no rule");
        }
    }

    #[test]
    fn the_index_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/README.md");
        let stored = std::fs::read_to_string(path).unwrap();
        assert_eq!(stored, index().unwrap(), "run: cargo run -- rules --format markdown --output rules/README.md");
    }

    #[test]
    fn a_typo_gets_a_suggestion() {
        assert_eq!(suggest("partial-denny"), Some("partial-deny"));
        assert_eq!(suggest("missing-policy"), Some("missing-bucket-policy"));
        assert_eq!(suggest("E501"), None);
    }
}
