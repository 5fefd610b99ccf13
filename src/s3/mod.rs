//! S3 buckets, the policies that guard them, and the verdict on each.
//!
//! Three steps, each in its own file: `worlds` says which deployments there are, `attach` says which policy
//! belongs to which bucket in a deployment, [`judge()`] decides each bucket over all deployments in which it
//! exists and keeps the worst.

mod attach;
mod judge;
mod verdict;
mod worlds;

pub use judge::judge;
pub use verdict::{Assumption, Cause, Exposure, Judged, Judgement, Orphan, PolicyId, Proof, Undecided, Verdict};
