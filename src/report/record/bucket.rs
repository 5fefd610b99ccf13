//! Buckets and policies with their verdicts.

use super::finding::Subject;
use super::place::Place;
use crate::model::Verdict;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A bucket and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketRecord {
    /// The file that was linted.
    pub input: Arc<str>,
    /// Where a person would change the bucket.
    pub place: Place,
    /// The logical id, or the full instance address in a plan.
    pub address: String,
    /// The nested stack that deploys it, where it is judged in several places.
    pub deployment: Option<String>,
    /// The construct that made it (`aws:cdk:path`).
    pub construct: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// The policies that were held against it.
    pub policies: Vec<PolicyRecord>,
    /// How many more policies were.
    pub policies_omitted: usize,
    /// The request that gets through, for `exposed`.
    pub witness: Option<Box<Witness>>,
    /// Why, in one clause without full stop.
    pub reason: String,
    /// The statements that deny, for `enforced`.
    pub enforced_by: Vec<Place>,
}

impl BucketRecord {
    /// What findings about it name.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        (&self.address, self.deployment.as_deref())
    }
}

/// A bucket policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyRecord {
    /// Where a person would change it.
    pub place: Place,
    /// The logical id, or the full instance address in a plan.
    pub address: String,
}

/// A policy whose bucket is not in the input, with its own decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrphanRecord {
    /// Where a person would change it.
    pub place: Place,
    /// The logical id, or the full instance address in a plan.
    pub address: String,
    /// The bucket that it names, as written.
    pub bucket: String,
    /// What it makes of that bucket.
    pub verdict: Verdict,
    /// The request that gets through, for `exposed` by a policy that AWS accepts.
    pub witness: Option<Box<Witness>>,
    /// Why, in one clause without full stop.
    pub reason: String,
}

/// A concrete insecure request that no statement denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// `*` for anonymous, else an ARN, account id or service name.
    pub principal: String,
    /// The action as AWS writes it.
    pub action: String,
    /// A full ARN.
    pub resource: String,
    /// Condition keys and their values, in order.
    pub context: Vec<(String, Vec<String>)>,
    /// The conditions under which it holds, and whether each of them does.
    pub assumptions: BTreeMap<String, bool>,
    /// The fewest parameters that make it so, as they have to be given.
    pub parameters: BTreeMap<String, Given>,
}

impl Witness {
    /// Whether the request is on an object, not on the bucket itself.
    #[must_use]
    pub(crate) fn is_on_object(&self) -> bool {
        // A bucket without a name stands there by its address, which may hold anything.
        let path = self.resource.rsplit_once('>').map_or(self.resource.as_str(), |(_, path)| path);
        path.contains('/')
    }
}

/// How a parameter has to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// With this value.
    Value(String),
    /// With any value but these.
    Not(Vec<String>),
}
