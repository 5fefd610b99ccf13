//! The definition of the command line.

use super::outputs::Asked;
use crate::model::{Date, Peer};
use crate::report::{FORMATS, Format};
use crate::rules::RULES;
use crate::settings::FailOn;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

const EXIT_STATUSES: &str = "\
Exit status:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  the run itself failed: bad usage, a file that cannot be read or parsed, a broken configuration";

/// Proves whether anything can reach an S3 bucket without TLS
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_STATUSES, max_term_width = 100)]
#[command(long_about = "Proves whether anything can reach an S3 bucket without TLS.\n\n\
    Reads CloudFormation and SAM templates, Terraform source, plans and states, and links each bucket to its policy. A bucket \
    is enforced when the policy denies every request over plain HTTP, exposed when there is one that it does not \
    deny (the report names it), and undecided when the input does not say enough.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// When to use colours
    ///
    /// `auto` uses them on a terminal, unless `NO_COLOR` is set, and elsewhere where `CLICOLOR_FORCE` is set.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one value of it is made in a run")]
pub(super) enum Command {
    /// Lint files and folders
    Check(Check),
    /// Tell what a rule means, why it matters and how to fix it
    Explain(Explain),
    /// List the rules
    Rules(List),
    /// Print a script that a shell completes this command with
    Completions(Completions),
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_STATUSES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Check {
    /// Files and folders; `-` for standard input
    ///
    /// A folder is walked for *.yaml, *.yml, *.json, *.template, *.tf and *.tofu. A file that is named is linted
    /// whatever its name. A file may have up to 4 GiB.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    /// Lint standard input, and call it so
    ///
    /// Only of it a report is made. The paths are context, in which the text takes the file's place.
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<PathBuf>,

    /// How to write the report
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format())]
    pub(super) format: &'static Format,

    /// Write the report to a file instead of standard output; or, as `FORMAT=FILE`, one more report
    ///
    /// The second form may be given more than once, and leaves standard output as it is. `-` is standard output.
    #[arg(long, value_name = "[FORMAT=]FILE", value_parser = Asked::parse)]
    pub(super) output: Vec<Asked>,

    /// Where a finding is shown: at the bucket, or at the element to change [default: `cause` for github and rdjson]
    #[arg(long, value_enum)]
    pub(super) place: Option<At>,

    /// Values of template parameters (JSON or YAML); may be given more than once
    ///
    /// A list of `ParameterKey` and `ParameterValue`, an object with `Parameters`, a list of `Key=Value`, or a map of
    /// names to values. Later values win.
    #[arg(long, value_name = "FILE")]
    pub(super) parameters: Vec<PathBuf>,

    /// Take each parameter's default for its value
    ///
    /// Without this a default proves nothing, as a stack can be made with another value.
    #[arg(long)]
    pub(super) assume_defaults: bool,

    /// The root module's source for a plan [default: the plan's own folder]
    #[arg(long, value_name = "DIR")]
    pub(super) terraform_dir: Option<PathBuf>,

    /// The binary plan of which the input is the JSON
    #[arg(long, value_name = "FILE")]
    pub(super) terraform_plan: Option<PathBuf>,

    /// Values of Terraform variables, for a folder without a plan; may be given more than once
    ///
    /// `terraform.tfvars` and `*.auto.tfvars` in the folder count too. A variable without a value may have any.
    #[arg(long, value_name = "FILE")]
    pub(super) var_file: Vec<PathBuf>,

    /// Apply these rules only
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule(), hide_possible_values = true)]
    pub(super) select: Vec<String>,

    /// Do not apply these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule(), hide_possible_values = true)]
    pub(super) ignore: Vec<String>,

    /// Mute the findings that are in this file
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Write all findings to a file for `--baseline`
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,

    /// Report only what was not there at this commit, or rather where its history and HEAD part
    ///
    /// The tree as it was is linted too, read through `git`; nothing is checked out. `HEAD` for hooks, `origin/main`
    /// for pull requests.
    #[arg(long, value_name = "REV", overrides_with = "diff_base")]
    pub(super) diff_base: Option<String>,

    /// Also take other tools' suppressions of the same control
    #[arg(long, value_enum, value_name = "TOOL", value_delimiter = ',')]
    pub(super) honor: Vec<Peer>,

    /// Show suppressed findings too
    #[arg(long)]
    pub(super) include_suppressed: bool,

    /// Let only settings suppress, no comment and no metadata
    #[arg(long)]
    pub(super) no_inline_suppressions: bool,

    /// Write the edits that were tried and only add to what stands there; then report what is left
    #[arg(long)]
    pub(super) fix: bool,

    /// Write edits too that change an existing statement or condition
    #[arg(long)]
    pub(super) unsafe_fixes: bool,

    /// Show what would be written as a unified diff, and write nothing
    #[arg(long)]
    pub(super) diff: bool,

    /// The severity from which on findings give exit status 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,

    /// End with exit status 0 where there are findings, as with `--fail-on never`
    #[arg(long, conflicts_with = "fail_on")]
    pub(super) exit_zero: bool,

    /// Leave out files and folders that this pattern matches, when met while walking; may be given more than once
    ///
    /// Relative to the current folder. `*` stays within a part of the path, `**` crosses parts, `{a,b}` and `[ab]` are
    /// choices.
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,

    /// Leave out what is excluded even where it is named
    #[arg(long)]
    pub(super) force_exclude: bool,

    /// Look also at what git ignores
    ///
    /// A walk leaves out what the repository's `.gitignore` files name, unless git tracks it or it is a CDK assembly.
    #[arg(long)]
    pub(super) no_ignore: bool,

    /// Pass over a named file that is nothing to lint
    #[arg(long)]
    pub(super) skip_unrecognized: bool,

    /// The settings file, for everything [default: for each file the nearest `bucketlint.yaml` upwards]
    ///
    /// Also `.bucketlint.yaml`, `bucketlint.yml` and `.bucketlint.yml`; as far up as the repository goes.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Read no settings file
    #[arg(long, conflicts_with = "config")]
    pub(super) isolated: bool,

    /// Print the settings that hold for each path, and lint nothing
    #[arg(long)]
    pub(super) show_settings: bool,

    /// Print the files that would be linted, and lint nothing
    #[arg(long, conflicts_with = "show_settings")]
    pub(super) show_files: bool,

    /// How many threads to use [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,

    /// The date of the run [default: `SOURCE_DATE_EPOCH`, else today in UTC]
    ///
    /// Policies may deny until or from a date, and suppressions end at one.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(super) now: Option<Date>,

    /// Tell how many findings there are of each rule
    #[arg(long)]
    pub(super) statistics: bool,

    /// Do not tell how far the run is
    ///
    /// That is told on a terminal only, where a run takes more than a second.
    #[arg(long)]
    pub(super) no_progress: bool,

    /// Findings and errors only, no summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Tell each finding whole, what was skipped and why, and what enforces each enforced bucket
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The rule's name
    #[arg(value_parser = rule())]
    pub(super) rule: String,

    /// Show all of its document: what exactly is checked, all examples, references
    #[arg(long)]
    pub(super) full: bool,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// How to write the list
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ListFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum At {
    /// At the bucket
    Bucket,
    /// At the element to change
    Cause,
}

fn format() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names).try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    #[default]
    Human,
    /// For programs: a list of objects
    Json,
    /// The index of the rules' documents
    Markdown,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "no day such as `2027-03-31`".to_owned())
}

fn rule() -> PossibleValuesParser {
    PossibleValuesParser::new(RULES.iter().map(|rule| rule.name))
}
