//! bucketlint proves whether anything can reach an S3 bucket without TLS.
pub mod model;
pub mod source;
pub mod syntax;
