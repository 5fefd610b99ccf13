//! `check`: settings, files, linting, report.

use super::arguments::{Check, Color, Format};
use super::{CLEAN, FAILED, FINDINGS, terminal};
use crate::discover::{self, Candidate, Disk, Targets};
use crate::lint::{self, Input, Linkage, Options, Outcome};
use crate::report::{ErrorRecord, FileReport, FindingRecord, Summary, Verdict, escape, human, in_order, json};
use crate::settings::{self, FILE_NAMES, Settings, SettingsError};
use crate::source::{Sources, Span};
use rayon::iter::{ParallelBridge as _, ParallelExtend as _, ParallelIterator as _};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

/// Everything that a run needs, flags and configuration file taken together.
struct Run<'a> {
    arguments: &'a Check,
    settings: Settings,
    options: Options,
    style: human::Style,
    /// Whether standard error takes colours.
    color_errors: bool,
    disk: Disk,
}

/// What linting all files came to.
#[derive(Default)]
struct Results {
    files: Vec<FileReport>,
    /// What was passed over and why; filled with `--verbose` only.
    passed: Vec<(String, String)>,
}

/// What is kept of a file to find those of the same run that concern it.
#[derive(Default)]
struct Tied {
    linkage: Linkage,
    /// Where to read it again; `None` where it cannot be (standard input).
    path: Option<PathBuf>,
    named: bool,
}

/// What one file came to.
enum Looked {
    At(Box<FileReport>, Tied),
    PassedOver(String, String),
    Nothing,
}

pub(super) fn run(arguments: &Check, color: Color) -> u8 {
    let color_errors = terminal::style(color, io::stderr().is_terminal()).color;
    let style = match arguments.output {
        Some(_) => terminal::style(color, false),
        None => terminal::standard_output(color),
    };
    match prepare(arguments, style, color_errors) {
        Ok(run) => run.run(),
        Err(error) => {
            terminal::tell(&shown_error(&error, color_errors));
            FAILED
        }
    }
}

fn prepare(arguments: &Check, style: human::Style, color_errors: bool) -> Result<Run<'_>, ErrorRecord> {
    let settings = read_settings(arguments.config.as_deref(), style)?;
    let mut parameters = settings.parameters.clone().unwrap_or_default().0;
    for path in &arguments.parameters {
        parameters.extend(read_as(path, settings::parameters, style)?);
    }
    let options = Options {
        parameters,
        assume_defaults: arguments.assume_defaults || settings.assume_defaults == Some(true),
        terraform_dir: arguments.terraform_dir.clone(),
        terraform_plan: arguments.terraform_plan.clone(),
        excerpts: (arguments.format == Format::Human).then_some(style),
    };
    let pointed_at = arguments.paths.iter().chain(&arguments.terraform_dir).chain(&arguments.terraform_plan);
    let disk = Disk::new(pointed_at.map(PathBuf::as_path).filter(|path| !is_stdin(path)));
    Ok(Run { arguments, settings, options, style, color_errors, disk })
}

fn read_settings(named: Option<&Path>, style: human::Style) -> Result<Settings, ErrorRecord> {
    let mut found = FILE_NAMES.iter().map(Path::new).filter(|path| path.exists());
    let path = match (named, found.next(), found.next()) {
        (Some(path), _, _) | (None, Some(path), None) => path,
        (None, None, _) => return Ok(Settings::default()),
        (None, Some(one), Some(two)) => {
            let message = format!("stands beside `{}`: keep one of them, or name one with `--config`", two.display());
            return Err(ErrorRecord::of_file(shown(one), message, Some(style)));
        }
    };
    read_as(path, settings::settings, style)
}

/// Reads a file of settings or parameters; its errors are shown with their line.
fn read_as<T>(
    path: &Path,
    parse: impl Fn(&str) -> Result<T, SettingsError>,
    style: human::Style,
) -> Result<T, ErrorRecord> {
    const LARGEST_SETTINGS: u64 = 16 * 1024 * 1024;
    let unread = |message: String| ErrorRecord::of_file(shown(path), message, Some(style));
    let bytes = discover::read(path, LARGEST_SETTINGS).map_err(|error| unread(discover::cause(&error)))?;
    let text = String::from_utf8(bytes).map_err(|_| unread("is not UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    parse(text).map_err(|error| {
        let Some((line, column)) = error.at else { return unread(error.message) };
        let mut sources = Sources::default();
        let file = sources.add(shown(path), text);
        let start = file.line_start(u32::try_from(line).unwrap_or(u32::MAX)).map_or(text.len(), |start| start as usize);
        let rest = text.get(start..).unwrap_or("").lines().next().unwrap_or("");
        let before = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        ErrorRecord::at(error.message, Span::new(file.id(), start + before, start + rest.len()), &sources, Some(style))
    })
}

impl Run<'_> {
    fn run(&self) -> u8 {
        let results = self.lint();
        if let Err(error) = self.report(&results) {
            let file = self.arguments.output.as_deref().map_or_else(|| "standard output".to_owned(), shown);
            let error = ErrorRecord::of_file(file, discover::cause(&error), Some(self.style));
            terminal::tell(&shown_error(&error, self.color_errors));
            return FAILED;
        }
        self.tell(&results);
        let fail_on = self.arguments.fail_on.or(self.settings.fail_on).unwrap_or_default();
        let mut findings = results.files.iter().flat_map(|file| &file.findings);
        if results.files.iter().any(|file| !file.errors.is_empty()) {
            FAILED
        } else if findings.any(|finding| fail_on.fails(finding.severity)) {
            FINDINGS
        } else {
            CLEAN
        }
    }

    fn lint(&self) -> Results {
        let (stdin, paths): (Vec<_>, Vec<_>) = self.arguments.paths.iter().cloned().partition(|path| is_stdin(path));
        let exclude = self.settings.exclude.clone().unwrap_or_default();
        let targets = Targets::new(&paths, &exclude);
        let mut looked: Vec<Looked> = Vec::new();
        if !stdin.is_empty() {
            looked.push(self.look_at_stdin());
        }
        // Threads cost more than one file does.
        if targets.is_one_file() {
            looked.extend(targets.candidates().map(|candidate| self.look(candidate)));
        } else {
            let all = targets.candidates().par_bridge().map(|candidate| self.look(candidate));
            looked.par_extend(all.filter(|one| !matches!(one, Looked::Nothing)));
        }
        self.look_together(&mut looked);
        self.sort(looked)
    }

    /// Files that concern each other are read once more, and judged as one.
    fn look_together(&self, looked: &mut [Looked]) {
        let mut reports: Vec<(&mut Box<FileReport>, &Tied)> = looked
            .iter_mut()
            .filter_map(|one| match one {
                Looked::At(report, tied) if tied.path.is_some() => Some((report, &*tied)),
                _ => None,
            })
            .collect();
        reports.sort_by(|(one, _), (two, _)| one.path.cmp(&two.path));
        let linkages: Vec<Linkage> = reports.iter().map(|(_, tied)| tied.linkage.clone()).collect();
        for group in lint::groups(&linkages) {
            let inputs = group.iter().filter_map(|&index| reports.get(index).and_then(|(_, tied)| again(tied)));
            for report in lint::lint_together(inputs.collect(), &self.options, &self.disk) {
                let known =
                    group.iter().find(|&&index| reports.get(index).is_some_and(|(one, _)| one.path == report.path));
                if let Some((slot, _)) = known.and_then(|&index| reports.get_mut(index)) {
                    **slot = Box::new(report);
                }
            }
        }
    }

    fn sort(&self, looked: Vec<Looked>) -> Results {
        let mut results = Results::default();
        for one in looked {
            match one {
                Looked::At(file, _) => results.files.push(*file),
                Looked::PassedOver(path, why) => results.passed.push((path, why)),
                Looked::Nothing => {}
            }
        }
        for file in &mut results.files {
            file.findings.retain(|finding| self.applies(finding));
        }
        results.files.sort_by(|one, two| one.path.cmp(&two.path));
        results.passed.sort();
        results
    }

    /// Whether a finding's rule is asked for. What a flag says wins over the configuration file.
    fn applies(&self, finding: &FindingRecord) -> bool {
        let chosen = |flag: &[String], file: &Option<Vec<settings::RuleName>>| {
            if flag.is_empty() {
                file.as_ref().map(|rules| rules.iter().any(|rule| rule.0 == finding.rule))
            } else {
                Some(flag.iter().any(|rule| rule == finding.rule))
            }
        };
        chosen(&self.arguments.select, &self.settings.select).unwrap_or(true)
            && !chosen(&self.arguments.ignore, &self.settings.ignore).unwrap_or(false)
    }

    fn look_at_stdin(&self) -> Looked {
        let path = self.arguments.stdin_filename.as_deref().map_or_else(|| "<stdin>".to_owned(), shown);
        match discover::read_within(io::stdin().lock(), 0, discover::LARGEST) {
            Ok(bytes) => self.lint_one(Input { path, named: true, bytes }, None),
            Err(error) => self.failed(path, discover::cause(&error)),
        }
    }

    fn look(&self, candidate: Candidate) -> Looked {
        let (path, named) = match candidate {
            Candidate::Named(path) => (path, true),
            Candidate::Met(path) => (path, false),
            Candidate::Passed(path, why) => return self.passed(shown(&path), why),
            Candidate::Failed(path, why) => return self.failed(shown(&path), why),
        };
        match discover::read(&path, discover::LARGEST) {
            Ok(bytes) if !named && !discover::may_be_template(&bytes) => {
                if self.arguments.verbose {
                    return self.passed(shown(&path), "no template");
                }
                Looked::Nothing
            }
            Ok(bytes) => self.lint_one(Input { path: shown(&path), named, bytes }, Some(path)),
            Err(error) => self.failed(shown(&path), discover::cause(&error)),
        }
    }

    fn lint_one(&self, input: Input, file: Option<PathBuf>) -> Looked {
        let (path, named) = (input.path.clone(), input.named);
        match lint::lint(input, &self.options, &self.disk) {
            Outcome::Linted(report, linkage) => Looked::At(report, Tied { linkage, path: file, named }),
            Outcome::PassedOver(why) => self.passed(path, &why),
        }
    }

    fn passed(&self, path: String, why: &str) -> Looked {
        if self.arguments.verbose { Looked::PassedOver(path, why.to_owned()) } else { Looked::Nothing }
    }

    fn failed(&self, path: String, why: String) -> Looked {
        let report = FileReport::failed(ErrorRecord::of_file(path, why, self.options.excerpts));
        Looked::At(Box::new(report), Tied::default())
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
            Format::Human => {
                for finding in in_order(&results.files) {
                    out.write_all(finding.rendered.as_bytes())?;
                }
            }
        }
        out.flush()
    }

    /// Errors, and what else is said of the run, go to standard error.
    fn tell(&self, results: &Results) {
        let mut text = String::new();
        for error in results.files.iter().flat_map(|file| &file.errors) {
            text.push_str(&shown_error(error, self.color_errors));
        }
        if self.arguments.verbose {
            for (path, why) in &results.passed {
                let _ = writeln!(text, "passed over: {}: {}", escape::line(path), escape::line(why));
            }
            for notice in results.files.iter().flat_map(|file| &file.notices) {
                let _ = writeln!(text, "note: {}: {}", at(&notice.place), escape::line(&notice.message));
            }
            for bucket in results.files.iter().flat_map(|file| &file.buckets) {
                if bucket.verdict == Verdict::Enforced {
                    text.push_str(&enforced(bucket));
                }
            }
        }
        if !self.arguments.quiet {
            text.push_str(&conclusion(results, self.arguments.format));
        }
        terminal::tell(&text);
    }
}

/// `storage.yaml:12:3`
fn at(place: &crate::report::Place) -> String {
    format!("{}:{}:{}", escape::line(&place.file), place.start.line, place.start.column)
}

/// `enforced: storage.yaml:12:3: Data: …, by storage.yaml:30:11`
fn enforced(bucket: &crate::report::BucketRecord) -> String {
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
    let rules: BTreeSet<_> = results.files.iter().flat_map(|file| &file.findings).map(|finding| finding.rule).collect();
    if let (Some(rule), Format::Human) = (rules.first(), format) {
        let _ = writeln!(text, "For more about a finding, try `bucketlint explain {rule}`.");
    }
    text
}

fn shown_error(error: &ErrorRecord, color: bool) -> String {
    if error.rendered.is_empty() {
        let file = match &error.place {
            Some(place) => format!("{}:{}:{}", error.file, place.start.line, place.start.column),
            None => error.file.clone(),
        };
        return human::file_error(&file, &error.message, human::Style { color, ..human::Style::default() });
    }
    if color { error.rendered.clone() } else { human::without_color(&error.rendered) }
}

/// A file that was linted before, read once more.
fn again(tied: &Tied) -> Option<Input> {
    let path = tied.path.as_deref()?;
    let bytes = discover::read(path, discover::LARGEST).ok()?;
    Some(Input { path: shown(path), named: tied.named, bytes })
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// A path as people read it. What is met below the current folder is shown without `./`.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).to_string_lossy().into_owned()
}
