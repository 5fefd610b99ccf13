//! `--diff-base`: what is new since a commit, against linting both trees apart.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::common;
use crate::support::tree;

use crate::support::random::{seed, times};
use crate::support::tree::{Random, Tree};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    crate::common::folder("diff_base", name)
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", "-c", "gc.auto=0"];
    let done = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "x"]);
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    common::bucketlint().current_dir(folder).arg("check").args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(output)))
}

/// The findings that nothing mutes.
fn open(report: &Value) -> Vec<&Value> {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["suppressed"].is_null()).collect()
}

fn addresses(report: &Value) -> Vec<String> {
    open(report).iter().map(|one| format!("{} {}", one["file"], one["bucket"]).replace('"', "")).collect()
}

const EXPOSED: &str = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: acme-data}\n";

fn policy(bucket: &str) -> String {
    let arn = format!("arn:aws:s3:::{bucket}");
    format!("Resources:\n  P:\n{}", tree::policy("X", &[&arn, &format!("{arn}/*")]).replace("!Ref X", bucket))
}

#[test]
fn a_policy_removed_in_one_file_is_a_new_finding_in_another() {
    let here = folder("story");
    git(&here, &["init", "-q"]);
    fs::write(here.join("bucket.yaml"), EXPOSED).unwrap();
    fs::write(here.join("policy.yaml"), policy("acme-data")).unwrap();
    fs::write(here.join("old.yaml"), "Resources:\n  Old:\n    Type: AWS::S3::Bucket\n").unwrap();
    let output = run(&here, &["--diff-base", "HEAD"]);
    assert!(told(&output).contains("there is no commit yet: everything is new\n"), "{}", told(&output));
    assert_eq!(output.status.code(), Some(1));
    commit(&here);
    let output = run(&here, &["--diff-base", "HEAD"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(told(&output).contains("since `HEAD`: 1 finding was there already, 0 fixed\n"), "{}", told(&output));
    fs::remove_file(here.join("policy.yaml")).unwrap();
    fs::remove_file(here.join("old.yaml")).unwrap();
    let output = run(&here, &["--diff-base", "HEAD", "--format", "json"]);
    assert_eq!(addresses(&report(&output)), ["bucket.yaml Data"]);
    assert!(told(&output).contains("no findings were there already, 1 fixed\n"), "{}", told(&output));
    // Untracked files are new, and so is what git ignores, which is told.
    fs::write(here.join("new.yaml"), "Resources:\n  New:\n    Type: AWS::S3::Bucket\n").unwrap();
    fs::write(here.join(".gitignore"), "*.json\n").unwrap();
    fs::write(here.join("out.json"), "{\"Resources\": {\"Out\": {\"Type\": \"AWS::S3::Bucket\"}}}").unwrap();
    git(&here, &["checkout", "-q", "policy.yaml", "old.yaml"]);
    let output = run(&here, &["--diff-base", "HEAD", "--format", "json", ".", "out.json"]);
    assert_eq!(addresses(&report(&output)), ["new.yaml New", "out.json Out"]);
    let notices = report(&output)["notices"].to_string();
    assert!(notices.contains("git does not hold this") && notices.contains("out.json"), "{notices}");
    assert!(!notices.contains("new.yaml"), "{notices}");
    for (revision, message) in [("none", "there is no commit `none`"), ("-x", "there is no commit `-x`")] {
        let output = run(&here, &[&format!("--diff-base={revision}")]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert!(told(&output).contains(message), "{}", told(&output));
    }
    let outside = std::env::temp_dir().join(format!("bucketlint-{}-no-repository", std::process::id()));
    fs::create_dir_all(&outside).unwrap();
    let output = run(&outside, &["--diff-base", "HEAD"]);
    assert!(
        output.status.code() == Some(2) && told(&output).contains("this is no git repository"),
        "{}",
        told(&output)
    );
    let output =
        common::bucketlint().current_dir(&here).env("PATH", "").args(["check", "--diff-base", "HEAD"]).output();
    assert!(told(&output.unwrap()).contains("`git` is needed for this, and is not there"));
}

#[test]
fn the_tree_is_the_one_where_histories_part_and_named_files_are_enough() {
    let here = folder("branches");
    git(&here, &["init", "-q"]);
    fs::create_dir_all(here.join("sub")).unwrap();
    fs::write(here.join("sub/a.yaml"), EXPOSED).unwrap();
    commit(&here);
    git(&here, &["checkout", "-q", "-b", "feature"]);
    fs::write(here.join("sub/b.yaml"), "Resources:\n  New:\n    Type: AWS::S3::Bucket\n").unwrap();
    commit(&here);
    git(&here, &["checkout", "-q", "main"]);
    fs::remove_file(here.join("sub/a.yaml")).unwrap();
    commit(&here);
    git(&here, &["checkout", "-q", "feature"]);
    let output = run(&here, &["--diff-base", "main", "--format", "json"]);
    assert_eq!(addresses(&report(&output)), ["sub/b.yaml New"], "what main did meanwhile is not our doing");
    let output = run(&here.join("sub"), &["--diff-base", "main", "--format", "json", "a.yaml", "b.yaml"]);
    assert_eq!(addresses(&report(&output)), ["b.yaml New"]);
    let output = run(&here, &["--diff-base", "HEAD", "--format", "json", "sub/b.yaml"]);
    assert_eq!(addresses(&report(&output)), [""; 0]);
    // A renamed file is no new one.
    fs::rename(here.join("sub/a.yaml"), here.join("sub/c.yaml")).unwrap();
    let output = run(&here, &["--diff-base", "HEAD", "--format", "json"]);
    assert_eq!(addresses(&report(&output)), [""; 0], "{}", told(&output));
    // An older tree that cannot be read is a notice.
    fs::write(here.join("sub/b.yaml"), "Resources:\n  New: {Type: AWS::S3::Bucket\n").unwrap();
    commit(&here);
    fs::write(here.join("sub/b.yaml"), "Resources:\n  New:\n    Type: AWS::S3::Bucket\n").unwrap();
    let output = run(&here, &["--diff-base", "HEAD", "--format", "json"]);
    assert_eq!(addresses(&report(&output)), ["sub/b.yaml New"]);
    assert!(report(&output)["notices"].to_string().contains("as it was at `HEAD` this cannot be linted"));
}

/// A bucket of a root module, with its policy in a module that it calls.
const ROOT: &str = "resource \"aws_s3_bucket\" \"data\" {\n  bucket = \"acme-data\"\n}\nresource \"aws_s3_bucket\" \"old\" \
                    {}\nmodule \"guard\" {\n  source = \"./guard\"\n}\n";
const GUARD: &str = "resource \"aws_s3_bucket_policy\" \"this\" {\n  bucket = \"acme-data\"\n  policy = jsonencode({ Statement = [{ \
                     Effect = \"Deny\", Principal = \"*\", Action = \"s3:*\", Resource = [\"arn:aws:s3:::acme-data\", \
                     \"arn:aws:s3:::acme-data/*\"], Condition = { Bool = { \"aws:SecureTransport\" = \"false\" } } }] })\n}\n";

#[test]
fn folders_of_terraform_source_are_read_as_they_were() {
    let here = folder("terraform");
    git(&here, &["init", "-q"]);
    fs::create_dir_all(here.join("stack/guard")).unwrap();
    fs::write(here.join("stack/main.tf"), ROOT).unwrap();
    fs::write(here.join("stack/guard/main.tf"), GUARD).unwrap();
    commit(&here);
    let json = ["--diff-base", "HEAD", "--format", "json"];
    let output = run(&here, &json);
    assert_eq!(addresses(&report(&output)), [""; 0], "{}", told(&output));
    assert!(told(&output).contains("since `HEAD`: 1 finding was there already, 0 fixed\n"), "{}", told(&output));
    // A policy removed in a module shows at its bucket in the root module.
    fs::write(here.join("stack/guard/main.tf"), "").unwrap();
    assert_eq!(addresses(&report(&run(&here, &json))), ["stack/main.tf aws_s3_bucket.data"]);
    fs::write(here.join("stack/guard/main.tf"), GUARD).unwrap();
    fs::write(here.join("stack/more.tf"), "resource \"aws_s3_bucket\" \"more\" {}\n").unwrap();
    for (at, paths, file) in [
        (here.clone(), ["."].as_slice(), "stack/more.tf"),
        (here.clone(), &["stack"], "stack/more.tf"),
        (here.join("stack"), &["main.tf", "more.tf"], "more.tf"),
    ] {
        let output = run(&at, &[&json, paths].concat());
        assert_eq!(addresses(&report(&output)), [format!("{file} aws_s3_bucket.more")], "{paths:?}: {}", told(&output));
    }
}

/// What a finding is, apart from where its file is.
fn what(report: &Value, finding: &Value) -> String {
    let bucket = report["buckets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|bucket| bucket["address"] == finding["bucket"] && bucket["input"] == finding["file"]);
    let witness = bucket.map_or(&Value::Null, |bucket| &bucket["witness"]);
    let object = witness["resource"].as_str().is_some_and(|resource| resource.ends_with("/any-key"));
    format!("{} {} {} {object}", finding["rule"], finding["bucket"], witness["action"])
}

/// Random changes of a tree, each against linting both trees apart. Two hundred were run before this landed.
#[test]
fn random_commits() {
    let count = times(6);
    let (here, older) = (folder("random"), folder("random-older"));
    git(&here, &["init", "-q"]);
    fs::create_dir_all(older.join(".git")).unwrap();
    let mut random = Random::new(seed() + 11);
    let mut tree = Tree::new(5, &mut random);
    tree.add_named(4);
    for number in 0..count {
        tree.write(&here);
        tree.write(&older);
        commit(&here);
        let edits: Vec<_> = (0..=random.below(3)).map(|_| tree.edit_anything(&mut random)).collect();
        tree.write(&here);
        let new = report(&run(&here, &["--diff-base", "HEAD", "--format", "json"]));
        let (old, now) = (report(&run(&older, &["--format", "json"])), report(&run(&here, &["--format", "json"])));
        let prints: BTreeSet<&str> = open(&old).iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
        let fresh: Vec<_> =
            open(&now).into_iter().filter(|one| !prints.contains(one["fingerprint"].as_str().unwrap())).collect();
        let gone = |one: &&&Value| !here.join(one["file"].as_str().unwrap()).exists();
        let lost: Vec<String> = open(&old).iter().filter(gone).map(|one| what(&old, one)).collect();
        let times = |list: &[String], one: &String| list.iter().filter(|other| *other == one).count();
        let kinds: Vec<String> = fresh.iter().map(|one| what(&now, one)).collect();
        let renamed = |kind: &String| times(&lost, kind) == 1 && times(&kinds, kind) == 1;
        let fresh = fresh.iter().zip(&kinds).filter(|(_, kind)| !renamed(kind)).map(|(one, _)| *one);
        let expected: BTreeSet<String> = fresh.map(|one| one["fingerprint"].to_string()).collect();
        let found: BTreeSet<String> = open(&new).iter().map(|one| one["fingerprint"].to_string()).collect();
        assert_eq!(found, expected, "change {number}: {edits:?}\n{:#?}", addresses(&new));
    }
}
