use super::*;
use crate::syntax::{parse_json, parse_yaml};

fn source(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new(FileId(0), "a", text))
}

/// For each character of the text of the value under `a`, the bytes that it came from.
fn origins(text: &str) -> Vec<(String, String)> {
    let file = source(text);
    let parsed = if text.starts_with('{') { parse_json(&file) } else { parse_yaml(&file) };
    assert_eq!(parsed.errors, [], "{text}");
    let node = parsed.tree.root().unwrap().get("a").unwrap();
    let map = scalar_map(node);
    let decoded = node.text().unwrap();
    assert_eq!(map.len(), decoded.len(), "{text}");
    let origin = |(at, c): (usize, char)| {
        let range = map.range(at..at + c.len_utf8());
        (c.to_string(), file.text().get(range).unwrap().to_owned())
    };
    decoded.char_indices().map(origin).collect()
}

/// Where the origin is not the character itself.
fn changed(text: &str) -> Vec<(String, String)> {
    origins(text).into_iter().filter(|(c, origin)| c != origin).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
}

#[test]
fn every_style_maps_to_its_source() {
    assert_eq!(changed("a: plain text"), []);
    assert_eq!(changed("a: plain\n   over\n\n   lines"), pairs(&[(" ", "\n   "), ("\n", "\n\n   ")]));
    assert_eq!(changed("a: 'it''s é'"), pairs(&[("'", "''")]));
    assert_eq!(
        changed("a: \"q\\\"\\x41\\u00e9\\U0001F600\\n b\\\n  c\""),
        pairs(&[("\"", "\\\""), ("A", "\\x41"), ("é", "\\u00e9"), ("😀", "\\U0001F600"), ("\n", "\\n")])
    );
    assert_eq!(changed(r#"{"a": "\"\u0022\uD834\uDD1E\/x"}"#).len(), 4);
    assert_eq!(
        changed("a: |\n  é one\n    two\n\n  three\nb: 1").iter().map(|(c, _)| c.as_str()).collect::<String>(),
        { "\n\n\n\n" }
    );
    assert_eq!(changed("a: >-\n  one\n  two\n\n  three\n    four\n"), {
        pairs(&[(" ", "\n  "), ("\n", "\n\n  "), ("\n", "\n  ")])
    });
    assert_eq!(changed("a: |2-\n    two\r\n  x"), pairs(&[("\n", "\r\n  ")]));
}

#[test]
fn json_in_a_string_points_into_the_file() {
    let file = source(r#"{"a": "{\"Effect\": \"D\u0065ny\", \"n\": [1, true]}"}"#);
    let outer = parse_json(&file);
    let inner = parse(&file, &fragments(outer.tree.root().unwrap().get("a").unwrap()));
    assert_eq!(inner.errors, []);
    let root = inner.tree.root().unwrap();
    let effect = root.get("Effect").unwrap();
    assert_eq!(effect.text(), Some("Deny"));
    assert_eq!(file.slice(effect.span()), r#"\"D\u0065ny\""#);
    let one = root.get("n").unwrap().items().next().unwrap();
    assert_eq!(file.slice(one.span()), "1");
    assert_eq!(file.slice(root.span()), r#"{\"Effect\": \"D\u0065ny\", \"n\": [1, true]}"#);
}

#[test]
fn json_nests_in_strings_of_strings() {
    let innermost = r#"{"k": "v\n"}"#;
    let middle = format!("[{}]", serde_json::to_string(innermost).unwrap());
    let file = source(&format!("{{\"a\": {}}}", serde_json::to_string(&middle).unwrap()));
    let outer = parse_json(&file);
    let first = parse(&file, &fragments(outer.tree.root().unwrap().get("a").unwrap()));
    assert_eq!(first.errors, []);
    let second = parse(&file, &fragments(first.tree.root().unwrap().items().next().unwrap()));
    assert_eq!(second.errors, []);
    let (key, value) = second.tree.root().unwrap().entry("k").unwrap();
    assert_eq!(value.text(), Some("v\n"));
    assert_eq!(file.slice(key.span()), r#"\\\"k\\\""#);
    let map = scalar_map(value);
    assert_eq!(file.text().get(map.range(0..1)).unwrap(), "v");
    assert_eq!(file.text().get(map.range(1..2)).unwrap(), r"\\\\n");
}

fn text(file: &SourceFile, part: &str) -> Fragment {
    let start = file.text().find(part).unwrap();
    Fragment::Text { text: part.to_owned(), map: OffsetMap::verbatim(start, part.len()) }
}

fn hole(file: &SourceFile, index: usize, part: &str) -> Fragment {
    let start = file.text().find(part).unwrap();
    Fragment::Hole { index, span: Span::new(file.id(), start, start + part.len()) }
}

#[test]
fn holes_stand_in_strings_and_for_values() {
    let file = source(r#"{"a": "arn:${B}/x${C}", "b": ${D}, "${E}": 1}"#);
    let parts = [
        text(&file, r#"{"a": "arn:"#),
        hole(&file, 7, "${B}"),
        text(&file, "/x"),
        hole(&file, 8, "${C}"),
        text(&file, r#"", "b": "#),
        hole(&file, 9, "${D}"),
        text(&file, r#", ""#),
        hole(&file, 10, "${E}"),
        text(&file, r#"": 1}"#),
    ];
    let parsed = parse(&file, &parts);
    assert_eq!(parsed.errors, []);
    let root = parsed.tree.root().unwrap();
    let a = root.get("a").unwrap();
    let expected =
        [EmbeddedPiece::Literal("arn:"), EmbeddedPiece::Hole(7), EmbeddedPiece::Literal("/x"), EmbeddedPiece::Hole(8)];
    assert_eq!(node_pieces(a), expected);
    assert!(!is_bare(a));
    assert_eq!(file.slice(a.span()), r#""arn:${B}/x${C}""#);
    let b = root.get("b").unwrap();
    assert_eq!(node_pieces(b), [EmbeddedPiece::Hole(9)]);
    assert!(is_bare(b));
    assert_eq!(file.slice(b.span()), "${D}");
    let (key, _) = root.entries().last().unwrap();
    assert_eq!(node_pieces(key), [EmbeddedPiece::Hole(10)]);
    assert!(!is_bare(key));
    let again = fragments(a);
    assert_eq!(again[1], hole(&file, 7, "${B}"));
    assert_eq!(again[2], text(&file, "/x"));
}

#[test]
fn holes_elsewhere_are_errors() {
    let file = source(r#"{"a": 1${B}, ${C}: 2}"#);
    for (before, name, after) in [(r#"{"a": 1"#, "${B}", "}"), ("{", "${C}", ": 2}")] {
        let parsed = parse(&file, &[text(&file, before), hole(&file, 0, name), text(&file, after)]);
        assert_eq!(parsed.errors.len(), 1);
        assert_eq!(file.slice(parsed.errors[0].span), name);
        assert!(parsed.errors[0].message.ends_with("a part that is not known"), "{:?}", parsed.errors);
    }
}

#[test]
fn input_cannot_forge_a_hole() {
    for forged in ["\u{10FFFF}0;", "\\uDBFF\\uDFFF0;", "\u{10FFFF}\u{10FFFF}", "\u{10FFFF}"] {
        let json = format!("[\"{forged}\"]");
        let file = source(&json);
        let parsed = parse(&file, &[Fragment::Text { text: json.clone(), map: OffsetMap::verbatim(0, json.len()) }]);
        assert_eq!(parsed.errors, []);
        let node = parsed.tree.root().unwrap().items().next().unwrap();
        let joined: String = node_pieces(node)
            .into_iter()
            .map(|piece| match piece {
                EmbeddedPiece::Literal(text) => text,
                EmbeddedPiece::Hole(_) => panic!("{forged:?} became a hole"),
            })
            .collect();
        assert_eq!(joined, forged.replace("\\uDBFF\\uDFFF", "\u{10FFFF}"));
        assert_eq!(scalar_map(node).len(), node.text().unwrap().len());
    }
    let file = source("\u{10FFFF}");
    let map = OffsetMap::verbatim(0, 4);
    let bare = parse(&file, &[Fragment::Text { text: "\u{10FFFF}".to_owned(), map }]);
    assert_eq!(bare.errors.len(), 1, "outside quotes it is no value");
}
