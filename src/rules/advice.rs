//! The text to write, in the style of the user's own file.

use crate::model::{Bucket, BucketPolicy, Style, Text};

/// The statement that denies every plain-HTTP request on a bucket.
pub(super) fn statement(bucket: &Bucket, style: Style) -> String {
    statement_in(bucket, style, None)
}

/// The same, to be written into a policy: where that stands in another Terraform module than the bucket, the bucket
/// has no name there, and its ARN is written out as far as it is known.
fn statement_in(bucket: &Bucket, style: Style, policy: Option<&BucketPolicy>) -> String {
    let name = &bucket.reference;
    let elsewhere = policy.is_some_and(|policy| {
        let module = |address: &str, kind: &str| address.rfind(kind).map(|at| address.get(..at).map(str::to_owned));
        module(&policy.address, "aws_s3_bucket_policy.") != module(&bucket.address, name)
    });
    let arn = match bucket.name.as_ref().and_then(Text::as_literal) {
        _ if !elsewhere => format!("{name}.arn"),
        Some(literal) => format!("\"arn:aws:s3:::{literal}\""),
        None => "<the bucket's ARN>".to_owned(),
    };
    let objects = match arn.strip_suffix('"') {
        Some(open) => format!("{open}/*\""),
        None => format!("\"${{{arn}}}/*\""),
    };
    match style {
        Style::Yaml => format!(
            "\
- Sid: DenyInsecureTransport
  Effect: Deny
  Principal: \"*\"
  Action: s3:*
  Resource:
    - !GetAtt {name}.Arn
    - !Sub ${{{name}.Arn}}/*
  Condition:
    Bool:
      aws:SecureTransport: \"false\""
        ),
        Style::Json => format!(
            "\
{{
  \"Sid\": \"DenyInsecureTransport\",
  \"Effect\": \"Deny\",
  \"Principal\": \"*\",
  \"Action\": \"s3:*\",
  \"Resource\": [
    {{ \"Fn::GetAtt\": [\"{name}\", \"Arn\"] }},
    {{ \"Fn::Sub\": \"${{{name}.Arn}}/*\" }}
  ],
  \"Condition\": {{ \"Bool\": {{ \"aws:SecureTransport\": \"false\" }} }}
}}"
        ),
        Style::HclJson => format!(
            "\
{{
  Sid       = \"DenyInsecureTransport\"
  Effect    = \"Deny\"
  Principal = \"*\"
  Action    = \"s3:*\"
  Resource  = [{arn}, {objects}]
  Condition = {{ Bool = {{ \"aws:SecureTransport\" = \"false\" }} }}
}}"
        ),
        Style::HclDocument => format!(
            "\
statement {{
  sid       = \"DenyInsecureTransport\"
  effect    = \"Deny\"
  actions   = [\"s3:*\"]
  resources = [{arn}, {objects}]
  principals {{
    type        = \"*\"
    identifiers = [\"*\"]
  }}
  condition {{
    test     = \"Bool\"
    variable = \"aws:SecureTransport\"
    values   = [\"false\"]
  }}
}}"
        ),
    }
}

/// "add this statement to the policy", or the module argument that does so.
pub(super) fn add_statement(bucket: &Bucket, style: Style, policy: Option<&BucketPolicy>) -> String {
    match &bucket.module_switch {
        Some(switch) => format!("set this argument in the module call:\n{switch} = true"),
        None => format!("add this statement to the policy:\n{}", statement_in(bucket, style, policy)),
    }
}

/// A whole policy for a bucket that has none.
pub(super) fn policy(bucket: &Bucket, style: Style) -> String {
    if let Some(switch) = &bucket.module_switch {
        return format!("set these arguments in the module call:\nattach_policy = true\n{switch} = true");
    }
    let name = &bucket.reference;
    let body = match style {
        Style::Yaml => format!(
            "\
{name}Policy:
  Type: AWS::S3::BucketPolicy
  Properties:
    Bucket: !Ref {name}
    PolicyDocument:
      Version: \"2012-10-17\"
      Statement:
{}",
            indented(&statement(bucket, style), 8)
        ),
        Style::Json => format!(
            "\
\"{name}Policy\": {{
  \"Type\": \"AWS::S3::BucketPolicy\",
  \"Properties\": {{
    \"Bucket\": {{ \"Ref\": \"{name}\" }},
    \"PolicyDocument\": {{
      \"Version\": \"2012-10-17\",
      \"Statement\": [
{}
      ]
    }}
  }}
}}",
            indented(&statement(bucket, style), 8)
        ),
        Style::HclJson | Style::HclDocument => format!(
            "\
resource \"aws_s3_bucket_policy\" \"{label}\" {{
  bucket = {name}.id
  policy = jsonencode({{
    Version = \"2012-10-17\"
    Statement = [
{}
    ]
  }})
}}",
            indented(&statement(bucket, Style::HclJson), 6),
            label = name.split('.').nth(1).unwrap_or("this").split('[').next().unwrap_or("this"),
        ),
    };
    format!("add a bucket policy that denies plain HTTP:\n{body}")
}

fn indented(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    text.lines().map(|line| format!("{pad}{line}")).collect::<Vec<_>>().join("\n")
}
