//! Holds the YAML events against two other parsers, on all YAML of the test data: the same events, and the same bytes
//! where the other parser has them.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::support::yaml::{difference, granit, libyaml, ours};
use bucketlint::source::decode;
use std::path::{Path, PathBuf};

/// All YAML files of the test data with their text.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut found: Vec<(PathBuf, String)> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("yaml" | "yml" | "template"))
        })
        .filter_map(|path| Some((path.clone(), decode(std::fs::read(&path).unwrap()).ok()?)))
        .collect();
    let count = found.len();
    assert!(count > 30, "only {count} YAML files found");
    found.retain(|(_, text)| !text.trim_start().starts_with("{\""));
    found
}

/// What other parsers reject, and what ours does.
const REJECTED: &[(&str, &str, &str)] = &[
    ("block-indent-zero.yaml", "libyaml", "YAML 1.1: a block scalar at the root must be indented"),
    ("tabs-in-blocks.yaml", "libyaml", "YAML 1.1: a block scalar must not start with a tab after its indentation"),
    ("tags-beside-commas.yaml", "libyaml", "a tag without a value cannot stand before a comma or bracket"),
    ("block-at-end.yaml", "libyaml", "libyaml-safer panics where a block scalar ends without a line break"),
];

#[test]
fn events_are_those_of_other_parsers() {
    let mut problems = Vec::new();
    for (path, text) in texts() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let rejected = |by: &str| REJECTED.iter().any(|&(file, parser, _)| file == name && parser == by);
        let (mine, mine_as_granit) = match (ours(&text, false), ours(&text, true)) {
            (Ok(mine), Ok(as_granit)) => (mine, as_granit),
            (Err(error), _) | (_, Err(error)) => {
                let both = granit(&text).is_ok() && libyaml(&text).is_ok();
                if both && !rejected("ours") {
                    problems.push(format!("{name}: only we reject it: {error}"));
                }
                continue;
            }
        };
        if mine.corrections > 0 {
            problems.push(format!("{name}: the cursor went astray {} times", mine.corrections));
        }
        for (oracle, read) in [("granit", granit as fn(&str) -> _), ("libyaml", libyaml)] {
            // libyaml-safer panics on some texts that end without a line break.
            let reading = std::panic::catch_unwind(|| read(&text)).unwrap_or_else(|_| Err("it panics".to_owned()));
            match reading {
                Ok(other) => {
                    let mine = if oracle == "granit" { &mine_as_granit } else { &mine };
                    let found = difference(&text, mine, &other, oracle);
                    problems.extend(found.map(|found| format!("{name}: {found}")));
                    if oracle == "granit" && other.comments != mine.comments {
                        problems.push(format!("{name}: comments {:?}, not {:?}", other.comments, mine.comments));
                    }
                }
                Err(_) if rejected(oracle) => {}
                Err(error) => problems.push(format!("{name}: {oracle} rejects it: {error}")),
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}
