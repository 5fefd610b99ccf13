//! Plans and states hold secrets in clear: nothing of them is printed but addresses, bucket names and policies.

use crate::common::bucketlint;
use bucketlint::report::FORMATS;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const SECRET: &str = "hunter2-SECRET";

/// A plan with a bucket between two databases; its policy is a string, or there is none.
fn plan(policy: Option<&str>, sensitive: bool) -> Value {
    let database = |name: &str| {
        json!({"address": format!("aws_db_instance.{name}"), "mode": "managed", "type": "aws_db_instance", "name": name,
               "values": {"password": SECRET, "username": "admin"}, "sensitive_values": {"password": true}})
    };
    let bucket = json!({"address": "aws_s3_bucket.data", "mode": "managed", "type": "aws_s3_bucket", "name": "data",
        "values": {"bucket": "acme-data", "tags": {"token": SECRET}}, "sensitive_values": {"tags": {}}});
    let mut resources = vec![database("before"), bucket, database("between")];
    if let Some(policy) = policy {
        resources.push(
            json!({"address": "aws_s3_bucket_policy.data", "mode": "managed", "type": "aws_s3_bucket_policy",
            "name": "data", "values": {"bucket": "acme-data", "policy": policy},
            "sensitive_values": if sensitive { json!({"policy": true}) } else { json!({}) }}),
        );
    }
    resources.push(database("after"));
    json!({"format_version": "1.2", "terraform_version": "1.11.4",
    "variables": {"password": {"value": SECRET}},
    "planned_values": {"root_module": {"resources": resources}},
    "resource_changes": [], "configuration": {"root_module": {"resources": [
        {"address": "aws_s3_bucket.data", "mode": "managed", "type": "aws_s3_bucket", "name": "data",
         "expressions": {"bucket": {"constant_value": "acme-data"}, "tags": {"constant_value": {"token": SECRET}}}}
    ]}}})
}

fn policy(condition: &Value, principal: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": principal}, "Action": "s3:*",
        "Resource": "arn:aws:s3:::acme-data/*", "Condition": condition}]})
    .to_string()
}

/// Everything that the command prints of a text, in all ways of printing.
fn printed(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    let mut all = String::new();
    for extra in [&["-v"][..], &["--format", "json", "-v"], &["--color", "always"]] {
        for columns in ["40", "400"] {
            let run = bucketlint().env("COLUMNS", columns).arg("check").args(extra).arg(&path).output().unwrap();
            assert!(run.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&run.stderr));
            all.push_str(&String::from_utf8(run.stdout).unwrap());
            all.push_str(&String::from_utf8(run.stderr).unwrap());
        }
    }
    all
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The plan on one line and as `jq` prints it; `serde_json` sorts keys, as `jq -S` does.
fn forms(plan: &Value) -> [String; 2] {
    [plan.to_string(), serde_json::to_string_pretty(plan).unwrap()]
}

#[test]
fn no_secret_is_printed_of_a_bucket_without_a_policy() {
    let folder = folder("secrets-none");
    for (index, text) in forms(&plan(None, false)).iter().enumerate() {
        let all = printed(&folder, &format!("plan{index}.json"), text);
        assert!(all.contains("missing-bucket-policy") && all.contains("aws_s3_bucket.data"), "{all}");
        assert!(!all.contains("hunter2"), "{all}");
    }
}

/// In Terraform's own order of keys the secret of one resource is the last thing before the next one.
#[test]
fn no_secret_is_printed_that_stands_right_beside_a_bucket() {
    let head = |kind: &str, name: &str| {
        format!(r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}""#)
    };
    let database = |name: &str| {
        format!(r#"{},"values":{{"password":"{SECRET}","token":"{SECRET}"}}}}"#, head("aws_db_instance", name))
    };
    let bucket = format!(r#"{},"values":{{"bucket":"b","x":"{SECRET}"}}}}"#, head("aws_s3_bucket", "data"));
    let text = format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{"resources":[{},{bucket},{}]}}}},"configuration":{{"root_module":{{"resources":[{}}}]}}}}}}"#,
        database("a"),
        database("z"),
        head("aws_s3_bucket", "data"),
    );
    let all = printed(&folder("secrets-beside"), "plan.json", &text);
    assert!(all.contains("missing-bucket-policy"), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn no_secret_is_printed_of_a_policy_with_findings_inside() {
    let folder = folder("secrets-policy");
    let text = policy(&json!({"Bool": {"aws:SecureTransport": "false"}}), "*");
    for (index, text) in forms(&plan(Some(&text), false)).iter().enumerate() {
        let all = printed(&folder, &format!("plan{index}.json"), text);
        assert!(all.contains("partial-deny"), "{all}");
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn no_text_of_a_sensitive_policy_is_printed() {
    let folder = folder("secrets-sensitive");
    let condition = json!({"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalTag/t": SECRET}});
    let text = policy(&condition, "arn:aws:iam::111122223333:role/hunter2");
    for (index, text) in forms(&plan(Some(&text), true)).iter().enumerate() {
        let all = printed(&folder, &format!("plan{index}.json"), text);
        assert!(all.contains("aws_s3_bucket.data"), "{all}");
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn no_value_of_a_parameter_without_echo_is_printed() {
    let folder = folder("secrets-no-echo");
    fs::write(folder.join("values.yaml"), "Name: swordfish\nDeny: sesame\nAccount: opensesame\n").unwrap();
    let template = r#"
Parameters:
  Name: {Type: String, NoEcho: true}
  Deny: {Type: String, NoEcho: "true"}
  Account: {Type: CommaDelimitedList, NoEcho: TRUE}
Conditions:
  Named: !Equals [!Ref Name, acme]
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${Name}-data"}
  Other: {Type: AWS::S3::Bucket, Condition: Named}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - Effect: !Ref Deny
            Principal: {AWS: !Ref Account}
            Action: s3:*
            Resource: [!Sub "arn:aws:s3:::${Name}-data", !Sub "arn:aws:s3:::${Name}-data/*"]
            Condition: {Bool: {aws:SecureTransport: !Ref Deny}}
"#;
    fs::write(folder.join("template.yaml"), template).unwrap();
    for format in ["human", "json", "sarif", "github", "markdown", "html", "junit", "concise"] {
        let arguments = ["check", "template.yaml", "--parameters", "values.yaml", "--format", format];
        let output = bucketlint().current_dir(&folder).args(arguments).output().unwrap();
        let all = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(all.contains("Data"), "{all}");
        assert!(!all.contains("swordfish") && !all.contains("sesame"), "{format}: {all}");
    }
}

#[test]
fn no_excerpt_shows_the_default_of_a_noecho_parameter() {
    let templates = [
        format!(
            "Parameters:\n  Key: {{Type: String, NoEcho: true, Default: {SECRET}, AllowedValues: &a [x]}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: !Ref Key}}\n  P: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref Key, PolicyDocument: {{Statement: []}}}}}}\n"
        ),
        format!(
            "Parameters: {{Key: {{NoEcho: 'true', Default: \"{SECRET}\", Type: String, Type: String}}}}\nResources: {{B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Ref Keys}}}}}}\n"
        ),
        format!(
            "Parameters:\n  Key:\n    Type: String\n    NoEcho: true\n    Default: >\n      {SECRET}\n      {SECRET}\n    Description: x\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: !Ref Key}}\n"
        ),
        format!(
            "{{Parameters: {{Key: {{NoEcho: true, Type: String, Default: {SECRET}}}}}, Resources: {{B: {{Type: AWS::S3::Bucket}}}}}}\n"
        ),
    ];
    let folder = folder("noecho");
    for (number, template) in templates.iter().enumerate() {
        let all = printed(&folder, &format!("{number}.yaml"), template);
        assert!(!all.contains(SECRET), "{all}");
    }
    // The line is shown all the same.
    assert!(printed(&folder, "3.yaml", &templates[3]).contains("*******}}, Resources:"));
}

/// Something confidential, in the way in which people hand it over.
struct Handed {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    /// What the run must say, so that a case is not passed by reading nothing.
    says: &'static str,
}

const BUCKET: (&str, &str) = ("template.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket}\n");
/// A policy that hangs on a secret.
const COMPARED: (&str, &str) = (
    "template.yaml",
    "Parameters: {Token: {Type: String, NoEcho: true}}\nConditions:\n  Is: !Equals [!Ref Token, hunter2]\n\n\nResources:\n  \
     Data: {Type: AWS::S3::Bucket}\n  Guard:\n    Type: AWS::S3::BucketPolicy\n    Condition: Is\n    Properties: {Bucket: \
     !Ref Data, PolicyDocument: {Statement: {Effect: Deny, Principal: '*', Action: '*', Resource: '*', Condition: {Bool: \
     {'aws:SecureTransport': 'false'}}}}}\n",
);
const NAMED: (&str, &str) = (
    "template.yaml",
    "Parameters:\n  Token: {Type: String, NoEcho: true, Default: hunter2-default}\nResources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Join [-, [!Ref Token, data]]}\n  Guard:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Sub '${Token}-other'\n      PolicyDocument:\n        Statement: {Effect: Deny, Principal: '*', Action: s3:Get*, Resource: !Sub 'arn:aws:s3:::${Token}-other/*'}\nOutputs:\n  Name: {Value: !Ref Token, Export: {Name: !Sub '${Token}-name'}}\n",
);
const BOUND: (&str, &str) = (
    "template.yaml",
    "Parameters:\n  Token: {Type: String, AllowedValues: [a, b]}\nConditions:\n  IsA: !Equals [!Ref Token, a]\nResources:\n  Data: {Type: AWS::S3::Bucket, Condition: IsA}\n",
);
const STACK: (&str, &str) = (
    "template.yaml",
    "Parameters:\n  Token: {Type: String, NoEcho: true}\nResources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml, Parameters: {Name: !Sub 'x-${Token}'}}\n",
);
const CHILD: (&str, &str) = (
    "child.yaml",
    "Parameters:\n  Name: {Type: String, AllowedPattern: '[a-z]*'}\nResources:\n  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}\n",
);
const WITH_VALUES: &[&str] = &["template.yaml", "--parameters", "values"];

const HANDED: &[Handed] = &[
    Handed {
        what: "a parameter file that does not parse",
        files: &[BUCKET, ("values", "Token: \"hunter2\nOther: [hunter2\n")],
        arguments: WITH_VALUES,
        says: "values",
    },
    Handed {
        what: "a parameter file in JSON that does not parse",
        files: &[
            BUCKET,
            ("values", "[{\"ParameterKey\": \"Token\", \"ParameterValue\": \"hunter2\"} {\"hunter2\": 1}]"),
        ],
        arguments: WITH_VALUES,
        says: "values",
    },
    Handed {
        what: "values of another shape",
        files: &[BUCKET, ("values", "Token: {hunter2: hunter2}\nOther: !hunter2 x\nLast: [[hunter2]]\n")],
        arguments: WITH_VALUES,
        says: "values",
    },
    Handed {
        what: "pairs without a name",
        files: &[BUCKET, ("values", "[\"Token=hunter2\", \"hunter2\", \"Token=hunter2\"]")],
        arguments: WITH_VALUES,
        says: "values",
    },
    Handed {
        what: "a value for a parameter that is declared nowhere",
        files: &[BOUND, ("values", "Tokens: hunter2\n")],
        arguments: WITH_VALUES,
        says: "Tokens",
    },
    Handed {
        what: "a value that its parameter does not allow",
        files: &[BOUND, ("values", "Token: hunter2\n")],
        arguments: WITH_VALUES,
        says: "Token",
    },
    Handed {
        what: "a value that makes names",
        files: &[NAMED, ("values", "Token: hunter2\n")],
        arguments: WITH_VALUES,
        says: "Data",
    },
    Handed {
        what: "what a secret is compared with",
        files: &[COMPARED],
        arguments: &["template.yaml"],
        says: "<Token>",
    },
    Handed {
        what: "a value that is compared",
        files: &[COMPARED, ("values", "Token: hunter2\n")],
        arguments: WITH_VALUES,
        says: "not looked at",
    },
    Handed { what: "a default that makes names", files: &[NAMED], arguments: &["template.yaml"], says: "Data" },
    Handed {
        what: "a default that is taken for the value",
        files: &[NAMED],
        arguments: &["template.yaml", "--assume-defaults"],
        says: "Data",
    },
    Handed {
        what: "a value that is handed on to a nested stack",
        files: &[STACK, CHILD, ("values", "Token: hunter2-3\n")],
        arguments: WITH_VALUES,
        says: "Data",
    },
    Handed {
        what: "values in settings",
        files: &[NAMED, ("bucketlint.yaml", "parameters: {Token: hunter2, Tokens: hunter2}\n")],
        arguments: &["template.yaml"],
        says: "Data",
    },
    Handed {
        what: "settings that are shown",
        files: &[NAMED, ("bucketlint.yaml", "parameters: {Token: hunter2}\n")],
        arguments: &["template.yaml", "--show-settings"],
        says: "Token",
    },
    Handed {
        what: "settings with values of another shape",
        files: &[BUCKET, ("bucketlint.yaml", "parameters: {Token: {hunter2: [hunter2]}, Other: !hunter2 hunter2}\n")],
        arguments: &["template.yaml"],
        says: "bucketlint.yaml",
    },
    Handed {
        what: "settings with a list of values",
        files: &[BUCKET, ("bucketlint.yaml", "parameters: [Token=hunter2, hunter2]\n")],
        arguments: &["template.yaml"],
        says: "bucketlint.yaml",
    },
    Handed {
        what: "settings that do not parse",
        files: &[BUCKET, ("bucketlint.yaml", "parameters:\n  Token: \"hunter2\n  Other: [hunter2, {hunter2\n")],
        arguments: &["template.yaml"],
        says: "bucketlint.yaml",
    },
    Handed {
        what: "a plan that is cut off",
        files: &[(
            "plan.json",
            "{\"format_version\": \"1.2\", \"planned_values\": {\"password\": \"hunter2\", \"root_mod",
        )],
        arguments: &["plan.json"],
        says: "plan.json",
    },
    Handed {
        what: "a plan with a value of another type",
        files: &[(
            "plan.json",
            "{\"format_version\": \"1.2\", \"planned_values\": {\"root_module\": {\"resources\": [{\"type\": \"aws_s3_bucket\", \"address\": [\"hunter2\"], \"values\": \"hunter2\"}]}}}",
        )],
        arguments: &["plan.json"],
        says: "plan.json",
    },
    Handed {
        what: "a plan in YAML",
        files: &[(
            "plan.yaml",
            "format_version: '1.2'\nplanned_values:\n  root_module:\n    resources: [{type: aws_s3_bucket, values: {bucket: hunter2}}]\nvariables: {password: {value: hunter2}}\n",
        )],
        arguments: &["plan.yaml"],
        says: "plan.yaml",
    },
    Handed {
        what: "a raw state",
        files: &[(
            "terraform.tfstate",
            "{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 1, \"lineage\": \"hunter2\", \"outputs\": {\"password\": {\"value\": \"hunter2\"}}, \"resources\": [{\"type\": \"aws_s3_bucket\", \"name\": \"data\", \"instances\": [{\"attributes\": {\"tags\": {\"token\": \"hunter2\"}}}]}]}",
        )],
        arguments: &["terraform.tfstate"],
        says: "terraform.tfstate",
    },
    Handed {
        what: "a state",
        files: &[(
            "state.json",
            "{\"format_version\": \"1.0\", \"terraform_version\": \"1.9.0\", \"values\": {\"outputs\": {\"password\": {\"sensitive\": true, \"value\": \"hunter2\"}}, \"root_module\": {\"resources\": [{\"address\": \"aws_s3_bucket.data\", \"mode\": \"managed\", \"type\": \"aws_s3_bucket\", \"name\": \"data\", \"values\": {\"bucket\": \"acme\", \"tags\": {\"token\": \"hunter2\"}}, \"sensitive_values\": {}}, {\"address\": \"aws_db_instance.db\", \"mode\": \"managed\", \"type\": \"aws_db_instance\", \"name\": \"db\", \"values\": {\"password\": \"hunter2\"}, \"sensitive_values\": {\"password\": true}}]}}}",
        )],
        arguments: &["state.json"],
        says: "aws_s3_bucket.data",
    },
    Handed {
        what: "a variable file that does not parse",
        files: &[
            ("main.tf", "resource \"aws_s3_bucket\" \"data\" {}\n"),
            ("values", "token = \"hunter2\nother = {hunter2\n"),
        ],
        arguments: &["main.tf", "--var-file", "values"],
        says: "values",
    },
    Handed {
        what: "a sensitive variable",
        files: &[
            (
                "main.tf",
                "variable \"token\" {\n  sensitive = true\n  default = \"hunter2\"\n}\nresource \"aws_s3_bucket\" \"data\" {\n  bucket = \"${var.token}-data\"\n}\n",
            ),
            ("values", "token = \"hunter2-given\"\n"),
        ],
        arguments: &[".", "--var-file", "values"],
        says: "aws_s3_bucket.data",
    },
];

/// Everything that is printed and written, in all formats.
fn in_all_formats(folder: &Path, arguments: &[&str]) -> String {
    let mut run = bucketlint();
    run.current_dir(folder).env("COLUMNS", "400").args(["check", "-v"]).args(arguments);
    for format in &FORMATS {
        run.args(["--output", &format!("{0}=out/{0}", format.name)]);
    }
    let run = run.output().unwrap();
    assert!(run.status.code().is_some(), "it ended by a signal");
    let mut all = [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    for format in &FORMATS {
        all.push_str(&fs::read_to_string(folder.join("out").join(format.name)).unwrap_or_default());
    }
    all
}

#[test]
fn no_format_shows_what_is_confidential() {
    let root = folder("confidential");
    let mut problems = Vec::new();
    for (number, handed) in HANDED.iter().enumerate() {
        let folder = root.join(number.to_string());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("out")).unwrap();
        // No settings of the folders above count.
        fs::create_dir_all(folder.join(".git")).unwrap();
        for (name, text) in handed.files {
            fs::write(folder.join(name), text).unwrap();
        }
        let all = in_all_formats(&folder, handed.arguments);
        let told = all.lines().find(|line| line.to_lowercase().contains("hunter2"));
        problems.extend(told.map(|line| format!("{}: {line}", handed.what)));
        if !all.contains(handed.says) {
            problems.push(format!("{}: nothing of `{}` is said: {all}", handed.what, handed.says));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
