use super::*;
use crate::syntax::Node;

fn parse(text: &str) -> Parse {
    parse_json(&Arc::new(SourceFile::new(FileId(0), "a.json", text)))
}

fn error(text: &str) -> (String, Range<usize>) {
    let parse = parse(text);
    assert_eq!(parse.errors.len(), 1, "{text}");
    (parse.errors[0].message.clone(), parse.errors[0].span.range())
}

#[test]
fn reads_with_places() {
    let text = "\u{FEFF}{\"a\": [1, -2.50e3, true, null, \"x\\u0041\\uD834\\uDD1E\\n\"], \"b\": {}}";
    let parse = parse(text);
    assert_eq!(parse.errors, []);
    let root = parse.tree.root().unwrap();
    assert_eq!(root.span().range(), 3..text.len());
    let items: Vec<_> = root.get("a").unwrap().items().map(|item| (item.kind(), item.text())).collect();
    let string = Some("xA\u{1D11E}\n");
    assert_eq!(
        items,
        [
            (Kind::Number, Some("1")),
            (Kind::Number, Some("-2.50e3")),
            (Kind::Bool(true), Some("true")),
            (Kind::Null, None),
            (Kind::String, string)
        ]
    );
    let (key, value) = root.entry("b").unwrap();
    assert_eq!(parse.tree.source().slice(key.span()), "\"b\"");
    assert_eq!(parse.tree.source().slice(value.span()), "{}");
}

#[test]
fn errors_are_located() {
    assert_eq!(error(r#"{"a": 01}"#), ("a number has no leading zeros".to_owned(), 7..8));
    assert_eq!(error(r#"{"a": 1,}"#), ("expected a key in double quotes, but found `}`".to_owned(), 8..9));
    assert_eq!(error(r#"["a"#), ("this string is not closed".to_owned(), 1..2));
    assert_eq!(error("[\"a\tb\"]"), ("U+0009 must be escaped in a string".to_owned(), 3..4));
    assert_eq!(error(r#"["\x"]"#).1, 2..4);
    assert_eq!(error(r#"["\uD834"]"#).1, 2..4);
    assert_eq!(error("[1 2]"), ("expected `,` or `]`, but found `2`".to_owned(), 3..4));
    assert_eq!(error("[] é"), ("expected nothing after the value, but found `é`".to_owned(), 3..5));
    assert_eq!(error(""), ("expected a value, but the text ends".to_owned(), 0..0));
    assert_eq!(error("{\"a\": \0}").0, "expected a value, but found U+0000");
}

#[test]
fn a_broken_text_keeps_its_first_half() {
    let parse = parse(r#"{"a": {"b": [1, 2"#);
    assert_eq!(parse.errors.len(), 1);
    let root = parse.tree.root().unwrap();
    let items: Vec<_> = root.get("a").unwrap().get("b").unwrap().items().filter_map(Node::text).collect();
    assert_eq!(items, ["1", "2"]);
    let parse = super::parse_json(&Arc::new(SourceFile::new(FileId(0), "a", r#"{"a" 1"#)));
    assert_eq!(parse.tree.root().unwrap().get("a").unwrap().kind(), Kind::Null);
}

#[test]
fn duplicates_have_both_places() {
    let many: Vec<String> = (0..100).map(|key| format!("\"k{}\": 0", key % 99)).collect();
    let text = format!("{{\"a\": 1, \"a\": 2, \"\\u0061\": {{{}}}}}", many.join(", "));
    let parse = parse(&text);
    let keys: Vec<_> = parse.duplicates.iter().map(|found| found.key.as_str()).collect();
    assert_eq!(keys, ["k0", "a", "a"]);
    let places = |found: &DuplicateKey| (found.first.start, found.second.start);
    assert_eq!(places(&parse.duplicates[1]), (1, 9));
    assert_eq!(places(&parse.duplicates[2]), (9, 17));
}

#[test]
fn limits_are_located_errors() {
    let deep = "[".repeat(100_000);
    assert_eq!(error(&deep), (TOO_DEEP.to_owned(), MAX_DEPTH..MAX_DEPTH + 1));
    assert_eq!(parse(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).errors, []);
}

#[test]
fn a_range_keeps_the_places_of_the_file() {
    let source = Arc::new(SourceFile::new(FileId(0), "a", r#"{"skip": 1, "take": {"a": "b"}}"#));
    let start = source.text().find("{\"a").unwrap();
    let parse = parse_json_at(&source, start..source.text().len() - 1);
    assert_eq!(parse.errors, []);
    assert_eq!(source.slice(parse.tree.root().unwrap().get("a").unwrap().span()), "\"b\"");
    assert_eq!(parse_json_at(&source, 5..400).errors.len(), 1);
}
