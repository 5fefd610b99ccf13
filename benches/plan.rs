//! Reading a plan, held against a mere skip through its JSON.
//!
//! `BUCKETLINT_BENCH_RESOURCES=50000` makes the plan some 170 MB big.
#![allow(clippy::disallowed_methods, reason = "a bench is told its size by the environment")]

#[path = "../tests/it/support/big_plan.rs"]
mod big_plan;

use bucketlint::frontend::NoFiles;
use bucketlint::frontend::terraform::{PlanInputs, read};
use bucketlint::source::Sources;
use divan::{Bencher, counter::BytesCount};
use serde::de::IgnoredAny;
use std::sync::LazyLock;

static PLAN: LazyLock<String> = LazyLock::new(|| {
    let resources = std::env::var("BUCKETLINT_BENCH_RESOURCES").ok().and_then(|count| count.parse().ok());
    big_plan::big_plan(resources.unwrap_or(2_000))
});

fn main() {
    divan::main();
}

#[divan::bench]
fn skip(bencher: Bencher) {
    bencher
        .counter(BytesCount::of_str(PLAN.as_str()))
        .bench(|| serde_json::from_str::<IgnoredAny>(divan::black_box(&PLAN)).is_ok());
}

#[divan::bench]
fn read_plan(bencher: Bencher) {
    let mut sources = Sources::default();
    let source = sources.add("plan.json", PLAN.as_str());
    bencher.counter(BytesCount::of_str(PLAN.as_str())).bench_local(|| {
        let inputs = PlanInputs { files: &NoFiles, source_dir: None, explicit_dir: false, binary_plan: None };
        read(divan::black_box(&source), &inputs, &mut sources).map(|template| template.policies.len()).ok()
    });
}
