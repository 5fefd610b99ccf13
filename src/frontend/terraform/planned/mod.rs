//! The model of a plan or a state: what stands after apply, and what is known of it.

pub(super) mod build;
pub(super) mod facts;
pub(super) mod identity;
pub(super) mod origin;
pub(super) mod sensitive;
mod standing;
