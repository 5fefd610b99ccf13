//! Files that are open for a while: linted once together, and then again as far as an edit can change what is said.

use super::{Input, Options, Read, ReadInput, Values, lint_all, read};
use crate::frontend::cdk::{self, Assembly};
use crate::frontend::{Files, has_input_extension, normal};
use crate::link::{FileTies, Web};
use crate::report::FileReport;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files by path, over a provider: the disk, or texts that are not saved yet over it.
pub struct Session<'a> {
    options: &'a Options,
    settings: &'a dyn Fn(&Path) -> OfSettings,
    files: Over<'a>,
    entries: BTreeMap<u32, Entry>,
    numbers: BTreeMap<String, u32>,
    web: Web,
    reports: BTreeMap<String, FileReport>,
    next: u32,
}

/// What settings say of a file.
#[derive(Clone, Debug, Default)]
pub struct OfSettings {
    /// The names of the groups of files that are deployed together and that it is in.
    pub deployments: Vec<String>,
    /// Values for it; those of the options where there are none.
    pub values: Option<Arc<Values>>,
}

/// A file of the session.
struct Entry {
    path: String,
    named: bool,
    /// Whether it is here for the templates that deploy it only.
    nested_only: bool,
    state: State,
}

/// What became of a file.
enum State {
    Read(Box<ReadInput>),
    Done(Box<FileReport>),
    /// It says what is deployed from its folder.
    Assembly(Assembly),
    /// It is nothing to lint.
    Nothing,
}

/// Texts over files.
struct Over<'a> {
    below: &'a dyn Files,
    texts: BTreeMap<PathBuf, Vec<u8>>,
}

impl Files for Over<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(&normal(path)) {
            Some(text) => Ok(text.clone()),
            None => self.below.read(path),
        }
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

impl<'a> Session<'a> {
    /// Opens files, each with whether it is one that the user named, and lints them. `settings` gives what settings say of
    /// a file.
    #[must_use]
    pub fn new(
        paths: impl IntoIterator<Item = (String, bool)>,
        options: &'a Options,
        settings: &'a dyn Fn(&Path) -> OfSettings,
        files: &'a dyn Files,
    ) -> Self {
        let mut session = Self {
            options,
            settings,
            files: Over { below: files, texts: BTreeMap::new() },
            entries: BTreeMap::new(),
            numbers: BTreeMap::new(),
            web: Web::default(),
            reports: BTreeMap::new(),
            next: 0,
        };
        let mut all: Vec<(String, bool)> = paths.into_iter().collect();
        all.sort();
        let opened = all.into_iter().map(|(path, named)| session.open(path, named, false)).collect();
        session.gather(opened);
        let all = session.entries.keys().copied().collect();
        session.lint(&all);
        session
    }

    /// The reports of all files, in the order of their paths.
    pub fn reports(&self) -> impl Iterator<Item = &FileReport> {
        self.reports.values()
    }

    /// What is said of a file.
    #[must_use]
    pub fn report(&self, path: &str) -> Option<&FileReport> {
        self.reports.get(path)
    }

    /// Takes a text for what is in a file, or (`None`) what the provider has; a file that is new is opened, one that is
    /// gone is closed. Gives the files of which something else is said now, those that are gone included.
    pub fn update(&mut self, path: &str, text: Option<Vec<u8>>) -> Vec<String> {
        let place = normal(Path::new(path));
        match text {
            Some(text) => self.files.texts.insert(place.clone(), text),
            None => self.files.texts.remove(&place),
        };
        let known = self.numbers.get(path).copied();
        let mut changed: BTreeSet<u32> = self.beside(&place).collect();
        changed.extend(known);
        let mut affected: BTreeSet<u32> = changed.iter().flat_map(|file| self.web.tied(*file)).collect();
        let mut gone = Vec::new();
        for file in changed {
            gone.extend(self.read_again(file));
        }
        let is_input = place.file_name().is_some_and(has_input_extension);
        if known.is_none() && is_input && self.files.read(&place).is_ok() {
            affected.insert(self.open(path.to_owned(), false, false));
        }
        affected.extend(self.gather(affected.iter().copied().collect()));
        // What was tied to it before, and what is tied to any of them now.
        let mut all = BTreeSet::new();
        for file in affected {
            if !all.contains(&file) {
                all.extend(self.web.tied(file));
            }
        }
        let mut affected = all;
        gone.extend(self.drop_unwanted());
        affected.retain(|file| self.entries.contains_key(file));
        let mut told = self.lint(&affected);
        for path in gone {
            if self.reports.remove(&path).is_some() {
                told.insert(path);
            }
        }
        told.into_iter().collect()
    }

    /// Inputs that were read with other files in the folder of a path, as a plan is with its source.
    fn beside(&self, path: &Path) -> impl Iterator<Item = u32> {
        let folder = path.parent().map(Path::to_owned);
        let is_beside = move |input: &ReadInput| {
            let own = normal(Path::new(&input.path));
            let in_folder = |other: &Path| other.parent() == folder.as_deref();
            input.is_whole()
                && (in_folder(&own) || input.sources.iter().any(|file| in_folder(&normal(Path::new(file.path())))))
        };
        self.entries.iter().filter_map(move |(file, entry)| match &entry.state {
            State::Read(input) => is_beside(input).then_some(*file),
            State::Done(_) | State::Assembly(_) | State::Nothing => None,
        })
    }

    fn open(&mut self, path: String, named: bool, nested_only: bool) -> u32 {
        let file = self.next;
        self.next = self.next.saturating_add(1);
        self.numbers.insert(path.clone(), file);
        self.entries.insert(file, Entry { path, named, nested_only, state: State::Nothing });
        self.read_again(file);
        file
    }

    /// Reads a file; its path where it is gone.
    fn read_again(&mut self, file: u32) -> Option<String> {
        self.web.remove(file);
        let entry = self.entries.get_mut(&file)?;
        let Ok(bytes) = self.files.read(Path::new(&entry.path)) else {
            let path = self.entries.remove(&file)?.path;
            self.numbers.remove(&path);
            return Some(path);
        };
        let path = normal(Path::new(&entry.path));
        let OfSettings { deployments, values } = (self.settings)(&path);
        let input = Input { path: entry.path.clone(), named: entry.named, bytes, deployments, values };
        entry.state = match read(input, file, self.options, &self.files) {
            Read::Template(mut read) => {
                read.nested_only = entry.nested_only;
                read.gathered = entry.nested_only;
                self.web.insert(file, read.ties());
                State::Read(read)
            }
            Read::Done(report) => State::Done(Box::new(report)),
            Read::Assembly(assembly) => State::Assembly(assembly),
            Read::PassedOver(_) => State::Nothing,
        };
        let says_what_is_deployed = path.ends_with(cdk::MANIFEST) || entry.path.ends_with(".assets.json");
        if says_what_is_deployed && !matches!(entry.state, State::Read(_)) {
            self.web.insert(file, FileTies::over_folder(&path));
        }
        None
    }

    /// Opens files that others deploy and that are not open, as far as they are at hand.
    fn gather(&mut self, mut open: Vec<u32>) -> Vec<u32> {
        let mut opened = Vec::new();
        while let Some(file) = open.pop() {
            let paths: Vec<PathBuf> = self.web.paths(file).map(Path::to_owned).collect();
            for path in paths {
                let shown = path.to_string_lossy().into_owned();
                if !self.numbers.contains_key(&shown) && self.files.read(&path).is_ok() {
                    let number = self.open(shown, false, true);
                    open.push(number);
                    opened.push(number);
                }
            }
        }
        opened
    }

    /// Closes files that were open for others only, and that none wants any more; gives their paths.
    fn drop_unwanted(&mut self) -> Vec<String> {
        if !self.entries.values().any(|entry| entry.nested_only) {
            return Vec::new();
        }
        let wanted: BTreeSet<PathBuf> =
            self.entries.keys().flat_map(|file| self.web.paths(*file)).map(Path::to_owned).collect();
        let unwanted = |entry: &Entry| entry.nested_only && !wanted.contains(Path::new(&entry.path));
        let files: Vec<u32> = self.entries.iter().filter(|(_, entry)| unwanted(entry)).map(|(file, _)| *file).collect();
        let mut paths = Vec::new();
        for file in files {
            self.web.remove(file);
            if let Some(entry) = self.entries.remove(&file) {
                self.numbers.remove(&entry.path);
                paths.push(entry.path);
            }
        }
        paths
    }

    /// Lints files anew; gives the paths of which something else is said than before.
    fn lint(&mut self, files: &BTreeSet<u32>) -> BTreeSet<String> {
        let (mut inputs, mut assemblies, mut reports) = (Vec::new(), Vec::new(), Vec::new());
        let mut open: BTreeSet<String> = BTreeSet::new();
        for entry in files.iter().filter_map(|file| self.entries.get(file)) {
            open.insert(entry.path.clone());
            match &entry.state {
                State::Read(input) => inputs.push(ReadInput::clone(input)),
                State::Done(report) => reports.push(FileReport::clone(report)),
                State::Assembly(assembly) => assemblies.push(assembly.clone()),
                State::Nothing => {}
            }
        }
        reports.extend(lint_all(inputs, assemblies, self.options, &self.files));
        let mut told = BTreeSet::new();
        for report in reports {
            open.remove(&report.path);
            if self.reports.get(&report.path) != Some(&report) {
                told.insert(report.path.clone());
            }
            self.reports.insert(report.path.clone(), report);
        }
        // Nothing is said of these any more.
        told.extend(open.into_iter().filter(|path| self.reports.remove(path).is_some()));
        told
    }
}

impl ReadInput {
    /// Whether it is a whole deployment by itself.
    fn is_whole(&self) -> bool {
        !self.frontend.is_linked()
    }

    fn ties(&self) -> FileTies {
        FileTies::of(&normal(Path::new(&self.path)), &self.template, self.is_whole(), &self.deployments)
    }
}
