//! The files that a front end may look at besides its input. The file system itself stays with `discover`.

use crate::source::normal;
use std::io;
use std::path::{Path, PathBuf};

/// Gives files to a front end (the `.tf` files beside a plan). What lies outside of what the user pointed at is
/// refused by the implementation.
pub trait Files: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Where the file cannot be read, is too large, or must not be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The files (no folders) directly in a folder, sorted.
    ///
    /// # Errors
    /// Where the folder cannot be read or must not be read.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// No files at all.
#[cfg(any(test, feature = "internals"))]
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

#[cfg(any(test, feature = "internals"))]
impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// A path as reports show it, in one spelling: forward slashes, no `./`, no `//`. The current folder is `.`.
#[must_use]
pub fn spelled(path: &Path) -> String {
    let path = normal(path);
    let text = path.to_string_lossy();
    if text.is_empty() {
        return ".".to_owned();
    }
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (path, expected) in [
            ("./sub//t.yaml", "sub/t.yaml"),
            ("sub/./t.yaml", "sub/t.yaml"),
            ("sub/../t.yaml", "t.yaml"),
            ("../t.yaml", "../t.yaml"),
            ("/a//b/", "/a/b"),
            ("./", "."),
            ("", "."),
        ] {
            assert_eq!(spelled(Path::new(path)), expected);
        }
    }
}
