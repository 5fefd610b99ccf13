//! Runs the built binary on text and reads its JSON report.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that it cannot do"
)]

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The binary, with nothing of the environment that would change its output.
pub fn bucketlint() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    command
}

/// The JSON report on one text given on standard input.
pub fn lint_text(name: &str, text: &str, extra: &[&str]) -> Value {
    let mut child = bucketlint()
        .args(["check", "-", "--format", "json", "--stdin-filename", name])
        .args(extra)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
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
