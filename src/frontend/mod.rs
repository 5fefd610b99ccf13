//! Front ends: what each format means, turned into the [model](crate::model). The last place that knows a format.

pub mod cloudformation;
mod detect;
mod files;
pub mod parameters;
mod sam;
pub mod terraform;
mod writing;

pub use detect::{Detected, detect};
pub use files::{Files, NoFiles, normal};
pub use writing::Refusal;
