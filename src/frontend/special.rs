//! Buckets that are none of S3's general purpose buckets, and their policies: they speak of actions of their own, and
//! nothing of them is checked. That is said, with their number.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html> on the types of buckets.

use crate::model::{Notice, Piece, Text};
use crate::source::Span;
use std::collections::BTreeMap;

/// What such a resource is called, one of them and several.
pub(super) type Names = (&'static str, &'static str);

/// What a resource of that type is, in CloudFormation, of the providers `aws` and `awscc`; `None` for all that is no
/// such bucket and no policy of one.
pub(super) fn names(resource: &str) -> Option<Names> {
    Some(match resource {
        "AWS::S3Express::DirectoryBucket" | "aws_s3_directory_bucket" | "awscc_s3express_directory_bucket" => {
            ("directory bucket (S3 Express One Zone)", "directory buckets (S3 Express One Zone)")
        }
        "AWS::S3Tables::TableBucket" | "aws_s3tables_table_bucket" | "awscc_s3tables_table_bucket" => {
            ("table bucket (S3 Tables)", "table buckets (S3 Tables)")
        }
        "AWS::S3Vectors::VectorBucket" | "aws_s3vectors_vector_bucket" | "awscc_s3vectors_vector_bucket" => {
            ("vector bucket (S3 Vectors)", "vector buckets (S3 Vectors)")
        }
        "AWS::S3Outposts::Bucket" | "aws_s3control_bucket" | "awscc_s3outposts_bucket" => {
            ("bucket on Outposts", "buckets on Outposts")
        }
        "AWS::S3Express::BucketPolicy" | "awscc_s3express_bucket_policy" => {
            ("policy of a directory bucket", "policies of directory buckets")
        }
        "AWS::S3Tables::TableBucketPolicy"
        | "aws_s3tables_table_bucket_policy"
        | "awscc_s3tables_table_bucket_policy" => ("policy of a table bucket", "policies of table buckets"),
        "AWS::S3Vectors::VectorBucketPolicy"
        | "aws_s3vectors_vector_bucket_policy"
        | "awscc_s3vectors_vector_bucket_policy" => ("policy of a vector bucket", "policies of vector buckets"),
        "AWS::S3Outposts::BucketPolicy" | "aws_s3control_bucket_policy" | "awscc_s3outposts_bucket_policy" => {
            ("policy of a bucket on Outposts", "policies of buckets on Outposts")
        }
        _ => return None,
    })
}

/// Whether a name is a directory bucket's, whatever its unknown parts are
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html>).
pub(super) fn is_directory_name(name: &Text) -> bool {
    matches!(name.pieces().last(), Some(Piece::Literal(last)) if last.ends_with("--x-s3"))
}

/// That these resources are not checked, by kind, each at the first of them.
pub(super) fn not_checked(resources: impl IntoIterator<Item = (Names, Span)>) -> Vec<Notice> {
    let mut kinds: BTreeMap<Names, (usize, Span)> = BTreeMap::new();
    for (names, span) in resources {
        kinds.entry(names).or_insert((0, span)).0 += 1;
    }
    let notice = |((one, several), (count, span)): (Names, (usize, Span))| {
        let (what, are) = if count == 1 { (one, "is") } else { (several, "are") };
        let message = format!("{count} {what} {are} not checked: only S3's general purpose buckets are");
        Notice { message, span }
    };
    kinds.into_iter().map(notice).collect()
}
