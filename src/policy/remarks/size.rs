//! The size of a policy: at most 20 KB, as it is sent.

use super::{Remark, refused};
use crate::model::{Data, Entry, Piece, SymbolKind, Text, Value};
use crate::source::Span;

/// Bytes of the largest policy: "Bucket policies are limited to 20 KB in size".
const MAX: usize = 20 * 1024;

pub(super) fn check(span: Span, value: &Value) -> Option<Remark> {
    let least = least(value, 0);
    (least > MAX).then(|| {
        refused(
            span,
            format!("this policy has at least {least} bytes, and S3 takes {MAX}"),
            "Policy exceeds the maximum allowed document size.",
            "s3-size",
            "join statements, or move some of it into identity policies".to_owned(),
        )
    })
}

/// Deeper values are not measured: each of their levels is at least two bytes, which are not missed.
const MAX_DEPTH: usize = 64;

/// The least bytes of a value as compact JSON; what is not known counts its least.
fn least(value: &Value, depth: usize) -> usize {
    if depth > MAX_DEPTH {
        return 0;
    }
    let inside = |value: &Value| least(value, depth + 1);
    match &value.data {
        Data::Null | Data::Bool(true) => 4,
        Data::Bool(false) => 5,
        Data::Number(number) => number.len(),
        Data::Text(text) => 2 + text_bytes(text),
        Data::List(items) => {
            let there = items.iter().filter(|item| !matches!(item.data, Data::Absent));
            let (count, sum) = there.fold((0_usize, 0_usize), |(count, sum), item| (count + 1, sum + inside(item)));
            2 + sum + count.saturating_sub(1)
        }
        Data::Map(entries) => {
            let there = entries.iter().filter(|entry| !matches!(entry.value.data, Data::Absent));
            let one = |entry: &Entry| 3 + escaped(&entry.key) + inside(&entry.value);
            let (count, sum) = there.fold((0_usize, 0_usize), |(count, sum), entry| (count + 1, sum + one(entry)));
            2 + sum + count.saturating_sub(1)
        }
        // The document itself may be given as JSON text.
        Data::Json(value) => inside(value),
        Data::Choice { then, otherwise, .. } => inside(then).min(inside(otherwise)),
        Data::Absent | Data::Unknown(_) => 0,
    }
}

fn text_bytes(text: &Text) -> usize {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => escaped(text),
        Piece::Hole(symbol) => usize::from(*symbol.kind() != SymbolKind::Free),
    };
    text.pieces().iter().map(piece).sum()
}

/// The bytes of a text in a JSON string.
fn escaped(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            c if (c as u32) < 0x20 => 6,
            c => c.len_utf8(),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_is_measured_is_compact_json() {
        let span = Span::at(FileId(0), 0);
        let text = |text: &str| Value::text(span, text);
        let entry = |key: &str, value| Entry { key: key.to_owned(), key_span: span, value };
        let entries = vec![entry("a", text("b\"")), entry("c", Value::list(span, vec![text(""), text("d")]))];
        let map = Value::new(span, Data::Map(entries.into()));
        assert_eq!(least(&map, 0), r#"{"a":"b\"","c":["","d"]}"#.len());
        assert!(check(span, &text(&"x".repeat(MAX - 2))).is_none());
        assert!(check(span, &text(&"x".repeat(MAX - 1))).is_some());
    }
}
