//! The command `bucketlint`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bucketlint::cli::run(std::env::args_os())
}
