//! What linting comes to: records that are whole, so that any report can be made of them and no source text has to be
//! kept. Everything in them that comes from an input is untrusted.

mod bucket;
mod excerpt;
mod finding;
mod place;
mod rename;

pub use bucket::{BucketRecord, Given, OrphanRecord, PolicyRecord, Witness};
pub(super) use excerpt::WIDEST;
pub use excerpt::{Excerpt, Line, Mark, Shown, Spot};
pub use finding::{
    ErrorRecord, FindingKey, FindingRecord, FixRecord, NoticeRecord, RelatedRecord, Subject, SuppressionRecord,
};
pub use place::{Place, Position};
pub use rename::renamed;

use super::fingerprint::fingerprint;
use super::summary::Counts;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that linting one file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// The file's path as shown. Untrusted.
    pub path: String,
    /// The kind of input (`cloudformation`, …); `None` where it was not recognised for its errors.
    pub kind: Option<&'static str>,
    /// Its buckets, in order; none once they are forgotten.
    pub buckets: Vec<BucketRecord>,
    /// How many buckets it has, by verdict.
    pub counts: Counts,
    /// Its policies on buckets that are not in the input, in order.
    pub orphans: Vec<OrphanRecord>,
    /// Its findings, in order.
    pub findings: Vec<FindingRecord>,
    /// Its errors, in order.
    pub errors: Vec<ErrorRecord>,
    /// What else was noticed in it, in order.
    pub notices: Vec<NoticeRecord>,
    /// Whether its notices are for everybody, not only beside findings: something in it was not read, or has no effect.
    pub is_unread: bool,
    /// The parameters that it may be given, where any are given.
    pub declared: Vec<DeclaredRecord>,
    /// How many findings settings switch off.
    pub ignored: usize,
    /// The policies of the organization, by their index, that cover some of its buckets.
    pub guards: BTreeSet<usize>,
}

/// A parameter of an input. No report shows it: it is for whoever gave the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredRecord {
    /// Its name.
    pub name: String,
    /// Why it cannot have the value that it is given, as a clause.
    pub refuses: Option<String>,
}

impl FileReport {
    /// Puts records in order, and tells findings with equal fingerprints apart.
    #[must_use]
    pub(crate) fn in_order(mut self) -> Self {
        self.buckets.sort_by(|one, two| (&one.place, &one.address).cmp(&(&two.place, &two.address)));
        self.orphans.sort_by(|one, two| (&one.place, &one.address).cmp(&(&two.place, &two.address)));
        self.findings.sort_by(|one, two| one.key().cmp(&two.key()));
        self.errors.sort_by(|one, two| one.key().cmp(&two.key()));
        self.notices.sort();
        self.notices.dedup();
        self.buckets.shrink_to_fit();
        self.counts = Counts::of(&self.buckets);
        self.explain_findings();
        let path = self.path.clone();
        self.identify(&path);
        self
    }

    /// Says of each finding about a bucket that lets a request through which request that is.
    fn explain_findings(&mut self) {
        let witnesses = self.buckets.iter().filter_map(|bucket| Some((bucket.subject(), bucket.witness.as_ref()?)));
        let witnesses: BTreeMap<Subject<'_>, _> = witnesses.collect();
        for finding in self.findings.iter_mut().filter(|finding| rules::explains_verdict(finding.rule)) {
            if let Some(witness) = witnesses.get(&finding.subject()) {
                let on = if witness.is_on_object() { "an object" } else { "the bucket" };
                finding.because = format!("{} on {on}", witness.action);
            }
        }
    }

    /// Names the findings, by the file's path below its repository. Equal ones are told apart by their order.
    pub(crate) fn identify(&mut self, path: &str) {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for finding in &mut self.findings {
            let address = finding.bucket.as_deref().unwrap_or("");
            let named = |repeat| fingerprint(finding.rule, address, path, &finding.because, repeat);
            let repeat = seen.entry(named(0)).or_default();
            let name = named(*repeat);
            *repeat += 1;
            finding.fingerprint = name;
        }
    }

    /// Drops the buckets, which are still counted: a report for people tells of findings only, and a tree may have
    /// tens of thousands of buckets.
    pub(crate) fn forget_buckets(&mut self) {
        self.buckets = Vec::new();
        self.orphans = Vec::new();
    }

    /// A file that could not be linted at all.
    #[must_use]
    pub fn failed(error: ErrorRecord) -> Self {
        Self { path: error.file.clone(), errors: vec![error], ..Self::default() }
    }
}
