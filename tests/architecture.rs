//! The layering of `src/`: which room may name which.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first thing that it cannot do"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The import column of the architecture: a room, and the rooms that it may name with `crate::…`.
const ROOMS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("syntax", &["source"]),
    ("model", &["source"]),
    ("frontend", &["source", "syntax", "model"]),
    ("policy", &["source", "model"]),
    ("s3", &["source", "model", "policy"]),
    ("finding", &["source"]),
    ("rules", &["source", "model", "policy", "s3", "finding"]),
    ("report", &["source", "finding", "rules"]),
    ("settings", &["rules", "finding", "frontend", "report", "source", "syntax", "discover"]),
    ("discover", &["frontend", "source"]),
];

/// The files that may name every room.
const FREE: &[&str] = &["lint", "cli", "lib", "main"];

fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs")
                && path.file_stem().is_some_and(|stem| stem != "tests")
            {
                let text = fs::read_to_string(&path).unwrap();
                files.insert(path.strip_prefix(&root).unwrap().to_owned(), text);
            }
        }
    }
    assert!(files.len() > 20, "the sources were not found");
    files
}

fn room(path: &Path) -> String {
    path.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The code of a file without its unit tests and its comments.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The rooms that a text names: `crate::room…`, also inside `use crate::{…}`.
fn named(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let list = if let Some(group) = rest.strip_prefix('{') { group.split('}').next().unwrap() } else { rest };
        let names: Vec<&str> = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        for name in names {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            rooms.push(name);
        }
    }
    rooms
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        if FREE.contains(&room.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: room `{room}` is not in the architecture", path.display()));
            continue;
        };
        for other in named(&code(&text)) {
            if other != room && ROOMS.iter().any(|(name, _)| *name == other) && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{} names crate::{other}", path.display()));
            }
            if FREE.contains(&other.as_str()) {
                wrong.push(format!("{} names crate::{other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_discover_and_cli_touch_the_outside() {
    let outside = ["std::fs", "std::env", "std::process", "io::stdout", "io::stderr", "io::stdin", "File::open"];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if ["discover", "cli", "main"].contains(&room(&path).as_str()) {
            continue;
        }
        for word in outside {
            if code(&text).contains(word) {
                wrong.push(format!("{} uses {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn internal_types_are_not_serializable() {
    for (path, text) in sources() {
        if !["report", "settings", "rules", "frontend", "cli"].contains(&room(&path).as_str()) {
            assert!(!code(&text).contains("serde::"), "{} names serde", path.display());
        }
    }
}

#[test]
fn nothing_is_left_open() {
    for (path, text) in sources() {
        for word in ["todo!", "unimplemented!", "TODO", "FIXME"] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}
