//! What all elements share: keys, scalars, lists of texts, and unknowns in their place.

use super::{Correction, Element, Pattern, Problem};
use crate::model::{Data, Entry, Hop, Text, Unknown, Value, is_canonical};
use crate::policy::nearest::meant;
use crate::source::Span;

/// An element of a statement under its key.
pub(super) struct Key<'a> {
    /// Key and value.
    pub(super) entry: &'a Entry,
    /// True for the `Not…` form.
    pub(super) negated: bool,
}

/// A value where the grammar wants one text.
pub(super) enum Scalar {
    /// Text, or a boolean or number as its IAM text.
    Text(Text),
    /// It may be text.
    Unknown(Unknown),
    /// It is none.
    Other,
}

/// The entry under `key`, unless it is left out.
pub(super) fn entry<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key == key && !matches!(entry.value.data, Data::Absent))
}

/// Looks at a value where the grammar wants one text. A list of one text is that text.
pub(super) fn scalar(value: &Value) -> Scalar {
    let value = match &value.data {
        Data::List(items) => match items.as_ref() {
            [one] => one,
            _ => return Scalar::Other,
        },
        _ => value,
    };
    match (value.scalar_text(), &value.data) {
        (Some(text), _) => Scalar::Text(text),
        (None, Data::List(_) | Data::Map(_)) => Scalar::Other,
        _ => Scalar::Unknown(unknown_of(value)),
    }
}

/// Reads the items of an element: one text or a list of texts, at least one.
pub(super) fn read(key: &Key<'_>, problems: &mut Vec<Problem>) -> Element<Pattern> {
    let texts = texts(&key.entry.value, false);
    texts.report(&key.entry.key, problems);
    let mut element = Element::empty(key);
    element.items = texts.items;
    element.unknown = texts.unknown;
    element.hops = texts.hops;
    element
}

/// A value where the grammar wants a text or a list of texts.
pub(super) struct Texts {
    /// Where it stands.
    pub(super) span: Span,
    /// The texts.
    pub(super) items: Vec<Pattern>,
    /// Items that may be any number of texts.
    pub(super) unknown: Vec<Unknown>,
    /// Items that are no texts.
    pub(super) wrong: Vec<Span>,
    /// Places that the value, or one of its items, passed through.
    pub(super) hops: Vec<Hop>,
}

/// Looks at a value where the grammar wants a text or a list of texts, or numbers that are taken as such (`numbers`).
pub(super) fn texts(value: &Value, numbers: bool) -> Texts {
    let (items, hops): (&[Value], _) = match &value.data {
        Data::List(items) => (items, value.hops.clone()),
        _ => (std::slice::from_ref(value), Vec::new()),
    };
    let mut texts = Texts { span: value.span, items: Vec::new(), unknown: Vec::new(), wrong: Vec::new(), hops };
    for item in items {
        texts.hops.extend_from_slice(&item.hops);
        match &item.data {
            Data::Absent => {}
            Data::List(_) | Data::Map(_) => texts.wrong.push(item.span),
            Data::Number(number) if !numbers && !is_canonical(number) => {
                texts.unknown.push(Unknown::rewritten(number, item.span));
            }
            _ => match item.scalar_text() {
                Some(pattern) => texts.items.push(Pattern { pattern, span: item.span }),
                None => texts.unknown.push(unknown_of(item)),
            },
        }
    }
    texts
}

impl Texts {
    /// True where there certainly is no text.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.unknown.is_empty() && self.wrong.is_empty()
    }

    /// Reports an empty list and items that are no texts.
    pub(super) fn report(&self, name: &str, problems: &mut Vec<Problem>) {
        if self.is_empty() {
            problems.push(Problem {
                message: format!("`{name}` is empty"),
                span: self.span,
                help: format!("give `{name}` at least one value"),
                instead: None,
            });
        }
        problems.extend(self.wrong.iter().map(|&span| Problem {
            message: format!("an item of `{name}` is not a string"),
            span,
            help: format!("write each item of `{name}` as a string"),
            instead: None,
        }));
    }
}

/// Reports keys that the grammar lacks. The documentation does not say whether AWS takes a known key in other letter
/// case, so that is handed back as unknown.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
pub(super) fn foreign_keys(entries: &[Entry], known: &[&str], of: &str, problems: &mut Vec<Problem>) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    for entry in entries {
        if known.contains(&entry.key.as_str()) || matches!(entry.value.data, Data::Absent) {
            continue;
        }
        if let Some(key) = known.iter().find(|key| key.eq_ignore_ascii_case(&entry.key)) {
            unknown.push(other_case(&entry.key, key, entry.key_span));
            continue;
        }
        let near = meant(&entry.key, known.iter().copied());
        problems.push(Problem {
            message: format!("`{}` is no key of {of}", entry.key),
            span: entry.key_span,
            help: match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{of} has {}", list(known)),
            },
            instead: near.map(|near| Correction::Word { from: entry.key.clone(), to: near.to_owned() }),
        });
    }
    unknown
}

/// A word of the grammar in other letter case.
pub(super) fn other_case(written: &str, documented: &str, span: Span) -> Unknown {
    Unknown::new(
        format!("only the spelling `{documented}` is documented, not `{written}`"),
        span,
        format!("write `{documented}`"),
    )
}

fn list(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

/// Why a value that is no text, list or mapping is not known.
pub(super) fn unknown_of(value: &Value) -> Unknown {
    match &value.data {
        Data::Unknown(unknown) => (**unknown).clone(),
        Data::Text(text) => unknown_of_text(text, value.span),
        Data::Null => Unknown::new("what AWS makes of `null` here is not documented", value.span, "leave it out"),
        Data::Choice { .. } => Unknown::new(
            "this value hangs on a condition",
            value.span,
            "give the values that the condition reads with `--parameters` or `--var-file`",
        ),
        _ => Unknown::new("this value cannot be read as a part of a policy", value.span, "write it out in the policy"),
    }
}

/// Why a text with holes is not known: its first hole.
pub(super) fn unknown_of_text(text: &Text, span: Span) -> Unknown {
    match text.symbols().next() {
        Some(symbol) => symbol.unknown().clone(),
        None => Unknown::new("this value cannot be read as a part of a policy", span, "write it out in the policy"),
    }
}
