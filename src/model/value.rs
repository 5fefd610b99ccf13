//! Values after references are resolved.

use super::{Condition, Text, Unknown};
use crate::source::Span;
use std::sync::Arc;

/// A value with the place where it is written and the way it came from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Where it stands: the place a person would change first.
    pub span: Span,
    /// Places that the value passed through on its way here, nearest first (`!Ref`, parameter default, mapping,
    /// module argument). Usually empty.
    pub hops: Vec<Hop>,
    /// What it is.
    pub data: Data,
}

/// A place that a value passed through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Where.
    pub span: Span,
    /// What the place is: "default of parameter `Name`".
    pub what: String,
}

/// What a value is. Containers are shared, so that copies are cheap.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing (`null`).
    Null,
    /// A boolean that was written as one.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// Text, with holes where parts are unknown.
    Text(Text),
    /// A list.
    List(Arc<[Value]>),
    /// A mapping, in the order of the text; a key stands once.
    Map(Arc<[Entry]>),
    /// Text that is the JSON encoding of the value inside (`jsonencode`, `Fn::ToJsonString`, a document's `json`).
    Json(Arc<Value>),
    /// One of two values (`Fn::If`).
    Choice {
        /// What decides.
        condition: Condition,
        /// The value where it holds.
        then: Arc<Value>,
        /// The value where it does not.
        otherwise: Arc<Value>,
    },
    /// Left out (`AWS::NoValue`): the entry or item that holds it is not there.
    Absent,
    /// Not known, structure included.
    Unknown(Box<Unknown>),
}

/// An entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Value,
}

impl Value {
    /// A value at a place.
    #[must_use]
    pub fn new(span: Span, data: Data) -> Self {
        Self { span, hops: Vec::new(), data }
    }

    /// Known text at a place.
    #[must_use]
    pub fn text(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, Data::Text(Text::literal(text)))
    }

    /// A list at a place.
    #[must_use]
    pub fn list(span: Span, items: Vec<Value>) -> Self {
        Self::new(span, Data::List(items.into()))
    }

    /// A mapping at a place.
    #[must_use]
    pub fn map_of(span: Span, entries: Vec<Entry>) -> Self {
        Self::new(span, Data::Map(entries.into()))
    }

    /// An unknown at its place.
    #[must_use]
    pub fn unknown(unknown: Unknown) -> Self {
        Self::new(unknown.span, Data::Unknown(Box::new(unknown)))
    }

    /// The entry under `key` of a mapping.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.data {
            Data::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value under `key` of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The sides of a value that is one of several, each with where it holds.
    #[must_use]
    pub fn sides(&self) -> Vec<(Condition, Self)> {
        match &self.data {
            // Choices are nested no deeper than expressions are.
            Data::Choice { condition, then, otherwise } => {
                let under = |holds: Condition, side: &Self| {
                    let sides = side.sides().into_iter();
                    sides.map(move |(there, value)| (holds.clone().and(there), value))
                };
                let otherwise = under(Condition::not(condition.clone()), otherwise);
                under(condition.clone(), then).chain(otherwise).collect()
            }
            _ => vec![(Condition::Always, self.clone())],
        }
    }

    /// The IAM text of a scalar: booleans and numbers as their text. `None` for anything else.
    #[must_use]
    pub fn scalar_text(&self) -> Option<Text> {
        match &self.data {
            Data::Text(text) => Some(text.clone()),
            Data::Bool(flag) => Some(Text::literal(if *flag { "true" } else { "false" })),
            Data::Number(number) => Some(Text::literal(number.clone())),
            _ => None,
        }
    }
}
