//! bucketlint proves whether anything can reach an S3 bucket without TLS.
//!
//! # The walk of one bucket
//!
//! ```text
//! storage.yaml, guard.yaml, …
//!   │ discover   Candidate             paths and what they lead to; the only reader of files and of git
//!   ▼
//!   │ source     SourceFile            text, FileId, line starts; edits on the text
//!   ▼
//!   │ syntax     Parse                 one located tree for YAML and JSON, comments, errors   (cannot fail)
//!   ▼
//!   │ frontend   CloudFormation · SAM · Terraform plan, state and source      the last place that knows a format
//!   ▼
//!   │ model      Template              buckets and policies; references resolved, or Unknown(why, where)
//!   ▼
//!   │ link       Deployment            what is deployed together, in one canonical form: nested stacks unfolded,
//!   ▼                                  exports and imports joined, what cannot be followed
//!   │ buckets    Judged                the worst over all worlds of that deployment
//!   │   └ policy   Decision            Enforced{by} · Exposed{witness, misses} · Undecided{because}
//!   ▼
//!   │ rules      Judgement → findings  with an intent: what would have to be written
//!   ▼
//!   │ lint       intent → edits        written by the format's writer, applied in memory, linted again
//!   ▼
//!   └ report     complete records, rendered last: human · JSON · SARIF · …
//! ```
//!
//! [`lint`] walks it from end to end; it is the only core room that names every layer. [`lint::Session`] keeps files open
//! and lints again, after an edit, what [ties](link::Web) of the edited file reach. [`finding`] is what a rule says,
//! [`settings`] what a repository asks for, [`cli`] the program around all of it, `threads` what all of them spread work
//! with.
//!
//! # What always holds
//!
//! 1. **Parsing never fails.** It gives a tree and a list of errors; a half-broken template still gets findings for
//!    its other half where that is sound, and its error in any case. (`tests/it/syntax.rs`, the fuzz targets)
//! 2. **A span points into a file that the user has.** JSON inside a string is parsed with a map of its escapes, so
//!    that a finding inside it is located too. Never a made-up file, never a substring search.
//!    (`tests/it/policies_located.rs`)
//! 3. **A location is never looked up afterwards.** Values carry their span, and each hop to where they were written;
//!    findings show the hops that matter. (`tests/it/policies_located.rs`, `tests/it/yaml_oracles.rs`)
//! 4. **Unknown is a variant, with a cause and a place.** No function turns [`model::Unknown`] into `bool`, and no
//!    reader drops an entry that it does not understand: it becomes an error or an unknown.
//!    (`tests/it/random_unknowns.rs`)
//! 5. **Absence is concluded only from a search that can see.** What cannot be followed and may carry a policy makes
//!    `undecided`. A limit abstains, it never answers. (`tests/it/deployments.rs`, `tests/it/random_deployments.rs`)
//! 6. **Weaker evidence never overrules stronger.** Where Terraform's source says "I do not know", the references of a
//!    plan do not say "enforced". (`tests/it/plans.rs`)
//! 7. **Formats end in [`frontend`].** Rules and policy semantics cannot import [`syntax`] or [`frontend`].
//!    (`tests/it/architecture.rs`)
//! 8. **`Exposed` is a proof.** Its request can be made by somebody, and is replayed by a second, plain evaluator, which
//!    must not deny it. (`tests/it/random_policies`)
//! 9. **Help was tried.** Text that people are told to write is an edit; it was applied in memory and the bucket came
//!    out `enforced`, with no other verdict worse. Otherwise there are words, and why. (`tests/it/fix.rs`)
//! 10. **A suppressed finding is muted, never a better verdict.** (`tests/it/suppressions.rs`)
//! 11. **Only [`discover`] and [`cli`] touch the file system, the clock, the environment and the streams.**
//!     (`tests/it/architecture.rs`)
//! 12. **Internal types are not serializable.** JSON and SARIF have structs of their own, in [`report`].
//!     (`tests/it/architecture.rs`)
//! 13. **The same bucket, with the same knowledge, gets the same verdict in every format.** (`tests/it/equivalent.rs`)
//! 14. **The order of output is total:** file, position, rule. No hash iteration reaches the output. (`tests/it/cli.rs`)
//! 15. **Answers hang on no clock and on no neighbour.** Work is counted in steps; each bucket has its own, and what is
//!     too much for one turns no other `undecided`. (`tests/it/budget.rs`)
//!
//! `tests/it/verdicts.rs` names every statement of the verdicts' definition.
//!
//! # What bounds work
#![doc = include_str!("limits.md")]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests read their data"))]
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub, reason = "what is public is so for `internals`"))]

pub mod cli;

// The rooms are sealed in the program, so that the compiler sees what nobody reads. The feature `internals` opens them
// to tests, benches and fuzz targets.
// Each is declared twice: no attribute says how far a module is seen, and rustfmt does not look into macros. One that is
// declared once does not compile.
#[cfg(not(feature = "internals"))]
mod buckets;
#[cfg(feature = "internals")]
pub mod buckets;
#[cfg(not(feature = "internals"))]
mod discover;
#[cfg(feature = "internals")]
pub mod discover;
#[cfg(not(feature = "internals"))]
mod finding;
#[cfg(feature = "internals")]
pub mod finding;
#[cfg(not(feature = "internals"))]
mod frontend;
#[cfg(feature = "internals")]
pub mod frontend;
#[cfg(not(feature = "internals"))]
mod link;
#[cfg(feature = "internals")]
pub mod link;
#[cfg(not(feature = "internals"))]
mod lint;
#[cfg(feature = "internals")]
pub mod lint;
#[cfg(not(feature = "internals"))]
mod model;
#[cfg(feature = "internals")]
pub mod model;
#[cfg(not(feature = "internals"))]
mod policy;
#[cfg(feature = "internals")]
pub mod policy;
#[cfg(not(feature = "internals"))]
mod report;
#[cfg(feature = "internals")]
pub mod report;
#[cfg(not(feature = "internals"))]
mod rules;
#[cfg(feature = "internals")]
pub mod rules;
#[cfg(not(feature = "internals"))]
mod settings;
#[cfg(feature = "internals")]
pub mod settings;
#[cfg(not(feature = "internals"))]
mod source;
#[cfg(feature = "internals")]
pub mod source;
#[cfg(not(feature = "internals"))]
mod syntax;
#[cfg(feature = "internals")]
pub mod syntax;
mod threads;
