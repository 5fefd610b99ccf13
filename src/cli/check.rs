//! `check`: settings, files, linting, report.

use super::arguments::{At, Check, Color};
use super::configuration::{Configuration, Used, pointed_at};
use super::fix::{self, Fixed, Fixing};
use super::given;
use super::look::{Look, Results, is_stdin};
use super::outputs::Outputs;
use super::progress::Progress;
use super::{CLEAN, FAILED, FINDINGS, known, older, statistics, tell, terminal};
use crate::discover::{self, Base, Disk, shown};
use crate::frontend::terraform;
use crate::lint::{self, Session};
use crate::report::{self, ErrorRecord, FileReport, Fixes, Report, counted, escape, human};
use crate::settings::Baseline;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What standard input is called, unless it is given a name.
pub(super) const STDIN: &str = "<stdin>";

/// So many files are few: what an editor or a hook names.
const FEW: usize = 16;

/// Everything that a run needs, flags and configuration file taken together.
struct Run<'a> {
    arguments: &'a Check,
    configuration: Configuration<'a>,
    outputs: Outputs,
    /// How errors are written.
    errors: human::Style,
    disk: Disk,
    baseline: Option<Baseline>,
    /// Where the difference starts, if only that is wanted.
    base: Option<Base>,
}

pub(super) fn run(arguments: &Check, color: Color) -> u8 {
    let errors = terminal::style(color, io::stderr().is_terminal());
    match prepare(arguments, color, errors) {
        Ok(run) if arguments.show_settings => run.show(run.configuration.shown()),
        Ok(run) if arguments.show_files => run.show_files(),
        Ok(run) => run.run(),
        Err(found) => {
            terminal::tell(&found.iter().map(|error| human::error(error, errors)).collect::<String>());
            FAILED
        }
    }
}

fn prepare(arguments: &Check, color: Color, errors: human::Style) -> Result<Run<'_>, Vec<ErrorRecord>> {
    if let Some(jobs) = arguments.jobs {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build_global();
        threads.map_err(|error| vec![ErrorRecord::of_file("--jobs", error.to_string())])?;
    }
    let outputs = Outputs::new(arguments, color).map_err(|message| vec![ErrorRecord::of_file("--output", message)])?;
    let writes = arguments.fix || arguments.unsafe_fixes || arguments.diff;
    let shows = match outputs.fixes() {
        Fixes::None => false,
        Fixes::Shown => arguments.verbose || names_few_files(&arguments.paths),
        Fixes::All => true,
    };
    let mut configuration = Configuration::new(arguments, writes || shows)?;
    configuration.options.forget_buckets = !arguments.verbose && !outputs.tell_buckets();
    let baseline = known::read(arguments).map_err(|error| vec![error])?;
    let base = arguments.diff_base.as_deref().map(|revision| discover::base(Path::new("."), revision)).transpose();
    let base = base.map_err(|error| vec![ErrorRecord::of_file("--diff-base", error.to_string())])?;
    let pointed_at: Vec<&Path> = pointed_at(arguments).collect();
    // The source of a plan on standard input lies in the current folder.
    let disk = Disk::of_repositories(pointed_at.into_iter().chain([Path::new(".")]));
    for path in &arguments.var_file {
        let unread = |error| vec![ErrorRecord::of_file(shown(path), discover::cause(&error))];
        discover::read(path, discover::LARGEST).map_err(unread)?;
    }
    if let Some(path) = &arguments.terraform_plan {
        binary_plan(path).map_err(|message| vec![ErrorRecord::of_file(shown(path), message)])?;
    }
    Ok(Run { arguments, configuration, outputs, errors, disk, baseline, base })
}

/// Whether a few files are named and no folder: then edits are made for all findings at once, as most are shown in full.
fn names_few_files(paths: &[PathBuf]) -> bool {
    paths.len() <= FEW && !paths.iter().any(|path| discover::is_folder(path))
}

/// A file that is named as a binary plan must be one.
fn binary_plan(path: &Path) -> Result<(), String> {
    let bytes = discover::read(path, discover::LARGEST).map_err(|error| discover::cause(&error))?;
    if terraform::holds_source(&bytes) {
        return Ok(());
    }
    Err("this is no binary plan of Terraform or OpenTofu: name the file that `terraform plan -out=FILE` writes"
        .to_owned())
}

impl Run<'_> {
    fn run(&self) -> u8 {
        if self.arguments.diff {
            return self.diff();
        }
        if self.arguments.fix || self.arguments.unsafe_fixes {
            terminal::tell(&self.fix().told());
        }
        let (results, told) = match self.results() {
            Ok(results) => results,
            Err(error) => {
                terminal::tell(&human::error(&error, self.errors));
                return FAILED;
            }
        };
        let failed = self.outputs.write(&self.report(&results), &self.configuration);
        if !failed.is_empty() {
            terminal::tell(&failed.iter().map(|error| human::error(error, self.errors)).collect::<String>());
            return FAILED;
        }
        self.tell(&results, told);
        self.status(&results)
    }

    /// What the run comes to, and what is to be said of it besides.
    fn results(&self) -> Result<(Results, String), ErrorRecord> {
        let look = self.look();
        let mut session = look.session();
        let mut results = self.lint(&look, &mut session);
        let since = self.mute_older(&mut results.files, &look);
        let told = since + &self.mute_known(&mut results.files)?;
        if self.outputs.fixes() == Fixes::Shown && !self.configuration.options.fixes {
            let shown = human::shown(&self.report(&results));
            let shown = shown.iter().filter(|one| one.suppressed.is_none()).map(|one| one.identity()).collect();
            session.mend(&mut results.files, &shown);
        }
        Ok((results, told))
    }

    fn status(&self, results: &Results) -> u8 {
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

    /// The findings that nothing mutes, with what is to be written for them.
    fn open_findings(&self) -> Results {
        let look = self.look();
        let mut results = self.lint(&look, &mut look.session());
        self.mute_older(&mut results.files, &look);
        if let Some(baseline) = &self.baseline {
            known::mute(&mut results.files, baseline, &self.configuration, "it is in the baseline");
        }
        results
    }

    /// Writes edits until there are none left: one may make room for another.
    fn fix(&self) -> Fixed {
        let mending = Fixing::new(&self.disk, self.arguments.unsafe_fixes);
        let mut mended = Fixed::default();
        for _ in 0..fix::MAX_ROUNDS {
            if !mending.write(&self.open_findings().files, &mut mended) {
                break;
            }
        }
        mended
    }

    /// Shows what would be written.
    fn diff(&self) -> u8 {
        let results = self.open_findings();
        let mut mended = Fixed::default();
        let diff = Fixing::new(&self.disk, self.arguments.unsafe_fixes).diff(&results.files, &mut mended.failed);
        terminal::tell(&mended.warnings());
        let shown = self.show(Ok(diff));
        if shown == FAILED { FAILED } else { self.status(&results) }
    }

    fn report<'r>(&'r self, results: &'r Results) -> Report<'r> {
        Report {
            files: &results.files,
            include_suppressed: self.arguments.include_suppressed,
            at: self.arguments.place.map(|at| match at {
                At::Bucket => report::At::Bucket,
                At::Cause => report::At::Cause,
            }),
            style: self.errors,
            whole: self.arguments.verbose,
            now: self.configuration.options.now,
        }
    }

    /// Mutes what was there at the commit that the difference starts at; what is to be said of it.
    fn mute_older(&self, files: &mut Vec<FileReport>, look: &Look<'_>) -> String {
        let revision = self.arguments.diff_base.as_deref().unwrap_or_default();
        match &self.base {
            Some(Base::Tree(tree)) => older::mute(files, tree, revision, look, &self.configuration),
            Some(Base::Nothing) => "there is no commit yet: everything is new\n".to_owned(),
            None => String::new(),
        }
    }

    /// Mutes what is known, and writes a new baseline where one is asked for; what is to be said of it.
    fn mute_known(&self, files: &mut [FileReport]) -> Result<String, ErrorRecord> {
        let mut told = String::new();
        if let (Some(baseline), Some(path)) = (&self.baseline, &self.arguments.baseline) {
            let compared = known::mute(files, baseline, &self.configuration, "it is in the baseline");
            told = known::gone(&compared, files, &self.configuration, path, self.arguments.verbose);
        }
        if let Some(path) = &self.arguments.write_baseline {
            if files.iter().any(|file| !file.errors.is_empty()) {
                let message = "is not written: not everything could be linted";
                return Ok(told + &format!("warning: {}: {message}\n", escape::line(&shown(path))));
            }
            let baseline = known::of_run(files, &self.configuration);
            known::write(path, &baseline)?;
            known::mute(files, &baseline, &self.configuration, "it is in the baseline");
            told = format!("{}: written with {}\n", escape::line(&shown(path)), counted(baseline.size(), "finding"));
        }
        Ok(told)
    }

    /// What is said besides the reports.
    fn tell(&self, results: &Results, mut besides: String) {
        /// More findings than this are counted by rule.
        const MANY: usize = 10;
        let report = self.report(results);
        let explains = self.outputs.main().name == "human";
        if self.arguments.statistics || explains && report.findings().len() > MANY {
            besides.push_str(&statistics::text(&results.files));
        }
        let telling = tell::Telling {
            report,
            passed: &results.passed,
            ignored: results.ignored,
            excluded: results.excluded,
            paths: &self.arguments.paths,
            besides,
            explains,
            compares: self.baseline.is_some() || self.base.is_some() || self.arguments.write_baseline.is_some(),
            tried_all: self.configuration.options.fixes,
            quiet: self.arguments.quiet,
            verbose: self.arguments.verbose,
        };
        terminal::tell(&telling.text());
    }

    fn lint<'a>(&self, look: &'a Look<'_>, session: &mut Session<'a>) -> Results {
        let mut results = look.results(session);
        lint::tell_once(&mut results.files);
        let mut used = Used::new();
        for file in &mut results.files {
            self.configuration.apply(file, &mut used);
        }
        results.files.extend(self.configuration.idle_entries(&used));
        let mut idle = self.configuration.idle_keys(&results.files);
        idle.extend(lint::idle_guards(&self.configuration.options.guards, &results.files));
        idle.extend(given::misgiven(&results.files, &self.configuration));
        idle.extend(given::assumed(&results.files, &self.configuration));
        results.files.extend(idle);
        results.files.extend(self.configuration.errors().into_iter().map(FileReport::failed));
        results
    }

    fn look(&self) -> Look<'_> {
        let arguments = self.arguments;
        let remembers = matches!(self.base, Some(Base::Tree(_)));
        Look {
            paths: &arguments.paths,
            configuration: &self.configuration,
            options: &self.configuration.options,
            scopes: &self.configuration.scopes,
            disk: &self.disk,
            stdin: stdin_name(arguments),
            verbose: arguments.verbose,
            no_ignore: arguments.no_ignore || arguments.isolated,
            skip_unrecognized: arguments.skip_unrecognized,
            progress: Progress::new(!arguments.no_progress && !arguments.quiet),
            seen: remembers.then(Mutex::default),
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
        let look = self.look();
        let results = look.results(&mut look.session());
        let mut text = String::new();
        for (path, why) in &results.passed {
            let _ = writeln!(text, "skipped: {}: {}", escape::line(path), escape::line(why));
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
}

/// What to call standard input, where it is to be linted.
fn stdin_name(arguments: &Check) -> Option<String> {
    let is_named = arguments.paths.iter().any(|path| is_stdin(path));
    match &arguments.stdin_filename {
        Some(name) => Some(shown(name)),
        None => is_named.then(|| STDIN.to_owned()),
    }
}
