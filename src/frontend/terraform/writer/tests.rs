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
fn a_bucket_does_not_refer_to_itself() {
    let texts = [
        "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"acme\"\n  policy = jsonencode({ Statement = [] })\n}\n",
        "resource \"aws_s3_bucket\" \"b\" {\n  bucket = var.name\n  policy = jsonencode({ Statement = [] })\n}\n",
        "resource \"aws_s3_bucket\" \"b\" {\n  policy = jsonencode({ Statement = [] })\n}\n",
    ];
    insta::assert_snapshot!(all(&texts, |writer| writer.add_statement("aws_s3_bucket.b")));
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

#[test]
fn json_is_written_as_its_neighbours_are() {
    let written = |text: &str, write: &dyn Fn(&json::Writer) -> Result<Vec<Edit>, Refusal>| {
        let source = Sources::default().add("main.tf.json", text);
        match write(&json::Writer::new([source].iter())) {
            Ok(edits) => {
                let after = apply(text, &edits).expect("edits fit");
                serde_json::from_str::<serde_json::Value>(&after).expect(&after);
                after.replace('\r', "<CR>")
            }
            Err(refusal) => format!("{refusal}\n"),
        }
    };
    let bucket = [
        "{\"resource\": {\"aws_s3_bucket\": {\"b\": {\"bucket\": \"acme\"}}}}",
        "{\n  \"resource\": {\n    \"aws_s3_bucket\": {\n      \"b\": {}\n    }\n  },\n  \"data\": {}\n}\n",
        "{\r\n\t\"resource\": {\r\n\t\t\"aws_s3_bucket\": {\r\n\t\t\t\"b\": {\r\n\t\t\t\t\"count\": 2,\r\n\t\t\t\t\"provider\": \"aws.eu\"\r\n\t\t\t}\r\n\t\t},\r\n\t\t\"aws_s3_bucket_policy\": {\r\n\t\t\t\"b\": {}\r\n\t\t}\r\n\t}\r\n}\r\n",
        "{\"resource\":[{\"aws_s3_bucket\":{\"b\":{}}}]}",
    ];
    let statement = |policy: &str, rest: &str| {
        format!(
            "{{\"resource\": {{\"aws_s3_bucket_policy\": {{\"b\": {{\"bucket\": \"${{aws_s3_bucket.b.id}}\", \"policy\": {policy}}}}}}}{rest}}}"
        )
    };
    let document = |body: &str| {
        let data = format!(", \"data\": {{\"aws_iam_policy_document\": {{\"d\": {body}}}}}");
        statement("\"${data.aws_iam_policy_document.d.json}\"", &data)
    };
    let policies = [
        document("{\"statement\": [{\"sid\": \"DenyInsecureTransport\"}]}"),
        document("{\"statement\": {\"sid\": \"A\"}}"),
        document("{}"),
        statement("\"{\\\"Statement\\\": []}\"", ""),
        statement("\"${jsonencode({Statement = []})}\"", ""),
        statement("\"${data.aws_iam_policy_document.d.json}\"", ""),
    ];
    let module = ["{\"module\": {\"m\": {\"source\": \"x\"}}}", "{\"module\": {\"m\": {\"deny\": false}}}"];
    let count = "{\"resource\": {\"aws_s3_bucket\": {\"b\": {}}, \"aws_s3_bucket_policy\": {\"b\": {\"count\": 1, \"bucket\": \"x\"}}}}";
    let each = bucket.iter().map(|text| written(text, &|writer| writer.add_policy("aws_s3_bucket.b")));
    let each =
        each.chain(policies.iter().map(|text| written(text, &|writer| writer.add_statement("aws_s3_bucket_policy.b"))));
    let each = each.chain(module.iter().map(|text| written(text, &|writer| writer.switch_on("m", "deny"))));
    let aligned = written(count, &|writer| writer.align("aws_s3_bucket_policy.b", "aws_s3_bucket.b"));
    insta::assert_snapshot!(each.chain([aligned]).collect::<Vec<_>>().join("\n-----\n"));
}
