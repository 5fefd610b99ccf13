//! What stands after apply: a plan says what it does with a policy, and what it leaves as it is.

use super::super::plan::view::{Instance, View, expression_of, value_of};
use super::identity::Identities;
use crate::model::{Bucket, BucketPolicy, Text};
use std::collections::HashSet;

/// Tells which policies stand after apply.
pub(crate) struct Standing<'x, 'v> {
    view: &'x View<'v>,
    identities: &'x Identities,
    policies: &'x [BucketPolicy],
    /// The names under which policies of the plan are put on buckets.
    named: HashSet<Text>,
    /// The buckets whose policies the plan takes away; `None` where one of them does not say.
    deleted: Option<HashSet<String>>,
}

impl<'x, 'v> Standing<'x, 'v> {
    pub(crate) fn new(view: &'x View<'v>, identities: &'x Identities, policies: &'x [BucketPolicy]) -> Self {
        let deleted = view.deleted_policies().map(|span| {
            let entry = view.tree(span);
            let before = entry.root().and_then(|entry| entry.get("change")).and_then(|change| change.get("before"));
            before.and_then(|before| before.get("bucket")).and_then(crate::syntax::Node::text).map(str::to_owned)
        });
        Self {
            view,
            identities,
            policies,
            named: policies.iter().filter_map(|policy| policy.bucket.scalar_text()).collect(),
            deleted: deleted.collect(),
        }
    }

    /// Why a policy that the plan leaves as it is does not stand after apply, as a sentence; `None` where it does.
    pub(crate) fn left_behind(&self, policy: &BucketPolicy) -> Option<String> {
        if self.view.skeleton.is_state || self.view.actions(&policy.address).writes() {
            return None;
        }
        let address = &policy.address;
        if let Some(owner) = self.identities.of(&policy.bucket).filter(|owner| self.view.actions(owner).create) {
            return Some(format!(
                "`{address}` is left as it is, and so is not put on the new `{owner}`: it goes with the bucket that is \
                 there now"
            ));
        }
        // A bucket has one policy, whoever deletes it.
        let name = policy.bucket.scalar_text()?;
        let name = name.as_literal().filter(|name| self.deleted.as_ref().is_some_and(|all| all.contains(*name)))?;
        Some(format!("`{address}` is left as it is, and the plan takes the policy of bucket `{name}` away"))
    }

    /// Whether the policy that a bucket shows to have in AWS is the one that it has after apply.
    pub(crate) fn keeps_own(&self, bucket: &Bucket) -> bool {
        let own = Text::hole(bucket.symbol.clone());
        if self.named.contains(&own) || bucket.name.as_ref().is_some_and(|name| self.named.contains(name)) {
            return false;
        }
        if self.view.skeleton.is_state {
            return true;
        }
        let name = bucket.name.as_ref().and_then(Text::as_literal);
        let taken = match (&self.deleted, name) {
            (Some(deleted), Some(name)) => deleted.contains(name),
            (Some(deleted), None) => !deleted.is_empty(),
            (None, _) => true,
        };
        // One that is written and may be on this bucket takes the place of what is there.
        let replaced = || {
            self.policies.iter().any(|policy| {
                let within = policy.reach.as_ref().is_none_or(|reach| reach.holds(&bucket.symbol));
                let unknown = policy.bucket.scalar_text().is_none_or(|text| text.as_literal().is_none());
                unknown && within && self.view.actions(&policy.address).writes()
            })
        };
        !taken && !replaced()
    }
}

/// Whether the policy of a bucket is set in its block: else it is what AWS says that the bucket has.
pub(crate) fn is_set(view: &View<'_>, bucket: &Instance) -> bool {
    if view.skeleton.is_state {
        return false;
    }
    let address = bucket.address.to_string();
    match view.block(&bucket.address) {
        Some(block) => expression_of(&block, "policy").is_some(),
        // Without a configuration: a value that is known when the bucket is made was given to it.
        None => view.actions(&address).create && value_of(&view.tree(bucket.span), "policy").is_some(),
    }
}
