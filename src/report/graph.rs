//! What guards what: files, the policies in them, and the buckets that these are on, for reports that draw it.

use super::{BucketRecord, FindingRecord, Report, Subject, Verdict};
use std::collections::{HashMap, HashSet};

/// A picture's parts. Indexes of buckets, policies and files are those of the lists.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    /// Paths of files.
    pub(super) files: Vec<&'a str>,
    /// Policies, each with the index of its file.
    pub(super) policies: Vec<(usize, &'a str)>,
    /// The drawn buckets.
    pub(super) buckets: Vec<Bucket<'a>>,
    /// How many buckets are left out.
    pub(super) omitted: usize,
}

/// A bucket.
#[derive(Debug)]
pub(super) struct Bucket<'a> {
    pub(super) record: &'a BucketRecord,
    /// The index of its file.
    pub(super) file: usize,
    /// The indexes of its policies.
    pub(super) policies: Vec<usize>,
}

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most edges.
    pub(super) edges: usize,
    /// The most buckets.
    pub(super) buckets: usize,
    pub(super) which: Which,
}

/// Which buckets are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    All,
    /// Those that are not enforced and that a finding tells of which is shown.
    Found,
}

impl<'a> Graph<'a> {
    /// The worst buckets first, as many as are drawn with `edges` edges at most, and no more than `buckets`.
    pub(super) fn new(report: &Report<'a>, limits: Limits) -> Self {
        let Limits { edges, buckets, which } = limits;
        let mut all: Vec<&BucketRecord> = match which {
            Which::All => report.buckets().collect(),
            Which::Found => found(report).collect(),
        };
        all.sort_by_key(|bucket| rank(bucket.verdict));
        let mut building = Building::default();
        let mut left = edges;
        for bucket in &all {
            // An edge to each of its policies, one from each policy's file; or one from its own file.
            let needed = (2 * bucket.policies.len()).max(1);
            if needed > left || building.graph.buckets.len() >= buckets {
                break;
            }
            left -= needed;
            building.add(bucket);
        }
        building.graph.omitted = all.len() - building.graph.buckets.len();
        building.graph
    }
}

/// The buckets that findings tell of.
fn found<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a BucketRecord> {
    report.files.iter().flat_map(|file| {
        let shown = file.findings.iter().filter(|finding| report.shows(finding));
        let told: HashSet<Subject<'_>> = shown.map(FindingRecord::subject).collect();
        let is_found =
            move |bucket: &&BucketRecord| bucket.verdict != Verdict::Enforced && told.contains(&bucket.subject());
        file.buckets.iter().filter(is_found)
    })
}

/// The worst first.
pub(super) fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Exposed => 0,
        Verdict::Undecided(_) => 1,
        Verdict::Enforced => 2,
    }
}

#[derive(Default)]
struct Building<'a> {
    graph: Graph<'a>,
    files: HashMap<&'a str, usize>,
    policies: HashMap<(usize, &'a str), usize>,
}

impl<'a> Building<'a> {
    fn add(&mut self, record: &'a BucketRecord) {
        let file = self.file(&record.place.file);
        let policies = record.policies.iter().map(|policy| {
            let key = (self.file(&policy.place.file), policy.address.as_str());
            let next = self.graph.policies.len();
            *self.policies.entry(key).or_insert_with(|| {
                self.graph.policies.push(key);
                next
            })
        });
        let policies = policies.collect();
        self.graph.buckets.push(Bucket { record, file, policies });
    }

    fn file(&mut self, path: &'a str) -> usize {
        let next = self.graph.files.len();
        *self.files.entry(path).or_insert_with(|| {
            self.graph.files.push(path);
            next
        })
    }
}
