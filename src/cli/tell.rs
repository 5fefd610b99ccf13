//! What is said of a run besides its reports: errors, warnings, what was noticed, the counts.

use crate::report::{BucketRecord, FileReport, NoticeRecord, Place, Report, Summary, Verdict, escape, human};
use std::collections::HashSet;
use std::fmt::Write as _;

/// What there is to say; errors are styled as the report says.
pub(super) struct Telling<'a> {
    pub(super) report: Report<'a>,
    /// What was passed over and why.
    pub(super) passed: &'a [(String, String)],
    /// Settings without effect: place and message.
    pub(super) idle: Vec<(String, String)>,
    /// What else is to be said, as lines.
    pub(super) besides: String,
    /// Whether to say where to read on.
    pub(super) explains: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

impl Telling<'_> {
    /// All of it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let files = self.report.files;
        for error in files.iter().flat_map(|file| &file.errors) {
            text.push_str(&human::error(error, self.report.style));
        }
        for (at, message) in &self.idle {
            let _ = writeln!(text, "warning: {}: {}", escape::line(at), escape::line(message));
        }
        if self.verbose {
            for (path, why) in self.passed {
                let _ = writeln!(text, "passed over: {}: {}", escape::line(path), escape::line(why));
            }
            let buckets = files.iter().flat_map(|file| &file.buckets);
            text.extend(buckets.filter(|bucket| bucket.verdict == Verdict::Enforced).map(enforced));
        }
        if !self.quiet {
            for notice in notices(files, self.verbose) {
                let _ = writeln!(text, "note: {}: {}", at(&notice.place), escape::line(&notice.message));
            }
            text.push_str(&self.besides);
            self.conclude(&mut text);
        }
        text
    }

    /// The counts, and for people where to read on.
    fn conclude(&self, text: &mut String) {
        let summary = Summary::of(self.report.files);
        if summary.files == 0 && summary.errors == 0 {
            text.push_str("warning: no template and no plan was found\n");
        }
        let _ = writeln!(text, "{summary}");
        let open = Report { include_suppressed: false, ..self.report }.findings();
        if let (Some(finding), true) = (open.first(), self.explains) {
            let _ = writeln!(text, "For more about a finding, try `bucketlint explain {}`.", finding.rule);
        }
    }
}

/// What was noticed in the files that findings tell of: it may explain them. All of it where `all` is set.
fn notices(files: &[FileReport], all: bool) -> impl Iterator<Item = &NoticeRecord> {
    let findings = || files.iter().flat_map(|file| &file.findings).filter(|finding| finding.suppressed.is_none());
    let related = findings().flat_map(|finding| &finding.related).map(|one| &*one.place.file);
    let told: HashSet<&str> = findings().map(|finding| &*finding.place.file).chain(related).collect();
    let notices = files.iter().flat_map(|file| &file.notices);
    notices.filter(move |notice| all || told.contains(&*notice.place.file))
}

/// `storage.yaml:12:3`
fn at(place: &Place) -> String {
    format!("{}:{}:{}", escape::line(&place.file), place.start.line, place.start.column)
}

/// `enforced: storage.yaml:12:3: Data: …, by storage.yaml:30:11`
fn enforced(bucket: &BucketRecord) -> String {
    let by: Vec<_> = bucket.enforced_by.iter().map(at).collect();
    let by = if by.is_empty() { String::new() } else { format!(", by {}", by.join(", ")) };
    let (place, address, reason) = (at(&bucket.place), escape::line(&bucket.address), escape::line(&bucket.reason));
    format!("enforced: {place}: {address}: {reason}{by}\n")
}
