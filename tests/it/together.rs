//! Files of one run count together: a policy apart from its bucket is found, whichever way it names it.

use crate::common::{bucket, lint_paths, rules};
use std::path::{Path, PathBuf};

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/together").join(name)
}

#[test]
fn a_nested_stack_guards_its_parents_bucket_and_the_other_way_round() {
    let report = lint_paths(&[&testdata("nested")], &[]);
    assert_eq!(bucket(&report, "Data")["verdict"], "enforced", "{report:#}");
    assert_eq!(bucket(&report, "Files")["verdict"], "enforced", "{report:#}");
    assert!(rules(&report).is_empty(), "{report:#}");
    assert_eq!(report["files"].as_array().unwrap().len(), 3);
}

#[test]
fn without_the_parent_both_stand_alone() {
    let report = lint_paths(&[&testdata("nested/store.yaml")], &[]);
    assert_eq!(rules(&report), ["missing-bucket-policy"]);
    let report = lint_paths(&[&testdata("nested/guard/policy.yaml")], &[]);
    assert_eq!(rules(&report), ["orphan-policy"]);
}

#[test]
fn an_import_is_what_another_file_exports() {
    let report = lint_paths(&[&testdata("imported")], &[]);
    assert_eq!(bucket(&report, "SharedLogs")["verdict"], "enforced", "{report:#}");
    assert!(rules(&report).is_empty(), "{report:#}");
}

#[test]
fn a_policy_that_names_the_bucket_literally_counts_across_files() {
    let report = lint_paths(&[&testdata("literal")], &[]);
    let reports = bucket(&report, "Reports");
    assert_eq!(reports["verdict"], "exposed", "{report:#}");
    assert_eq!(reports["witness"]["action"], "s3:ListBucket");
    assert!(reports["policies"][0]["file"].as_str().unwrap().ends_with("policy.json"));
    assert_eq!(rules(&report), ["partial-deny"]);
}
