//! The rules and their documents (`rules/<rule>.md`), which are the one source for `explain`, the generated index and
//! every report that tells what a rule means. The controls that rules check stand once for all of them
//! (`rules/controls.yaml`).

use crate::finding::Severity;
use serde::Deserialize;
use std::fmt::Write as _;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, in kebab case; never used again for another rule.
    pub name: &'static str,
    /// How bad its findings are; `undecided-policy` also gives notes.
    pub severity: Severity,
    /// Its document, front matter included.
    pub markdown: &'static str,
}

macro_rules! rules {
    ($($name:literal $severity:ident,)*) => {
        /// All rules, by name. A rule without its document does not compile.
        pub const RULES: [Rule; [$($name),*].len()] = [$(Rule {
            name: $name,
            severity: Severity::$severity,
            markdown: include_str!(concat!("../../rules/", $name, ".md")),
        }),*];
    };
}

rules! {
    "conditional-policy" Error,
    "conflicting-policies" Warning,
    "denies-everything" Warning,
    "http-not-denied" Error,
    "incomplete-input" Note,
    "invalid-policy" Error,
    "inverted-deny" Error,
    "missing-bucket-policy" Error,
    "never-deployed" Note,
    "orphan-policy" Note,
    "partial-deny" Error,
    "refused-policy" Warning,
    "undecided-policy" Warning,
    "unused-suppression" Note,
}

/// The rules that explain why a bucket is not enforced. A suppression that another tool has for the same control is
/// about these.
pub const OF_CONTROL: [&str; 7] = [
    "conditional-policy",
    "http-not-denied",
    "invalid-policy",
    "inverted-deny",
    "missing-bucket-policy",
    "partial-deny",
    "undecided-policy",
];

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
    const TABLE: &[Rule] = &RULES;
    TABLE.iter().find(|rule| rule.name == name)
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
        assert!(OF_CONTROL.iter().all(|rule| find(rule).is_some()));
        let asked_for = |rule: &&Rule| {
            rule.severity == Severity::Error || rule.document().is_ok_and(|document| !document.compliance.is_empty())
        };
        let missing: Vec<_> = RULES.iter().filter(asked_for).filter(|rule| !OF_CONTROL.contains(&rule.name)).collect();
        assert!(missing.is_empty(), "not in OF_CONTROL: {missing:?}");
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
