//! `--show-settings`: what holds for a path, flags and settings taken together, as YAML.

use super::arguments::Check;
use crate::report::escape;
use crate::settings::{FailOn, Globs, RuleName, Scope};
use std::fmt::Write as _;

/// Each line says where its value comes from. Values of parameters are not shown: they may be secrets.
pub(super) fn text(path: &str, scope: &Scope, run: &Scope, arguments: &Check) -> String {
    let mut out = Lines(String::new());
    let file = scope.file.as_deref().unwrap_or("none");
    let _ = writeln!(out.0, "# {}: settings file: {}", escape::line(path), escape::line(file));
    let settings = &scope.settings;
    if arguments.select.is_empty() {
        out.list("select", settings.select.iter().flatten().map(|rule| rule.0), file);
    } else {
        out.list("select", arguments.select.iter().map(String::as_str), FLAG);
    }
    if arguments.ignore.is_empty() {
        out.list("ignore", settings.ignore.iter().map(|rule| rule.0), file);
    } else {
        out.list("ignore", arguments.ignore.iter().map(String::as_str), FLAG);
    }
    let levels = settings.severity.iter().map(|(RuleName(rule), level)| format!("{rule}: {}", level.name()));
    out.map("severity", levels, file);
    let of_run = run.file.as_deref().unwrap_or("none");
    match (arguments.fail_on, run.settings.fail_on) {
        (Some(level), _) => out.line("fail-on", level_name(level), FLAG),
        (None, Some(level)) => out.line("fail-on", level_name(level), of_run),
        (None, None) => out.line("fail-on", level_name(FailOn::default()), "default"),
    }
    out.list("exclude", arguments.exclude.iter().map(String::as_str), FLAG);
    out.list("exclude", globs(&settings.exclude), file);
    out.list("parameters", settings.parameters.values.keys().map(String::as_str), file);
    let given = settings.parameter_files.iter();
    let given = given.map(|one| format!("{}: {}", quoted(&one.templates.patterns().join(", ")), quoted(&one.file)));
    out.map("parameter-files", given, file);
    match (arguments.assume_defaults, settings.assume_defaults) {
        (true, _) => out.line("assume-defaults", "true", FLAG),
        (false, Some(flag)) => out.line("assume-defaults", if flag { "true" } else { "false" }, file),
        (false, None) => {}
    }
    out.list("deployments", run.settings.deployments.iter().map(|one| one.name.as_str()), of_run);
    if !settings.suppress.is_empty() {
        out.line("suppress", &format!("{} entries", settings.suppress.len()), file);
    }
    out.list("guarded-by", run.settings.guarded_by.iter().map(|one| one.file.as_str()), of_run);
    out.0
}

const FLAG: &str = "command line";

fn globs(globs: &Globs) -> impl Iterator<Item = &str> {
    globs.patterns().iter().map(String::as_str)
}

fn level_name(level: FailOn) -> &'static str {
    match level {
        FailOn::Error => "error",
        FailOn::Warning => "warning",
        FailOn::Note => "note",
        FailOn::Never => "never",
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Lines(String);

impl Lines {
    fn line(&mut self, key: &str, value: &str, origin: &str) {
        let _ = writeln!(self.0, "{key}: {}  # {}", escape::line(value), escape::line(origin));
    }

    fn list<'a>(&mut self, key: &str, values: impl Iterator<Item = &'a str>, origin: &str) {
        let values: Vec<_> = values.map(quoted).collect();
        if !values.is_empty() {
            self.line(key, &format!("[{}]", values.join(", ")), origin);
        }
    }

    fn map(&mut self, key: &str, entries: impl Iterator<Item = String>, origin: &str) {
        let entries: Vec<_> = entries.collect();
        if !entries.is_empty() {
            self.line(key, &format!("{{{}}}", entries.join(", ")), origin);
        }
    }
}
