//! Snippets of templates and what is read of them.

use super::{Inputs, read};
use crate::model::{Condition, Data, SymbolKind, Template, Value};
use crate::source::Sources;
use std::fmt::Write as _;
use std::sync::Arc;

fn read_with(text: &str, inputs: &Inputs) -> Template {
    let file = Sources::default().add("template.yaml", text);
    read(&crate::syntax::parse(&file), inputs)
}

fn read_text(text: &str) -> Template {
    read_with(text, &Inputs::default())
}

/// A value in short words: texts as people read them, choices as `if(C, a, b)`.
fn shown(value: &Value) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(flag) => flag.to_string(),
        Data::Number(number) => number.clone(),
        Data::Text(text) => text.shown(),
        Data::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Data::Map(entries) => {
            let entry = |entry: &crate::model::Entry| format!("{}: {}", entry.key, shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Data::Json(inner) => format!("json({})", shown(inner)),
        Data::Choice { condition, then, otherwise } => {
            format!("if({}, {}, {})", condition_shown(condition), shown(then), shown(otherwise))
        }
        Data::Absent => "absent".to_owned(),
        Data::Unknown(unknown) => format!("unknown({})", unknown.cause),
    }
}

fn condition_shown(condition: &Condition) -> String {
    match condition {
        Condition::Always => "always".to_owned(),
        Condition::Never => "never".to_owned(),
        Condition::Named { name, .. } => name.to_string(),
        Condition::Not(inner) => format!("not {}", condition_shown(inner)),
        Condition::All(parts) => parts.iter().map(condition_shown).collect::<Vec<_>>().join(" and "),
        Condition::Any(parts) => parts.iter().map(condition_shown).collect::<Vec<_>>().join(" or "),
        Condition::Equals(one, two) => format!("{} = {}", one.shown(), two.shown()),
        Condition::Within(text, _) => format!("{} within bounds", text.shown()),
        Condition::Unknown(unknown) => format!("unknown({})", unknown.cause),
    }
}

const SECTIONS: &str = r"
Parameters:
  Name: {Type: String, Default: data}
  Env: {Type: String, AllowedValues: [dev, prod]}
  Only: {Type: String, AllowedValues: [one]}
  Names: {Type: CommaDelimitedList, Default: 'a,b'}
  Looked: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /path}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  Always: !Equals [a, a]
Mappings:
  Same: {eu: {name: x}, us: {name: x}}
  Partitions: {us-east-1: {p: aws}, cn-north-1: {p: aws-cn}, us-gov-west-1: {p: aws-us-gov}}
  Names: {aws: {p: aws}, aws-cn: {p: aws-cn}}
  Other: {eu: {name: x, list: [p, q]}, us: {name: y, list: [r]}}
Resources:
  B: {Type: 'AWS::S3::Bucket'}
  Role: {Type: 'AWS::IAM::Role'}
  Pathed: {Type: 'AWS::IAM::User', Properties: {Path: /a/}}
  Key: {Type: 'AWS::KMS::Key'}
  Made: {Type: 'Custom::Thing'}
Outputs:
  O:
    Export: {Name: name}
    Value: ";

/// What the expression gives.
fn evaluated(expression: &str) -> Value {
    let template = read_text(&format!("{SECTIONS}{expression}\n"));
    template.outputs.first().expect("an export").value.clone()
}

#[track_caller]
fn check(expression: &str, expected: &str) {
    assert_eq!(shown(&evaluated(expression)), expected, "{expression}");
}

#[test]
fn references_give_text_with_holes() {
    check("!Ref B", "${B}");
    check("{Ref: B}", "${B}");
    check("!GetAtt B.Arn", "arn:${AWS::Partition}:s3:::${B}");
    check("{'Fn::GetAtt': [B, Arn]}", "arn:${AWS::Partition}:s3:::${B}");
    check("{'Fn::GetAtt': B.Arn}", "arn:${AWS::Partition}:s3:::${B}");
    check("!GetAtt [B, Arn]", "arn:${AWS::Partition}:s3:::${B}");
    check("!Ref Name", "${Name}");
    check("!Ref AWS::Region", "${AWS::Region}");
    check("!GetAtt Role.Arn", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Role}");
    check("!GetAtt Pathed.Arn", "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/${Pathed.Arn}");
    check("!GetAtt Key.Arn", "${Key.Arn}");
    check("!ImportValue other-bucket", "${ImportValue other-bucket}");
}

#[test]
fn kinds_of_holes_say_what_they_can_be() {
    let kind = |expression: &str| {
        let value = evaluated(expression);
        value.scalar_text().unwrap().as_symbol().expect("a hole").kind().clone()
    };
    assert_eq!(kind("!Ref B"), SymbolKind::BucketName);
    assert_eq!(kind("!Ref AWS::Partition"), SymbolKind::Partition);
    assert_eq!(kind("!Ref AWS::Region"), SymbolKind::Pseudo);
    assert_eq!(kind("!GetAtt Key.Arn"), SymbolKind::Attribute);
    assert_eq!(kind("!GetAtt Made.Arn"), SymbolKind::Free, "a custom resource returns what it likes");
    assert_eq!(kind("!Ref Name"), SymbolKind::Free);
    assert_eq!(kind("!ImportValue x"), SymbolKind::Free);
}

#[test]
fn sub_join_select_split() {
    check("!Sub '${B.Arn}/*'", "arn:${AWS::Partition}:s3:::${B}/*");
    check("!Sub ['${x}-${Name}', {x: !Ref B}]", "${B}-${Name}");
    check("!Sub 'a${!aws:username}'", "a${aws:username}");
    check("!Join ['', ['arn:aws:s3:::', !Ref B, '/*']]", "arn:aws:s3:::${B}/*");
    check("{'Fn::Join': ['-', [a, !Ref Name, {Ref: 'AWS::NoValue'}, b]]}", "a-${Name}-b");
    check("!Select [1, [a, b, c]]", "b");
    check("!Select ['5', !Split [':', !GetAtt B.Arn]]", "${B}");
    check("!Split [',', 'a,b']", "[a, b]");
    check("!Join ['', !Split ['-', 'a-b']]", "ab");
    check("!Base64 foobar", "Zm9vYmFy");
    check("{'Fn::Length': [a, b]}", "2");
    check("{'Fn::ToJsonString': {a: 1}}", "json({a: 1})");
}

#[test]
fn choices_are_lifted_out_of_text() {
    check("!If [IsProd, a, b]", "if(IsProd, a, b)");
    check("!If [Always, a, b]", "a");
    check("!Sub ['x${y}', {y: !If [IsProd, a, b]}]", "if(IsProd, xa, xb)");
    check("!Join ['/', [!If [IsProd, a, !Ref 'AWS::NoValue'], !If [IsProd, c, d]]]", "if(IsProd, a/c, d)");
    check("!If [IsDev, !If [IsProd, a, b], c]", "if(IsDev, if(IsProd, a, b), c)");
}

#[test]
fn maps_are_looked_up_as_far_as_keys_are_known() {
    check("!FindInMap [Other, us, name]", "y");
    check("!FindInMap [Same, !Ref AWS::Region, name]", "x");
    check("!FindInMap [Other, eu, list]", "[p, q]");
    check("!FindInMap [Partitions, !Ref AWS::Region, p]", "${AWS::Partition}");
    check("!FindInMap [Names, !Ref AWS::Partition, p]", "${AWS::Partition}");
    // Keys that are not known tell deployments apart.
    check("!Sub ['${x}', {x: !FindInMap [Other, !Ref Env, name]}]", "if(${Env} = eu, x, y)");
    check("!FindInMap [Other, !Ref Env, name, {DefaultValue: d}]", "if(${Env} = eu, x, if(${Env} = us, y, d))");
}

#[test]
fn parameters_are_known_where_they_are_given() {
    check("!Ref Only", "one");
    check("!Ref Names", "unknown(the value of parameter `Names` is not given)");
    let text = format!("{SECTIONS}!Sub '${{Name}}-${{Looked}}'\n");
    let given = Inputs {
        parameters: Arc::new([("Name".to_owned(), "n".to_owned())].into()),
        assume_defaults: false,
        deployed: None,
    };
    let template = read_with(&text, &given);
    assert_eq!(shown(&template.outputs[0].value), "n-${Looked}");
    let names: Vec<_> = template.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["Env", "Looked", "Names"]);
    assert_eq!(template.parameters[0].domain.allowed.as_deref(), Some(&["dev".to_owned(), "prod".to_owned()][..]));
    let defaults = Inputs { assume_defaults: true, ..Inputs::default() };
    assert_eq!(shown(&read_with(&text, &defaults).outputs[0].value), "data-${Looked}");
    let names = format!("{SECTIONS}!Select [1, !Ref Names]\n");
    assert_eq!(shown(&read_with(&names, &defaults).outputs[0].value), "b");
}

#[test]
fn a_default_is_what_is_likely_only() {
    let text = evaluated("!Ref Name").scalar_text().unwrap();
    let likely = text.as_symbol().unwrap().unknown().likely.clone().expect("its default");
    assert_eq!(shown(&likely), "data");
    let looked = evaluated("!Ref Looked").scalar_text().unwrap();
    assert!(looked.as_symbol().unwrap().unknown().likely.is_none(), "the default is a path, not a value");
}

#[test]
fn conditions_fold_where_parameters_are_given() {
    let text = format!("{SECTIONS}!If [IsDev, d, p]\n");
    let given = |value: &str| Inputs {
        parameters: Arc::new([("Env".to_owned(), value.to_owned())].into()),
        assume_defaults: false,
        deployed: None,
    };
    assert_eq!(shown(&read_with(&text, &given("prod")).outputs[0].value), "p");
    assert_eq!(shown(&read_with(&text, &given("dev")).outputs[0].value), "d");
}

#[test]
fn conditions_that_use_themselves_are_unknown() {
    let template = read_text(
        "Conditions:\n  A: !Not [!Condition C]\n  C: !And [!Condition A, !Condition A]\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Condition: A\n",
    );
    let Condition::Named { formula, .. } = &template.buckets[0].exists else { panic!("a named condition") };
    assert!(matches!(&**formula, Condition::Not(_)), "{formula:?}");
    assert!(template.notices.iter().any(|notice| notice.message.contains("defined by itself")));
}

#[test]
fn an_undeclared_name_is_one_unknown_and_told_once() {
    let template = read_text(
        "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: !Ref Bukcet, PolicyDocument: {}}\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Sub '${Bukcet}'}\n",
    );
    assert_eq!(template.policies[0].bucket.scalar_text(), template.buckets[0].name);
    let [notice] = template.notices.as_slice() else { panic!("{:?}", template.notices) };
    assert_eq!(notice.message, "`Bukcet` is declared nowhere in this template: did you mean `Bucket`?");
}

#[test]
fn an_arn_as_the_bucket_of_a_policy_is_told() {
    let of = |bucket: &str| {
        let text = format!(
            "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {{Bucket: {bucket}, PolicyDocument: {{}}}}\n  B:\n    Type: AWS::S3::Bucket\n"
        );
        read_text(&text).notices.into_iter().map(|notice| notice.message).collect::<Vec<_>>()
    };
    assert!(of("!GetAtt B.Arn")[0].contains("this is an ARN"));
    assert!(of("'arn:aws:s3:::b'")[0].contains("this is an ARN"));
    assert!(of("!Ref B").is_empty() && of("arn-data").is_empty());
}

#[test]
fn dynamic_references_are_unknown() {
    check("'a-{{resolve:ssm:/x:1}}-b'", "a-{{resolve:ssm:/x:1}}-b");
    let text = evaluated("!Sub '{{resolve:ssm:/${Env}/bucket}}'").scalar_text().unwrap();
    assert!(text.as_symbol().is_some(), "{text:?}");
}

#[test]
fn buckets_and_policies_are_read() {
    let template = read_text(
        r"
Resources:
  Data:
    Type: AWS::S3::Bucket
    Metadata: {'aws:cdk:path': Stack/Data/Resource}
    Properties: {BucketName: !Sub 'data-${AWS::AccountId}'}
  Plain: {Type: 'AWS::S3::Bucket'}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Condition: C
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement: [{Effect: Deny, Condition: {Bool: {'aws:SecureTransport': false}}}]
Conditions:
  C: !Equals [!Ref 'AWS::Region', eu-west-1]
",
    );
    let [data, plain] = template.buckets.as_slice() else { panic!("two buckets") };
    assert_eq!(data.name.as_ref().map(crate::model::Text::shown).as_deref(), Some("data-${AWS::AccountId}"));
    assert_eq!(data.path.as_deref(), Some("Stack/Data/Resource"));
    assert_eq!(plain.name, None);
    let policy = &template.policies[0];
    assert_eq!(policy.bucket.scalar_text().unwrap().as_symbol(), Some(&data.symbol));
    assert_eq!(condition_shown(&policy.exists), "C");
    assert_eq!(
        shown(&policy.document),
        "{Statement: [{Effect: Deny, Condition: {Bool: {aws:SecureTransport: false}}}]}"
    );
    assert_eq!(template.notices, []);
}

#[test]
fn a_bucket_name_that_hangs_on_a_condition_is_one_unknown() {
    let template = read_text(
        "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !If [C, a, !Ref 'AWS::NoValue']}\n",
    );
    let name = template.buckets[0].name.clone().expect("a name");
    assert_eq!(name.as_symbol().map(|symbol| symbol.kind().clone()), Some(SymbolKind::Free));
}

#[test]
fn loops_are_unrolled() {
    let template = read_text(
        r"
Transform: AWS::LanguageExtensions
Resources:
  'Fn::ForEach::Buckets':
    - Kind
    - [Logs, My-Data]
    - 'Bucket&{Kind}':
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Sub 'x-${Kind}'}
      'Policy&{Kind}':
        Type: AWS::S3::BucketPolicy
        Properties:
          Bucket: !Ref 'Bucket&{Kind}'
          PolicyDocument: {Id: !Ref Kind}
",
    );
    let ids: Vec<_> = template.buckets.iter().map(|bucket| bucket.address.as_str()).collect();
    assert_eq!(ids, ["BucketLogs", "BucketMyData"]);
    assert_eq!(template.buckets[1].name.as_ref().unwrap().as_literal(), Some("x-My-Data"));
    assert_eq!(shown(&template.policies[0].document), "{Id: Logs}");
    assert_eq!(template.policies[1].bucket.scalar_text().unwrap().as_symbol(), Some(&template.buckets[1].symbol));
    assert!(template.incomplete.is_none());
    let open = read_text(
        "Parameters: {L: {Type: CommaDelimitedList}}\nResources:\n  'Fn::ForEach::X': [K, !Ref L, {'B${K}': {Type: 'AWS::S3::Bucket'}}]\n",
    );
    let ids: Vec<_> = open.buckets.iter().map(|bucket| bucket.address.as_str()).collect();
    assert_eq!(ids, ["B${K}"], "one bucket under the loop's pattern");
    assert!(open.incomplete.is_none());
}

#[test]
fn loops_over_what_is_not_known_make_one_turn() {
    let template = read_text(
        r"
Transform: AWS::LanguageExtensions
Parameters: {L: {Type: CommaDelimitedList}, Env: {Type: String}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  'Fn::ForEach::C': [N, !Ref L, {'Is${N}': !Equals [!Ref Env, !Ref N]}]
Resources:
  'Fn::ForEach::Buckets':
    - Name
    - !Ref L
    - 'B${Name}':
        Type: AWS::S3::Bucket
        Condition: 'Is${Name}'
        Properties: {BucketName: !Sub 'x-${Name}'}
  'Fn::ForEach::Policies':
    - Other
    - !Ref L
    - 'P${Other}':
        Type: AWS::S3::BucketPolicy
        Properties:
          Bucket: !Ref 'B${Other}'
          PolicyDocument:
            Statement: [{Resource: [!Sub '${B${Other}.Arn}/*', 'arn:aws:s3:::x-${Other}']}]
  'Fn::ForEach::Some':
    - Name
    - !If [Prod, [One, Two], [One]]
    - 'S${Name}': {Type: 'AWS::S3::Bucket'}
  'Fn::ForEach::Kinds':
    - Kind
    - !Ref L
    - 'K${Kind}': {Type: 'AWS::S3::${Kind}'}
",
    );
    let ids: Vec<_> = template.buckets.iter().map(|bucket| bucket.address.as_str()).collect();
    assert_eq!(ids, ["B${Name}", "SOne", "STwo"]);
    let [made, one, two] = template.buckets.as_slice() else { panic!("three buckets") };
    assert_eq!(condition_shown(&made.exists), "Is${N}");
    assert_eq!(made.name.as_ref().unwrap().shown(), "x-${N}", "called as where it was met first");
    let policy = &template.policies[0];
    assert_eq!(policy.address, "P${Other}");
    assert_eq!(policy.bucket.scalar_text().unwrap().as_symbol(), Some(&made.symbol), "one collection, one turn");
    assert_eq!(
        shown(&policy.document),
        "{Statement: [{Resource: [arn:${AWS::Partition}:s3:::${B${Name}}/*, arn:aws:s3:::x-${N}]}]}"
    );
    assert_eq!(condition_shown(&one.exists), "always");
    assert_eq!(condition_shown(&two.exists), "Prod");
    assert!(template.incomplete.is_some_and(|unknown| unknown.cause.contains("type of resource `K${Kind}`")));
}

#[test]
fn loops_past_the_limit_of_resources_are_an_error() {
    let items: Vec<String> = (0..30).map(|at| format!("I{at}")).collect();
    let items = items.join(", ");
    let template = read_text(&format!(
        "Resources:
  'Fn::ForEach::X':
    - A
    - [{items}]
    - 'Fn::ForEach::Y': [B, [{items}], {{'B${{A}}${{B}}': {{Type: 'AWS::S3::Bucket'}}}}]
  Data: {{Type: 'AWS::S3::Bucket'}}
"
    ));
    assert_eq!(template.buckets.len(), 500);
    assert!(template.buckets.iter().any(|bucket| bucket.address == "Data"));
    let [error] = template.errors.as_slice() else { panic!("one error: {:?}", template.errors) };
    assert!(error.message.contains("(500:"), "{error:?}");
}

#[test]
fn macros_leave_nothing_proven() {
    let text = |transform: &str| {
        read_text(&format!(
            "Transform: {transform}\nResources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {{Bucket: b, PolicyDocument: {{Id: x}}}}\n"
        ))
    };
    let own = text("[Expand, 'AWS::Serverless-2016-10-31']");
    assert!(own.incomplete.is_some());
    let Data::Unknown(unknown) = &own.policies[0].document.data else { panic!("unknown") };
    assert_eq!(shown(unknown.likely.as_ref().expect("what is written")), "{Id: x}");
    let include = text("{Name: 'AWS::Include', Parameters: {Location: 's3://x/y'}}");
    assert!(include.incomplete.is_some());
    assert_eq!(shown(&include.policies[0].document), "{Id: x}");
    let sam = text("AWS::Serverless-2016-10-31");
    assert!(sam.incomplete.is_none());
    assert_eq!(sam.format, crate::frontend::sam::FORMAT);
}

#[test]
fn a_macro_inside_a_document_is_unknown() {
    let template = read_text(
        "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument:\n        Version: '2012-10-17'\n        Fn::Transform: {Name: Policy}\n",
    );
    assert_eq!(shown(&template.policies[0].document), "unknown(the macro `Policy` runs at deploy time)");
}

#[test]
fn evaluation_is_bounded() {
    let mut text = String::from("Resources:\n  A:\n    Type: AWS::S3::Bucket\nOutputs:\n");
    for at in 0..40 {
        let (next, item) = (at + 1, alias(at));
        let _ = writeln!(text, "  O{at}:\n    Export: {{Name: n{at}}}\n    Value: &o{next} [{item}, {item}]");
    }
    assert!(read_text(&text).outputs.len() > 10, "what is small is read before the steps run out");

    let mut text = String::from("Conditions:\n  C0: !Equals [!Ref 'AWS::Region', x]\n");
    for at in 1..60 {
        let _ = writeln!(text, "  C{at}: !And [!Condition C{}, !Not [!Condition C{}]]", at - 1, at - 1);
    }
    text.push_str("Resources:\n  B: {Type: 'AWS::S3::Bucket', Condition: C59}\n");
    assert_eq!(read_text(&text).buckets.len(), 1);

    // A chain that is read from its start, so that each link is known when the next one asks.
    let mut text = String::from("Conditions:\n  C0: !Equals [!Ref 'AWS::Region', x]\n");
    let mut buckets = String::from("Resources:\n");
    for at in 1..4000 {
        let _ = writeln!(text, "  C{at}: !Not [!Condition C{}]", at - 1);
        let _ = writeln!(buckets, "  B{at}: {{Type: 'AWS::S3::Bucket', Condition: C{at}}}");
    }
    assert_eq!(read_text(&format!("{text}{buckets}")).buckets.len(), 3999);

    let deep = format!("{}a{}", "!Sub ['${x}${x}', {x: ".repeat(50), "}]".repeat(50));
    let text = format!("{SECTIONS}{deep}\n");
    assert_eq!(read_text(&text).outputs.len(), 1);

    let deep = format!("{}a{}", "!If [IsProd, ".repeat(300), ", b]".repeat(300));
    let text = format!("{SECTIONS}{deep}\n");
    assert_eq!(read_text(&text).outputs.len(), 1);
}

fn alias(at: usize) -> String {
    if at == 0 { "x".to_owned() } else { format!("*o{at}") }
}

#[test]
fn half_a_template_proves_nothing_of_its_other_half() {
    let template = read_text(
        "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}, \"P\": {\"Type\": \"AWS::S3::BucketPolicy\", \"Properties\": {\"Bucket\": {\"Ref\": \"B\"}, \"PolicyDocument\": {\"Statement\": [{\"Effect\": \"Deny\", ",
    );
    assert_eq!(template.buckets.len(), 1);
    assert!(template.incomplete.is_some());
    if let Some(policy) = template.policies.first() {
        assert!(matches!(policy.document.data, Data::Unknown(_)), "{policy:?}");
    }
}

#[test]
fn yaml_words_are_booleans_in_parameters_too() {
    let template = read_text(
        "Parameters: {Tls: {Type: String, AllowedValues: [yes, no], Default: yes}}\nConditions: {C: !Equals [!Ref Tls, 'true']}\n\
         Resources: {B: {Type: 'AWS::S3::Bucket', Condition: C}}\n",
    );
    assert_eq!(template.parameters[0].domain.allowed.as_deref(), Some(&["true".to_owned(), "false".to_owned()][..]));
    assert_eq!(template.parameters[0].default.as_deref(), Some("true"));
}

#[test]
fn documents_in_text_point_into_it() {
    let source = "Resources:\n  B: {Type: 'AWS::S3::Bucket'}\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument: !Sub '{\"Statement\": {\"Resource\": [\"${B.Arn}\", \"it''s\"]}}'\n";
    let template = read_text(source);
    let statement = template.policies[0].document.get("Statement").expect("a statement");
    let resource = statement.entry("Resource").expect("resources");
    assert_eq!(source.get(resource.key_span.range()), Some("\"Resource\""));
    let Data::List(items) = &resource.value.data else { panic!("a list") };
    assert_eq!(source.get(items[0].span.range()), Some("\"${B.Arn}\""));
    assert_eq!(source.get(items[1].span.range()), Some("\"it''s\""));
    assert_eq!(shown(&items[1]), "it's");
}

#[test]
fn a_document_can_be_given_as_a_parameter() {
    let text = "Parameters: {Doc: {Type: String}}\nResources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: b, PolicyDocument: !Ref Doc}\n";
    assert!(matches!(read_text(text).policies[0].document.data, Data::Unknown(_)));
    let inputs = Inputs {
        parameters: Arc::new([("Doc".to_owned(), "{\"Id\": \"x\"}".to_owned())].into()),
        assume_defaults: false,
        deployed: None,
    };
    assert_eq!(shown(&read_with(text, &inputs).policies[0].document), "{Id: x}");
}

#[test]
fn structure_that_is_not_known_is_unknown() {
    let document = |expression: &str| {
        let template = read_text(&format!(
            "Parameters: {{S: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref S, x]}}\nResources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument: {expression}\n"
        ));
        shown(&template.policies[0].document)
    };
    assert_eq!(
        document("!Sub '{\"Id\": \"${S}\", \"Statement\": ${S}}'"),
        "{Id: ${S}, Statement: unknown(the value of parameter `S` is not given)}"
    );
    assert!(document("!Sub '{\"Statement\": [ ${S} {} ]}'").starts_with("unknown(the document can be read"));
    assert!(document("!Sub '{\"a${S}\": 1}'").starts_with("unknown(a key"));
    assert_eq!(document("'{nonsense'"), "");
    assert_eq!(document("!Sub ['{\"Id\": ${x}}', {x: !If [C, '\"a\"', '[1]']}]"), "{Id: if(C, a, [1])}");
    assert_eq!(document("!Join ['', [!If [C, '{\"Id\": 1}', '{}']]]"), "if(C, {Id: 1}, {})");
    assert_eq!(
        document("!Join ['', ['{\"Statement\": [', !If [C, '{\"Sid\": \"a\"},', ''], '{\"Sid\": \"b\"}]}']]"),
        "if(C, {Statement: [{Sid: a}, {Sid: b}]}, {Statement: [{Sid: b}]})"
    );
}

#[test]
fn a_key_that_is_defined_twice_is_told_with_both_places() {
    let text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      \
                Bucket: !Ref B\n      PolicyDocument: |\n        {\"Statement\": [], \"Statement\": []}\n  B:\n    \
                Type: AWS::S3::Bucket\n";
    let told: Vec<_> = read_text(text)
        .notices
        .into_iter()
        .map(|notice| (notice.message, text.split_at(notice.span.start as usize).0.lines().count()))
        .collect();
    let twice =
        |key: &str, line: usize| format!("key `{key}` is defined twice, first on line {line}; the last one counts");
    assert_eq!(told, [(twice("Statement", 9), 9), (twice("B", 2), 10)]);
}
