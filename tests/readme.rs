//! What the README shows is what the command prints.

use std::fs;
use std::path::Path;
use std::process::Command;

const START: &str = "<!-- output -->\n";
const END: &str = "<!-- /output -->\n";

/// The block between the markers, made new. With `UPDATE_README=1` the README is written.
#[test]
fn the_output_in_the_readme_is_real() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(env!("CARGO_BIN_EXE_bucketlint"))
        .current_dir(root)
        .args(["check", "testdata/sample"])
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1), "the sample has findings");
    let (out, err) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    let block = format!("{START}```console\n$ bucketlint check testdata/sample\n{out}{err}```\n{END}");

    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(START).expect("the README has the start marker");
    let (_, after) = rest.split_once(END).expect("the README has the end marker");
    let fresh = format!("{before}{block}{after}");
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, fresh).unwrap();
        return;
    }
    assert_eq!(readme, fresh, "run: UPDATE_README=1 cargo test --test readme");
}

/// Every option that `check --help` tells of stands in the README's table.
#[test]
fn every_option_stands_in_the_readme() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_bucketlint")).args(["check", "-h"]).output().unwrap();
    let help = String::from_utf8(run.stdout).unwrap();
    let options: Vec<_> = help
        .split_whitespace()
        .filter(|word| word.starts_with("--") && !["--help", "--quiet", "--verbose", "--fail-on)"].contains(word))
        .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
        .collect();
    assert!(options.len() > 10, "{help}");
    for option in options {
        assert!(
            readme.contains(&format!("`{option}")) || readme.contains(&format!("({option}")),
            "{option} is missing"
        );
    }
}
