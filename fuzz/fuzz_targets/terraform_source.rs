//! The reader and evaluator of Terraform source: no panic, no endless work, and no place outside of the files. The
//! parts between NUL bytes are the files of the module: source, JSON source, a template.

#![no_main]

use bucketlint::frontend::Files;
use bucketlint::frontend::terraform::source::{Configuration, Facts, InstanceKey};
use bucketlint::model::{Data, Value};
use bucketlint::source::{Sources, Span};
use libfuzzer_sys::fuzz_target;
use std::io;
use std::path::{Path, PathBuf};

const NAMES: [&str; 4] = ["main.tf", "more.tf.json", "mod/main.tf", "policy.json.tftpl"];

struct Parts<'a>(Vec<&'a [u8]>);

impl Files for Parts<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let index = NAMES.iter().position(|name| Path::new(name) == path);
        let part = index.and_then(|index| self.0.get(index)).ok_or(io::ErrorKind::NotFound)?;
        Ok(part.to_vec())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = if folder == Path::new(".") { Path::new("") } else { folder };
        Ok(NAMES.iter().take(self.0.len()).map(PathBuf::from).filter(|path| path.parent() == Some(folder)).collect())
    }
}

struct Nothing;

impl Facts for Nothing {
    fn variable(&self, _: &str) -> Option<Value> {
        None
    }

    fn attribute(&self, _: &str, _: &str) -> Option<Value> {
        None
    }

    fn instances(&self, _: &str) -> Option<Vec<InstanceKey>> {
        None
    }
}

fn check_place(span: Span, sources: &Sources) {
    let text = sources.get(span.file).expect("a file of the run").text();
    assert!(span.range().end <= text.len(), "{span:?}");
}

fn check(value: &Value, sources: &Sources) {
    check_place(value.span, sources);
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| check(item, sources)),
        Data::Map(entries) => entries.iter().for_each(|entry| {
            check_place(entry.key_span, sources);
            check(&entry.value, sources);
        }),
        Data::Json(inner) => check(inner, sources),
        Data::Text(text) => text.symbols().for_each(|symbol| check_place(symbol.unknown().span, sources)),
        Data::Unknown(unknown) => check_place(unknown.span, sources),
        _ => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let files = Parts(data.split(|byte| *byte == 0).take(NAMES.len()).collect());
    let mut sources = Sources::default();
    let Some((configuration, notices)) = Configuration::load(&files, Path::new(""), &mut sources) else { return };
    for notice in notices {
        check_place(notice.span, &sources);
    }
    for address in configuration.blocks().iter().take(8) {
        let _ = configuration.place(address);
        for argument in ["policy", "bucket", "value", "json"] {
            if let Some(value) = configuration.argument(address, argument, &Nothing) {
                check(&value, &sources);
            }
        }
    }
});
