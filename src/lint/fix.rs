//! Edits for findings: written by the front ends, made in memory, and all that is tied linted again, before anybody is told.
//!
//! All edits of a run are tried at once, since one trial costs what the run costs: a policy for one bucket has nothing to
//! do with a policy for another. Where something comes out wrong, the edits that may be to blame are left out, and the
//! others are tried again.

use super::over::Texts;
use super::run::Run;
use crate::finding::{Finding, Intent};
use crate::frontend::{Refusal, normal};
use crate::report::{FindingRecord, FixRecord, Place};
use crate::s3::{Judged, Verdict};
use crate::source::{Edit, FileId, Sources, Span, apply, text_id};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// A finding: the template, and its number there.
pub(super) type FindingId = (usize, usize);

/// Larger runs are not linted a second time; their findings say so. In bytes of all texts.
const LARGEST_RUN: usize = 64 << 20;
/// How often edits are tried, fewer of them each time.
const MAX_TRIALS: usize = 3;

/// What came of the intents of a run's findings.
#[derive(Debug, Default)]
pub(super) struct Mends {
    of: BTreeMap<FindingId, Mend>,
    /// The texts that edits are made in, told once a file.
    texts: BTreeMap<FileId, u64>,
}

/// What came of one.
#[derive(Clone, Debug)]
enum Mend {
    /// An edit that was tried and found good.
    Tried { safe: bool, edits: Vec<Edit> },
    /// No edit; why, as a clause.
    None(String),
    /// Something else is to be done, elsewhere.
    Instead(String),
}

/// An edit that is to be tried.
struct Proposal<'a> {
    id: FindingId,
    intent: &'a Intent,
    edits: Vec<Edit>,
}

impl Mends {
    /// Writes an edit for each finding that says what it wants written, and tries them. `with` gives the run over the same
    /// files with edited texts in the place of some.
    pub(super) fn tried(run: &Run, with: &dyn Fn(&Texts) -> Run) -> Self {
        let mut mends = Self::default();
        let proposals = mends.proposals(run);
        if proposals.is_empty() {
            return mends;
        }
        let size: usize = run.inputs.iter().map(|input| input.file.text().len()).sum();
        if size > LARGEST_RUN {
            for proposal in &proposals {
                mends.none(proposal.id, "the run is too large to lint it a second time");
            }
            return mends;
        }
        let trial = Trial { run, with, before: Outcome::of(run) };
        mends.of.extend(trial.all(proposals));
        for mend in mends.of.values() {
            let Mend::Tried { edits, .. } = mend else { continue };
            for file in edits.iter().map(|edit| edit.span.file) {
                let text = || run.sources.get(file).map_or(0, |source| text_id(source.text()));
                mends.texts.entry(file).or_insert_with(text);
            }
        }
        mends
    }

    fn none(&mut self, id: FindingId, why: impl Into<String>) {
        self.of.insert(id, Mend::None(why.into()));
    }

    /// What the front ends write. What they refuse, and what cannot be tried, is settled at once.
    fn proposals<'a>(&mut self, run: &'a Run) -> Vec<Proposal<'a>> {
        let mut by_input: BTreeMap<usize, Vec<(FindingId, &'a Intent)>> = BTreeMap::new();
        for (template, findings) in run.findings.iter().enumerate() {
            let Some(place) = run.deployment.places.get(template) else { continue };
            for (number, (finding, muted)) in findings.iter().enumerate() {
                if let (Some(intent), None) = (&finding.intent, muted) {
                    by_input.entry(place.member).or_default().push(((template, number), intent));
                }
            }
        }
        let files = Editable::of(run);
        let mut proposals = Vec::new();
        for (member, intents) in by_input {
            let Some(input) = run.inputs.get(member) else { continue };
            let only: Vec<&Intent> = intents.iter().map(|(_, intent)| *intent).collect();
            for ((id, intent), edits) in intents.iter().zip(input.frontend.edits(&run.sources, &only)) {
                match edits.map(|edits| files.same_for_all(edits)) {
                    Err(Refusal::Generated(instead)) => {
                        self.of.insert(*id, Mend::Instead(instead));
                    }
                    Err(refusal) => self.none(*id, refusal.to_string()),
                    Ok(Some(edits)) => proposals.push(Proposal { id: *id, intent, edits }),
                    Ok(None) => self.none(*id, "it was not tried: what it changes is known from a plan only"),
                }
            }
        }
        proposals
    }

    /// Puts into a record what came of its intent.
    pub(super) fn tell(&self, id: FindingId, record: &mut FindingRecord, sources: &Sources) {
        match self.of.get(&id) {
            None => {}
            Some(Mend::Instead(instead)) => record.help.clone_from(instead),
            Some(Mend::None(why)) => {
                let words = in_words(&record.help);
                record.help =
                    if words.is_empty() { String::new() } else { format!("{words} (no edit is offered: {why})") };
            }
            Some(Mend::Tried { safe, edits }) => {
                if let Some(text) = shown(edits) {
                    record.help = format!("{}:\n{text}", in_words(&record.help));
                }
                let files: BTreeSet<FileId> = edits.iter().map(|edit| edit.span.file).collect();
                let texts = files.iter().filter_map(|file| sources.get(*file));
                record.fix = Some(Box::new(FixRecord {
                    safe: *safe,
                    edits: edits.iter().map(|edit| (Place::of(sources, edit.span), edit.text.clone())).collect(),
                    texts: texts
                        .map(|file| (file.shared_path(), self.texts.get(&file.id()).copied().unwrap_or(0)))
                        .collect(),
                }));
            }
        }
    }
}

/// The part of a help that says what to do, without the text to write.
fn in_words(help: &str) -> &str {
    help.lines().next().unwrap_or("").trim_end_matches(':')
}

/// The text of an edit as people would write it by itself; `None` where it only replaces a word.
fn shown(edits: &[Edit]) -> Option<String> {
    /// Shorter ones are brackets and dashes.
    const SHORTEST: usize = 20;
    let text = edits.iter().map(|edit| edit.text.as_str()).max_by_key(|text| text.len())?;
    if text.len() < SHORTEST {
        return None;
    }
    let text = text.replace('\r', "");
    let text = text.trim_matches('\n').trim_start_matches(',').trim_start_matches('\n');
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let margin = text.lines().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(margin..).unwrap_or("").trim_end()).collect();
    Some(lines.join("\n"))
}

/// The files that may be edited: texts of inputs, and source of folders that is the user's own. A module that several
/// folders call is read for each of them, and edited as one file.
struct Editable {
    first: BTreeMap<FileId, FileId>,
}

impl Editable {
    fn of(run: &Run) -> Self {
        let folders: BTreeSet<u32> =
            run.inputs.iter().filter(|input| input.is_folder()).map(|input| input.file.id().input()).collect();
        let texts: BTreeSet<FileId> =
            run.inputs.iter().filter(|input| input.frontend.is_linked()).map(|input| input.file.id()).collect();
        let is_source = |path: &str| {
            let path = Path::new(path);
            let own = !path.components().any(|part| part.as_os_str() == ".terraform");
            own && path.extension().is_some_and(|extension| extension == "tf" || extension == "tofu")
        };
        let mut by_path: BTreeMap<PathBuf, FileId> = BTreeMap::new();
        let mut first = BTreeMap::new();
        for file in run.sources.iter() {
            let id = file.id();
            if texts.contains(&id) || (folders.contains(&id.input()) && is_source(file.path())) {
                first.insert(id, *by_path.entry(normal(Path::new(file.path()))).or_insert(id));
            }
        }
        Self { first }
    }

    /// The edits, each in the first reading of its file; `None` where one is in no file that may be edited.
    fn same_for_all(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        let same = |edit: Edit| {
            let file = *self.first.get(&edit.span.file)?;
            Some(Edit { span: Span { file, ..edit.span }, ..edit })
        };
        edits.into_iter().map(same).collect()
    }
}

/// A run with edits, against the run without them.
struct Trial<'a> {
    run: &'a Run,
    with: &'a dyn Fn(&Texts) -> Run,
    before: Outcome,
}

impl Trial<'_> {
    fn all(&self, mut proposals: Vec<Proposal<'_>>) -> Vec<(FindingId, Mend)> {
        let mut done = Vec::new();
        for _ in 0..MAX_TRIALS {
            if proposals.is_empty() {
                return done;
            }
            let (together, postponed) = fitting(proposals);
            let (good, bad) = self.one(together);
            for proposal in bad {
                done.push((proposal.id, Mend::None("the edit was tried, and did not settle it".to_owned())));
            }
            match good {
                Ok(good) => {
                    done.extend(good.into_iter().map(|proposal| {
                        let safe = proposal.intent.only_adds();
                        (proposal.id, Mend::Tried { safe, edits: proposal.edits })
                    }));
                    proposals = postponed;
                }
                Err(again) => proposals = again.into_iter().chain(postponed).collect(),
            }
        }
        let left = proposals.into_iter();
        done.extend(left.map(|one| (one.id, Mend::None("no edit of several at one place was tried".to_owned()))));
        done
    }

    /// Tries edits together. Gives those that are good, or, where some are bad, those that are to be tried again without
    /// them; and the bad ones.
    fn one<'p>(
        &self,
        proposals: Vec<Proposal<'p>>,
    ) -> (Result<Vec<Proposal<'p>>, Vec<Proposal<'p>>>, Vec<Proposal<'p>>) {
        let Some(texts) = self.edited(&proposals) else { return (Ok(Vec::new()), proposals) };
        let after = Outcome::of(&(self.with)(&texts));
        let blamed = self.before.blame(&after, &texts);
        let is_bad = |proposal: &Proposal<'_>| {
            let finding = self.finding(proposal.id);
            let key = finding.and_then(|finding| Key::of(self.run, proposal.id.0, &finding.bucket));
            let settled = key.is_some_and(|key| after.verdicts.get(&key) == Some(&Rank::Enforced));
            let to_blame = match &blamed {
                Blame::Nobody => false,
                Blame::All => true,
                Blame::Files(files) => proposal.edits.iter().any(|edit| {
                    let source = self.run.sources.get(edit.span.file);
                    source.is_some_and(|source| files.contains(&normal(Path::new(source.path()))))
                }),
            };
            !settled || to_blame
        };
        let (bad, good): (Vec<_>, Vec<_>) = proposals.into_iter().partition(is_bad);
        if bad.is_empty() { (Ok(good), bad) } else { (Err(good), bad) }
    }

    fn finding(&self, (template, number): FindingId) -> Option<&Finding> {
        self.run.findings.get(template)?.get(number).map(|(finding, _)| finding)
    }

    /// The texts of the files that are edited, by their paths.
    fn edited(&self, proposals: &[Proposal<'_>]) -> Option<Texts> {
        let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for edit in proposals.iter().flat_map(|proposal| &proposal.edits) {
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
fn fitting(proposals: Vec<Proposal<'_>>) -> (Vec<Proposal<'_>>, Vec<Proposal<'_>>) {
    let mut taken: BTreeMap<(FileId, u32), (u32, Edit)> = BTreeMap::new();
    let mut fits = |proposal: &Proposal<'_>| {
        let free = |edit: &Edit| {
            let at = (edit.span.file, edit.span.start);
            let before = taken.range(..=at).next_back();
            let after = taken.range(at..).next();
            let same = |other: &Edit| other == edit;
            before.is_none_or(|((file, start), (end, other))| {
                same(other) || *file != at.0 || (*end <= edit.span.start && *start != edit.span.start)
            }) && after.is_none_or(|((file, start), (_, other))| {
                same(other) || *file != at.0 || *start >= edit.span.end && *start != edit.span.start
            })
        };
        let all = proposal.edits.iter().all(free);
        if all {
            for edit in &proposal.edits {
                taken.insert((edit.span.file, edit.span.start), (edit.span.end, edit.clone()));
            }
        }
        all
    };
    proposals.into_iter().partition(|proposal| fits(proposal))
}

/// How good a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Enforced,
    Undecided,
    Exposed,
}

/// A bucket, or what is found of it, told apart in every run over the same files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    path: PathBuf,
    deployment: String,
    address: String,
}

impl Key {
    fn of(run: &Run, template: usize, address: &str) -> Option<Self> {
        let place = run.deployment.places.get(template)?;
        let deployment = place.label.as_deref().unwrap_or("").to_owned();
        let path = normal(Path::new(&run.input_of(template)?.path));
        Some(Self { path, deployment, address: address.to_owned() })
    }
}

/// What a run comes to, as far as edits are judged by it.
struct Outcome {
    verdicts: BTreeMap<Key, Rank>,
    /// How often each rule fires on each address.
    findings: BTreeMap<(Key, &'static str), usize>,
    /// How many errors each file has.
    errors: BTreeMap<PathBuf, usize>,
}

/// Whose edits may be to blame for what got worse.
enum Blame {
    Nobody,
    /// Those in these files.
    Files(BTreeSet<PathBuf>),
    All,
}

impl Outcome {
    fn of(run: &Run) -> Self {
        let mut verdicts = BTreeMap::new();
        for judged in &run.judgement.buckets {
            let address = judged.find(&run.deployment.templates).map(|bucket| bucket.address.as_str());
            if let Some(key) = address.and_then(|address| Key::of(run, judged.template, address)) {
                let slot = verdicts.entry(key).or_insert(Rank::Enforced);
                *slot = rank(judged).max(*slot);
            }
        }
        let mut findings = BTreeMap::new();
        for (template, found) in run.findings.iter().enumerate() {
            for (finding, _) in found {
                if let Some(key) = Key::of(run, template, &finding.bucket) {
                    *findings.entry((key, finding.rule)).or_default() += 1;
                }
            }
        }
        let errors = run.inputs.iter().map(|input| (normal(Path::new(&input.path)), input.errors.len())).collect();
        Self { verdicts, findings, errors }
    }

    /// Where `after`, with edits in some files, is worse.
    fn blame(&self, after: &Self, edited: &Texts) -> Blame {
        let mut worse = BTreeSet::new();
        for (key, rank) in &self.verdicts {
            if after.verdicts.get(key).is_none_or(|now| now > rank) {
                worse.insert(key.path.clone());
            }
        }
        for (key, count) in &after.findings {
            if self.findings.get(key).is_none_or(|before| before < count) {
                worse.insert(key.0.path.clone());
            }
        }
        for (path, count) in &self.errors {
            // One that is not there any more has lost its buckets too.
            if after.errors.get(path).is_some_and(|now| now > count) {
                worse.insert(path.clone());
            }
        }
        if worse.is_empty() {
            return Blame::Nobody;
        }
        // What got worse in a file that is not edited comes from somewhere else.
        if worse.iter().all(|path| edited.contains_key(path)) { Blame::Files(worse) } else { Blame::All }
    }
}

fn rank(judged: &Judged) -> Rank {
    match judged.verdict {
        Verdict::Enforced(_) => Rank::Enforced,
        Verdict::Undecided(_) => Rank::Undecided,
        Verdict::Exposed(_) => Rank::Exposed,
    }
}
