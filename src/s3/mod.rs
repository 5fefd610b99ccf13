//! S3 buckets, the policies that guard them, and the verdict on each.
//!
//! `worlds` says which deployments there are, as sets, [`link`](crate::link) which policy may be on which bucket, `weigh`
//! what a policy is worth in which of them, and [`judge()`] keeps the worst over all in which the bucket exists. `tell`
//! says which deployment that is, in the words of the templates.

mod judge;
mod orphan;
mod tell;
mod verdict;
mod weigh;
mod worlds;

pub use crate::link::PolicyId;
pub use judge::judge;
pub use verdict::{Assumption, Cause, Exposure, Judged, Judgement, Orphan, Proof, Undecided, Verdict};
pub use worlds::Chosen;
