//! The plan reader: no panic, no endless work, and no place outside of the file. What follows the first NUL byte is
//! given to it as the binary plan.

#![no_main]

use bucketlint::frontend::{Files, detect};
use bucketlint::frontend::terraform::{PlanInputs, read};
use bucketlint::model::{Data, Value};
use bucketlint::source::Sources;
use libfuzzer_sys::fuzz_target;
use std::io;
use std::path::{Path, PathBuf};

struct OneFile<'a>(&'a [u8]);

impl Files for OneFile<'_> {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.to_vec())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

fn check(value: &Value, sources: &Sources) {
    let length = sources.get(value.span.file).expect("a file of the run").text().len();
    assert!(value.span.range().end <= length);
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| check(item, sources)),
        Data::Map(entries) => entries.iter().for_each(|entry| check(&entry.value, sources)),
        Data::Json(inner) => check(inner, sources),
        _ => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (plan, archive) = data.split_at(cut);
    let Ok(text) = std::str::from_utf8(plan) else { return };
    let mut sources = Sources::default();
    let source = sources.add("plan.json", text);
    let _ = detect(&source);
    let files = OneFile(archive.get(1..).unwrap_or(&[]));
    let binary_plan = (!archive.is_empty()).then(|| PathBuf::from("tfplan"));
    let inputs = PlanInputs { files: &files, source_dir: None, explicit_dir: false, binary_plan };
    match read(&source, &inputs, &mut sources) {
        Ok(template) => {
            for policy in template.policies.iter().chain(template.buckets.iter().filter_map(|b| b.inline_policy.as_ref())) {
                check(&policy.bucket, &sources);
                check(&policy.document, &sources);
            }
        }
        Err(error) => assert!(error.span.range().end <= text.len()),
    }
});
