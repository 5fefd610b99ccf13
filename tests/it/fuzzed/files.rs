//! Several files in one run: no panic, the same reports twice, and after an edit those of a fresh run.

use super::memory::Memory;
use super::rendering;
use bucketlint::lint::{OfSettings, Options, Session};
use bucketlint::report::FileReport;
use std::path::Path;

fn settings(path: &Path) -> OfSettings {
    let deployments = path.starts_with("together").then(|| "together".to_owned());
    OfSettings { deployments: deployments.into_iter().collect(), values: None }
}

fn fresh(files: &Memory) -> Vec<FileReport> {
    let options = Options::default();
    let paths = files.paths().into_iter().map(|path| (path, false));
    let mut session = Session::new(&options, settings, files);
    session.open(paths);
    session.take_reports()
}

pub fn target(data: &[u8]) {
    let files = Memory::of(data);
    let options = Options::default();
    let paths = files.paths();
    let mut session = Session::new(&options, settings, &files);
    session.open(paths.iter().map(|path| (path.clone(), false)));
    let before: Vec<FileReport> = session.reports().cloned().collect();
    rendering::check(&before);
    assert_eq!(before, fresh(&files));
    // One file gets the text of another, and then its own again.
    let (Some(one), Some(other)) = (paths.first(), paths.last()) else { return };
    let mut edited = files.clone();
    let text = files.0[Path::new(other)].clone();
    edited.0.insert(one.into(), text.clone());
    session.update(one, Some(text));
    assert_eq!(session.reports().cloned().collect::<Vec<_>>(), fresh(&edited));
    session.update(one, None);
    assert_eq!(session.reports().cloned().collect::<Vec<_>>(), before);
}
