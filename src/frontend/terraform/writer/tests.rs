use super::*;
use crate::source::apply;

/// The text after an edit, or why there is none.
fn written(text: &str, write: impl Fn(&Writer) -> Result<Vec<Edit>, Refusal>) -> String {
    let source = Sources::default().add("main.tf", text);
    match write(&Writer::new(&[source])) {
        Ok(edits) => {
            let after = apply(text, &edits).expect("edits fit");
            assert!(hcl_edit::parser::parse_body(&after).is_ok(), "{after}");
            after.replace('\r', "<CR>")
        }
        Err(refusal) => format!("{refusal}\n"),
    }
}

fn all(texts: &[&str], write: impl Fn(&Writer) -> Result<Vec<Edit>, Refusal>) -> String {
    texts.iter().map(|text| written(text, &write)).collect::<Vec<_>>().join("\n-----\n")
}

#[test]
fn a_policy_is_written_after_its_bucket() {
    let texts = [
        "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x\"\n}\n# next\nlocals {}\n",
        "resource \"aws_s3_bucket\" \"b\" {\n  provider = aws.eu\n  count = var.on ? 1 : 0\n} # c",
        "resource \"aws_s3_bucket\" \"b\" {\r\n  for_each = toset([\"a\"])\r\n}\r\n",
        "resource \"aws_s3_bucket\" \"b\" {}\nresource \"aws_s3_bucket_policy\" \"b\" {}\n",
        "locals {}\n",
    ];
    insta::assert_snapshot!(all(&texts, |writer| writer.add_policy("aws_s3_bucket.b")));
}

#[test]
fn a_statement_is_written_where_the_policy_takes_it() {
    let policy = |document: &str| {
        format!(
            "resource \"aws_s3_bucket_policy\" \"p\" {{\n  bucket = aws_s3_bucket.b.id\n  policy = {document}\n}}\n"
        )
    };
    let texts = [
        policy(
            "jsonencode({\n    Statement = [\n      {\n        Effect = \"Allow\"\n        Sid = \"DenyInsecureTransport\"\n      },\n    ]\n  })",
        ),
        policy("jsonencode({ Statement = [{ Effect = \"Allow\" }] })"),
        policy("jsonencode({\n    Statement = {\n      Effect = \"Allow\"\n    }\n  })"),
        policy("jsonencode({ \"Statement\" = concat([], var.more) })"),
        policy(
            "<<-EOF\n    {\"Statement\": [\n      {\"Effect\": \"Allow\", \"Resource\": \"${aws_s3_bucket.b.arn}\"}\n    ]}\n  EOF",
        ),
        policy("data.aws_iam_policy_document.d.json")
            + "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    sid = \"A\"\n  }\n}\n",
        policy("data.aws_iam_policy_document.d[0].json") + "data \"aws_iam_policy_document\" \"d\" {}\n",
        policy("local.p") + "locals {\n  p = jsonencode({ Statement = [] })\n}\n",
        policy("var.policy"),
        policy("file(\"p.json\")"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    insta::assert_snapshot!(all(&texts, |writer| writer.add_statement("aws_s3_bucket_policy.p")));
}

#[test]
fn the_arn_is_written_in_the_policys_own_terms() {
    let buckets = [
        "aws_s3_bucket.b[count.index].bucket",
        "\"${aws_s3_bucket.b.id}\"",
        "\"acme-logs\"",
        "\"${var.prefix}-logs\"",
        "var.bucket",
        "module.store.name",
        "each.value",
        "var.x ? \"a\" : \"b\"",
    ];
    let texts = buckets.map(|bucket| {
        format!("resource \"aws_s3_bucket_policy\" \"p\" {{\n  bucket = {bucket}\n  policy = jsonencode({{ Statement = [] }})\n}}\n")
    });
    insta::assert_snapshot!(all(&texts.each_ref().map(String::as_str), |writer| {
        writer.add_statement("aws_s3_bucket_policy.p")
    }));
}

#[test]
fn a_module_is_switched_on() {
    let texts = [
        "module \"m\" {\n  source = \"x\"\n}\n",
        "module \"m\" {\n  source = \"x\"\n  deny = false\n}\n",
        "module \"m\" { source = \"x\" }\n",
        "module \"other\" {}\n",
    ];
    insta::assert_snapshot!(all(&texts, |writer| writer.switch_on("m", "deny")));
}
