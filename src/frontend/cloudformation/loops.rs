//! `Fn::ForEach`: mappings whose entries are repeated over a collection.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>.

use super::reader::{Loops, Reader};
use crate::model::{Data, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) const PREFIX: &str = "Fn::ForEach::";

/// An entry of a mapping after its loops are unrolled.
pub(super) struct Expanded<'a> {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node<'a>,
    pub(super) loops: Loops,
}

/// The entries of a mapping, each key once, and what could not be unrolled.
#[derive(Default)]
pub(super) struct Entries<'a> {
    pub(super) list: Vec<Expanded<'a>>,
    pub(super) unknown: Option<Unknown>,
    index: BTreeMap<String, usize>,
}

/// No loops.
pub(super) fn none() -> Loops {
    Vec::new().into()
}

/// Fills in loop variables: `${Name}`, and `&{Name}` with all but letters and digits left out.
pub(super) fn fill(text: &str, loops: &Loops) -> String {
    let mut text = text.to_owned();
    for (name, value) in loops.iter() {
        if text.contains(name.as_str()) {
            text = text.replace(&format!("${{{name}}}"), value);
            let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            text = text.replace(&format!("&{{{name}}}"), &plain);
        }
    }
    text
}

/// Loops as a part of a symbol's key.
pub(super) fn shown(loops: &Loops) -> String {
    loops.iter().fold(String::new(), |mut out, (name, value)| {
        let _ = write!(out, ";{}'{name}={}'{value}", name.len(), value.len());
        out
    })
}

impl<'a> Entries<'a> {
    /// A key that stands twice counts where it stands last.
    fn push(&mut self, entry: Expanded<'a>) {
        if let Some(earlier) = self.index.get(&entry.key).and_then(|&at| self.list.get_mut(at)) {
            *earlier = entry;
        } else {
            self.index.insert(entry.key.clone(), self.list.len());
            self.list.push(entry);
        }
    }
}

impl<'a> Reader<'a> {
    /// The entries of a mapping with its loops unrolled.
    pub(super) fn entries(&mut self, node: Node<'a>) -> Entries<'a> {
        let mut out = Entries::default();
        self.collect(node, &mut out);
        out
    }

    fn collect(&mut self, node: Node<'a>, out: &mut Entries<'a>) {
        if !self.enter() {
            out.unknown = Some(Self::too_large(node.resolved().span()));
            return;
        }
        for (key, value) in node.entries() {
            if !self.spend(1) {
                out.unknown = Some(Self::too_large(node.resolved().span()));
                break;
            }
            // CloudFormation refuses such a key; what was meant by it is not known.
            let Some(text) = self.scalar(key) else {
                let unknown = Unknown::new("a key of this mapping is no string", key.span(), "put the key in quotes");
                out.unknown = Some(unknown);
                continue;
            };
            if text.starts_with(PREFIX) {
                self.unroll(key, value, out);
            } else {
                out.push(Expanded { key: text, key_span: key.span(), value, loops: self.loops.clone() });
            }
        }
        self.leave();
    }

    fn unroll(&mut self, key: Node<'a>, value: Node<'a>, out: &mut Entries<'a>) {
        let parts: Vec<_> = value.items().collect();
        let [identifier, collection, body] = parts.as_slice() else {
            out.unknown = Some(not_unrolled("is not a list of a variable, a collection and a mapping", value));
            return;
        };
        let name = identifier.text().unwrap_or("").to_owned();
        if name.is_empty() || body.kind() != Kind::Mapping {
            out.unknown = Some(not_unrolled("is not a list of a variable, a collection and a mapping", value));
            return;
        }
        let Some(items) = self.collection(*collection) else {
            out.unknown = Some(not_unrolled("goes over a collection that is not known", *collection));
            return;
        };
        for item in items {
            if !self.spend(1) {
                out.unknown = Some(Self::too_large(key.span()));
                return;
            }
            let loops = self.loops.iter().cloned().chain([(name.clone(), item)]).collect();
            self.within(loops, |reader| reader.collect(*body, out));
        }
    }

    /// The texts of a collection, where all are known.
    fn collection(&mut self, node: Node<'a>) -> Option<Vec<String>> {
        let value = self.value(node);
        let Data::List(items) = &value.data else { return None };
        let mut texts = Vec::new();
        for item in items.iter() {
            match &item.data {
                // A reference to a list among the items gives its items.
                Data::List(inner) => texts.extend(inner.iter().map(known).collect::<Option<Vec<_>>>()?),
                _ => texts.push(known(item)?),
            }
        }
        Some(texts)
    }
}

fn known(value: &Value) -> Option<String> {
    value.scalar_text()?.as_literal().map(str::to_owned)
}

fn not_unrolled(why: &str, node: Node<'_>) -> Unknown {
    Unknown::new(
        format!("a loop (`Fn::ForEach`) {why}"),
        node.resolved().span(),
        "loop over a list of literals, or give its parameter with `--parameters`",
    )
}
