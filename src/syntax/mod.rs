//! One located tree for YAML, JSON and JSON inside strings.
//!
//! Parsing never fails: it gives a [`Parse`], which is a [`Tree`] of what could be read and a list of errors.

mod duplicates;
pub mod embedded;
mod json;
mod limits;
mod tree;

pub use json::{parse_json, parse_json_at};
pub use tree::{Comment, DuplicateKey, Kind, Node, NodeId, Parse, SyntaxError, Tree, TreeBuilder};
