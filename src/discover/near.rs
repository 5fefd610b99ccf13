//! Files that hold for what lies beside and below them: settings, and what they name.

use super::read;
use std::io;
use std::path::{Path, PathBuf};

/// Which of some names stand in a folder, in the order of the names.
#[must_use]
pub fn named_in(folder: &Path, names: &[&str]) -> Vec<PathBuf> {
    let stands = |path: &PathBuf| path.symlink_metadata().is_ok_and(|met| !met.is_dir());
    names.iter().map(|name| folder.join(name)).filter(stands).collect()
}

/// Whether a folder lies there.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether a repository has its root in a folder.
#[must_use]
pub fn is_repository(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// The nearest folder upwards with a repository's root in it.
#[must_use]
pub fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_repository(folder))
}

/// A folder by its real path; that of the current folder where the path is empty.
///
/// # Errors
/// Where it is not there.
pub fn real_folder(folder: &Path) -> io::Result<PathBuf> {
    if folder.as_os_str().is_empty() { Path::new(".").canonicalize() } else { folder.canonicalize() }
}

/// The real path of a folder, or of the folder that a file lies in; `None` where it is not there.
#[must_use]
pub fn folder_of(path: &Path) -> Option<PathBuf> {
    let real = real_folder(path).ok()?;
    if real.is_dir() { Some(real) } else { real.parent().map(Path::to_owned) }
}

/// The bytes of a file that no symbolic link leads out of the repository that it stands in, or out of its own folder
/// where there is none: a stranger's link must not show what it leads to.
///
/// # Errors
/// Where a link does, or [`read`] fails.
pub fn read_beside(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let folder = real_folder(path.parent().unwrap_or(Path::new("")))?;
    read_below(path, repository(&folder).unwrap_or(&folder), limit)
}

/// The bytes of a file at or below a real folder, links followed.
///
/// # Errors
/// Where it lies elsewhere, or [`read`] fails.
pub fn read_below(path: &Path, top: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let real = path.canonicalize()?;
    if !real.starts_with(top) {
        let message = "lies outside of the repository, or is a symbolic link that leads out of it";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    // A named pipe would be waited for without end.
    if !real.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file"));
    }
    read(&real, limit)
}
