//! The command `bucketlint`.
#![expect(clippy::disallowed_methods, reason = "the program reads its arguments")]

use std::process::ExitCode;

fn main() -> ExitCode {
    bucketlint::cli::run(std::env::args_os())
}
