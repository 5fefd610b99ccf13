//! What the files of a run say, found by what others ask of it. It is made of all of them at once, and follows each that
//! comes, changes or goes.

use super::index::TextIndex;
use super::ties::{FileTies, Key, Named, Side, with_unknowns};
use crate::model::Text;
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// More exporters of one name than this leave open what is imported.
const MOST_EXPORTERS: usize = 8;

/// So many names of which nobody says anything any more are kept besides as many as there are others.
const SPARE_NAMES: usize = 256;

/// Names that may be equal to more than so many are not kept for each.
const MOST_ALIKE: usize = 32;

/// Files, by their numbers.
type Files = BTreeMap<u32, FileTies>;

/// Files by what they say, as far as another one asks for it: most of what a large template offers nobody wants.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What somebody wants.
    keys: HashMap<Key, Sides>,
    names: Names,
    /// The names of each file, by their numbers.
    of_file: HashMap<u32, Vec<(Side, usize)>>,
    /// What files say of names, by how many names: names of a side that meets none of these are left out.
    sides: BTreeMap<Side, usize>,
    /// The exports that policies are on.
    exports: HashMap<String, Exported>,
    /// Files with policies that may be on any bucket of their folder.
    loose: BTreeSet<u32>,
    /// Those that became loose, or are not any more, since this was asked last.
    turned: BTreeSet<u32>,
    /// Files that belong to assemblies.
    of_assemblies: BTreeSet<u32>,
}

/// The files that offer something, and those that want it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) offer: BTreeSet<u32>,
    pub(super) want: BTreeSet<u32>,
}

/// How often a name is exported, and who has policies on it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Exported {
    /// Exports that are known to be a bucket.
    settled: usize,
    /// Exports of which it is not known what they are.
    open: usize,
    users: BTreeSet<u32>,
}

impl Exported {
    fn count(&mut self, is_settled: bool, change: Change) {
        change.apply(if is_settled { &mut self.settled } else { &mut self.open });
    }

    /// Whether a policy on it may be on any bucket: what it is may be anything.
    fn is_open(&self) -> bool {
        self.open > 0 || self.settled == 0 || self.settled > MOST_EXPORTERS
    }
}

/// Whether something comes or goes.
#[derive(Clone, Copy)]
enum Change {
    Comes,
    Goes,
}

impl Change {
    fn apply(self, count: &mut usize) {
        *count = match self {
            Self::Comes => count.saturating_add(1),
            Self::Goes => count.saturating_sub(1),
        };
    }
}

/// Names, each once.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Text, usize>,
    all: Vec<OfName>,
    index: TextIndex<usize>,
    /// How many are there of which nobody says anything any more.
    spare: usize,
}

/// A name, with the files that say something of it.
#[derive(Debug)]
struct OfName {
    text: Text,
    files: BTreeSet<(Side, u32)>,
    /// The names that may be equal to it, itself included, by their numbers; `None` where there are so many that they are
    /// looked for each time.
    alike: Option<Vec<usize>>,
}

impl Names {
    /// Says something of a name; its number.
    fn insert(&mut self, text: &Text, side: Side, file: u32) -> usize {
        let number = self.numbers.get(text).copied().unwrap_or_else(|| self.add(text));
        if let Some(OfName { files, .. }) = self.all.get_mut(number) {
            self.spare -= usize::from(files.is_empty());
            files.insert((side, file));
        }
        number
    }

    /// Enters a name of which nothing is said yet; its number.
    fn add(&mut self, text: &Text) -> usize {
        let number = self.all.len();
        self.numbers.insert(text.clone(), number);
        self.index.insert(text.clone(), number);
        let alike = self.alike(text);
        for other in alike.iter().filter(|other| **other != number) {
            if let Some(OfName { alike, .. }) = self.all.get_mut(*other) {
                alike.as_mut().into_iter().for_each(|alike| alike.push(number));
                alike.take_if(|alike| alike.len() > MOST_ALIKE);
            }
        }
        let alike = (alike.len() <= MOST_ALIKE).then_some(alike);
        self.all.push(OfName { text: text.clone(), files: BTreeSet::new(), alike });
        self.spare += 1;
        number
    }

    /// The names that may be equal to a text, by their numbers.
    fn alike(&self, text: &Text) -> Vec<usize> {
        self.index.fitting(&with_unknowns(text, "other")).into_iter().map(|(_, number, _)| *number).collect()
    }

    /// Says it no more.
    fn remove(&mut self, number: usize, side: Side, file: u32) {
        if let Some(OfName { files, .. }) = self.all.get_mut(number) {
            let is_last = files.remove(&(side, file)) && files.is_empty();
            self.spare += usize::from(is_last);
        }
    }

    /// What is said, and by whom, of names that may be equal to one.
    fn fitting(&self, number: usize) -> impl Iterator<Item = (Side, u32)> {
        let alike = self.all.get(number).map(|name| match &name.alike {
            Some(alike) => Cow::Borrowed(alike.as_slice()),
            None => Cow::Owned(self.alike(&name.text)),
        });
        let count = alike.as_ref().map_or(0, |alike| alike.len());
        let numbers = (0..count).filter_map(move |at| alike.as_ref()?.get(at).copied());
        numbers.filter_map(|number| self.all.get(number)).flat_map(|name| &name.files).copied()
    }
}

impl Said {
    /// What files say.
    pub(super) fn by(files: &Files) -> Self {
        let mut said = Self::default();
        // What others offer is entered below, once it is known what of it is wanted.
        let others = Files::new();
        for (file, ties) in files {
            said.ask(*file, ties, &others);
        }
        for ties in files.values() {
            said.count(ties, Change::Comes);
        }
        for (file, ties) in files {
            said.turn(*file, ties, &others);
        }
        said.turned.clear();
        for (file, ties) in files {
            said.offer(*file, ties);
        }
        said
    }

    /// Follows a file that has come, changed or gone; `before` is what it said, `files` are those that are there now.
    pub(super) fn follow(&mut self, file: u32, before: Option<&FileTies>, files: &Files) {
        let matters = |said: &Self| said.sides.keys().copied().collect::<Vec<Side>>();
        let mattered = matters(self);
        let now = files.get(&file);
        if let Some(before) = before {
            self.forget(file, before);
        }
        if let Some(ties) = now {
            self.count(ties, Change::Comes);
            self.offer(file, ties);
            self.ask(file, ties, files);
        }
        let exports = before.into_iter().chain(now).flat_map(|ties| &ties.exports);
        let users = exports.filter_map(|(name, _)| self.exports.get(name)).flat_map(|exported| &exported.users);
        for file in users.copied().chain([file]).collect::<BTreeSet<u32>>() {
            if let Some(ties) = files.get(&file) {
                self.turn(file, ties, files);
            }
        }
        if matters(self) != mattered || self.names.spare > SPARE_NAMES + self.names.all.len() / 2 {
            *self = Self { turned: std::mem::take(&mut self.turned), ..Self::by(files) };
        }
    }

    /// Those that became loose, or are not any more, since this was asked last.
    pub(super) fn take_turned(&mut self) -> BTreeSet<u32> {
        std::mem::take(&mut self.turned)
    }

    /// Who says what of a key that somebody wants.
    pub(super) fn of_key(&self, key: &Key) -> Option<&Sides> {
        self.keys.get(key)
    }

    /// Whether a policy of a file may be on any bucket of its folder.
    pub(super) fn is_loose(&self, file: u32) -> bool {
        self.loose.contains(&file)
    }

    /// Files that belong to assemblies.
    pub(super) fn of_assemblies(&self) -> impl Iterator<Item = &u32> {
        self.of_assemblies.iter()
    }

    /// The names of which a file says something that others may ask for, by their numbers.
    pub(super) fn names_of(&self, file: u32) -> &[(Side, usize)] {
        self.of_file.get(&file).map_or(&[], Vec::as_slice)
    }

    /// What is said, and by whom, of names that may be equal to one.
    pub(super) fn fitting(&self, number: usize) -> impl Iterator<Item = (Side, u32)> {
        self.names.fitting(number)
    }

    /// Enters what a file asks of `others`, with what they offer of what nobody has wanted before.
    fn ask(&mut self, file: u32, ties: &FileTies, others: &Files) {
        for key in &ties.wants {
            self.want(key.clone(), file, others);
        }
        for name in &ties.on_imports {
            let exported = self.exports.entry(name.clone()).or_insert_with(|| {
                let mut exported = Exported::default();
                let exports = others.values().flat_map(|ties| &ties.exports).filter(|(other, _)| other == name);
                exports.for_each(|(_, is_settled)| exported.count(*is_settled, Change::Comes));
                exported
            });
            exported.users.insert(file);
        }
        if ties.is_of_assembly {
            self.of_assemblies.insert(file);
        }
    }

    fn want(&mut self, key: Key, file: u32, others: &Files) {
        let sides = match self.keys.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let offering = others.iter().filter(|(_, ties)| ties.offers.contains(new.key()));
                let offer = offering.map(|(file, _)| *file).collect();
                new.insert(Sides { offer, want: BTreeSet::new() })
            }
        };
        sides.want.insert(file);
    }

    /// Wants a key no more. What nobody wants is left out.
    fn leave(&mut self, key: &Key, file: u32) {
        if let Some(sides) = self.keys.get_mut(key) {
            sides.want.remove(&file);
            if sides.want.is_empty() {
                self.keys.remove(key);
            }
        }
    }

    /// Counts what a file exports of what policies are on, and what it says of names.
    fn count(&mut self, ties: &FileTies, change: Change) {
        for (name, is_settled) in &ties.exports {
            if let Some(exported) = self.exports.get_mut(name) {
                exported.count(*is_settled, change);
            }
        }
        for named in ties.all_names() {
            change.apply(self.sides.entry(named.side).or_default());
        }
        self.sides.retain(|_, names| *names > 0);
    }

    /// Enters what a file offers of what is wanted, and the names of which it matters who says what.
    fn offer(&mut self, file: u32, ties: &FileTies) {
        for key in &ties.offers {
            if let Some(sides) = self.keys.get_mut(key) {
                sides.offer.insert(file);
            }
        }
        let matters = |named: &&Named| self.sides.keys().any(|side| named.side.meets(*side));
        let named: Vec<&Named> = ties.all_names().filter(matters).collect();
        let numbers = named.into_iter().map(|Named { side, text }| (*side, self.names.insert(text, *side, file)));
        self.of_file.insert(file, numbers.collect());
    }

    /// Takes out what a file said.
    fn forget(&mut self, file: u32, ties: &FileTies) {
        self.count(ties, Change::Goes);
        if self.loose.remove(&file) {
            toggle(&mut self.turned, file);
            self.leave(&Key::Folder(ties.folder.clone()), file);
        }
        for key in &ties.wants {
            self.leave(key, file);
        }
        for key in &ties.offers {
            if let Some(sides) = self.keys.get_mut(key) {
                sides.offer.remove(&file);
            }
        }
        for name in &ties.on_imports {
            if let Some(exported) = self.exports.get_mut(name) {
                exported.users.remove(&file);
                if exported.users.is_empty() {
                    self.exports.remove(name);
                }
            }
        }
        for (side, number) in self.of_file.remove(&file).unwrap_or_default() {
            self.names.remove(number, side, file);
        }
        self.of_assemblies.remove(&file);
    }

    /// Enters whether a policy of a file may be on any bucket of its folder: what it imports may be anything.
    fn turn(&mut self, file: u32, ties: &FileTies, others: &Files) {
        let is_open = |name: &String| self.exports.get(name).is_none_or(Exported::is_open);
        let is_loose = ties.is_loose || ties.on_imports.iter().any(is_open);
        if is_loose == self.loose.contains(&file) {
            return;
        }
        toggle(&mut self.loose, file);
        toggle(&mut self.turned, file);
        let folder = Key::Folder(ties.folder.clone());
        if is_loose {
            self.want(folder, file, others);
        } else {
            self.leave(&folder, file);
        }
    }
}

/// Puts a file in where it is not, and out where it is.
fn toggle(files: &mut BTreeSet<u32>, file: u32) {
    if !files.remove(&file) {
        files.insert(file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Symbol, SymbolKind, Unknown};
    use crate::source::{FileId, Span};
    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::{Just, Strategy, any, prop_oneof};
    use proptest::test_runner::{Config, RngSeed};
    use std::path::PathBuf;

    fn key() -> impl Strategy<Value = Key> {
        let kinds: [fn(PathBuf) -> Key; 4] = [Key::Folder, Key::OpenNames, Key::Exports, Key::OpenExports];
        let of_folder = proptest::sample::select(kinds.to_vec());
        prop_oneof![
            proptest::sample::select(&["a", "b"][..]).prop_map(|name| Key::Output(name.to_owned())),
            (of_folder, folder()).prop_map(|(kind, folder)| kind(folder)),
        ]
    }

    fn folder() -> impl Strategy<Value = PathBuf> {
        proptest::sample::select(&["one", "two"][..]).prop_map(PathBuf::from)
    }

    fn name() -> impl Strategy<Value = String> {
        proptest::sample::select(&["name", "name-1", "other"][..]).prop_map(str::to_owned)
    }

    fn named() -> impl Strategy<Value = Named> {
        let sides = [Side::Exports, Side::Imports, Side::Has, Side::IsOn, Side::HandsOn];
        let side = proptest::sample::select(sides.to_vec());
        (side, name(), any::<bool>()).prop_map(|(side, name, is_open)| {
            let mut text = Text::literal(name.as_str());
            if is_open {
                let unknown = Unknown::new("", Span::at(FileId(0), 0), "");
                text.push(&Text::hole(Symbol::new("Any", SymbolKind::Free, "", unknown)));
            }
            Named { side, text: with_unknowns(&text, "") }
        })
    }

    fn ties() -> impl Strategy<Value = FileTies> {
        let keys = || btree_set(key(), 0..3);
        let names = (btree_set(named(), 0..3), btree_set(named(), 0..2));
        let of_exports = (vec((name(), any::<bool>()), 0..4), vec(name(), 0..2));
        // What is wanted of a folder for a loose policy is nothing that a file wants of itself.
        let wants = keys().prop_map(|keys| keys.into_iter().filter(|key| !matches!(key, Key::Folder(_))).collect());
        let flags = (proptest::bool::weighted(0.2), proptest::bool::weighted(0.2));
        (keys(), wants, names, of_exports, flags, folder()).prop_map(
            |(offers, wants, (names, deployed), (exports, on_imports), (is_loose, is_of_assembly), folder)| FileTies {
                offers,
                wants,
                names,
                deployed,
                paths: Vec::new(),
                exports,
                on_imports,
                is_loose,
                is_of_assembly,
                folder,
            },
        )
    }

    /// A name of which a file says something, with who says what of names that may be equal to it.
    type Found<'a> = (u32, Side, &'a Text, BTreeSet<(Side, u32)>);

    /// All that is found, whatever numbers names have.
    fn found(said: &Said) -> BTreeSet<Found<'_>> {
        let of_file = said.of_file.iter().flat_map(|(file, names)| names.iter().map(|name| (*file, name)));
        let found = |(file, (side, number)): (u32, &(Side, usize))| {
            (file, *side, &said.names.all[*number].text, said.fitting(*number).collect())
        };
        of_file.map(found).collect()
    }

    fn assert_is_made_anew(said: &Said, files: &Files) {
        let anew = Said::by(files);
        assert_eq!(said.keys, anew.keys);
        assert_eq!(said.exports, anew.exports);
        assert_eq!(said.sides, anew.sides);
        assert_eq!(said.loose, anew.loose);
        assert_eq!(said.of_assemblies, anew.of_assemblies);
        assert_eq!(found(said), found(&anew));
        let spare = said.names.all.iter().filter(|name| name.files.is_empty()).count();
        assert_eq!(said.names.spare, spare);
    }

    proptest::proptest! {
        #![proptest_config(Config { cases: 200, rng_seed: RngSeed::Fixed(2026), failure_persistence: None, ..Config::default() })]

        #[test]
        fn what_follows_edits_is_what_is_made_anew(
            mut files in btree_map(0..6_u32, ties(), 0..6),
            edits in vec((0..6_u32, prop_oneof![1 => Just(None), 3 => ties().prop_map(Some)]), 1..12),
        ) {
            let mut said = Said::by(&files);
            for (file, ties) in edits {
                let loose = said.loose.clone();
                let before = match ties {
                    Some(ties) => files.insert(file, ties),
                    None => files.remove(&file),
                };
                said.follow(file, before.as_ref(), &files);
                assert_is_made_anew(&said, &files);
                let turned: BTreeSet<u32> = loose.symmetric_difference(&said.loose).copied().collect();
                assert_eq!(said.take_turned(), turned);
            }
        }
    }

    #[test]
    fn names_that_are_like_many_are_found_as_those_that_are_like_few() {
        let open = |start: &str| {
            let unknown = Unknown::new("", Span::at(FileId(0), 0), "");
            let mut text = Text::literal(start);
            text.push(&Text::hole(Symbol::new("Any", SymbolKind::Free, "", unknown)));
            with_unknowns(&text, "")
        };
        let mut names = Names::default();
        let many = u32::try_from(2 * MOST_ALIKE).unwrap();
        let first = names.insert(&open("name-"), Side::Has, 0);
        for file in 1..=many {
            let literal = names.insert(&Text::literal(format!("name-{file}")), Side::IsOn, file);
            assert_eq!(names.fitting(literal).collect::<Vec<_>>(), [(Side::Has, 0), (Side::IsOn, file)]);
            assert_eq!(names.fitting(first).count(), 1 + file as usize);
        }
        assert!(names.all[first].alike.is_none());
    }

    #[test]
    fn names_of_which_nobody_says_anything_any_more_do_not_pile_up() {
        let ties = |name: String| FileTies {
            names: [Side::Has, Side::IsOn].map(|side| Named { side, text: Text::literal(name.as_str()) }).into(),
            ..FileTies::default()
        };
        let mut files = Files::from([(0, ties("stays".to_owned()))]);
        let mut said = Said::by(&files);
        for edit in 0..2_000 {
            let before = files.insert(1, ties(format!("name-{edit}")));
            said.follow(1, before.as_ref(), &files);
            assert!(said.names.all.len() < 3 * SPARE_NAMES);
        }
        assert_is_made_anew(&said, &files);
    }
}
