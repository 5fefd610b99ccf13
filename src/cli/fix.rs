//! `--fix` and `--diff`: edits that were tried, written into the files or shown.

use crate::discover::{self, Disk};
use crate::frontend::Files as _;
use crate::report::{FileReport, FindingRecord, FixRecord, escape};
use crate::source::{Edit, FileId, Span, Together, apply, text_id};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// A finding's fix may make room for another's; more rounds than this are not made.
pub(super) const MAX_ROUNDS: usize = 10;

/// The edits of a run, file by file.
pub(super) struct Fixing<'a> {
    disk: &'a Disk,
    /// Whether changes of what stands there are made too, not additions only.
    unsafe_too: bool,
}

/// What became of the edits.
#[derive(Debug, Default)]
pub(super) struct Fixed {
    /// How many findings have their edits made.
    pub(super) findings: usize,
    /// The files that were written.
    pub(super) files: BTreeSet<String>,
    /// Files that were not, and why.
    pub(super) failed: BTreeMap<String, String>,
}

/// A file after edits.
struct Edited {
    old: String,
    new: String,
    findings: usize,
}

impl<'a> Fixing<'a> {
    pub(super) fn new(disk: &'a Disk, unsafe_too: bool) -> Self {
        Self { disk, unsafe_too }
    }

    /// Writes the edits of all findings, as far as they fit beside each other.
    pub(super) fn write(&self, reports: &[FileReport], mended: &mut Fixed) -> bool {
        let mut changed = false;
        for (path, edited) in self.edited(reports, &mut mended.failed) {
            match discover::replace(Path::new(&path), |out| out.write_all(edited.new.as_bytes())) {
                Ok(()) => {
                    changed = true;
                    mended.findings += edited.findings;
                    mended.files.insert(path);
                }
                Err(error) => {
                    mended.failed.insert(path, discover::cause(&error));
                }
            }
        }
        changed
    }

    /// What [`Fixing::write`] would change, as a unified diff.
    pub(super) fn diff(&self, reports: &[FileReport], failed: &mut BTreeMap<String, String>) -> String {
        let mut out = String::new();
        for (path, Edited { old, new, .. }) in self.edited(reports, failed) {
            let path = escape::line(&path);
            let diff = similar::TextDiff::from_lines(&old, &new);
            let shown = diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string();
            for line in shown.split_inclusive('\n') {
                let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
                let (text, carriage) = text.strip_suffix('\r').map_or((text, ""), |text| (text, "\r"));
                // A patch keeps its tabs.
                let parts: Vec<String> = text.split('\t').map(escape::line).collect();
                let _ = write!(out, "{}{carriage}{end}", parts.join("\t"));
            }
        }
        out
    }

    /// The files as they are after the edits. A file that changed since it was read is left alone.
    fn edited(&self, reports: &[FileReport], failed: &mut BTreeMap<String, String>) -> BTreeMap<String, Edited> {
        let mut edited = BTreeMap::new();
        for (path, (id, edits, findings)) in self.by_file(reports) {
            match self.after(&path, id, &edits) {
                Ok((old, new)) => {
                    edited.insert(path, Edited { old, new, findings });
                }
                Err(why) => {
                    failed.insert(path, why);
                }
            }
        }
        edited
    }

    fn after(&self, path: &str, id: u64, edits: &[Edit]) -> Result<(String, String), String> {
        let bytes = self.disk.read(Path::new(path)).map_err(|error| discover::cause(&error))?;
        let text = String::from_utf8(bytes).map_err(|_| "it is not written in UTF-8".to_owned())?;
        if text_id(&text) != id {
            return Err("it changed meanwhile".to_owned());
        }
        let after = apply(&text, edits).ok_or("its edits do not fit together")?;
        Ok((text, after))
    }

    /// For each file its text, the edits that fit beside each other, and of how many findings they are.
    fn by_file(&self, reports: &[FileReport]) -> BTreeMap<String, (u64, Vec<Edit>, usize)> {
        let mut files: BTreeMap<String, (u64, Vec<Edit>, usize)> = BTreeMap::new();
        let mut together: BTreeMap<&str, Together> = BTreeMap::new();
        for fix in reports.iter().flat_map(|report| &report.findings).filter_map(|finding| self.wanted(finding)) {
            // One that spans files is made as a whole, or not at all.
            let [(path, id)] = fix.texts.as_slice() else { continue };
            let (_, edits, findings) = files.entry(path.to_string()).or_insert_with(|| (*id, Vec::new(), 0));
            let own: Vec<Edit> = fix.edits.iter().map(|(place, text)| edit(place, text)).collect();
            if together.entry(path).or_default().join(&own) {
                // A template that is deployed twice has each finding twice, with one edit.
                edits.extend(own.into_iter().filter(|edit| !edits.contains(edit)).collect::<Vec<_>>());
                *findings += 1;
            }
        }
        files
    }

    fn wanted<'r>(&self, finding: &'r FindingRecord) -> Option<&'r FixRecord> {
        let fix = finding.fix.as_deref().filter(|fix| fix.safe || self.unsafe_too)?;
        finding.suppressed.is_none().then_some(fix)
    }
}

fn edit(place: &crate::report::Place, text: &str) -> Edit {
    let span = Span::new(FileId::default(), place.start.offset as usize, place.end.offset as usize);
    Edit::replace(span, text)
}

impl Fixed {
    /// The files that are left as they were, on standard error.
    pub(super) fn warnings(&self) -> String {
        let mut text = String::new();
        for (path, why) in &self.failed {
            let _ = writeln!(text, "warning: {} is not fixed: {}", escape::line(path), escape::line(why));
        }
        text
    }

    /// What is said of it, on standard error.
    pub(super) fn told(&self) -> String {
        let mut text = self.warnings();
        let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        let _ = writeln!(text, "fixed {} in {}", count(self.findings, "finding"), count(self.files.len(), "file"));
        text
    }
}
