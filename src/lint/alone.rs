//! One file by itself.

use super::{Input, OfSettings, Options, Session};
use crate::frontend::Files;
use crate::report::FileReport;
use std::path::Path;

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Its report.
    Linted(Box<FileReport>),
    /// It is nothing to lint; why.
    PassedOver(String),
}

/// Lints one file by itself.
#[must_use]
pub fn lint(input: Input, options: &Options, files: &dyn Files) -> Outcome {
    let Input { path, named, bytes, deployments, values } = input;
    let of = |_: &Path| OfSettings { deployments: deployments.clone(), values: values.clone() };
    let mut session = Session::new(options, of, files);
    let opened = session.read(1, path.clone(), named, bytes);
    if let Some(why) = opened.passed_over() {
        return Outcome::PassedOver(why.to_owned());
    }
    session.enter(vec![opened]);
    session.settle();
    match session.take_reports().into_iter().find(|report| report.path == path) {
        Some(report) => Outcome::Linted(Box::new(report)),
        None => Outcome::PassedOver("it says what is deployed from its folder: lint that".to_owned()),
    }
}
