//! bucketlint proves whether anything can reach an S3 bucket without TLS.
pub mod finding;
pub mod frontend;
pub mod model;
pub mod policy;
pub mod rules;
pub mod s3;
pub mod source;
pub mod syntax;
