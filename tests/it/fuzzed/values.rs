//! What holds for every value of a model: each of its places lies in a file of the run.

use bucketlint::model::{Data, Value};
use bucketlint::source::{Sources, Span};

/// A place lies in its file.
pub fn check_place(span: Span, sources: &Sources) {
    let text = sources.get(span.file).expect("a file of the run").text();
    assert!(span.start <= span.end && span.range().end <= text.len(), "{span:?}");
}

/// All places of a value lie in their files. Values are nested no deeper than evaluation goes.
pub fn check(value: &Value, sources: &Sources) {
    check_place(value.span, sources);
    value.hops.iter().for_each(|hop| check_place(hop.span, sources));
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| check(item, sources)),
        Data::Map(entries) => entries.iter().for_each(|entry| {
            check_place(entry.key_span, sources);
            check(&entry.value, sources);
        }),
        Data::Json(inner) => check(inner, sources),
        Data::Choice { then, otherwise, .. } => {
            check(then, sources);
            check(otherwise, sources);
        }
        Data::Text(text) => text.symbols().for_each(|symbol| check_place(symbol.unknown().span, sources)),
        Data::Unknown(unknown) => check_place(unknown.span, sources),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent => {}
    }
}
