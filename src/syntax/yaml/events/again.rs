//! What the parser wants otherwise than YAML does, and the text another time as it wants it.

use super::super::guard::{Given, INDENT};
use super::super::lines::Lines;
use super::{Events, Failure};
use std::ops::RangeInclusive;
use yaml_rust2::scanner::ScanError;

/// What would let the parser get further.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Nothing,
    /// Lines (from 1) that are indented too little for it.
    Indent(RangeInclusive<usize>),
    /// The bracket at the start is a key.
    BracketIsKey,
    /// The tab at this byte, between an indicator and what it announces, is to be a blank.
    Blank(usize),
}

impl Events<'_> {
    /// After a failure: changes `given` so that reading again gets further; false where nothing can be done, or costs
    /// more characters than are `left`.
    ///
    /// Inside brackets and quotes YAML 1.1 and its readers do not care how lines are indented. The parser wants them
    /// deeper than the block around. White space at their start means nothing there, so that they can be read again as
    /// if they were. After a colon, or a question mark, a tab is as good as a blank; the parser wants a blank.
    pub fn ask(&self, given: &mut Given, left: &mut usize) -> bool {
        let (known, added) = match &self.asked {
            Asked::Nothing => return false,
            Asked::BracketIsKey => {
                return !std::mem::replace(&mut given.bracket_is_key, true) && self.pay(0, left);
            }
            Asked::Blank(offset) => {
                let is_new = given.blanks.last().is_none_or(|last| last < offset);
                given.blanks.push(*offset);
                return is_new && self.pay(0, left);
            }
            Asked::Indent(lines) => (given.indented.len(), lines.clone()),
        };
        if !self.pay(known + added.clone().count(), left) {
            return false;
        }
        given.indented.extend(added);
        given.indented.sort_unstable();
        given.indented.dedup();
        given.indented.len() > known
    }

    /// Takes what reading again costs with so many lines indented.
    fn pay(&self, indented: usize, left: &mut usize) -> bool {
        let cost = self.cursor.length().saturating_add(indented.saturating_mul(INDENT));
        let rest = left.checked_sub(cost);
        *left = rest.unwrap_or(*left);
        rest.is_some()
    }

    /// Where and why the parser stopped; what it wanted is noted.
    pub(super) fn failure(&mut self, error: &ScanError) -> Failure {
        let line = Lines::own(error.marker().line());
        let offset = self.lines.find(error.marker().line(), error.marker().col());
        self.asked = match error.info() {
            "invalid indentation" | "invalid indentation in flow construct" => Asked::Indent(line..=line),
            // The mark is at the opening quote.
            "invalid indentation in quoted scalar" => {
                Asked::Indent(line + 1..=line + self.cursor.breaks_in_quotes(offset))
            }
            // The bracket that the text starts with was the key of a block mapping.
            "mapping values are not allowed in this context" if self.open.is_empty() => Asked::BracketIsKey,
            // The mark is at the value.
            "':' must be followed by a valid YAML whitespace" => {
                offset.checked_sub(1).map_or(Asked::Nothing, Asked::Blank)
            }
            // The mark is behind the question mark.
            "expected whitespace" | "tabs disallowed in this context" if self.cursor.peek_at(offset) == Some(b'\t') => {
                Asked::Blank(offset)
            }
            _ => Asked::Nothing,
        };
        Failure { message: error.info().to_owned(), offset }
    }
}
