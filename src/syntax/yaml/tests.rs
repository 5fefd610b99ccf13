use super::*;
use crate::source::FileId;
use crate::syntax::{Kind, Node};

fn parse(text: &str) -> Parse {
    parse_yaml(&Arc::new(SourceFile::new(FileId(0), "a.yaml", text)))
}

fn slice<'a>(parse: &'a Parse, node: Node<'_>) -> &'a str {
    parse.tree.source().slice(node.span())
}

/// A text, and what one walk over its tree finds.
fn outline(text: &str) -> String {
    let parse = parse(text);
    assert_eq!(parse.errors, [], "{text}");
    let mut out = String::new();
    show(parse.tree.root().unwrap(), &mut out);
    out
}

fn show(node: Node<'_>, out: &mut String) {
    out.push_str(node.tag().map(|tag| format!("{tag} ")).unwrap_or_default().as_str());
    match node.kind() {
        Kind::Mapping => {
            out.push('{');
            for (key, value) in node.entries() {
                show(key, out);
                out.push(':');
                show(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Kind::Sequence => {
            out.push('[');
            for item in node.items() {
                show(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Kind::Null => out.push('~'),
        Kind::String => out.push_str(&format!("{:?}", node.text().unwrap())),
        Kind::Bool(_) | Kind::Number => out.push_str(node.text().unwrap()),
    }
}

#[test]
fn merges_with_explicit_keys_winning() {
    let base = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\n";
    let c = |text: &str| outline(&format!("{base}c: {text}")).split_once("\"c\":").unwrap().1.to_owned();
    assert_eq!(c("{<<: *a, y: 9}"), r#"{"x":1,"y":9,},}"#);
    assert_eq!(c("{y: 9, <<: [*b, *a]}"), r#"{"x":1,"z":4,"y":9,},}"#.replace(r#""x":1,"z":4"#, r#""z":4,"x":1"#));
    assert_eq!(c("{<<: [*b, *a]}"), r#"{"y":3,"z":4,"x":1,},}"#);
    assert_eq!(c("{'<<': *a}"), r#"{"<<":{"x":1,"y":2,},},}"#);
    assert_eq!(c("{<<: {q: 1}}"), r#"{"q":1,},}"#);
    let parse = parse("a: {<<: 1}");
    assert_eq!(parse.errors.len(), 1);
    assert_eq!(parse.errors[0].span.range(), 8..9);
}
