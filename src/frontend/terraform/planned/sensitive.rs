//! Policies that are marked sensitive: they may be decided on, but no part of their text is ever shown.
//!
//! Other sensitive values (`facts`, and `variable` of the source) lose all of their text; here the words of the policy
//! language are left.

use super::super::json::concealed;
use crate::model::{Data, Entry, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Tree};

/// Whether an instance's entry marks a value as sensitive, or all of its values.
pub(crate) fn is_sensitive(entry: &Tree, name: &str) -> bool {
    let Some(root) = entry.root() else { return false };
    let change = root.get("change");
    let of_change = |name: &str| change.and_then(|change| change.get(name));
    let marks = [root.get("sensitive_values"), of_change("after_sensitive"), of_change("before_sensitive")];
    let is_true = |kind: Kind| kind == Kind::Bool(true);
    marks
        .into_iter()
        .flatten()
        .any(|marks| is_true(marks.kind()) || marks.get(name).is_some_and(|mark| is_true(mark.kind())))
}

/// A document whose parts all stand at `span`, and in which only the words of the policy language are left: who is
/// meant, and the values of conditions, become fixed texts without content.
pub(crate) fn redacted(text: &str, span: Span) -> Value {
    let document = concealed(text, span);
    if !matches!(document.data, Data::Map(_)) {
        return Value::text(span, "");
    }
    let mut redactor = Redactor { span, count: 0 };
    redactor.value(&document, "")
}

/// What may be known of a text that is not shown: whether it stands for itself alone.
pub(crate) fn kind_of(literal: &str) -> SymbolKind {
    let fixed = !literal.is_empty() && !literal.contains(['*', '?', '$']);
    if fixed { SymbolKind::Attribute } else { SymbolKind::Free }
}

struct Redactor {
    span: Span,
    count: usize,
}

impl Redactor {
    /// `key` is the nearest key of the policy language above.
    fn value(&mut self, value: &Value, key: &str) -> Value {
        let data = match &value.data {
            Data::List(items) => Data::List(items.iter().map(|item| self.value(item, key)).collect()),
            Data::Map(entries) => Data::Map(entries.iter().filter_map(|entry| self.entry(entry, key)).collect()),
            Data::Text(text) => Data::Text(self.text(text, key)),
            other => other.clone(),
        };
        Value::new(value.span, data)
    }

    fn entry(&mut self, entry: &Entry, above: &str) -> Option<Entry> {
        let inside = matches!(above, "Principal" | "NotPrincipal" | "Condition");
        if !inside && matches!(entry.key.as_str(), "Sid" | "Id") {
            return None;
        }
        let key = if inside { above } else { entry.key.as_str() };
        Some(Entry { key: entry.key.clone(), key_span: entry.key_span, value: self.value(&entry.value, key) })
    }

    fn text(&mut self, text: &Text, key: &str) -> Text {
        let literal = text.as_literal().unwrap_or("");
        let is_number = literal.parse::<f64>().is_ok();
        let shown = match key {
            "Principal" | "NotPrincipal" => literal == "*",
            "Condition" => matches!(literal, "true" | "false" | "*") || is_number,
            _ => true,
        };
        if shown {
            return text.clone();
        }
        self.count += 1;
        let unknown = Unknown::new("the policy is marked sensitive", self.span, "read it where it is written");
        let symbol_key = format!("{}:sensitive:{}:{}", self.span.file.0, self.span.start, self.count);
        Text::hole(Symbol::new(symbol_key, kind_of(literal), "(sensitive)", unknown))
    }
}
