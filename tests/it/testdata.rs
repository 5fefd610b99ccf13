//! What people see of the templates in `testdata`: each of `err/` says what stands in the `.out` beside it, and those
//! of `ok/` say nothing. `INSTA_UPDATE=always cargo test testdata` writes the `.out` files anew; read
//! the difference before it is committed.

#![allow(unreachable_pub, reason = "a test stops at the first thing it cannot read")]

use crate::common::{bucketlint, lint_paths};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

const FORMATS: [&str; 2] = ["testdata/cloudformation", "testdata/sam"];

/// Plans with their source beside them, one for each way in which a policy is written.
const PLANS: [&str; 5] = [
    "testdata/plans/01-jsonencode/plan.json",
    "testdata/plans/02-datadoc/plan.json",
    "testdata/plans/30-nested/plan.json",
    "testdata/plans/heredoc-objects-only/plan.json",
    "testdata/plans/registry-module/plan.json",
];

/// The files of a folder, as paths from the root of the repository, in the order of their names.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap());
    let names = entries.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name().into_string().unwrap());
    names.map(|name| format!("{folder}/{name}")).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The templates of a folder: all that is not the output of one.
fn templates(folder: &str) -> Vec<String> {
    let templates: Vec<_> = files(folder).into_iter().filter(|file| !is_output(file)).collect();
    assert!(!templates.is_empty(), "{folder} holds no template");
    templates
}

fn is_output(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "out")
}

fn err_templates() -> Vec<String> {
    FORMATS.iter().flat_map(|format| templates(&format!("{format}/err"))).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn check(file: &str) -> Output {
    bucketlint().current_dir(root()).args(["check", "--color", "never", "--fail-on", "note", file]).output().unwrap()
}

/// Holds what is said of a file against its `.out`, or writes that.
fn difference(file: &str) -> Option<String> {
    let output = check(file);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let path = root().join(format!("{file}.out"));
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::write(&path, &text).unwrap();
        return None;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    (text != expected).then(|| format!("{file}.out says\n{expected}\nbut the output is\n{text}"))
}

fn hold(files: &[String]) {
    let different: Vec<_> = files.iter().filter_map(|file| difference(file)).collect();
    assert!(different.is_empty(), "{} of {} differ:\n{}", different.len(), files.len(), different.join("\n"));
}

#[test]
fn what_is_said_of_templates_stands_beside_them() {
    hold(&err_templates());
}

#[test]
fn what_is_said_of_plans_stands_beside_them() {
    hold(&PLANS.map(str::to_owned));
}

#[test]
fn each_template_that_is_not_ok_fails() {
    for file in err_templates() {
        let status = check(&file).status.code();
        assert!(matches!(status, Some(1 | 2)), "{file}: {status:?}");
    }
}

#[test]
fn templates_that_are_ok_are_enforced_in_silence() {
    for file in FORMATS.iter().flat_map(|format| templates(&format!("{format}/ok"))) {
        let output = check(&file);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(out.is_empty() && output.status.success(), "{file}: {}\n{out}{err}", output.status);
        let report = lint_paths(&[&root().join(&file)], &[]);
        let buckets = report["buckets"].as_array().unwrap();
        assert!(buckets.iter().all(|bucket| bucket["verdict"] == "enforced"), "{file}: {report:#}");
        assert_eq!(buckets.is_empty(), file.contains("/no-bucket."), "{file}: {report:#}");
    }
}

#[test]
fn no_output_has_lost_its_input() {
    let expected: BTreeSet<_> = err_templates()
        .iter()
        .map(String::as_str)
        .chain(PLANS)
        .map(|file| root().join(format!("{file}.out")))
        .collect();
    assert_eq!(outputs(&root().join("testdata")), expected);
}

fn outputs(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(outputs(&path));
        } else if is_output(path.to_str().unwrap()) {
            found.insert(path);
        }
    }
    found
}
