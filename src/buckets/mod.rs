//! S3 buckets, the policies that guard them, and the verdict on each.
//!
//! [`judge()`] takes the buckets of a deployment one by one, each with steps of its own. `concerned` finds the inputs that
//! a bucket and its policies hang on, and `worlds` what deployments these make, as sets. `weighing` puts a bucket together:
//! `tied` says where each policy is on it ([`link`](crate::link) tells which may be), `frame` takes a policy's document
//! apart into statements, `weigh` says what it is worth in which worlds, and `worst` keeps the worst of all. `tell` says
//! which deployment that is, in the words of the templates. `plainly` needs no worlds: a Deny that no condition touches.
//! `anywhere` tells which policies matter on no bucket that they may be on, `impossible` finds the templates that nobody can deploy.
//! `twins` are buckets that share one judgement.

mod anywhere;
mod assumed;
mod concerned;
mod frame;
mod impossible;
mod judge;
mod orphan;
mod plainly;
mod tell;
mod tied;
mod twins;
mod verdict;
mod weigh;
mod weighing;
mod worlds;
mod worst;

pub use crate::link::PolicyId;
pub use judge::judge;
pub use verdict::{Assumption, Cause, Exposure, Judged, Judgement, Never, Orphan, Proof, Undecided, Verdict};
pub use worlds::Chosen;
