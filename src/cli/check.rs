//! `check`: settings, files, linting, report.

use super::arguments::{At, Check, Color};
use super::configuration::{Configuration, Used, pointed_at};
use super::look::{Look, Results};
use super::outputs::Outputs;
use super::{CLEAN, FAILED, FINDINGS, tell, terminal};
use crate::discover::{self, Disk, shown};
use crate::frontend::terraform;
use crate::report::{self, ErrorRecord, FileReport, Report, escape, human};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::Path;

/// Everything that a run needs, flags and configuration file taken together.
struct Run<'a> {
    arguments: &'a Check,
    configuration: Configuration<'a>,
    outputs: Outputs,
    /// How errors are written.
    errors: human::Style,
    disk: Disk,
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
    let outputs = Outputs::new(arguments, color).map_err(|message| vec![ErrorRecord::of_file("--output", message)])?;
    let configuration = Configuration::new(arguments)?;
    let pointed_at: Vec<&Path> = pointed_at(arguments).collect();
    // The source of a plan on standard input lies in the current folder.
    let disk = Disk::of_repositories(pointed_at.into_iter().chain([Path::new(".")]));
    if let Some(path) = &arguments.terraform_plan {
        binary_plan(path).map_err(|message| vec![ErrorRecord::of_file(shown(path), message)])?;
    }
    Ok(Run { arguments, configuration, outputs, errors, disk })
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
        let results = self.lint();
        let failed = self.outputs.write(&self.report(&results));
        if !failed.is_empty() {
            terminal::tell(&failed.iter().map(|error| human::error(error, self.errors)).collect::<String>());
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

    fn report<'r>(&self, results: &'r Results) -> Report<'r> {
        Report {
            files: &results.files,
            include_suppressed: self.arguments.include_suppressed,
            at: self.arguments.place.map(|at| match at {
                At::Bucket => report::At::Bucket,
                At::Cause => report::At::Cause,
            }),
            style: self.errors,
            now: self.configuration.options.now,
        }
    }

    /// What is said besides the reports.
    fn tell(&self, results: &Results) {
        let telling = tell::Telling {
            report: self.report(results),
            passed: &results.passed,
            idle: self.configuration.idle(),
            explains: self.outputs.main().name == "human",
            quiet: self.arguments.quiet,
            verbose: self.arguments.verbose,
        };
        terminal::tell(&telling.text());
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
            keep_buckets: arguments.verbose || self.outputs.tell_buckets(),
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
}
