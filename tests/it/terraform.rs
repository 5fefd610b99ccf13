//! One configuration in several forms: its folder, its plan, the state that it comes to.

use crate::common::{copy, folder, lint_paths, repository};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// The buckets of a report with their verdicts.
fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let buckets = report["buckets"].as_array().unwrap().iter();
    buckets
        .map(|one| (one["address"].as_str().unwrap().to_owned(), one["verdict"].as_str().unwrap().to_owned()))
        .collect()
}

/// The folders below `testdata/projects` that hold a plan.
fn roots() -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(testdata("projects")).sort_by_file_name().into_iter();
    let plans = files.map(|entry| entry.unwrap().into_path()).filter(|path| path.ends_with("plan.json"));
    plans.map(|plan| plan.parent().unwrap().to_owned()).collect()
}

#[test]
fn projects_are_judged_as_they_are_when_applied() {
    let roots = roots();
    assert!(roots.len() >= 5, "the projects were not found");
    let projects = repository("terraform", "projects");
    copy(&testdata("projects"), &projects);
    let mut wrong = Vec::new();
    for root in roots {
        let name = root.strip_prefix(testdata("projects")).unwrap();
        let applied = verdicts(&lint_paths(&[&root.join("state.json")], &[]));
        assert!(!applied.is_empty() && applied.values().all(|verdict| verdict != "undecided"), "{}", name.display());
        let planned = verdicts(&lint_paths(&[&root.join("plan.json")], &[]));
        let copied = projects.join(name);
        for json in ["plan.json", "state.json"] {
            fs::remove_file(copied.join(json)).unwrap();
        }
        let written = verdicts(&lint_paths(&[&copied], &[]));
        for (how, got) in [("planned", planned), ("written", written)] {
            if got != applied {
                wrong.push(format!("{} {how}: {got:?}, and applied {applied:?}", name.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The plans of `testdata/plans` with their source, and of the folder alone with and without the values that the plan has
/// for its variables. What comes out is the list of differences: read each before it is kept.
#[test]
fn folders_differ_from_their_plans_where_they_know_less() {
    let copies = folder("terraform", "plans");
    let mut lines = String::new();
    let mut same = 0;
    let mut cases: Vec<PathBuf> = fs::read_dir(testdata("plans")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let has_source = ["main.tf", "main.tf.json"].iter().any(|file| case.join(file).is_file());
        if !has_source || !case.join("plan.json").is_file() {
            continue;
        }
        let planned = verdicts(&lint_paths(&[&case.join("plan.json")], &[]));
        let plan: Value = serde_json::from_slice(&fs::read(case.join("plan.json")).unwrap()).unwrap();
        let alone = copies.join(case.file_name().unwrap());
        copy(&case, &alone);
        for json in ["plan.json", "state.json", "expected.json", "tfplan"] {
            let _ = fs::remove_file(alone.join(json));
        }
        for with_values in [true, false] {
            let tfvars = alone.join("terraform.tfvars.json");
            if with_values {
                let values = plan["variables"].as_object().into_iter().flatten();
                let values: BTreeMap<&String, &Value> = values.map(|(name, one)| (name, &one["value"])).collect();
                fs::write(&tfvars, serde_json::to_vec(&values).unwrap()).unwrap();
            } else {
                fs::remove_file(&tfvars).unwrap();
            }
            let report = lint_paths(&[&alone], &[]);
            let written = verdicts(&report);
            for (address, verdict) in &planned {
                let other = written.get(address).map_or("not reported", String::as_str);
                same += usize::from(other == verdict);
                if other != verdict {
                    let found = report["buckets"].as_array().unwrap().iter().find(|one| one["address"] == **address);
                    let parameters = found.map_or(&Value::Null, |one| &one["witness"]["parameters"]);
                    let values = if with_values { "with its values" } else { "without" };
                    writeln!(
                        lines,
                        "{} {address}: {verdict}, the folder {values} {other} {parameters}",
                        case.file_name().unwrap().display()
                    )
                    .unwrap();
                    // It is worse for values that it names, or it knows less.
                    let is_worse = other == "exposed" && parameters.as_object().is_some_and(|all| !all.is_empty());
                    let knows_more = case.ends_with("33-target");
                    assert!(knows_more || other == "undecided" || !with_values && is_worse, "{lines}");
                }
            }
        }
    }
    assert!(same > 150, "{same} are the same");
    insta::assert_snapshot!(lines);
}

#[test]
fn a_setting_makes_a_policy_one_that_s3_refuses_in_source_and_plan() {
    const SOURCE: &str = r#"
resource "aws_s3_bucket" "b" { bucket = "acme" }
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::acme/*" }] })
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket              = aws_s3_bucket.b.id
  block_public_policy = true
}
"#;
    const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":[
{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b","values":{"bucket":"acme"}},
{"address":"aws_s3_bucket_policy.b","mode":"managed","type":"aws_s3_bucket_policy","name":"b","values":{"bucket":"acme",
"policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::acme/*\"}]}"}},
{"address":"aws_s3_bucket_public_access_block.b","mode":"managed","type":"aws_s3_bucket_public_access_block","name":"b",
"values":{"bucket":"acme","block_public_policy":true}}]}},"resource_changes":[],"configuration":{"root_module":{}}}"#;
    for (file, text) in [("main.tf", SOURCE), ("plan.json", PLAN)] {
        let folder = folder("terraform", &format!("refused-{file}"));
        fs::write(folder.join(file), text).unwrap();
        let refused = |report: &Value| {
            let findings = report["findings"].as_array().unwrap();
            findings.iter().any(|one| one["rule"] == "refused-policy")
        };
        assert!(refused(&lint_paths(&[&folder], &[])), "{file}");
        let off = if file == "main.tf" { ("= true", "= false") } else { (":true", ":false") };
        fs::write(folder.join(file), text.replace(off.0, off.1)).unwrap();
        assert!(!refused(&lint_paths(&[&folder], &[])), "{file} with the setting off");
    }
}

#[test]
fn a_folder_of_modules_that_are_not_read_says_so() {
    let folder = folder("terraform", "not-read");
    let call = |name: &str| format!("module \"{name}\" {{\n  source = \"terraform-aws-modules/{name}/aws\"\n}}\n");
    fs::write(folder.join("main.tf"), call("vpc") + &call("eks")).unwrap();
    let report = lint_paths(&[&folder], &[]);
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "incomplete-input", "{report:#}");
    let told = finding["related"][0]["message"].as_str().or(finding["label"].as_str()).unwrap_or_default();
    assert!(format!("{finding}").contains("2 modules are not read"), "{told}: {finding:#}");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}
