//! `check`: settings, files, linting, report.

use super::arguments::{Check, Color, Format};
use super::look::{Look, Results, is_stdin};
use super::{CLEAN, FAILED, FINDINGS, clock, shown, terminal};
use crate::discover::{self, Disk};
use crate::frontend::parameters;
use crate::lint::Options;
use crate::report::{BucketRecord, ErrorRecord, FindingRecord, Place, Summary, Verdict};
use crate::report::{escape, human, in_order, json};
use crate::settings::{self, FILE_NAMES, Settings, SettingsError};
use crate::source::{self, Sources, Span};
use std::collections::BTreeMap;
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

pub(super) fn run(arguments: &Check, color: Color) -> u8 {
    let color_errors = terminal::style(color, io::stderr().is_terminal()).color;
    let style = match arguments.output {
        Some(_) => terminal::style(color, false),
        None => terminal::standard_output(color),
    };
    match prepare(arguments, style, color_errors) {
        Ok(run) => run.run(),
        Err(errors) => {
            terminal::tell(&errors.iter().map(|error| shown_error(error, color_errors)).collect::<String>());
            FAILED
        }
    }
}

fn prepare(arguments: &Check, style: human::Style, color_errors: bool) -> Result<Run<'_>, Vec<ErrorRecord>> {
    let settings = read_settings(arguments.config.as_deref(), style).map_err(|error| vec![error])?;
    let mut parameters = settings.parameters.clone().unwrap_or_default().0;
    for path in &arguments.parameters {
        parameters.extend(read_parameters(path, style)?);
    }
    let options = Options {
        parameters,
        assume_defaults: arguments.assume_defaults || settings.assume_defaults == Some(true),
        terraform_dir: arguments.terraform_dir.clone(),
        terraform_plan: arguments.terraform_plan.clone(),
        now: clock::now(arguments.now)
            .map_err(|message| vec![ErrorRecord::of_file(clock::VARIABLE, message, Some(style))])?,
        excerpts: (arguments.format == Format::Human).then_some(style),
    };
    let pointed_at = arguments.paths.iter().chain(&arguments.terraform_dir).chain(&arguments.terraform_plan);
    let pointed_at: Vec<&Path> = pointed_at.map(PathBuf::as_path).filter(|path| !is_stdin(path)).collect();
    // A root module mostly shares its modules with others (`../../modules/bucket`), in the folder that people run
    // from. Standard input alone reads no file at all.
    let shared = (!pointed_at.is_empty()).then_some(Path::new("."));
    let disk = Disk::new(pointed_at.into_iter().chain(shared));
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
    let text = read_text(path, style)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    settings::settings(text).map_err(|SettingsError { message, at }| {
        let Some((line, column)) = at else { return ErrorRecord::of_file(shown(path), message, Some(style)) };
        let mut sources = Sources::default();
        let file = sources.add(shown(path), text);
        let start = file.line_start(u32::try_from(line).unwrap_or(u32::MAX)).map_or(text.len(), |start| start as usize);
        let rest = text.get(start..).unwrap_or("").lines().next().unwrap_or("");
        let before = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        ErrorRecord::at(message, Span::new(file.id(), start + before, start + rest.len()), &sources, Some(style))
    })
}

fn read_parameters(path: &Path, style: human::Style) -> Result<BTreeMap<String, String>, Vec<ErrorRecord>> {
    /// At most so many errors of one file are shown.
    const MAX_SHOWN: usize = 20;
    let mut sources = Sources::default();
    let file = sources.add(shown(path), read_text(path, style).map_err(|error| vec![error])?);
    parameters::read(&file).map_err(|errors| {
        let shown = errors.into_iter().take(MAX_SHOWN);
        shown.map(|error| ErrorRecord::at(error.message, error.span, &sources, Some(style))).collect()
    })
}

/// The text of a file of settings or parameters.
fn read_text(path: &Path, style: human::Style) -> Result<String, ErrorRecord> {
    const LARGEST_SETTINGS: u64 = 16 * 1024 * 1024;
    let unread = |message: String| ErrorRecord::of_file(shown(path), message, Some(style));
    let bytes = discover::read(path, LARGEST_SETTINGS).map_err(|error| unread(discover::cause(&error)))?;
    source::decode(bytes).map_err(|error| unread(error.to_string()))
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
        let arguments = self.arguments;
        let look = Look {
            options: &self.options,
            disk: &self.disk,
            stdin_name: arguments.stdin_filename.as_deref().map_or_else(|| "<stdin>".to_owned(), shown),
            verbose: arguments.verbose,
            keep_buckets: arguments.verbose || arguments.format == Format::Json,
        };
        let mut results = look.at(&arguments.paths, self.settings.exclude.as_deref().unwrap_or(&[]));
        for file in &mut results.files {
            file.findings.retain(|finding| self.applies(finding));
        }
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
    if let (Some(finding), Format::Human) = (in_order(&results.files).first(), format) {
        let _ = writeln!(text, "For more about a finding, try `bucketlint explain {}`.", finding.rule);
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
