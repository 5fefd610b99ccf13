use super::*;
use crate::source::apply;

fn written(text: &str, write: impl Fn(&Writer<'_>) -> Result<Vec<Edit>, Refusal>) -> Result<String, Refusal> {
    let parse = syntax::parse(&Sources::default().add("t", text));
    assert_eq!(parse.errors, [], "{text}");
    let edits = write(&Writer::new(&parse).unwrap())?;
    let after = apply(text, &edits).expect("edits fit");
    let parse = syntax::parse(&Sources::default().add("t", after.as_str()));
    assert_eq!(parse.errors, [], "{after}");
    Ok(after)
}

fn target(id: &str) -> Target {
    Target { span: Span::at(FileId::default(), 0), address: id.to_owned() }
}

/// All texts after an edit, or why there is none, one below the other.
fn shown(texts: &[&str], write: impl Fn(&Writer<'_>) -> Result<Vec<Edit>, Refusal>) -> String {
    let each = texts.iter().map(|text| written(text, &write).unwrap_or_else(|refusal| format!("{refusal}\n")));
    // Ends of lines are part of what is tested.
    each.map(|text| text.replace('\r', "<CR>")).collect::<Vec<_>>().join("\n-----\n")
}

#[test]
fn a_policy_is_written_as_its_neighbours_are() {
    let texts = [
        "Resources:\n  Data:\n    Type: AWS::S3::Bucket # c\n    # mine\n\n  # other's\n  Other:\n    Type: AWS::SNS::Topic\n",
        "Resources:\n    Data:\n        Type: AWS::S3::Bucket\n        Condition: Prod\n    DataPolicy: {Type: 'AWS::SNS::Topic'}",
        "Resources:\n  A:\n    Type: T\n    Properties:\n      L:\n      - x\n\n  Data:\n    Type: AWS::S3::Bucket\n",
        "Resources:\r\n  Data:\r\n    Type: AWS::S3::Bucket\r\nOutputs: {}\r\n",
        "Resources: {Data: {Type: AWS::S3::Bucket}}\n",
        "Resources: {\n  Data: {Type: AWS::S3::Bucket},\n}\n",
        "{\"Resources\": {\"Data\": {\"Type\": \"AWS::S3::Bucket\"}}}",
        "{\n  \"Resources\": {\n    \"Data\": {\n      \"Type\": \"AWS::S3::Bucket\"\n    },\n    \"X\": {\"Type\": \"T\"}\n  }\n}\n",
        "{\n\t\"Resources\": {\n\t\t\"Data\": {\n\t\t\t\"Type\": \"AWS::S3::Bucket\"\n\t\t},\n\n\t\t\"X\": {}\n\t}\n}\n",
        "{\"Resources\":{\"Data\":{\"Type\":\"a b\"}}}",
        "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Metadata:\n      X: |+\n        a\n\n\nOutputs: {}\n",
        "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Metadata: {'aws:cdk:path': App/Stack/Data/Resource}\n",
        "Resources:\n  'Fn::ForEach::X': [I, [a], {'D${I}': {Type: AWS::S3::Bucket}}]\n",
        "Resources: {}\n",
        "{\"Resources\": {}}",
    ];
    insta::assert_snapshot!(shown(&texts, |writer| writer.add_policy(&target("Data"))));
}

/// A bucket with a policy `P` of that document, below its key.
fn with_document(document: &str) -> String {
    format!(
        "Resources:\n  Data: {{Type: AWS::S3::Bucket, Properties: {{BucketName: acme}}}}\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Data\n      PolicyDocument:{document}\nOutputs: {{}}\n"
    )
}

#[test]
fn a_statement_is_written_as_its_neighbours_are() {
    let documents = [
        "\n        Statement:\n          - Effect: Allow\n            Sid: DenyInsecureTransport\n          # c\n        # d",
        "\n        Statement:\n        -   Effect: Allow\n            Action:\n            - a",
        "\n        Statement:\n          # first\n          Effect: Allow\n          Action:\n            - a\n            # inner\n          X: |\n            a\n\n            b",
        " {Statement: [{Effect: Allow}]}",
        " {Statement: {Effect: Allow}}",
        " {Statement: []}",
        " !Sub |\n        {\"Statement\": [\n          {\"Effect\": \"Allow\"}\n        ]}",
        " !Sub [\"{\\\"Statement\\\": []}\", {}]",
        " '{\"Statement\": {\"Effect\": \"Allow\"}}'",
        " \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Allow\\\"}]}\"",
        " !If [C, {Statement: []}, !Ref 'AWS::NoValue']",
        " {Statement: !If [C, [], !Ref X]}",
        " {Statement: !If [C, [], {Effect: Allow}]}",
        "\n        Fn::If:\n        - C\n        - Statement:\n          - Effect: Allow\n        - '{\"Statement\": []}'",
        " {Statement: [!If [C, {Sid: DenyInsecureTransport}, !Ref 'AWS::NoValue']]}",
        " {}",
    ];
    let texts: Vec<String> = documents.iter().map(|document| with_document(document)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    insta::assert_snapshot!(shown(&texts, |writer| writer.add_statement(&target("P"))));
}

#[test]
fn the_arn_is_written_in_the_policys_own_terms() {
    let buckets = [
        "!Ref Name",
        "acme-x",
        "!ImportValue a",
        "!GetAtt S.Outputs.N",
        "!Sub '${A}-b'",
        "{'Fn::ImportValue': x}",
        "!Select [0, !Ref L]",
        "\n        Fn::ImportValue:\n          !Sub '${A}'",
    ];
    let texts = buckets.map(|bucket| with_document(" {Statement: []}").replace("!Ref Data", bucket));
    insta::assert_snapshot!(shown(&texts.each_ref().map(String::as_str), |writer| writer.add_statement(&target("P"))));
}

#[test]
fn a_shared_document_is_not_changed() {
    let anchored = "D: &d {Statement: []}\nM: &m {Type: AWS::S3::BucketPolicy, Properties: {Bucket: b, PolicyDocument: {Statement: []}}}\n";
    for policy in ["{Properties: {Bucket: b, PolicyDocument: *d}}", "*m", "{<<: *m}"] {
        let text = format!("{anchored}Resources:\n  P: {policy}\n");
        assert_eq!(written(&text, |writer| writer.add_statement(&target("P"))), Err(Refusal::Shared), "{policy}");
    }
}

#[test]
fn a_policy_gets_the_condition_of_its_bucket() {
    let texts = [
        "Resources:\n  Data: {Condition: A}\n  P:\n    Type: T\n    Condition: B # c\n    X: 1\n",
        "Resources:\n  Data: {}\n  P:\n    Type: T\n    Condition: B # c\n    X: 1\n",
        "Resources:\n  Data: {}\n  P: {Condition: B}\n",
        "Resources:\n  Data: {}\n  P: {Type: T, Condition: B}\n",
        "{\n  \"Resources\": {\n    \"Data\": {},\n    \"P\": {\n      \"Condition\": \"B\",\n      \"X\": 1\n    }\n  }\n}\n",
        "{\n  \"Resources\": {\n    \"Data\": {},\n    \"P\": {\n      \"X\": 1,\n      \"Condition\": \"B\"\n    }\n  }\n}\n",
        "{\"Resources\": {\"Data\": {\"Condition\": \"A\"}, \"P\": {\"Condition\": \"B\"}}}",
    ];
    insta::assert_snapshot!(shown(&texts, |writer| {
        let wanted = writer.entry(&target("Data"))?.resource.get("Condition");
        writer.align_condition(&target("P"), wanted, &BTreeSet::from(["B"]))
    }));
}

#[test]
fn the_last_use_of_a_condition_stays() {
    let used = |uses: &str, given_up: &[&str]| {
        let text = format!("Conditions: {{A: !Equals [a, b]}}\nResources:\n  P: {{Condition: A}}\n{uses}");
        let parse = syntax::parse(&Sources::default().add("t", text));
        let writer = Writer::new(&parse).unwrap();
        let given_up = given_up.iter().filter_map(|id| writer.condition(&target(id))).map(Node::span).collect();
        conditions::used(writer.root, &given_up).contains("A")
    };
    assert!(used("", &[]));
    assert!(!used("", &["P"]));
    assert!(!used("  Q: {Condition: A}\n", &["P", "Q"]));
    assert!(!used("  Q: {Condition: B, Type: A, Metadata: {A: A}}\n", &["P"]));
    for use_of_it in [
        "  Q: {Condition: A}\n",
        "  Q: {Properties: {X: !If [A, 1, 2]}}\n",
        "  Q: {Properties: {X: {'Fn::If': [A, 1, 2]}}}\n",
        "Outputs: {O: {Condition: A, Value: 1}}\n",
        "Rules: {R: {RuleCondition: !Not [!Condition A]}}\n",
        "Rules: {R: {RuleCondition: {'Fn::Not': [{Condition: A}]}}}\n",
    ] {
        assert!(used(use_of_it, &["P"]), "{use_of_it}");
    }
}

#[test]
fn a_further_policy_is_made_where_the_other_is_not() {
    let conditions = "Conditions:\n  Prod: !Equals [!Ref Env, prod] # c\n\n  Kept: !Equals [!Ref Env, test]\n";
    let data = "  Data:\n    Type: AWS::S3::Bucket\n";
    let texts = [
        format!("{conditions}Resources:\n{data}"),
        format!("{conditions}Resources:\n{data}    Condition: Kept\n  DataPolicyKeptNotProd: {{Type: T}}\n"),
        // A condition that says the same is there already, under another name, or something else has its name.
        format!("Conditions: {{Prod: x, Others: {{'Fn::Not': [{{Condition: Prod}}]}}}}\nResources:\n{data}"),
        format!("Conditions: {{Prod: x, NotProd: !Not [!Condition Else]}}\nResources:\n{data}"),
        "{\n  \"Conditions\": {\n    \"Prod\": {}\n  },\n  \"Resources\": {\n    \"Data\": {\"Type\": \"AWS::S3::Bucket\"}\n  }\n}\n"
            .to_owned(),
        format!("{conditions}Resources:\n  Data:\n    Type: AWS::S3::BucketPolicy\n    Properties: {{Bucket: !Ref Name}}\n"),
        format!("Resources:\n{data}"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let not_prod = || std::iter::once(("Prod".to_owned(), false));
    insta::assert_snapshot!(shown(&texts, |writer| writer.add_policy_where(&target("Data"), not_prod())));
}

#[test]
fn a_policy_joins_its_bucket_in_a_loop() {
    let texts = [
        "Resources:\n  Fn::ForEach::X:\n    - I\n    - [a, b]\n    - D${I}:\n        Type: AWS::S3::Bucket\nOutputs: {}\n",
        "Resources:\n  Fn::ForEach::X: [I, [a, b], {'D${I}': {Type: AWS::S3::Bucket}}]\n",
        "{\n  \"Resources\": {\n    \"Fn::ForEach::X\": [\n      \"I\",\n      [\"a\"],\n      {\n        \"D${I}\": {\n          \"Type\": \"AWS::S3::Bucket\"\n        }\n      }\n    ]\n  }\n}\n",
    ];
    insta::assert_snapshot!(shown(&texts, |writer| {
        let text = writer.root.tree().source().text();
        let start = text.find("D${I}").expect("a key");
        let quoted = text.split_at(start).0.ends_with(['"', '\'']);
        let span = Span::new(FileId::default(), start - usize::from(quoted), start + 5 + usize::from(quoted));
        writer.add_policy(&Target { span, address: "Da".to_owned() })
    }));
}

#[test]
fn empty_brackets_are_filled_in_the_manner_of_the_file() {
    let texts = [
        "Resources: {}\nOutputs:\n  A: {Value: 1}\n",
        "Resources: {}",
        "Resources:   { }\r\n",
        "Resources: {} # none\n",
        "{Resources: {}}\n",
        "{\"Resources\": {}}",
        "{\"Resources\":{}}",
        "{\n    \"Resources\": {},\n    \"Outputs\": {}\n}\n",
    ];
    insta::assert_snapshot!(shown(&texts, |writer| {
        let resources = writer.root.get("Resources").expect("a mapping");
        let topic = Written::map([("Type", Written::text("AWS::SNS::Topic"))]);
        Ok(vec![writer.layout.add_entry(resources, None, "Topic", &topic)?])
    }));
}
