//! The files of a session: what a provider has, each file read once, and texts over it.

use crate::frontend::{Files, normal};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Edited texts, by the paths of their files.
pub(super) type Texts = BTreeMap<PathBuf, String>;

/// What came of reading a file.
type Kept = Result<Arc<[u8]>, (io::ErrorKind, String)>;

/// What a provider has, with texts over it that are not saved yet. What is read besides inputs (modules, manifests) is
/// read once, and kept until it is said to have changed.
pub(super) struct Over<'a> {
    below: &'a dyn Files,
    texts: BTreeMap<PathBuf, Vec<u8>>,
    kept: Mutex<HashMap<PathBuf, Kept>>,
}

impl<'a> Over<'a> {
    pub(super) fn new(below: &'a dyn Files) -> Self {
        Self { below, texts: BTreeMap::new(), kept: Mutex::default() }
    }

    /// Takes a text for what is in a file, or (`None`) what the provider has now.
    pub(super) fn set(&mut self, path: &Path, text: Option<Vec<u8>>) {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).remove(path);
        match text {
            Some(text) => self.texts.insert(path.to_owned(), text),
            None => self.texts.remove(path),
        };
    }

    /// The bytes of an input, which are not kept: it is read once anyway.
    pub(super) fn input(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(path) {
            Some(text) => Ok(text.clone()),
            None => self.below.read(path),
        }
    }

    /// Keeps bytes that were read as an input, and that something else is made of as well.
    pub(super) fn keep(&self, path: &Path, bytes: &[u8]) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), Ok(bytes.into()));
    }
}

impl Files for Over<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = normal(path);
        if let Some(text) = self.texts.get(&path) {
            return Ok(text.clone());
        }
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        let kept = known.unwrap_or_else(|| {
            let read: Kept = self.below.read(&path).map(Arc::from).map_err(|error| (error.kind(), error.to_string()));
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(path, read.clone());
            read
        });
        kept.map(|bytes| bytes.to_vec()).map_err(|(kind, message)| io::Error::new(kind, message))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let here = normal(folder);
        let own = self.texts.keys().filter(|path| path.parent() == Some(here.as_path()));
        let mut files: BTreeSet<PathBuf> = own.cloned().collect();
        match self.below.list(folder) {
            Ok(listed) => files.extend(listed.iter().map(|path| normal(path))),
            Err(error) if files.is_empty() => return Err(error),
            Err(_) => {}
        }
        Ok(files.into_iter().collect())
    }
}

/// Files with edited texts in the place of some.
pub(super) struct Edited<'a> {
    pub(super) texts: &'a Texts,
    pub(super) files: &'a dyn Files,
}

impl Files for Edited<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(&normal(path)) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.files.read(path),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.files.list(folder)
    }
}
