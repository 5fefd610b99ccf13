//! Ways of writing that modules in the wild have.

use super::{Plan, load, shown};
use crate::frontend::terraform::source::InstanceKey;
use crate::model::{Data, Entry, Text, Value};

fn policy_in(text: &str, address: &str, plan: &Plan) -> String {
    let loaded = load(&[("infra/main.tf", text)]);
    assert_eq!(loaded.notices, []);
    shown(&loaded.argument(address, "policy", plan))
}

#[test]
fn placeholders_from_a_map_and_two_kinds_of_bucket() {
    let text = r#"
variable "is_directory" {
  type    = bool
  default = false
}
resource "aws_s3_directory_bucket" "this" { count = var.is_directory ? 1 : 0 }
resource "aws_s3_bucket" "this" { count = var.is_directory ? 0 : 1 }
data "aws_caller_identity" "current" {}
data "aws_iam_policy_document" "deny" {
  count = 1
  statement {
    sid       = "deny"
    effect    = "Deny"
    resources = ["_ARN_", "_ARN_/*", "_ARN_/_ACCOUNT_/*"]
  }
}
locals {
  placeholders = {
    "_ARN_"     = var.is_directory ? aws_s3_directory_bucket.this[0].arn : aws_s3_bucket.this[0].arn,
    "_ACCOUNT_" = data.aws_caller_identity.current.account_id
  }
  policy = replace(
    replace(data.aws_iam_policy_document.deny[0].json, "_ARN_", local.placeholders["_ARN_"]),
    "_ACCOUNT_", local.placeholders["_ACCOUNT_"]
  )
}
resource "aws_s3_bucket_policy" "this" { policy = local.policy }
"#;
    assert_eq!(
        policy_in(text, "aws_s3_bucket_policy.this", &Plan::default()),
        "{Version:\"2012-10-17\",Statement:[{Effect:\"Deny\",Resource:[\"arn:aws:s3:::<aws_s3_bucket.this[0]>\",\
         \"arn:aws:s3:::<aws_s3_bucket.this[0]>/*\",\
         \"arn:aws:s3:::<aws_s3_bucket.this[0]>/${data.aws_caller_identity.current.account_id}/*\"],Sid:\"deny\"}]}"
    );
}

#[test]
fn names_joined_out_of_counted_resources() {
    let text = r#"
resource "aws_s3_bucket" "default" { count = 1 }
data "aws_partition" "current" { count = 1 }
locals {
  partition  = join("", data.aws_partition.current[*].partition)
  bucket_id  = join("", aws_s3_bucket.default.*.id)
  bucket_arn = "arn:${local.partition}:s3:::${local.bucket_id}"
}
data "aws_iam_policy_document" "tls" {
  count = 1
  dynamic "statement" {
    for_each = true ? [1] : []
    content {
      effect    = "Deny"
      resources = [local.bucket_arn, "${local.bucket_arn}/*"]
    }
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents   = data.aws_iam_policy_document.tls[*].json
  override_policy_documents = []
}
resource "aws_s3_bucket_policy" "this" { policy = one(data.aws_iam_policy_document.all[*].json) }
"#;
    assert_eq!(
        policy_in(text, "aws_s3_bucket_policy.this", &Plan::default()),
        "{Version:\"2012-10-17\",Statement:[{Effect:\"Deny\",\
         Resource:[\"arn:${data.aws_partition.current[0].partition}:s3:::<aws_s3_bucket.default[0]>\",\
         \"arn:${data.aws_partition.current[0].partition}:s3:::<aws_s3_bucket.default[0]>/*\"]}]}"
    );
}

#[test]
fn policies_for_each_bucket() {
    let text = r#"
variable "names" { default = ["one", "two"] }
resource "aws_s3_bucket" "counted" { count = length(var.names) }
resource "aws_s3_bucket_policy" "counted" {
  count  = length(var.names)
  bucket = element(aws_s3_bucket.counted.*.id, count.index)
  policy = jsonencode({ Name = var.names[count.index], Resource = "${aws_s3_bucket.counted[count.index].arn}/*" })
}
variable "buckets" {
  type = map(object({ enabled = optional(bool, true), prefix = string }))
}
resource "aws_s3_bucket" "each" { for_each = { for name, bucket in var.buckets : name => bucket if bucket.enabled } }
resource "aws_s3_bucket_policy" "each" {
  for_each = aws_s3_bucket.each
  policy   = jsonencode({ Resource = [each.value.arn, "${each.value.arn}/${var.buckets[each.key].prefix}/*"] })
}
"#;
    let nowhere = super::nowhere();
    let entry =
        |key: &str, value: Data| Entry { key: key.to_owned(), key_span: nowhere, value: Value::new(nowhere, value) };
    let prefix = || Data::Map([entry("prefix", Data::Text(Text::literal("p")))].into());
    let buckets = Data::Map([entry("a.b", prefix()), entry("c", prefix())].into());
    let plan = || Plan::default().variable("buckets", buckets.clone());
    assert_eq!(
        policy_in(text, "aws_s3_bucket_policy.counted[1]", &plan()),
        "{Name:\"two\",Resource:\"arn:aws:s3:::<aws_s3_bucket.counted[1]>/*\"}"
    );
    let wanted =
        r#"{Resource:["arn:aws:s3:::<aws_s3_bucket.each[\"a.b\"]>","arn:aws:s3:::<aws_s3_bucket.each[\"a.b\"]>/p/*"]}"#;
    let address = "aws_s3_bucket_policy.each[\"a.b\"]";
    assert_eq!(policy_in(text, address, &plan()), wanted);
    let keys = [InstanceKey::Text("a.b".into())];
    assert_eq!(policy_in(text, address, &plan().instances("aws_s3_bucket.each", &keys)), wanted);
}

#[test]
fn template_for_loops_and_markers_make_json() {
    let text = r#"
variable "principals" { default = ["a", "b"] }
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_policy" "b" {
  policy = <<-EOT
    {
      "Statement": [
        %{~ for index, name in var.principals ~}
        %{ if index > 0 },%{ endif }
        {"Sid": "${name}", "Principal": {"AWS": ${jsonencode(var.principals)}}, "Resource": "${aws_s3_bucket.b.arn}/$${aws:username}"}
        %{~ endfor ~}
      ]
    }
  EOT
}
"#;
    let statement = |sid: &str| {
        format!(
            "{{Sid:\"{sid}\",Principal:{{AWS:[\"a\",\"b\"]}},Resource:\"arn:aws:s3:::<aws_s3_bucket.b>/${{aws:username}}\"}}"
        )
    };
    assert_eq!(
        policy_in(text, "aws_s3_bucket_policy.b", &Plan::default()),
        format!("{{Statement:[{},{}]}}", statement("a"), statement("b"))
    );
}

#[test]
fn statements_put_together_from_lists() {
    let text = r#"
variable "extra" { default = [] }
resource "aws_s3_bucket" "b" {}
locals {
  tls = [{
    Effect   = "Deny"
    Resource = formatlist("%s%s", aws_s3_bucket.b.arn, ["", "/*"])
  }]
  logs = false ? [{ Effect = "Allow" }] : []
}
resource "aws_s3_bucket_policy" "b" {
  policy = jsonencode(merge(
    { Version = "2012-10-17" },
    { Statement = concat(local.tls, local.logs, var.extra, flatten([for n in ["x"] : [{ Sid = upper(n) }]])) },
  ))
}
"#;
    assert_eq!(
        policy_in(text, "aws_s3_bucket_policy.b", &Plan::default()),
        "{Version:\"2012-10-17\",Statement:[{Effect:\"Deny\",Resource:[\"arn:aws:s3:::<aws_s3_bucket.b>\",\
         \"arn:aws:s3:::<aws_s3_bucket.b>/*\"]},{Sid:\"X\"}]}"
    );
}

#[test]
fn settings_of_a_bucket_have_its_name() {
    let text = r#"
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_public_access_block" "b" { bucket = aws_s3_bucket.b.id }
resource "aws_s3_bucket_versioning" "b" {
  bucket                = aws_s3_bucket.b.id
  expected_bucket_owner = "1"
}
resource "aws_s3_bucket_policy" "one" { bucket = aws_s3_bucket_public_access_block.b.id }
resource "aws_s3_bucket_policy" "two" { bucket = aws_s3_bucket_versioning.b.id }
"#;
    let loaded = load(&[("infra/main.tf", text)]);
    let bucket = |address: &str| shown(&loaded.argument(address, "bucket", &Plan::default()));
    assert_eq!(bucket("aws_s3_bucket_policy.one"), "\"<aws_s3_bucket.b>\"");
    assert_eq!(bucket("aws_s3_bucket_policy.two"), "\"${aws_s3_bucket_versioning.b.id}\"");
}
