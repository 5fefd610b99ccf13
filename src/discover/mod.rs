//! Paths to files: walks folders, reads files, and tells cheaply which of them cannot be templates. Together with
//! [`cli`](crate::cli), the only place that touches the file system.
#![expect(clippy::disallowed_methods, reason = "files, folders and git are read here")]

mod disk;
mod git;
mod ignored;
mod index;
mod instead;
mod near;
mod replace;
mod walk;

pub use disk::Disk;
pub use git::{Base, GitTree, base, object_of};
pub use instead::instead;
pub use near::{folder_of, is_folder, is_repository, named_in, read_below, read_beside, real_folder, repository};
pub use replace::replace;
#[cfg(feature = "internals")]
pub use walk::NoneExcluded;
pub(crate) use walk::cause;
pub use walk::{Candidate, Exclude, Targets, Why, is_left_out};

use crate::frontend::{normal, spelled};
use std::fs::{File, Metadata};
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
    Ok(read_if(path, limit, |_| true)?.unwrap_or_default())
}

/// How much of a file tells whether the rest is wanted.
const HEAD: usize = 64 * 1024;

/// The bytes of a file, where its first block is `wanted`.
///
/// # Errors
/// Where it cannot be read, is no regular file (a named pipe would never end), or is larger than `limit` bytes.
pub(crate) fn read_if(path: &Path, limit: u64, wanted: impl Fn(&[u8]) -> bool) -> io::Result<Option<Vec<u8>>> {
    // Opening a named pipe waits for its other end.
    regular(&path.metadata()?)?;
    read_met_if(path, limit, wanted)
}

/// The bytes of a file that the walk has just met as a regular one, where its first block is `wanted`.
///
/// # Errors
/// As those of [`read_if`].
pub(crate) fn read_met_if(path: &Path, limit: u64, wanted: impl Fn(&[u8]) -> bool) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    let length = metadata.len();
    if length > HEAD as u64 {
        let mut head = vec![0; HEAD];
        file.read_exact(&mut head)?;
        if !wanted(&head) {
            return Ok(None);
        }
        return read_within(head.chain(file.take(length - HEAD as u64)), length, limit).map(Some);
    }
    // Where its size is known no second read has to find its end.
    let end = if length == 0 { u64::MAX } else { length };
    let bytes = read_within(file.take(end), length, limit)?;
    Ok(wanted(&bytes).then_some(bytes))
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"));
    }
    if metadata.is_file() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "is a pipe, a device or a socket, not a file (`-` is standard input)",
    ))
}

/// All that a stream holds.
///
/// # Errors
/// Where it cannot be read, or holds more than `limit` bytes.
pub(crate) fn read_within(stream: impl Read, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {limit} bytes"));
    if expected > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}
