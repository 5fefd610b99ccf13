//! Edits, made in memory and linted.

use super::super::over::Texts;
use super::super::run::Run;
use super::FindingId;
use super::outcome::{Key, Outcome, Rank};
use crate::finding::{Finding, Severity};
use crate::frontend::normal;
use crate::source::{Edit, FileId, Together, apply};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// How often edits are tried, fewer or others of them each time.
const MAX_TRIALS: usize = 6;

/// An edit that is to be tried.
pub(super) struct Proposal {
    pub(super) id: FindingId,
    way: Way,
    /// What else may be tried.
    then: Vec<Way>,
}

/// One way to settle a finding.
pub(super) struct Way {
    pub(super) only_adds: bool,
    pub(super) edits: Vec<Edit>,
}

impl Proposal {
    pub(super) fn new(id: FindingId, ways: Vec<Way>) -> Option<Self> {
        let mut ways = ways.into_iter();
        Some(Self { id, way: ways.next()?, then: ways.collect() })
    }
}

/// What came of a proposal.
pub(super) enum Came {
    /// These edits settle it.
    Good { safe: bool, edits: Vec<Edit> },
    /// None does; why.
    None(String),
}

/// What came of trying edits together.
#[derive(Default)]
struct Tried {
    good: Vec<Proposal>,
    /// Those that are to be tried again without the bad ones.
    again: Vec<Proposal>,
    /// With what is wrong with each.
    bad: Vec<(Proposal, String)>,
}

/// A run with edits, against the run without them.
pub(super) struct Trial<'a> {
    pub(super) run: &'a Run,
    /// The run over the same files with edited texts in the place of some.
    pub(super) with: &'a dyn Fn(&Texts) -> Run,
    pub(super) before: Outcome,
}

impl Trial<'_> {
    pub(super) fn all(&self, mut proposals: Vec<Proposal>) -> Vec<(FindingId, Came)> {
        let mut done = Vec::new();
        for _ in 0..MAX_TRIALS {
            if proposals.is_empty() {
                return done;
            }
            let (together, postponed) = fitting(proposals);
            let Tried { good, again, bad } = self.one(together);
            done.extend(good.into_iter().map(|proposal| {
                // Where nothing is known to be wrong, it may not be needed; where a site is served, it may not be wanted.
                let is_needed = |finding: &Finding| finding.severity == Severity::Error && !finding.shuts_out;
                let is_needed = self.run.finding(proposal.id).is_some_and(is_needed);
                let Way { only_adds, edits } = proposal.way;
                (proposal.id, Came::Good { safe: is_needed && only_adds, edits })
            }));
            proposals = again.into_iter().chain(postponed).collect();
            for (proposal, wrong) in bad {
                match Proposal::new(proposal.id, proposal.then) {
                    Some(next) => proposals.push(next),
                    None => done.push((proposal.id, Came::None(format!("an edit was tried, and {wrong}")))),
                }
            }
        }
        let left = proposals.into_iter();
        done.extend(left.map(|one| (one.id, Came::None("no edit of several at one place was tried".to_owned()))));
        done
    }

    /// Tries edits together.
    fn one(&self, proposals: Vec<Proposal>) -> Tried {
        let Some(texts) = self.edited(&proposals) else {
            let bad = proposals.into_iter().map(|proposal| (proposal, "it does not fit the text".to_owned())).collect();
            return Tried { bad, ..Tried::default() };
        };
        let after = Outcome::of(&(self.with)(&texts));
        let worse = self.before.worse(&after);
        let keys: Vec<Option<Key>> = proposals.iter().map(|proposal| self.key(proposal)).collect();
        let meant: BTreeSet<&Key> = keys.iter().flatten().collect();
        let strays: Vec<&Key> = worse.iter().filter(|key| !meant.contains(key)).collect();
        let mut tried = Tried::default();
        for (proposal, key) in proposals.into_iter().zip(keys) {
            let settled = key.as_ref().is_some_and(|key| after.verdicts.get(key) == Some(&Rank::Enforced));
            let own = key.filter(|key| worse.contains(key));
            let stray = || strays.iter().copied().find(|stray| self.may_reach(&proposal, stray, &texts));
            if !settled {
                tried.bad.push((proposal, "it did not settle this".to_owned()));
            } else if let Some(harmed) = own.as_ref().or_else(stray) {
                let harm = self.before.harm(&after, harmed);
                tried.bad.push((proposal, harm));
            } else {
                tried.good.push(proposal);
            }
        }
        if !tried.bad.is_empty() {
            tried.again = std::mem::take(&mut tried.good);
        }
        tried
    }

    /// The bucket that an edit is for.
    fn key(&self, proposal: &Proposal) -> Option<Key> {
        Key::of(self.run, proposal.id.0, &self.run.finding(proposal.id)?.bucket)
    }

    /// Whether an edit may be what made something worse for which there is no edit: it is in the same file, or that file
    /// is not edited at all.
    fn may_reach(&self, proposal: &Proposal, worse: &Key, edited: &Texts) -> bool {
        let in_file = |edit: &Edit| {
            let source = self.run.sources.get(edit.span.file);
            source.is_some_and(|source| normal(Path::new(source.path())) == worse.path)
        };
        !edited.contains_key(&worse.path) || proposal.way.edits.iter().any(in_file)
    }

    /// The texts of the files that are edited, by their paths.
    fn edited(&self, proposals: &[Proposal]) -> Option<Texts> {
        let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for edit in proposals.iter().flat_map(|proposal| &proposal.way.edits) {
            let edits = by_file.entry(edit.span.file).or_default();
            // A template that is deployed twice has each finding twice, with one edit.
            if seen.insert((edit.span, edit.text.as_str())) {
                edits.push(edit.clone());
            }
        }
        let text = |(file, edits): (FileId, Vec<Edit>)| {
            let source = self.run.sources.get(file)?;
            Some((normal(Path::new(source.path())), apply(source.text(), &edits)?))
        };
        by_file.into_iter().map(text).collect()
    }
}

/// Edits that can be made together, and those that touch the place of another.
fn fitting(proposals: Vec<Proposal>) -> (Vec<Proposal>, Vec<Proposal>) {
    let mut together = Together::default();
    proposals.into_iter().partition(|proposal| together.join(&proposal.way.edits))
}
