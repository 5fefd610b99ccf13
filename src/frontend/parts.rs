//! Files that are no inputs by themselves: those that are read a folder at a time, and those that are read for another. The
//! table of front ends is asked.

use super::{Assembly, FRONTENDS, Frontend, normal};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What a text tells without being parsed.
#[derive(Clone, Debug, Default)]
pub struct Glance {
    /// Whether its folder may have to do with buckets.
    pub concerns: bool,
    /// The folders that it may call.
    pub calls: Vec<PathBuf>,
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// The front end that reads the folder of a file as a whole.
#[must_use]
pub fn frontend_of_folder(path: &Path) -> Option<&'static dyn Frontend> {
    FRONTENDS.iter().copied().find(|frontend| frontend.is_of_folder(name(path)))
}

/// Whether a file is read for another that names it.
#[must_use]
pub fn is_read_for_another(path: &Path) -> bool {
    FRONTENDS.iter().any(|frontend| frontend.is_read_for_another(name(path)))
}

/// The file that may say what is deployed from the folder of an input.
#[must_use]
pub fn manifest_beside(path: &Path) -> Option<PathBuf> {
    let beside = FRONTENDS.iter().find_map(|frontend| frontend.manifest_beside(name(path)))?;
    Some(normal(&path.with_file_name(beside)))
}

/// What a file says that is deployed from its folder.
#[must_use]
pub fn assembly(path: &Path, text: &str) -> Option<Assembly> {
    FRONTENDS.iter().find_map(|frontend| frontend.assembly(path, text))
}
