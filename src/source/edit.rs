//! Edits of a text: byte ranges and what is written in their place.

use super::{FileId, Span};
use std::collections::BTreeMap;

/// The bytes of `span` become `text`. An empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in the file that it names.
    pub span: Span,
    /// What is written there.
    pub text: String,
}

impl Edit {
    /// Writes `text` before the byte at `offset`.
    #[must_use]
    pub fn insert(file: FileId, offset: usize, text: impl Into<String>) -> Self {
        Self { span: Span::at(file, offset), text: text.into() }
    }

    /// Writes `text` in the place of `span`.
    #[must_use]
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// Edits that can be made together: no two of them overlap or touch, so that it does not matter which comes first.
#[derive(Debug, Default)]
pub struct Together {
    by_start: BTreeMap<(FileId, u32), Edit>,
}

impl Together {
    /// Joins the edits of one fix, all or none; whether they fit. One that is there already fits.
    pub fn join(&mut self, fix: &[Edit]) -> bool {
        let fits = fix.iter().all(|edit| self.has_room_for(edit));
        if fits {
            self.by_start.extend(fix.iter().map(|edit| ((edit.span.file, edit.span.start), edit.clone())));
        }
        fits
    }

    fn has_room_for(&self, edit: &Edit) -> bool {
        let at = (edit.span.file, edit.span.start);
        let before = self.by_start.range(..=at).next_back();
        let after = self.by_start.range(at..).next();
        before.into_iter().chain(after).all(|(_, other)| other == edit || apart(other.span, edit.span))
    }
}

/// Whether two spans neither overlap nor touch.
fn apart(one: Span, two: Span) -> bool {
    one.file != two.file || one.end < two.start || two.end < one.start
}

/// A text after edits, all of which are in its file. `None` where two of them overlap, or one does not lie in the text at
/// the border of characters: such edits must not be made. Of insertions at one place the earlier comes first.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in sorted {
        let range = edit.span.range();
        if range.start < at || !text.is_char_boundary(range.end) {
            return None;
        }
        out.push_str(text.get(at..range.start)?);
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// A number by which a text is told from another, within one run.
#[must_use]
pub fn text_id(text: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(text, &mut hasher);
    std::hash::Hasher::finish(&hasher)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit::replace(Span::new(FileId(0), start, end), text)
    }

    #[test]
    fn edits_are_made_where_they_fit() {
        let edits = [edit(3, 4, "D"), edit(0, 0, "<"), edit(0, 0, ">"), edit(1, 2, "")];
        assert_eq!(apply("abcd", &edits).as_deref(), Some("<>acD"));
        assert_eq!(apply("abcd", &[]).as_deref(), Some("abcd"));
    }

    #[test]
    fn edits_go_together_where_they_do_not_touch() {
        let mut together = Together::default();
        assert!(together.join(&[edit(2, 4, "x"), edit(9, 9, "y")]));
        for at in [1, 2, 4, 9] {
            assert!(!together.join(&[edit(at, at.max(3), "z")]), "{at}");
        }
        assert!(!together.join(&[edit(6, 6, "z"), edit(0, 9, "z")]));
        assert!(together.join(&[edit(6, 6, "z"), edit(2, 4, "x")]), "nothing was taken of what did not fit");
        let other = Edit::insert(FileId(1), 3, "z");
        assert!(together.join(&[other]));
    }

    #[test]
    fn edits_that_do_not_fit_are_none() {
        assert_eq!(apply("abcd", &[edit(0, 2, "x"), edit(1, 3, "y")]), None);
        assert_eq!(apply("abcd", &[edit(3, 5, "x")]), None);
        assert_eq!(apply("äb", &[edit(1, 2, "x")]), None);
    }
}
