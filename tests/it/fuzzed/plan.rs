//! The plan reader: no panic, no endless work, and no place outside of the files. What follows the first NUL byte is
//! given to it as the binary plan.

use super::values;
use bucketlint::frontend::Files;
use bucketlint::frontend::detect;
use bucketlint::frontend::terraform::{PlanInputs, read};
use bucketlint::lint::{Input, Options, lint};
use bucketlint::source::Sources;
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

pub fn target(data: &[u8]) {
    let cut = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (plan, archive) = data.split_at(cut);
    let Ok(text) = std::str::from_utf8(plan) else { return };
    let mut sources = Sources::default();
    let source = sources.add("plan.json", text);
    let _ = detect(&source);
    let files = OneFile(archive.get(1..).unwrap_or(&[]));
    let binary_plan = (!archive.is_empty()).then(|| PathBuf::from("tfplan"));
    let inputs = PlanInputs { files: &files, source_dir: None, explicit_dir: false, binary_plan: binary_plan.clone() };
    match read(&source, &inputs, &mut sources) {
        Ok(template) => {
            let own = template.buckets.iter().filter_map(|bucket| bucket.inline_policy.as_ref());
            for policy in template.policies.iter().chain(own) {
                values::check(&policy.bucket, &sources);
                values::check(&policy.document, &sources);
            }
        }
        Err(error) => values::check_place(error.span, &sources),
    }
    let options = Options { terraform_plan: binary_plan, ..Options::default() };
    let input = Input { path: "plan.json".to_owned(), named: true, bytes: plan.to_vec(), ..Input::default() };
    let _ = lint(input, &options, &files);
}
