//! `docs/report.schema.json` says what real reports hold: nothing more, nothing less, nothing else.

use crate::common;

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Reports on what lies in the test data, and on a finding that is muted.
fn reports() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut inputs = vec![root.join("cloudformation"), root.join("sam"), root.join("together"), root.join("rules")];
    inputs.extend(fs::read_dir(root.join("plans")).unwrap().map(|entry| entry.unwrap().path().join("plan.json")));
    inputs.retain(|input| input.exists());
    let muted = "Resources:\n  A: # bucketlint: ignore[missing-bucket-policy] an example\n    Type: AWS::S3::Bucket\n";
    let orphan = "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: elsewhere\n      \
                  PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 's3:*', Resource: '*'}]}\n";
    let policy = |number: usize| {
        format!(
            "  P{number}:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: many\n      PolicyDocument: \
             {{Statement: [{{Effect: Allow, Principal: '*', Action: 's3:*', Resource: '*'}}]}}\n"
        )
    };
    let many: String = (0..30).map(policy).collect();
    let many = format!("Resources:\n  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: many}}}}\n{many}");
    let texts = [("muted.yaml", muted), ("orphan.yaml", orphan), ("many.yaml", &many)];
    let mut reports: Vec<Value> = texts.iter().map(|(name, text)| common::lint_text(name, text, &[])).collect();
    reports.extend(inputs.iter().map(|input| common::lint_paths(&[input], &[])));
    reports
}

#[test]
fn reports_are_as_the_schema_says() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json")).unwrap();
    let root: Value = serde_json::from_str(&text).unwrap();
    let mut check = Check { root: &root, seen: BTreeSet::new(), faults: BTreeSet::new() };
    for report in reports() {
        check.value(&root, &report, "");
    }
    assert!(check.faults.is_empty(), "{:#?}", check.faults);
    let mut documented = BTreeMap::new();
    properties(&root, "", &mut documented);
    let missing: Vec<_> = documented.iter().filter(|(key, _)| !check.seen.contains(*key)).map(|(_, at)| at).collect();
    assert!(missing.is_empty(), "in the schema, and in no report: {missing:?}");
}

/// A checker that is stricter than the schema: a key that the schema does not tell of is a fault.
struct Check<'a> {
    root: &'a Value,
    /// Addresses of the schemas of keys that some report had.
    seen: BTreeSet<*const Value>,
    faults: BTreeSet<String>,
}

impl<'a> Check<'a> {
    fn value(&mut self, schema: &'a Value, value: &Value, at: &str) {
        let schema_of = schema.as_object().unwrap();
        for (keyword, says) in schema_of {
            let holds = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "properties" | "additionalProperties" => true,
                "$ref" => {
                    self.value(self.root.pointer(&says.as_str().unwrap()[1..]).unwrap(), value, at);
                    true
                }
                "type" => is(says, value),
                "const" => says == value,
                "enum" => says.as_array().unwrap().contains(value),
                "minimum" => value.as_i64() >= says.as_i64(),
                "required" => says.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
                "anyOf" => self.any(says.as_array().unwrap(), value, at),
                "items" => {
                    value.as_array().into_iter().flatten().for_each(|item| self.value(says, item, &format!("{at}[]")));
                    true
                }
                _ => panic!("this checker does not know the keyword {keyword}"),
            };
            if !holds {
                self.faults.insert(format!("{at}: {keyword} does not hold for {value}"));
            }
        }
        if let Some(object) = value.as_object()
            && is_of_keys(schema_of)
        {
            self.keys(schema_of, object, at);
        }
    }

    fn any(&mut self, schemas: &'a [Value], value: &Value, at: &str) -> bool {
        schemas.iter().any(|schema| {
            let mut tried = Check { root: self.root, seen: BTreeSet::new(), faults: BTreeSet::new() };
            tried.value(schema, value, at);
            self.seen.extend(tried.seen);
            tried.faults.is_empty()
        })
    }

    fn keys(&mut self, schema: &'a Map<String, Value>, object: &Map<String, Value>, at: &str) {
        for (key, value) in object {
            let at = format!("{at}.{key}");
            let known = schema.get("properties").and_then(|properties| properties.get(key));
            if let Some(known) = known {
                self.seen.insert(known);
                self.value(known, value, &at);
            } else if let Some(others) = schema.get("additionalProperties") {
                self.value(others, value, &at);
            } else {
                self.faults.insert(format!("{at}: the schema does not tell of this key"));
            }
        }
    }
}

/// Whether the schema tells of keys; one that does not (`context`) leaves them open.
fn is_of_keys(schema: &Map<String, Value>) -> bool {
    schema.contains_key("properties") || schema.contains_key("additionalProperties")
}

fn is(types: &Value, value: &Value) -> bool {
    match types.as_str() {
        None => types.as_array().unwrap().iter().any(|each| is(each, value)),
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("null") => value.is_null(),
        Some(other) => panic!("this checker does not know the type {other}"),
    }
}

/// The addresses of the schemas of all keys, and where each stands.
fn properties(schema: &Value, at: &str, found: &mut BTreeMap<*const Value, String>) {
    match schema {
        Value::Object(object) => {
            for (keyword, value) in object {
                let at = format!("{at}/{keyword}");
                if keyword == "properties" {
                    let keys = value.as_object().unwrap().iter();
                    found.extend(keys.map(|(key, value)| (std::ptr::from_ref(value), format!("{at}/{key}"))));
                }
                properties(value, &at, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, at, found)),
        _ => {}
    }
}
