//! The files of a run by what ties them: which of them an edit reaches.

use super::ties::{FileTies, Key};
use crate::model::{Text, Truth};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// More exporters of one name than this leave open what is imported.
const MOST_EXPORTERS: usize = 8;

/// The files of a run by what ties them.
#[derive(Clone, Debug, Default)]
pub struct Web {
    files: BTreeMap<u32, FileTies>,
    keys: HashMap<Key, Sides>,
    /// Files with names that are not known.
    with_patterns: BTreeSet<u32>,
    /// How many exports of a name are known to be a bucket, and how many are not.
    exports: HashMap<String, (usize, usize)>,
    /// Files with policies that may be on any bucket of their folder.
    loose: HashMap<PathBuf, BTreeSet<u32>>,
}

/// The files that offer something, and those that want it.
#[derive(Clone, Debug, Default)]
struct Sides {
    offer: BTreeSet<u32>,
    want: BTreeSet<u32>,
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
        if !ties.patterns.is_empty() {
            self.with_patterns.insert(file);
        }
        for (name, is_settled) in &ties.exports {
            let (settled, open) = self.exports.entry(name.clone()).or_default();
            *if *is_settled { settled } else { open } += 1;
        }
        if ties.is_loose || !ties.on_imports.is_empty() {
            self.loose.entry(ties.folder.clone()).or_default().insert(file);
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
        self.with_patterns.remove(&file);
        for (name, is_settled) in &ties.exports {
            if let Some((settled, open)) = self.exports.get_mut(name) {
                let count = if *is_settled { settled } else { open };
                *count = count.saturating_sub(1);
            }
        }
        if let Some(loose) = self.loose.get_mut(&ties.folder) {
            loose.remove(&file);
        }
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
        let hands_on = self.hands_on(ties);
        let counts = |key: &&Key| hands_on || !matches!(key, Key::Carried(_));
        for sides in ties.offers.iter().filter(counts).filter_map(|key| self.keys.get(key)) {
            each(&sides.want);
        }
        for sides in ties.wants.iter().filter(counts).filter_map(|key| self.keys.get(key)) {
            each(&sides.offer);
        }
        self.by_carried(ties, &mut each);
        let folder = Key::Folder(ties.folder.clone());
        if let (true, Some(sides)) = (self.is_loose(ties), self.keys.get(&folder)) {
            each(&sides.offer);
        }
        if ties.offers.contains(&folder) {
            let loose = self.loose.get(&ties.folder).into_iter().flatten();
            let loose = loose.filter(|other| self.files.get(other).is_some_and(|other| self.is_loose(other)));
            each(&loose.copied().collect());
        }
        self.by_pattern(ties, &mut each);
    }

    /// Files that are tied by a name that one of them hands on, where somebody takes it.
    fn by_carried(&self, ties: &FileTies, each: &mut impl FnMut(&BTreeSet<u32>)) {
        let hands_on = self.hands_on(ties);
        let passing = |files: &BTreeSet<u32>| -> BTreeSet<u32> {
            let hands_on = |file: &&u32| self.files.get(file).is_some_and(|ties| self.hands_on(ties));
            files.iter().filter(hands_on).copied().collect()
        };
        for key in ties.offers.iter().chain(&ties.wants) {
            match key {
                Key::Carried(name) if hands_on => {
                    if let Some(sides) = self.keys.get(&Key::Bucket(name.clone())) {
                        each(&sides.offer);
                        each(&sides.want);
                    }
                }
                Key::Bucket(name) => {
                    if let Some(sides) = self.keys.get(&Key::Carried(name.clone())) {
                        each(&passing(&sides.offer));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether somebody takes what a file hands on: imports it, or deploys or is deployed by it.
    fn hands_on(&self, ties: &FileTies) -> bool {
        let taken = |key: &Key| self.keys.get(key).is_some_and(|sides| !sides.want.is_empty());
        let handed = |key: &&Key| matches!(key, Key::Export(_) | Key::Output(_) | Key::File(_) | Key::OpenExports(_));
        !ties.paths.is_empty()
            || ties.offers.iter().filter(handed).any(taken)
            || ties.patterns.iter().any(|pattern| pattern.is_export && pattern.offered.is_some())
    }

    /// Files that are tied by names of which a part is not known.
    fn by_pattern(&self, ties: &FileTies, each: &mut impl FnMut(&BTreeSet<u32>)) {
        for pattern in &ties.patterns {
            for (key, sides) in &self.keys {
                let Some((_, name)) = key.name().filter(|(is_export, _)| *is_export == pattern.is_export) else {
                    continue;
                };
                if may_be(pattern.wanted.as_ref(), name) {
                    each(&sides.offer);
                }
                if may_be(pattern.offered.as_ref(), name) {
                    each(&sides.want);
                }
            }
        }
        for other in &self.with_patterns {
            let Some(there) = self.files.get(other) else { continue };
            let fits = there.patterns.iter().any(|pattern| {
                let names = |keys: &BTreeSet<Key>, text: Option<&Text>| {
                    let names = keys.iter().filter_map(Key::name);
                    names.filter(|(is_export, _)| *is_export == pattern.is_export).any(|(_, name)| may_be(text, name))
                };
                let own = ties.patterns.iter().filter(|own| own.is_export == pattern.is_export);
                names(&ties.offers, pattern.wanted.as_ref())
                    || names(&ties.wants, pattern.offered.as_ref())
                    || own.clone().any(|own| {
                        agree(own.offered.as_ref(), pattern.wanted.as_ref())
                            || agree(own.wanted.as_ref(), pattern.offered.as_ref())
                    })
            });
            if fits {
                each(&BTreeSet::from([*other]));
            }
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

fn may_be(text: Option<&Text>, name: &str) -> bool {
    text.is_some_and(|text| text.equals(&Text::literal(name)) != Truth::No)
}

fn agree(one: Option<&Text>, two: Option<&Text>) -> bool {
    one.zip(two).is_some_and(|(one, two)| one.equals(two) != Truth::No)
}
