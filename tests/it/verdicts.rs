//! Every statement of the definition of the verdicts, as a test that names it.
//!
//! Each case is a whole template given to the built binary; most wrap one policy statement or a few.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::common::{bucket, lint_text, rules};
use serde_json::Value;

const NAMED: &str = "arn:aws:s3:::data";

/// A template with the bucket `Data`, called `data`, under a policy with these statements (YAML flow mappings).
fn template(statements: &[&str]) -> String {
    let mut text = String::from(
        "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: data}\n  DataPolicy:\n    \
         Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Data\n      PolicyDocument:\n        \
         Version: '2012-10-17'\n        Statement:\n",
    );
    for statement in statements {
        text.push_str("          - ");
        text.push_str(statement);
        text.push('\n');
    }
    text
}

fn deny_with(parts: &str) -> String {
    format!("{{Effect: Deny, {parts}}}")
}

/// A canonical Deny but for its condition block.
fn deny_if(condition: &str) -> String {
    deny_with(&format!(
        "Principal: '*', Action: 's3:*', Resource: ['{NAMED}', '{NAMED}/*'], Condition: {{{condition}}}"
    ))
}

const HTTP: &str = "Bool: {'aws:SecureTransport': 'false'}";

/// A canonical Deny but for one element.
fn deny(principal: &str, action: &str, resource: &str) -> String {
    deny_with(&format!("{principal}, {action}, {resource}, Condition: {{{HTTP}}}"))
}

const EVERYONE: &str = "Principal: '*'";
const EVERYTHING: &str = "Action: 's3:*'";
const BOTH: &str = "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']";

fn report(statements: &[String]) -> Value {
    lint_text("t.yaml", &template(&statements.iter().map(String::as_str).collect::<Vec<_>>()), &[])
}

/// The rules that explain a verdict, without what is said of the policy beside it.
fn about_verdict(report: &Value) -> Vec<String> {
    let beside = ["refused-policy", "denies-everything"];
    rules(report).into_iter().map(|rule| rule.to_string()).filter(|rule| !beside.contains(&rule.as_str())).collect()
}

#[track_caller]
fn enforced(statements: &[String]) {
    let report = report(statements);
    assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{statements:#?}\n{report:#}");
    assert!(about_verdict(&report).is_empty(), "{report:#}");
}

#[track_caller]
fn exposed(statements: &[String], rule: &str) -> Value {
    let report = report(statements);
    let data = bucket(&report, "Data").clone();
    assert_eq!(data["verdict"], "exposed", "{statements:#?}\n{report:#}");
    assert_eq!(about_verdict(&report), [rule], "{statements:#?}\n{report:#}");
    assert_eq!(data["witness"]["context"]["aws:SecureTransport"], "false", "{data:#}");
    data["witness"].clone()
}

#[track_caller]
fn undecided(statements: &[String]) -> Value {
    let report = report(statements);
    let data = bucket(&report, "Data").clone();
    assert_eq!(data["verdict"], "undecided", "{statements:#?}\n{report:#}");
    assert_eq!(rules(&report), ["undecided-policy"], "{report:#}");
    data
}

#[track_caller]
fn invalid(statements: &[String]) {
    let report = report(statements);
    assert_eq!(rules(&report), ["invalid-policy"], "{statements:#?}\n{report:#}");
    assert_ne!(bucket(&report, "Data")["verdict"], "enforced");
}

mod beside_the_verdict {
    use super::*;

    /// A sound policy and one more statement: what is said of it, and where.
    #[track_caller]
    fn said(more: &str, rule: &str, at: &str) {
        let text = template(&[&deny(EVERYONE, EVERYTHING, BOTH), more]);
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{more}\n{report:#}");
        let findings = report["findings"].as_array().unwrap();
        let of_rule: Vec<_> = findings.iter().filter(|one| one["rule"] == rule).collect();
        assert_eq!(of_rule.len(), 1, "{more}\n{report:#}");
        let span = |end: &str| of_rule[0]["span"][end]["offset"].as_u64().unwrap() as usize;
        assert!(text[span("start")..span("end")].contains(at), "{more}\n{report:#}");
        assert_eq!(findings.len(), 1, "{more}\n{report:#}");
    }

    fn allow(rest: &str) -> String {
        format!("{{Effect: Allow, Principal: {{AWS: '111122223333'}}, {rest}}}")
    }

    #[test]
    fn what_s3_refuses_is_told_at_the_element() {
        let get = "Action: 's3:GetObject', Resource:";
        for (rest, at) in [
            (format!("{get} 'arn:aws:s3:::other/*'"), "other"),
            (format!("{get} ['arn:aws:s3:::data/*', '']"), "''"),
            (format!("{get} 'data/*'"), "data/*"),
            (format!("{get} '*'"), "*"),
            ("Action: 's3:GetObjekt', Resource: 'arn:aws:s3:::data/*'".to_owned(), "GetObjekt"),
            ("Action: ['s3:GetObject', 'ec2:Run*'], Resource: 'arn:aws:s3:::data/*'".to_owned(), "ec2"),
            ("Action: 's3:ListAllMyBuckets', Resource: 'arn:aws:s3:::data'".to_owned(), "ListAll"),
            ("Action: 's3:* ', Resource: 'arn:aws:s3:::data'".to_owned(), "s3:* "),
            ("Action: ['s3:ListBucket', 's3:GetBucket*'], Resource: 'arn:aws:s3:::data/*'".to_owned(), "s3:ListBucket"),
            (format!("{get} 'arn:aws:s3:::data/*', Condition: {{StringLike: {{'s3:prefix': a}}}}"), "s3:prefix"),
            (
                format!("{get} 'arn:aws:s3:::data/*', Condition: {{Bool: {{'aws:SecureTransports': 'true'}}}}"),
                "Transports",
            ),
        ] {
            said(&allow(&rest), "refused-policy", at);
        }
    }

    #[test]
    fn what_s3_takes_is_not_told() {
        for more in [
            allow("Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']"),
            allow("Action: 's3:*', Resource: 'arn:aws:s3:::data/*', Condition: {StringLike: {'s3:prefix': a}}"),
            allow(
                "NotAction: 's3:GetObject', Resource: 'arn:aws:s3:::data/*', Condition: {StringEquals: {'s3:x-amz-acl': private}}",
            ),
            allow(
                "Action: 's3:Get*', Resource: 'arn:aws:s3:::data/*', Condition: {StringEquals: {'kms:ViaService': a}}",
            ),
            allow("Action: 's3:PutObject', Resource: 'arn:aws:s3:::data/${aws:username}/*'"),
        ] {
            let report = report(&[deny(EVERYONE, EVERYTHING, BOTH), more]);
            assert!(rules(&report).is_empty(), "{report:#}");
        }
    }

    #[test]
    fn equal_sids_are_a_note() {
        let get = "{Sid: A, Effect: Allow, Principal: {AWS: '111122223333'}, Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*'}";
        let told = report(&[deny(EVERYONE, EVERYTHING, BOTH), get.to_owned(), get.to_owned()]);
        assert_eq!(rules(&told), ["refused-policy"]);
        assert_eq!(told["findings"][0]["severity"], "note", "{told:#}");
        let empty = "{Sid: '', Effect: Allow, Principal: {AWS: '111122223333'}, Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*'}";
        let silent = report(&[deny(EVERYONE, EVERYTHING, BOTH), empty.to_owned(), empty.to_owned()]);
        assert!(rules(&silent).is_empty(), "{silent:#}");
    }

    #[test]
    fn a_public_policy_beside_a_block_is_told() {
        let public = "{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*'}";
        let text = template(&[&deny(EVERYONE, EVERYTHING, BOTH), public]);
        let with = |setting: &str| {
            let blocked = format!("{{BucketName: data, PublicAccessBlockConfiguration: {{{setting}}}}}");
            lint_text("t.yaml", &text.replace("{BucketName: data}", &blocked), &[])
        };
        for setting in ["BlockPublicPolicy: true", "BlockPublicPolicy: 'true'", "BlockPublicPolicy: 'True'"] {
            assert_eq!(rules(&with(setting)), ["refused-policy"], "{setting}");
        }
        for setting in ["BlockPublicPolicy: false", "BlockPublicAcls: true", "BlockPublicPolicy: !Ref 'AWS::NoValue'"] {
            assert!(rules(&with(setting)).is_empty(), "{setting}");
        }
    }

    #[test]
    fn a_website_is_told_what_the_deny_does() {
        let website = "{BucketName: data, WebsiteConfiguration: {IndexDocument: index.html}}";
        let text = template(&[&deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data'")]);
        let finding = |text: &str| lint_text("t.yaml", text, &[])["findings"][0]["notes"].to_string();
        assert!(finding(&text.replace("{BucketName: data}", website)).contains("website endpoint"), "{text}");
        assert!(!finding(&text).contains("website endpoint"), "{text}");
    }

    #[test]
    fn every_flaw_of_a_deny_is_told() {
        let inverted = "Bool: {'aws:SecureTransport': 'true'}";
        assert_eq!(rules(&report(&[deny_if(inverted)])), ["inverted-deny"]);
        let both = "{Effect: Deny, Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::data/*', Condition: {Bool: {'aws:SecureTransport': 'true'}}}";
        assert_eq!(rules(&report(&[both.to_owned()])), ["http-not-denied"]);
        let misspelled = report(&[deny_if("Bool: {'aws:SecureTransports': 'false'}")]);
        assert!(misspelled.to_string().contains("did you mean `aws:SecureTransport`"), "{misspelled:#}");
        let operator = report(&[deny_if("Boolean: {'aws:SecureTransport': 'false'}")]);
        assert!(operator.to_string().contains("did you mean `Bool`"), "{operator:#}");
    }

    #[test]
    fn a_lock_out_is_told() {
        said(&deny_if("Bool: {'aws:SecureTransport': 'true'}"), "denies-everything", "Deny");
        said(&deny_if("'Null': {'aws:SecureTransport': 'false'}"), "denies-everything", "Deny");
        // The root user, one action or one object gets through.
        for more in [
            "{Effect: Deny, NotPrincipal: {AWS: 'arn:aws:iam::111122223333:root'}, Action: 's3:*', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']}",
            "{Effect: Deny, Principal: '*', NotAction: 's3:PutBucketPolicy', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']}",
            "{Effect: Deny, Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::data/*'}",
        ] {
            let report = report(&[deny(EVERYONE, EVERYTHING, BOTH), more.to_owned()]);
            assert!(rules(&report).is_empty(), "{report:#}");
        }
    }
}

mod question {
    use super::*;

    #[test]
    fn any_principal_any_action_both_kinds_of_resource() {
        enforced(&[deny(EVERYONE, EVERYTHING, BOTH)]);
    }

    #[test]
    fn aws_principal_is_aws_service_is_absent_from_anonymous_requests() {
        let witness = exposed(
            &[
                deny_if("Bool: {'aws:SecureTransport': 'false', 'aws:PrincipalIsAWSService': 'false'}"),
                deny_if("Bool: {'aws:SecureTransport': 'false', 'aws:PrincipalIsAWSService': 'true'}"),
            ],
            "partial-deny",
        );
        assert_eq!(witness["principal"], "*");
    }

    #[test]
    fn allow_statements_never_matter() {
        let allow = "{Effect: Allow, Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::data/*'], \
                     Condition: {Bool: {'aws:SecureTransport': 'true'}}}";
        exposed(&[allow.to_owned()], "http-not-denied");
        enforced(&[allow.to_owned(), deny(EVERYONE, EVERYTHING, BOTH)]);
    }
}

mod version_effect {
    use super::*;

    #[test]
    fn effect_is_case_sensitive() {
        invalid(&[deny(EVERYONE, EVERYTHING, BOTH).replace("Deny", "deny")]);
    }

    #[test]
    fn a_policy_variable_matches_no_fixed_text() {
        exposed(
            &[deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/${aws:username}/*']")],
            "partial-deny",
        );
        exposed(
            &[deny_if("Bool: {'aws:SecureTransport': 'false'}, StringEquals: {'aws:userid': '${aws:username}'}")],
            "partial-deny",
        );
    }

    #[test]
    fn a_key_that_is_always_there_is_itself() {
        enforced(&[deny_if("Bool: {'aws:SecureTransport': 'false'}, StringEquals: {'aws:userid': '${aws:userid}'}")]);
        exposed(
            &[deny_if("Bool: {'aws:SecureTransport': 'false'}, StringNotEquals: {'aws:userid': '${aws:userid}'}")],
            "partial-deny",
        );
        exposed(
            &[deny_if("Bool: {'aws:SecureTransport': 'false'}, StringEquals: {'aws:referer': '${aws:referer}'}")],
            "partial-deny",
        );
    }

    #[test]
    fn dollar_star_is_a_literal_star() {
        exposed(
            &[deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/${*}']")],
            "partial-deny",
        );
    }

    #[test]
    fn variables_are_literal_text_without_the_version() {
        let text =
            template(&[&deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/${*}']")])
                .replace("2012-10-17", "2008-10-17");
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "exposed", "a literal `${{` must still be in the key");
    }
}

mod principal {
    use super::*;

    #[test]
    fn star_and_aws_star_are_everyone() {
        for principal in [
            "Principal: '*'",
            "Principal: {AWS: '*'}",
            "Principal: {AWS: ['*']}",
            "Principal: {AWS: ['arn:aws:iam::111122223333:root', '*']}",
        ] {
            enforced(&[deny(principal, EVERYTHING, BOTH)]);
        }
    }

    #[test]
    fn one_account_is_not_everyone() {
        for principal in [
            "Principal: {AWS: '111122223333'}",
            "Principal: {AWS: 'arn:aws:iam::111122223333:root'}",
            "Principal: {AWS: 'arn:aws:iam::111122223333:role/app'}",
            "Principal: {Service: 'logging.s3.amazonaws.com'}",
            "Principal: {CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'}",
        ] {
            assert_eq!(exposed(&[deny(principal, EVERYTHING, BOTH)], "partial-deny")["principal"], "*");
        }
    }

    #[test]
    fn not_principal_covers_everyone_except_those_listed() {
        let but = "NotPrincipal: {AWS: 'arn:aws:iam::111122223333:role/app'}";
        let witness = exposed(&[deny(but, EVERYTHING, BOTH)], "partial-deny");
        assert_eq!(witness["principal"], "arn:aws:iam::111122223333:role/app");
        enforced(&[
            deny(but, EVERYTHING, BOTH),
            deny("Principal: {AWS: 'arn:aws:iam::111122223333:role/app'}", EVERYTHING, BOTH),
        ]);
    }
}

mod action {
    use super::*;

    #[test]
    fn actions_are_case_insensitive_globs() {
        for action in ["Action: '*'", "Action: 'S3:*'", "Action: ['s3:*']", "Action: 's3*'", "NotAction: 'ec2:*'"] {
            enforced(&[deny(EVERYONE, action, BOTH)]);
        }
    }

    #[test]
    fn a_list_of_todays_actions_does_not_cover() {
        let witness = exposed(
            &[deny(EVERYONE, "Action: ['s3:Get*', 's3:Put*', 's3:List*', 's3:Delete*']", BOTH)],
            "partial-deny",
        );
        assert!(witness["action"].as_str().unwrap().starts_with("s3:"));
    }

    #[test]
    fn globs_that_cover_every_name_do() {
        enforced(&[deny(EVERYONE, "Action: 's3:Get*'", BOTH), deny(EVERYONE, "NotAction: 's3:Get*'", BOTH)]);
        enforced(&[deny(EVERYONE, "Action: 's3:?*'", BOTH)]);
    }

    #[test]
    fn a_known_action_counts_on_its_kind_of_resource() {
        // ListBucket is an action on the bucket alone, so that its absence from the objects' Deny lets nothing through.
        enforced(&[
            deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data'"),
            deny(EVERYONE, "NotAction: 's3:ListBucket'", "Resource: 'arn:aws:s3:::data/*'"),
        ]);
        let witness = exposed(
            &[
                deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data'"),
                deny(EVERYONE, "NotAction: 's3:GetObject'", "Resource: 'arn:aws:s3:::data/*'"),
            ],
            "partial-deny",
        );
        assert_eq!(witness["action"], "s3:GetObject");
    }

    #[test]
    fn not_action_that_leaves_an_action_out() {
        assert_eq!(
            exposed(&[deny(EVERYONE, "NotAction: 's3:GetObject'", BOTH)], "partial-deny")["action"],
            "s3:GetObject"
        );
    }

    #[test]
    fn an_empty_not_action_is_invalid() {
        invalid(&[deny(EVERYONE, "NotAction: []", BOTH)]);
    }
}

mod resource {
    use super::*;

    #[test]
    fn every_way_to_write_bucket_and_objects() {
        for resource in [
            BOTH,
            "Resource: 'arn:aws:s3:::data*'",
            "Resource: '*'",
            "Resource: 'arn:aws:s3:::*'",
            "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/?*']",
            "Resource: ['arn:aws:s3:::dat?', 'arn:aws:s3:::d*a/*']",
            "Resource: 'arn:*'",
            "NotResource: 'arn:aws:s3:::other/*'",
        ] {
            enforced(&[deny(EVERYONE, EVERYTHING, resource)]);
        }
    }

    #[test]
    fn parts_do_not_cover() {
        let objects = exposed(&[deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data/*'")], "partial-deny");
        assert_eq!(objects["resource"], NAMED);
        let only = exposed(&[deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data'")], "partial-deny");
        assert!(only["resource"].as_str().unwrap().starts_with("arn:aws:s3:::data/"));
        let prefix = exposed(
            &[deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/logs/*']")],
            "partial-deny",
        );
        assert!(!prefix["resource"].as_str().unwrap().starts_with("arn:aws:s3:::data/logs/"));
        exposed(
            &[deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/?']")],
            "partial-deny",
        );
        exposed(
            &[deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::Data', 'arn:aws:s3:::Data/*']")],
            "partial-deny",
        );
        exposed(
            &[deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::other', 'arn:aws:s3:::other/*']")],
            "partial-deny",
        );
    }

    #[test]
    fn two_statements_join() {
        enforced(&[
            deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data'"),
            deny(EVERYONE, EVERYTHING, "Resource: 'arn:aws:s3:::data/*'"),
        ]);
        enforced(&[
            deny(EVERYONE, EVERYTHING, "Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/a*']"),
            deny(EVERYONE, EVERYTHING, "NotResource: ['arn:aws:s3:::data/a*']"),
        ]);
    }
}

mod condition {
    use super::*;

    #[test]
    fn keys_are_case_insensitive_and_scalars_are_lists() {
        for condition in [
            "Bool: {'aws:SecureTransport': 'false'}",
            "Bool: {'aws:SecureTransport': false}",
            "Bool: {'aws:SecureTransport': ['false']}",
            "Bool: {'AWS:securetransport': 'false'}",
            "BoolIfExists: {'aws:SecureTransport': 'false'}",
            "'Null': {'aws:SecureTransport': 'false'}",
            "Bool: {'aws:SecureTransport': ['true', 'false']}",
            "NumericLessThanIfExists: {'s3:TlsVersion': 1.2}",
            "'Null': {'s3:TlsVersion': 'true'}",
        ] {
            enforced(&[deny_if(condition)]);
        }
    }

    #[test]
    fn secure_transport_true_is_inverted() {
        exposed(&[deny_if("Bool: {'aws:SecureTransport': 'true'}")], "inverted-deny");
    }

    #[test]
    fn null_true_on_secure_transport_never_holds() {
        let report = report(&[deny_if("'Null': {'aws:SecureTransport': 'true'}")]);
        assert_eq!(bucket(&report, "Data")["verdict"], "exposed");
    }

    #[test]
    fn string_operators_on_secure_transport_prove_nothing() {
        undecided(&[deny_if("StringEquals: {'aws:SecureTransport': 'false'}")]);
        undecided(&[deny_if("StringLike: {'aws:SecureTransport': 'false'}")]);
    }

    #[test]
    fn only_lower_case_false_is_documented() {
        undecided(&[deny_if("Bool: {'aws:SecureTransport': 'False'}")]);
        undecided(&[deny_if("Bool: {'aws:SecureTransport': 'FALSE'}")]);
    }

    #[test]
    fn tls_version_is_absent_from_plain_http() {
        exposed(&[deny_if("NumericLessThan: {'s3:TlsVersion': 1.2}")], "http-not-denied");
    }

    #[test]
    fn a_further_condition_narrows() {
        let witness =
            exposed(&[deny_if(&format!("{HTTP}, StringEquals: {{'aws:PrincipalOrgID': 'o-1'}}"))], "partial-deny");
        assert_eq!(witness["context"].as_object().unwrap().len(), 1, "an absent key is the simplest: {witness}");
        exposed(&[deny_if(&format!("{HTTP}, StringNotEquals: {{'aws:PrincipalOrgID': 'o-1'}}"))], "partial-deny");
        exposed(&[deny_if(&format!("{HTTP}, IpAddress: {{'aws:SourceIp': '10.0.0.0/8'}}"))], "partial-deny");
    }

    #[test]
    fn opposite_conditions_join() {
        for (one, two) in [
            ("StringEquals: {'aws:PrincipalOrgID': 'o-1'}", "StringNotEquals: {'aws:PrincipalOrgID': 'o-1'}"),
            ("IpAddress: {'aws:SourceIp': '10.0.0.0/8'}", "NotIpAddress: {'aws:SourceIp': '10.0.0.0/8'}"),
            ("'Null': {'aws:PrincipalOrgID': 'true'}", "'Null': {'aws:PrincipalOrgID': 'false'}"),
            (
                "ArnLike: {'aws:PrincipalArn': 'arn:aws:iam::*:role/a'}",
                "ArnNotLike: {'aws:PrincipalArn': 'arn:aws:iam::*:role/a'}",
            ),
            (
                "ForAllValues:StringEquals: {'aws:TagKeys': ['a']}",
                "ForAnyValue:StringNotEquals: {'aws:TagKeys': ['a']}",
            ),
        ] {
            enforced(&[deny_if(&format!("{HTTP}, {one}")), deny_if(&format!("{HTTP}, {two}"))]);
        }
        // A missing key is matched by neither of two positive operators.
        exposed(
            &[
                deny_if(&format!("{HTTP}, NumericLessThan: {{'s3:max-keys': 10}}")),
                deny_if(&format!("{HTTP}, NumericGreaterThanEquals: {{'s3:max-keys': 10}}")),
            ],
            "partial-deny",
        );
    }

    #[test]
    fn absent_keys() {
        for condition in [
            "StringEqualsIfExists: {'aws:PrincipalOrgID': 'o-1'}",
            "StringNotEquals: {'aws:PrincipalOrgID': 'o-1'}",
            "ForAllValues:StringEquals: {'aws:TagKeys': ['a']}",
        ] {
            // Joined with "the key is there", the absent key decides.
            enforced(&[
                deny_if(&format!("{HTTP}, {condition}")),
                deny_if(&format!("{HTTP}, 'Null': {{'aws:PrincipalOrgID': 'false'}}")),
                deny_if(&format!("{HTTP}, 'Null': {{'aws:TagKeys': 'false'}}")),
            ]);
        }
        exposed(
            &[
                deny_if(&format!("{HTTP}, 'ForAnyValue:StringLike': {{'aws:TagKeys': '*'}}")),
                deny_if(&format!("{HTTP}, 'Null': {{'aws:TagKeys': 'false'}}")),
            ],
            "partial-deny",
        );
    }

    #[test]
    fn unknown_operators_and_unreadable_values_are_invalid() {
        invalid(&[deny_if("StringEqual: {'aws:SecureTransport': 'false'}")]);
        invalid(&[deny_if("IpAddress: {'aws:SourceIp': 'here'}")]);
        invalid(&[deny_if("NumericEquals: {'s3:max-keys': 'many'}")]);
    }
}

mod effective_policy {
    use super::*;

    #[test]
    fn two_policies_on_one_bucket_are_a_conflict_and_the_worst_counts() {
        let mut text = template(&[&deny(EVERYONE, EVERYTHING, BOTH)]);
        text.push_str(
            "  Other:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: data\n      PolicyDocument: \
             {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: \
             'arn:aws:s3:::data/*'}]}\n",
        );
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "exposed");
        let mut found = rules(&report);
        found.sort_unstable();
        assert_eq!(found, ["conflicting-policies", "http-not-denied"]);
    }

    #[test]
    fn the_same_expression_over_the_same_unknowns_is_the_same_name() {
        let text = "\
Parameters: {App: {Type: String}}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub '${App}-logs-${AWS::Region}'}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Join ['-', [!Ref App, logs, !Ref 'AWS::Region']]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource:
              - !Sub 'arn:aws:s3:::${App}-logs-${AWS::Region}'
              - !Sub '${Data.Arn}/*'
            Condition: {Bool: {'aws:SecureTransport': false}}
";
        let report = lint_text("t.yaml", text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{report:#}");
    }

    #[test]
    fn a_policy_on_an_undeclared_bucket_is_an_orphan() {
        let text = template(&[&deny(EVERYONE, EVERYTHING, BOTH)])
            .replace("  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: data}\n", "")
            .replace("!Ref Data", "data");
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(rules(&report), ["orphan-policy"]);
        assert!(report["buckets"].as_array().unwrap().is_empty());
    }

    #[test]
    fn a_bucket_without_a_policy_is_exposed() {
        let report = lint_text("t.yaml", "Resources: {Data: {Type: 'AWS::S3::Bucket'}}\n", &[]);
        assert_eq!(rules(&report), ["missing-bucket-policy"]);
        assert_eq!(bucket(&report, "Data")["witness"]["resource"], "arn:aws:s3:::<Data>/any-key");
    }

    #[test]
    fn arn_aws_by_hand_is_the_partition_of_the_deployment() {
        enforced(&[deny(
            EVERYONE,
            EVERYTHING,
            "Resource: [!Sub 'arn:${AWS::Partition}:s3:::data', 'arn:aws:s3:::data/*']",
        )]);
    }
}

mod conditions_and_parameters {
    use super::*;

    fn bucket_verdict(text: &str) -> String {
        bucket(&lint_text("t.yaml", text, &[]), "Data")["verdict"].as_str().unwrap().to_owned()
    }

    fn conditional(parameters: &str, conditions: &str, bucket_condition: &str, policy_condition: &str) -> String {
        let mut text = template(&[&deny(EVERYONE, EVERYTHING, BOTH)]);
        text = text.replace("    Properties: {BucketName", &format!("{bucket_condition}    Properties: {{BucketName"));
        text = text.replace("    Properties:\n", &format!("{policy_condition}    Properties:\n"));
        format!("Parameters: {parameters}\nConditions: {conditions}\n{text}")
    }

    const ENV: &str = "{Env: {Type: String, Default: prod}}";
    const PROD: &str = "{IsProd: !Equals [!Ref Env, prod]}";

    #[test]
    fn a_policy_made_only_in_production_leaves_development_exposed() {
        let report = lint_text("t.yaml", &conditional(ENV, PROD, "", "    Condition: IsProd\n"), &[]);
        let data = bucket(&report, "Data");
        assert_eq!(data["verdict"], "exposed", "{report:#}");
        assert_eq!(data["witness"]["assumptions"]["IsProd"], false);
        assert_eq!(rules(&report), ["conditional-policy"]);
    }

    #[test]
    fn the_same_condition_on_both_is_enforced() {
        let text = conditional(ENV, PROD, "    Condition: IsProd\n", "    Condition: IsProd\n");
        assert_eq!(bucket(&lint_text("t.yaml", &text, &[]), "Data")["verdict"], "enforced");
    }

    #[test]
    fn equals_with_different_literals_exclude_each_other() {
        // The bucket exists in `a` and `b` only, and so does the policy, said the other way round.
        let text = conditional(
            "{Env: {Type: String, AllowedValues: [a, b, c]}}",
            "{AorB: !Or [!Equals [!Ref Env, a], !Equals [!Ref Env, b]], NotC: !Not [!Equals [!Ref Env, c]]}",
            "    Condition: AorB\n",
            "    Condition: NotC\n",
        );
        assert_eq!(bucket(&lint_text("t.yaml", &text, &[]), "Data")["verdict"], "enforced");
        let unbounded = text.replace(", AllowedValues: [a, b, c]", "");
        assert_eq!(bucket(&lint_text("t.yaml", &unbounded, &[]), "Data")["verdict"], "enforced");
        let wider = unbounded.replace("Condition: AorB", "Condition: NotC").replacen(
            "Condition: NotC\n    Properties:\n",
            "Condition: AorB\n    Properties:\n",
            1,
        );
        assert_eq!(bucket(&lint_text("t.yaml", &wider, &[]), "Data")["verdict"], "exposed");
    }

    #[test]
    fn a_default_narrows_nothing_unless_asked() {
        let text = conditional(ENV, PROD, "", "    Condition: IsProd\n");
        let report = lint_text("t.yaml", &text, &["--assume-defaults"]);
        assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{report:#}");
    }

    #[test]
    fn each_allowed_value_in_a_place_that_holds_a_value_is_an_assignment() {
        let text = |allowed: &str| {
            format!("Parameters: {{Flag: {{Type: String, {allowed}}}}}\n")
                + &template(&[&deny_if("Bool: {'aws:SecureTransport': !Ref Flag}")])
        };
        let report = lint_text("t.yaml", &text("AllowedValues: ['false']"), &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{report:#}");
        let report = lint_text("t.yaml", &text("AllowedValues: ['true', 'false']"), &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "exposed", "{report:#}");
        assert_eq!(bucket(&report, "Data")["witness"]["parameters"]["Flag"], "true");
        let report = lint_text("t.yaml", &text("Default: 'false'"), &[]);
        let data = bucket(&report, "Data");
        assert_eq!((&data["verdict"], &data["leaning"]), (&"undecided".into(), &"enforced".into()), "{report:#}");
    }

    #[test]
    fn each_allowed_name_of_the_bucket_is_an_assignment_too() {
        // The document is the same in both worlds; what the bucket is called is not.
        let text = format!(
            "Parameters: {{Name: {{Type: String, AllowedValues: [data, other]}}}}\n{}",
            template(&[&deny(EVERYONE, EVERYTHING, BOTH)]).replace("BucketName: data", "BucketName: !Ref Name")
        );
        let report = lint_text("t.yaml", &text, &[]);
        let data = bucket(&report, "Data");
        assert_eq!(data["verdict"], "exposed", "{report:#}");
        assert_eq!(data["witness"]["parameters"]["Name"], "other");
        let only = lint_text("t.yaml", &text.replace("[data, other]", "[data]"), &[]);
        assert_eq!(bucket(&only, "Data")["verdict"], "enforced", "{only:#}");
    }

    /// Statements in a region by two parameters that are compared, in the others by a third one.
    #[test]
    fn what_is_told_beside_two_equal_parameters_is_told_whole() {
        let text = "Parameters: {One: {Type: String}, Two: {Type: String}, Stage: {Type: String}}\n\
            Conditions:\n  Same: !Equals [!Ref One, !Ref Two]\n  Staged: !Not [!Equals [!Ref Stage, '']]\n\
            Resources:\n  Data: {Type: AWS::S3::Bucket}\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      \
            Bucket: !Ref Data\n      PolicyDocument:\n        Statement: !If\n          - Staged\n          \
            - !If [Same, [{Effect: Maybe, Principal: '*', Action: 's3:*', Resource: '*'}], []]\n          \
            - [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*'}]\n";
        let report = lint_text("t.yaml", text, &[]);
        let told = &bucket(&report, "Data")["witness"]["parameters"];
        assert_eq!(told["Stage"], serde_json::json!({"not": [""]}), "{told}");
        assert_eq!(told["One"], told["Two"], "{told}");
    }

    /// CloudFormation evaluates all parts of all conditions, and a deployment in which one fails is none.
    #[test]
    fn a_key_that_no_mapping_has_fails_wherever_a_condition_asks_for_it() {
        let text = |unused: &str| {
            format!(
                "Parameters: {{Stage: {{Type: String}}}}\nMappings: {{M: {{prod: {{is: 'yes'}}, dev: {{is: 'no'}}}}}}\n\
                Conditions:\n  Test: !Equals [!Ref Stage, test]\n  Unused: {unused}\n\
                Resources:\n  Data: {{Type: AWS::S3::Bucket, Condition: Test}}\n"
            )
        };
        let found = "!Equals [!FindInMap [M, !Ref Stage, is], 'yes']";
        for (unused, want) in [
            ("!Equals [!Ref Stage, x]".to_owned(), "exposed"),
            (found.to_owned(), "enforced"),
            (format!("!Or [!Equals [a, a], {found}]"), "enforced"),
            (format!("!And [!Equals [a, b], !Not [{found}]]"), "enforced"),
        ] {
            assert_eq!(bucket(&lint_text("t.yaml", &text(&unused), &[]), "Data")["verdict"], want, "{unused}");
        }
    }

    /// A number that tools write differently is no known text, be it a name, a value of a condition or a length.
    #[test]
    fn a_number_that_is_not_canonical_is_unknown_as_text() {
        let text = |name: &str, bucket: &str, one: &str, two: &str| {
            let deny = |operator: &str, value: &str| {
                format!(
                    "        - {{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', \
                    Condition: {{Bool: {{aws:SecureTransport: false}}, {operator}: {{aws:PrincipalTag/n: {value}}}}}}}\n"
                )
            };
            format!(
                "Resources:\n  Data: {{Type: AWS::S3::Bucket, Properties: {{BucketName: {name}}}}}\n  Policy:\n    \
                Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: {bucket}\n      PolicyDocument:\n        \
                Version: '2012-10-17'\n        Statement:\n{}{}",
                deny("StringEquals", one),
                deny("StringNotEquals", two)
            )
        };
        for (name, bucket, one, two, want) in [
            ("'010'", "'010'", "'010'", "'010'", "enforced"),
            ("100", "'100'", "10", "'10'", "enforced"),
            ("010", "'010'", "x", "x", "undecided"),
            ("'010'", "010", "x", "x", "undecided"),
            ("data", "data", "010", "'010'", "undecided"),
            ("data", "data", "'2.5'", "2.50", "undecided"),
        ] {
            let text = text(name, bucket, one, two);
            assert_eq!(bucket_verdict(&text), want, "{text}");
        }
        let bounded = |length: &str| {
            format!(
                "Parameters: {{Name: {{Type: String, MinLength: {length}}}}}\n\
                Conditions: {{Nine: !Equals [!Ref Name, ninechars]}}\n\
                Resources: {{Data: {{Type: AWS::S3::Bucket, Condition: Nine}}}}\n"
            )
        };
        for (length, want) in [("8", "exposed"), ("10", "enforced"), ("'010'", "enforced"), ("010", "undecided")] {
            assert_eq!(bucket_verdict(&bounded(length)), want, "{length}");
        }
        // As a number it is one, however it is written.
        let numeric = "{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', \
            Condition: {Bool: {aws:SecureTransport: false}, NumericLessThanIfExists: {s3:TlsVersion: 1.20}}}";
        enforced(&[numeric.to_owned()]);
    }

    /// In a place that holds a value, a parameter that rules only name may be anything, and is unknown; one that they
    /// bound has the values that they leave, wherever they do.
    #[test]
    fn a_value_that_a_rule_only_names_is_none_of_a_few() {
        let text = |rule: &str| {
            template(&[&deny(EVERYONE, EVERYTHING, BOTH).replace("Effect: Deny", "Effect: !Ref E")]).replacen(
                "Resources:",
                &format!("Parameters: {{E: {{Type: String}}, P: {{Type: String}}}}\nRules: {{R: {rule}}}\nResources:"),
                1,
            )
        };
        for (rule, want) in [
            ("{Assertions: [{Assert: !Not [!Equals [!Ref E, Allow]]}]}", "undecided"),
            ("{RuleCondition: !Equals [!Ref E, Allow], Assertions: [{Assert: !Equals [!Ref P, x]}]}", "undecided"),
            ("{Assertions: [{Assert: !Contains [[Deny], !Ref E]}]}", "enforced"),
            ("{Assertions: [{Assert: !Contains [[Deny, Allow], !Ref E]}]}", "exposed"),
            ("{RuleCondition: !Equals [!Ref P, x], Assertions: [{Assert: !Contains [[Allow], !Ref E]}]}", "exposed"),
        ] {
            assert_eq!(bucket_verdict(&text(rule)), want, "{rule}");
        }
    }

    #[test]
    fn pseudo_parameters_are_equal_to_themselves() {
        let text = template(&[&deny(
            EVERYONE,
            EVERYTHING,
            "Resource: [!Sub 'arn:aws:s3:::x-${AWS::AccountId}', !Sub 'arn:aws:s3:::x-${AWS::AccountId}/*']",
        )])
        .replace("{BucketName: data}", "{BucketName: !Sub 'x-${AWS::AccountId}'}");
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{report:#}");
    }

    #[test]
    fn fn_if_inside_a_policy_is_a_choice() {
        let text = conditional(ENV, PROD, "", "").replace("Action: 's3:*'", "Action: !If [IsProd, 's3:*', 's3:Get*']");
        let data = bucket(&lint_text("t.yaml", &text, &[]), "Data").clone();
        assert_eq!(data["verdict"], "exposed");
        assert_eq!(data["witness"]["assumptions"]["IsProd"], false);
        let same = text.replace("'s3:Get*'", "'*'");
        assert_eq!(bucket(&lint_text("t.yaml", &same, &[]), "Data")["verdict"], "enforced");
    }
}

mod unknowns {
    use super::*;

    fn with_parameter(statement: &str) -> String {
        format!("Parameters: {{P: {{Type: String}}}}\n{}", template(&[statement]))
    }

    #[test]
    fn a_parameter_where_the_verdict_hangs_on_it_is_undecided() {
        let text = with_parameter(&deny(EVERYONE, "Action: !Ref P", BOTH));
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "undecided", "{report:#}");
    }

    #[test]
    fn a_parameter_where_nothing_hangs_on_it_is_decided() {
        let text = with_parameter(&deny(EVERYONE, "Action: ['s3:*', !Ref P]", BOTH));
        assert_eq!(bucket(&lint_text("t.yaml", &text, &[]), "Data")["verdict"], "enforced");
        let text = with_parameter(&deny(EVERYONE, "Action: !Ref P", "Resource: 'arn:aws:s3:::data/*'"));
        assert_eq!(bucket(&lint_text("t.yaml", &text, &[]), "Data")["verdict"], "exposed");
    }

    #[test]
    fn an_unknown_value_joined_with_its_opposite_covers() {
        let text = with_parameter(&deny_if(&format!("{HTTP}, StringEquals: {{'aws:PrincipalOrgID': !Ref P}}")))
            + "          - "
            + &deny_if(&format!("{HTTP}, StringNotEquals: {{'aws:PrincipalOrgID': !Ref P}}"))
            + "\n";
        let report = lint_text("t.yaml", &text, &[]);
        assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{report:#}");
    }
}
