//! From paths to reports: reads and lints all files, in parallel.

use super::configuration::Configuration;
use super::progress::Progress;
use crate::discover::{self, Candidate, Disk, Targets, Why, shown};
use crate::frontend::cdk::Assembly;
use crate::frontend::{may_be_input, may_start_input, terraform};
use crate::lint::{self, Input, Options, Read, ReadInput};
use crate::report::{ErrorRecord, FileReport};
use crate::settings::Scopes;
use rayon::iter::{ParallelBridge as _, ParallelExtend as _, ParallelIterator as _};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How to look at files.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
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
    /// Whether the report tells of buckets, not of findings only.
    pub(super) keep_buckets: bool,
    pub(super) progress: Progress,
    /// What the files are that were read, by their shown paths; `None` where nobody asks.
    pub(super) seen: Option<Mutex<HashMap<String, Seen>>>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The name that git has for its content.
    pub(super) object: String,
    /// Whether it may be something to lint.
    pub(super) is_input: bool,
}

/// What linting all files came to, in order.
#[derive(Default)]
pub(super) struct Results {
    pub(super) files: Vec<FileReport>,
    /// What was passed over and why: what nobody may be left without knowing, and the rest where it is asked for.
    pub(super) passed: Vec<(String, String)>,
    /// How much git ignores, where it is not among what was passed over.
    pub(super) ignored: usize,
}

/// What one file came to.
pub(super) enum Looked {
    /// It is part of a folder of Terraform source; whether the user named it.
    Source(PathBuf, bool),
    /// It is to be linted with the others.
    Read(Box<ReadInput>),
    /// It says what is deployed from its folder.
    Assembly(Assembly),
    At(FileReport),
    PassedOver(String, String),
    /// Git ignores it.
    Ignored,
    Nothing,
}

impl Look<'_> {
    /// Looks at everything that the paths lead to.
    pub(super) fn results(&self) -> Results {
        let paths: Vec<PathBuf> = self.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
        let targets = if self.no_ignore {
            Targets::new(&paths, self.scopes)
        } else {
            Targets::without_ignored(&paths, self.scopes)
        };
        let mut looked: Vec<Looked> = self.stdin.iter().map(|name| self.look_at_stdin(name)).collect();
        // The walk is in order, so that a file has the same number from run to run.
        let numbered = (1..).zip(targets.candidates());
        // Threads cost more than one file does.
        if targets.is_one_file() {
            looked.extend(numbered.map(|(number, candidate)| self.look(candidate, number)));
        } else {
            let all = numbered.par_bridge().map(|(number, candidate)| self.look(candidate, number));
            looked.par_extend(all.filter(|one| !matches!(one, Looked::Nothing)));
        }
        let (mut reads, mut files, mut passed, mut ignored) = (Vec::new(), Vec::new(), Vec::new(), 0);
        let mut assemblies = Vec::new();
        let mut source = Vec::new();
        let mut sort = |looked: Vec<Looked>, reads: &mut Vec<ReadInput>| {
            for one in looked {
                match one {
                    Looked::Source(path, named) => source.push((path, named)),
                    Looked::Read(read) => reads.push(*read),
                    Looked::Assembly(assembly) => assemblies.push(assembly),
                    Looked::At(report) => files.push(report),
                    Looked::PassedOver(path, why) => passed.push((path, why)),
                    Looked::Ignored => ignored += 1,
                    Looked::Nothing => {}
                }
            }
            std::mem::take(&mut source)
        };
        let source = sort(looked, &mut reads);
        let folders = self.look_at_folders(source, &reads);
        sort(folders, &mut reads);
        passed.sort();
        files.extend(lint::lint_all(reads, assemblies, self.options, self.disk));
        if !self.keep_buckets {
            files.iter_mut().for_each(FileReport::forget_buckets);
        }
        if let Some(name) = &self.stdin {
            files.retain(|file| file.path == *name);
        }
        files.sort_by(|one, two| one.path.cmp(&two.path));
        Results { files, passed, ignored }
    }

    fn look_at_stdin(&self, name: &str) -> Looked {
        let path = name.to_owned();
        match discover::read_within(io::stdin().lock(), 0, discover::LARGEST) {
            Ok(bytes) => {
                let deployments = self.scopes.deployments_of(Path::new(&path));
                let values = Some(self.configuration.values(Path::new(&path)));
                self.read(Input { path, named: true, bytes, deployments, values }, 0)
            }
            Err(error) => Self::failed(path, discover::cause(&error)),
        }
    }

    fn look(&self, candidate: Candidate, number: u32) -> Looked {
        let (path, named) = match candidate {
            Candidate::Named(path) => (path, !self.skip_unrecognized),
            Candidate::Met(path) => (path, false),
            Candidate::Passed(_, Why::Ignored) if !self.verbose => return Looked::Ignored,
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
        if terraform::is_source(&path) {
            return Looked::Source(path, named);
        }
        match discover::read_if(&path, discover::LARGEST, |head| named || may_start_input(head)) {
            Ok(None) => self.passed(|| shown(&path), "no template"),
            Ok(Some(bytes)) if !self.may_be_input(&path, named, &bytes) => self.passed(|| shown(&path), "no template"),
            Ok(Some(bytes)) => {
                let deployments = self.scopes.deployments_of(&path);
                let values = Some(self.configuration.values(&path));
                self.read(Input { path: shown(&path), named, bytes, deployments, values }, number)
            }
            Err(error) => Self::failed(shown(&path), discover::cause(&error)),
        }
    }

    /// Whether bytes may be something to lint, which is remembered where somebody asks.
    fn may_be_input(&self, path: &Path, named: bool, bytes: &[u8]) -> bool {
        let is_input = named || may_be_input(bytes);
        if let Some(seen) = &self.seen {
            let met = Seen { object: discover::object_of(bytes), is_input };
            seen.lock().unwrap_or_else(PoisonError::into_inner).insert(shown(path), met);
        }
        is_input
    }

    /// The files that were read.
    pub(super) fn seen(&self) -> HashMap<String, Seen> {
        let seen = self.seen.as_ref().map(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone());
        seen.unwrap_or_default()
    }

    fn read(&self, input: Input, number: u32) -> Looked {
        let name = input.path.clone();
        match lint::read(input, number, self.options, self.disk) {
            Read::Template(read) => Looked::Read(read),
            Read::Assembly(assembly) => Looked::Assembly(assembly),
            Read::Done(report) => Looked::At(report),
            Read::PassedOver(why) => self.passed(|| name, &why),
        }
    }

    pub(super) fn passed(&self, path: impl FnOnce() -> String, why: &str) -> Looked {
        if self.verbose { Looked::PassedOver(path(), why.to_owned()) } else { Looked::Nothing }
    }

    fn failed(path: String, why: String) -> Looked {
        Looked::At(FileReport::failed(ErrorRecord::of_file(path, why)))
    }
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}
