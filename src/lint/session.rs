//! Files, linted together as far as they are tied, and again as far as an edit can change what is said.
//!
//! A file that asks nothing of others is linted as soon as it is read, and only its text is kept: most of a large tree
//! are such. What ties it to others is told once all are there; then the files that are tied are linted together, each
//! set of them by itself.

use super::assembly::Manifest;
use super::fix::Wanted;
use super::opened::{Entry, Opened, State};
use super::over::{Edited, Over, Texts};
use super::read::{Read, ReadInput, read, read_folder};
use super::run::lint_together;
use super::{Input, Options, Values};
use crate::frontend::{self, Files, Frontend, has_input_extension, normal};
use crate::link::{FileTies, Web};
use crate::report::{FileReport, FindingKey, FindingRecord};
use crate::source::SourceFile;
use crate::threads;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files by path, over a provider: the disk, or texts that are not saved yet over it.
pub struct Session<'a> {
    pub(super) options: &'a Options,
    settings: Box<dyn Fn(&Path) -> OfSettings + Sync + 'a>,
    pub(super) files: Over<'a>,
    pub(super) entries: BTreeMap<u32, Entry>,
    pub(super) numbers: HashMap<String, u32>,
    pub(super) web: Web,
    /// What files come to by themselves, until it is known whether they are tied to others.
    alone: BTreeMap<u32, FileReport>,
    reports: BTreeMap<String, FileReport>,
}

/// What settings say of a file.
#[derive(Clone, Debug, Default)]
pub struct OfSettings {
    /// The names of the groups of files that are deployed together and that it is in.
    pub deployments: Vec<String>,
    /// Values for it; those of the options where there are none.
    pub values: Option<Arc<Values>>,
}

impl<'a> Session<'a> {
    /// A session without files. `settings` gives what settings say of a file.
    #[must_use]
    pub fn new(options: &'a Options, settings: impl Fn(&Path) -> OfSettings + Sync + 'a, files: &'a dyn Files) -> Self {
        Self {
            options,
            settings: Box::new(settings),
            files: Over::new(files),
            entries: BTreeMap::new(),
            numbers: HashMap::new(),
            web: Web::default(),
            alone: BTreeMap::new(),
            reports: BTreeMap::new(),
        }
    }

    /// Reads files, each with whether it is one that the user named, and lints them.
    #[cfg_attr(not(any(test, feature = "internals")), expect(dead_code, reason = "an editor's server will call it"))]
    pub fn open(&mut self, paths: impl IntoIterator<Item = (String, bool)>) {
        let mut paths: Vec<(String, bool)> = paths.into_iter().collect();
        paths.sort();
        let numbered: Vec<(u32, (String, bool))> = (self.next()..).zip(paths).collect();
        let opened = threads::each(numbered, 2, |(number, (path, named))| {
            let bytes = self.files.input(&normal(Path::new(&path))).ok()?;
            Some(self.read(number, path, named, bytes))
        });
        self.enter(opened.into_iter().flatten().collect());
        self.settle();
    }

    /// The files that front ends read besides, each read once.
    #[must_use]
    pub fn files(&self) -> &dyn Files {
        &self.files
    }

    /// The folders of Terraform source that plans of the session speak for.
    pub fn covered(&self) -> impl Iterator<Item = &Path> {
        self.entries.values().filter_map(|entry| match &entry.state {
            State::Read(input) => input.covers(),
            _ => None,
        })
    }

    /// A number for a file that is new.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.entries.last_key_value().map_or(1, |(last, _)| last.saturating_add(1))
    }

    /// Reads a file; what it comes to by itself is told where it asks nothing of others. Numbers tell files apart.
    #[must_use]
    pub fn read(&self, number: u32, path: String, named: bool, bytes: Vec<u8>) -> Opened {
        if frontend::is_read_for_another(Path::new(&path)) {
            self.files.keep(&normal(Path::new(&path)), &bytes);
        }
        let read = self.read_with(number, &path, named, bytes, &self.files);
        let entry = |state| Entry { path, named, for_others: false, state };
        match read {
            Read::Template(read) => self.opened(number, entry(State::Read(read))),
            Read::Done(report) => Opened { number, entry: entry(State::Done(report.into())), ties: None, alone: None },
            Read::Assembly(manifest) => self.opened(number, entry(State::Assembly(manifest.into()))),
            Read::PassedOver(why) => self.opened(number, entry(State::Nothing(why))),
        }
    }

    /// Reads a folder as a whole. `None` where there is nothing to read.
    #[must_use]
    pub fn read_folder(&self, number: u32, folder: &Path, frontend: &'static dyn Frontend) -> Option<Opened> {
        let of = (self.settings)(folder);
        let read = read_folder(folder, number, frontend, of, self.options, &self.files)?;
        let entry = |path, state| Entry { path, named: true, for_others: false, state };
        Some(match read {
            Read::Template(read) => self.opened(number, entry(read.path.clone(), State::Read(read))),
            Read::Done(report) => {
                let entry = entry(report.path.clone(), State::Done(report.into()));
                Opened { number, entry, ties: None, alone: None }
            }
            Read::Assembly(_) => return None,
            Read::PassedOver(why) => {
                let entry = entry(folder.to_string_lossy().into_owned(), State::Nothing(why));
                Opened { number, entry, ties: None, alone: None }
            }
        })
    }

    /// Takes in files that were read.
    pub fn enter(&mut self, opened: Vec<Opened>) {
        for Opened { number, entry, ties, alone } in opened {
            if self.numbers.contains_key(&entry.path) {
                continue;
            }
            self.numbers.insert(entry.path.clone(), number);
            match ties {
                Some(ties) => self.web.insert(number, ties),
                None => self.web.remove(number),
            }
            self.alone.extend(alone.map(|report| (number, report)));
            self.entries.insert(number, entry);
        }
    }

    /// Opens what the files of the session deploy besides, and lints all of them.
    pub fn settle(&mut self) {
        let all: Vec<u32> = self.entries.keys().copied().collect();
        self.gather(&all);
        let all = self.entries.keys().copied().collect();
        self.lint(self.sets(&all));
    }

    /// The findings that edits are made for at once.
    fn mended(&self) -> Wanted<'static> {
        if self.options.fixes { Wanted::All } else { Wanted::None }
    }

    /// Makes edits for some findings, and tries them: for what is shown of many. What comes of it is told in `reports`,
    /// which are those of the session.
    pub fn mend(&self, reports: &mut [FileReport], wanted: &BTreeSet<FindingKey>) {
        let is_wanted = |report: &FileReport| report.findings.iter().any(|one| wanted.contains(&one.identity()));
        let paths = reports.iter().filter(|report| is_wanted(report)).map(|report| report.path.as_str());
        let files: BTreeSet<u32> = paths.filter_map(|path| self.numbers.get(path).copied()).collect();
        let sets = self.sets(&files);
        let mended = threads::each(sets, 2, |set| self.lint_set(&set, Wanted::These(wanted)));
        // Where a template is deployed twice, notes tell its findings apart.
        let named = |finding: &FindingRecord| (finding.identity(), finding.notes.clone());
        let mended = mended.into_iter().flatten().flat_map(|report| report.findings);
        let mut mended: BTreeMap<_, FindingRecord> = mended.map(|finding| (named(&finding), finding)).collect();
        for finding in reports.iter_mut().flat_map(|report| &mut report.findings) {
            if let Some(FindingRecord { help, fix, .. }) = mended.remove(&named(finding)) {
                (finding.help, finding.fix) = (help, fix);
            }
        }
    }

    /// The reports of all files, in the order of their paths.
    #[cfg_attr(not(any(test, feature = "internals")), expect(dead_code, reason = "an editor's server will call it"))]
    pub fn reports(&self) -> impl Iterator<Item = &FileReport> {
        self.reports.values()
    }

    /// The same, handed out.
    #[must_use]
    pub fn take_reports(&mut self) -> Vec<FileReport> {
        std::mem::take(&mut self.reports).into_values().collect()
    }

    /// What all files come to when they are linted as if each were tied to all others: the same, and slower. Tests hold a
    /// session against it.
    #[must_use]
    #[cfg_attr(not(any(test, feature = "internals")), expect(dead_code, reason = "an editor's server will call it"))]
    pub fn as_one(&self) -> Vec<FileReport> {
        let mut reports = self.lint_set(&self.entries.keys().copied().collect(), self.mended());
        reports.sort_by(|one, two| one.path.cmp(&two.path));
        reports
    }

    /// What is said of a file.
    #[must_use]
    #[cfg_attr(not(any(test, feature = "internals")), expect(dead_code, reason = "an editor's server will call it"))]
    pub fn report(&self, path: &str) -> Option<&FileReport> {
        self.reports.get(path)
    }

    /// Takes a text for what is in a file, or (`None`) what the provider has; a file that is new is opened, one that is
    /// gone is closed. Gives the files of which something else is said now, those that are gone included.
    #[cfg_attr(not(any(test, feature = "internals")), expect(dead_code, reason = "an editor's server will call it"))]
    pub fn update(&mut self, path: &str, text: Option<Vec<u8>>) -> Vec<String> {
        let place = normal(Path::new(path));
        self.files.set(&place, text);
        let known = self.numbers.get(path).copied();
        let mut changed: BTreeSet<u32> = self.read_with_it(&place);
        changed.extend(known);
        let mut affected: BTreeSet<u32> = changed.iter().flat_map(|file| self.web.tied(*file)).collect();
        // What it is read for is read after it.
        let mut gone = Vec::new();
        for file in known.into_iter().chain(changed.iter().copied().filter(|file| Some(*file) != known)) {
            gone.extend(self.read_again(file));
        }
        let is_input = place.file_name().is_some_and(has_input_extension);
        if known.is_none() && is_input {
            affected.extend(self.open_one(path.to_owned(), false));
        }
        affected.extend(self.gather(&affected.iter().copied().collect::<Vec<_>>()));
        gone.extend(self.drop_unwanted());
        affected.extend(self.web.turned());
        affected.retain(|file| self.entries.contains_key(file));
        // What was tied to it before, and what is tied to any of them now.
        let mut told = self.lint(self.sets(&affected));
        for path in gone {
            if self.reports.remove(&path).is_some() {
                told.insert(path);
            }
        }
        told.into_iter().collect()
    }

    /// Inputs that were read with other files: a plan with the source in its folder, an assembly with its assets.
    fn read_with_it(&self, path: &Path) -> BTreeSet<u32> {
        let in_folder = |other: &Path| other.parent() == path.parent();
        let is_beside = |input: &ReadInput| {
            input.is_whole()
                && (in_folder(&normal(Path::new(&input.path)))
                    || input.sources.iter().any(|file| in_folder(&normal(Path::new(file.path())))))
        };
        let files = self.entries.iter().filter(|(_, entry)| match &entry.state {
            State::Read(input) => is_beside(input),
            State::Assembly(manifest) => manifest.parts().iter().any(|part| normal(part) == path),
            State::Quiet(_) | State::Done(_) | State::Nothing(_) => false,
        });
        files.map(|(file, _)| *file).collect()
    }

    /// Reads and enters a file that is at hand.
    fn open_one(&mut self, path: String, for_others: bool) -> Option<u32> {
        let bytes = self.files.input(&normal(Path::new(&path))).ok()?;
        let number = self.next();
        let mut opened = self.read(number, path, false, bytes);
        opened.entry.for_others = for_others;
        self.enter(vec![opened]);
        Some(number)
    }

    /// Reads a file anew; its path where it is gone.
    fn read_again(&mut self, file: u32) -> Option<String> {
        self.alone.remove(&file);
        let Entry { path, named, for_others, state } = self.entries.remove(&file)?;
        self.numbers.remove(&path);
        let opened = match state {
            State::Read(input) if input.is_folder() => self.read_folder(file, Path::new(&path), input.frontend),
            _ => {
                let bytes = self.files.input(&normal(Path::new(&path))).ok();
                bytes.map(|bytes| self.read(file, path.clone(), named, bytes))
            }
        };
        let Some(mut opened) = opened else {
            self.web.remove(file);
            return Some(path);
        };
        opened.entry.for_others = for_others;
        self.enter(vec![opened]);
        None
    }

    /// Reads bytes as the file of that path; `files` are what is read besides.
    fn read_with(&self, number: u32, path: &str, named: bool, bytes: Vec<u8>, files: &dyn Files) -> Read {
        let OfSettings { deployments, values } = (self.settings)(Path::new(path));
        read(Input { path: path.to_owned(), named, bytes, deployments, values }, number, self.options, files)
    }

    /// A file with its ties; it is linted at once where it asks nothing of others.
    fn opened(&self, number: u32, mut entry: Entry) -> Opened {
        let path = normal(Path::new(&entry.path));
        let (mut ties, mut alone) = (None, None);
        entry.state = match entry.state {
            State::Read(input) => {
                let found = input.ties(None, self.options, &self.files);
                let is_quiet = found.is_quiet() && input.told.is_none() && input.covers().is_none();
                ties = Some(found);
                if is_quiet && !input.is_folder() {
                    let file = Arc::clone(&input.file);
                    let again = |texts: &Texts| self.edited(number, &entry.path, texts).into_iter().collect();
                    alone = lint_together(vec![*input], &[], (self.options, self.mended()), &self.files, &again).pop();
                    State::Quiet(text_of(file).into_boxed_str())
                } else {
                    alone = input.told.as_deref().cloned();
                    State::Read(input)
                }
            }
            other => other,
        };
        if matches!(entry.state, State::Assembly(_)) {
            ties = Some(FileTies::over_folder(&path));
        }
        Opened { number, entry, ties, alone }
    }

    /// An input with an edited text; it must be one still.
    fn edited(&self, number: u32, path: &str, texts: &Texts) -> Option<ReadInput> {
        let text = texts.get(&normal(Path::new(path)))?;
        let files = Edited { texts, files: &self.files };
        match self.read_with(number, path, true, text.as_bytes().to_vec(), &files) {
            Read::Template(read) => Some(*read),
            Read::Done(_) | Read::Assembly(_) | Read::PassedOver(_) => None,
        }
    }

    /// Opens files that others deploy and that are not open, and manifests of the assemblies that templates lie in, as far
    /// as they are at hand.
    fn gather(&mut self, asked: &[u32]) -> Vec<u32> {
        let (mut open, mut opened) = (asked.to_vec(), Vec::new());
        while !open.is_empty() {
            let paths: BTreeSet<PathBuf> = open.drain(..).flat_map(|file| self.wanted(file)).collect();
            for path in paths {
                let shown = path.to_string_lossy().into_owned();
                if !self.numbers.contains_key(&shown) {
                    open.extend(self.open_one(shown, true));
                }
            }
            opened.extend(&open);
            self.tie_stacks(&mut open);
        }
        self.tie_deployed(&opened.iter().chain(asked).copied().collect());
        opened
    }

    /// The files that one needs to have beside it.
    fn wanted(&self, file: u32) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.web.paths(file).map(Path::to_owned).collect();
        let path = self.entries.get(&file).map_or("", |entry| &entry.path);
        paths.extend(frontend::manifest_beside(Path::new(path)));
        paths
    }

    /// Closes files that were open for others only, and that none wants any more; gives their paths.
    fn drop_unwanted(&mut self) -> Vec<String> {
        if !self.entries.values().any(|entry| entry.for_others) {
            return Vec::new();
        }
        let wanted: BTreeSet<PathBuf> = self.entries.keys().flat_map(|file| self.wanted(*file)).collect();
        let unwanted = |entry: &Entry| entry.for_others && !wanted.contains(Path::new(&entry.path));
        let files: Vec<u32> = self.entries.iter().filter(|(_, entry)| unwanted(entry)).map(|(file, _)| *file).collect();
        let mut paths = Vec::new();
        for file in files {
            self.web.remove(file);
            self.alone.remove(&file);
            if let Some(entry) = self.entries.remove(&file) {
                self.numbers.remove(&entry.path);
                paths.push(entry.path);
            }
        }
        paths
    }

    /// Lints sets of files anew; gives the paths of which something else is said than before.
    fn lint(&mut self, sets: Vec<BTreeSet<u32>>) -> BTreeSet<String> {
        let files: BTreeSet<u32> = sets.iter().flatten().copied().collect();
        let mut before: BTreeMap<String, FileReport> = BTreeMap::new();
        for entry in files.iter().filter_map(|file| self.entries.get(file)) {
            before.extend(self.reports.remove_entry(&entry.path));
        }
        let mut together = Vec::new();
        for set in sets {
            let mut own = set.iter().filter_map(|file| self.alone.remove(file)).collect::<Vec<_>>();
            if let (Some(report), 1) = (own.pop(), set.len()) {
                self.reports.insert(report.path.clone(), report);
            } else {
                together.push(set);
            }
        }
        let linted = threads::each(together, 2, |set| self.lint_set(&set, self.mended()));
        self.reports.extend(linted.into_iter().flatten().map(|report| (report.path.clone(), report)));
        let mut told = BTreeSet::new();
        for path in files.iter().filter_map(|file| Some(&self.entries.get(file)?.path)) {
            let (before, now) = (before.remove(path), self.reports.get(path));
            if before.as_ref() != now {
                told.insert(path.clone());
            }
        }
        told
    }

    /// The sets of files that are tied, of some files.
    pub(super) fn sets(&self, files: &BTreeSet<u32>) -> Vec<BTreeSet<u32>> {
        let mut sets: Vec<BTreeSet<u32>> = Vec::new();
        let mut known: HashMap<u32, usize> = HashMap::new();
        for file in files {
            if known.contains_key(file) {
                continue;
            }
            let tied = self.web.tied(*file);
            known.extend(tied.iter().map(|file| (*file, sets.len())));
            sets.push(tied);
        }
        sets
    }

    /// What files that are tied come to together.
    fn lint_set(&self, set: &BTreeSet<u32>, wanted: Wanted<'_>) -> Vec<FileReport> {
        let entries = || set.iter().filter_map(|file| Some((*file, self.entries.get(file)?)));
        let mut reports = Vec::new();
        let mut manifests = Vec::new();
        for (_, entry) in entries() {
            match &entry.state {
                State::Done(report) => reports.push(FileReport::clone(report)),
                State::Assembly(manifest) => {
                    let is_at_hand = |path: &Path| {
                        self.numbers.contains_key(path.to_string_lossy().as_ref()) || self.files.read(path).is_ok()
                    };
                    reports.extend(manifest.not_at_hand(&entry.path, is_at_hand));
                    manifests.push(Manifest::clone(manifest));
                }
                State::Read(_) | State::Quiet(_) | State::Nothing(_) => {}
            }
        }
        let inputs = |texts: &Texts| -> Vec<ReadInput> {
            entries().filter_map(|(number, entry)| self.input(number, entry, texts)).collect()
        };
        let read = inputs(&Texts::new());
        if !read.is_empty() {
            reports.extend(lint_together(read, &manifests, (self.options, wanted), &self.files, &inputs));
        }
        reports
    }

    /// A file of the session as it is linted; with its edited text, where it has one.
    pub(super) fn input(&self, number: u32, entry: &Entry, texts: &Texts) -> Option<ReadInput> {
        let mut input = if texts.contains_key(&normal(Path::new(&entry.path))) {
            self.edited(number, &entry.path, texts)?
        } else {
            match &entry.state {
                State::Read(input) if input.is_folder() && !texts.is_empty() => {
                    let path = Path::new(&entry.path);
                    let files = Edited { texts, files: &self.files };
                    match read_folder(path, number, input.frontend, (self.settings)(path), self.options, &files)? {
                        Read::Template(read) => *read,
                        _ => return None,
                    }
                }
                State::Read(input) => ReadInput::clone(input),
                State::Quiet(text) => {
                    let bytes = text.as_bytes().to_vec();
                    match self.read_with(number, &entry.path, entry.named, bytes, &self.files) {
                        Read::Template(read) => *read,
                        _ => return None,
                    }
                }
                State::Done(_) | State::Assembly(_) | State::Nothing(_) => return None,
            }
        };
        input.nested_only = entry.for_others;
        input.gathered = entry.for_others;
        Some(input)
    }
}

/// The text of a file that nobody else needs any more.
fn text_of(file: Arc<SourceFile>) -> String {
    Arc::try_unwrap(file).map_or_else(|file| file.text().to_owned(), SourceFile::into_text)
}
