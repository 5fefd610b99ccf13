//! Files in memory, from one text: `=== NAME` begins a file of that name.

use bucketlint::frontend::{Files, normal};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Files by their paths.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// The files of a text, the first few of them.
    pub fn of(data: &[u8]) -> Self {
        const MOST: usize = 12;
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let mut current = None;
        for line in data.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_prefix(b"=== ") {
                Some(name) if files.len() < MOST => {
                    let name = String::from_utf8_lossy(name).trim().replace(char::is_control, "");
                    current = Some(normal(Path::new(&name)));
                    files.insert(normal(Path::new(&name)), Vec::new());
                }
                _ => {
                    let file = current.as_ref().and_then(|name| files.get_mut(name));
                    file.into_iter().for_each(|file| file.extend(line));
                }
            }
        }
        files.retain(|path, _| !path.as_os_str().is_empty());
        Self(files)
    }

    /// Their paths as text.
    pub fn paths(&self) -> Vec<String> {
        self.0.keys().map(|path| path.to_string_lossy().into_owned()).collect()
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(&normal(path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = normal(folder);
        Ok(self.0.keys().filter(|path| path.parent() == Some(folder.as_path())).cloned().collect())
    }
}
