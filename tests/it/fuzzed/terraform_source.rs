//! Terraform source, several files with their modules: no panic, no endless work, no place outside of the files, and
//! a verdict on the folder.

use super::memory::Memory;
use super::values;
use bucketlint::frontend::terraform::source::{Configuration, Facts, InstanceKey};
use bucketlint::lint::{OfSettings, Options, Session};
use bucketlint::model::Value;
use bucketlint::source::Sources;
use std::path::Path;

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

pub fn target(data: &[u8]) {
    let files = Memory::of(data);
    let mut sources = Sources::default();
    let Some((configuration, notices)) = Configuration::load(&files, Path::new(""), &mut sources) else { return };
    for notice in notices {
        values::check_place(notice.span, &sources);
    }
    for address in configuration.blocks().iter().take(8) {
        let _ = configuration.place(address);
        for argument in ["policy", "bucket", "value", "json"] {
            if let Some(value) = configuration.argument(address, argument, &Nothing) {
                values::check(&value, &sources);
            }
        }
    }
    let options = Options { fixes: true, ..Options::default() };
    let said = || {
        let mut session = Session::new(&options, |_: &Path| OfSettings::default(), &files);
        let folder = session.read_folder(
            session.next(),
            Path::new(""),
            bucketlint::frontend::frontend_of_folder(Path::new("main.tf")).unwrap(),
        );
        session.enter(folder.into_iter().collect());
        session.settle();
        session.take_reports()
    };
    assert_eq!(said(), said());
}
