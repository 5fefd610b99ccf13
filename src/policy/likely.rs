//! The same policy with each unknown replaced by what it most probably is.

use super::{Condition, Document, Effect, Element, Pattern, PrincipalElement, PrincipalKind, Statement, Version};
use crate::model::{Data, Symbol, Text, Unknown, Value};
use crate::source::Span;

/// The document and the bucket's name with each unknown that has a likely value replaced by it. `None` where none has.
pub(super) fn replaced(document: &Document, bucket: &Text) -> Option<(Document, Text)> {
    let mut likely = Likely { changed: false };
    let bucket = likely.text(bucket);
    let mut document = document.clone();
    likely.document(&mut document);
    (likely.changed && document.problems.is_empty()).then_some((document, bucket))
}

/// All unknowns of a statement.
pub(super) fn unknowns(statement: &Statement) -> Vec<Unknown> {
    let mut found = Vec::new();
    if let Effect::Unknown(unknown) = &statement.effect {
        found.push(unknown.clone());
    }
    found.extend(statement.unknown_conditions.iter().cloned());
    let elements = [&statement.action, &statement.resource];
    found.extend(statement.principal.unknown.iter().chain(elements.iter().flat_map(|one| &one.unknown)).cloned());
    found.extend(statement.conditions.iter().flat_map(|condition| &condition.unknown).cloned());
    let items = elements.iter().flat_map(|one| &one.items).map(|item| &item.pattern);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values).map(|item| &item.pattern);
    let texts = items.chain(values).chain(statement.principal.items.iter().map(|item| &item.text));
    found.extend(texts.flat_map(Text::symbols).map(|symbol| symbol.unknown().clone()));
    found
}

struct Likely {
    changed: bool,
}

impl Likely {
    fn document(&mut self, document: &mut Document) {
        if let Version::Unknown(unknown) = &document.version {
            match literal(unknown).as_deref() {
                Some("2012-10-17") => document.version = Version::V2012,
                Some("2008-10-17") => document.version = Version::V2008,
                _ => return,
            }
            self.changed = true;
        }
        for statement in &mut document.statements {
            self.statement(statement);
        }
        let unknown = std::mem::take(&mut document.unknown);
        for unknown in unknown {
            let Some(more) = unknown.likely.as_deref().map(read_statements) else {
                document.unknown.push(unknown);
                continue;
            };
            self.changed = true;
            document.statements.extend(more.statements);
            document.unknown.extend(more.unknown);
            document.problems.extend(more.problems);
        }
    }

    fn statement(&mut self, statement: &mut Statement) {
        if let Effect::Unknown(unknown) = &statement.effect {
            let effect = match literal(unknown).as_deref() {
                Some("Deny") => Some(Effect::Deny),
                Some("Allow") => Some(Effect::Allow),
                _ => None,
            };
            if let Some(effect) = effect {
                statement.effect = effect;
                self.changed = true;
            }
        }
        let action = |text, span| Pattern { pattern: text, span };
        self.principals(&mut statement.principal);
        for element in [&mut statement.action, &mut statement.resource] {
            self.items(&mut element.items, &mut element.unknown, action);
            for item in &mut element.items {
                item.pattern = self.text(&item.pattern);
            }
        }
        for condition in &mut statement.conditions {
            self.condition(condition);
        }
    }

    fn principals(&mut self, element: &mut Element<PrincipalElement>) {
        let entry = |text, span| PrincipalElement { kind: PrincipalKind::Aws, text, span };
        self.items(&mut element.items, &mut element.unknown, entry);
        for item in &mut element.items {
            item.text = self.text(&item.text);
        }
    }

    fn condition(&mut self, condition: &mut Condition) {
        self.items(&mut condition.values, &mut condition.unknown, |text, span| Pattern { pattern: text, span });
        for value in &mut condition.values {
            value.pattern = self.text(&value.pattern);
        }
    }

    /// Unknown items become those that they probably are.
    fn items<T>(&mut self, items: &mut Vec<T>, unknown: &mut Vec<Unknown>, make: impl Fn(Text, Span) -> T) {
        unknown.retain(|unknown| {
            let Some(texts) = unknown.likely.as_deref().and_then(texts) else { return true };
            items.extend(texts.into_iter().map(|(text, span)| make(text, span)));
            self.changed = true;
            false
        });
    }

    fn text(&mut self, text: &Text) -> Text {
        let likely = |symbol: &Symbol| symbol.unknown().likely.as_deref().and_then(Value::scalar_text);
        let changed = text.substitute(&likely);
        self.changed |= changed != *text;
        changed
    }
}

/// The text of a likely value.
fn literal(unknown: &Unknown) -> Option<String> {
    unknown.likely.as_deref()?.scalar_text()?.as_literal().map(ToOwned::to_owned)
}

/// The texts of a scalar or of a list of scalars.
fn texts(value: &Value) -> Option<Vec<(Text, Span)>> {
    match &value.data {
        Data::List(items) => items.iter().map(|item| Some((item.scalar_text()?, item.span))).collect(),
        _ => Some(vec![(value.scalar_text()?, value.span)]),
    }
}

/// Statements out of a value that is a statement, a list of them, or a whole document.
fn read_statements(value: &Value) -> Document {
    if value.get("Statement").is_some() {
        return Document::read(value);
    }
    let entry = crate::model::Entry { key: "Statement".to_owned(), key_span: value.span, value: value.clone() };
    Document::read(&Value::map_of(value.span, vec![entry]))
}
