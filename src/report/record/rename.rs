//! Records under other names of their files: some readers stand at the root of the repository, wherever the run did.

use super::{ErrorRecord, FileReport, FindingRecord, NoticeRecord, Place};
use std::collections::HashMap;
use std::sync::Arc;

/// The same reports, with paths as `name` gives them.
#[must_use]
pub fn renamed(reports: &[FileReport], name: &dyn Fn(&str) -> String) -> Vec<FileReport> {
    let mut rename = Rename { name, known: HashMap::new() };
    reports.iter().map(|report| rename.report(report)).collect()
}

/// Gives files other names, each file one.
struct Rename<'a> {
    name: &'a dyn Fn(&str) -> String,
    known: HashMap<Arc<str>, Arc<str>>,
}

impl Rename<'_> {
    fn report(&mut self, report: &FileReport) -> FileReport {
        let mut report = report.clone();
        report.path = (self.name)(&report.path);
        report.findings.iter_mut().for_each(|finding| self.finding(finding));
        report.errors.iter_mut().for_each(|error| self.error(error));
        report.notices.iter_mut().for_each(|NoticeRecord { place, .. }| self.place(place));
        for bucket in &mut report.buckets {
            self.path(&mut bucket.input);
            self.place(&mut bucket.place);
            bucket.policies.iter_mut().for_each(|policy| self.place(&mut policy.place));
            bucket.enforced_by.iter_mut().for_each(|place| self.place(place));
        }
        report.orphans.iter_mut().for_each(|orphan| self.place(&mut orphan.place));
        report
    }

    fn finding(&mut self, finding: &mut FindingRecord) {
        self.place(&mut finding.place);
        finding.related.iter_mut().for_each(|related| self.place(&mut related.place));
        if let Some(fix) = &mut finding.fix {
            fix.edits.iter_mut().for_each(|(place, _)| self.place(place));
            fix.texts.iter_mut().for_each(|(path, _)| self.path(path));
        }
        if let Some(place) = finding.suppressed.as_mut().and_then(|by| by.place.as_mut()) {
            self.place(place);
        }
    }

    fn error(&mut self, error: &mut ErrorRecord) {
        error.file = (self.name)(&error.file);
        if let Some(spot) = &mut error.spot {
            self.place(&mut spot.place);
        }
    }

    fn place(&mut self, place: &mut Place) {
        self.path(&mut place.file);
    }

    fn path(&mut self, path: &mut Arc<str>) {
        let name = self.known.entry(Arc::clone(path)).or_insert_with(|| (self.name)(path).into());
        *path = Arc::clone(name);
    }
}
