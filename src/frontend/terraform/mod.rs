//! Terraform and `OpenTofu`: plans, state, and the source beside them.

pub mod address;
pub mod document;
pub mod source;
