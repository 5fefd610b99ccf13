//! The tests that see the whole, in one program: linking is what costs.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first thing that it cannot do"
)]

mod architecture;
#[cfg(unix)]
mod baseline;
mod budget;
#[cfg(unix)]
mod cli;
mod common;
mod decide;
mod deployments;
#[cfg(unix)]
mod diff_base;
mod docs;
mod equivalent;
mod fix;
mod fuzzed;
#[cfg(unix)]
mod guarded;
mod intrinsics;
mod limits;
mod line_breaks;
mod plans;
mod policies;
mod policies_located;
mod policies_random;
mod random_deployments;
mod random_fixes;
mod random_policies;
mod random_unknowns;
mod random_worlds;
mod random_yaml;
mod report_schema;
#[cfg(unix)]
mod reports;
mod rewriting;
mod rule_documents;
mod secrets;
mod session;
mod support;
#[cfg(unix)]
mod suppressions;
mod syntax;
mod terraform;
mod testdata;
mod together;
mod verdicts;
mod yaml_oracles;
