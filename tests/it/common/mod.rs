//! Runs the built binary on text and reads its JSON report.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary, with nothing of the environment that would change its output.
pub fn bucketlint() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    command
}

/// An empty folder for one test of a group.
pub fn folder(group: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(group).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// The same as the root of a repository.
pub fn repository(group: &str, name: &str) -> PathBuf {
    let path = folder(group, name);
    fs::create_dir_all(path.join(".git")).unwrap();
    path
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}

/// What a command says to a text on its standard input.
pub fn feed(command: &mut Command, text: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The JSON report on one text given on standard input.
pub fn lint_text(name: &str, text: &str, extra: &[&str]) -> Value {
    let arguments = ["check", "-", "--format", "json", "--stdin-filename", name];
    let output = feed(bucketlint().args(arguments).args(extra), text);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no report ({error}): {}", String::from_utf8_lossy(&output.stderr)))
}

/// The JSON report on paths.
pub fn lint_paths(paths: &[&Path], extra: &[&str]) -> Value {
    let output = bucketlint().args(["check", "--format", "json"]).args(extra).args(paths).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no report ({error}): {}", String::from_utf8_lossy(&output.stderr)))
}

/// The entry of a bucket in a report.
pub fn bucket<'a>(report: &'a Value, address: &str) -> &'a Value {
    report["buckets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|bucket| bucket["address"] == address)
        .unwrap_or_else(|| panic!("bucket {address} is not in the report: {report:#}"))
}

/// The rules of the findings, in order.
pub fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}
