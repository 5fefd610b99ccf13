//! The files of a run by what ties them: which of them an edit reaches.

use super::index::TextIndex;
use super::ties::{FileTies, Key, Named, Side, with_unknowns};
use crate::model::Text;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// More exporters of one name than this leave open what is imported.
const MOST_EXPORTERS: usize = 8;

/// The files of a run by what ties them.
#[derive(Debug, Default)]
pub struct Web {
    files: BTreeMap<u32, FileTies>,
    /// What is asked of them is found through it. Any file that comes or goes may change what of the others matters, so
    /// that it is made when it is asked for.
    index: OnceLock<Index>,
    /// The loose files before the edits that are not linted yet.
    was_loose: Option<BTreeSet<u32>>,
}

/// Files by what they say, as far as another one asks for it: most of what a large template offers nobody wants.
#[derive(Debug, Default)]
struct Index {
    keys: HashMap<Key, Sides>,
    names: Names,
    /// The names of each file, by their numbers.
    of_file: HashMap<u32, Vec<(Side, usize)>>,
    /// How many exports of a name are known to be a bucket, and how many are not.
    exports: HashMap<String, (usize, usize)>,
    /// Files with policies that may be on any bucket of their folder.
    loose: BTreeSet<u32>,
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
    all: Vec<(Text, BTreeSet<(Side, u32)>)>,
    index: TextIndex<usize>,
}

impl Names {
    /// Says something of a name; its number.
    fn insert(&mut self, text: &Text, side: Side, file: u32) -> usize {
        let number = self.numbers.get(text).copied().unwrap_or(self.all.len());
        if number == self.all.len() {
            self.numbers.insert(text.clone(), number);
            self.index.insert(text.clone(), number);
            self.all.push((text.clone(), BTreeSet::new()));
        }
        if let Some((_, files)) = self.all.get_mut(number) {
            files.insert((side, file));
        }
        number
    }

    /// What is said, and by whom, of names that may be equal to one.
    fn fitting(&self, number: usize) -> impl Iterator<Item = (Side, u32)> {
        let found = self.all.get(number).map(|(text, _)| self.index.fitting(&with_unknowns(text, "other")));
        let found = found.into_iter().flatten().filter_map(|(_, number, _)| self.all.get(*number));
        found.flat_map(|(_, files)| files).copied()
    }
}

impl Index {
    fn of(files: &BTreeMap<u32, FileTies>) -> Self {
        let mut index = Self::default();
        let mut said = BTreeSet::new();
        for (file, ties) in files {
            for key in &ties.wants {
                index.keys.entry(key.clone()).or_default().want.insert(*file);
            }
            for name in &ties.on_imports {
                index.exports.entry(name.clone()).or_default();
            }
            said.extend(ties.names.iter().map(|named| named.side));
            if ties.is_of_assembly {
                index.of_assemblies.insert(*file);
            }
        }
        for (name, is_settled) in files.values().flat_map(|ties| &ties.exports) {
            if let Some((settled, open)) = index.exports.get_mut(name) {
                *if *is_settled { settled } else { open } += 1;
            }
        }
        index.loose = files.iter().filter(|(_, ties)| index.is_loose(ties)).map(|(file, _)| *file).collect();
        for (file, ties) in files.iter().filter(|(file, _)| index.loose.contains(file)) {
            index.keys.entry(Key::Folder(ties.folder.clone())).or_default().want.insert(*file);
        }
        index.offer(files, |side| said.iter().any(|other| side.meets(*other)));
        index
    }

    /// Enters what files offer of what is wanted, and the names of which it matters who says what.
    fn offer(&mut self, files: &BTreeMap<u32, FileTies>, matters: impl Fn(Side) -> bool) {
        for (file, ties) in files {
            for key in &ties.offers {
                if let Some(sides) = self.keys.get_mut(key) {
                    sides.offer.insert(*file);
                }
            }
            let named = ties.names.iter().filter(|named| matters(named.side));
            let numbers = named.map(|Named { side, text }| (*side, self.names.insert(text, *side, *file))).collect();
            self.of_file.insert(*file, numbers);
        }
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

impl Web {
    /// Puts a file in, or in the place of what was known of it. Most edits change nothing that others ask for.
    pub fn insert(&mut self, file: u32, ties: FileTies) {
        if self.files.get(&file) != Some(&ties) {
            self.outdate();
            self.files.insert(file, ties);
        }
    }

    /// Takes a file out.
    pub fn remove(&mut self, file: u32) {
        if self.files.remove(&file).is_some() {
            self.outdate();
        }
    }

    fn outdate(&mut self) {
        if let Some(index) = self.index.take() {
            self.was_loose.get_or_insert(index.loose);
        }
    }

    /// The files of the folders in which, since this was asked last, a policy that may have been on any bucket is not so
    /// any more, or the other way round: an export that comes or goes elsewhere does that.
    pub fn turned(&mut self) -> BTreeSet<u32> {
        let Some(before) = self.was_loose.take() else { return BTreeSet::new() };
        let turned = before.symmetric_difference(&self.index().loose).filter_map(|file| self.files.get(file));
        let folders: BTreeSet<&Path> = turned.map(|ties| ties.folder.as_path()).collect();
        let inside = self.files.iter().filter(|(_, ties)| folders.contains(ties.folder.as_path()));
        inside.map(|(file, _)| *file).collect()
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.files))
    }

    /// The paths that a file may deploy.
    pub fn paths(&self, file: u32) -> impl Iterator<Item = &Path> {
        self.files.get(&file).into_iter().flat_map(|ties| &ties.paths).map(PathBuf::as_path)
    }

    /// A file with all that may change what is said of it, and of which it may change what is said.
    #[must_use]
    pub(crate) fn tied(&self, file: u32) -> BTreeSet<u32> {
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
        let index = self.index();
        let mut each = |files: &BTreeSet<u32>| files.iter().for_each(|other| see(*other));
        for sides in ties.offers.iter().filter_map(|key| index.keys.get(key)) {
            each(&sides.want);
        }
        let folder = index.loose.contains(&file).then(|| Key::Folder(ties.folder.clone()));
        for sides in ties.wants.iter().chain(&folder).filter_map(|key| index.keys.get(key)) {
            each(&sides.offer);
        }
        self.by_assembly(ties, see);
        self.by_name(file, see);
    }

    /// All below the folder of a file that belongs to an assembly.
    fn by_assembly(&self, ties: &FileTies, see: &mut impl FnMut(u32)) {
        if ties.is_of_assembly {
            let below = self.files.iter().filter(|(_, other)| other.folder.starts_with(&ties.folder));
            below.for_each(|(other, _)| see(*other));
        }
        let above = |other: &&u32| self.files.get(other).is_some_and(|other| ties.folder.starts_with(&other.folder));
        self.index().of_assemblies.iter().filter(above).for_each(|other| see(*other));
    }

    /// Files that say something of the same names.
    fn by_name(&self, file: u32, see: &mut impl FnMut(u32)) {
        let hands_on = self.hands_on(file);
        for (own, number) in self.index().of_file.get(&file).into_iter().flatten() {
            if *own == Side::HandsOn && !hands_on {
                continue;
            }
            for (side, other) in self.index().names.fitting(*number) {
                if own.meets(side) && (side != Side::HandsOn || self.hands_on(other)) {
                    see(other);
                }
            }
        }
    }

    /// Whether somebody takes what a file hands on: imports it, or deploys or is deployed by it.
    fn hands_on(&self, file: u32) -> bool {
        let Some(ties) = self.files.get(&file) else { return false };
        let index = self.index();
        let taken = |key: &Key| index.keys.contains_key(key);
        let handed = |key: &&Key| matches!(key, Key::Output(_) | Key::File(_) | Key::OpenExports(_));
        let names = index.of_file.get(&file).into_iter().flatten();
        let mut exports = names.filter(|(side, _)| *side == Side::Exports);
        !ties.paths.is_empty()
            || ties.offers.iter().filter(handed).any(taken)
            || exports.any(|(_, number)| index.names.fitting(*number).any(|(side, _)| side == Side::Imports))
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
