//! YAML as CloudFormation reads it: the grammar of YAML 1.2, the plain scalars of YAML 1.1.
//!
//! [`events`] turns the text into events that know their exact bytes, [`build`] turns the events into the tree.

mod build;
pub mod events;
mod guard;
mod lexer;
mod lines;
mod merge;
mod scalars;

use super::{Comment, Parse};
use crate::source::{SourceFile, Span};
use std::sync::Arc;

/// Reads a file as YAML. A byte-order mark at its start is passed over. Only the first document counts; a second one is
/// an error, as in CloudFormation.
#[must_use]
pub fn parse_yaml(source: &Arc<SourceFile>) -> Parse {
    let mut events = events::Events::new(source);
    let (tree, errors, duplicates) = build::build(source, &mut events);
    let comment = |&(start, end): &(usize, usize)| Comment { span: Span::new(source.id(), start, end) };
    let comments = events.comments().iter().map(comment).collect();
    Parse { tree, errors, comments, duplicates }
}

#[cfg(test)]
mod tests;
