//! Edits that are offered: each does what it says, nothing gets worse, and making them twice changes nothing.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::common::{bucketlint, lint_paths};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of its own with copies of test data, away when the test is over.
struct Copy(PathBuf);

impl Copy {
    fn of(name: &str, folders: &[&str]) -> Self {
        let root = std::env::temp_dir().join(format!("bucketlint-fix-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for folder in folders {
            crate::common::copy(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder),
                &root.join(folder),
            );
        }
        Self(root)
    }

    fn report(&self) -> Value {
        lint_paths(&[&self.0], &["--isolated"])
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The verdict of each bucket, by file, deployment and address.
fn verdicts(report: &Value) -> BTreeMap<String, u8> {
    let rank = |verdict: &str| ["enforced", "undecided", "exposed"].iter().position(|one| *one == verdict).unwrap();
    let each = list(report, "buckets").iter().map(|bucket| {
        let key = format!("{} {} {}", bucket["input"], bucket["deployment"], bucket["address"]);
        (key, u8::try_from(rank(bucket["verdict"].as_str().unwrap())).unwrap())
    });
    each.collect()
}

/// How often each rule fires on each bucket.
fn fired(report: &Value) -> BTreeMap<String, usize> {
    let mut fired = BTreeMap::new();
    for finding in list(report, "findings") {
        *fired.entry(format!("{} {} {}", finding["file"], finding["bucket"], finding["rule"])).or_default() += 1;
    }
    fired
}

/// A text with a finding's edits made, by hand.
fn made(edits: &[Value], before: &str) -> String {
    let mut sorted: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let offset = |end: &str| usize::try_from(edit["span"][end]["offset"].as_u64().unwrap()).unwrap();
            (offset("start"), offset("end"), edit["text"].as_str().unwrap())
        })
        .collect();
    sorted.sort_unstable();
    let (mut out, mut at) = (String::new(), 0);
    for (start, end, text) in sorted {
        out.push_str(&before[at..start]);
        out.push_str(text);
        at = end;
    }
    out + &before[at..]
}

/// The examples of all rules' documents, each in a folder of its own.
fn write_examples(root: &Path) {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap() {
        let path = entry.unwrap().path();
        let rule = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        for (number, block) in text.split("\n```").enumerate().filter(|(_, block)| block.contains(" expect=")) {
            let (head, body) = block.split_once('\n').unwrap();
            let name = match head.split(' ').next().unwrap() {
                "hcl" => "main.tf",
                "json" => "t.json",
                _ => "t.yaml",
            };
            let folder = root.join(format!("{rule}-{number}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), body).unwrap();
        }
    }
}

const DATA: &[&str] = &["cloudformation", "sam", "together", "sample"];

/// The same in parts that have nothing to do with each other: each folder inside of them, or all of one that has none.
fn apart() -> Vec<String> {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut parts = Vec::new();
    for folder in DATA {
        let entries = fs::read_dir(testdata.join(folder)).unwrap().map(|entry| entry.unwrap());
        let inside: Vec<_> = entries.filter(|entry| entry.path().is_dir()).collect();
        parts.extend(inside.iter().map(|entry| format!("{folder}/{}", entry.file_name().to_str().unwrap())));
        if inside.is_empty() {
            parts.push((*folder).to_owned());
        }
    }
    parts
}

#[test]
fn each_edit_by_itself_does_what_it_says() {
    let offered: usize = apart().iter().map(|part| try_each_edit(&Copy::of("each", &[part]))).sum();
    assert!(offered > 25, "only {offered} edits were offered");
}

/// Makes the edits of each finding, and takes them back; how many findings have one.
fn try_each_edit(folder: &Copy) -> usize {
    let before = folder.report();
    let (old, had) = (verdicts(&before), fired(&before));
    let fixable = list(&before, "findings").iter().filter(|finding| !finding["fix"].is_null());
    let mut offered = 0;
    for finding in fixable {
        offered += 1;
        let edits = list(&finding["fix"], "edits");
        let file = edits[0]["file"].as_str().unwrap();
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, made(edits, &text)).unwrap();
        let after = folder.report();
        fs::write(file, &text).unwrap();
        let new = verdicts(&after);
        let own = |key: &str| {
            key.contains(finding["file"].as_str().unwrap()) && key.ends_with(&finding["bucket"].to_string())
        };
        for (key, rank) in &old {
            let now = new.get(key).unwrap_or_else(|| panic!("{key} is gone after {finding:#}"));
            assert!(now <= rank, "{key} got worse after {finding:#}");
            assert!(!own(key) || *now == 0, "{key} is not enforced after {finding:#}");
        }
        for (key, count) in fired(&after) {
            assert!(had.get(&key).is_some_and(|old| *old >= count), "{key} is new after {finding:#}");
        }
    }
    offered
}

#[test]
fn what_is_exposed_can_mostly_be_fixed_and_the_rest_says_why() {
    let report = Copy::of("rate", DATA).report();
    let exposed = list(&report, "findings").iter().filter(|finding| finding["severity"] == "error");
    let left: Vec<String> = exposed
        .filter(|finding| finding["fix"].is_null())
        .map(|finding| {
            let file = Path::new(finding["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
            format!("{file}: {}", finding["help"].as_str().unwrap().lines().next().unwrap())
        })
        .collect();
    insta::assert_snapshot!(left.join("\n"));
}

#[test]
fn fixing_twice_changes_nothing_more() {
    let folder = Copy::of("twice", DATA);
    write_examples(&folder.0.join("rules"));
    let before = folder.report();
    let fix = || {
        let output =
            bucketlint().args(["check", "--isolated", "--fix", "--unsafe-fixes"]).arg(&folder.0).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let texts = || {
        let report = folder.report();
        let files = list(&report, "files").iter().map(|file| file["path"].as_str().unwrap().to_owned());
        files.map(|file| (file.clone(), fs::read_to_string(file).unwrap_or_default())).collect::<BTreeMap<_, _>>()
    };
    let first = fix();
    assert!(!first.contains("fixed 0 findings"), "{first}");
    let after = texts();
    let fixed = verdicts(&folder.report());
    for finding in list(&before, "findings").iter().filter(|finding| !finding["fix"].is_null()) {
        let (file, bucket) = (finding["file"].to_string(), finding["bucket"].to_string());
        // The input of source is its folder.
        let file = file.trim_matches('"').trim_end_matches("/main.tf");
        let mut own = fixed.iter().filter(|(key, _)| key.contains(file) && key.ends_with(&bucket));
        assert!(own.all(|(_, rank)| *rank == 0), "{finding:#}");
    }
    let second = fix();
    assert!(second.contains("fixed 0 findings in 0 files"), "{second}");
    assert_eq!(texts(), after);
    assert!(list(&folder.report(), "findings").iter().all(|finding| finding["fix"].is_null()));
}

#[test]
fn a_diff_writes_nothing() {
    let folder = Copy::of("diff", &["sample"]);
    let path = folder.0.join("sample/storage.yaml");
    let before = fs::read_to_string(&path).unwrap();
    let output = bucketlint().args(["check", "--isolated", "--diff"]).arg(&path).output().unwrap();
    let diff = String::from_utf8(output.stdout).unwrap();
    assert!(diff.contains("\n+  UploadsPolicy:\n"), "{diff}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn only_safe_edits_are_made_unless_asked() {
    let folder = Copy::of("safe", &[]);
    fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("t.yaml");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cloudformation/err/inverted.yaml"), &path).unwrap();
    let before = fs::read_to_string(&path).unwrap();
    let fix = |flags: &[&str]| {
        bucketlint().args(["check", "--isolated"]).args(flags).arg(&path).output().unwrap().status.code()
    };
    assert_eq!(fix(&["--fix"]), Some(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    assert_eq!(fix(&["--fix", "--unsafe-fixes"]), Some(0));
    assert_ne!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn a_website_is_not_closed_unless_asked() {
    let folder = Copy::of("website", &[]);
    fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("t.yaml");
    let site = "WebsiteConfiguration: {IndexDocument: index.html}";
    let text = format!("Resources:\n  Site: {{Type: AWS::S3::Bucket, Properties: {{{site}}}}}\n");
    fs::write(&path, &text).unwrap();
    let fix = |flags: &[&str]| {
        bucketlint().args(["check", "--isolated"]).args(flags).arg(&path).output().unwrap().status.code()
    };
    assert_eq!(fix(&["--fix"]), Some(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "its endpoint speaks plain HTTP only");
    assert_eq!(fix(&["--fix", "--unsafe-fixes"]), Some(0));
}

#[test]
fn output_of_tools_is_not_edited() {
    let folder = Copy::of("tools", &[]);
    for (output, says) in [
        (".serverless/cloudformation-template-update-stack.json", "under `resources` in `serverless.yml`"),
        ("cdk.out/S.template.json", "`enforceSSL: true`"),
        (".aws-sam/build/template.yaml", "`sam build` was run on"),
    ] {
        let path = folder.0.join(output);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = "{\"Resources\": {\"Data\": {\"Type\": \"AWS::S3::Bucket\"}}}";
        fs::write(&path, text).unwrap();
        let report = lint_paths(&[&path], &["--isolated", "--fix", "--unsafe-fixes"]);
        let finding = &list(&report, "findings")[0];
        assert!(finding["fix"].is_null() && finding["help"].as_str().unwrap().contains(says), "{finding:#}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn terraform_source_is_fixed_where_it_stands() {
    let folder = Copy::of("terraform", &[]);
    fs::create_dir_all(folder.0.join("store")).unwrap();
    let root = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"acme-a\"\n}\n\
                resource \"aws_s3_bucket\" \"b\" {\n  count  = 2\n  bucket = \"acme-b-${count.index}\"\n}\n\
                variable \"names\" { type = set(string) }\n\
                resource \"aws_s3_bucket\" \"c\" {\n  for_each = var.names\n  bucket   = \"acme-${each.key}\"\n}\n\
                module \"store\" {\n  source = \"./store\"\n}\n";
    let module = "resource \"aws_s3_bucket\" \"x\" {}\n\
                  resource \"aws_s3_bucket_policy\" \"x\" {\n  bucket = aws_s3_bucket.x.id\n  \
                  policy = jsonencode({\n    Statement = { Effect = \"Allow\", Principal = \"*\", \
                  Action = \"s3:GetObject\", Resource = \"${aws_s3_bucket.x.arn}/*\" }\n  })\n}\n";
    fs::write(folder.0.join("main.tf"), root).unwrap();
    fs::write(folder.0.join("store/main.tf"), module).unwrap();
    assert!(verdicts(&folder.report()).values().all(|rank| *rank == 2));
    let output = bucketlint().args(["check", "--isolated", "--fix"]).arg(&folder.0).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("in 2 files"), "{told}");
    let after = verdicts(&folder.report());
    assert!(after.len() >= 4 && after.values().all(|rank| *rank == 0), "{after:?}");
}
