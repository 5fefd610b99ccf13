//! From paths to reports: reads and lints all files, in parallel.

use crate::discover::{self, Candidate, Disk, Targets, shown};
use crate::frontend::may_be_input;
use crate::lint::{self, Input, Linkage, Options, Outcome};
use crate::report::{ErrorRecord, FileReport};
use crate::settings::Scopes;
use rayon::iter::{ParallelBridge as _, ParallelExtend as _, ParallelIterator as _};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// How to look at files.
pub(super) struct Look<'a> {
    pub(super) options: &'a Options,
    pub(super) scopes: &'a Scopes,
    pub(super) disk: &'a Disk,
    /// What to call standard input.
    pub(super) stdin_name: String,
    /// Whether to keep what was passed over.
    pub(super) verbose: bool,
    /// Whether the report tells of buckets, not of findings only.
    pub(super) keep_buckets: bool,
}

/// What linting all files came to, in order.
#[derive(Default)]
pub(super) struct Results {
    pub(super) files: Vec<FileReport>,
    /// What was passed over and why; empty unless asked for.
    pub(super) passed: Vec<(String, String)>,
}

/// What one file came to.
enum Looked {
    At(Linted),
    PassedOver(String, String),
    Nothing,
}

/// A linted file, and where to find it should it have to be read again.
struct Linted {
    report: Box<FileReport>,
    linkage: Linkage,
    path: PathBuf,
    named: bool,
}

impl Look<'_> {
    /// Looks at everything that the paths lead to.
    pub(super) fn at(&self, paths: &[PathBuf]) -> Results {
        let (stdin, paths): (Vec<_>, Vec<_>) = paths.iter().cloned().partition(|path| is_stdin(path));
        let targets = Targets::new(&paths, self.scopes);
        let mut looked: Vec<Looked> = Vec::new();
        if !stdin.is_empty() {
            looked.push(self.look_at_stdin());
        }
        // Threads cost more than one file does.
        if targets.is_one_file() {
            looked.extend(targets.candidates().map(|candidate| self.look(candidate)));
        } else {
            let all = targets.candidates().par_bridge().map(|candidate| self.look(candidate));
            looked.par_extend(all.filter(|one| !matches!(one, Looked::Nothing)));
        }
        let (mut linted, mut passed) = (Vec::new(), Vec::new());
        for one in looked {
            match one {
                Looked::At(one) => linted.push(one),
                Looked::PassedOver(path, why) => passed.push((path, why)),
                Looked::Nothing => {}
            }
        }
        passed.sort();
        Results { files: self.join(linted), passed }
    }

    fn look_at_stdin(&self) -> Looked {
        let path = self.stdin_name.clone();
        match discover::read_within(io::stdin().lock(), 0, discover::LARGEST) {
            Ok(bytes) => match self.lint(Input { path, named: true, bytes }, PathBuf::new()) {
                // It cannot be read a second time.
                Looked::At(linted) => Looked::At(Linted { linkage: Linkage::default(), ..linted }),
                other => other,
            },
            Err(error) => Self::failed(path, discover::cause(&error)),
        }
    }

    fn look(&self, candidate: Candidate) -> Looked {
        let (path, named) = match candidate {
            Candidate::Named(path) => (path, true),
            Candidate::Met(path) => (path, false),
            Candidate::Passed(path, why) => return self.passed(|| shown(&path), why),
            Candidate::Failed(path, why) => return Self::failed(shown(&path), why),
        };
        if named && !self.scopes.of_file(&path).0.errors.is_empty() {
            return self.passed(|| shown(&path), "its settings cannot be read");
        }
        match discover::read(&path, discover::LARGEST) {
            Ok(bytes) if !named && !may_be_input(&bytes) => self.passed(|| shown(&path), "no template"),
            Ok(bytes) => self.lint(Input { path: shown(&path), named, bytes }, path),
            Err(error) => Self::failed(shown(&path), discover::cause(&error)),
        }
    }

    fn lint(&self, input: Input, path: PathBuf) -> Looked {
        let (name, named) = (input.path.clone(), input.named);
        match lint::lint(input, self.options, self.disk) {
            Outcome::Linted(mut report, linkage) => {
                if !self.keep_buckets {
                    report.forget_buckets();
                }
                Looked::At(Linted { report, linkage, path, named })
            }
            Outcome::PassedOver(why) => self.passed(|| name, &why),
        }
    }

    fn passed(&self, path: impl FnOnce() -> String, why: &str) -> Looked {
        if self.verbose { Looked::PassedOver(path(), why.to_owned()) } else { Looked::Nothing }
    }

    fn failed(path: String, why: String) -> Looked {
        let report = FileReport::failed(ErrorRecord::of_file(path, why));
        Looked::At(Linted { report: Box::new(report), linkage: Linkage::default(), path: PathBuf::new(), named: false })
    }

    /// Lints files that concern each other once more, together, and puts all reports in order.
    fn join(&self, mut linted: Vec<Linted>) -> Vec<FileReport> {
        linted.sort_by(|one, two| one.report.path.cmp(&two.report.path));
        let linkages: Vec<Linkage> = linted.iter_mut().map(|one| std::mem::take(&mut one.linkage)).collect();
        let mut files: Vec<FileReport> = Vec::new();
        let mut joined: BTreeSet<usize> = BTreeSet::new();
        for group in lint::groups(&linkages) {
            let inputs = group.iter().map(|&index| linted.get(index).and_then(read_again));
            // A file that is gone meanwhile leaves the group as it was.
            if let Some(inputs) = inputs.collect::<Option<Vec<Input>>>() {
                files.extend(lint::lint_together(inputs, self.options, self.disk));
                joined.extend(group);
            }
        }
        let alone = linted.into_iter().enumerate().filter(|(index, _)| !joined.contains(index));
        files.extend(alone.map(|(_, one)| *one.report));
        files.sort_by(|one, two| one.path.cmp(&two.path));
        files
    }
}

fn read_again(one: &Linted) -> Option<Input> {
    let bytes = discover::read(&one.path, discover::LARGEST).ok()?;
    Some(Input { path: one.report.path.clone(), named: one.named, bytes })
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}
