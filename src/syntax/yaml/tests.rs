use super::*;
use crate::source::FileId;
use crate::syntax::limits::{MAX_DEPTH, TOO_DEEP, TOO_MANY};
use crate::syntax::{Kind, Node};
use std::fmt::Write;

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
    if let Some(tag) = node.tag() {
        out.push_str(tag);
        out.push(' ');
    }
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
        Kind::String => write!(out, "{:?}", node.text().unwrap()).unwrap(),
        Kind::Bool(_) | Kind::Number => out.push_str(node.text().unwrap()),
    }
}

#[test]
fn merges_with_explicit_keys_winning() {
    let base = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\n";
    let c = |text: &str| outline(&format!("{base}c: {text}")).split_once("\"c\":").unwrap().1.to_owned();
    assert_eq!(c("{<<: *a, y: 9}"), r#"{"x":1,"y":9,},}"#);
    assert_eq!(c("{y: 9, <<: [*b, *a]}"), r#"{"z":4,"x":1,"y":9,},}"#);
    assert_eq!(c("{<<: [*b, *a]}"), r#"{"y":3,"z":4,"x":1,},}"#);
    assert_eq!(c("{'<<': *a}"), r#"{"<<":{"x":1,"y":2,},},}"#);
    assert_eq!(c("{<<: {q: 1}}"), r#"{"q":1,},}"#);
    let parse = parse("a: {<<: 1}");
    assert_eq!(parse.errors.len(), 1);
    assert_eq!(parse.errors[0].span.range(), 8..9);
}

#[test]
fn aliases_keep_both_places() {
    let parse = parse("a: &x !Sub 'é'\nb: *x\nc: [&y [1], *y]\n");
    assert_eq!(parse.errors, []);
    let b = parse.tree.root().unwrap().get("b").unwrap();
    assert!(b.is_alias());
    assert_eq!((b.text(), b.tag()), (Some("é"), Some("!Sub")));
    assert_eq!(slice(&parse, b), "*x");
    assert_eq!(slice(&parse, b.resolved()), "'é'");
    assert_eq!(parse.tree.source().slice(b.tag_span().unwrap()), "!Sub");
    let c: Vec<_> = parse.tree.root().unwrap().get("c").unwrap().items().collect();
    assert_eq!(c[1].items().next().map(Node::id), c[0].items().next().map(Node::id));
}

#[test]
fn scalars_are_read_as_cloudformation_reads_them() {
    let shown = outline("a: [yes, 'yes', 012, 2012-10-17, ~, !Ref yes, ! 12, !!str no, !!int '3', !!bool On, 1_0]");
    let expected = r#"{"a":[yes,"yes",012,"2012-10-17",~,!Ref "yes","12","no",3,On,1_0,],}"#;
    assert_eq!(shown, expected);
}

#[test]
fn containers_span_their_content() {
    let parse = parse("a: # c\n  b: 1\n  c:\n  - x\n  # d\n\ne: {f: [g]} # h\n");
    let root = parse.tree.root().unwrap();
    assert_eq!(slice(&parse, root.get("a").unwrap()), "b: 1\n  c:\n  - x");
    assert_eq!(slice(&parse, root.get("a").unwrap().get("c").unwrap()), "- x");
    assert_eq!(slice(&parse, root.get("e").unwrap()), "{f: [g]}");
    let comments: Vec<_> = parse.comments.spans(FileId(0)).map(|span| parse.tree.source().slice(span)).collect();
    assert_eq!(comments, ["# c", "# d", "# h"]);
}

#[test]
fn nothing_stands_after_its_colon() {
    let parse = parse("a:\n  b:  # c\n  d:\ne:\n");
    let a = parse.tree.root().unwrap().get("a").unwrap();
    assert_eq!(a.get("b").unwrap().span().range(), 7..7);
    assert_eq!(a.get("d").unwrap().kind(), Kind::Null);
    assert_eq!(parse.tree.root().unwrap().get("e").unwrap().span().range(), 20..20);
}

#[test]
fn a_broken_text_keeps_its_first_half() {
    let parse = parse("a: 1\nb:\n  - x\n  - [y, z\nc: }\n");
    assert_eq!(parse.errors.len(), 1);
    let root = parse.tree.root().unwrap();
    assert_eq!(root.get("a").and_then(Node::text), Some("1"));
    let first = root.get("b").unwrap().items().next();
    assert_eq!(first.and_then(Node::text), Some("x"));
}

fn only_error(text: &str) -> (String, usize) {
    let parse = parse(text);
    assert_eq!(parse.errors.len(), 1, "{:?}", parse.errors);
    (parse.errors[0].message.clone(), parse.errors[0].span.range().start)
}

#[test]
fn errors_are_located() {
    assert_eq!(only_error("a: b\n---\nc: d\n").1, 5);
    assert_eq!(only_error("a: b\n...\n# c\n---\nc: d\n").1, 13);
    assert_eq!(only_error("é: 1\nb: *none\n").1, 9);
    assert_eq!(only_error("a: &x [*x]").1, 7);
    assert_eq!(only_error("a: b\0c: d").1, 4);
    assert_eq!(only_error("\u{FEFF}{é: 1, ] }").1, 11);
    assert_eq!(only_error("a: [1,\n").1, 7);
}

#[test]
fn limits_are_located_errors() {
    let deep = "- ".repeat(100_000);
    assert_eq!(only_error(&deep), (TOO_DEEP.to_owned(), 2 * MAX_DEPTH));
    for open in ["[", "{", "? ", "{a: ", "[a, ", "- - ? "] {
        assert_eq!(parse(&open.repeat(100_000)).errors.len(), 1, "{open}");
    }
    let mut laughs = "a0: &a0 [x]\n".to_owned();
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..1000 {
        let before = level - 1;
        let nine = format!("*a{before}, ").repeat(9);
        writeln!(laughs, "a{level}: &a{level} [{nine}]").unwrap();
        writeln!(chain, "a{level}: &a{level} [*a{before}]").unwrap();
    }
    assert_eq!(only_error(&laughs).0, TOO_MANY);
    assert_eq!(only_error(&chain).0, TOO_DEEP);
}

#[test]
fn two_merge_keys_are_an_error() {
    let parse = parse("a: &a {x: 1}\nb: &b {x: 2}\nc:\n  <<: *a\n  y: 1\n  <<: *b\n");
    let [error] = &parse.errors[..] else { panic!("{:?}", parse.errors) };
    assert!(error.message.starts_with("`<<` stands twice"), "{error:?}");
    assert_eq!(parse.tree.source().position(error.span.start).line, 6);
    assert!(parse.duplicates.is_empty(), "it is told once");
    let quoted = self::parse("c:\n  '<<': 1\n  '<<': 2\n");
    assert_eq!((quoted.errors.len(), quoted.duplicates.len()), (0, 1));
}

#[test]
fn merges_are_bounded() {
    let keys = (0..5000).map(|key| format!("k{key}: 0")).collect::<Vec<_>>().join(", ");
    let mut text = format!("a: &a {{{keys}}}\n");
    for key in 0..5000 {
        writeln!(text, "m{key}: {{<<: *a}}").unwrap();
    }
    assert_eq!(only_error(&text).0, TOO_MANY);
}

#[test]
fn white_space_in_brackets_and_quotes_means_nothing() {
    let shown = outline("a:\n  b: \"é\nx\"\n  c: {\n  d: e,\nf: [\ng\n]\n}\n  h: i\n");
    assert_eq!(shown, r#"{"a":{"b":"é x","c":{"d":"e","f":["g",],},"h":"i",},}"#);
    // The block around goes on at the lines that are not in the brackets.
    assert_eq!(parse("a:\n  b: [\nc\n]\nd: e\n").tree.root().unwrap().entries().count(), 2);
    let parse = parse(&format!("a:\n  b: [{}\n", "\nc,".repeat(100_000)));
    assert_eq!(parse.errors.len(), 1, "there is an end to reading again");
}

#[test]
fn pairs_without_braces_hold_whatever_a_value_can_be() {
    for (text, shown) in [
        ("a: !F [M, !R E, I, D: []]\n", r#"{"a":!F ["M",!R "E","I",{"D":[],},],}"#),
        ("a: !S ['${A}', A: !T [0, !U [',', !R L]]]\n", r#"{"a":!S ["${A}",{"A":!T [0,!U [",",!R "L",],],},],}"#),
        ("- [b: [é]]\n", r#"[[{"b":["é",],},],]"#),
        ("- [b: {c: d}, e: [f]]\n", r#"[[{"b":{"c":"d",},},{"e":["f",],},],]"#),
        ("%YAML 1.1\n---\n[a: [b]]\n", r#"[{"a":["b",],},]"#),
        ("[a]: b\nc: d\n", r#"{["a",]:"b","c":"d",}"#),
        ("a: |+\n", r#"{"a":"",}"#),
        ("a: |+\n\n", r#"{"a":"\n",}"#),
    ] {
        assert_eq!(parse(text).errors, [], "{text}");
        assert_eq!(outline(text), shown, "{text}");
    }
}
