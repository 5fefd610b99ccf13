//! Plans made by the real Terraform core, and what the model of each is.

use super::{PlanInputs, read};
use crate::frontend::NoFiles;
use crate::model::{BucketPolicy, Data, Template, Value};
use crate::source::Sources;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plans").join(case)
}

fn alone(text: &str) -> Template {
    let mut sources = Sources::default();
    let source = sources.add("plan.json", text);
    let inputs = PlanInputs { files: &NoFiles, source_dir: None, explicit_dir: false, binary_plan: None };
    read(&source, &inputs, &mut sources).unwrap()
}

/// A value as JSON without quotes; `?` for what is unknown, with its likely value.
pub(super) fn shown(value: &Value) -> String {
    match &value.data {
        Data::Unknown(unknown) => match &unknown.likely {
            Some(likely) => format!("?{}", shown(likely)),
            None => "?".to_owned(),
        },
        Data::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(",")),
        Data::Map(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|entry| format!("{}:{}", entry.key, shown(&entry.value))).collect();
            format!("{{{}}}", entries.join(","))
        }
        Data::Json(inner) => format!("json({})", shown(inner)),
        Data::Null => "null".to_owned(),
        _ => value.scalar_text().map_or("(other)".to_owned(), |text| text.shown()),
    }
}

fn policy(out: &mut String, policy: &BucketPolicy) {
    let (bucket, document) = (shown(&policy.bucket), shown(&policy.document));
    writeln!(out, "policy {} on {bucket}\n  {:?} {document}", policy.address, policy.style).unwrap();
    if let Data::Unknown(unknown) = &policy.document.data {
        writeln!(out, "  {}", unknown.cause).unwrap();
    }
}

fn dump(template: &Template) -> String {
    let mut out = format!("{:?} {:?}\n", template.format, template.style);
    for bucket in &template.buckets {
        let name = bucket.name.as_ref().map_or("(made up)".to_owned(), crate::model::Text::shown);
        writeln!(out, "bucket {} named {name}", bucket.address).unwrap();
        if let Some(inline) = &bucket.inline_policy {
            policy(&mut out, inline);
        }
    }
    template.policies.iter().for_each(|one| policy(&mut out, one));
    if let Some(incomplete) = &template.incomplete {
        writeln!(out, "incomplete: {}", incomplete.cause).unwrap();
    }
    template.notices.iter().for_each(|notice| writeln!(out, "notice: {}", notice.message).unwrap());
    out
}

/// Every plan and state under `testdata/plans`, read alone.
#[test]
fn plans_alone() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases.iter().filter(|case| case.is_dir()) {
        let mut plans: Vec<PathBuf> = std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect();
        plans.sort();
        for plan in plans {
            let name = plan.file_name().unwrap().to_string_lossy().into_owned();
            if !name.ends_with(".json") || !(name.starts_with("plan") || name == "state.json") {
                continue;
            }
            let text = std::fs::read_to_string(&plan).unwrap();
            let case = case.file_name().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(format!("{case}-{}", name.trim_end_matches(".json")), dump(&alone(&text)));
        }
    }
}

/// Each scalar of a document with what stands at its place.
fn places(value: &Value, text: &str, out: &mut Vec<(String, String)>) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| places(item, text, out)),
        Data::Map(entries) => {
            for entry in entries.iter() {
                out.push((entry.key.clone(), text[entry.key_span.range()].to_owned()));
                places(&entry.value, text, out);
            }
        }
        _ => out.push((shown(value), text[value.span.range()].to_owned())),
    }
}

#[test]
fn findings_can_point_into_the_policy_string() {
    let text = std::fs::read_to_string(folder("36-two-policies").join("plan.json")).unwrap();
    let template = alone(&text);
    let mut found = Vec::new();
    template.policies.iter().for_each(|policy| places(&policy.document, &text, &mut found));
    assert!(found.len() > 20);
    for (value, place) in found {
        assert_eq!(place, format!("\\\"{value}\\\""));
    }
}

#[test]
fn what_is_sensitive_is_in_no_part_of_the_model() {
    let text = std::fs::read_to_string(folder("sensitive-policy").join("plan.json")).unwrap();
    assert!(text.contains("s3cr3t-token"));
    let template = alone(&text);
    assert!(!format!("{template:?}").contains("s3cr3t"));
    for policy in &template.policies {
        let mut found = Vec::new();
        places(&policy.document, &text, &mut found);
        assert!(found.iter().all(|(_, place)| *place == text[policy.span.range()]), "only the entry is pointed at");
    }
}
