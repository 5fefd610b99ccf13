//! Files of one run that concern each other: a policy in one, its bucket in another.
//!
//! Files are linted one by one and forgotten. What could tie a file to others is kept as a few names: what it offers
//! (buckets that no policy of its own guards, exports) and what it wants (policies on buckets that it does not
//! declare). Only files that fit together are read a second time, and judged as one.

use super::{Input, Options, Read, ReadInput, judge, read};
use crate::frontend::{Files, normal};
use crate::model::{Data, Template, Text, Value};
use crate::report::FileReport;
use crate::s3::{Judgement, PolicyId};
use crate::source::Sources;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Larger groups are left alone: so many files that name one bucket are copies of each other, not parts of one whole.
const MAX_GROUP: usize = 64;

/// What ties a file to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linkage {
    offers: BTreeSet<Tie>,
    wants: BTreeSet<Tie>,
}

/// A name by which files find each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// The name of a bucket.
    Bucket(String),
    /// The name of an export.
    Export(String),
    /// The path of a template that another one deploys.
    Path(PathBuf),
}

impl Linkage {
    /// What ties template number `index` to others.
    pub(super) fn of(path: &str, templates: &[Template], judgement: &Judgement, index: usize) -> Self {
        let mut linkage = Self::default();
        let Some(template) = templates.get(index) else { return linkage };
        linkage.offers.insert(Tie::Path(normal(Path::new(path))));
        linkage.wants.extend(template.nested.iter().map(|stack| Tie::Path(beside(path, &stack.location))));
        for judged in judgement.buckets.iter().filter(|judged| judged.template == index) {
            let name = judged.find(templates).and_then(|bucket| bucket.name.as_ref()).and_then(Text::as_literal);
            if let (Some(name), true) = (name, judged.policies.is_empty()) {
                linkage.offers.insert(Tie::Bucket(name.to_owned()));
            }
        }
        for export in &template.exports {
            linkage.offers.extend(export.name.as_literal().map(|name| Tie::Export(name.to_owned())));
        }
        for orphan in &judgement.orphans {
            if let (PolicyId::Resource(at, _), Some(policy)) = (orphan.policy, orphan.policy.find(templates))
                && at == index
            {
                wanted(&policy.bucket, &mut linkage.wants);
            }
        }
        linkage
    }
}

/// The path of a file that `path` names relative to itself.
fn beside(path: &str, location: &str) -> PathBuf {
    normal(&Path::new(path).parent().unwrap_or(Path::new("")).join(location))
}

fn wanted(bucket: &Value, wants: &mut BTreeSet<Tie>) {
    match &bucket.data {
        Data::Choice { then, otherwise, .. } => {
            wanted(then, wants);
            wanted(otherwise, wants);
        }
        Data::Text(text) => {
            wants.extend(text.as_literal().map(|name| Tie::Bucket(name.to_owned())));
            let imports = text.symbols().filter_map(|symbol| symbol.key().strip_prefix("import:"));
            wants.extend(imports.map(|name| Tie::Export(name.to_owned())));
        }
        _ => {}
    }
}

/// Groups of two or more files (by index) of which one wants what another offers.
#[must_use]
pub fn groups(linkages: &[Linkage]) -> Vec<Vec<usize>> {
    let mut offered: BTreeMap<&Tie, Vec<usize>> = BTreeMap::new();
    for (index, linkage) in linkages.iter().enumerate() {
        for tie in &linkage.offers {
            offered.entry(tie).or_default().push(index);
        }
    }
    let mut leader: Vec<usize> = (0..linkages.len()).collect();
    for (index, linkage) in linkages.iter().enumerate() {
        for &other in linkage.wants.iter().filter_map(|tie| offered.get(tie)).flatten() {
            let (one, two) = (find(&mut leader, index), find(&mut leader, other));
            if let Some(slot) = leader.get_mut(one.max(two)) {
                *slot = one.min(two);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..linkages.len() {
        let first = find(&mut leader, index);
        groups.entry(first).or_default().push(index);
    }
    groups.into_values().filter(|group| (2..=MAX_GROUP).contains(&group.len())).collect()
}

/// The smallest index of the group that `index` is in; shortens the way there.
fn find(leader: &mut [usize], mut index: usize) -> usize {
    while let Some(&next) = leader.get(index) {
        if next == index {
            break;
        }
        let after = leader.get(next).copied().unwrap_or(next);
        if let Some(slot) = leader.get_mut(index) {
            *slot = after;
        }
        index = next;
    }
    index
}

/// Lints files that concern each other as one; gives one report for each that could be read, in their order.
#[must_use]
pub fn lint_together(inputs: Vec<Input>, options: &Options, files: &dyn Files) -> Vec<FileReport> {
    let mut sources = Sources::default();
    let mut reads = Vec::new();
    let mut reports = Vec::new();
    for input in inputs {
        match read(input, options, files, &mut sources) {
            Read::Template(read) => reads.push(*read),
            Read::Failed(report) => reports.push(report),
            Read::PassedOver(_) => {}
        }
    }
    nest(&mut reads);
    reports.extend(judge(reads, &sources, options).into_iter().map(|(report, _)| report));
    reports
}

/// Finds the templates that others deploy.
fn nest(reads: &mut [ReadInput]) {
    let paths: BTreeMap<PathBuf, usize> =
        reads.iter().enumerate().map(|(index, read)| (normal(Path::new(&read.path)), index)).collect();
    for read in reads.iter_mut() {
        for stack in &mut read.template.nested {
            stack.template = paths.get(&beside(&read.path, &stack.location)).copied();
        }
    }
}
