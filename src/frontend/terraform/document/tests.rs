//! The provider's rendering and merging, case by case.

use super::*;
use crate::source::FileId;
use std::sync::Arc;

fn at(offset: usize) -> Span {
    Span::new(FileId(0), offset, offset + 1)
}

fn text(text: &str) -> Value {
    Value::text(at(1), text)
}

fn list(items: &[&str]) -> Value {
    Value::list(at(2), items.iter().map(|item| text(item)).collect())
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    let entry = |(key, value): (&str, Value)| Entry { key: key.to_owned(), key_span: at(3), value };
    Value::map_of(at(4), entries.into_iter().map(entry).collect())
}

fn unknown(cause: &str) -> Value {
    Value::unknown(Unknown::new(cause, at(9), ""))
}

fn json(statements: Vec<Value>) -> Value {
    let document = map(vec![("Version", text("2008-10-17")), ("Statement", Value::list(at(5), statements))]);
    Value::new(at(6), Data::Json(Arc::new(document)))
}

/// JSON of a value, for comparison; `?` for what is unknown, with its likely value.
fn shown(value: &Value) -> String {
    match &value.data {
        Data::Unknown(unknown) => match &unknown.likely {
            Some(likely) => format!("?{}", shown(likely)),
            None => "?".to_owned(),
        },
        Data::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(",")),
        Data::Map(entries) => {
            let entry = |entry: &Entry| format!("{}:{}", entry.key, shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        _ => value.scalar_text().unwrap().shown(),
    }
}

fn statements(arguments: Vec<(&str, Value)>) -> String {
    shown(assemble(&map(arguments), at(0)).get("Statement").unwrap())
}

#[test]
fn a_statement_block_becomes_a_statement() {
    let everyone = map(vec![("type", text("*")), ("identifiers", list(&["*"]))]);
    let transport = map(vec![
        ("test", text("Bool")),
        ("variable", text("aws:SecureTransport")),
        ("values", Value::list(at(2), vec![Value::new(at(1), Data::Bool(false))])),
    ]);
    let statement = map(vec![
        ("sid", text("tls")),
        ("effect", text("Deny")),
        ("actions", list(&["s3:*"])),
        ("not_actions", Value::new(at(1), Data::Null)),
        ("resources", list(&["arn:aws:s3:::b/&{aws:username}/*"])),
        ("not_resources", list(&[])),
        ("principals", Value::list(at(1), vec![everyone])),
        ("condition", Value::list(at(1), vec![transport])),
    ]);
    let document = assemble(&map(vec![("statement", Value::list(at(1), vec![statement]))]), at(0));
    assert_eq!(
        shown(&document),
        "{Version:2012-10-17,Statement:[{Sid:tls,Effect:Deny,Action:[s3:*],\
         Resource:[arn:aws:s3:::b/${aws:username}/*],Principal:*,\
         Condition:{Bool:{aws:SecureTransport:[false]}}}]}"
    );
}

#[test]
fn an_omitted_effect_means_allow() {
    let null = Value::new(at(1), Data::Null);
    for effect in [vec![], vec![("effect", null)], vec![("effect", text(""))]] {
        let statement = Value::list(at(1), vec![map(effect)]);
        assert_eq!(statements(vec![("statement", statement)]), "[{Effect:Allow}]");
    }
    let statement = Value::list(at(1), vec![map(vec![("effect", unknown("e"))])]);
    assert_eq!(statements(vec![("statement", statement)]), "[{Effect:?}]", "an unknown effect is no Allow");
}

#[test]
fn principals_and_conditions_are_joined() {
    let principal = |kind: &str, id: &str| map(vec![("type", text(kind)), ("identifiers", list(&[id]))]);
    let condition = |test: &str, variable: &str, value: &str| {
        map(vec![("test", text(test)), ("variable", text(variable)), ("values", list(&[value]))])
    };
    let statement = map(vec![
        ("effect", text("Deny")),
        (
            "principals",
            Value::list(at(1), vec![principal("AWS", "1"), principal("Service", "s"), principal("AWS", "2")]),
        ),
        (
            "condition",
            Value::list(
                at(1),
                vec![
                    condition("Bool", "a", "1"),
                    condition("Null", "a", "2"),
                    condition("Bool", "a", "3"),
                    condition("Bool", "b", "4"),
                ],
            ),
        ),
    ]);
    assert_eq!(
        statements(vec![("statement", Value::list(at(1), vec![statement]))]),
        "[{Effect:Deny,Principal:{AWS:[1,2],Service:[s]},Condition:{Bool:{a:[1,3],b:[4]},Null:{a:[2]}}}]"
    );
}

#[test]
fn later_statements_take_the_place_of_earlier_ones_with_their_sid() {
    let statement = |sid: &str, effect: &str| map(vec![("Sid", text(sid)), ("Effect", text(effect))]);
    let own = |sid: &str, effect: &str| map(vec![("sid", text(sid)), ("effect", text(effect))]);
    let source =
        Value::list(at(1), vec![json(vec![statement("a", "1"), statement("", "2")]), json(vec![statement("a", "3")])]);
    let overriding = Value::list(at(1), vec![json(vec![statement("b", "6")])]);
    let arguments = vec![
        ("override_policy_documents", overriding),
        ("source_policy_documents", source),
        ("statement", Value::list(at(1), vec![own("b", "4"), own("c", "5")])),
        ("override_json", json(vec![statement("c", "7")])),
    ];
    assert_eq!(statements(arguments), "[{Sid:a,Effect:3},{Sid:,Effect:2},{Sid:b,Effect:6},{Sid:c,Effect:7}]");
}

#[test]
fn an_unknown_override_may_replace_what_has_a_sid() {
    let own = vec![map(vec![("sid", text("a"))]), map(vec![])];
    let arguments = vec![
        ("statement", Value::list(at(1), own.clone())),
        ("override_policy_documents", Value::list(at(1), vec![unknown("later")])),
    ];
    assert_eq!(statements(arguments), "[?,{Effect:Allow},?]");
    let arguments = vec![
        ("statement", Value::list(at(1), own)),
        ("source_policy_documents", Value::list(at(1), vec![unknown("earlier")])),
    ];
    assert_eq!(statements(arguments), "[?,{Effect:Allow,Sid:a},{Effect:Allow}]", "a source replaces nothing later");
    let arguments = vec![
        ("statement", Value::list(at(1), vec![map(vec![("sid", text("b"))]), unknown("dynamic")])),
        ("source_json", json(vec![map(vec![("Sid", text("a"))])])),
    ];
    let wanted = "[?,{Effect:Allow,Sid:b},?]";
    assert_eq!(statements(arguments), wanted, "no two own statements have the same sid");
}

#[test]
fn the_latest_version_wins() {
    let version = |arguments| shown(assemble(&map(arguments), at(0)).get("Version").unwrap());
    assert_eq!(version(vec![("version", text("2008-10-17")), ("source_json", json(vec![]))]), "2008-10-17");
    assert_eq!(version(vec![("source_json", json(vec![]))]), "2012-10-17");
    assert_eq!(version(vec![("version", unknown("v"))]), "?");
    assert_eq!(version(vec![("version", Value::new(at(1), Data::Null))]), "2012-10-17");
}

#[test]
fn unknown_parts_stay_where_they_are() {
    let condition = map(vec![("test", unknown("t")), ("variable", text("v")), ("values", list(&["1"]))]);
    let star = map(vec![("type", text("*")), ("identifiers", Value::list(at(1), vec![unknown("i")]))]);
    let statement = map(vec![
        ("effect", text("Deny")),
        ("resources", Value::list(at(1), vec![unknown("r"), unknown("s")])),
        ("principals", Value::list(at(1), vec![star])),
        ("condition", Value::list(at(1), vec![condition])),
    ]);
    assert_eq!(
        statements(vec![("statement", Value::list(at(1), vec![statement, unknown("dynamic")]))]),
        "[{Effect:Deny,Resource:[?,?],Principal:?,Condition:?},?]"
    );
    assert_eq!(statements(vec![("statement", unknown("all"))]), "[?]");
    assert_eq!(shown(&assemble(&unknown("arguments"), at(0))), "?");
}
