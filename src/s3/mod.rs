//! S3 buckets, the policies that guard them, and the verdict on each.
//!
//! `worlds` says which deployments there are, [`link`](crate::link) which policy may be on which bucket, and [`judge()`]
//! decides each bucket over all deployments in which it exists and keeps the worst.

mod candidate;
mod judge;
mod orphan;
mod tell;
mod verdict;
mod worlds;

pub use crate::link::PolicyId;
pub use judge::judge;
pub use verdict::{Assumption, Cause, Exposure, Judged, Judgement, Orphan, Proof, Undecided, Verdict};
