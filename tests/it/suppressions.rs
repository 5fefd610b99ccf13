//! Where a suppression may stand, and what it mutes.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::common;

use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// `rule bucket: by` for each muted finding, `rule bucket` for each open one, `unused LINE: message` for the rest.
fn outcome(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let mut out: Vec<String> = findings
        .iter()
        .map(|finding| {
            let (rule, bucket) = (finding["rule"].as_str().unwrap(), finding["bucket"].as_str().unwrap_or_default());
            if rule == "unused-suppression" {
                let message = finding["message"].as_str().unwrap();
                return format!("unused {}: {message}", finding["span"]["start"]["line"]);
            }
            match finding["suppressed"]["by"].as_str() {
                Some(by) => format!("{rule} {bucket}: {by}"),
                None => format!("{rule} {bucket}"),
            }
        })
        .collect();
    out.sort();
    out
}

fn check(name: &str, text: &str, extra: &[&str]) -> Vec<String> {
    let report = common::lint_text(name, text, &[&["--now", "2026-11-26"], extra].concat());
    assert_eq!(report["errors"], serde_json::json!([]), "{text}");
    outcome(&report)
}

const MISSING: &str = "missing-bucket-policy";
const OPEN: [&str; 2] = ["missing-bucket-policy A", "missing-bucket-policy B"];
const A_MUTED: [&str; 2] = ["missing-bucket-policy A: comment", "missing-bucket-policy B"];
const B_MUTED: [&str; 2] = ["missing-bucket-policy A", "missing-bucket-policy B: comment"];
const INDENT: &str = "this suppression mutes nothing: the line below it is blank, or indented otherwise";
const NOWHERE: &str = "this suppression mutes nothing: no resource and no part of one starts there";

/// Templates with `#!` for the suppressing comment, and what it comes to.
#[test]
fn comments_in_yaml() {
    let unused = |line: usize, message: &str| -> Vec<String> {
        OPEN.iter().map(ToString::to_string).chain([format!("unused {line}: {message}")]).collect()
    };
    let list = |all: [&str; 2]| all.map(str::to_owned).to_vec();
    let cases: Vec<(&str, &str, Vec<String>)> = vec![
        (
            "above the first key",
            "Resources:\n  #!\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            list(A_MUTED),
        ),
        (
            "above a later key",
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n  #!\n  B:\n    Type: AWS::S3::Bucket\n",
            list(B_MUTED),
        ),
        (
            "behind the key",
            "Resources:\n  A: #!\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            list(A_MUTED),
        ),
        (
            "behind a flow mapping",
            "Resources:\n  A: {Type: 'AWS::S3::Bucket'} #!\n  B: {Type: 'AWS::S3::Bucket'}\n",
            list(A_MUTED),
        ),
        (
            "in a flow mapping",
            "Resources: {\n  A: {Type: 'AWS::S3::Bucket'}, #!\n  B: {Type: 'AWS::S3::Bucket'}\n}\n",
            list(A_MUTED),
        ),
        (
            "two behind one line",
            "Resources: {A: {Type: 'AWS::S3::Bucket'}, B: {Type: 'AWS::S3::Bucket'}} #!\n",
            unused(
                1,
                "this suppression mutes nothing: it is at no one resource; for all of a template, use its `Metadata`",
            ),
        ),
        (
            "one behind the line of its section",
            "Resources: {A: {Type: 'AWS::S3::Bucket'}, #!\n  B: {Type: 'AWS::S3::Bucket'}}\n",
            list(A_MUTED),
        ),
        (
            "a blank line below",
            "Resources:\n  #!\n\n  A: {Type: 'AWS::S3::Bucket'}\n  B: {Type: 'AWS::S3::Bucket'}\n",
            unused(2, INDENT),
        ),
        (
            "above, in a flow mapping",
            "Resources: {\n  A: {Type: 'AWS::S3::Bucket'},\n  #!\n  B: {Type: 'AWS::S3::Bucket'}\n}\n",
            list(B_MUTED),
        ),
        (
            "above, with other comments",
            "Resources:\n  # one\n  #!\n  # two\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            list(A_MUTED),
        ),
        (
            "windows line ends",
            "Resources:\r\n  #!\r\n  A:\r\n    Type: AWS::S3::Bucket\r\n  B:\r\n    Type: AWS::S3::Bucket\r\n",
            list(A_MUTED),
        ),
        (
            "a quoted key",
            "Resources:\n  #!\n  \"A\":\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            list(A_MUTED),
        ),
        (
            "above the parent",
            "#!\nResources:\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            unused(
                1,
                "this suppression mutes nothing: it is at no one resource; for all of a template, use its `Metadata`",
            ),
        ),
        (
            "behind the parent",
            "Resources: #!\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            unused(
                1,
                "this suppression mutes nothing: it is at no one resource; for all of a template, use its `Metadata`",
            ),
        ),
        (
            "above the first key, indented like the parent",
            "Resources:\n#!\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            unused(2, INDENT),
        ),
        (
            "at the end of a resource",
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    #!\n  B:\n    Type: AWS::S3::Bucket\n",
            unused(4, INDENT),
        ),
        (
            "behind the last line",
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n  #!\n",
            unused(6, INDENT),
        ),
        (
            "a blank line between",
            "Resources:\n  #!\n\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            unused(2, INDENT),
        ),
        (
            "behind a bracket",
            "Resources: {\n  A: {\n    Type: AWS::S3::Bucket\n  }, #!\n  B: {Type: 'AWS::S3::Bucket'}\n}\n",
            unused(4, NOWHERE),
        ),
        (
            "on a part that is not at fault",
            "Resources:\n  A:\n    #!\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            unused(3, "no `missing-bucket-policy` finding is here to suppress"),
        ),
        (
            "in a block scalar",
            "Description: |\n  #!\n  x\nResources:\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            list(OPEN),
        ),
        (
            "in a string",
            "Description: \"x #! \"\nResources:\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n",
            list(OPEN),
        ),
        (
            "a loop",
            "Transform: AWS::LanguageExtensions\nResources:\n  #!\n  Fn::ForEach::L:\n    - X\n    - [A, B]\n    - \"${X}\":\n        Type: AWS::S3::Bucket\n",
            list(["missing-bucket-policy A: comment", "missing-bucket-policy B: comment"]),
        ),
        (
            "inside a loop",
            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::L:\n    - X\n    - [A, B]\n    - \"${X}\": #!\n        Type: AWS::S3::Bucket\n",
            list(["missing-bucket-policy A: comment", "missing-bucket-policy B: comment"]),
        ),
        ("an anchor", "Resources:\n  #!\n  A: &a\n    Type: AWS::S3::Bucket\n  B: *a\n", list(A_MUTED)),
        ("an alias", "Resources:\n  A: &a\n    Type: AWS::S3::Bucket\n  B: *a #!\n", list(B_MUTED)),
    ];
    for (name, text, expected) in cases {
        let text = text.replace("#!", &format!("# bucketlint: ignore[{MISSING}] a reason"));
        assert_eq!(check("a.yaml", &text, &[]), expected, "{name}\n{text}");
    }
}

const POLICY: &str = r#"Resources:
  Data: #1
    Type: AWS::S3::Bucket
  #2
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data #3
      PolicyDocument: #4
        Statement:
          #5
          - Effect: Deny
            Principal: '*'
            Action: 's3:*'
            Resource: #6
              - !Sub '${Data.Arn}/*'
            Condition: #7
              Bool:
                aws:SecureTransport: 'false'
          - Effect: Allow #8
            Principal: '*'
            Action: 's3:GetObject'
            Resource: '*'
"#;

#[test]
fn at_the_policy_and_at_the_element_at_fault() {
    for (place, mutes) in [(1, true), (2, true), (3, false), (4, true), (5, true), (6, true), (7, false), (8, false)] {
        let mut text = POLICY.replace(&format!("#{place}"), "# bucketlint: ignore[partial-deny] a reason");
        for other in 1..=8 {
            text = text.replace(&format!("#{other}"), "# nothing");
        }
        let found = check("a.yaml", &text, &[]);
        let muted = found.contains(&"partial-deny Data: comment".to_owned());
        assert_eq!(muted, mutes, "place {place}: {found:?}");
        assert_eq!(found.iter().any(|one| one.starts_with("unused")), !mutes, "place {place}: {found:?}");
    }
}

#[test]
fn metadata_in_yaml_json_and_sam() {
    let entry = "{rule: missing-bucket-policy, reason: known, until: 2027-03-31}";
    let of_a = format!(
        "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Metadata: {{bucketlint: {{ignore: [{entry}]}}}}\n  B:\n    Type: AWS::S3::Bucket\n"
    );
    let muted = ["missing-bucket-policy A: metadata", "missing-bucket-policy B"];
    assert_eq!(check("a.yaml", &of_a, &[]), muted);
    assert_eq!(check("a.yaml", &format!("Transform: AWS::Serverless-2016-10-31\n{of_a}"), &[]), muted);
    let of_all = format!(
        "Metadata: {{bucketlint: {{ignore: [{entry}]}}}}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n"
    );
    let all = ["missing-bucket-policy A: metadata", "missing-bucket-policy B: metadata"];
    assert_eq!(check("a.yaml", &of_all, &[]), all);
    let json = r#"{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Metadata": {"bucketlint": {"ignore": [
        {"rule": ["missing-bucket-policy"], "reason": "known"}]}}}, "B": {"Type": "AWS::S3::Bucket"}}}"#;
    assert_eq!(check("a.json", json, &[]), muted);
    let looped = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::L:\n    - X\n    - [A, B]\n    - \"${X}\":\n        Type: AWS::S3::Bucket\n        Metadata: {bucketlint: {ignore: [{rule: missing-bucket-policy, reason: x}]}}\n";
    assert_eq!(check("a.yaml", looped, &[]), all);
}

#[test]
fn what_does_not_count_is_told() {
    let with = |comment: &str| {
        let text = format!("Resources:\n  A: # bucketlint: {comment}\n    Type: AWS::S3::Bucket\n");
        check("a.yaml", &text, &[])
    };
    let open = |message: &str| vec!["missing-bucket-policy A".to_owned(), format!("unused 2: {message}")];
    assert_eq!(with("ignore[missing-bucket-policy]"), open("this suppression does not count: it gives no reason"));
    assert_eq!(with("ignore[] x"), open("this suppression does not count: it names no rule"));
    assert_eq!(with("off"), open("this suppression does not count: write `bucketlint: ignore[RULE, …] REASON`"));
    assert_eq!(
        with("ignore[missing-policy] x"),
        open("there is no rule `missing-policy`: did you mean `missing-bucket-policy`?")
    );
    assert_eq!(with("ignore[partial-deny] x"), open("no `partial-deny` finding is here to suppress"));
    assert_eq!(with("ignore[missing-bucket-policy] x until 2026-11-25"), open("this suppression ended on 2026-11-25"));
    assert_eq!(with("ignore[missing-bucket-policy] x until 2026-11-26"), ["missing-bucket-policy A: comment"]);
    assert_eq!(
        with("ignore[missing-bucket-policy, partial-deny] x"),
        ["missing-bucket-policy A: comment", "unused 2: no `partial-deny` finding is here to suppress"]
    );
    let metadata = |text: &str| {
        let text = format!("Resources:\n  A:\n    Metadata: {{bucketlint: {text}}}\n    Type: AWS::S3::Bucket\n");
        check("a.yaml", &text, &[])[1].clone()
    };
    let shape =
        "unused 3: this suppression does not count: write `bucketlint: {ignore: [{rule: RULE, reason: REASON}]}`";
    assert_eq!(metadata("{ignore: missing-bucket-policy}"), shape);
    assert_eq!(metadata("{suppress: []}"), shape);
    assert_eq!(
        metadata("{ignore: [{rule: partial-deny}]}"),
        "unused 3: this suppression does not count: it gives no reason"
    );
    assert_eq!(
        metadata("{ignore: [{rule: partial-deny, reason: x, until: soon}]}"),
        "unused 3: this suppression does not count: `until` is a day such as `2027-03-31`"
    );
}

#[test]
fn other_tools_are_honoured_where_that_is_asked_for() {
    let body = |metadata: &str, comment: &str| {
        format!(
            "Resources:\n  #!\n  A:\n    Type: AWS::S3::Bucket\n    # {comment}\n    Metadata: {metadata}\n  B:\n    Type: AWS::S3::Bucket\n"
        )
    };
    let kics = "kics-scan ignore-block";
    let cases = [
        ("checkov", body("{}", "checkov:skip=CKV_AWS_379:behind a proxy")),
        ("checkov", body("{checkov: {skip: [{id: CKV_AWS_379, comment: x}]}}", "")),
        ("cdk-nag", body("{cdk_nag: {rules_to_suppress: [{id: AwsSolutions-S10, reason: x}]}}", "")),
        (
            "cdk-nag",
            body("{cdk_nag: {rules_to_suppress: [{id: HIPAA.Security-S3BucketSSLRequestsOnly, reason: x}]}}", ""),
        ),
        ("guard", body("{guard: {SuppressedRules: [S3_BUCKET_SSL_REQUESTS_ONLY]}}", "")),
        ("kics", body("{}", "").replace("#!", &format!("# {kics}"))),
    ];
    for (tool, text) in cases {
        assert_eq!(check("a.yaml", &text, &[]), OPEN, "{text}");
        let honoured = check("a.yaml", &text, &["--honor", tool]);
        assert_eq!(honoured, [format!("missing-bucket-policy A: {tool}").as_str(), OPEN[1]], "{text}");
    }
    // What is not Latin, cdk-nag encodes.
    let encoded = "{cdk_nag: {rules_to_suppress: [{id: AwsSolutions-S10, reason: ZsO8ciDigJRzcGF0ZXI=, is_reason_encoded: true}]}}";
    let report = common::lint_text("a.yaml", &body(encoded, ""), &["--honor", "cdk-nag"]);
    assert_eq!(report["findings"][0]["suppressed"]["reason"], "für —spater");
    let file = format!("# kics-scan disable=38c64e76-c71e-4d92-a337-60174d1de1c9\n{}", body("{}", ""));
    assert_eq!(check("a.yaml", &file, &["--honor", "kics"]).iter().filter(|one| one.ends_with(": kics")).count(), 2);
}

/// A new folder with what another one holds.
fn copied(name: &str, from: &str) -> PathBuf {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suppressions").join(name);
    let _ = fs::remove_dir_all(&to);
    crate::common::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(from), &to);
    to
}

/// Lints a plan of the test data with edits of its source.
fn plan(name: &str, from: &str, edits: &[(&str, &str, &str)], extra: &[&str]) -> Vec<String> {
    let folder = copied(name, from);
    for (file, before, after) in edits {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file} holds no {before}");
        fs::write(path, text.replacen(before, after, 1)).unwrap();
    }
    outcome(&common::lint_paths(&[&folder.join("plan.json")], extra))
}

#[test]
fn comments_in_terraform() {
    let bucket = "testdata/rules/missing-bucket-policy/bucket-alone";
    let header = "resource \"aws_s3_bucket\" \"data\" {";
    let mark = "bucketlint: ignore[missing-bucket-policy] known";
    let muted = ["missing-bucket-policy aws_s3_bucket.data: comment"];
    for (name, after) in [
        ("above", format!("# {mark}\n{header}")),
        ("slashes", format!("// {mark}\n{header}")),
        ("block", format!("/* {mark} */\n{header}")),
        ("behind", format!("{header} # {mark}")),
        ("inside", format!("{header}\n  # another\n  # {mark}")),
    ] {
        assert_eq!(plan(name, bucket, &[("main.tf", header, &after)], &[]), muted, "{name}");
    }
    for (name, before, after) in [
        ("argument", "  bucket = \"acme-data\"", format!("  bucket = \"acme-data\" # {mark}")),
        ("string", "\"acme-data\"", format!("\"acme-data # {mark}\"")),
        ("end", "\"acme-data\"\n", format!("\"acme-data\"\n  # {mark}\n")),
    ] {
        let found = plan(name, bucket, &[("main.tf", before, &after)], &[]);
        assert_eq!(found[0], "missing-bucket-policy aws_s3_bucket.data", "{name}");
        assert_eq!(found.len(), if name == "string" { 1 } else { 2 }, "{name}: {found:?}");
    }
    let skip = format!("{header}\n  #checkov:skip=CKV_AWS_379: known");
    let edit = [("main.tf", header, skip.as_str())];
    assert_eq!(
        plan("checkov", bucket, &edit, &["--honor", "checkov"]),
        ["missing-bucket-policy aws_s3_bucket.data: checkov"]
    );
    assert_eq!(plan("checkov", bucket, &edit, &[]), ["missing-bucket-policy aws_s3_bucket.data"]);
}

#[test]
fn a_comment_at_a_module_call_is_about_all_that_it_makes() {
    let call = "module \"bucket\" {";
    let after = format!("# bucketlint: ignore[missing-bucket-policy] known\n{call}");
    let found = plan("module", "testdata/plans/for-each-modules", &[("main.tf", call, &after)], &[]);
    assert_eq!(found, ["missing-bucket-policy module.bucket[\"scratch\"].aws_s3_bucket.this: comment"]);
    let call = "module \"outer\" {";
    let after = format!("# bucketlint: ignore[partial-deny] known\n{call}");
    let found = plan("outer", "testdata/plans/30-nested", &[("main.tf", call, &after)], &[]);
    assert!(
        found.contains(&"partial-deny module.outer[\"y\"].module.inner.aws_s3_bucket.this: comment".to_owned()),
        "{found:?}"
    );
    let call = "module \"plain\" {";
    let after = format!("# bucketlint: ignore[missing-bucket-policy] known\n{call}");
    let found = plan("plain", "testdata/plans/registry-module", &[("main.tf", call, &after)], &[]);
    let muted: Vec<_> = found.iter().filter(|one| one.ends_with(": comment")).collect();
    assert_eq!(muted, ["missing-bucket-policy module.plain.aws_s3_bucket.this[0]: comment"]);
}

/// A comment in a module is read for each root module that calls it: what one of them has use for is not unused, and the
/// rest is told once.
#[test]
fn a_comment_in_a_shared_module_is_told_once() {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suppressions").join("shared-module");
    let _ = fs::remove_dir_all(&here);
    let policy = "resource \"aws_s3_bucket_policy\" \"this\" {\n  bucket = \"acme-two\"\n  policy = jsonencode({ Statement = [{ \
                  Effect = \"Deny\", Principal = \"*\", Action = \"s3:*\", Resource = [\"arn:aws:s3:::acme-two\", \
                  \"arn:aws:s3:::acme-two/*\"], Condition = { Bool = { \"aws:SecureTransport\" = \"false\" } } }] })\n}\n";
    let call = |name: &str| format!("module \"data\" {{\n  source = \"../shared\"\n  name = \"acme-{name}\"\n}}\n");
    let bucket = "# bucketlint: ignore[missing-bucket-policy] public by design\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = \
                  var.name\n}\nvariable \"name\" {}\n";
    for folder in ["shared", "one", "two"] {
        fs::create_dir_all(here.join(folder)).unwrap();
    }
    fs::write(here.join("shared/main.tf"), bucket).unwrap();
    fs::write(here.join("two/main.tf"), format!("{}{policy}", call("two"))).unwrap();
    for (one, expected) in [
        (call("one"), vec!["missing-bucket-policy module.data.aws_s3_bucket.this: comment"]),
        (call("two"), vec!["unused 1: no `missing-bucket-policy` finding is here to suppress"]),
    ] {
        fs::write(here.join("one/main.tf"), one).unwrap();
        let output = common::bucketlint().current_dir(&here).args(["check", "--format", "json"]).output().unwrap();
        assert_eq!(outcome(&serde_json::from_slice(&output.stdout).unwrap()), expected);
    }
}

/// Below a block of one line a comment is not in it, and is about the block below.
#[test]
fn a_comment_between_blocks_of_one_line_is_of_the_second() {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suppressions").join("one-line");
    let _ = fs::remove_dir_all(&here);
    fs::create_dir_all(here.join("open")).unwrap();
    let bucket = |name: &str| format!("resource \"aws_s3_bucket\" \"{name}\" {{ bucket = \"acme-{name}\" }}\n");
    let module = "module \"open\" { source = \"./open\" }\n".to_owned();
    let comment = "# bucketlint: ignore[missing-bucket-policy] public by design\n";
    fs::write(here.join("open/main.tf"), bucket("inner")).unwrap();
    for (above, first) in [(bucket("first"), "aws_s3_bucket.first"), (module, "module.open.aws_s3_bucket.inner")] {
        fs::write(here.join("main.tf"), format!("{above}{comment}{}", bucket("second"))).unwrap();
        let output = common::bucketlint().current_dir(&here).args(["check", "--format", "json"]).output().unwrap();
        let found = outcome(&serde_json::from_slice(&output.stdout).unwrap());
        let muted = "missing-bucket-policy aws_s3_bucket.second: comment".to_owned();
        for expected in [muted, format!("missing-bucket-policy {first}")] {
            assert!(found.contains(&expected), "{expected}: {found:?}");
        }
    }
}

#[test]
fn a_plan_without_source_is_suppressed_in_settings() {
    let folder = copied("settings", "testdata/rules/missing-bucket-policy/bucket-alone");
    fs::remove_file(folder.join("main.tf")).unwrap();
    let settings = |entries: &str| {
        fs::write(folder.join("bucketlint.yaml"), format!("suppress:\n{entries}")).unwrap();
        let run = |path: PathBuf| outcome(&common::lint_paths(&[&path], &["--now", "2026-11-26"]));
        (run(folder.clone()), run(folder.join("plan.json")))
    };
    let muted = vec!["missing-bucket-policy aws_s3_bucket.data: settings".to_owned()];
    let open = vec!["missing-bucket-policy aws_s3_bucket.data".to_owned()];
    for entry in [
        "  - {rule: missing-bucket-policy, reason: known}",
        "  - {rule: [partial-deny, missing-bucket-policy], path: \"*.json\", address: \"*.data\", reason: known, until: 2026-11-26}",
    ] {
        assert_eq!(settings(entry), (muted.clone(), muted.clone()), "{entry}");
    }
    let unused = |message: &str| [open.clone(), vec![format!("unused 2: {message}")]].concat();
    for entry in [
        "  - {rule: missing-bucket-policy, path: \"other/**\", reason: known}",
        "  - {rule: missing-bucket-policy, address: \"aws_s3_bucket.dat\", reason: known}",
    ] {
        let idle = unused("no finding is here to suppress");
        assert_eq!(settings(entry), (idle, open.clone()), "a part of the files says nothing of the rest: {entry}");
    }
    let over = unused("this suppression ended on 2026-11-25");
    assert_eq!(settings("  - {rule: missing-bucket-policy, reason: known, until: 2026-11-25}"), (over.clone(), over));
}

#[test]
fn a_muted_finding_does_not_fail_the_run_and_is_counted() {
    let text = "Resources:\n  A: # bucketlint: ignore[missing-bucket-policy] known\n    Type: AWS::S3::Bucket\n";
    let folder = copied("streams", "testdata/sample");
    fs::write(folder.join("a.yaml"), text).unwrap();
    let run = |extra: &[&str]| {
        let output = common::bucketlint().current_dir(&folder).args(["check", "a.yaml"]).args(extra).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(run(&[]), (0, String::new(), "1 file, 1 bucket: 1 exposed; 1 finding suppressed\n".to_owned()));
    let (status, out, _) = run(&["--include-suppressed"]);
    assert!(status == 0 && out.starts_with("error[missing-bucket-policy]"), "{out}");
    let (status, _, told) = run(&["--no-inline-suppressions"]);
    assert!(status == 1 && told.contains("1 exposed\n"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Comments and metadata anywhere in a template, and every peer honoured: the verdicts are what they were.
    #[test]
    fn no_suppression_changes_a_verdict(places in proptest::collection::vec((0_usize..24, 0_usize..4), 1..6)) {
        let rules = ["missing-bucket-policy", "partial-deny", "orphan-policy, conditional-policy", "undecided-policy"];
        let plain = POLICY.lines().map(|line| line.split(" #").next().unwrap()).collect::<Vec<_>>();
        let mut marked: Vec<String> = plain.iter().map(ToString::to_string).collect();
        for (line, rule) in places {
            if let Some(text) = marked.get_mut(line) {
                let mark = format!("# bucketlint: ignore[{}] why", rules[rule]);
                *text = if text.trim_start().starts_with('#') { text.replace('#', &mark) } else { format!("{text} {mark}") };
            }
        }
        let verdicts = |lines: &[String]| {
            let text = lines.join("\n") + "\nMetadata: {bucketlint: {ignore: [{rule: partial-deny, reason: x}]}}\n";
            let report = common::lint_text("a.yaml", &text, &["--honor", "checkov,cdk-nag,guard,kics"]);
            report["buckets"].as_array().unwrap().iter().map(|bucket| bucket["verdict"].clone()).collect::<Vec<_>>()
        };
        let before: Vec<String> = plain.iter().map(ToString::to_string).collect();
        prop_assert_eq!(verdicts(&before), verdicts(&marked));
    }
}
