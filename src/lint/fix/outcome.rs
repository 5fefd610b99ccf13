//! What a run comes to, as far as edits are judged by it.

use super::super::run::Run;
use crate::buckets::{Judged, Verdict};
use crate::frontend::normal;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How good a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Enforced,
    Undecided,
    Exposed,
}

/// A bucket, or what is found of it, told apart in every run over the same files.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) path: PathBuf,
    deployment: String,
    address: String,
}

impl Key {
    pub(super) fn of(run: &Run, template: usize, address: &str) -> Option<Self> {
        let place = run.deployment.places.get(template)?;
        let deployment = place.label.as_deref().unwrap_or("").to_owned();
        let path = normal(Path::new(&run.input_of(template)?.path));
        Some(Self { path, deployment, address: address.to_owned() })
    }
}

/// What a run comes to, as far as edits are judged by it.
pub(super) struct Outcome {
    pub(super) verdicts: BTreeMap<Key, Rank>,
    /// How often each rule fires on each address.
    findings: BTreeMap<(Key, &'static str), usize>,
    /// How many errors each file has.
    errors: BTreeMap<PathBuf, usize>,
}

impl Outcome {
    pub(super) fn of(run: &Run) -> Self {
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

    /// What is worse in `after`. Errors of a file are nobody's bucket.
    pub(super) fn worse(&self, after: &Self) -> BTreeSet<Key> {
        let verdicts = self.verdicts.iter().filter(|(key, rank)| after.verdicts.get(key).is_none_or(|now| now > rank));
        let verdicts = verdicts.map(|(key, _)| key.clone());
        let more = |(key, count): &(&(Key, &'static str), &usize)| self.findings.get(key).is_none_or(|old| old < count);
        let findings = after.findings.iter().filter(more).map(|((key, _), _)| key.clone());
        // A file that is not there any more has lost its buckets too.
        let broken = self.errors.iter().filter(|(path, count)| after.errors.get(*path).is_some_and(|now| now > count));
        let broken = broken.map(|(path, _)| Key { path: path.clone(), ..Key::default() });
        verdicts.chain(findings).chain(broken).collect()
    }

    /// What is worse in `after` about a bucket, as a clause about an edit.
    pub(super) fn harm(&self, after: &Self, key: &Key) -> String {
        let of_key = after.findings.range((key.clone(), "")..).take_while(|((one, _), _)| one == key);
        let mut more = of_key.filter(|(key, count)| self.findings.get(*key).is_none_or(|old| old < *count));
        match more.next() {
            _ if key.address.is_empty() => format!("a part of `{}` could not be read any more", key.path.display()),
            Some(((_, rule), _)) => format!("it brought `{rule}` for `{}`", key.address),
            None => format!("it made the verdict of `{}` worse", key.address),
        }
    }
}

fn rank(judged: &Judged) -> Rank {
    match judged.verdict {
        Verdict::Enforced(_) => Rank::Enforced,
        Verdict::Undecided(_) => Rank::Undecided,
        Verdict::Exposed(_) => Rank::Exposed,
    }
}
