//! Settings of buckets that are resources of their own, as far as they make a difference to what S3 takes for a policy:
//! the public access block, and the configuration as a website.

use super::address::Address;
use crate::model::{Bucket, Text};
use crate::source::Span;
use std::collections::HashMap;

/// What a setting says, where it is on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Policies that let the public in are refused.
    BlocksPublicPolicy,
    /// The bucket is a website.
    Website,
}

/// The argument that has a public access block refuse policies
/// (<https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_public_access_block>).
pub(super) const BLOCKS: &str = "block_public_policy";

impl Setting {
    /// What a resource of that address may set.
    pub(super) fn of(address: &Address) -> Option<Self> {
        match address.resource.as_ref()?.kind.as_str() {
            "aws_s3_bucket_public_access_block" => Some(Self::BlocksPublicPolicy),
            "aws_s3_bucket_website_configuration" => Some(Self::Website),
            _ => None,
        }
    }
}

/// Buckets by what they are called.
pub(super) struct ByName(HashMap<Text, Vec<usize>>);

impl ByName {
    pub(super) fn of(buckets: &[Bucket]) -> Self {
        let mut by_name: HashMap<Text, Vec<usize>> = HashMap::new();
        for (index, bucket) in buckets.iter().enumerate() {
            let names = bucket.name.iter().cloned().chain([Text::hole(bucket.symbol.clone())]);
            names.for_each(|name| by_name.entry(name).or_default().push(index));
        }
        Self(by_name)
    }

    /// Notes a setting at the buckets of a name.
    pub(super) fn set(&self, name: &Text, setting: Setting, place: Span, buckets: &mut [Bucket]) {
        for index in self.0.get(name).into_iter().flatten() {
            let Some(bucket) = buckets.get_mut(*index) else { continue };
            let noted = match setting {
                Setting::BlocksPublicPolicy => &mut bucket.settings.blocks_public_policy,
                Setting::Website => &mut bucket.settings.website,
            };
            *noted = Some(place);
        }
    }
}
