//! Policies, with the place of each of their parts.

use super::{Loaded, Plan, load, shown};
use crate::model::{Data, Value};

const CANONICAL: &str = "{Version:\"2012-10-17\",Statement:[{Effect:\"Deny\",Principal:\"*\",Action:\"s3:*\",\
     Resource:[\"arn:aws:s3:::<aws_s3_bucket.b>\",\"arn:aws:s3:::<aws_s3_bucket.b>/*\"],\
     Condition:{Bool:{aws:SecureTransport:\"false\"}}}]}";

const JSON: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [{
      "Effect": "Deny", "Principal": "*", "Action": "s3:*",
      "Resource": ["${arn}", "${arn}/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }]
  }"#;

/// Where the values of the first statement's `Resource` stand.
fn resources(loaded: &Loaded, policy: &Value) -> Vec<String> {
    let statement = match &policy.get("Statement").unwrap().data {
        Data::List(items) => items[0].clone(),
        _ => panic!("no list"),
    };
    match &statement.get("Resource").unwrap().data {
        Data::List(items) => items.iter().map(|item| loaded.text(item.span).to_owned()).collect(),
        _ => panic!("no list"),
    }
}

fn bucket_with(policy: &str) -> String {
    format!(
        "resource \"aws_s3_bucket\" \"b\" {{}}\nresource \"aws_s3_bucket_policy\" \"b\" {{\n  bucket = aws_s3_bucket.b.id\n  policy = {policy}\n}}\n"
    )
}

fn policy_of(text: &str) -> (Loaded, Value) {
    let loaded = load(&[("infra/main.tf", text)]);
    assert_eq!(loaded.notices, []);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    (loaded, policy)
}

#[test]
fn jsonencode_keeps_the_place_of_each_part() {
    let (loaded, policy) = policy_of(&bucket_with(
        "jsonencode({
    Version = \"2012-10-17\"
    Statement = [{
      Effect = \"Deny\", Principal = \"*\", Action = \"s3:*\",
      Resource = [aws_s3_bucket.b.arn, \"${aws_s3_bucket.b.arn}/*\"]
      Condition = { Bool = { \"aws:SecureTransport\" = \"false\" } }
    }]
  })",
    ));
    assert_eq!(shown(&policy), CANONICAL);
    assert_eq!(resources(&loaded, &policy), ["aws_s3_bucket.b.arn", "\"${aws_s3_bucket.b.arn}/*\""]);
}

#[test]
fn a_heredoc_keeps_the_place_of_each_part() {
    let body = JSON.replace("${arn}", "${aws_s3_bucket.b.arn}");
    for (start, newline) in [("<<POLICY", "\n"), ("<<-POLICY", "\n"), ("<<-POLICY", "\r\n")] {
        let heredoc = format!("{start}\n  {body}\n  POLICY").replace('\n', newline);
        let text = format!("# ünïcödé{newline}{}", bucket_with(&heredoc));
        let (loaded, policy) = policy_of(&text);
        assert_eq!(shown(&policy), CANONICAL, "{start}");
        assert_eq!(
            resources(&loaded, &policy),
            ["\"${aws_s3_bucket.b.arn}\"", "\"${aws_s3_bucket.b.arn}/*\""],
            "{start}"
        );
        let condition = &policy.get("Statement").unwrap().data;
        let Data::List(statements) = condition else { panic!("no list") };
        assert_eq!(loaded.text(statements[0].entry("Condition").unwrap().key_span), "\"Condition\"");
    }
}

#[test]
fn a_quoted_string_keeps_the_place_of_each_part() {
    let body = JSON.replace("${arn}", "${aws_s3_bucket.b.arn}").replace('"', "\\\"").replace('\n', "\\n");
    let (loaded, policy) = policy_of(&bucket_with(&format!("\"{body}\"")));
    assert_eq!(shown(&policy), CANONICAL);
    assert_eq!(resources(&loaded, &policy), ["\\\"${aws_s3_bucket.b.arn}\\\"", "\\\"${aws_s3_bucket.b.arn}/*\\\""]);
}

#[test]
fn template_files_are_located_in_themselves() {
    let call = "templatefile(\"${path.module}/policies/tls.json.tftpl\", { arn = aws_s3_bucket.b.arn })";
    let template = format!("\u{feff}{JSON}");
    let main = bucket_with(call);
    let loaded = load(&[("infra/main.tf", &main), ("infra/policies/tls.json.tftpl", &template)]);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert_eq!(shown(&policy), CANONICAL);
    assert_eq!(resources(&loaded, &policy), ["\"${arn}\"", "\"${arn}/*\""]);
    assert_eq!(loaded.sources.get(policy.span.file).unwrap().path(), "infra/policies/tls.json.tftpl");
}

#[test]
fn json_may_be_encoded_into_a_template() {
    let template = r#"{"Statement": ${jsonencode(statements)}, "Id": "${id}"}"#;
    let call = "templatefile(\"t.tftpl\", { statements = [{ Effect = \"Deny\" }], id = var.id })";
    let main = format!("variable \"id\" {{}}\n{}", bucket_with(call));
    let loaded = load(&[("infra/main.tf", &main), ("infra/t.tftpl", template)]);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert_eq!(shown(&policy), "{Statement:[{Effect:\"Deny\"}],Id:\"${…}\"}");
    let unquoted = r#"{"Statement": ${id}}"#;
    let loaded = load(&[("infra/main.tf", &main), ("infra/t.tftpl", unquoted)]);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert!(shown(&policy).starts_with("{Statement:?(the value of variable `id` is not known"), "{}", shown(&policy));
}

#[test]
fn files_are_read_with_their_places_and_only_inside_the_modules() {
    let json = JSON.replace("${arn}", "arn:aws:s3:::b");
    let main = bucket_with("file(\"${path.module}/p/policy.json\")");
    let loaded = load(&[("infra/main.tf", &main), ("infra/p/policy.json", &json)]);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert_eq!(resources(&loaded, &policy), ["\"arn:aws:s3:::b\"", "\"arn:aws:s3:::b/*\""]);
    let main = bucket_with("file(\"${path.module}/../secret/policy.json\")");
    let loaded = load(&[("infra/main.tf", &main), ("secret/policy.json", &json)]);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert!(shown(&policy).starts_with("?(the file is not at hand"), "{}", shown(&policy));
    assert_eq!(loaded.sources.iter().count(), 1);
}

const DOCUMENT: &str = r#"
data "aws_iam_policy_document" "tls" {
  dynamic "statement" {
    for_each = var.deny ? [1] : []
    content {
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      dynamic "condition" {
        for_each = ["aws:SecureTransport"]
        iterator = key
        content {
          test     = "Bool"
          variable = key.value
          values   = [false]
        }
      }
    }
  }
}
variable "deny" {
  type    = bool
  default = true
}
"#;

#[test]
fn policy_documents_with_dynamic_blocks() {
    let text = format!("{DOCUMENT}{}", bucket_with("data.aws_iam_policy_document.tls.json"));
    let (loaded, policy) = policy_of(&text);
    assert_eq!(
        shown(&policy),
        "{Version:\"2012-10-17\",Statement:[{Action:[\"s3:*\"],Effect:\"Deny\",\
         Resource:[\"arn:aws:s3:::<aws_s3_bucket.b>\",\"arn:aws:s3:::<aws_s3_bucket.b>/*\"],Principal:\"*\",\
         Condition:{Bool:{aws:SecureTransport:[false]}}}]}"
    );
    assert_eq!(resources(&loaded, &policy), ["aws_s3_bucket.b.arn", "\"${aws_s3_bucket.b.arn}/*\""]);
    let off = Plan::default().variable("deny", Data::Bool(false));
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &off);
    assert_eq!(shown(&policy), "{Version:\"2012-10-17\",Statement:[]}");
}

#[test]
fn what_the_plan_knows_of_a_document_wins() {
    let text = format!("{DOCUMENT}{}", bucket_with("data.aws_iam_policy_document.tls.json"));
    let loaded = load(&[("infra/main.tf", &text)]);
    let known = |json: &str| {
        let data = Data::Text(crate::model::Text::literal(json));
        Plan::default().attribute("data.aws_iam_policy_document.tls.json", data)
    };
    let other = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}"#;
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &known(other));
    assert_eq!(shown(&policy), "{Version:\"2012-10-17\",Statement:{Effect:\"Allow\"}}", "the source is stale");
}

#[test]
fn a_known_document_keeps_the_places_of_the_source() {
    let text = "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions = [\"s3:b\", \"s3:a\"]\n  }\n}\n";
    let text = format!("{text}{}", bucket_with("data.aws_iam_policy_document.d.json"));
    let loaded = load(&[("infra/main.tf", &text)]);
    let json = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:a","s3:b"]}]}"#;
    let data = Data::Text(crate::model::Text::literal(json));
    let plan = Plan::default().attribute("data.aws_iam_policy_document.d.json", data);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &plan);
    assert_eq!(shown(&policy), "{Version:\"2012-10-17\",Statement:[{Effect:\"Allow\",Action:[\"s3:b\",\"s3:a\"]}]}");
    assert_eq!(loaded.text(policy.span), "data \"aws_iam_policy_document\" \"d\"");
}

#[test]
fn merged_documents_and_placeholders() {
    let text = r#"
variable "on" {
  default = true
}
data "aws_iam_policy_document" "deny" {
  count = var.on ? 1 : 0
  statement {
    sid       = "deny"
    effect    = "Deny"
    resources = ["_BUCKET_/*"]
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents = compact([
    var.on ? data.aws_iam_policy_document.deny[0].json : "",
    !var.on ? data.aws_iam_policy_document.deny[0].json : "",
  ])
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "other", Effect = "Allow" }] }), "{\"Statement\": []}"]
}
locals {
  policy = var.on ? replace(data.aws_iam_policy_document.all.json, "_BUCKET_", aws_s3_bucket.b.arn) : ""
}
"#;
    let text = format!("{text}{}", bucket_with("local.policy"));
    let (loaded, policy) = policy_of(&text);
    assert_eq!(
        shown(&policy),
        "{Version:\"2012-10-17\",Statement:[{Effect:\"Deny\",Resource:[\"arn:aws:s3:::<aws_s3_bucket.b>/*\"],\
         Sid:\"deny\"},{Sid:\"other\",Effect:\"Allow\"}]}"
    );
    assert_eq!(resources(&loaded, &policy), ["\"_BUCKET_/*\""]);
}

#[test]
fn an_unknown_condition_is_named() {
    let (loaded, policy) = policy_of(&bucket_with("timestamp() == \"\" ? \"{}\" : \"[]\""));
    let Data::Unknown(unknown) = &policy.data else { panic!("{}", shown(&policy)) };
    assert_eq!(loaded.text(unknown.span), "timestamp() == \"\"");
    let (_, policy) = policy_of(&bucket_with("\"{\""));
    assert_eq!(shown(&policy), "\"{\"", "a known text that is no policy");
    let (_, policy) = policy_of(&bucket_with("\"\""));
    assert_eq!(shown(&policy), "\"\"", "no policy at all");
}

#[test]
fn old_template_files_are_rendered() {
    let text = "data \"template_file\" \"p\" {\n  template = file(\"${path.module}/p.tpl\")\n  vars = { arn = aws_s3_bucket.b.arn }\n}\n";
    let main = format!("{text}{}", bucket_with("data.template_file.p.rendered"));
    let loaded = load(&[("infra/main.tf", &main), ("infra/p.tpl", JSON)]);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert_eq!(shown(&policy), CANONICAL);
}

#[test]
fn json_syntax_says_the_same() {
    let text = r#"{
  "resource": {
    "aws_s3_bucket": {"b": {}},
    "aws_s3_bucket_policy": {"b": {"bucket": "${aws_s3_bucket.b.id}", "policy": "${data.aws_iam_policy_document.d.json}"}}
  },
  "variable": {"tls": {"type": "bool", "default": "false"}},
  "data": {"aws_iam_policy_document": {"d": {"statement": [{
    "effect": "Deny", "resources": ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"],
    "principals": {"type": "*", "identifiers": ["*"]},
    "condition": {"test": "Bool", "variable": "aws:SecureTransport", "values": ["${var.tls}"]}
  }]}}}
}"#;
    let loaded = load(&[("infra/main.tf.json", text)]);
    assert_eq!(loaded.notices, []);
    let policy = loaded.argument("aws_s3_bucket_policy.b", "policy", &Plan::default());
    assert_eq!(
        shown(&policy),
        "{Version:\"2012-10-17\",Statement:[{Effect:\"Deny\",\
         Resource:[\"arn:aws:s3:::<aws_s3_bucket.b>\",\"arn:aws:s3:::<aws_s3_bucket.b>/*\"],Principal:\"*\",\
         Condition:{Bool:{aws:SecureTransport:[false]}}}]}"
    );
    let place = loaded.configuration.place("aws_s3_bucket_policy.b").unwrap();
    assert_eq!(loaded.text(place.span), "\"b\"");
    assert_eq!(resources(&loaded, &policy)[0], "aws_s3_bucket.b.arn");
}
