//! Folders of Terraform source whose buckets are exposed in many ways.

use super::templates::json;
use crate::support::random::Random;
use std::collections::BTreeMap;

/// The files of a folder, by path.
pub fn any(random: &mut Random) -> BTreeMap<String, String> {
    let mut folder = Folder { files: BTreeMap::new() };
    for number in 0..1 + random.below(3) {
        folder.bucket(&format!("data_{number}"), random);
    }
    if random.chance(30) {
        folder.module(random);
    }
    if random.chance(20) {
        folder.in_json(random);
    }
    let declared = "variable \"on\" {\n  type = bool\n}\n\nvariable \"names\" {\n  type = set(string)\n}\n\n\
                    variable \"prefix\" {\n  type = string\n}\n\nvariable \"more\" {\n  type    = list(any)\n  default = []\n}\n";
    folder.files.insert("variables.tf".to_owned(), declared.to_owned());
    let newline = *random.pick(&["\n", "\n", "\r\n"]);
    let ends = random.chance(80);
    for text in folder.files.values_mut() {
        *text = text.replace('\n', newline);
        if !ends {
            text.truncate(text.trim_end().len());
        }
    }
    folder.files
}

struct Folder {
    files: BTreeMap<String, String>,
}

/// How a bucket and its policy are multiplied.
#[derive(Clone, Copy)]
struct Many {
    argument: &'static str,
    key: &'static str,
    name: &'static str,
}

const MANY: [Many; 4] = [
    Many { argument: "", key: "", name: "" },
    Many { argument: "  count = 2\n", key: "[count.index]", name: "-${count.index}" },
    Many { argument: "  count = var.on ? 1 : 0\n", key: "[count.index]", name: "" },
    Many { argument: "  for_each = var.names\n", key: "[each.key]", name: "-${each.key}" },
];

impl Folder {
    fn add(&mut self, file: &str, text: &str) {
        let known = self.files.entry(file.to_owned()).or_default();
        if !known.is_empty() {
            known.push('\n');
        }
        known.push_str(text);
    }

    fn bucket(&mut self, label: &str, random: &mut Random) {
        let many = if random.chance(50) { MANY[0] } else { *random.pick(&MANY) };
        let name = match random.below(3) {
            0 => String::new(),
            1 => format!("  bucket = \"acme-{label}{}\" # named\n", many.name).replace('_', "-"),
            _ => format!("  bucket = \"${{var.prefix}}-{label}{}\"\n", many.name).replace('_', "-"),
        };
        let argument = many.argument;
        let provider = if random.chance(15) { "  provider = aws.eu\n" } else { "" };
        let region = if random.chance(10) { "  region = \"eu-west-1\"\n" } else { "" };
        let comment = if random.chance(30) { "# of ± its own {\n" } else { "" };
        let block =
            format!("{comment}resource \"aws_s3_bucket\" \"{label}\" {{\n{argument}{provider}{region}{name}}}\n");
        self.add("main.tf", &block);
        if random.chance(65) {
            self.policy(label, many, random);
        }
    }

    fn policy(&mut self, label: &str, many: Many, random: &mut Random) {
        let bucket = format!("aws_s3_bucket.{label}{}", many.key);
        let document = self.document(label, &bucket, many, random);
        let attribute = *random.pick(&["id", "bucket"]);
        let argument = many.argument;
        let file = *random.pick(&["main.tf", "policies.tf"]);
        let block = format!(
            "resource \"aws_s3_bucket_policy\" \"{label}\" {{\n{argument}  bucket = {bucket}.{attribute}\n  policy = {document}\n}}\n"
        );
        self.add(file, &block);
    }

    /// The expression of a document that does not deny all plain HTTP.
    fn document(&mut self, label: &str, bucket: &str, many: Many, random: &mut Random) -> String {
        let arn = format!("${{{bucket}.arn}}");
        match random.below(if many.key.is_empty() { 9 } else { 5 }) {
            0 => format!("<<EOF\n{}\nEOF", json(&arn, 1 + random.below(2), false, random)),
            1 => format!("<<-EOF\n    {}\n  EOF", json(&arn, 1, random.chance(50), random).replace('\n', "\n    ")),
            2 => {
                let object = object(bucket, "      ", random);
                format!("jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [\n{object}\n    ]\n  }})")
            }
            3 => format!("jsonencode({{ Statement = {} }})", object(bucket, "", random).replace('\n', "\n  ").trim()),
            4 => {
                let data = format!(
                    "data \"aws_iam_policy_document\" \"{label}\" {{\n{}{}}}\n",
                    many.argument,
                    block(bucket, random)
                );
                self.add("data.tf", &data);
                format!("data.aws_iam_policy_document.{label}{}.json", many.key)
            }
            5 => {
                let object = object(bucket, "      ", random);
                self.add(
                    "locals.tf",
                    &format!("locals {{\n  {label} = {{\n    Statement = [\n{object},\n    ]\n  }}\n}}\n"),
                );
                format!("jsonencode(local.{label})")
            }
            6 => {
                self.files
                    .insert(format!("{label}.json.tftpl"), json("${arn}", 1 + random.below(2), false, random) + "\n");
                format!("templatefile(\"${{path.module}}/{label}.json.tftpl\", {{ arn = {bucket}.arn }})")
            }
            7 => {
                let name = format!("arn:aws:s3:::acme-{}", label.replace('_', "-"));
                self.files.insert(format!("{label}.json"), json(&name, 1 + random.below(2), false, random) + "\n");
                format!("file(\"${{path.module}}/{label}.json\")")
            }
            _ => format!(
                "jsonencode({{\n    \"Statement\" : concat([{}], var.more)\n  }})",
                object(bucket, "", random).replace('\n', "\n    ").trim()
            ),
        }
    }

    /// A bucket in Terraform's JSON syntax, with or without a policy.
    fn in_json(&mut self, random: &mut Random) {
        let mut bucket = serde_json::json!({});
        let key = *random.pick(&["", "", "[count.index]", "[each.key]"]);
        match key {
            "[count.index]" => bucket["count"] = 2.into(),
            "[each.key]" => bucket["for_each"] = "${var.names}".into(),
            _ => bucket["bucket"] = "acme-in-json".into(),
        }
        let many = bucket.clone();
        let mut root = serde_json::json!({"resource": {"aws_s3_bucket": {"written": bucket}}});
        let reference = format!("aws_s3_bucket.written{key}");
        if random.chance(65) {
            let mut policy = serde_json::json!({"bucket": format!("${{{reference}.id}}")});
            let copied = |to: &mut serde_json::Value| {
                for name in ["count", "for_each"].iter().filter(|name| many.get(name).is_some()) {
                    to[*name] = many[*name].clone();
                }
            };
            copied(&mut policy);
            let arn = format!("${{{reference}.arn}}");
            if random.chance(50) {
                policy["policy"] = json(&arn, 1 + random.below(2), random.chance(30), random).into();
            } else {
                policy["policy"] = format!("${{data.aws_iam_policy_document.written{key}.json}}").into();
                let statement = serde_json::json!({"sid": "Other", "effect": "Deny", "actions": ["s3:Get*"],
                    "resources": [format!("{arn}/*")], "principals": {"type": "*", "identifiers": ["*"]}});
                let statement = if random.chance(50) { serde_json::json!([statement]) } else { statement };
                let mut document = serde_json::json!({"statement": statement});
                copied(&mut document);
                root["data"]["aws_iam_policy_document"]["written"] = document;
            }
            root["resource"]["aws_s3_bucket_policy"]["written"] = policy;
        }
        let text = if random.chance(70) { format!("{root:#}\n") } else { root.to_string() };
        self.files.insert("written.tf.json".to_owned(), text);
    }

    /// A module with a bucket of its own, once or twice.
    fn module(&mut self, random: &mut Random) {
        self.files.insert("store/main.tf".to_owned(), "resource \"aws_s3_bucket\" \"this\" {\n}\n".to_owned());
        for name in ["one", "two"].iter().take(1 + random.below(2)) {
            self.add("main.tf", &format!("module \"{name}\" {{\n  source = \"./store\"\n}}\n"));
        }
    }
}

/// A statement that is not enough, as an object.
fn object(bucket: &str, margin: &str, random: &mut Random) -> String {
    let (effect, action, principal, condition) = match random.below(4) {
        0 => ("Deny", "s3:Get*", "\"*\"", "{ Bool = { \"aws:SecureTransport\" = \"false\" } }"),
        1 => ("Deny", "s3:*", "\"*\"", "{ Bool = { \"aws:SecureTransport\" = false } }"),
        2 => ("Deny", "s3:*", "{ AWS = \"111122223333\" }", "{ Bool = { \"aws:SecureTransport\" = \"false\" } }"),
        _ => ("Allow", "s3:GetObject", "{ AWS = \"111122223333\" }", "{}"),
    };
    format!(
        "{margin}{{\n{margin}  Sid = \"Other\"\n{margin}  Effect = \"{effect}\"\n{margin}  Principal = {principal}\n{margin}  \
         Action = \"{action}\" # \"some\" }}\n{margin}  Resource = \"${{{bucket}.arn}}/*\"\n{margin}  Condition = {condition}\n{margin}}}"
    )
}

/// The same as a block.
fn block(bucket: &str, random: &mut Random) -> String {
    if random.chance(15) {
        return String::new();
    }
    let action = *random.pick(&["s3:*", "s3:Get*"]);
    format!(
        "  statement {{\n    sid = \"Other\"\n    effect = \"Deny\"\n    actions = [\"{action}\"]\n    resources = \
         [\"${{{bucket}.arn}}/*\"]\n    principals {{\n      type = \"*\"\n      identifiers = [\"*\"]\n    }}\n    condition \
         {{\n      test = \"Bool\"\n      variable = \"aws:SecureTransport\"\n      values = [\"false\"]\n    }}\n  }} # done\n"
    )
}
