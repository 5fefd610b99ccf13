//! What the arguments of buckets and their policies are called, by provider.
//!
//! See <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket>,
//! <https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/s3_bucket> and the pages of the
//! policies beside them.

use super::address::Address;
use crate::model::{Symbol, Text};

/// The argument of a bucket's block that names it.
pub(super) fn of_bucket(address: &Address) -> &'static str {
    if is_cloud_control(address) { "bucket_name" } else { "bucket" }
}

/// The argument of a bucket's block that says how a name starts which is made up.
pub(super) fn of_prefix(address: &Address) -> &'static str {
    if is_cloud_control(address) { "bucket_name_prefix" } else { "bucket_prefix" }
}

/// The name that starts with a prefix. `rest` stands for what AWS or the provider adds.
///
/// The provider `aws` adds digits and letters, whatever the namespace; with `awscc` it is AWS itself that composes
/// `PREFIX-ACCOUNT-REGION-an` in a namespace of the account and the Region, and nothing is known of the end elsewhere.
pub(super) fn prefixed(prefix: &Text, rest: Symbol, address: &Address, namespace: Option<&str>) -> Text {
    let mut name = prefix.clone();
    let regional = is_cloud_control(address) && namespace == Some("account-regional");
    name.push_str(if regional { "-" } else { "" });
    name.push(&Text::hole(rest));
    name.push_str(if regional { "-an" } else { "" });
    name
}

/// The argument of a bucket's block that names its namespace.
pub(super) const NAMESPACE: &str = "bucket_namespace";

/// The argument of a bucket policy's block that holds the document.
pub(super) fn of_document(address: &Address) -> &'static str {
    if is_cloud_control(address) { "policy_document" } else { "policy" }
}

/// Whether a resource is of the provider `awscc`, whose arguments are CloudFormation's.
pub(super) fn is_cloud_control(address: &Address) -> bool {
    address.resource.as_ref().is_some_and(|resource| resource.kind.starts_with("awscc_"))
}
