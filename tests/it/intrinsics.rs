//! The same thing written in different ways is the same: long and short forms, YAML and JSON, `Ref`, `Sub` and
//! `Join`, nested as people and tools nest them.

use bucketlint::frontend::cloudformation::{Inputs, read};
use bucketlint::model::{Condition, Data, Template, Text, Truth, Value};
use bucketlint::source::Sources;

const SECTIONS: &str = r#"
  "Parameters": {"App": {"Type": "String"}, "Env": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
  "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
  "Mappings": {"Names": {"eu-west-1": {"data": "a"}, "us-east-1": {"data": "b"}}},
"#;

fn template(text: &str) -> Template {
    let file = Sources::default().add("template", text);
    let parse = bucketlint::syntax::parse(&file);
    assert_eq!(parse.errors, [], "{text}");
    read(&parse, &Inputs::default())
}

/// The value of an expression, written in JSON, or in YAML flow style where it is no JSON.
fn value(expression: &str) -> Value {
    let text = format!(
        "{{{SECTIONS} \"Resources\": {{\"Data\": {{\"Type\": \"AWS::S3::Bucket\"}}, \"Policy\": {{\"Type\": \
         \"AWS::S3::BucketPolicy\", \"Properties\": {{\"Bucket\": {expression}, \"PolicyDocument\": {{}}}}}}}}}}"
    );
    let mut template = template(&text);
    // An ARN is a value too, though no bucket's name.
    template.notices.retain(|notice| !notice.message.starts_with("`Bucket` takes the name of a bucket"));
    assert_eq!(template.notices, [], "{expression}");
    template.policies.into_iter().next().expect("a policy").bucket
}

fn text(expression: &str) -> Text {
    value(expression).scalar_text().unwrap_or_else(|| panic!("{expression} is no text"))
}

/// All spellings of a group are the same text, and no two groups are.
#[test]
fn spellings_of_one_name_are_equal() {
    let groups: &[&[&str]] = &[
        &[
            r#"{"Ref": "Data"}"#,
            "!Ref Data",
            "!Ref 'Data'",
            r#"{"Fn::Sub": "${Data}"}"#,
            "!Sub '${Data}'",
            "!Sub ['${x}', {x: !Ref Data}]",
            r#"{"Fn::Join": ["", [{"Ref": "Data"}]]}"#,
            "!Join ['-', [!Sub '${Data}']]",
            "!Select [0, [!Ref Data]]",
            "!Select ['5', !Split [':', !GetAtt Data.Arn]]",
        ],
        &[
            r#"{"Fn::GetAtt": ["Data", "Arn"]}"#,
            r#"{"Fn::GetAtt": "Data.Arn"}"#,
            "!GetAtt Data.Arn",
            "!GetAtt [Data, Arn]",
            "!Sub '${Data.Arn}'",
            "!Sub 'arn:${AWS::Partition}:s3:::${Data}'",
            r#"{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Data"}]]}"#,
            "!Join [':', [arn, !Ref 'AWS::Partition', s3, '', '', !Ref Data]]",
        ],
        &[
            "!Sub '${App}-logs-${AWS::Region}'",
            r#"{"Fn::Sub": "${App}-logs-${AWS::Region}"}"#,
            r#"{"Fn::Sub": ["${a}-logs-${r}", {"a": {"Ref": "App"}, "r": {"Ref": "AWS::Region"}}]}"#,
            "!Join ['-', [!Ref App, logs, !Ref 'AWS::Region']]",
            "!Join ['', [!Ref App, '-logs-', !Sub '${AWS::Region}']]",
            "!Join ['-', [!Ref App, !Ref 'AWS::NoValue', logs, !Ref 'AWS::Region']]",
            "!Sub ['${x}-${AWS::Region}', {x: !Join ['-', [!Ref App, logs]]}]",
        ],
        &["!ImportValue shared", r#"{"Fn::ImportValue": "shared"}"#, "!ImportValue {'Fn::Sub': shared}"],
        &[
            r#""literal-name""#,
            "literal-name",
            "!Sub literal-name",
            "!Join ['-', [literal, name]]",
            "!Select [1, [x, literal-name]]",
        ],
    ];
    let groups: Vec<Vec<Text>> = groups.iter().map(|group| group.iter().map(|one| text(one)).collect()).collect();
    for (at, group) in groups.iter().enumerate() {
        for one in group {
            assert_eq!(one.equals(&group[0]), Truth::Yes, "{} and {}", one.shown(), group[0].shown());
        }
        for other in &groups[at + 1..] {
            assert_ne!(group[0].equals(&other[0]), Truth::Yes, "{} and {}", group[0].shown(), other[0].shown());
        }
    }
}

/// A lookup by a key that is not known is one choice between the keys, however it is written.
#[test]
fn lookups_are_the_same_however_they_are_written() {
    let one = value("!FindInMap [Names, !Ref 'AWS::Region', data]");
    assert_eq!(conditions(&one), "(${AWS::Region} = eu-west-1: a else b)");
    for other in [
        r#"{"Fn::FindInMap": ["Names", {"Ref": "AWS::Region"}, "data"]}"#,
        "!Sub ['${n}', {n: !FindInMap [Names, {Ref: 'AWS::Region'}, data]}]",
    ] {
        assert_eq!(conditions(&one), conditions(&value(other)), "{other}");
    }
}

/// A choice in short words, places left out.
fn conditions(value: &Value) -> String {
    match &value.data {
        Data::Choice { condition: Condition::Equals(one, two), then, otherwise } => {
            format!("({} = {}: {} else {})", one.shown(), two.shown(), conditions(then), conditions(otherwise))
        }
        _ => value.scalar_text().map(|text| text.shown()).unwrap_or_default(),
    }
}

/// A choice inside of text is a choice of texts, wherever the `If` stands.
#[test]
fn choices_are_the_same_wherever_they_stand() {
    let spellings = [
        "!If [IsProd, prod-data, dev-data]",
        r#"{"Fn::If": ["IsProd", "prod-data", "dev-data"]}"#,
        "!Sub ['${e}-data', {e: !If [IsProd, prod, dev]}]",
        "!Join ['-', [!If [IsProd, prod, dev], data]]",
        "!Join ['-', !If [IsProd, [prod, data], [dev, data]]]",
        "!Select [0, [!If [IsProd, prod-data, dev-data]]]",
        "!Select [!If [IsProd, 0, 1], [prod-data, dev-data]]",
    ];
    for spelling in spellings {
        let value = value(spelling);
        let Data::Choice { then, otherwise, .. } = &value.data else { panic!("{spelling} is no choice: {value:?}") };
        let literal = |side: &Value| side.scalar_text().and_then(|text| text.as_literal().map(str::to_owned));
        assert_eq!(literal(then).as_deref(), Some("prod-data"), "{spelling}");
        assert_eq!(literal(otherwise).as_deref(), Some("dev-data"), "{spelling}");
    }
}

/// A policy document is the same as a mapping, as JSON text, and as text made by functions.
#[test]
fn documents_are_the_same_in_text_and_as_mappings() {
    let document = |written: &str| {
        let text = format!(
            "Conditions: {{IsProd: !Equals [!Ref 'AWS::Region', x]}}\nResources:\n  Data: {{Type: 'AWS::S3::Bucket'}}\n  \
             Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Data\n      \
             PolicyDocument: {written}\n"
        );
        let template = template(&text);
        assert_eq!(template.notices, [], "{written}");
        shown(&template.policies[0].document)
    };
    let spellings = [
        "{Id: x, Statement: [{Effect: Deny, Resource: !Sub '${Data.Arn}/*'}]}",
        r#"!Sub '{"Id": "x", "Statement": [{"Effect": "Deny", "Resource": "${Data.Arn}/*"}]}'"#,
        r#"{'Fn::Sub': ['{"Id": "${id}", "Statement": [{"Effect": "Deny", "Resource": "${arn}/*"}]}', {id: x, arn: !GetAtt Data.Arn}]}"#,
        r#"!Join ['', ['{"Id": "x", "Statement": [{"Effect": "Deny", "Resource": "', !GetAtt Data.Arn, '/*"}]}']]"#,
        r#"!Join ['', ['{"Id": "x", "Statement": [', '{"Effect": "Deny", "Resource"', ': "', !Sub 'arn:${AWS::Partition}:s3:::${Data}/*"}]}']]"#,
        "{'Fn::ToJsonString': {Id: x, Statement: [{Effect: Deny, Resource: !Sub '${Data.Arn}/*'}]}}",
    ];
    let expected = document(spellings[0]);
    assert_eq!(expected, "{Id: x, Statement: [{Effect: Deny, Resource: arn:${AWS::Partition}:s3:::${Data}/*}]}");
    for spelling in &spellings[1..] {
        assert_eq!(document(spelling), expected, "{spelling}");
    }
}

fn shown(value: &Value) -> String {
    match &value.data {
        Data::Text(text) => text.shown(),
        Data::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Data::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|one| format!("{}: {}", one.key, shown(&one.value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => format!("{other:?}"),
    }
}
