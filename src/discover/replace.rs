//! Files that are written: whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file. It is written beside its place and then put there, so that nobody sees half of it, and what stood
/// there is kept where writing fails. What is no regular file (a device, a named pipe) is written to as it is.
///
/// # Errors
/// Where it cannot be written, or where a symbolic link or a folder stands in its place: a link that somebody else put
/// there may lead to any file of the user's.
pub fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if let Ok(met) = path.symlink_metadata() {
        if met.is_symlink() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "is a symbolic link, which is not written through",
            ));
        }
        if met.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"));
        }
        if !met.is_file() {
            return written(File::options().write(true).open(path)?, write).map(|_| ());
        }
    }
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "names no file"))?;
    let beside = path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let done = File::create_new(&beside).and_then(|file| {
        if let Ok(met) = path.metadata() {
            file.set_permissions(met.permissions())?;
        }
        written(file, write)?.sync_all()?;
        fs::rename(&beside, path)
    });
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn written(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut buffer = io::BufWriter::new(file);
    write(&mut buffer)?;
    buffer.into_inner().map_err(io::IntoInnerError::into_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("bucketlint-{}-replace", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.json");
        replace(&path, |out| out.write_all(b"one")).unwrap();
        replace(&path, |out| out.write_all(b"two")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        let failed = replace(&path, |out| {
            out.write_all(b"three")?;
            Err(io::Error::other("no more"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"two", "what stood there is kept");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        std::os::unix::fs::symlink("a.json", folder.join("link")).unwrap();
        assert!(replace(&folder.join("link"), |_| Ok(())).is_err());
        assert!(replace(&folder, |_| Ok(())).is_err());
        assert!(replace(Path::new("/dev/full"), |out| out.write_all(b"x")).is_err());
        replace(Path::new("/dev/null"), |out| out.write_all(b"x")).unwrap();
    }
}
