//! Real plans: each verdict of `testdata/plans/*/expected.json` holds, from the plan alone and with its source.

#![allow(unreachable_pub, reason = "a test stops at the first thing it cannot read")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::lint_paths;
use serde::Deserialize;
use serde_json::Value;

/// One bucket that a plan must report.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    plan: String,
    bucket: String,
    plan_alone: String,
    leaning: Option<String>,
    with_source: String,
    why: String,
}

/// Each folder of plans with what it must report, in the order of their names.
fn cases() -> Vec<(PathBuf, Vec<Row>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plans");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("expected.json").is_file());
    cases.sort();
    let rows = |case: &Path| serde_json::from_slice(&fs::read(case.join("expected.json")).unwrap()).unwrap();
    cases.iter().map(|case| (case.clone(), rows(case))).collect()
}

/// The plans and states of a folder.
fn plans(case: &Path) -> Vec<String> {
    let names = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut plans: Vec<String> = names
        .filter(|name| name.starts_with("plan") || name.starts_with("state"))
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "json"))
        .collect();
    plans.sort();
    plans
}

/// Holds one report against the rows of its plan.
fn differences(report: &Value, rows: &[&Row], want: impl Fn(&Row) -> (&str, Option<&str>)) -> Vec<String> {
    let buckets = report["buckets"].as_array().unwrap();
    let mut have: BTreeMap<&str, &Value> =
        buckets.iter().map(|bucket| (bucket["address"].as_str().unwrap(), bucket)).collect();
    let mut wrong = Vec::new();
    for row in rows {
        let (verdict, leaning) = want(row);
        match have.remove(row.bucket.as_str()) {
            None => wrong.push(format!("{} is not reported ({})", row.bucket, row.why)),
            Some(got) if got["verdict"] != verdict => {
                wrong.push(format!("{}: want {verdict}, got {} ({})", row.bucket, got["verdict"], row.why));
            }
            Some(got) if leaning.is_some() && got["leaning"].as_str() != leaning => {
                wrong.push(format!("{}: want leaning {leaning:?}, got {} ({})", row.bucket, got["leaning"], row.why));
            }
            Some(_) => {}
        }
    }
    wrong.extend(have.keys().map(|address| format!("{address}: nobody expected this bucket")));
    wrong
}

#[test]
fn every_plan_is_expected_to_say_something() {
    let cases = cases();
    assert!(cases.len() > 30, "{} folders of plans", cases.len());
    for (case, rows) in cases {
        let plans = plans(&case);
        for row in &rows {
            assert!(plans.contains(&row.plan), "{}: {} is not there", case.display(), row.plan);
        }
        for plan in plans {
            // Nothing exists after a destroy, and a refresh changes nothing: their reports are empty.
            let silent = plan.contains("destroy") || plan.contains("refreshonly");
            assert_ne!(silent, rows.iter().any(|row| row.plan == plan), "{}/{plan}", case.display());
        }
    }
}

#[test]
fn verdicts_from_the_plan_alone() {
    let alone = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plans");
    let mut wrong = Vec::new();
    for (case, rows) in cases() {
        let name = case.file_name().unwrap();
        fs::create_dir_all(alone.join(name)).unwrap();
        for plan in plans(&case) {
            let copy = alone.join(name).join(&plan);
            fs::copy(case.join(&plan), &copy).unwrap();
            let rows: Vec<&Row> = rows.iter().filter(|row| row.plan == plan).collect();
            let found = differences(&lint_paths(&[&copy], &[]), &rows, |row| (&row.plan_alone, row.leaning.as_deref()));
            wrong.extend(found.into_iter().map(|text| format!("{}/{plan}: {text}", name.display())));
        }
    }
    assert!(wrong.is_empty(), "{} verdicts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn verdicts_with_the_source_beside_the_plan() {
    let mut wrong = Vec::new();
    for (case, rows) in cases() {
        let name = case.file_name().unwrap();
        // The plans of a life cycle were made one after the other; only the last source stands beside them.
        if name == "32-lifecycle" {
            continue;
        }
        for plan in plans(&case) {
            let rows: Vec<&Row> = rows.iter().filter(|row| row.plan == plan).collect();
            let found = differences(&lint_paths(&[&case.join(&plan)], &[]), &rows, |row| (&row.with_source, None));
            wrong.extend(found.into_iter().map(|text| format!("{}/{plan}: {text}", name.display())));
        }
    }
    assert!(wrong.is_empty(), "{} verdicts:\n{}", wrong.len(), wrong.join("\n"));
}
