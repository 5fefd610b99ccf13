//! The file system as front ends see it: only the folders that the user pointed at.

use super::{read, repository};
use crate::frontend::Files;
use std::io;
use std::path::{Path, PathBuf};

/// The most bytes of a file that is read besides an input: Terraform source is written by hand.
const LARGEST_SOURCE: u64 = 16 * 1024 * 1024;
/// The most files of one folder that are listed.
const LONGEST_LIST: usize = 10_000;

/// The files in some folders and below them. A symbolic link counts as where it leads to.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    roots: Vec<PathBuf>,
}

impl Disk {
    /// The folders and, for files, the folders that hold them, up to the root of the repository that they stand in:
    /// modules and templates are shared within one. What does not exist holds nothing.
    #[must_use]
    pub fn new<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let folder = |path: &Path| {
            let real = path.canonicalize().ok()?;
            let folder = if real.is_dir() { &real } else { real.parent()? };
            Some(repository(folder).unwrap_or(folder).to_owned())
        };
        Self { roots: paths.into_iter().filter_map(folder).collect() }
    }

    /// The same up to the roots of the repositories that the paths lie in: what an input refers to (a module, a nested
    /// template) mostly lies beside it there.
    #[must_use]
    pub(crate) fn of_repositories<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut disk = Self::new(paths);
        for root in &mut disk.roots {
            if let Some(repository) = super::repository(root) {
                *root = repository.to_owned();
            }
        }
        disk.roots.sort();
        disk.roots.dedup();
        disk
    }

    fn allowed(&self, path: &Path) -> io::Result<PathBuf> {
        let real = path.canonicalize()?;
        if self.roots.iter().any(|root| real.starts_with(root)) {
            return Ok(real);
        }
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "lies outside of the folders that are linted"))
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let real = self.allowed(path)?;
        // A named pipe would be waited for without end.
        if !real.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file"));
        }
        read(&real, LARGEST_SOURCE)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.allowed(folder)?;
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            // A link to a file counts as a file; whether it may be read is told when it is.
            if path.is_file() {
                files.push(path);
            }
            if files.len() > LONGEST_LIST {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "holds too many files"));
            }
        }
        files.sort();
        Ok(files)
    }
}
