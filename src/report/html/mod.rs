//! `--format html`: one page for people without a terminal. It loads nothing and runs nothing, and its policy holds it
//! to that: all that comes from an input is text.

mod picture;

use super::graph::rank;
use super::markup::{html, html_lines};
use super::summary::counted;
use super::{
    BucketRecord, Counts, Excerpt, FindingRecord, Mark, Place, Report, Shown, Subject, Summary, TOOL, Verdict, escape,
};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{self, Write};

const STYLE: &str = include_str!("style.css");
/// The SHA-256 hash of [`STYLE`], by which the page's policy lets it in.
const STYLE_HASH: &str = "MGgsOiQJb4+E4lob5Jsj9Qtw05ARwYkwgTn+1M588ic=";
/// Past so many bytes, findings are told without excerpt and help: a page must stay one that can be opened.
const DETAILS: usize = 500_000;
/// How many characters of a line are shown before a place, and in all.
const BEFORE: usize = 40;
const WIDTH: usize = 120;

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { report, out, details: DETAILS, omitted: 0 };
    page.head()?;
    page.errors()?;
    page.buckets()?;
    page.rest()?;
    page.picture()?;
    page.controls()?;
    page.notices()?;
    if page.omitted > 0 {
        let omitted = counted(page.omitted, "finding");
        writeln!(page.out, "<p>Excerpts and advice of {omitted} are left out, so that the page stays small.</p>")?;
    }
    writeln!(page.out, "</body>\n</html>")
}

struct Page<'p, 'a> {
    report: &'p Report<'a>,
    out: &'p mut dyn Write,
    /// How many bytes of excerpts and help are still to be spent.
    details: usize,
    /// How many findings went without.
    omitted: usize,
}

/// Buckets with what is found of each.
type Told<'a> = Vec<(&'a BucketRecord, Vec<&'a FindingRecord>)>;

impl Page<'_, '_> {
    fn head(&mut self) -> io::Result<()> {
        let summary = Summary::of(self.report.files);
        let Counts { enforced, exposed, undecided } = summary.buckets;
        writeln!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta \
             http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; \
             base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, \
             initial-scale=1\">\n<title>bucketlint: {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <h1>Can anything reach these buckets without TLS?</h1>\n<p><small>{TOOL}, {now}</small></p>\n<ul \
             class=\"tiles\">",
            title = summary,
            now = self.report.now
        )?;
        for (count, verdict, meaning) in [
            (exposed, Verdict::Exposed, "a request over plain HTTP gets through"),
            (undecided, Verdict::Undecided(None), "the input does not say enough"),
            (enforced, Verdict::Enforced, "every request over plain HTTP is denied"),
        ] {
            let name = verdict.name();
            writeln!(self.out, "<li class=\"{name}\"><b>{count}</b>{name} <small>{meaning}</small></li>")?;
        }
        writeln!(self.out, "</ul>\n<p>{}.</p>", html(&summary.to_string()))
    }

    fn errors(&mut self) -> io::Result<()> {
        let errors: Vec<_> = self.report.errors().collect();
        if errors.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "<h2>Errors</h2>\n<p>The run is not complete.</p>\n<ul>")?;
        for error in errors {
            let at = error.place().map_or_else(|| html(&error.file), at);
            writeln!(self.out, "<li><span class=\"at\">{at}</span>: {}</li>", prose(&error.message))?;
        }
        writeln!(self.out, "</ul>")
    }

    /// All buckets, by verdict; what is enforced is folded away.
    fn buckets(&mut self) -> io::Result<()> {
        let mut told = told(self.report);
        told.sort_by_key(|(bucket, _)| rank(bucket.verdict));
        writeln!(self.out, "<h2>Buckets</h2>")?;
        let mut rest = told.as_slice();
        while let Some((first, _)) = rest.first() {
            let same = rest.partition_point(|(bucket, _)| rank(bucket.verdict) <= rank(first.verdict));
            let (group, others) = rest.split_at(same);
            rest = others;
            let (name, open) = (first.verdict.name(), if first.verdict == Verdict::Enforced { "" } else { " open" });
            writeln!(self.out, "<details class=\"{name}\"{open}><summary>{} {name}</summary>", group.len())?;
            for (bucket, findings) in group {
                self.bucket(bucket, findings)?;
            }
            writeln!(self.out, "</details>")?;
        }
        if told.is_empty() { writeln!(self.out, "<p>There are none.</p>") } else { Ok(()) }
    }

    fn bucket(&mut self, bucket: &BucketRecord, findings: &[&FindingRecord]) -> io::Result<()> {
        let (address, at) = (html(&bucket.address), at(&bucket.place));
        writeln!(self.out, "<article><h3>{address} <span class=\"at\">{at}</span></h3>")?;
        // A finding says the same, with more.
        if findings.is_empty() {
            writeln!(self.out, "<p>{}</p>", prose(&bucket.reason))?;
        }
        if let Some(deployment) = &bucket.deployment {
            writeln!(self.out, "<p>Deployed by <code>{}</code>.</p>", html(deployment))?;
        }
        for finding in findings {
            self.finding(finding)?;
        }
        writeln!(self.out, "</article>")
    }

    fn finding(&mut self, finding: &FindingRecord) -> io::Result<()> {
        let (severity, rule) = (finding.severity.name(), finding.rule);
        write!(self.out, "<p class=\"rule\"><b>{severity}</b> <code>{rule}</code>: {}</p>", prose(&finding.message))?;
        if let Some(muted) = &finding.suppressed {
            write!(self.out, "<p>Suppressed ({}): {}</p>", html(muted.by), prose(&muted.reason))?;
        }
        let details = details(finding);
        if details.len() > self.details {
            self.details = 0;
            self.omitted += 1;
            return writeln!(self.out);
        }
        self.details -= details.len();
        writeln!(self.out, "{details}")
    }

    /// What is not about a bucket that is listed: policies on buckets elsewhere, files as a whole.
    fn rest(&mut self) -> io::Result<()> {
        let mut listed: BTreeSet<(&str, Subject<'_>)> = BTreeSet::new();
        for file in self.report.files {
            listed.extend(file.buckets.iter().map(|bucket| (file.path.as_str(), bucket.subject())));
        }
        let all = self.report.files.iter().flat_map(|file| file.findings.iter().map(move |one| (file, one)));
        let rest: Vec<&FindingRecord> = all
            .filter(|(_, finding)| self.report.shows(finding))
            .filter(|(file, one)| !listed.contains(&(file.path.as_str(), one.subject())))
            .map(|(_, finding)| finding)
            .collect();
        if rest.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "<h2>Other findings</h2>")?;
        for finding in rest {
            writeln!(self.out, "<article><h3><span class=\"at\">{}</span></h3>", at(&finding.place))?;
            self.finding(finding)?;
            writeln!(self.out, "</article>")?;
        }
        Ok(())
    }

    fn picture(&mut self) -> io::Result<()> {
        let picture = picture::draw(self.report);
        if picture.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "<h2>Files, policies, buckets</h2>\n<div class=\"wide\">{picture}</div>")
    }

    /// Which controls the findings are about, by framework.
    fn controls(&mut self) -> io::Result<()> {
        let buckets = Summary::of(self.report.files).buckets;
        if buckets.buckets() == 0 {
            return Ok(());
        }
        let mut frameworks: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for control in rules::controls().into_iter().flatten() {
            frameworks.entry((control.framework, control.version)).or_default().insert(control.control);
        }
        writeln!(
            self.out,
            "<h2>Controls</h2>\n<p>Each of these asks that requests without TLS are denied. It is met by {} of {}; {} \
             fail, {} are undecided.</p>\n<div class=\"wide\"><table>\n\
             <thead><tr><th>Framework</th><th>Version</th><th>Controls</th></tr></thead>",
            buckets.enforced,
            counted(buckets.buckets(), "bucket"),
            buckets.exposed,
            buckets.undecided
        )?;
        for ((framework, version), controls) in &frameworks {
            let controls: Vec<String> = controls.iter().map(|control| html(control)).collect();
            let (framework, version) = (html(framework), html(version));
            writeln!(self.out, "<tr><td>{framework}</td><td>{version}</td><td>{}</td></tr>", controls.join(", "))?;
        }
        writeln!(self.out, "</table></div>")
    }

    fn notices(&mut self) -> io::Result<()> {
        let notices: Vec<_> = self.report.files.iter().flat_map(|file| &file.notices).collect();
        if notices.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "<h2>Notices</h2>\n<ul>")?;
        for notice in notices {
            let (at, message) = (at(&notice.place), prose(&notice.message));
            writeln!(self.out, "<li><span class=\"at\">{at}</span>: {message}</li>")?;
        }
        writeln!(self.out, "</ul>")
    }
}

/// Each bucket with what is found of it.
fn told<'a>(report: &Report<'a>) -> Told<'a> {
    let mut told = Vec::new();
    for file in report.files {
        let mut findings: HashMap<Subject<'_>, Vec<&FindingRecord>> = HashMap::new();
        for finding in file.findings.iter().filter(|finding| report.shows(finding)) {
            findings.entry(finding.subject()).or_default().push(finding);
        }
        let of = |bucket: &BucketRecord| findings.get(&bucket.subject()).cloned().unwrap_or_default();
        told.extend(file.buckets.iter().map(|bucket| (bucket, of(bucket))));
    }
    told
}

/// What explains a finding: places with their lines, facts, help.
fn details(finding: &FindingRecord) -> String {
    let mut out = String::new();
    spot(&mut out, &finding.place, &finding.shown, &finding.label, &finding.excerpt);
    for one in &finding.related {
        spot(&mut out, &one.place, &one.shown, &one.message, &finding.excerpt);
    }
    if finding.related_omitted > 0 {
        let _ = write!(out, "<p>{} more places.</p>", finding.related_omitted);
    }
    for note in &finding.notes {
        let _ = write!(out, "<p>{}</p>", prose(note));
    }
    if let Some((first, code)) = finding.help.split_once('\n') {
        let _ = write!(out, "<p><b>Help:</b> {}</p><pre>{}</pre>", prose(first), html_lines(code));
    } else if !finding.help.is_empty() {
        let _ = write!(out, "<p><b>Help:</b> {}</p>", prose(&finding.help));
    }
    out
}

fn spot(out: &mut String, place: &Place, shown: &Shown, message: &str, excerpt: &Excerpt) {
    let _ = write!(out, "<p><span class=\"at\">{}</span> {}</p>", at(place), prose(message));
    match shown {
        Shown::Part(mark) => out.push_str(&line(mark, excerpt)),
        Shown::Entry(address) => {
            let _ = write!(out, "<pre>{}</pre>", html(address));
        }
        Shown::Nothing => {}
    }
}

/// The line of a place, which is marked in it.
fn line(mark: &Mark, excerpt: &Excerpt) -> String {
    let Some(line) = excerpt.lines.get(mark.line as usize) else { return String::new() };
    let start = (mark.start.saturating_sub(line.offset) as usize).min(line.text.len());
    let end = (mark.end.saturating_sub(line.offset) as usize).clamp(start, line.text.len());
    let before = line.text.get(..start).unwrap_or("");
    let from = before.char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    // A line that is short is shown from its start.
    let from = if start - from < start && start < WIDTH { 0 } else { from };
    let rest = line.text.get(from..).unwrap_or("");
    let to = rest.char_indices().nth(WIDTH).map_or(line.text.len(), |(at, _)| from + at);
    let end = end.min(to).max(start);
    let part = |range: std::ops::Range<usize>| html(line.text.get(range).unwrap_or(""));
    let cut = |is_cut| if is_cut { "…" } else { "" };
    format!(
        "<pre class=\"line\"><b>{} │ </b>{}{}<mark>{}</mark>{}{}</pre>",
        line.number,
        cut(line.cut_before || from > 0),
        part(from..start),
        part(start..end),
        part(end..to.max(end)),
        cut(line.cut_after || to < line.text.len())
    )
}

fn at(place: &Place) -> String {
    html(&format!("{}:{}:{}", place.file, place.start.line, place.start.column))
}

/// A sentence in which what stands in backticks is code.
fn prose(text: &str) -> String {
    const LONGEST: usize = 1000;
    let text = escape::clip(text, LONGEST);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, (inside, after))) = rest.split_once('`').and_then(|(a, b)| Some((a, b.split_once('`')?))) {
        let _ = write!(out, "{}<code>{}</code>", html(before), html(inside));
        rest = after;
    }
    out + &html(rest)
}
