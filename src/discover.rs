//! Paths to files: walks folders, reads files, and tells cheaply which of them cannot be templates. Together with
//! [`cli`](crate::cli), the only place that touches the file system.

mod disk;
mod git;
mod near;
mod replace;
mod walk;

pub use disk::Disk;
pub use git::{Base, GitError, GitTree, base, object_of};
pub use near::{is_repository, named_in, read_below, read_beside, real_folder, repository};
pub use replace::replace;
pub(crate) use walk::cause;
pub use walk::{Candidate, Exclude, NoneExcluded, Targets, is_left_out};

use crate::frontend::{normal, spelled};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

/// The most bytes of a file that are read: positions in it are told with 32 bits.
pub const LARGEST: u64 = u32::MAX as u64 - 1;

static HERE: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::current_dir().ok());

/// A path as reports show it: in its one spelling, and relative to the current folder where it lies below that.
#[must_use]
pub fn shown(path: &Path) -> String {
    let leads_out = path.is_absolute() || path.components().next() == Some(Component::ParentDir);
    let below = HERE.as_deref().filter(|_| leads_out).and_then(|here| {
        let whole = normal(&here.join(path));
        Some(whole.strip_prefix(here).ok()?.to_owned())
    });
    spelled(below.as_deref().unwrap_or(path))
}

/// The bytes of a file.
///
/// # Errors
/// Where it cannot be read, is no regular file (a named pipe would never end), or is larger than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"));
    }
    if metadata.is_file() && (1..=limit).contains(&metadata.len()) {
        // Its size is known, so that no second read has to find its end.
        return read_within(file.take(metadata.len()), metadata.len(), limit);
    }
    read_within(file, metadata.len(), limit)
}

/// All that a stream holds.
///
/// # Errors
/// Where it cannot be read, or holds more than `limit` bytes.
pub fn read_within(stream: impl Read, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {limit} bytes"));
    if expected > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}
