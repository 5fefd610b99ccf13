//! Edits for findings: written by the front ends, made in memory, and the whole run linted again, before anybody is told.
//!
//! All edits of a run are tried at once, since one trial costs what the run costs: a policy for one bucket has nothing to
//! do with a policy for another. Where something comes out wrong, the edits that may be to blame are left out, and the
//! others are tried again.

mod editable;
mod outcome;
mod trial;

use super::over::{Edited, Texts};
use super::read::{Read, read_folder};
use super::run::Run;
use super::suppress::Muted;
use super::{OfSettings, Options};
use crate::finding::{Finding, Intent, Severity};
use crate::frontend::{self, Files, Refusal};
use crate::report::{FindingKey, FindingRecord, FixRecord, Place};
use crate::source::{Edit, FileId, Sources, text_id};
use editable::Editable;
use outcome::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use trial::{Came, Proposal, Trial, Way};

/// A finding: the template, and its number there.
pub(super) type FindingId = (usize, usize);

/// Larger runs are not linted a second time; their findings say so. In bytes of all texts.
const LARGEST_RUN: usize = 64 << 20;
/// Why what is known from a plan only is not edited.
const NOT_HELD: &str = "what it would change is known from a plan only";

/// What came of the intents of a run's findings.
#[derive(Debug, Default)]
pub(super) struct Mends {
    of: BTreeMap<FindingId, Mend>,
}

/// What came of one.
#[derive(Clone, Debug)]
enum Mend {
    /// An edit that was tried and found good.
    Tried(Box<Fix>),
    /// No edit; why, as a clause.
    None(String),
    /// Something else is to be done, elsewhere.
    Instead(String),
    /// The same is to be done elsewhere: the end of a sentence that says where.
    Elsewhere(&'static str),
}

/// An edit as it is told.
#[derive(Clone, Debug)]
struct Fix {
    record: FixRecord,
    /// The text to write, where it is more than a word.
    shown: Option<String>,
}

/// The findings that edits are made for.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    None,
    These(&'a BTreeSet<FindingKey>),
    All,
}

impl Wanted<'_> {
    fn has(self, finding: &Finding, sources: &Sources) -> bool {
        match self {
            Self::None => false,
            Self::These(keys) => keys.contains(&FindingKey::of(finding, sources)),
            Self::All => true,
        }
    }
}

impl Mends {
    /// Writes an edit for each finding that is wanted and says what it wants written, and tries them. `with` gives the run
    /// over the same files with edited texts in the place of some.
    pub(super) fn tried(
        run: &Run,
        with: &dyn Fn(&Texts) -> Run,
        wanted: Wanted<'_>,
        options: &Options,
        files: &dyn Files,
    ) -> Self {
        let mut mends = Self::default();
        let proposals = mends.proposals(run, wanted);
        if mends.of.is_empty() && proposals.is_empty() {
            return mends;
        }
        let size: usize = run.inputs.iter().map(|input| input.file.text().len()).sum();
        if size > LARGEST_RUN {
            for proposal in &proposals {
                let why = "the run is too large to lint it a second time".to_owned();
                mends.of.insert(proposal.id, Mend::None(why));
            }
            return mends;
        }
        let trial = Trial { run, with, before: Outcome::of(run) };
        let mut told = Told { sources: &run.sources, known: BTreeMap::new() };
        for (id, outcome) in trial.all(proposals) {
            let mend = match outcome {
                Came::Good { safe, edits } => Mend::Tried(Box::new(told.fix(safe, &edits))),
                Came::None(wrong) => Mend::None(wrong),
            };
            mends.of.insert(id, mend);
        }
        mends.of_folders(run, options, files);
        mends
    }

    /// What can be done about findings of plans in the folders of source that they speak for: a resource that is added to
    /// the source is not in the plan, so the source is linted by itself.
    fn of_folders(&mut self, run: &Run, options: &Options, files: &dyn Files) {
        for input in run.inputs.iter().filter(|input| !input.is_folder()) {
            let Some(folder) = input.covers() else { continue };
            let wanting = self.wanting(run, &input.path);
            if wanting.is_empty() {
                continue;
            }
            let source = |files: &dyn Files| {
                let of = OfSettings { deployments: input.deployments.clone(), values: input.values.clone() };
                let read = match read_folder(folder, 0, input.frontend, of, options, files) {
                    Some(Read::Template(read)) => vec![*read],
                    _ => Vec::new(),
                };
                Run::of(read, &[], options, files)
            };
            let with = |texts: &Texts| source(&Edited { texts, files });
            let source = source(files);
            let tried = Self::tried(&source, &with, Wanted::All, options, files);
            for (id, bucket) in wanting {
                if let Some(mend) = tried.for_all_instances(&source, &bucket) {
                    self.of.insert(id, mend.clone());
                }
            }
        }
    }

    /// The findings of an input that have no edit, each with its bucket.
    fn wanting(&self, run: &Run, path: &str) -> Vec<(FindingId, String)> {
        let of_input = |id: &FindingId| run.input_of(id.0).is_some_and(|input| input.path == path);
        let none = self.of.iter().filter(|(id, mend)| matches!(mend, Mend::None(_)) && of_input(id));
        none.filter_map(|(id, _)| Some((*id, run.finding(*id)?.bucket.clone()))).collect()
    }

    /// What came of a bucket that another run knows by the addresses of its instances.
    fn for_all_instances(&self, run: &Run, bucket: &str) -> Option<&Mend> {
        let block = without_keys(bucket);
        let mut all = self
            .of
            .iter()
            .filter(|(id, _)| run.finding(**id).is_some_and(|finding| without_keys(&finding.bucket) == block));
        let (_, first) = all.next()?;
        all.all(|(_, mend)| matches!(mend, Mend::Tried(_))).then_some(first)
    }

    /// What the front ends write. What they refuse, and what cannot be tried, is settled at once.
    fn proposals(&mut self, run: &Run, wanted: Wanted<'_>) -> Vec<Proposal> {
        let mut by_input: BTreeMap<usize, Vec<(FindingId, &Intent)>> = BTreeMap::new();
        for (template, findings) in run.findings.iter().enumerate() {
            let Some(place) = run.deployment.places.get(template) else { continue };
            let open = |(_, (one, muted)): &(usize, &(Finding, Option<Muted>))| {
                muted.is_none() && wanted.has(one, &run.sources)
            };
            for (number, (finding, _)) in findings.iter().enumerate().filter(open) {
                let is_inside = |file: FileId| run.sources.get(file).is_some_and(|source| source.is_inside());
                if finding.intents.iter().any(|intent| is_inside(intent.file())) {
                    self.not((template, number), Mend::None("it stands in a template inside of a string".to_owned()));
                    continue;
                }
                if finding.intents.is_empty() && finding.severity == Severity::Error {
                    self.not((template, number), Mend::None("what is right is for you to say".to_owned()));
                }
                let intents = finding.intents.iter().map(|intent| ((template, number), intent));
                by_input.entry(place.member).or_default().extend(intents);
            }
        }
        let files = Editable::of(run);
        let mut ways: BTreeMap<FindingId, Vec<Way>> = BTreeMap::new();
        for (member, intents) in by_input {
            let Some(input) = run.inputs.get(member) else { continue };
            let only: Vec<&Intent> = intents.iter().map(|(_, intent)| *intent).collect();
            for ((id, intent), edits) in intents.iter().zip(input.frontend.edits(&run.sources, &only)) {
                match edits.map(|edits| files.same_for_all(edits)) {
                    Ok(Some(edits)) => {
                        if let Some(place) = edits.iter().find_map(|edit| of_a_tool(&run.sources, edit)) {
                            self.not(*id, Mend::Elsewhere(place));
                            continue;
                        }
                        ways.entry(*id).or_default().push(Way { only_adds: intent.only_adds(), edits });
                    }
                    Ok(None) => self.not(*id, Mend::None(NOT_HELD.to_owned())),
                    Err(Refusal::Generated(instead)) => self.not(*id, Mend::Instead(instead)),
                    Err(refusal) => self.not(*id, Mend::None(refusal.to_string())),
                }
            }
        }
        ways.into_iter().filter_map(|(id, ways)| Proposal::new(id, ways)).collect()
    }

    /// Why one way of a finding is none. The first says most.
    fn not(&mut self, id: FindingId, why: Mend) {
        self.of.entry(id).or_insert(why);
    }

    /// Puts into a record what came of its intent.
    pub(super) fn tell(&self, id: FindingId, record: &mut FindingRecord) {
        match self.of.get(&id) {
            None => {}
            Some(Mend::Instead(instead)) => record.help.clone_from(instead),
            Some(Mend::Elsewhere(place)) => record.help = format!("{}, {place}", record.help),
            // Advice on what is not known stands by itself.
            Some(Mend::None(_)) if record.severity != Severity::Error => {}
            Some(Mend::None(why)) => {
                record.help = format!("{} (no edit is offered: {why})", record.help);
            }
            Some(Mend::Tried(fix)) => {
                if record.severity != Severity::Error {
                    record.help.push_str(
                        "; or add a statement that denies plain HTTP to the policy, whatever it says besides",
                    );
                }
                // One argument is said in the words already.
                if let Some(text) = fix.shown.as_ref().filter(|text| !record.help.contains(text.as_str())) {
                    record.help = format!("{}:\n{text}", record.help);
                }
                record.fix = Some(Box::new(fix.record.clone()));
            }
        }
    }
}

/// Where an edit belongs that is in a file that a tool writes.
fn of_a_tool(sources: &Sources, edit: &Edit) -> Option<&'static str> {
    frontend::written_by_a_tool(Path::new(sources.get(edit.span.file)?.path()))
}

/// The texts that edits are made in, told once a file.
struct Told<'a> {
    sources: &'a Sources,
    known: BTreeMap<FileId, (Arc<str>, u64)>,
}

impl Told<'_> {
    fn fix(&mut self, safe: bool, edits: &[Edit]) -> Fix {
        let files: BTreeSet<FileId> = edits.iter().map(|edit| edit.span.file).collect();
        let places = edits.iter().map(|edit| (Place::of(self.sources, edit.span), edit.text.clone()));
        let record = FixRecord {
            safe,
            edits: places.collect(),
            texts: files.into_iter().filter_map(|file| self.of(file)).collect(),
        };
        Fix { record, shown: shown(edits) }
    }

    fn of(&mut self, file: FileId) -> Option<(Arc<str>, u64)> {
        let source = self.sources.get(file)?;
        let text = || (source.shared_path(), text_id(source.text()));
        Some(self.known.entry(file).or_insert_with(text).clone())
    }
}

/// An address without the keys of instances: `module.many["b"].aws_s3_bucket.this[0]` as
/// `module.many.aws_s3_bucket.this`.
fn without_keys(address: &str) -> String {
    let (mut out, mut quoted, mut depth) = (String::new(), false, 0_usize);
    for c in address.chars() {
        match c {
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// What edits write, as people would write it by itself; `None` where they only replace a word.
fn shown(edits: &[Edit]) -> Option<String> {
    /// Shorter ones are brackets and dashes.
    const SHORTEST: usize = 20;
    let mut texts: Vec<String> = Vec::new();
    for edit in edits.iter().filter(|edit| edit.text.len() >= SHORTEST) {
        let text = by_itself(&edit.text);
        // One statement may go into several documents.
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// Text without what sets it off from its neighbours.
fn by_itself(text: &str) -> String {
    let text = text.replace('\r', "");
    let text = text.trim_matches('\n').trim_start_matches(',').trim_start_matches('\n');
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let margin = text.lines().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(margin..).unwrap_or("").trim_end()).collect();
    lines.join("\n")
}
