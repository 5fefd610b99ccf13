//! The files of a run by what ties them: which of them an edit reaches.

use super::index::TextIndex;
use super::ties::{FileTies, Key, Named, Side, with_unknowns};
use crate::model::Text;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// More exporters of one name than this leave open what is imported.
const MOST_EXPORTERS: usize = 8;

/// The files of a run by what ties them.
#[derive(Debug, Default)]
pub struct Web {
    files: BTreeMap<u32, FileTies>,
    keys: HashMap<Key, Sides>,
    names: Names,
    /// How many exports of a name are known to be a bucket, and how many are not.
    exports: HashMap<String, (usize, usize)>,
    /// Files with policies that may be on any bucket of their folder.
    loose: HashMap<PathBuf, BTreeSet<u32>>,
    /// Files that belong to assemblies.
    of_assemblies: BTreeSet<u32>,
}

/// The files that offer something, and those that want it.
#[derive(Debug, Default)]
struct Sides {
    offer: BTreeSet<u32>,
    want: BTreeSet<u32>,
}

/// Names, each once, with the files that say something of it.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Text, usize>,
    files: Vec<BTreeSet<(Side, u32)>>,
    index: TextIndex<usize>,
}

impl Names {
    fn insert(&mut self, named: &Named, file: u32) {
        let number = self.numbers.get(&named.text).copied().unwrap_or(self.files.len());
        if number == self.files.len() {
            self.numbers.insert(named.text.clone(), number);
            self.index.insert(named.text.clone(), number);
            self.files.push(BTreeSet::new());
        }
        if let Some(files) = self.files.get_mut(number) {
            files.insert((named.side, file));
        }
    }

    fn remove(&mut self, named: &Named, file: u32) {
        if let Some(files) = self.numbers.get(&named.text).and_then(|number| self.files.get_mut(*number)) {
            files.remove(&(named.side, file));
        }
    }

    /// What is said, and by whom, of names that may be equal to one.
    fn fitting(&self, text: &Text) -> impl Iterator<Item = (Side, u32)> {
        let found = self.index.fitting(&with_unknowns(text, "other"));
        found.into_iter().filter_map(|(_, number, _)| self.files.get(*number)).flatten().copied()
    }
}

impl Web {
    /// Puts a file in.
    pub fn insert(&mut self, file: u32, ties: FileTies) {
        for key in &ties.offers {
            self.keys.entry(key.clone()).or_default().offer.insert(file);
        }
        for key in &ties.wants {
            self.keys.entry(key.clone()).or_default().want.insert(file);
        }
        for named in &ties.names {
            self.names.insert(named, file);
        }
        for (name, is_settled) in &ties.exports {
            let (settled, open) = self.exports.entry(name.clone()).or_default();
            *if *is_settled { settled } else { open } += 1;
        }
        if ties.is_loose || !ties.on_imports.is_empty() {
            self.loose.entry(ties.folder.clone()).or_default().insert(file);
        }
        if ties.is_of_assembly {
            self.of_assemblies.insert(file);
        }
        self.files.insert(file, ties);
    }

    /// Takes a file out.
    pub fn remove(&mut self, file: u32) {
        let Some(ties) = self.files.remove(&file) else { return };
        for (keys, offered) in [(&ties.offers, true), (&ties.wants, false)] {
            for key in keys {
                let Some(sides) = self.keys.get_mut(key) else { continue };
                (if offered { &mut sides.offer } else { &mut sides.want }).remove(&file);
                if sides.offer.is_empty() && sides.want.is_empty() {
                    self.keys.remove(key);
                }
            }
        }
        for named in &ties.names {
            self.names.remove(named, file);
        }
        for (name, is_settled) in &ties.exports {
            if let Some((settled, open)) = self.exports.get_mut(name) {
                let count = if *is_settled { settled } else { open };
                *count = count.saturating_sub(1);
            }
        }
        if let Some(loose) = self.loose.get_mut(&ties.folder) {
            loose.remove(&file);
        }
        self.of_assemblies.remove(&file);
    }

    /// The paths that a file may deploy.
    pub fn paths(&self, file: u32) -> impl Iterator<Item = &Path> {
        self.files.get(&file).into_iter().flat_map(|ties| &ties.paths).map(PathBuf::as_path)
    }

    /// A file with all that may change what is said of it, and of which it may change what is said.
    #[must_use]
    pub fn tied(&self, file: u32) -> BTreeSet<u32> {
        let mut found = BTreeSet::from([file]);
        let mut open = vec![file];
        while let Some(file) = open.pop() {
            self.neighbours(file, &mut |other| {
                if found.insert(other) {
                    open.push(other);
                }
            });
        }
        found
    }

    fn neighbours(&self, file: u32, see: &mut impl FnMut(u32)) {
        let Some(ties) = self.files.get(&file) else { return };
        let mut each = |files: &BTreeSet<u32>| files.iter().for_each(|other| see(*other));
        for sides in ties.offers.iter().filter_map(|key| self.keys.get(key)) {
            each(&sides.want);
        }
        for sides in ties.wants.iter().filter_map(|key| self.keys.get(key)) {
            each(&sides.offer);
        }
        let folder = Key::Folder(ties.folder.clone());
        if let (true, Some(sides)) = (self.is_loose(ties), self.keys.get(&folder)) {
            each(&sides.offer);
        }
        if ties.offers.contains(&folder) {
            let loose = self.loose.get(&ties.folder).into_iter().flatten();
            let loose = loose.filter(|other| self.files.get(other).is_some_and(|other| self.is_loose(other)));
            each(&loose.copied().collect());
        }
        self.by_assembly(ties, see);
        self.by_name(ties, see);
    }

    /// All below the folder of a file that belongs to an assembly.
    fn by_assembly(&self, ties: &FileTies, see: &mut impl FnMut(u32)) {
        if ties.is_of_assembly {
            let below = self.files.iter().filter(|(_, other)| other.folder.starts_with(&ties.folder));
            below.for_each(|(other, _)| see(*other));
        }
        let above = |other: &&u32| self.files.get(other).is_some_and(|other| ties.folder.starts_with(&other.folder));
        self.of_assemblies.iter().filter(above).for_each(|other| see(*other));
    }

    /// Files that say something of the same names.
    fn by_name(&self, ties: &FileTies, see: &mut impl FnMut(u32)) {
        let hands_on = self.hands_on(ties);
        for named in &ties.names {
            if named.side == Side::HandsOn && !hands_on {
                continue;
            }
            for (side, other) in self.names.fitting(&named.text) {
                let takes = || self.files.get(&other).is_some_and(|other| self.hands_on(other));
                if named.side.meets(side) && (side != Side::HandsOn || takes()) {
                    see(other);
                }
            }
        }
    }

    /// Whether somebody takes what a file hands on: imports it, or deploys or is deployed by it.
    fn hands_on(&self, ties: &FileTies) -> bool {
        let taken = |key: &Key| self.keys.get(key).is_some_and(|sides| !sides.want.is_empty());
        let handed = |key: &&Key| matches!(key, Key::Output(_) | Key::File(_) | Key::OpenExports(_));
        let mut exports = ties.names.iter().filter(|named| named.side == Side::Exports);
        !ties.paths.is_empty()
            || ties.offers.iter().filter(handed).any(taken)
            || exports.any(|named| self.names.fitting(&named.text).any(|(side, _)| side == Side::Imports))
    }

    /// Whether a policy of a file may be on any bucket of its folder: what it imports may be anything.
    fn is_loose(&self, ties: &FileTies) -> bool {
        let open = |name: &String| match self.exports.get(name) {
            Some((settled, 0)) => *settled == 0 || *settled > MOST_EXPORTERS,
            _ => true,
        };
        ties.is_loose || ties.on_imports.iter().any(open)
    }
}

impl Side {
    /// Whether two files are tied where they say this of one name.
    fn meets(self, other: Self) -> bool {
        use Side::{Exports, HandsOn, Has, Imports, IsOn};
        matches!(
            (self, other),
            (Exports, Imports)
                | (Imports, Exports)
                | (Has, IsOn | HandsOn)
                | (IsOn, Has | HandsOn)
                | (HandsOn, Has | IsOn | HandsOn)
        )
    }
}
