//! From paths to reports: reads and lints all files, in parallel.

use super::configuration::Configuration;
use super::progress::Progress;
use crate::discover::{self, Candidate, Disk, Targets, Why, shown};
use crate::frontend::{frontend_of_folder, is_read_for_another, may_be_input, may_start_input};
use crate::lint::{OfSettings, Opened, Options, Session};
use crate::report::{ErrorRecord, FileReport};
use crate::settings::Scopes;
use rayon::iter::{ParallelBridge as _, ParallelExtend as _, ParallelIterator as _};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How to look at files.
pub(super) struct Look<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) configuration: &'a Configuration<'a>,
    pub(super) options: &'a Options,
    pub(super) scopes: &'a Scopes,
    pub(super) disk: &'a Disk,
    /// What to call standard input, where it is linted: it takes the place of the file of that name, and only of it a
    /// report is made.
    pub(super) stdin: Option<String>,
    /// Whether to keep what was passed over.
    pub(super) verbose: bool,
    /// Whether what git ignores is looked at too.
    pub(super) no_ignore: bool,
    /// Whether a named file that is nothing to lint is passed over.
    pub(super) skip_unrecognized: bool,
    pub(super) progress: Progress,
    /// What the files are that were read, by their shown paths; `None` where nobody asks.
    pub(super) seen: Option<Mutex<HashMap<String, Seen>>>,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Seen {
    /// The name that git has for its content.
    pub(super) object: String,
    pub(super) is: Is,
}

/// What a file was found to be.
#[derive(Debug)]
pub(super) enum Is {
    /// It cannot be anything to lint.
    Nothing,
    /// Its text alone made it what it is.
    Read(Box<Opened>),
    /// It may have been read with other files.
    Other,
}

impl Seen {
    /// The number that it has in its session, where another one may take it as it is.
    pub(super) fn number(&self) -> Option<u32> {
        match &self.is {
            Is::Read(opened) => Some(opened.number()),
            Is::Nothing | Is::Other => None,
        }
    }
}

/// What linting all files came to, in order.
#[derive(Default)]
pub(super) struct Results {
    pub(super) files: Vec<FileReport>,
    /// What was passed over and why: what nobody may be left without knowing, and the rest where it is asked for.
    pub(super) passed: Vec<(String, String)>,
    /// How much git ignores, where it is not among what was passed over.
    pub(super) ignored: usize,
    /// How much settings exclude, where it is not among what was passed over.
    pub(super) excluded: usize,
}

/// What one file came to.
pub(super) enum Looked {
    /// It is part of a folder that is read as a whole; whether the user named it.
    Source(PathBuf, bool),
    /// It was read.
    Opened(Box<Opened>),
    Failed(FileReport),
    PassedOver(String, String),
    /// Git ignores it.
    Ignored,
    /// Settings exclude it.
    Excluded,
    Nothing,
}

impl Look<'_> {
    /// A session for what the paths lead to.
    pub(super) fn session(&self) -> Session<'_> {
        Session::new(self.options, |path| self.of_settings(path), self.disk)
    }

    /// Looks at everything that the paths lead to.
    pub(super) fn results(&self, session: &mut Session<'_>) -> Results {
        let looked = self.look_at_files(session);
        let mut results = self.finish(looked, session);
        if let Some(name) = &self.stdin {
            results.files.retain(|file| file.path == *name);
        }
        results.files.sort_by(|one, two| one.path.cmp(&two.path));
        results
    }

    /// Lints what was looked at, with the folders of the source files among it.
    pub(super) fn finish(&self, looked: Vec<Looked>, session: &mut Session<'_>) -> Results {
        let mut results = Results::default();
        let source = self.enter(looked, session, &mut results);
        let folders = self.look_at_folders(source, session);
        self.enter(folders, session, &mut results);
        session.settle();
        results.files.extend(session.take_reports());
        results.passed.sort();
        results
    }

    /// What settings say of a file.
    pub(super) fn of_settings(&self, path: &Path) -> OfSettings {
        OfSettings { deployments: self.scopes.deployments_of(path), values: Some(self.configuration.values(path)) }
    }

    fn look_at_files(&self, session: &Session<'_>) -> Vec<Looked> {
        let paths: Vec<PathBuf> = self.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
        let targets = if self.no_ignore {
            Targets::new(&paths, self.scopes)
        } else {
            Targets::without_ignored(&paths, self.scopes)
        };
        let mut looked: Vec<Looked> = self.stdin.iter().map(|name| Self::look_at_stdin(name, session)).collect();
        // The walk is in order, so that a file has the same number from run to run.
        let numbered = (1..).zip(targets.candidates());
        // Threads cost more than one file does.
        if targets.is_one_file() {
            looked.extend(numbered.map(|(number, candidate)| self.look(candidate, number, session)));
        } else {
            let all = numbered.par_bridge().map(|(number, candidate)| self.look(candidate, number, session));
            looked.par_extend(all.filter(|one| !matches!(one, Looked::Nothing)));
        }
        looked
    }

    /// Takes in what files came to; gives the source files among them.
    fn enter(&self, looked: Vec<Looked>, session: &mut Session<'_>, results: &mut Results) -> Vec<(PathBuf, bool)> {
        let (mut opened, mut source) = (Vec::new(), Vec::new());
        for one in looked {
            match one {
                Looked::Source(path, named) => source.push((path, named)),
                Looked::Opened(one) => {
                    let why = one.passed_over().filter(|_| self.verbose);
                    results.passed.extend(why.map(|why| (one.path().to_owned(), why.to_owned())));
                    opened.push(*one);
                }
                Looked::Failed(report) => results.files.push(report),
                Looked::PassedOver(path, why) => results.passed.push((path, why)),
                Looked::Ignored => results.ignored += 1,
                Looked::Excluded => results.excluded += 1,
                Looked::Nothing => {}
            }
        }
        session.enter(opened);
        source
    }

    fn look_at_stdin(name: &str, session: &Session<'_>) -> Looked {
        match discover::read_within(io::stdin().lock(), 0, discover::LARGEST) {
            Ok(bytes) => Looked::Opened(session.read(0, name.to_owned(), true, bytes).into()),
            Err(error) => Self::failed(name.to_owned(), discover::cause(&error)),
        }
    }

    fn look(&self, candidate: Candidate, number: u32, session: &Session<'_>) -> Looked {
        let is_met = matches!(candidate, Candidate::Met(_));
        let (path, named) = match candidate {
            Candidate::Named(path) => (path, !self.skip_unrecognized),
            Candidate::Met(path) => (path, false),
            Candidate::Passed(_, Why::Ignored) if !self.verbose => return Looked::Ignored,
            Candidate::Passed(_, Why::BySettings) if !self.verbose => return Looked::Excluded,
            Candidate::Passed(path, Why::LinkOut) => {
                return Looked::PassedOver(shown(&path), Why::LinkOut.text().to_owned());
            }
            Candidate::Passed(path, why) => return self.passed(|| shown(&path), why.text()),
            Candidate::Failed(path, why) => return Self::failed(shown(&path), why),
        };
        // What stands on standard input is newer.
        if self.stdin.as_ref().is_some_and(|name| *name == shown(&path)) {
            return Looked::Nothing;
        }
        // Beside standard input, files are context: they need not be anything to lint.
        let named = named && self.stdin.is_none();
        if named && !self.scopes.of_file(&path).0.errors.is_empty() {
            return self.passed(|| shown(&path), "its settings cannot be read");
        }
        self.progress.tick();
        if frontend_of_folder(&path).is_some() {
            return Looked::Source(path, named);
        }
        if !named && is_read_for_another(&path) {
            return self.passed(|| shown(&path), "it is read for the manifest that names it");
        }
        let read = if is_met { discover::read_met_if } else { discover::read_if };
        match read(&path, discover::LARGEST, may_start_input) {
            Ok(None) if named => Self::failed(shown(&path), "is no text: it starts with NUL characters".to_owned()),
            Ok(None) => self.passed(|| shown(&path), "no template"),
            Ok(Some(bytes)) if !named && !may_be_input(&bytes) => {
                self.remember(&path, self.object_of(&bytes), || Is::Nothing);
                self.passed(|| shown(&path), "no template")
            }
            Ok(Some(bytes)) => {
                let object = self.object_of(&bytes);
                let opened = session.read(number, shown(&path), named, bytes);
                self.remember(&path, object, || opened.again().map_or(Is::Other, |again| Is::Read(again.into())));
                Looked::Opened(opened.into())
            }
            Err(error) => Self::failed(shown(&path), discover::cause(&error)),
        }
    }

    /// The name that git has for some content, where somebody asks.
    fn object_of(&self, bytes: &[u8]) -> Option<String> {
        self.seen.is_some().then(|| discover::object_of(bytes))
    }

    /// Keeps what a file is, where somebody asks.
    fn remember(&self, path: &Path, object: Option<String>, is: impl FnOnce() -> Is) {
        if let (Some(seen), Some(object)) = (&self.seen, object) {
            let met = Seen { object, is: is() };
            seen.lock().unwrap_or_else(PoisonError::into_inner).insert(shown(path), met);
        }
    }

    /// The files that were read, by their shown paths.
    pub(super) fn take_seen(&self) -> HashMap<String, Seen> {
        let seen = self.seen.as_ref();
        seen.map(|seen| std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner))).unwrap_or_default()
    }

    pub(super) fn passed(&self, path: impl FnOnce() -> String, why: &str) -> Looked {
        if self.verbose { Looked::PassedOver(path(), why.to_owned()) } else { Looked::Nothing }
    }

    fn failed(path: String, why: String) -> Looked {
        Looked::Failed(FileReport::failed(ErrorRecord::of_file(path, why)))
    }
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}
