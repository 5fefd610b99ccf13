//! What a folder holds where nothing of it can be linted.

use crate::frontend;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// How many files and folders are looked at, …
const MOST: usize = 20_000;
/// … and how deep.
const DEEPEST: usize = 8;

/// Files below some paths from which inputs can be made: for each kind, what it is and what to do, and one file.
#[must_use]
pub fn instead(paths: &[PathBuf]) -> Vec<(&'static str, PathBuf)> {
    let mut found: BTreeMap<&'static str, PathBuf> = BTreeMap::new();
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    for root in paths {
        let walk = WalkDir::new(root).max_depth(DEEPEST).sort_by_file_name().into_iter();
        let walk = walk.filter_entry(|entry| {
            let fetched = entry.file_name() == "node_modules";
            entry.depth() == 0 || !entry.file_type().is_dir() || !fetched && !hidden(entry.path())
        });
        for entry in walk.take(MOST).flatten().filter(|entry| entry.file_type().is_file()) {
            if let Some(what) = frontend::instead(entry.file_name()) {
                found.entry(what).or_insert_with(|| entry.into_path());
            }
        }
    }
    found.into_iter().collect()
}
