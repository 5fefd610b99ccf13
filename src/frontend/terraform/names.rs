//! What the arguments of buckets and their policies are called, by provider.
//!
//! See <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket>,
//! <https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/s3_bucket> and the pages of the
//! policies beside them.

use super::address::Address;

/// The argument of a bucket's block that names it.
pub(super) fn of_bucket(address: &Address) -> &'static str {
    if is_cloud_control(address) { "bucket_name" } else { "bucket" }
}

/// The argument of a bucket policy's block that holds the document.
pub(super) fn of_document(address: &Address) -> &'static str {
    if is_cloud_control(address) { "policy_document" } else { "policy" }
}

/// Whether a resource is of the provider `awscc`, whose arguments are CloudFormation's.
pub(super) fn is_cloud_control(address: &Address) -> bool {
    address.resource.as_ref().is_some_and(|resource| resource.kind.starts_with("awscc_"))
}
