//! Documents out of JSON, with holes written `‹kind:name›`.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]
#![allow(clippy::print_stdout, clippy::format_collect, reason = "a test fails by panicking and tells its seed")]

pub mod random;
pub mod tree;
pub mod yaml;

use bucketlint::model::{Data, Date, Entry, Piece, Symbol, SymbolKind, Text, Unknown, Value};
use bucketlint::policy::{Decision, Document, Evaluation, Request, decide, evaluate};
use bucketlint::source::{FileId, Span};
use serde_json::Value as Json;
use std::sync::Arc;

pub fn span() -> Span {
    Span::at(FileId(0), 0)
}

/// Text with holes.
pub fn text(written: &str) -> Text {
    let mut out = Text::default();
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('‹') {
        out.push_str(before);
        let (hole, next) = after.split_once('›').expect("a hole ends");
        let (kind, name) = hole.split_once(':').expect("a hole has a kind");
        let kind = match kind {
            "free" => SymbolKind::Free,
            "partition" => SymbolKind::Partition,
            "pseudo" => SymbolKind::Pseudo,
            "name" => SymbolKind::BucketName,
            "attribute" => SymbolKind::Attribute,
            other => panic!("no kind {other}"),
        };
        let unknown = Unknown::new(format!("`{name}` is not known"), span(), "say what it is");
        out.push(&Text::hole(Symbol::new(name, kind, format!("${{{name}}}"), unknown)));
        rest = next;
    }
    out.push_str(rest);
    out
}

/// The day on which tests run.
pub fn today() -> Date {
    Date::parse("2027-01-01").expect("a day")
}

pub fn value(json: &Json) -> Value {
    let data = match json {
        Json::Null => Data::Null,
        Json::Bool(flag) => Data::Bool(*flag),
        Json::Number(number) => Data::Number(number.to_string()),
        Json::String(written) => Data::Text(text(written)),
        Json::Array(items) => Data::List(items.iter().map(value).collect()),
        Json::Object(map) => Data::Map(
            map.iter().map(|(key, json)| Entry { key: key.clone(), key_span: span(), value: value(json) }).collect(),
        ),
    };
    Value::new(span(), data)
}

pub fn document(policy: &Json) -> Document {
    Document::read(&value(policy))
}

/// Decides, and checks what the decision says of itself.
pub fn decide_document(document: &Document, bucket: &Text) -> Decision {
    let decision = decide(document, bucket, today());
    match &decision {
        Decision::Enforced { by } => assert!(by.is_sorted() && by.iter().all(|at| *at < document.statements.len())),
        Decision::Exposed { witness, .. } => assert_eq!(evaluate(document, witness), Evaluation::NotDenied),
        Decision::Undecided { because, .. } => assert!(!because.is_empty()),
    }
    decision
}

pub fn decide_for(policy: &Json, bucket: &Text) -> Decision {
    decide_document(&document(policy), bucket)
}

pub fn verdict_of(policy: &Json, bucket: &Text) -> &'static str {
    match decide_for(policy, bucket) {
        Decision::Enforced { .. } => "enforced",
        Decision::Exposed { .. } => "exposed",
        Decision::Undecided { .. } => "undecided",
    }
}

pub fn witness(policy: &Json, bucket: &Text) -> Option<Request> {
    match decide_for(policy, bucket) {
        Decision::Exposed { witness, .. } => Some(witness),
        _ => None,
    }
}

/// The document with a likely value for every unknown in its actions.
pub fn with_likely(document: &Document, likely: &str) -> Document {
    let mut document = document.clone();
    for statement in &mut document.statements {
        for item in &mut statement.action.items {
            item.pattern = item.pattern.substitute(&|symbol| {
                let mut unknown = symbol.unknown().clone();
                unknown.likely = Some(Arc::new(Value::text(span(), likely)));
                Some(Text::hole(symbol.because(unknown)))
            });
            assert!(item.pattern.pieces().iter().any(|piece| matches!(piece, Piece::Hole(_))));
        }
    }
    document
}
