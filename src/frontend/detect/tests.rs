use super::*;
use crate::frontend::{Read, ReadError};
use crate::source::Sources;

/// What a front end reads, where nothing is given besides.
fn read(frontend: &dyn Frontend, document: Document, sources: &mut Sources) -> Result<Read, ReadError> {
    let parameters = std::sync::Arc::default();
    let inputs = crate::frontend::Inputs {
        parameters: &parameters,
        assume_defaults: false,
        files: &crate::frontend::NoFiles,
        terraform_dir: None,
        terraform_plan: None,
        var_files: &[],
    };
    frontend.read(document, &inputs, sources)
}

/// The name of the kind for an input, `broken` or `ours` for what cannot be read, else the reason.
fn detected(text: &str) -> String {
    let mut sources = Sources::default();
    match detect(&sources.add("input", text)) {
        Detected::Input(frontend, document) => match read(frontend, *document, &mut sources) {
            Ok(read) => read.template.format.name().to_owned(),
            Err(ReadError::NotMine { reason, .. }) => reason,
            Err(ReadError::Broken { errors, .. }) => format!("error: {}", errors[0].message),
        },
        Detected::Broken { ours, .. } => if ours { "ours" } else { "broken" }.to_owned(),
        Detected::Other { reason, .. } => reason,
    }
}

#[test]
fn what_stands_at_the_top_tells() {
    let plan = r#"{"format_version": "1.2", "planned_values": {}}"#;
    for (text, kind) in [
        ("Resources: {B: {Type: 'AWS::S3::Bucket'}}", "cloudformation"),
        ("Transform: [X, 'AWS::Serverless-2016-10-31']\nResources: {B: {Type: 'AWS::S3::Bucket'}}", "sam"),
        ("Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::X': []}", "cloudformation"),
        ("Resources: {}", "cloudformation"),
        ("Resources: {A: {Type: !Rain::Module x}}", "cloudformation"),
        ("Resources: {A: {Type: {'Fn::Sub': x}}}", "cloudformation"),
        ("Resources: !Transform {Name: AWS::Include}", "cloudformation"),
        ("Resources: {A: {Fn::Transform: {Name: AWS::Include}}}", "cloudformation"),
        (r#"{"Parameters": {"BootstrapVersion": {}}, "Rules": {"CheckBootstrapVersion": {}}}"#, "cloudformation"),
        (plan, "terraform-plan"),
        (r#"{"tfplan": {"format_version": "1.2", "resource_changes": []}}"#, "terraform-plan"),
        (r#"{"format_version": "1.0", "values": {}}"#, "terraform-state"),
        (&format!("[command]terraform show -json p\n{plan}\n\n::debug::exited\n"), "terraform-plan"),
        (&format!("Resources: {{}}\nDescription: |\n  {plan}\n"), "cloudformation"),
        (&format!("Description: |\n  {plan}\nResources: {{}}\n"), "cloudformation"),
        (&format!("--- {{Resources: {{}}, Description: '\n{plan}\n::'}}\n"), "cloudformation"),
        (&format!("\"\\x52esources\": {{}}\nDescription: |\n  {plan}\n"), "cloudformation"),
    ] {
        assert_eq!(detected(text), kind, "{text}");
    }
}

#[test]
fn other_things_are_told_apart() {
    for (text, what) in [
        ("apiVersion: v1\nkind: Pod\n", "it has no `Resources`"),
        (r#"{"name": "package", "dependencies": {}}"#, "it has no `Resources`"),
        ("Resources: [a, b]", "its `Resources` hold no mapping with a `Type`"),
        ("Resources: {A: {kind: x}}", "its `Resources` hold no mapping with a `Type`"),
        ("Resources: {limits: {Type: x}}", "its `Resources` hold no mapping with a `Type`"),
        ("just text", "it has no `Resources`"),
        ("", "it holds nothing"),
        (
            r#"{"version": 4, "terraform_version": "1", "serial": 1, "lineage": "x", "resources": []}"#,
            "it is a raw state",
        ),
        ("{\"@level\":\"info\",\"@message\":\"x\"}\n{\"@level\":\"info\"}\n", "it is the log of"),
        (r#"{"format_version": "1.0", "valid": true}"#, "it is output of Terraform"),
        ("format_version: '1.2'\nplanned_values: {}\n", "it is a plan or a state, but not in JSON"),
        (r#"[{"format_version": "1.2", "planned_values": {}}]"#, "it is a list of plans"),
        (r#"{"plan": {"format_version": "1.2", "planned_values": {}}}"#, "a plan stands under its key `plan`"),
        ("service: a\nprovider: {name: aws}\nfunctions: {}\n", "it is a service of the Serverless Framework"),
        (r#"{"format_version": "1.2", "Resources": {}}"#, "error: this has the keys of a plan and of a template"),
        ("apiVersion: v1\n# makes an AWS::S3::Bucket\nx: [\n", "broken"),
        ("apiVersion: v1\n---\nkind: Pod\n", "broken"),
        ("a: 1\n---\nResources: {}\n", "ours"),
        ("Resources: {A: {!!binary VHlwZQ==: AWS::S3::Bucket}}\n", "ours"),
        ("Resources: {A: {Type: !!binary QVdTOjpTMzo6QnVja2V0}}\n", "ours"),
        ("Resources:\n  A: {{ .Values.x }}\n  - b\n", "ours"),
        ("Resources: {A: {kind: x}}\nb: [", "ours"),
    ] {
        let found = detected(text);
        assert!(found.starts_with(what), "{text}: {found}");
    }
}

#[test]
fn nothing_but_a_wrapper_may_follow() {
    assert!(is_epilogue("{}\n::debug::x\n\n", 2));
    assert!(is_epilogue("{}\n::debug::x", 3));
    assert!(!is_epilogue("{} ::debug::x", 2));
    assert!(!is_epilogue("{}\n Resources: {}\n", 3));
}

#[test]
fn keeps_whatever_may_be_a_template() {
    let kept: [&[u8]; 13] = [
        b"Resources: {B: {Type: AWS::S3::Bucket}}",
        b"AWSTemplateFormatVersion: 2010-09-09",
        b"{\"planned_values\": {}}",
        b"{\"values\": {\"root_module\": {}}}",
        b"{\"Type\": \"\\u0041WS::S3::Bucket\"}",
        b"{\"Type\": \"AWS\\u003A:S3::Bucket\"}",
        b"Type: \"\\x41WS::S3::Bucket\"",
        b"Type: \"\\U00000041WS::S3::Bucket\"",
        b"Type: \"AW\\\nS::S3::Bucket\"",
        b"Type: \"AW\\\r\nS::S3::Bucket\"",
        b"{\"planned\\u005fvalues\": {}}",
        &[0xFF, 0xFE, b'{', 0],
        &[b'{', 0, b'"', 0],
    ];
    for bytes in kept {
        assert!(may_be_input(bytes), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn leaves_out_what_cannot_be_one() {
    let left: [&[u8]; 6] = [
        b"",
        b"{\"name\": \"AWS SDK\", \"text\": \"caf\\u00e9 \\u003cb\\u003e \\n \\\" \\\\\"}",
        b"apiVersion: v1\nkind: Pod\nresources: {}\n",
        b"region: AWS:us-east-1",
        b"\\x4",
        b"\\uZZZZ",
    ];
    for bytes in left {
        assert!(!may_be_input(bytes), "{}", String::from_utf8_lossy(bytes));
    }
}

/// What is said of a template: its errors, and what of it is not read.
fn said(text: &str) -> String {
    let mut sources = Sources::default();
    let Detected::Input(frontend, document) = detect(&sources.add("input", text)) else { panic!("{text}") };
    let Ok(read) = read(frontend, *document, &mut sources) else { panic!("{text}") };
    let errors = read.errors.into_iter().map(|error| error.message);
    errors.chain(read.unread.map(|notice| notice.message)).collect::<Vec<_>>().join("; ")
}

#[test]
fn what_nobody_reads_is_said_beside_what_is_read() {
    let bucket = "Resources: {B: {Type: AWS::S3::Bucket}}\n";
    for (text, says) in [
        (format!("{bucket}More: {{C: {{Type: AWS::S3::Bucket}}}}"), "stands here and is not read"),
        (format!("{bucket}Metadata: {{C: {{Type: AWS::S3::BucketPolicy}}}}"), "stands here and is not read"),
        ("Resources: {B: {Type: \u{410}WS::S3::Bucket}}".to_owned(), "is no resource type"),
        ("Resources: {T: {Type: AWS::SNS::Topic, Fn::Transform: [{Name: M}]}}".to_owned(), "a macro may make"),
        ("Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateUrl: a}}}".to_owned(), "did you mean"),
    ] {
        assert!(said(&text).contains(says), "{text}: {}", said(&text));
    }
    for text in [
        bucket,
        "x: &x {Type: AWS::S3::Bucket}\nResources: {B: *x}",
        "x: &x {Type: AWS::S3::Bucket}\nResources: {B: {<<: *x}}",
        "x: &x AWS::S3::Bucket\nResources: {B: {Type: *x}}",
        "Resources: {B: {Type: AWS::S3::Bucket}, Fn::ForEach::L: [X, [a], {'C${X}': {Type: AWS::S3::Bucket}}]}",
    ] {
        assert_eq!(said(text), "", "{text}");
    }
}
