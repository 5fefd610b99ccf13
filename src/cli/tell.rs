//! What is said of a run besides its reports: errors, warnings, what was noticed, the counts.

use crate::discover;
use crate::report::{
    BucketRecord, FileReport, FindingRecord, NoticeRecord, Place, Report, Summary, Verdict, counted, escape, human,
};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What there is to say; errors are styled as the report says.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Telling<'a> {
    pub(super) report: Report<'a>,
    /// What was passed over and why.
    pub(super) passed: &'a [(String, String)],
    /// How much git ignores was left out.
    pub(super) ignored: usize,
    /// How much settings exclude was left out.
    pub(super) excluded: usize,
    /// What was to be linted.
    pub(super) paths: &'a [PathBuf],
    /// What else is to be said, as lines.
    pub(super) besides: String,
    /// Whether to say where to read on.
    pub(super) explains: bool,
    /// Whether findings are compared with those that are known.
    pub(super) compares: bool,
    /// Whether edits were tried for findings that are shown in a line, too.
    pub(super) tried_all: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

/// So many findings are more than somebody mends on the day that he meets the tool.
const MANY: usize = 20;
const BEGIN: &str = "To let only new findings fail, compare with a commit (`--diff-base REV`) or with a file \
                     (`--write-baseline FILE`, then `--baseline FILE`).\n";

impl Telling<'_> {
    /// All of it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let files = self.report.files;
        for error in files.iter().flat_map(|file| &file.errors) {
            text.push_str(&human::error(error, self.report.style));
        }
        for (path, why) in self.passed.iter().filter(|_| !self.quiet) {
            let _ = writeln!(text, "skipped: {}: {}", escape::line(path), escape::line(why));
        }
        if self.verbose {
            let buckets = files.iter().flat_map(|file| &file.buckets);
            text.extend(buckets.filter(|bucket| bucket.verdict == Verdict::Enforced).map(enforced));
        }
        if !self.quiet {
            for notice in notices(files, self.verbose) {
                let _ = writeln!(text, "note: {}: {}", at(&notice.place), escape::line(&notice.message));
            }
            text.push_str(&self.besides);
            text.push_str(&left_out(self.ignored, "git ignores", "--no-ignore"));
            text.push_str(&left_out(self.excluded, "settings exclude", "--isolated"));
            self.conclude(&mut text);
        }
        self.tell_nothing(&mut text);
        text
    }

    /// A run in which nothing was linted must not pass for one in which all is well: that it was so, and what there
    /// is instead.
    fn tell_nothing(&self, text: &mut String) {
        let summary = Summary::of(self.report.files);
        if summary.files > 0 || summary.errors > 0 {
            return;
        }
        text.push_str("warning: no template and no plan was found, so that nothing was linted\n");
        for (what, path) in discover::instead(self.paths) {
            let _ = writeln!(text, "  {} is {what}", escape::line(&discover::shown(&path)));
        }
    }

    /// The counts, and for people what to do next.
    fn conclude(&self, text: &mut String) {
        let summary = Summary::of(self.report.files);
        let _ = writeln!(text, "{summary}");
        let open = Report { include_suppressed: false, ..self.report }.findings();
        let (Some(first), true) = (open.first(), self.explains) else { return };
        let shortened = human::shortened(&self.report);
        if shortened > 0 {
            let _ = writeln!(text, "{} in short: `--verbose` tells all of each.", counted(shortened, "finding"));
        }
        text.push_str(&fixable(&open, self.tried_all || shortened == 0));
        let _ = writeln!(text, "For more about a finding, try `bucketlint explain {}`.", first.rule);
        if open.len() >= MANY && !self.compares {
            text.push_str(BEGIN);
        }
    }
}

/// What was noticed in the files that findings tell of: it may explain them. All of it where `all` is set.
fn notices(files: &[FileReport], all: bool) -> impl Iterator<Item = &NoticeRecord> {
    let findings = || files.iter().flat_map(|file| &file.findings).filter(|finding| finding.suppressed.is_none());
    let related = findings().flat_map(|finding| &finding.related).map(|one| &*one.place.file);
    let told: HashSet<&str> = findings().map(|finding| &*finding.place.file).chain(related).collect();
    let notices = files.iter().flat_map(|file| file.notices.iter().map(move |notice| (file.is_unread, notice)));
    let notices = notices.filter(move |(unread, notice)| all || *unread || told.contains(&*notice.place.file));
    notices.map(|(_, notice)| notice)
}

/// How many findings have an edit, and how it is made; `all` says whether edits were tried for all of them.
fn fixable(open: &[&FindingRecord], all: bool) -> String {
    let count = |safe| open.iter().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safe == safe)).count();
    let can = |count| {
        if all {
            format!("{} can be fixed with", counted(count, "finding"))
        } else {
            format!("Of the findings shown in full, {count} can be fixed with")
        }
    };
    let told = match (count(true), count(false)) {
        (0, 0) => return String::new(),
        (safe, 0) => format!("{} `--fix`", can(safe)),
        (0, others) => format!("{} `--unsafe-fixes`", can(others)),
        (safe, others) => format!("{} `--fix`, {others} more with `--unsafe-fixes`", can(safe)),
    };
    told + if all { ".\n" } else { "; the others are tried then, too.\n" }
}

/// How much was left out, by whom, and what looks at it all the same.
fn left_out(count: usize, by: &str, flag: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("left out: 1 file or folder that {by} (`{flag}` looks at it)\n"),
        _ => format!("left out: {count} files and folders that {by} (`{flag}` looks at them)\n"),
    }
}

/// `storage.yaml:12:3`
fn at(place: &Place) -> String {
    // A flag has no lines.
    if place.file.starts_with("--") {
        return escape::line(&place.file);
    }
    format!("{}:{}:{}", escape::line(&place.file), place.start.line, place.start.column)
}

/// `enforced: storage.yaml:12:3: Data: …, by storage.yaml:30:11`
fn enforced(bucket: &BucketRecord) -> String {
    let by: Vec<_> = bucket.enforced_by.iter().map(at).collect();
    let by = if by.is_empty() { String::new() } else { format!(", by {}", by.join(", ")) };
    let (place, address, reason) = (at(&bucket.place), escape::line(&bucket.address), escape::line(&bucket.reason));
    format!("enforced: {place}: {address}: {reason}{by}\n")
}
