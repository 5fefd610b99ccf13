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
    files: BTreeMap<u32, Strand>,
    keys: HashMap<Key, Sides>,
    names: Names,
    /// How many exports of a name are known to be a bucket, and how many are not.
    exports: HashMap<String, (usize, usize)>,
    /// Files with policies that may be on any bucket of their folder, if what they import may be anything.
    loose: HashMap<PathBuf, BTreeSet<u32>>,
    /// Those of which that is so. Each file that comes or goes may change it, so it is found out when it is asked for.
    loose_now: OnceLock<HashMap<PathBuf, BTreeSet<u32>>>,
    /// Files that belong to assemblies.
    of_assemblies: BTreeSet<u32>,
}

/// The ties of a file.
#[derive(Debug)]
struct Strand {
    ties: FileTies,
    /// Its names, by their numbers.
    names: Vec<(Side, usize)>,
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
    fn insert(&mut self, text: Text, side: Side, file: u32) -> usize {
        let number = self.numbers.get(&text).copied().unwrap_or(self.all.len());
        if number == self.all.len() {
            self.numbers.insert(text.clone(), number);
            self.index.insert(text.clone(), number);
            self.all.push((text, BTreeSet::new()));
        }
        if let Some((_, files)) = self.all.get_mut(number) {
            files.insert((side, file));
        }
        number
    }

    fn remove(&mut self, number: usize, side: Side, file: u32) {
        if let Some((_, files)) = self.all.get_mut(number) {
            files.remove(&(side, file));
        }
    }

    /// What is said, and by whom, of names that may be equal to one.
    fn fitting(&self, number: usize) -> impl Iterator<Item = (Side, u32)> {
        let found = self.all.get(number).map(|(text, _)| self.index.fitting(&with_unknowns(text, "other")));
        let found = found.into_iter().flatten().filter_map(|(_, number, _)| self.all.get(*number));
        found.flat_map(|(_, files)| files).copied()
    }
}

impl Web {
    /// Puts a file in.
    pub fn insert(&mut self, file: u32, mut ties: FileTies) {
        self.loose_now.take();
        for key in &ties.offers {
            self.keys.entry(key.clone()).or_default().offer.insert(file);
        }
        for key in &ties.wants {
            self.keys.entry(key.clone()).or_default().want.insert(file);
        }
        let each = std::mem::take(&mut ties.names).into_iter();
        let names = each.map(|Named { side, text }| (side, self.names.insert(text, side, file))).collect();
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
        self.files.insert(file, Strand { ties, names });
    }

    /// Takes a file out.
    pub fn remove(&mut self, file: u32) {
        let Some(Strand { ties, names }) = self.files.remove(&file) else { return };
        self.loose_now.take();
        for (keys, offered) in [(&ties.offers, true), (&ties.wants, false)] {
            for key in keys {
                let Some(sides) = self.keys.get_mut(key) else { continue };
                (if offered { &mut sides.offer } else { &mut sides.want }).remove(&file);
                if sides.offer.is_empty() && sides.want.is_empty() {
                    self.keys.remove(key);
                }
            }
        }
        for (side, number) in names {
            self.names.remove(number, side, file);
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
        self.files.get(&file).into_iter().flat_map(|strand| &strand.ties.paths).map(PathBuf::as_path)
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
        let Some(strand) = self.files.get(&file) else { return };
        let ties = &strand.ties;
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
            self.loose_now.get_or_init(|| self.find_loose()).get(&ties.folder).into_iter().for_each(&mut each);
        }
        self.by_assembly(ties, see);
        self.by_name(strand, see);
    }

    /// All below the folder of a file that belongs to an assembly.
    fn by_assembly(&self, ties: &FileTies, see: &mut impl FnMut(u32)) {
        if ties.is_of_assembly {
            let below = self.files.iter().filter(|(_, other)| other.ties.folder.starts_with(&ties.folder));
            below.for_each(|(other, _)| see(*other));
        }
        let above =
            |other: &&u32| self.files.get(other).is_some_and(|other| ties.folder.starts_with(&other.ties.folder));
        self.of_assemblies.iter().filter(above).for_each(|other| see(*other));
    }

    /// Files that say something of the same names.
    fn by_name(&self, strand: &Strand, see: &mut impl FnMut(u32)) {
        let hands_on = self.hands_on(strand);
        for (own, number) in &strand.names {
            if *own == Side::HandsOn && !hands_on {
                continue;
            }
            for (side, other) in self.names.fitting(*number) {
                let takes = || self.files.get(&other).is_some_and(|other| self.hands_on(other));
                if own.meets(side) && (side != Side::HandsOn || takes()) {
                    see(other);
                }
            }
        }
    }

    /// Whether somebody takes what a file hands on: imports it, or deploys or is deployed by it.
    fn hands_on(&self, Strand { ties, names }: &Strand) -> bool {
        let taken = |key: &Key| self.keys.get(key).is_some_and(|sides| !sides.want.is_empty());
        let handed = |key: &&Key| matches!(key, Key::Output(_) | Key::File(_) | Key::OpenExports(_));
        let mut exports = names.iter().filter(|(side, _)| *side == Side::Exports);
        !ties.paths.is_empty()
            || ties.offers.iter().filter(handed).any(taken)
            || exports.any(|(_, number)| self.names.fitting(*number).any(|(side, _)| side == Side::Imports))
    }

    /// The files of each folder with policies that may be on any bucket there.
    fn find_loose(&self) -> HashMap<PathBuf, BTreeSet<u32>> {
        let is_loose = |file: &u32| self.files.get(file).is_some_and(|strand| self.is_loose(&strand.ties));
        let of_folder = |files: &BTreeSet<u32>| files.iter().copied().filter(is_loose).collect();
        self.loose.iter().map(|(folder, files)| (folder.clone(), of_folder(files))).collect()
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
