//! The document and its statements.

use super::element::{self, Key};
use super::{Correction, Document, Effect, Element, Problem, Statement, Version, condition, principal};
use crate::model::{Data, Entry, Met, Unknown, Value};
use crate::policy::nearest::meant;
use crate::source::Span;

const DOCUMENT_KEYS: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT_KEYS: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl Document {
    /// Reads a document out of a value in which no choice is left. Where a document may be handed on as a string, the
    /// front end has decoded it: what is encoded still is a string to AWS, whatever it holds. Never fails: what AWS would reject is a
    /// [`Problem`], what is unknown is kept as unknown.
    #[must_use]
    pub fn read(value: &Value) -> Self {
        let mut document = Self {
            span: value.span,
            version: Version::V2008,
            statements: Vec::new(),
            unknown: Vec::new(),
            problems: Vec::new(),
            doubts: Vec::new(),
            deployed_in: None,
        };
        if matches!(value.data, Data::Absent | Data::Null) {
            document.problem(value.span, "this policy has no document", "write its document, with a `Statement`");
            return document;
        }
        match mapping(value) {
            Mapping::Entries(entries) => {
                document.read_entries(value.span, entries);
                value.visit(&mut |met| {
                    if let Met::Value(null @ Value { data: Data::Null, .. }) = met {
                        document.doubts.push(element::unknown_of(null));
                    }
                    true
                });
            }
            Mapping::Unknown(unknown) => document.unknown.push(unknown),
            Mapping::Other => {
                let (message, help) = match value.data {
                    Data::Text(_) => (
                        "a policy document is a mapping, and this string is not the JSON of one",
                        "write a mapping with `Version` and `Statement`",
                    ),
                    Data::Json(_) => ("this policy document is encoded as JSON twice", "encode it once"),
                    _ => ("a policy document is a mapping", "write a mapping with `Version` and `Statement`"),
                };
                document.problem(value.span, message, help);
            }
        }
        document
    }

    fn read_entries(&mut self, span: Span, entries: &[Entry]) {
        let foreign = element::foreign_keys(entries, DOCUMENT_KEYS, "a policy document", &mut self.problems);
        self.doubts.extend_from_slice(&foreign);
        self.unknown.extend(foreign);
        if let Some(entry) = element::entry(entries, "Version") {
            self.version = self.read_version(&entry.value);
        }
        let Some(statement) = element::entry(entries, "Statement") else {
            if self.unknown.is_empty() {
                self.problem(span, "this policy has no `Statement`", "add a `Statement` list");
            }
            return;
        };
        self.read_statements(&statement.value);
    }

    fn read_version(&mut self, value: &Value) -> Version {
        match element::scalar(value) {
            element::Scalar::Text(text) => match text.as_literal() {
                Some("2012-10-17") => Version::V2012,
                Some("2008-10-17") => Version::V2008,
                Some(other) => {
                    self.problem(value.span, "no such version of the policy language", "write `2012-10-17`");
                    self.instead(other, "2012-10-17");
                    Version::V2012
                }
                None => Version::Unknown(element::unknown_of_text(&text, value.span)),
            },
            element::Scalar::Unknown(unknown) => Version::Unknown(unknown),
            element::Scalar::Other => {
                self.problem(value.span, "`Version` is a string", "write `2012-10-17`");
                Version::V2012
            }
        }
    }

    fn read_statements(&mut self, value: &Value) {
        let Data::List(items) = &value.data else {
            return self.read_statement(value);
        };
        let mut any = false;
        for item in items.iter().filter(|item| !matches!(item.data, Data::Absent)) {
            any = true;
            self.read_statement(item);
        }
        if !any {
            self.problem(value.span, "this policy has no statements", "write at least one statement");
        }
    }

    /// A statement with an element missing is a problem; one that cannot be read is unknown.
    fn read_statement(&mut self, value: &Value) {
        match mapping(value) {
            Mapping::Entries(entries) => {
                let problems = self.problems.len();
                let foreign = element::foreign_keys(entries, STATEMENT_KEYS, "a statement", &mut self.problems);
                let uncertain = !foreign.is_empty();
                self.doubts.extend_from_slice(&foreign);
                self.unknown.extend(foreign);
                if uncertain || self.problems.len() > problems {
                    return;
                }
                if let Some(statement) = self.statement(value.span, entries) {
                    self.statements.push(statement);
                }
            }
            Mapping::Unknown(unknown) => self.unknown.push(unknown),
            Mapping::Other if matches!(value.data, Data::Json(_)) => {
                self.problem(
                    value.span,
                    "this is a string, whatever JSON it holds",
                    "do not encode a part of a document",
                );
            }
            Mapping::Other => self.problem(value.span, "a statement is a mapping", "write a mapping with an `Effect`"),
        }
    }

    fn statement(&mut self, span: Span, entries: &[Entry]) -> Option<Statement> {
        let effect = self.read_effect(span, entries);
        let live = !matches!(self.version, Version::V2008);
        let problems = &mut self.problems;
        let principal =
            one_of(span, entries, ["Principal", "NotPrincipal"], problems).map(|key| principal::read(&key, problems));
        let action = one_of(span, entries, ["Action", "NotAction"], problems).map(|key| {
            let action = element::read(&key, problems);
            super::check::actions(&action, problems);
            action
        });
        let resource =
            one_of(span, entries, ["Resource", "NotResource"], problems).map(|key| element::read(&key, problems));
        let conditions =
            condition::read(element::entry(entries, "Condition").map(|entry| &entry.value), live, problems);
        let sid = element::entry(entries, "Sid").and_then(|entry| {
            let text = entry.value.scalar_text()?;
            Some((text.as_literal()?.to_owned(), entry.value.span))
        });
        let (effect, effect_span) = effect?;
        Some(Statement {
            span,
            sid,
            effect,
            effect_span,
            principal: principal?,
            action: action?,
            resource: resource?,
            conditions: conditions.known,
            unknown_conditions: conditions.unknown,
        })
    }

    fn read_effect(&mut self, span: Span, entries: &[Entry]) -> Option<(Effect, Span)> {
        const HELP: &str = "write `Allow` or `Deny`, with a capital letter";
        let Some(entry) = element::entry(entries, "Effect") else {
            self.problem(span, "this statement has no `Effect`", HELP);
            return None;
        };
        let effect = match element::scalar(&entry.value) {
            element::Scalar::Text(text) => match text.as_literal() {
                Some("Allow") => Effect::Allow,
                Some("Deny") => Effect::Deny,
                Some(other) => {
                    self.problem(entry.value.span, "`Effect` is neither `Allow` nor `Deny`", HELP);
                    if let Some(near) = meant(other, ["Allow", "Deny"].into_iter()) {
                        self.instead(other, near);
                    }
                    return None;
                }
                None => Effect::Unknown(element::unknown_of_text(&text, entry.value.span)),
            },
            element::Scalar::Unknown(unknown) => Effect::Unknown(unknown),
            element::Scalar::Other => {
                self.problem(entry.value.span, "`Effect` is a string", HELP);
                return None;
            }
        };
        Some((effect, entry.value.span))
    }

    /// What was meant in the place of the text at which the last problem is.
    fn instead(&mut self, written: &str, meant: &str) {
        if let Some(problem) = self.problems.last_mut() {
            problem.instead = Some(Correction::Word { from: written.to_owned(), to: meant.to_owned() });
        }
    }

    fn problem(&mut self, span: Span, message: &str, help: &str) {
        self.problems.push(Problem { message: message.to_owned(), span, help: help.to_owned(), instead: None });
    }
}

/// Exactly one of an element and its negated twin must be there.
fn one_of<'a>(span: Span, entries: &'a [Entry], names: [&str; 2], problems: &mut Vec<Problem>) -> Option<Key<'a>> {
    let [name, negated_name] = names;
    match (element::entry(entries, name), element::entry(entries, negated_name)) {
        (Some(entry), None) => Some(Key { entry, negated: false }),
        (None, Some(entry)) => Some(Key { entry, negated: true }),
        (Some(_), Some(twin)) => {
            problems.push(Problem {
                message: format!("a statement cannot have both `{name}` and `{negated_name}`"),
                span: twin.key_span,
                help: format!("keep one of `{name}` and `{negated_name}`"),
                instead: None,
            });
            None
        }
        (None, None) => {
            // An Allow for everybody is nothing to be guessed.
            let is_deny = || literal(&element::entry(entries, "Effect")?.value).map(|effect| effect == "Deny");
            let everybody = name == "Principal" && is_deny() == Some(true);
            problems.push(Problem {
                message: format!("this statement has neither `{name}` nor `{negated_name}`"),
                span,
                help: if everybody {
                    format!("add `{name}`: a Deny for everybody names `\"*\"`")
                } else {
                    format!("add `{name}`")
                },
                instead: everybody.then_some(Correction::Everybody),
            });
            None
        }
    }
}

/// A value where the grammar wants a mapping.
pub(super) enum Mapping<'a> {
    /// It is one.
    Entries(&'a [Entry]),
    /// It may be one.
    Unknown(Unknown),
    /// It is none.
    Other,
}

/// Looks at a value where the grammar wants a mapping.
pub(super) fn mapping(value: &Value) -> Mapping<'_> {
    match &value.data {
        Data::Map(entries) => Mapping::Entries(entries),
        Data::Text(text) if text.as_literal().is_some() => Mapping::Other,
        Data::Bool(_) | Data::Number(_) | Data::List(_) | Data::Json(_) => Mapping::Other,
        _ => Mapping::Unknown(element::unknown_of(value)),
    }
}

impl<T> Element<T> {
    /// An element without items.
    pub(super) fn empty(key: &Key<'_>) -> Self {
        Self {
            negated: key.negated,
            span: key.entry.value.span,
            items: Vec::new(),
            unknown: Vec::new(),
            hops: Vec::new(),
        }
    }
}

fn literal(value: &Value) -> Option<String> {
    match element::scalar(value) {
        element::Scalar::Text(text) => text.as_literal().map(str::to_owned),
        _ => None,
    }
}
