//! Plans made by the real Terraform core, and what the model of each is.

use super::{PlanInputs, read};
use crate::frontend::{Files, NoFiles};
use crate::model::{BucketPolicy, Data, Template, Value};
use crate::source::{Sources, Span};
use std::collections::BTreeSet;
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
    writeln!(out, "policy {} on {bucket}\n  {document}", policy.address).unwrap();
    if let Data::Unknown(unknown) = &policy.document.data {
        writeln!(out, "  {}", unknown.cause).unwrap();
    }
}

fn dump(template: &Template) -> String {
    let format = if template.format == super::STATE { "TerraformState" } else { "TerraformPlan" };
    let mut out = format!("{format}\n");
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

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.is_file());
        files.sort();
        Ok(files)
    }
}

/// A place as file and line, the file as seen from the plan's folder.
fn place(span: Span, sources: &Sources, case: &Path) -> String {
    let file = sources.get(span.file).unwrap();
    let path = Path::new(file.path());
    format!("{}:{}", path.strip_prefix(case).unwrap_or(path).display(), file.position(span.start).line)
}

fn dump_places(template: &Template, sources: &Sources, case: &Path) -> String {
    let mut out = dump(template);
    for bucket in &template.buckets {
        let made_at = bucket.made_at.map(|span| format!(", made at {}", place(span, sources, case)));
        let span = place(bucket.span, sources, case);
        writeln!(out, "{} at {span}{}", bucket.address, made_at.unwrap_or_default()).unwrap();
    }
    for policy in &template.policies {
        let mut places: Vec<String> = Vec::new();
        each_place(&policy.document, &mut |span| places.push(place(span, sources, case)));
        places.dedup();
        writeln!(out, "{} at {}: {}", policy.address, place(policy.span, sources, case), places.join(" ")).unwrap();
    }
    out
}

fn each_place(value: &Value, out: &mut impl FnMut(Span)) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| each_place(item, out)),
        Data::Map(entries) => entries.iter().for_each(|entry| each_place(&entry.value, out)),
        _ => out(value.span),
    }
}

/// Every plan and state under `testdata/plans`, read alone and with its source.
#[test]
fn plans_alone_and_with_their_source() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases.iter().filter(|case| case.is_dir()) {
        let mut plans: Vec<PathBuf> = std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect();
        plans.sort();
        for plan in plans {
            let name = plan.file_name().unwrap().to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix(".json").filter(|stem| stem.starts_with("plan") || *stem == "state")
            else {
                continue;
            };
            let text = std::fs::read_to_string(&plan).unwrap();
            let case = case.file_name().unwrap().to_string_lossy().into_owned();
            let by_itself = dump(&alone(&text));
            // As `jq -S .` prints it.
            let sorted: serde_json::Value = serde_json::from_str(&text).unwrap();
            let sorted = dump(&alone(&serde_json::to_string_pretty(&sorted).unwrap()));
            assert_eq!(by_itself.lines().collect::<BTreeSet<_>>(), sorted.lines().collect::<BTreeSet<_>>());
            insta::assert_snapshot!(format!("{case}-{stem}"), by_itself);
            let mut sources = Sources::default();
            let source = sources.add(plan.to_string_lossy(), text);
            let source_dir = Some(folder(&case));
            let inputs = PlanInputs { files: &Disk, source_dir, explicit_dir: false, binary_plan: None };
            let template = read(&source, &inputs, &mut sources).unwrap();
            insta::assert_snapshot!(format!("{case}-{stem}-source"), dump_places(&template, &sources, &folder(&case)));
        }
    }
}

/// Bytes changed and parts cut out, in a fixed order: whatever comes of it, nothing panics, and places fit the file.
#[test]
fn broken_plans_are_errors_or_plans() {
    let mut seed = 7_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut read_anyway = 0;
    for case in ["11-source-docs", "30-nested", "registry-module", "39-known-doc", "overriding-documents"] {
        let plan = std::fs::read(folder(case).join("plan.json")).unwrap();
        for _ in 0..60 {
            let mut bytes = plan.clone();
            match random(3) {
                0 => bytes.truncate(random(plan.len())),
                1 => (0..3).for_each(|_| bytes[random(plan.len())] = b"\"\\{}[],:0a*$"[random(12)]),
                _ => {
                    let start = random(plan.len());
                    bytes.drain(start..(start + random(200)).min(plan.len()));
                }
            }
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let mut sources = Sources::default();
            let source = sources.add("plan.json", text);
            let inputs = PlanInputs { files: &NoFiles, source_dir: None, explicit_dir: false, binary_plan: None };
            let length = source.text().len();
            match read(&source, &inputs, &mut sources) {
                Ok(template) => {
                    read_anyway += 1;
                    let spans = template.buckets.iter().map(|bucket| bucket.span);
                    assert!(spans.chain(template.policies.iter().map(|p| p.span)).all(|s| s.range().end <= length));
                    for policy in &template.policies {
                        each_place(&policy.document, &mut |span| assert!(span.range().end <= length));
                    }
                }
                Err(error) => assert!(error.span.range().end <= length),
            }
        }
    }
    assert!(read_anyway > 20, "{read_anyway}");
}

/// Each scalar of a document with what stands at its place.
fn places(value: &Value, text: &str, out: &mut Vec<(String, String)>) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| places(item, text, out)),
        Data::Map(entries) => {
            for entry in entries.iter() {
                out.push((entry.key.clone(), text.get(entry.key_span.range()).unwrap().to_owned()));
                places(&entry.value, text, out);
            }
        }
        _ => out.push((shown(value), text.get(value.span.range()).unwrap().to_owned())),
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
        assert!(
            found.iter().all(|(_, place)| *place == text.get(policy.span.range()).unwrap()),
            "only the entry is pointed at"
        );
    }
}

/// A folder in memory.
struct Memory(Vec<(PathBuf, Vec<u8>)>);

impl Files for Memory {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| name == path);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        Ok(self.0.iter().map(|(name, _)| name.clone()).filter(|name| name.parent() == Some(folder)).collect())
    }
}

fn registry_module(files: &Memory, binary_plan: Option<&str>) -> String {
    let text = std::fs::read_to_string(folder("registry-module").join("plan.json")).unwrap();
    let mut sources = Sources::default();
    let source = sources.add("ci/plan.json", text);
    let source_dir = Some(PathBuf::from("ci"));
    let inputs = PlanInputs { files, source_dir, explicit_dir: false, binary_plan: binary_plan.map(PathBuf::from) };
    dump_places(&read(&source, &inputs, &mut sources).unwrap(), &sources, Path::new("ci"))
}

#[test]
fn a_binary_plan_brings_the_source_of_all_modules() {
    let archive = std::fs::read(folder("registry-module").join("tfplan")).unwrap();
    let known = "Resource:[arn:aws:s3:::acme-logs,arn:aws:s3:::acme-logs/*]";
    let place = "module.logs.aws_s3_bucket.this[0] at modules/s3/main.tf:17";
    let beside = registry_module(&Memory(vec![("ci/tfplan".into(), archive.clone())]), None);
    assert!(beside.contains(known) && beside.contains(place), "{beside}");
    let named = registry_module(&Memory(vec![("x/y".into(), archive.clone())]), Some("x/y"));
    assert!(named.contains(known) && named.contains(place), "{named}");
    let elsewhere = registry_module(&Memory(vec![("ci/other".into(), archive)]), None);
    assert!(!elsewhere.contains(known), "{elsewhere}");
    let broken = registry_module(&Memory(vec![("x".into(), b"PK\x03\x04".to_vec())]), Some("x"));
    assert!(broken.contains("notice: the binary plan cannot be read, or holds no source"), "{broken}");
}

#[test]
fn a_source_that_does_not_fit_is_not_asked() {
    let own = std::fs::read(folder("registry-module").join("main.tf")).unwrap();
    let module = std::fs::read(folder("registry-module").join("modules/s3/main.tf")).unwrap();
    let changed = [own.as_slice(), b"\nresource \"aws_s3_bucket\" \"new\" {}\n"].concat();
    let files =
        |root: Vec<u8>| Memory(vec![("ci/main.tf".into(), root), ("ci/modules/s3/main.tf".into(), module.clone())]);
    let fitting = registry_module(&files(own.clone()), None);
    assert!(fitting.contains("module.logs.aws_s3_bucket.this[0] at modules/s3/main.tf:17"), "{fitting}");
    let stale = registry_module(&files(changed), None);
    assert!(stale.contains("notice: the .tf files are not those that this plan was made from"), "{stale}");
    assert!(stale.contains("module.logs.aws_s3_bucket.this[0] at plan.json:1"), "{stale}");
}

#[test]
fn a_state_shows_the_policy_of_another_resource_with_the_bucket_too() {
    let policy = r#"{\"Statement\":[]}"#;
    let entry = |kind: &str, name: &str, values: &str| {
        format!(r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","values":{{{values}}}}}"#)
    };
    let state = format!(
        r#"{{"format_version":"1.0","values":{{"root_module":{{"resources":[{},{},{},{}]}}}}}}"#,
        entry("aws_s3_bucket", "own", &format!(r#""bucket":"own","policy":"{policy}""#)),
        entry("aws_s3_bucket", "other", &format!(r#""bucket":"other","policy":"{policy}""#)),
        entry("aws_s3_bucket", "none", r#""bucket":"none","policy":"""#),
        entry("aws_s3_bucket_policy", "other", &format!(r#""bucket":"other","policy":"{policy}""#)),
    );
    let inline: Vec<bool> = alone(&state).buckets.iter().map(|bucket| bucket.inline_policy.is_some()).collect();
    assert_eq!(inline, [true, false, false]);
}

#[test]
fn a_plan_that_failed_is_incomplete() {
    let template = alone(r#"{"format_version":"1.2","planned_values":{"root_module":{}},"errored":true}"#);
    assert!(template.incomplete.unwrap().cause.starts_with("planning failed"));
}

/// A plan with one bucket policy, whose arguments are known only after apply.
fn policy_plan(configuration: &str, changes: &str) -> String {
    let entry =
        |kind: &str| format!(r#"{{"address":"{kind}.b","mode":"managed","type":"{kind}","values":{{"tags":null}}}}"#);
    format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{"resources":[{},{}]}}}},
        "resource_changes":[{changes}],"configuration":{{"root_module":{configuration}}}}}"#,
        entry("aws_s3_bucket"),
        entry("aws_s3_bucket_policy"),
    )
}

fn refers(references: &[&str]) -> String {
    format!(r#"{{"references":{references:?}}}"#)
}

fn policy_block(bucket: &str, policy: &str) -> String {
    format!(
        r#"{{"address":"aws_s3_bucket_policy.b","mode":"managed","type":"aws_s3_bucket_policy",
        "expressions":{{"bucket":{bucket},"policy":{policy}}}}}"#
    )
}

fn link_of(bucket: &str, rest: &str) -> String {
    let configuration = format!(r#"{{"resources":[{}]{rest}}}"#, policy_block(bucket, "{}"));
    shown(&alone(&policy_plan(&configuration, "")).policies[0].bucket)
}

#[test]
fn a_link_leans_where_all_references_lead_to_one_bucket() {
    let bucket = "?${aws_s3_bucket.b}";
    assert_eq!(link_of(&refers(&["aws_s3_bucket.b.id", "aws_s3_bucket.b"]), ""), bucket);
    assert_eq!(link_of(&refers(&["aws_s3_bucket.b"]), ""), bucket, "chosen by an expression");
    assert_eq!(link_of(&refers(&["aws_s3_bucket.b", "each.key"]), ""), bucket);
    assert_eq!(link_of(&refers(&["aws_s3_bucket.b.id", "aws_s3_bucket.b", "each.key"]), ""), "?", "a part of it");
    assert_eq!(link_of(&refers(&["aws_s3_bucket.b.id", "aws_s3_bucket.b", "var.suffix"]), ""), "?");
    assert_eq!(link_of(&refers(&["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]), ""), "?", "an ARN is no name");
    assert_eq!(link_of(&refers(&["aws_s3_bucket.gone.id", "aws_s3_bucket.gone"]), ""), "?");
    assert_eq!(link_of(&refers(&["local.name"]), ""), "?");
    let block = r#"{"address":"aws_s3_bucket_versioning.v","mode":"managed","type":"aws_s3_bucket_versioning","#;
    let setting =
        format!(r#"{block}"expressions":{{"bucket":{}}}}}"#, refers(&["aws_s3_bucket.b.id", "aws_s3_bucket.b"]));
    let both = format!("{},{setting}", policy_block(&refers(&["aws_s3_bucket_versioning.v.bucket"]), "{}"));
    let plan = policy_plan(&format!(r#"{{"resources":[{both}]}}"#), "");
    assert_eq!(shown(&alone(&plan).policies[0].bucket), bucket, "by way of a setting of the bucket");
    assert_eq!(link_of("{}", ""), "?");
}

#[test]
fn hostile_configurations_end() {
    // Each output refers twice to the next module's, forty levels deep, and the last one to the first.
    let output = |next: &str| {
        let both = refers(&[&format!("module.{next}.x"), &format!("module.{next}.y")]);
        format!(r#""outputs":{{"x":{{"expression":{both}}},"y":{{"expression":{both}}}}}"#)
    };
    let mut module = format!("{{{}}}", output("m"));
    for _ in 0..35 {
        module = format!(r#"{{{},"module_calls":{{"m":{{"module":{module}}}}}}}"#, output("m"));
    }
    let calls = format!(r#","module_calls":{{"m":{{"module":{module}}}}}"#);
    assert_eq!(link_of(&refers(&["module.m.x", "module.m"]), &calls), "?");

    // Documents that are merged of each other and of themselves.
    let names: Vec<String> = (0..40).map(|index| format!("d{index}")).collect();
    let all: Vec<String> = names.iter().map(|name| format!("data.aws_iam_policy_document.{name}.json")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let head = |name: &str| {
        format!(r#""address":"data.aws_iam_policy_document.{name}","mode":"data","type":"aws_iam_policy_document","#)
    };
    let mut blocks: Vec<String> = names
        .iter()
        .map(|name| format!(r#"{{{}"expressions":{{"source_policy_documents":{}}}}}"#, head(name), refers(&all)))
        .collect();
    blocks.push(policy_block("{}", &refers(&["data.aws_iam_policy_document.d0.json"])));
    let change = |name: &String| {
        format!(
            r#"{{{}"change":{{"actions":["read"],"after":{{"statement":[{{"effect":"Deny"}}]}},
            "after_unknown":{{"source_policy_documents":true}}}}}}"#,
            head(name)
        )
    };
    let changes: Vec<String> = names.iter().map(change).collect();
    let configuration = format!(r#"{{"resources":[{}]}}"#, blocks.join(","));
    let template = alone(&policy_plan(&configuration, &changes.join(",")));
    assert!(shown(&template.policies[0].document).starts_with("?{Version:2012-10-17,Statement:["));
}

#[path = "../../../tests/it/support/big_plan.rs"]
mod big_plan;

#[test]
fn the_generated_plan_is_like_a_real_one() {
    let template = alone(&big_plan::big_plan(300));
    assert_eq!((template.buckets.len(), template.policies.len()), (3, 3));
    for (bucket, policy) in template.buckets.iter().zip(&template.policies) {
        let Data::Unknown(unknown) = &policy.bucket.data else { panic!("{:?}", policy.bucket) };
        let likely = unknown.likely.as_ref().and_then(|likely| likely.scalar_text()).unwrap();
        assert_eq!(likely.as_symbol(), Some(&bucket.symbol));
        assert!(policy.reach.as_ref().unwrap().holds(&bucket.symbol));
        assert!(shown(&policy.document).contains("Effect:Deny"));
    }
}

#[test]
fn the_source_overrules_a_reference_that_does_more_than_refer() {
    let bucket = r#"{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","expressions":{}}"#;
    let policy = policy_block(&refers(&["aws_s3_bucket.b.id", "aws_s3_bucket.b"]), "{}");
    let plan = policy_plan(&format!(r#"{{"resources":[{bucket},{policy}]}}"#), "");
    let linked = |argument: &str| {
        let text = format!(
            "resource \"aws_s3_bucket\" \"b\" {{}}\nresource \"aws_s3_bucket_policy\" \"b\" {{\n  bucket = {argument}\n}}\n"
        );
        let files = Memory(vec![("ci/main.tf".into(), text.into_bytes())]);
        let mut sources = Sources::default();
        let source = sources.add("plan.json", plan.as_str());
        let source_dir = Some(PathBuf::from("ci"));
        let inputs = PlanInputs { files: &files, source_dir, explicit_dir: false, binary_plan: None };
        let template = read(&source, &inputs, &mut sources).unwrap();
        assert_eq!(place(template.policies[0].span, &sources, Path::new("ci")), "main.tf:2");
        shown(&template.policies[0].bucket)
    };
    assert_eq!(linked("aws_s3_bucket.b.id"), "${aws_s3_bucket.b}");
    assert_eq!(linked("\"${aws_s3_bucket.b.id}-logs\""), "${aws_s3_bucket.b}-logs");
}
