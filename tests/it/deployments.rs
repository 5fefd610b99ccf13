//! Verdicts that hold across files: small runs of several files each, in `testdata/deployments`; and in all deployments
//! of one file, in `testdata/worlds`; of all requests that can be, in `testdata/requests`; and of folders of Terraform
//! source, in `testdata/terraform`.

use crate::common::bucketlint;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The sections of a case, by their names.
fn sections(text: &str) -> BTreeMap<String, String> {
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    let mut name = None;
    for line in text.lines() {
        if let Some(new) = line.strip_prefix("=== ") {
            name = Some(new.trim().to_owned());
        } else if let Some(name) = &name {
            let section = sections.entry(name.clone()).or_default();
            section.push_str(line);
            section.push('\n');
        }
    }
    sections
}

/// Lints the files of a case in a folder of their own.
fn report(name: &str, sections: &BTreeMap<String, String>) -> Value {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("deployments").join(name);
    let _ = fs::remove_dir_all(&folder);
    for (file, text) in sections.iter().filter(|(file, _)| !["expect", "paths"].contains(&file.as_str())) {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let paths = sections.get("paths").map_or(".", String::as_str);
    let mut command = bucketlint();
    let output = command.current_dir(&folder).args(["check", "--format", "json"]).args(paths.split_whitespace());
    let output = output.output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{name}: no report ({error}): {}", String::from_utf8_lossy(&output.stderr)))
}

fn fits(wanted: &str, got: &str) -> bool {
    let (negated, wanted) = wanted.strip_prefix("not-").map_or((false, wanted), |rest| (true, rest));
    wanted.split('|').any(|one| one == got) != negated
}

fn rank(bucket: &Value) -> usize {
    ["enforced", "undecided", "exposed"].iter().position(|verdict| bucket["verdict"] == *verdict).unwrap()
}

/// What is wrong with a report.
fn faults(report: &Value, expected: &str) -> Vec<String> {
    let buckets = report["buckets"].as_array().unwrap();
    let mut faults = Vec::new();
    let mut named: Vec<(String, String)> = Vec::new();
    for line in expected.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["notice", file, word] = words.as_slice() {
            let tells = |one: &Value| one["file"] == **file && one["message"].as_str().unwrap().contains(word);
            if !report["notices"].as_array().unwrap().iter().any(tells) {
                faults.push(format!("{line}: there are the notices {}", report["notices"]));
            }
            continue;
        }
        let option = |name: &str| words.iter().find_map(|word| word.strip_prefix(&format!("{name}=")));
        let [file, address, verdict, ..] = words.as_slice() else { panic!("cannot read `{line}`") };
        named.push(((*file).to_owned(), (*address).to_owned()));
        let place = |bucket: &&Value| option("deployment").is_none_or(|label| bucket["deployment"] == label);
        let of_name = |bucket: &&Value| bucket["input"] == **file && bucket["address"] == **address;
        let Some(worst) = buckets.iter().filter(of_name).filter(place).max_by_key(|bucket| rank(bucket)) else {
            faults.push(format!("{line}: it is not in the report"));
            continue;
        };
        if !fits(verdict, worst["verdict"].as_str().unwrap()) {
            faults.push(format!("{line}: it is {}: {}", worst["verdict"], worst["reason"]));
        }
        if option("leaning").is_some_and(|leaning| !fits(leaning, worst["leaning"].as_str().unwrap_or("null"))) {
            faults.push(format!("{line}: it leans to {}", worst["leaning"]));
        }
        if let Some((variable, value)) = option("when").and_then(|when| when.split_once(':'))
            && worst["witness"]["parameters"][variable] != value
        {
            faults.push(format!("{line}: the witness has {}", worst["witness"]["parameters"]));
        }
        if option("says").is_some_and(|word| !worst["reason"].as_str().unwrap().contains(word)) {
            faults.push(format!("{line}: the reason is {}", worst["reason"]));
        }
        if let Some(principal) = option("by")
            && worst["witness"]["principal"] != principal
        {
            faults.push(format!("{line}: the witness is sent by {}", worst["witness"]["principal"]));
        }
        let findings = report["findings"].as_array().unwrap();
        let has = |rule: &str| findings.iter().any(|one| one["bucket"] == **address && one["rule"] == rule);
        if option("rule").is_some_and(|rule| !has(rule)) {
            faults.push(format!("{line}: no such finding"));
        }
        if let Some((rule, count)) = option("count").and_then(|count| count.split_once(':')) {
            let of_rule = findings.iter().filter(|one| one["bucket"] == **address && one["rule"] == rule).count();
            if of_rule.to_string() != count {
                faults.push(format!("{line}: {of_rule} findings of {rule}"));
            }
        }
    }
    for bucket in buckets {
        let key = (bucket["input"].as_str().unwrap().to_owned(), bucket["address"].as_str().unwrap().to_owned());
        if !named.contains(&key) {
            faults.push(format!("{key:?} is expected by no line"));
        }
    }
    faults
}

#[test]
fn every_case_gets_its_verdicts() {
    check_all("testdata/deployments");
}

#[test]
fn every_case_of_worlds_gets_its_verdicts() {
    check_all("testdata/worlds");
}

#[test]
fn every_case_of_requests_gets_its_verdicts() {
    check_all("testdata/requests");
}

#[test]
fn every_folder_of_terraform_source_gets_its_verdicts() {
    check_all("testdata/terraform");
}

fn check_all(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    cases.sort();
    assert!(cases.len() > 30, "the cases were not found");
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_stem().unwrap().to_string_lossy().into_owned();
        let sections = sections(&fs::read_to_string(&case).unwrap());
        let faults = faults(&report(&name, &sections), &sections["expect"]);
        wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
