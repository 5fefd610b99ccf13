//! Paths, as far as they say something without the file system.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, as far as they can be taken out without the file system.
#[must_use]
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
