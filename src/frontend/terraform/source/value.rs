//! What expressions evaluate to. Like the model's values, but text remembers where each of its characters stands (a
//! heredoc is read as JSON later on), and resources and modules stay references until an attribute of them is asked
//! for.
//!
//! Two models, on purpose: whoever judges a policy would have to say what a set, an open list, an encoded value or a
//! resource as a whole means to it, of which only expressions know. They meet in `to_model` and `from_model`, here.

use super::super::address::Address;
use super::equal::Typing;
use super::number::{Decimal, canonical};
use super::tree::Located;
use crate::model::{self, Condition, Data, Entry, Piece, Symbol, SymbolKind, Text, Unknown};
use crate::source::Span;
use std::sync::Arc;

/// A value at its place.
#[derive(Clone, Debug)]
pub(super) struct Val {
    pub(super) span: Span,
    pub(super) data: Dat,
    /// How many containers lie in one another here, at most.
    nesting: u32,
    /// What is known of its type.
    pub(super) typing: Typing,
}

/// How deeply values may be nested: what walks them recurses.
const NESTING: u32 = 150;

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Dat {
    Null,
    /// Not there: one side of a choice among the items of an open list.
    Absent,
    Bool(bool),
    Number(String),
    Text(Arc<[Frag]>),
    List(Arc<[Val]>),
    /// Without duplicates, sorted where all is known.
    Set(Arc<[Val]>),
    /// Items of which some may not be there (a choice with nothing on one side), and in the place of each unknown one
    /// any number of others.
    Open(Arc<[Val]>),
    Object(Arc<[Member]>),
    /// One instance of a resource, data source or module.
    Instance(Arc<Address>),
    /// All instances of a block, when it is not known which there are.
    Instances(Arc<Address>),
    Unknown(Missing),
    /// One of two, by a condition on free variables.
    Choice(Arc<Choice>),
}

/// One of two values.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) condition: Condition,
    pub(super) then: Val,
    pub(super) otherwise: Val,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: Arc<str>,
    pub(super) key_span: Span,
    pub(super) value: Val,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum Frag {
    Literal(Located),
    Symbol(Symbol),
    /// The JSON encoding of a value.
    Json(Arc<Val>),
    /// Another encoding of a value. Only what decodes it looks into it.
    Encoded(Encoding, Arc<Val>),
}

/// How a text that is no JSON encodes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Yaml,
    /// Of a text.
    Base64,
}

impl Encoding {
    /// The function that encodes so.
    fn function(self) -> &'static str {
        match self {
            Encoding::Yaml => "yamlencode",
            Encoding::Base64 => "base64encode",
        }
    }
}

/// An unknown value.
#[derive(Clone, Debug)]
pub(super) struct Missing {
    pub(super) unknown: Arc<Unknown>,
    /// Two unknowns are the same value exactly where these are equal; `None` is equal to nothing.
    pub(super) id: Option<Arc<str>>,
    /// Terraform itself would fail here: `try` goes on to its next argument.
    pub(super) failed: bool,
}

impl Dat {
    fn nesting(&self) -> u32 {
        let deepest = match self {
            Dat::List(items) | Dat::Set(items) | Dat::Open(items) => items.iter().map(|item| item.nesting).max(),
            Dat::Object(members) => members.iter().map(|member| member.value.nesting).max(),
            Dat::Choice(choice) => Some(choice.then.nesting.max(choice.otherwise.nesting)),
            Dat::Text(frags) => {
                let encoded = frags.iter().filter_map(|frag| match frag {
                    Frag::Json(inner) | Frag::Encoded(_, inner) => Some(inner),
                    Frag::Literal(_) | Frag::Symbol(_) => None,
                });
                return encoded.map(|inner| inner.nesting + 1).max().unwrap_or(0);
            }
            _ => return 0,
        };
        deepest.unwrap_or(0) + 1
    }
}

impl Val {
    pub(super) fn new(span: Span, data: Dat) -> Val {
        let nesting = data.nesting();
        if nesting <= NESTING {
            let typing = Typing::of(&data);
            return Val { span, data, nesting, typing };
        }
        let unknown = Unknown::new("the value is nested too deeply", span, "nest it less");
        let missing = Missing { unknown: Arc::new(unknown), id: None, failed: false };
        Val { span, data: Dat::Unknown(missing), nesting: 0, typing: Typing::Unsure }
    }

    /// The same value, of whose type so much is known.
    pub(super) fn typed(self, typing: Typing) -> Val {
        Val { typing, ..self }
    }

    pub(super) fn null(span: Span) -> Val {
        Val::new(span, Dat::Null)
    }

    pub(super) fn bool(span: Span, flag: bool) -> Val {
        Val::new(span, Dat::Bool(flag))
    }

    /// A number; unknown where it is not known how Terraform writes it.
    pub(super) fn number(span: Span, number: &str) -> Val {
        Val::new(span, canonical(number).map_or_else(|| Dat::Unknown(rounded(number, span)), Dat::Number))
    }

    pub(super) fn text(span: Span, text: &str) -> Val {
        Val::frags(span, vec![Frag::Literal(Located::whole(text, span))])
    }

    pub(super) fn frags(span: Span, frags: Vec<Frag>) -> Val {
        Val::new(span, Dat::Text(frags.into()))
    }

    pub(super) fn symbol(span: Span, symbol: Symbol) -> Val {
        Val::frags(span, vec![Frag::Symbol(symbol)])
    }

    pub(super) fn json(span: Span, inner: Val) -> Val {
        Val::frags(span, vec![Frag::Json(Arc::new(inner))])
    }

    pub(super) fn encoded(span: Span, encoding: Encoding, inner: Val) -> Val {
        Val::frags(span, vec![Frag::Encoded(encoding, Arc::new(inner))])
    }

    pub(super) fn list(span: Span, items: Vec<Val>) -> Val {
        Val::new(span, Dat::List(items.into()))
    }

    /// A list in which each unknown item stands for any number of them, and a choice may be of nothing.
    pub(super) fn open_list(span: Span, items: Vec<Val>) -> Val {
        if items.iter().any(|item| item.missing().is_some() || item.may_be_absent()) {
            Val::new(span, Dat::Open(items.into()))
        } else {
            Val::list(span, items)
        }
    }

    pub(super) fn object(span: Span, members: Vec<Member>) -> Val {
        Val::new(span, Dat::Object(members.into()))
    }

    pub(super) fn choice(span: Span, condition: Condition, then: Val, otherwise: Val) -> Val {
        match condition {
            Condition::Always => then,
            Condition::Never => otherwise,
            condition => Val::new(span, Dat::Choice(Arc::new(Choice { condition, then, otherwise }))),
        }
    }

    pub(super) fn at(mut self, span: Span) -> Val {
        self.span = span;
        self
    }

    pub(super) fn missing(&self) -> Option<&Missing> {
        match &self.data {
            Dat::Unknown(missing) => Some(missing),
            _ => None,
        }
    }

    /// Whether Terraform fails to evaluate it.
    pub(super) fn has_failed(&self) -> bool {
        self.missing().is_some_and(|missing| missing.failed)
    }

    /// Whether Terraform may fail to evaluate a part of it.
    pub(super) fn may_fail_inside(&self) -> bool {
        let fails = |value: &Val| value.has_failed() || value.may_fail_inside();
        match &self.data {
            Dat::Choice(choice) => fails(&choice.then) || fails(&choice.otherwise),
            Dat::List(items) | Dat::Set(items) | Dat::Open(items) => items.iter().any(fails),
            Dat::Object(members) => members.iter().any(|member| fails(&member.value)),
            _ => false,
        }
    }

    /// Whether nothing stands on a side of a choice.
    pub(super) fn may_be_absent(&self) -> bool {
        match &self.data {
            Dat::Absent => true,
            Dat::Choice(choice) => choice.then.may_be_absent() || choice.otherwise.may_be_absent(),
            _ => false,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.data, Dat::Null)
    }

    /// The items of a list or set, and of one whose further items are not known.
    pub(super) fn open_items(&self) -> Option<&Arc<[Val]>> {
        match &self.data {
            Dat::List(items) | Dat::Set(items) | Dat::Open(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list or set of which all are known.
    pub(super) fn items(&self) -> Option<&Arc<[Val]>> {
        match &self.data {
            Dat::List(items) | Dat::Set(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn members(&self) -> Option<&Arc<[Member]>> {
        match &self.data {
            Dat::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn member(&self, key: &str) -> Option<&Val> {
        self.members()?.iter().find(|member| &*member.key == key).map(|member| &member.value)
    }

    /// The JSON value that the whole text encodes.
    pub(super) fn as_json(&self) -> Option<&Arc<Val>> {
        match &self.data {
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Json(inner)] => Some(inner),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value that the whole text encodes so.
    pub(super) fn as_encoded(&self, wanted: Encoding) -> Option<&Arc<Val>> {
        match &self.data {
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Encoded(encoding, inner)] if *encoding == wanted => Some(inner),
                _ => None,
            },
            _ => None,
        }
    }

    /// A scalar as parts of a text; an unknown becomes a hole. `None` for what no text can be made of.
    pub(super) fn as_frags(&self) -> Option<Vec<Frag>> {
        let literal = |text: &str| Some(vec![Frag::Literal(Located::whole(text, self.span))]);
        match &self.data {
            Dat::Text(frags) => Some(frags.to_vec()),
            Dat::Bool(flag) => literal(if *flag { "true" } else { "false" }),
            Dat::Number(number) => match canonical(number) {
                Some(number) => literal(&number),
                None => Some(vec![Frag::Symbol(rounded(number, self.span).symbol())]),
            },
            Dat::Unknown(missing) => Some(vec![Frag::Symbol(missing.symbol())]),
            _ => None,
        }
    }

    /// A scalar as the model's text; `None` for anything else, and where an encoded value is part of it.
    pub(super) fn as_text(&self) -> Option<Text> {
        if self.missing().is_some() {
            return None;
        }
        let mut text = Text::default();
        for frag in self.as_frags()? {
            match frag {
                Frag::Literal(located) => text.push_str(&located.text),
                Frag::Symbol(symbol) => text.push(&Text::hole(symbol)),
                Frag::Json(_) | Frag::Encoded(..) => return None,
            }
        }
        Some(text)
    }

    /// A scalar all of whose text is known.
    pub(super) fn as_literal(&self) -> Option<String> {
        self.as_text()?.as_literal().map(str::to_owned)
    }

    /// Known text, if it is short.
    fn as_word(&self) -> Option<String> {
        if self.weight() > 1 { None } else { self.as_literal() }
    }

    /// What it costs to copy the text of a scalar.
    pub(super) fn weight(&self) -> usize {
        let Dat::Text(frags) = &self.data else { return 0 };
        let length = frags.iter().map(|frag| if let Frag::Literal(located) = frag { located.text.len() } else { 0 });
        frags.len() / 8 + length.sum::<usize>() / 64
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        if matches!(self.data, Dat::Bool(_)) {
            return None;
        }
        canonical(&self.as_word()?)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The number, where it can be calculated with.
    pub(super) fn as_decimal(&self) -> Option<Decimal> {
        if matches!(self.data, Dat::Bool(_)) { None } else { Decimal::read(&self.as_word()?) }
    }

    /// The boolean, where it is known (`"true"` and `"1"` convert to one).
    pub(super) fn as_bool(&self) -> Option<bool> {
        match (&self.data, self.as_word()?.as_str()) {
            (Dat::Bool(flag), _) => Some(*flag),
            (Dat::Text(_), "true" | "1") => Some(true),
            (Dat::Text(_), "false" | "0") => Some(false),
            _ => None,
        }
    }

    /// The members in the order in which Terraform goes through them.
    pub(super) fn ordered(members: &[Member]) -> Vec<&Member> {
        let mut sorted: Vec<&Member> = members.iter().collect();
        sorted.sort_by(|one, two| one.key.cmp(&two.key));
        sorted
    }
}

impl Missing {
    /// The hole that the unknown leaves in a text.
    pub(super) fn symbol(&self) -> Symbol {
        // Values that are nested too deeply come without one; they never become part of a text.
        let key = format!("terraform-unknown:{}", self.id.as_deref().unwrap_or("deep"));
        Symbol::new(key, SymbolKind::Free, "${…}", (*self.unknown).clone())
    }
}

/// A number of which it is not known how Terraform rounds and writes it.
fn rounded(number: &str, span: Span) -> Missing {
    let cause = format!("how Terraform writes the number `{number}` is not known");
    let unknown = Unknown::new(cause, span, "write it as a string");
    Missing { unknown: Arc::new(unknown), id: None, failed: false }
}

/// Turns a value into the model's, as long as `fuel` lasts; shared parts are walked once for each place in which they
/// stand, so that what comes out is bounded.
pub(super) fn to_model(value: &Val, fuel: &mut u32) -> model::Value {
    let span = value.span;
    if *fuel == 0 {
        let unknown = Unknown::new("the value is too large to be evaluated", span, "make it smaller");
        return model::Value::unknown(unknown);
    }
    // Text may be shared: a copy of it is made for each place in which it stands.
    *fuel = fuel.saturating_sub(u32::try_from(1 + value.weight() * 4).unwrap_or(u32::MAX));
    if *fuel == 0 {
        return to_model(value, fuel);
    }
    let data = match &value.data {
        Dat::Null => Data::Null,
        Dat::Absent => Data::Absent,
        Dat::Bool(flag) => Data::Bool(*flag),
        Dat::Number(number) => Data::Number(number.clone()),
        Dat::Text(frags) => text_to_model(frags, span, fuel),
        Dat::List(items) | Dat::Set(items) | Dat::Open(items) => {
            Data::List(items.iter().map(|item| to_model(item, fuel)).collect())
        }
        Dat::Object(members) => {
            let entry = |member: &Member| Entry {
                key: member.key.to_string(),
                key_span: member.key_span,
                value: to_model(&member.value, fuel),
            };
            Data::Map(members.iter().map(entry).collect())
        }
        Dat::Instance(address) | Dat::Instances(address) => {
            let cause = format!("`{address}` stands here as a whole");
            Data::Unknown(Box::new(Unknown::new(cause, span, "name one of its attributes")))
        }
        Dat::Unknown(missing) => Data::Unknown(Box::new((*missing.unknown).clone())),
        Dat::Choice(choice) => Data::Choice {
            condition: choice.condition.clone(),
            then: Arc::new(to_model(&choice.then, fuel)),
            otherwise: Arc::new(to_model(&choice.otherwise, fuel)),
        },
    };
    model::Value::new(span, data)
}

fn text_to_model(frags: &[Frag], span: Span, fuel: &mut u32) -> Data {
    let mut text = Text::default();
    for (index, frag) in frags.iter().enumerate() {
        match frag {
            Frag::Literal(located) => text.push_str(&located.text),
            Frag::Symbol(symbol) => text.push(&Text::hole(symbol.clone())),
            Frag::Json(inner) if frags.len() == 1 => return Data::Json(Arc::new(to_model(inner, fuel))),
            Frag::Json(inner) => text.push(&encoded_hole("jsonencode", inner, span, index)),
            Frag::Encoded(encoding, inner) => text.push(&encoded_hole(encoding.function(), inner, span, index)),
        }
    }
    Data::Text(text)
}

/// The hole that an encoded value leaves in a text of which it is a part.
fn encoded_hole(function: &str, inner: &Val, span: Span, index: usize) -> Text {
    let cause = format!("a value that `{function}` encodes is part of a string");
    let unknown = Unknown::new(cause, inner.span, "encode the whole as JSON");
    let key = format!("terraform-{function}:{}:{}:{index}:{}", span.file.0, span.start, inner.span.start);
    Text::hole(Symbol::new(key, SymbolKind::Free, format!("${{{function}(…)}}"), unknown))
}

/// A value of the model, for evaluation. `missing` makes unknowns.
pub(super) fn from_model(value: &model::Value, missing: &impl Fn(Unknown) -> Missing) -> Val {
    let data = match &value.data {
        Data::Null => Dat::Null,
        Data::Absent => Dat::Absent,
        Data::Bool(flag) => Dat::Bool(*flag),
        Data::Number(number) => Dat::Number(number.clone()),
        Data::Text(text) => {
            let frag = |piece: &Piece| match piece {
                Piece::Literal(text) => Frag::Literal(Located::whole(text, value.span)),
                Piece::Hole(symbol) => Frag::Symbol(symbol.clone()),
            };
            Dat::Text(text.pieces().iter().map(frag).collect())
        }
        // In the model an unknown item stands for any number of them.
        Data::List(items) => {
            let items = items.iter().map(|item| from_model(item, missing)).collect();
            return Val::open_list(value.span, items);
        }
        Data::Map(entries) => {
            let member = |entry: &Entry| Member {
                key: entry.key.as_str().into(),
                key_span: entry.key_span,
                value: from_model(&entry.value, missing),
            };
            Dat::Object(entries.iter().map(member).collect())
        }
        Data::Json(inner) => Dat::Text([Frag::Json(Arc::new(from_model(inner, missing)))].into()),
        Data::Choice { condition, then, otherwise } => Dat::Choice(Arc::new(Choice {
            condition: condition.clone(),
            then: from_model(then, missing),
            otherwise: from_model(otherwise, missing),
        })),
        Data::Unknown(unknown) => Dat::Unknown(missing((**unknown).clone())),
    };
    Val::new(value.span, data)
}
