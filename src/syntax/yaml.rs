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
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How many characters are read again at most because of lines that are indented too little for the parser: enough for
/// hundreds of such lines in a template, and half a second.
const MAX_REREAD: usize = 16 << 20;

/// Reads a file as YAML. A byte-order mark at its start is passed over. Only the first document counts; a second one is
/// an error, as in CloudFormation.
#[must_use]
pub fn parse_yaml(source: &Arc<SourceFile>) -> Parse {
    let mut indented = Vec::new();
    let mut left = MAX_REREAD;
    loop {
        let mut events = events::Events::indenting(source, &indented);
        let (tree, errors, duplicates) = build::build(source, &mut events);
        if let Some(lines) = events.under_indented()
            && indent(&mut indented, lines, source.text().len(), &mut left)
        {
            continue;
        }
        let comment = |&(start, end): &(usize, usize)| Comment { span: Span::new(source.id(), start, end) };
        let comments = events.comments().iter().map(comment).collect();
        return Parse { tree, errors, comments, duplicates };
    }
}

/// Adds `lines` to those to be indented; true if that changes anything and reading again costs no more than is `left`.
fn indent(indented: &mut Vec<usize>, lines: RangeInclusive<usize>, length: usize, left: &mut usize) -> bool {
    let added = (lines.end() + 1).saturating_sub(*lines.start());
    let cost = length.saturating_add((indented.len() + added).saturating_mul(guard::INDENT));
    let Some(rest) = left.checked_sub(cost) else { return false };
    *left = rest;
    let known = indented.len();
    indented.extend(lines);
    indented.sort_unstable();
    indented.dedup();
    indented.len() > known
}

#[cfg(test)]
mod tests;
