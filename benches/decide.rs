//! Deciding policies of 1, 100 and 1,000 statements: `cargo bench --bench decide`.

use bucketlint::model::{Data, Date, Entry, Text, Value};
use bucketlint::policy::{Document, decide};
use bucketlint::source::{FileId, Span};

fn main() {
    divan::main();
}

fn span() -> Span {
    Span::at(FileId(0), 0)
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    let entry = |(key, value): (&str, Value)| Entry { key: key.to_owned(), key_span: span(), value };
    Value::map_of(span(), entries.into_iter().map(entry).collect())
}

fn text(text: &str) -> Value {
    Value::new(span(), Data::Text(Text::literal(text)))
}

/// A Deny of insecure transport.
fn deny(principal: Value, action: &str, resource: &str) -> Value {
    let bool_is = map(vec![("aws:SecureTransport", text("false"))]);
    map(vec![
        ("Effect", text("Deny")),
        ("Principal", principal),
        ("Action", text(action)),
        ("Resource", text(resource)),
        ("Condition", map(vec![("Bool", bool_is)])),
    ])
}

fn document(statements: Vec<Value>) -> Document {
    Document::read(&map(vec![("Version", text("2012-10-17")), ("Statement", Value::list(span(), statements))]))
}

fn run(bencher: divan::Bencher, statements: Vec<Value>) {
    let document = document(statements);
    let bucket = Text::literal("data");
    bencher.bench_local(|| decide(divan::black_box(&document), divan::black_box(&bucket), Date::default()));
}

const COUNTS: [usize; 2] = [100, 1_000];

/// The two statements that enforce.
fn canonical() -> [Value; 2] {
    ["arn:aws:s3:::data", "arn:aws:s3:::data/*"].map(|resource| deny(text("*"), "s3:*", resource))
}

#[divan::bench]
fn canonical_policy(bencher: divan::Bencher) {
    run(bencher, canonical().into());
}

#[divan::bench(args = COUNTS)]
fn prefixes(bencher: divan::Bencher, count: usize) {
    let one = |number| deny(text("*"), "s3:*", &format!("arn:aws:s3:::data/prefix-{number}/*"));
    run(bencher, (0..count).map(one).collect());
}

#[divan::bench(args = COUNTS)]
fn prefixes_then_canonical(bencher: divan::Bencher, count: usize) {
    let one = |number| deny(text("*"), "s3:*", &format!("arn:aws:s3:::data/prefix-{number}/*"));
    run(bencher, (0..count).map(one).chain(canonical()).collect());
}

#[divan::bench(args = COUNTS)]
fn actions(bencher: divan::Bencher, count: usize) {
    let one = |number| deny(text("*"), &format!("s3:Action{number}*"), "arn:aws:s3:::data/*");
    run(bencher, (0..count).map(one).collect());
}

#[divan::bench(args = COUNTS)]
fn principals_then_canonical(bencher: divan::Bencher, count: usize) {
    let one = |number| {
        let principal = map(vec![("AWS", text(&format!("arn:aws:iam::111122223333:role/r{number}")))]);
        deny(principal, "s3:*", "arn:aws:s3:::data/*")
    };
    run(bencher, (0..count).map(one).chain(canonical()).collect());
}
