//! Front ends: what each format means, turned into the [model](crate::model). The last place that knows a format.

mod files;

pub use files::{Files, NoFiles};
