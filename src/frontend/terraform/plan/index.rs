//! All instances of a plan, of any type. Made only where something refers to another resource than a bucket: a plan may
//! hold fifty thousand.

use super::super::address::{Address, InstanceKey, ModuleStep};
use super::Skeleton;
use crate::source::Span;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Data sources that tell of the account, and so hand no bucket's name on.
const HARMLESS: [&str; 7] = [
    "aws_iam_policy_document",
    "aws_caller_identity",
    "aws_region",
    "aws_partition",
    "aws_canonical_user_id",
    "aws_default_tags",
    "aws_availability_zones",
];

/// All instances of a plan, of any type.
#[derive(Default)]
pub(crate) struct Index {
    /// Where the values of an instance stand, by its address; after apply, else before.
    pub(crate) values: HashMap<String, Span>,
    /// Where the change of an instance stands, by its address.
    pub(crate) changes: HashMap<String, Span>,
    /// The keys of each block or module call, by its address without its last key.
    pub(crate) keys: HashMap<String, BTreeSet<InstanceKey>>,
    /// The modules in which, or below which, a data source is read only while applying, which may hold any name.
    deferred: HashSet<String>,
}

/// The address in an entry; the rest is skipped.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
}

impl Index {
    pub(crate) fn new(skeleton: &Skeleton, text: &str) -> Self {
        let mut index = Self::default();
        let address = |span: &Span| {
            let head: Head = serde_json::from_str(text.get(span.range())?).ok()?;
            Some(head.address.into_owned())
        };
        for span in &skeleton.all_instances {
            // What has no address is referred to by nothing; a bucket or a policy without one is an error.
            let Some(address) = address(span) else { continue };
            index.add_keys(&address);
            index.values.entry(address).or_insert(*span);
        }
        // Data sources that were read while planning stand in the prior state only. What else stands there only is
        // about to be deleted.
        for span in &skeleton.all_prior {
            let Some(address) = address(span).filter(|address| is_data(address)) else { continue };
            index.add_keys(&address);
            index.values.entry(address).or_insert(*span);
        }
        for span in &skeleton.all_changes {
            let Some(address) = address(span) else { continue };
            index.defer(&address);
            index.changes.entry(address).or_insert(*span);
        }
        index
    }

    fn add_keys(&mut self, text: &str) {
        let Some(mut address) = Address::parse(text) else { return };
        loop {
            let key = address.last_key().clone();
            self.keys.entry(address.without_last_key().to_string()).or_default().insert(key);
            if address.resource.take().is_none() {
                address.modules.pop();
            }
            if address.modules.is_empty() {
                return;
            }
        }
    }

    /// A data source that is among the changes is read only while applying.
    fn defer(&mut self, text: &str) {
        let Some(mut address) = Address::parse(text) else { return };
        let Some(resource) = address.resource.take() else { return };
        if !resource.data {
            return;
        }
        // Old releases list it among the changes only.
        self.keys.entry(super::view::block_text(&address.modules, &resource)).or_default().insert(resource.key.clone());
        if HARMLESS.contains(&resource.kind.as_str()) {
            return;
        }
        loop {
            if !self.deferred.insert(address.to_string()) || address.modules.pop().is_none() {
                return;
            }
        }
    }

    /// Whether what a module instance refers to may hold any name: a data source in it, or in one that it calls, is
    /// read only while applying.
    pub(crate) fn is_deferred(&self, path: &[ModuleStep]) -> bool {
        self.deferred.contains(&Address { modules: path.to_vec(), resource: None }.to_string())
    }
}

fn is_data(address: &str) -> bool {
    Address::parse(address).and_then(|address| address.resource).is_some_and(|resource| resource.data)
}
