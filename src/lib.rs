//! bucketlint proves whether anything can reach an S3 bucket without TLS.
//!
//! # The walk of one bucket
//!
//! ```text
//! storage.yaml
//!   │ source     SourceFile            text, FileId, line starts
//!   ▼
//!   │ syntax     Parse                 one located tree for YAML and JSON, comments, errors   (cannot fail)
//!   ▼
//!   │ frontend   CloudFormation · SAM · Terraform plan      the last place that knows a format
//!   ▼
//!   │ model      Template              buckets and policies; references resolved, or Unknown(why, where)
//!   ▼
//!   │ link       Deployment            what is deployed together, in one canonical form: nested stacks unfolded,
//!   ▼                                  exports and imports joined, what cannot be followed
//!   │ s3         Judged                worlds, the worst verdict over all of them
//!   │   └ policy   Decision            Enforced{by} · Exposed{witness, misses} · Undecided{because}
//!   ▼
//!   │ rules      Judgement -> findings
//!   ▼
//!   │ finding    Finding               one primary label, related labels, help
//!   ▼
//!   └ report     human · JSON
//! ```
//!
//! [`lint`] walks it from end to end; it is the only core file that names every layer. [`lint::Session`] keeps files open
//! and lints again, after an edit, what [ties](link::Web) of the edited file reach.
//!
//! # What always holds
//!
//! 1. **Parsing never fails.** It gives a tree and a list of errors; a half-broken template still gets findings for
//!    its other half where that is sound, and its error in any case.
//! 2. **A span points into a file that the user has.** JSON inside a string is parsed with a map of its escapes, so
//!    that a finding inside it is located too. Never a made-up file, never a substring search.
//! 3. **A location is never looked up afterwards.** Values carry their span, and each hop to where they were written.
//! 4. **Unknown is a variant, with a cause and a place.** No function turns [`model::Unknown`] into `bool`.
//! 5. **Formats end in [`frontend`].** Rules and policy semantics cannot import [`syntax`] or [`frontend`].
//! 6. **`Exposed` is a proof.** Its request is replayed by a second, plain evaluator, which must not deny it.
//! 7. **Only [`discover`] and [`cli`] touch the file system, the clock, the environment and the streams.**
//! 8. **Internal types are not serializable.** JSON has structs of its own, in [`report`].
//! 9. **The same bucket gets the same verdict in every format.**
//! 10. **The order of output is total:** file, position, rule. No hash iteration reaches the output.
//!
//! The tests: 1 `tests/it/syntax.rs` and the fuzz targets; 2 and 3 `tests/it/policies_located.rs`, `tests/it/yaml_oracles.rs`;
//! 4 `tests/it/random_unknowns.rs`; 5, 7 and 8 `tests/it/architecture.rs`; 6 `tests/it/random_policies`; 9
//! `tests/it/equivalent.rs`; 10 `tests/it/cli.rs`. `tests/it/verdicts.rs` names every statement of the verdicts' definition.

pub mod cli;
pub mod discover;
pub mod finding;
pub mod frontend;
pub mod link;
pub mod lint;
pub mod model;
pub mod policy;
pub mod report;
pub mod rules;
pub mod s3;
pub mod settings;
pub mod source;
pub mod syntax;
