//! Any bytes as a file, linted from end to end and rendered in every format: no panic, no endless work, and reports
//! that their readers can read.

use super::rendering;
use bucketlint::frontend::NoFiles;
use bucketlint::lint::{Input, Options, Outcome, lint};

pub fn target(data: &[u8]) {
    let options = Options { fixes: true, ..Options::default() };
    for (path, named) in [("t.yaml", true), ("t.json", false), ("manifest.json", true)] {
        let input = Input { path: path.to_owned(), named, bytes: data.to_vec(), ..Input::default() };
        if let Outcome::Linted(report) = lint(input, &options, &NoFiles) {
            rendering::check(&[*report]);
        }
    }
}
