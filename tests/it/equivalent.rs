//! The same bucket and policy, written as a template and as a Terraform plan with its source, get the same verdict,
//! the same rules and the same witness.

#![allow(unreachable_pub, reason = "a test stops at the first thing it cannot read")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{bucket, lint_paths, rules};
use serde::Deserialize;
use serde_json::Value;

/// What both spellings must give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    verdict: String,
    rules: Vec<String>,
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/equivalent");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The part of a report that must not hang on the format.
fn essence(report: &Value, address: &str) -> (String, Vec<String>, Value) {
    let bucket = bucket(report, address);
    let mut witness = bucket["witness"].clone();
    if let Some(witness) = witness.as_object_mut() {
        // Conditions and parameters have names of their own in each format.
        witness.remove("assumptions");
    }
    let rules = rules(report).into_iter().map(str::to_owned).collect();
    (bucket["verdict"].as_str().unwrap().to_owned(), rules, witness)
}

#[test]
fn template_and_plan_get_the_same_verdict() {
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case.file_name().unwrap().display().to_string();
        let expected: Expected = serde_json::from_slice(&fs::read(case.join("expected.json")).unwrap()).unwrap();
        let template = essence(&lint_paths(&[&case.join("template.yaml")], &[]), "Data");
        let plan = essence(&lint_paths(&[&case.join("plan.json")], &[]), "aws_s3_bucket.data");
        if (&template.0, &template.1) != (&expected.verdict, &expected.rules) {
            wrong.push(format!("{name}: want {expected:?}, got {template:?}"));
        }
        if template != plan {
            wrong.push(format!("{name}: the template gives {template:?}, the plan {plan:?}"));
        }
        // A witness stands with `exposed`, and only there.
        if (template.0 == "exposed") == template.2.is_null() {
            wrong.push(format!("{name}: {} with the witness {}", template.0, template.2));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_is_written_both_ways() {
    let cases = cases();
    assert!(cases.len() >= 30, "{} cases", cases.len());
    for case in cases {
        for file in ["expected.json", "main.tf", "plan.json", "template.yaml"] {
            assert!(case.join(file).is_file(), "{}: {file}", case.display());
        }
    }
}
