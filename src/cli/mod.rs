//! The command line: arguments, streams, exit statuses.
//!
//! Findings go to standard output, everything else to standard error. A reader that goes away (a broken pipe) is no
//! error.
#![expect(clippy::disallowed_methods, reason = "streams, the clock and the environment belong to the program")]

mod arguments;
mod check;
mod clock;
mod configuration;
mod effective;
mod explain;
mod fix;
mod folders;
mod given;
mod known;
mod look;
mod older;
mod outputs;
mod progress;
mod rules;
mod shell;
mod statistics;
mod tell;
mod terminal;

use arguments::{Arguments, Command};
use clap::Parser as _;
use std::ffi::OsString;
use std::process::ExitCode;

/// Nothing at or above `--fail-on`.
const CLEAN: u8 = 0;
/// Findings at or above `--fail-on`.
const FINDINGS: u8 = 1;
/// The run itself failed.
const FAILED: u8 = 2;

/// Runs the command that the arguments (the program's own name first) ask for.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // A panic is a bug of ours, and has told of itself on standard error. It must not pass for a clean run, nor for
    // one with findings.
    ExitCode::from(std::panic::catch_unwind(|| dispatch(arguments)).unwrap_or(FAILED))
}

fn dispatch(arguments: Vec<OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` come here too, with a status of their own.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(FAILED);
        }
    };
    match arguments.command {
        Command::Check(check) => check::run(&check, arguments.color),
        Command::Explain(explain) => explain::explain(&explain, arguments.color),
        Command::Rules(list) => rules::list(&list, arguments.color),
        Command::Completions(of) => shell::completions(&of),
        Command::Man => shell::man(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
