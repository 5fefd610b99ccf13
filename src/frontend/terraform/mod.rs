//! Terraform and OpenTofu: plans and states as JSON, with or without the source they were made from.

pub mod address;
pub mod document;
pub mod plan;
