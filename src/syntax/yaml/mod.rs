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

use super::Parse;
use crate::source::SourceFile;
use std::sync::Arc;

/// How many characters are read again at most because of what the parser wants otherwise: enough for hundreds of lines
/// that are indented too little for it, and half a second.
const MAX_REREAD: usize = 16 << 20;

/// Reads a file as YAML. A byte-order mark at its start is passed over. Only the first document counts; a second one is
/// an error, as in CloudFormation.
#[must_use]
pub fn parse_yaml(source: &Arc<SourceFile>) -> Parse {
    let mut given = events::Given::default();
    let mut left = MAX_REREAD;
    loop {
        let mut events = events::Events::new(source, &given);
        let (tree, errors, duplicates) = build::build(source, &mut events);
        if events.ask(&mut given, &mut left) {
            continue;
        }
        let comments = events.take_comments();
        return Parse { tree, errors, lapses: Vec::new(), comments, duplicates };
    }
}

#[cfg(test)]
mod tests;
