//! Properties of the readers, over arbitrary and over well-formed text.

use bucketlint::source::{FileId, SourceFile};
use bucketlint::syntax::embedded::{self, EmbeddedPiece};
use bucketlint::syntax::{Kind, Node, Parse, parse, parse_json, parse_yaml};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

fn source(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new(FileId(0), "test", text))
}

/// Spans lie in the text, on character boundaries, and in the span of their container.
fn check_places(parse: &Parse) {
    let text = parse.tree.source().text();
    let fits = |range: std::ops::Range<usize>| assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
    parse.errors.iter().for_each(|error| fits(error.span.range()));
    parse.comments.spans(parse.tree.source().id()).for_each(|span| fits(span.range()));
    let mut open: Vec<Node<'_>> = parse.tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        fits(node.span().range());
        let children = node.items().chain(node.entries().flat_map(|(key, value)| [key, value]));
        let merged = text.contains("<<");
        for child in children.collect::<Vec<_>>() {
            let (inner, outer) = (child.span(), node.span());
            let nested = outer.start <= inner.start && inner.end <= outer.end;
            assert!(nested || merged || node.is_alias(), "{inner:?} is not in {outer:?} of {text:?}");
            if !node.is_alias() {
                open.push(child);
            }
        }
    }
}

/// The content as `serde_json` has it.
fn value(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(value),
        Kind::Number => serde_json::from_str(node.text().unwrap()).unwrap(),
        Kind::String => Value::String(node.text().unwrap().to_owned()),
        Kind::Sequence => node.items().map(value).collect(),
        Kind::Mapping => node.entries().map(|(key, entry)| (key.text().unwrap().to_owned(), value(entry))).collect(),
    }
}

fn against_serde(text: &str) {
    let parsed = parse_json(&source(text));
    check_places(&parsed);
    match serde_json::from_str::<Value>(text) {
        Ok(expected) => {
            assert_eq!(parsed.errors, [], "{text:?}");
            assert_eq!(value(parsed.tree.root().unwrap()), expected, "{text:?}");
            check_scalars(&parsed);
        }
        // serde_json has these two limits of its own.
        Err(error) if error.to_string().starts_with("number out of range") => {}
        Err(error) if error.to_string().starts_with("recursion limit exceeded") => {}
        Err(error) => assert!(!parsed.errors.is_empty(), "we accept {text:?}, serde_json says {error}"),
    }
}

/// The span of every JSON scalar is JSON of that scalar, and its map leads from each character to its source.
fn check_scalars(parse: &Parse) {
    let mut open: Vec<Node<'_>> = parse.tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        open.extend(node.items().chain(node.entries().flat_map(|(key, value)| [key, value])));
        let slice = parse.tree.source().slice(node.span());
        assert_eq!(serde_json::from_str::<Value>(slice).unwrap(), value(node));
        let Some(text) = node.string() else { continue };
        let map = embedded::scalar_map(node);
        for (at, character) in text.char_indices() {
            let origin = &parse.tree.source().text()[map.range(at..at + character.len_utf8())];
            let decoded: String = serde_json::from_str(&format!("\"{origin}\"")).unwrap();
            assert_eq!(decoded, character.to_string(), "in {slice}");
        }
    }
}

/// Text made of what JSON is made of.
fn json_like() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\"a\""),
        Just("\"a\":"),
        Just("\"\\u00e9\\n\""),
        Just("\"\\uD834\\uDD1E\""),
        Just("\"\\uD834\""),
        Just("\\"),
        Just("0"),
        Just("-"),
        Just("12"),
        Just("1.5e-3"),
        Just("1E400"),
        Just("01"),
        Just("true"),
        Just("false"),
        Just("null"),
        Just("nul"),
        Just(" "),
        Just("\n"),
        Just("\t"),
        Just("é"),
        Just("\u{1}"),
        Just("{}"),
        Just("[1,"),
        Just("\u{FEFF}"),
    ];
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Text made of what YAML is made of.
fn yaml_like() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("a"),
        Just("b: "),
        Just("- "),
        Just("? "),
        Just(": "),
        Just("\n"),
        Just("\n  "),
        Just("\n    "),
        Just("\r\n"),
        Just("\r"),
        Just("\t"),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(","),
        Just("&x "),
        Just("*x"),
        Just("!Ref "),
        Just("!!str "),
        Just("!"),
        Just("|\n"),
        Just(">-\n"),
        Just("|2+\n"),
        Just("\""),
        Just("'"),
        Just("\\"),
        Just("# c"),
        Just(" #"),
        Just("---\n"),
        Just("...\n"),
        Just("<<: "),
        Just("é"),
        Just("𝄞"),
        Just("%TAG"),
        Just("\u{FEFF}"),
        Just("\0"),
        Just("  "),
        Just("x y"),
        Just("\\\n"),
        Just("''"),
    ];
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    // The same cases from run to run: the fuzz targets are there to find new ones.
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    })]

    #[test]
    fn json_is_what_serde_json_says(text in json_like()) {
        // A byte-order mark is ours to skip, not serde_json's.
        against_serde(text.trim_start_matches('\u{FEFF}'));
    }

    #[test]
    fn json_values_come_back(value in json_value(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        against_serde(&text.unwrap());
    }

    #[test]
    fn json_in_a_string_is_the_same_json(content in json_value()) {
        let inner = serde_json::to_string(&content).unwrap();
        let file = source(&serde_json::to_string(&[inner]).unwrap());
        let outer = parse_json(&file);
        let node = outer.tree.root().unwrap().items().next().unwrap();
        let parsed = embedded::parse(&file, &embedded::fragments(node));
        prop_assert_eq!(&parsed.errors, &[]);
        check_places(&parsed);
        let mut open = vec![(parsed.tree.root().unwrap(), &content)];
        while let Some((node, expected)) = open.pop() {
            match expected {
                Value::Array(items) => open.extend(node.items().zip(items)),
                Value::Object(map) => open.extend(map.iter().map(|(key, value)| {
                    (node.entries().find(|(name, _)| plain(*name) == *key).unwrap().1, value)
                })),
                Value::String(text) => prop_assert_eq!(&plain(node), text),
                other => prop_assert_eq!(&value(node), other),
            }
        }
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        check_places(&parse(&source(&text)));
        check_places(&parse_yaml(&source(&text)));
    }

    #[test]
    fn yaml_never_panics(text in yaml_like()) {
        let parsed = parse_yaml(&source(&text));
        check_places(&parsed);
        for node in parsed.tree.root().into_iter().flat_map(|root| root.items().chain(root.entries().map(|e| e.1)).collect::<Vec<_>>()) {
            let map = embedded::scalar_map(node);
            prop_assert_eq!(map.len(), node.text().unwrap_or("").len());
            check_places(&embedded::parse(parsed.tree.source(), &embedded::fragments(node)));
        }
    }
}

/// The text of a node that holds no hole.
fn plain(node: Node<'_>) -> String {
    let piece = |piece| match piece {
        EmbeddedPiece::Literal(text) => text,
        EmbeddedPiece::Hole(index) => panic!("hole {index}"),
    };
    embedded::node_pieces(node).into_iter().map(piece).collect()
}
