//! Resource control policies that the settings name, and values that hold file by file.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::common;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

fn folder(name: &str) -> PathBuf {
    crate::common::repository("guarded", name)
}

fn run(folder: &Path, extra: &[&str]) -> Output {
    let arguments = [&["check", "--format", "json"], extra].concat();
    common::bucketlint().current_dir(folder).args(arguments).output().unwrap()
}

fn report(output: &Output) -> Value {
    let told = || String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told()))
}

/// The Deny of <https://github.com/aws-samples/data-perimeter-policy-examples> that enforces TLS in an organization.
fn enforces_tls(more: &Value) -> Value {
    let mut condition = json!({"BoolIfExists": {"aws:SecureTransport": "false"}});
    for (operator, keys) in more.as_object().unwrap() {
        let known = condition.as_object_mut().unwrap().entry(operator).or_insert_with(|| json!({}));
        known.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    }
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "EnforceSecureTransport", "Effect": "Deny", "Principal": "*",
        "Action": ["sts:*", "s3:*", "sqs:*", "secretsmanager:*", "kms:*"], "Resource": "*", "Condition": condition,
    }]})
}

const BARE: &str = "  Data:\n    Type: AWS::S3::Bucket\n";

/// A bucket whose own policy denies what a Deny on `resource` with a further condition does.
fn own(resource: &str, condition: &str) -> String {
    format!(
        "{BARE}  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Data\n      PolicyDocument:\n        \
         Version: '2012-10-17'\n        Statement:\n          - Effect: Deny\n            Principal: '*'\n            Action: 's3:*'\n            \
         Resource: {resource}\n            Condition: {{Bool: {{'aws:SecureTransport': 'false'{condition}}}}}\n"
    )
}

const BOTH: &str = "[!Sub '${Data.Arn}', !Sub '${Data.Arn}/*']";

#[test]
fn a_finding_is_muted_where_both_policies_together_deny_everything() {
    let exception = json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
    let account = json!({"StringNotEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}});
    let mut objects_only = enforces_tls(&json!({}));
    objects_only["Statement"][0]["Resource"] = json!("arn:aws:s3:::*/*");
    let cases = [
        ("the published policy", enforces_tls(&json!({})), BARE.to_owned(), true),
        ("with an exception", enforces_tls(&exception), BARE.to_owned(), false),
        (
            "with an exception that the bucket closes",
            enforces_tls(&exception),
            own(BOTH, ", 'aws:PrincipalIsAWSService': 'true'"),
            true,
        ),
        ("with another exception", enforces_tls(&account), own(BOTH, ", 'aws:PrincipalIsAWSService': 'true'"), false),
        ("one for objects, one for the bucket", objects_only.clone(), own("!Sub '${Data.Arn}'", ""), true),
        ("both for objects", objects_only, own("!Sub '${Data.Arn}/*'", ""), false),
    ];
    for (name, policy, resources, muted) in cases {
        let here = folder("table");
        fs::create_dir_all(here.join("org")).unwrap();
        fs::write(here.join("org/rcp.json"), format!("{policy:#}")).unwrap();
        fs::write(here.join("a.yaml"), format!("Resources:\n{resources}")).unwrap();
        let settings = "guarded-by: [{file: org/rcp.json, reason: attached to the root, accounts: all}]\n";
        fs::write(here.join("bucketlint.yaml"), settings).unwrap();
        let output = run(&here, &[]);
        let found = report(&output);
        let suppressed = &found["findings"][0]["suppressed"];
        assert_eq!(found["buckets"][0]["verdict"], "exposed", "{name}: the verdict stays");
        assert_eq!(
            (output.status.code(), suppressed.is_null()),
            (Some(i32::from(!muted)), !muted),
            "{name}: {found:#}"
        );
        if muted {
            assert_eq!(
                (&suppressed["by"], &suppressed["file"]),
                (&json!("guarded-by"), &json!("org/rcp.json")),
                "{name}"
            );
            assert_eq!(suppressed["span"]["start"]["line"], 3, "{name}");
            let reason = suppressed["reason"].as_str().unwrap();
            for words in ["attached to the root; ", "management account", "service-linked roles", "NON_COMPLIANT"] {
                assert!(reason.contains(words), "{reason}");
            }
            assert_eq!(found["summary"]["suppressed"], 1);
        }
        let isolated = report(&run(&here, &["--isolated"]));
        assert!(isolated["findings"][0]["suppressed"].is_null(), "{name}");
    }
}

#[test]
fn a_policy_covers_the_accounts_that_it_is_attached_to() {
    let here = folder("accounts");
    let stack = |environment: &str, file: &str| json!({"type": "aws:cloudformation:stack", "environment": environment, "properties": {"templateFile": file}});
    let manifest = json!({"version": "48.0.0", "artifacts": {
        "Covered": stack("aws://111122223333/eu-west-1", "covered.template.json"),
        "Other": stack("aws://444455556666/eu-west-1", "other.template.json"),
        "Open": stack("aws://unknown-account/eu-west-1", "open.template.json"),
    }});
    fs::create_dir_all(here.join("cdk.out")).unwrap();
    fs::write(here.join("cdk.out/manifest.json"), manifest.to_string()).unwrap();
    fs::write(here.join("cdk.out/cdk.out"), "{\"version\": \"48.0.0\"}").unwrap();
    // One that the guard mutes by itself, and one that it mutes with the bucket's own policy.
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": {"Bool": {
        "aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "true"}},
        "Resource": [{"Fn::Sub": "${Half.Arn}"}, {"Fn::Sub": "${Half.Arn}/*"}]});
    let template = json!({"Resources": {"Bare": {"Type": "AWS::S3::Bucket"}, "Half": {"Type": "AWS::S3::Bucket"},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Half"},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [deny]}}}}});
    for name in ["covered", "other", "open"] {
        fs::write(here.join(format!("cdk.out/{name}.template.json")), template.to_string()).unwrap();
    }
    let muted = |accounts: &str, policies: &[(&str, Value)]| {
        let entries = policies.iter().map(|(file, policy)| {
            fs::write(here.join(file), format!("{policy:#}")).unwrap();
            format!("  - {{file: {file}, reason: attached, accounts: {accounts}}}\n")
        });
        fs::write(here.join("bucketlint.yaml"), format!("guarded-by:\n{}", entries.collect::<String>())).unwrap();
        let found = report(&run(&here, &[]));
        let all = found["findings"].as_array().unwrap().iter().filter(|one| one["suppressed"]["by"] == "guarded-by");
        let names = all.map(|one| format!("{} {}", one["file"], one["bucket"]).replace(['"', '\\'], ""));
        (names.collect::<Vec<_>>(), found["notices"].to_string())
    };
    let whole = [("rcp.json", enforces_tls(&json!({})))];
    let services = [("rcp.json", enforces_tls(&json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})))];
    let covered = ["Bare", "Half"].map(|bucket| format!("cdk.out/covered.template.json {bucket}"));
    assert_eq!(muted("['111122223333']", &whole).0, covered);
    assert_eq!(muted("['111122223333']", &services).0, covered[1..]);
    assert_eq!(muted("all", &whole).0.len(), 6);
    assert_eq!(muted("all", &services).0.len(), 3);
    let (names, notices) = muted("['999999999999']", &whole);
    assert!(names.is_empty() && notices.contains("covers no bucket here") && notices.contains("`accounts: all`"));
    assert!(!muted("all", &whole).1.contains("covers no bucket"));
}

#[test]
fn a_policy_that_is_none_is_an_error_at_its_place() {
    let here = folder("errors");
    fs::write(here.join("a.yaml"), format!("Resources:\n{BARE}")).unwrap();
    let cases = [
        ("{\"Statement\": [", "rcp.json:1:"),
        ("{\"Statement\": []}", "rcp.json:1:15"),
        (
            "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"}]}",
            "denies nothing",
        ),
    ];
    let settings = |file: &str| {
        let text = format!("guarded-by: [{{file: {file}, reason: x, accounts: [\"111122223333\"]}}]\n");
        fs::write(here.join("bucketlint.yaml"), text).unwrap();
        let output = run(&here, &[]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    for (text, place) in cases {
        fs::write(here.join("rcp.json"), text).unwrap();
        let told = settings("rcp.json");
        assert!(told.contains(place), "{text}: {told}");
    }
    for file in ["none.json", "../../../../../../../../etc/passwd"] {
        let told = settings(file);
        assert!(told.contains("bucketlint.yaml:1:21"), "{told}");
        assert!(!told.contains("root:"), "{told}");
    }
}

#[test]
fn values_of_parameters_hold_below_their_settings() {
    let here = folder("values");
    let template = "Parameters: {Live: {Type: String, Default: 'no'}}\nConditions: {IsLive: !Equals [!Ref Live, 'yes']}\n\
                    Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Condition: IsLive\n";
    for path in ["live/a.yaml", "dead/b.yaml", "file/c.yaml", "file/d.yaml", "default/e.yaml"] {
        fs::create_dir_all(here.join(path).parent().unwrap()).unwrap();
        fs::write(here.join(path), template).unwrap();
    }
    fs::write(here.join("live/bucketlint.yaml"), "parameters: {Live: 'yes'}\n").unwrap();
    fs::write(here.join("dead/bucketlint.yaml"), "parameters: {Live: 'no'}\n").unwrap();
    fs::write(here.join("default/bucketlint.yaml"), "assume-defaults: true\n").unwrap();
    fs::write(here.join("file/bucketlint.yaml"), "parameters: {Live: 'yes'}\nparameter-files: {\"d.*\": no.json}\n")
        .unwrap();
    fs::write(here.join("file/no.json"), "{\"Live\": \"no\"}").unwrap();
    let exposed = |extra: &[&str]| {
        let report = report(&run(&here, extra));
        assert_eq!(report["errors"], json!([]));
        let buckets = report["buckets"].as_array().unwrap().iter().filter(|bucket| bucket["verdict"] == "exposed");
        buckets.map(|bucket| bucket["input"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(exposed(&[]), ["file/c.yaml", "live/a.yaml"]);
    // A folder of Terraform source takes those of where it lies.
    let source = "variable \"Live\" {\n  type = string\n}\nresource \"aws_s3_bucket\" \"data\" {\n  count = var.Live == \"yes\" ? 1 : \
                  0\n}\n";
    for folder in ["live/tf", "dead/tf"] {
        fs::create_dir_all(here.join(folder)).unwrap();
        fs::write(here.join(folder).join("main.tf"), source).unwrap();
    }
    assert_eq!(exposed(&["live/tf", "dead/tf"]), ["live/tf"]);
    for folder in ["live/tf", "dead/tf"] {
        fs::remove_dir_all(here.join(folder)).unwrap();
    }
    fs::write(here.join("flag.json"), "{\"Live\": \"yes\"}").unwrap();
    assert_eq!(exposed(&["--parameters", "flag.json"]).len(), 5, "flags win");
    fs::write(here.join("file/no.json"), "{\"Live\": {\"secret\": \"hunter2\"}}").unwrap();
    let output = run(&here, &[]);
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("file/no.json:1:10"), "{told}");
    assert!(!told.contains("hunter2") && !String::from_utf8_lossy(&output.stdout).contains("hunter2"), "{told}");
    fs::remove_file(here.join("file/no.json")).unwrap();
    let told = String::from_utf8(run(&here, &[]).stderr).unwrap();
    assert!(told.contains("file/bucketlint.yaml:2:26") && told.contains("`no.json` cannot be read"), "{told}");
}
