//! The baseline: what is known is muted, whatever is edited beside it; what is new is told.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::common;

use crate::support::random::{seed, times};
use crate::support::tree::{Random, Tree};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

fn folder(name: &str) -> PathBuf {
    crate::common::repository("baseline", name)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    common::bucketlint().current_dir(folder).arg("check").args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// `path rule address` of each finding that nothing mutes.
fn open(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(output)));
    let open = report["findings"].as_array().unwrap().iter().filter(|finding| finding["suppressed"].is_null());
    open.map(|one| format!("{} {} {}", one["file"], one["rule"], one["bucket"]).replace('"', "")).collect()
}

const EXPOSED: &str = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n";

#[test]
fn what_is_known_is_muted_and_what_is_gone_is_told() {
    let here = folder("story");
    fs::create_dir_all(here.join("prod")).unwrap();
    fs::create_dir_all(here.join("staging")).unwrap();
    fs::write(here.join("prod/a.yaml"), EXPOSED).unwrap();
    let output = run(&here, &["--write-baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(0), "what was just written down is known");
    assert_eq!(
        told(&output),
        "known.json: written with 1 finding\n1 file, 1 bucket: 1 exposed; 1 finding known before\n"
    );
    let output = run(&here, &["--baseline", "known.json", "--format", "json"]);
    assert_eq!((output.status.code(), open(&output).len()), (Some(0), 0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["baseline"], 1);
    assert_eq!(report["findings"][0]["suppressed"]["by"], "baseline");
    fs::write(here.join("staging/a.yaml"), EXPOSED).unwrap();
    let before = fs::read(here.join("known.json")).unwrap();
    let output = run(&here, &["--baseline", "known.json", "--format", "json"]);
    assert_eq!(open(&output), ["staging/a.yaml missing-bucket-policy Data"], "a copy is a finding of its own");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(here.join("known.json")).unwrap(), before, "it is never extended in silence");
    // From another folder of the repository the same files are the same.
    let output = run(&here.join("prod"), &["--baseline", "../known.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    // An entry of a file that is there and was not linted says nothing.
    assert!(!told(&run(&here.join("staging"), &["--baseline", "../known.json"])).contains("no longer"));
    fs::write(here.join("prod/a.yaml"), "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n").unwrap();
    let output = run(&here, &["--baseline", "known.json", "-v"]);
    assert!(told(&output).contains("note: known.json: 1 entry no longer occurs: "), "{}", told(&output));
    assert!(told(&output).contains("gone: prod/a.yaml: missing-bucket-policy: Data\n"), "{}", told(&output));
    let output = run(&here, &["--baseline", "known.json", "--write-baseline", "known.json"]);
    assert!(told(&output).contains("known.json: written with 1 finding\n"), "{}", told(&output));
    let known = fs::read_to_string(here.join("known.json")).unwrap();
    assert!(known.contains("staging/a.yaml") && !known.contains("prod/a.yaml"), "{known}");
}

#[test]
fn who_meets_many_findings_is_told_how_to_begin() {
    let here = folder("many");
    let told_of = |count: usize, arguments: &[&str]| {
        let buckets: String = (0..count).map(|index| format!("  B{index}: {{Type: AWS::S3::Bucket}}\n")).collect();
        fs::write(here.join("a.yaml"), format!("Resources:\n{buckets}")).unwrap();
        told(&run(&here, arguments)).contains("To let only new findings fail")
    };
    assert!(told_of(20, &[]));
    assert!(!told_of(19, &[]));
    assert!(!told_of(20, &["--format", "json"]), "programs read no advice");
    assert!(!told_of(20, &["--write-baseline", "known.json"]));
    assert!(!told_of(50, &["--baseline", "known.json"]));
}

#[test]
fn a_baseline_that_is_none_is_an_error() {
    let here = folder("errors");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    fs::write(here.join("secret"), "aws_secret_access_key = AKIA").unwrap();
    std::os::unix::fs::symlink("known.json", here.join("link.json")).unwrap();
    for arguments in [
        ["--baseline", "none.json"],
        ["--baseline", "secret"],
        ["--baseline", "."],
        ["--write-baseline", "link.json"],
        ["--write-baseline", "no/such/folder.json"],
    ] {
        let output = run(&here, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", told(&output));
        assert!(told(&output).contains(arguments[1]) && !told(&output).contains("AKIA"), "{}", told(&output));
    }
    assert!(!here.join("known.json").exists(), "nothing is written through a link");
    fs::write(here.join("broken.yaml"), "Resources:\n  Data: {Type: AWS::S3::Bucket\n").unwrap();
    let output = run(&here, &["--write-baseline", "known.json"]);
    assert!(output.status.code() == Some(2) && !here.join("known.json").exists(), "{}", told(&output));
}

/// Edits that touch no finding leave nothing new, others exactly what they bring. A thousand were
/// run before this landed.
#[test]
fn random_edits() {
    let count = times(8);
    let here = folder("random");
    let mut random = Random::new(seed() + 7);
    let mut tree = Tree::new(6, &mut random);
    tree.write(&here);
    assert_eq!(run(&here, &["--write-baseline", "known.json"]).status.code(), Some(0));
    for edit in 0..count {
        // Renames add up, and a file that was renamed twice is still just one.
        let what = tree.edit_beside_findings(&mut random);
        tree.write(&here);
        let output = run(&here, &["--baseline", "known.json", "--format", "json"]);
        assert_eq!(open(&output), [""; 0], "edit {edit}: {what}");
        let (mut broken, expected) = tree.with_a_new_finding(&mut random);
        broken.write(&here);
        let output = run(&here, &["--baseline", "known.json", "--format", "json"]);
        assert_eq!(open(&output), [expected], "edit {edit}");
    }
}
