//! `check`: settings, files, linting, report.

use super::arguments::{Check, Color, Format};
use super::configuration::{Configuration, Used, pointed_at};
use super::look::{Look, Results};
use super::{CLEAN, FAILED, FINDINGS, terminal};
use crate::discover::{self, Disk, shown};
use crate::report::{BucketRecord, ErrorRecord, FileReport, FindingRecord, NoticeRecord, Place, Summary, Verdict};
use crate::report::{escape, human, in_order, json};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

/// Everything that a run needs, flags and configuration file taken together.
struct Run<'a> {
    arguments: &'a Check,
    configuration: Configuration<'a>,
    style: human::Style,
    /// How errors are written.
    errors: human::Style,
    disk: Disk,
}

pub(super) fn run(arguments: &Check, color: Color) -> u8 {
    let errors = terminal::style(color, io::stderr().is_terminal());
    let style = match arguments.output {
        Some(_) => terminal::style(color, false),
        None => terminal::standard_output(color),
    };
    match prepare(arguments, style, errors) {
        Ok(run) if arguments.show_settings => run.show(run.configuration.shown()),
        Ok(run) if arguments.show_files => run.show_files(),
        Ok(run) => run.run(),
        Err(found) => {
            terminal::tell(&found.iter().map(|error| human::error(error, errors)).collect::<String>());
            FAILED
        }
    }
}

fn prepare(arguments: &Check, style: human::Style, errors: human::Style) -> Result<Run<'_>, Vec<ErrorRecord>> {
    let configuration = Configuration::new(arguments)?;
    let pointed_at: Vec<&Path> = pointed_at(arguments).collect();
    // A root module mostly shares its modules with others (`../../modules/bucket`), in the folder that people run
    // from. Standard input alone reads no file at all.
    let shared = (!pointed_at.is_empty()).then_some(Path::new("."));
    let disk = Disk::new(pointed_at.into_iter().chain(shared));
    Ok(Run { arguments, configuration, style, errors, disk })
}

impl Run<'_> {
    fn run(&self) -> u8 {
        let results = self.lint();
        if let Err(error) = self.report(&results) {
            let file = self.arguments.output.as_deref().map_or_else(|| "standard output".to_owned(), shown);
            let error = ErrorRecord::of_file(file, discover::cause(&error));
            terminal::tell(&human::error(&error, self.errors));
            return FAILED;
        }
        self.tell(&results);
        let fail_on = self.configuration.fail_on();
        let mut findings = results.files.iter().flat_map(|file| &file.findings);
        if results.files.iter().any(|file| !file.errors.is_empty()) {
            FAILED
        } else if findings.any(|finding| finding.suppressed.is_none() && fail_on.fails(finding.severity)) {
            FINDINGS
        } else {
            CLEAN
        }
    }

    fn lint(&self) -> Results {
        let mut results = self.look().at(&self.arguments.paths);
        let mut used = Used::new();
        for file in &mut results.files {
            self.configuration.apply(file, &mut used);
        }
        results.files.extend(self.configuration.idle_entries(&used));
        results.files.extend(self.configuration.errors().into_iter().map(FileReport::failed));
        results
    }

    fn look(&self) -> Look<'_> {
        let arguments = self.arguments;
        Look {
            options: &self.configuration.options,
            scopes: &self.configuration.scopes,
            disk: &self.disk,
            stdin_name: arguments.stdin_filename.as_deref().map_or_else(|| "<stdin>".to_owned(), shown),
            verbose: arguments.verbose,
            keep_buckets: arguments.verbose || arguments.format == Format::Json,
        }
    }

    /// Prints what was asked for in place of a report.
    fn show(&self, text: Result<String, Vec<ErrorRecord>>) -> u8 {
        let errors = match text.map(|text| terminal::print(&text)) {
            Ok(Ok(())) => return CLEAN,
            Ok(Err(error)) => vec![ErrorRecord::of_file("standard output", discover::cause(&error))],
            Err(errors) => errors,
        };
        terminal::tell(&errors.iter().map(|error| human::error(error, self.errors)).collect::<String>());
        FAILED
    }

    /// Prints the files that would be linted, one a line.
    fn show_files(&self) -> u8 {
        let results = self.look().at(&self.arguments.paths);
        let mut text = String::new();
        for (path, why) in &results.passed {
            let _ = writeln!(text, "passed over: {}: {}", escape::line(path), escape::line(why));
        }
        let errors: Vec<_> = results.files.iter().flat_map(|file| file.errors.clone()).collect();
        let errors: Vec<_> = errors.into_iter().chain(self.configuration.errors()).collect();
        text.extend(errors.iter().map(|error| human::error(error, self.errors)));
        terminal::tell(&text);
        let listed: Vec<_> = results.files.iter().filter(|file| file.errors.is_empty()).collect();
        let shown =
            self.show(Ok(listed.iter().fold(String::new(), |out, file| out + &escape::line(&file.path) + "\n")));
        if errors.is_empty() { shown } else { FAILED }
    }

    /// The findings (and for programs everything else) go where the user wants them.
    fn report(&self, results: &Results) -> io::Result<()> {
        match &self.arguments.output {
            Some(path) => self.write(results, &mut BufWriter::new(File::create(path)?)),
            None => terminal::reader_may_go(self.write(results, &mut BufWriter::new(io::stdout().lock()))),
        }
    }

    fn write(&self, results: &Results, out: &mut dyn Write) -> io::Result<()> {
        match self.arguments.format {
            Format::Json => json::write(&results.files, out)?,
            Format::Human => human::write(&self.shown(results), self.style, out)?,
        }
        out.flush()
    }

    /// The findings that people are shown, in order.
    fn shown<'r>(&self, results: &'r Results) -> Vec<&'r FindingRecord> {
        let mut findings = in_order(&results.files);
        findings.retain(|finding| self.arguments.include_suppressed || finding.suppressed.is_none());
        findings
    }

    /// Errors, and what else is said of the run, go to standard error.
    fn tell(&self, results: &Results) {
        let mut text = String::new();
        for error in results.files.iter().flat_map(|file| &file.errors) {
            text.push_str(&human::error(error, self.errors));
        }
        for (at, message) in self.configuration.idle() {
            let _ = writeln!(text, "warning: {}: {}", escape::line(&at), escape::line(&message));
        }
        if self.arguments.verbose {
            for (path, why) in &results.passed {
                let _ = writeln!(text, "passed over: {}: {}", escape::line(path), escape::line(why));
            }
            for bucket in results.files.iter().flat_map(|file| &file.buckets) {
                if bucket.verdict == Verdict::Enforced {
                    text.push_str(&enforced(bucket));
                }
            }
        }
        if !self.arguments.quiet {
            for notice in notices(&results.files, self.arguments.verbose) {
                let _ = writeln!(text, "note: {}: {}", at(&notice.place), escape::line(&notice.message));
            }
            text.push_str(&conclusion(results, self.arguments.format));
        }
        terminal::tell(&text);
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

/// The counts, and for people where to read on.
fn conclusion(results: &Results, format: Format) -> String {
    let summary = Summary::of(&results.files);
    let mut text = String::new();
    if summary.files == 0 && summary.errors == 0 {
        text.push_str("warning: no template and no plan was found\n");
    }
    let _ = writeln!(text, "{summary}");
    let open = in_order(&results.files).into_iter().find(|finding| finding.suppressed.is_none());
    if let (Some(finding), Format::Human) = (open, format) {
        let _ = writeln!(text, "For more about a finding, try `bucketlint explain {}`.", finding.rule);
    }
    text
}
