//! What is fuzzed: each target takes any bytes, and panics where something does not hold.
//!
//! `fuzz/` gives them to libFuzzer (`fuzz/run.sh SECONDS`); here they run over the seeds that it starts from, in
//! `fuzz/seeds`.
#![allow(unreachable_pub, dead_code, reason = "the fuzz crate is the other user")]
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a target stops at the first thing that does not hold"
)]

mod built;
mod cloudformation;
mod deployment;
mod files;
mod fix;
mod json;
mod lint;
mod memory;
mod places;
mod plan;
mod policy;
mod rendering;
mod settings;
mod slips;
mod terraform_source;
mod twin;
mod values;
mod yaml;

/// Takes any bytes, and panics where something does not hold.
pub type Target = fn(&[u8]);

/// All targets by their names.
pub const TARGETS: &[(&str, Target)] = &[
    ("cloudformation", cloudformation::target),
    ("deployment", deployment::target),
    ("files", files::target),
    ("fix", fix::target),
    ("json", json::target),
    ("lint", lint::target),
    ("plan", plan::target),
    ("policy", policy::target),
    ("rendering", rendering::target),
    ("settings", settings::target),
    ("slips", slips::target),
    ("statements", built::target),
    ("terraform_source", terraform_source::target),
    ("yaml", yaml::target),
];

/// Runs the target of that name. What is no target is a mistake of the caller.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name).expect("a target of that name").1;
    target(data);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn names(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    }

    fn seeds(target: &str) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let mut seeds: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        seeds.sort();
        seeds
    }

    #[test]
    fn targets_hold_over_their_seeds() {
        for (name, target) in TARGETS {
            let seeds = seeds(name);
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                println!("{}", seed.display());
                target(&fs::read(seed).unwrap());
            }
        }
    }

    #[test]
    fn each_target_is_given_to_the_fuzzer_with_seeds() {
        let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names("fuzz/fuzz_targets"), targets);
        assert_eq!(names("fuzz/seeds"), targets);
        let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml")).unwrap();
        for target in targets {
            assert!(manifest.contains(&format!("\nname = \"{target}\"\n")), "{target} is no program of the fuzz crate");
        }
    }
}
