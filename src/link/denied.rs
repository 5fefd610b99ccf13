//! The buckets that a policy can deny anything on, by what its Deny statements name: wherever else it may be, it makes
//! no difference there, so that nobody has to weigh each policy for each bucket.

use super::attach::each_text;
use super::deployment::{Deployment, PolicyId};
use super::index::TextIndex;
use crate::model::{Data, Entry, Piece, Symbol, SymbolKind, Text, Truth, Value};
use std::collections::HashMap;

/// What stands between an ARN's beginning and the name of its bucket.
const BEFORE_NAME: &str = ":::";
/// Characters by which a part of an ARN matches more than itself.
const SPECIAL: [char; 3] = ['*', '?', '$'];

/// The buckets on which a document can deny anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// Those of these names; none at all for a document that only allows.
    Named(Vec<Text>),
    /// Any, as far as its statements tell.
    Any,
}

impl Denied {
    pub(super) fn by(deployment: &Deployment, document: &Value) -> Self {
        let mut found = Vec::new();
        let known = with_resources(document, &mut |value| {
            let mut known = true;
            each_text(deployment, value, &mut |text| {
                let name = text.and_then(bucket_of).map(|(name, _)| name);
                known &= name.is_some();
                found.extend(name);
            });
            known.then(|| value.clone())
        });
        if known.is_none() {
            return Self::Any;
        }
        found.sort_unstable();
        found.dedup();
        Self::Named(found)
    }
}

/// A document with each resource that a statement names to deny something on it as `change` makes it; `None` where a
/// statement may be about resources that it does not name so, or where `change` gives none.
pub fn with_resources(document: &Value, change: &mut dyn FnMut(&Value) -> Option<Value>) -> Option<Value> {
    let statements = |value: &Value, change: &mut dyn FnMut(&Value) -> Option<Value>| {
        each(value, &mut |entries| {
            if allows(value_of(entries, "Effect")) {
                return Some(entries.to_vec());
            }
            under("Resource", entries, &mut |value| each_item(value, &mut *change))
        })
    };
    each(document, &mut |entries| under("Statement", entries, &mut |value| statements(value, &mut *change)))
}

/// The entries of a mapping.
type Changed<'c> = &'c mut dyn FnMut(&[Entry]) -> Option<Vec<Entry>>;

/// A value with each mapping that it may be, or list, changed.
fn each(value: &Value, change: Changed<'_>) -> Option<Value> {
    let data = match &value.data {
        Data::Choice { condition, then, otherwise } => Data::Choice {
            condition: condition.clone(),
            then: each(then, change)?.into(),
            otherwise: each(otherwise, change)?.into(),
        },
        Data::Json(inner) => Data::Json(each(inner, change)?.into()),
        Data::List(items) => Data::List(items.iter().map(|item| each(item, change)).collect::<Option<_>>()?),
        Data::Map(entries) => Data::Map(change(entries)?.into()),
        Data::Absent => Data::Absent,
        _ => return None,
    };
    Some(Value { data, ..value.clone() })
}

/// Entries with the value under a key changed; `None` where it is not there.
fn under(key: &str, entries: &[Entry], change: &mut dyn FnMut(&Value) -> Option<Value>) -> Option<Vec<Entry>> {
    value_of(entries, key)?;
    let one = |entry: &Entry| {
        let value = if entry.key == key { change(&entry.value)? } else { entry.value.clone() };
        Some(Entry { value, ..entry.clone() })
    };
    entries.iter().map(one).collect()
}

/// A value with each text that it may be, or list, changed.
fn each_item(value: &Value, change: &mut dyn FnMut(&Value) -> Option<Value>) -> Option<Value> {
    let data = match &value.data {
        Data::Choice { condition, then, otherwise } => Data::Choice {
            condition: condition.clone(),
            then: each_item(then, change)?.into(),
            otherwise: each_item(otherwise, change)?.into(),
        },
        Data::List(items) => Data::List(items.iter().map(|item| each_item(item, change)).collect::<Option<_>>()?),
        Data::Text(_) => return change(value),
        Data::Absent => Data::Absent,
        _ => return None,
    };
    Some(Value { data, ..value.clone() })
}

fn value_of<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Value> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn allows(effect: Option<&Value>) -> bool {
    effect.and_then(Value::scalar_text).as_ref().and_then(Text::as_literal) == Some("Allow")
}

/// The name of the one bucket that an ARN, and those of all objects that it matches, belong to, and what stands after the
/// name.
#[must_use]
pub fn bucket_of(arn: &Text) -> Option<(Text, Text)> {
    let mut name: Option<Text> = None;
    for (at, piece) in arn.pieces().iter().enumerate() {
        let mut literal = match piece {
            // What may hold any text may hold a wildcard, or a slash.
            Piece::Hole(symbol) if *symbol.kind() == SymbolKind::Free => return None,
            Piece::Hole(symbol) => {
                if let Some(name) = &mut name {
                    name.push(&Text::hole(symbol.clone()));
                }
                continue;
            }
            Piece::Literal(literal) => literal.as_str(),
        };
        if name.is_none() {
            let (before, after) = literal.split_once(BEFORE_NAME).unwrap_or((literal, ""));
            if before.contains(SPECIAL) {
                return None;
            }
            if before.len() == literal.len() {
                continue;
            }
            name = Some(Text::default());
            literal = after;
        }
        let (own, object) = literal.split_at(literal.find('/').unwrap_or(literal.len()));
        if own.contains(SPECIAL) {
            return None;
        }
        if let Some(name) = &mut name {
            name.push_str(own);
        }
        if !object.is_empty() {
            let mut rest = Text::literal(object);
            rest.extend(arn.pieces().get(at + 1..)?);
            return Some((name?, rest));
        }
    }
    Some((name?, Text::default()))
}

/// Policies by the buckets that they can deny anything on.
#[derive(Debug, Default)]
pub(super) struct ByDenied {
    any: Vec<PolicyId>,
    named: TextIndex<PolicyId>,
    /// Those that name a bucket whose name is made up.
    made_up: HashMap<Symbol, Vec<PolicyId>>,
    /// Those whose name of a bucket may come to be a made-up one.
    open: Vec<PolicyId>,
}

impl ByDenied {
    /// Takes in a policy; those come in order.
    pub(super) fn insert(&mut self, denied: &Denied, id: PolicyId) {
        let Denied::Named(names) = denied else { return self.any.push(id) };
        for name in names {
            if let Some(symbol) = made_up(name) {
                self.made_up.entry(symbol.clone()).or_default().push(id);
                continue;
            }
            self.named.insert(name.clone(), id);
            if name.as_literal().is_none() && self.open.last() != Some(&id) {
                self.open.push(id);
            }
        }
    }

    /// The policies that can deny anything on a bucket that is called one of `names`, in order. An empty name is one of
    /// which nothing is known.
    pub(super) fn on<'s>(&'s self, names: &[Text]) -> impl Iterator<Item = PolicyId> + use<'s> {
        let mut narrow: Vec<PolicyId> = Vec::new();
        for name in names {
            if let Some(symbol) = made_up(name) {
                narrow.extend(self.made_up.get(symbol).into_iter().flatten());
                narrow.extend(&self.open);
            } else if name.symbols().any(|symbol| symbol.kind().is_made_up()) || name.as_literal() == Some("") {
                narrow.extend(self.made_up.values().flatten());
                narrow.extend(self.named.all());
            } else {
                narrow.extend(self.named.fitting(name).into_iter().map(|(_, id, _)| *id));
            }
        }
        narrow.sort_unstable();
        narrow.dedup();
        merged(narrow, &self.any)
    }
}

/// Policies by a name of which a part is known: they may be on buckets that nothing else ties them to.
#[derive(Debug, Default)]
pub(super) struct Far {
    /// Those that can deny something on any bucket.
    any: TextIndex<PolicyId>,
    /// The others, and what they may be on.
    narrow: ByDenied,
    names: HashMap<PolicyId, Vec<Text>>,
}

impl Far {
    pub(super) fn insert(&mut self, names: Vec<Text>, denied: &Denied, id: PolicyId) {
        if names.is_empty() {
            return;
        }
        if *denied != Denied::Any {
            self.narrow.insert(denied, id);
            self.names.insert(id, names);
            return;
        }
        for name in names {
            self.any.insert(name, id);
        }
    }

    /// Those that may be on a bucket, and can deny something on what is called one of `names`.
    pub(super) fn fitting(&self, name: &Text, names: &[Text]) -> Vec<PolicyId> {
        let any = self.any.fitting(name).into_iter().map(|(_, id, _)| *id);
        let fits =
            |id: &PolicyId| self.names.get(id).is_some_and(|own| own.iter().any(|own| own.equals(name) != Truth::No));
        let mut found: Vec<PolicyId> = any.chain(self.narrow.on(names).filter(fits)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The symbol of a bucket's name that is made up as a whole.
fn made_up(name: &Text) -> Option<&Symbol> {
    name.as_symbol().filter(|symbol| symbol.kind().is_made_up())
}

/// Two ordered lists as one; no more is looked at than is asked for.
fn merged(narrow: Vec<PolicyId>, any: &[PolicyId]) -> impl Iterator<Item = PolicyId> {
    let (mut narrow, mut any) = (narrow.into_iter().peekable(), any.iter().copied().peekable());
    std::iter::from_fn(move || match (narrow.peek(), any.peek()) {
        (Some(one), Some(other)) if other < one => any.next(),
        (Some(_), _) => narrow.next(),
        (None, _) => any.next(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Unknown;
    use crate::source::{FileId, Span};

    /// A text of words: `*x` is an unknown that may be anything, `@x` the made-up name of a bucket, `&x` the Region or the
    /// like.
    fn text(words: &str) -> Text {
        let mut out = Text::default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            let kind = match word.get(..1) {
                Some("*") => SymbolKind::Free,
                Some("@") => SymbolKind::BucketName,
                Some("&") => SymbolKind::Pseudo,
                _ => {
                    out.push_str(word);
                    continue;
                }
            };
            let unknown = Unknown::new("unknown", Span::at(FileId(0), 0), "");
            out.push(&Text::hole(Symbol::new(word, kind, word, unknown)));
        }
        out
    }

    #[test]
    fn an_arn_names_one_bucket_or_none_that_is_known() {
        for (arn, name) in [
            ("arn:aws:s3:::data", Some("data")),
            ("arn:aws:s3:::data/*", Some("data")),
            ("arn: &partition :s3::: @Data /* *rest", Some("@Data")),
            ("arn:aws:s3:::b- &region -x/*", Some("b- &region -x")),
            ("arn:aws:s3:::data*", None),
            ("arn:aws:s3:::*", None),
            ("arn:*:s3:::data", None),
            ("arn:aws:s3:::da?a/*", None),
            ("arn:aws:s3:::$ {aws:username}", None),
            ("arn:aws:s3::: *name /*", None),
            ("*arn", None),
            ("*arn :::data", None),
            ("arn:aws:s3", None),
        ] {
            assert_eq!(bucket_of(&text(arn)).map(|(name, _)| name), name.map(text), "{arn}");
        }
    }

    #[test]
    fn what_stands_after_a_name_is_kept() {
        let rest = |arn: &str| bucket_of(&text(arn)).map(|(_, rest)| rest);
        assert_eq!(rest("arn:aws:s3::: @Data /a/ *rest x"), Some(text("/a/ *rest x")));
        assert_eq!(rest("arn:aws:s3:::data"), Some(Text::default()));
    }

    #[test]
    fn policies_are_found_by_what_they_can_deny() {
        let mut all = ByDenied::default();
        let named = |names: &[&str]| Denied::Named(names.iter().map(|name| text(name)).collect());
        let each = [named(&["a", "b"]), named(&["@X"]), Denied::Any, named(&["a- &region"]), named(&[]), named(&["b"])];
        let id = |at: usize| PolicyId::Resource(0, at);
        for (at, denied) in each.iter().enumerate() {
            all.insert(denied, id(at));
        }
        for (names, found) in [
            (&["a"][..], &[0, 2][..]),
            (&["b"], &[0, 2, 5]),
            (&["a", "@X"], &[0, 1, 2, 3]),
            (&["@Y"], &[2, 3]),
            (&["a-eu"], &[2, 3]),
            (&["*free"], &[0, 2, 3, 5]),
            (&[""], &[0, 1, 2, 3, 5]),
        ] {
            let called: Vec<Text> = names.iter().map(|name| text(name)).collect();
            let on: Vec<PolicyId> = all.on(&called).collect();
            assert_eq!(on, found.iter().map(|at| id(*at)).collect::<Vec<_>>(), "{called:?}");
        }
    }
}
