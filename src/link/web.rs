//! The files of a run by what ties them: which of them an edit reaches.

use super::said::Said;
use super::ties::{FileTies, Key, Names, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The files of a run by what ties them.
#[derive(Debug, Default)]
pub struct Web {
    files: BTreeMap<u32, FileTies>,
    /// What is asked of them is found through it. It is made when it is asked for, once all are there, and follows what
    /// changes from then on.
    said: OnceLock<Said>,
}

/// Files that were found, and those of them whose neighbours are not looked for yet.
#[derive(Default)]
struct Found {
    files: BTreeSet<u32>,
    open: Vec<u32>,
}

impl Found {
    fn see(&mut self, file: u32) {
        if self.files.insert(file) {
            self.open.push(file);
        }
    }
}

impl Web {
    /// Puts a file in, or in the place of what was known of it. Most edits change nothing that others ask for.
    pub fn insert(&mut self, file: u32, ties: FileTies) {
        if self.files.get(&file) != Some(&ties) {
            let before = self.files.insert(file, ties);
            self.follow(file, before.as_ref());
        }
    }

    /// Puts in what is said of names where a file deploys what it does.
    pub fn deploys(&mut self, file: u32, Names(deployed): Names) {
        if let Some(ties) = self.files.get(&file) {
            let ties = FileTies { deployed, ..ties.clone() };
            self.insert(file, ties);
        }
    }

    /// Takes a file out.
    pub fn remove(&mut self, file: u32) {
        if let Some(before) = self.files.remove(&file) {
            self.follow(file, Some(&before));
        }
    }

    fn follow(&mut self, file: u32, before: Option<&FileTies>) {
        if let Some(said) = self.said.get_mut() {
            said.follow(file, before, &self.files);
        }
    }

    /// The files of the folders in which, since this was asked last, a policy that may have been on any bucket is not so
    /// any more, or the other way round: an export that comes or goes elsewhere does that.
    pub fn turned(&mut self) -> BTreeSet<u32> {
        let turned = self.said.get_mut().map(Said::take_turned).unwrap_or_default();
        let turned = turned.iter().filter_map(|file| self.files.get(file));
        let folders: BTreeSet<&Path> = turned.map(|ties| ties.folder.as_path()).collect();
        let inside = self.files.iter().filter(|(_, ties)| folders.contains(ties.folder.as_path()));
        inside.map(|(file, _)| *file).collect()
    }

    fn said(&self) -> &Said {
        self.said.get_or_init(|| Said::by(&self.files))
    }

    /// The paths that a file may deploy.
    pub fn paths(&self, file: u32) -> impl Iterator<Item = &Path> {
        self.files.get(&file).into_iter().flat_map(|ties| &ties.paths).map(PathBuf::as_path)
    }

    /// A file with all that may change what is said of it, and of which it may change what is said.
    #[must_use]
    pub(crate) fn tied(&self, file: u32) -> BTreeSet<u32> {
        let mut found = Found::default();
        found.see(file);
        while let Some(file) = found.open.pop() {
            self.neighbours(file, &mut found);
        }
        found.files
    }

    fn neighbours(&self, file: u32, found: &mut Found) {
        let Some(ties) = self.files.get(&file) else { return };
        let said = self.said();
        for sides in ties.offers.iter().filter_map(|key| said.of_key(key)) {
            sides.want.iter().for_each(|other| found.see(*other));
        }
        let folder = said.is_loose(file).then(|| Key::Folder(ties.folder.clone()));
        for sides in ties.wants.iter().chain(&folder).filter_map(|key| said.of_key(key)) {
            sides.offer.iter().for_each(|other| found.see(*other));
        }
        self.by_assembly(ties, found);
        self.by_name(file, found);
    }

    /// All below the folder of a file that belongs to an assembly.
    fn by_assembly(&self, ties: &FileTies, found: &mut Found) {
        if ties.is_of_assembly {
            let below = self.files.iter().filter(|(_, other)| other.folder.starts_with(&ties.folder));
            below.for_each(|(other, _)| found.see(*other));
        }
        let above = |other: &&u32| self.files.get(other).is_some_and(|other| ties.folder.starts_with(&other.folder));
        self.said().of_assemblies().filter(above).for_each(|other| found.see(*other));
    }

    /// Files that say something of the same names.
    fn by_name(&self, file: u32, found: &mut Found) {
        let hands_on = self.hands_on(file);
        for (own, number) in self.said().names_of(file) {
            if *own == Side::HandsOn && !hands_on {
                continue;
            }
            for (side, other) in self.said().fitting(*number) {
                if own.meets(side) && !found.files.contains(&other) && (side != Side::HandsOn || self.hands_on(other)) {
                    found.see(other);
                }
            }
        }
    }

    /// Whether somebody takes what a file hands on: imports it, or deploys or is deployed by it.
    fn hands_on(&self, file: u32) -> bool {
        let Some(ties) = self.files.get(&file) else { return false };
        let said = self.said();
        let handed = |key: &&Key| matches!(key, Key::Output(_) | Key::File(_) | Key::OpenExports(_));
        let mut exports = said.names_of(file).iter().filter(|(side, _)| *side == Side::Exports);
        !ties.paths.is_empty()
            || ties.offers.iter().filter(handed).any(|key| said.of_key(key).is_some())
            || exports.any(|(_, number)| said.fitting(*number).any(|(side, _)| side == Side::Imports))
    }
}
