//! bucketlint proves whether anything can reach an S3 bucket without TLS.

pub mod cli;
pub mod discover;
pub mod finding;
pub mod frontend;
pub mod lint;
pub mod model;
pub mod policy;
pub mod report;
pub mod rules;
pub mod s3;
pub mod settings;
pub mod source;
pub mod syntax;
