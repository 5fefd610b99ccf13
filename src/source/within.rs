//! Texts that are written inside of other files: in a string, or as the lines of a block.
//!
//! A string's own text has an `OffsetMap` (`syntax::embedded`): one file, escapes, JSON inside of JSON. Here a whole template
//! may be put together of the parts of several files, and what points into it is turned into their places afterwards.

use super::Span;

/// Where a text stands that is written inside of other files.
#[derive(Clone, Debug)]
pub struct Within {
    /// Where all of it is written.
    whole: Span,
    /// In the order of the text, without gaps.
    runs: Vec<Run>,
}

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Where it starts in the text.
    start: u32,
    /// What it is written with.
    place: Span,
    /// Whether each of its bytes is written as itself: else all stand for the place as a whole.
    verbatim: bool,
}

impl Within {
    /// A text of which nothing is known yet; all of it is written at `whole`.
    #[must_use]
    pub fn new(whole: Span) -> Self {
        Self { whole, runs: Vec::new() }
    }

    /// Where all of it is written.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.whole
    }

    /// Adds that the byte at `at` is written at `place`. Bytes come in their order.
    pub fn push(&mut self, at: usize, place: Span) {
        let start = u32::try_from(at).unwrap_or(u32::MAX);
        if let Some(last) = self.runs.last_mut() {
            let is_next = place.file == last.place.file && place.start == last.place.end;
            let length = place.end.saturating_sub(place.start);
            let as_itself = last.place.end - last.place.start == start - last.start;
            if last.verbatim && is_next && length == 1 && as_itself {
                last.place.end = place.end;
                return;
            }
            if last.place == place {
                last.verbatim = false;
                return;
            }
        }
        self.runs.push(Run { start, place, verbatim: place.end.saturating_sub(place.start) == 1 });
    }

    /// Where a part of the text is written. What is written in two files stands where all of it does.
    #[must_use]
    pub fn place(&self, part: Span) -> Span {
        let first = self.byte(part.start);
        let last = if part.end > part.start {
            self.byte(part.end - 1)
        } else {
            first.map(|one| Span { end: one.start, ..one })
        };
        match (first, last) {
            (Some(first), Some(last)) if first.file == last.file && first.start <= last.end => {
                Span { end: last.end, ..first }
            }
            _ => self.whole,
        }
    }

    /// Where one byte is written; the end of all for one behind the last.
    fn byte(&self, at: u32) -> Option<Span> {
        let index = self.runs.partition_point(|run| run.start <= at).checked_sub(1)?;
        let run = self.runs.get(index)?;
        if !run.verbatim {
            return Some(run.place);
        }
        let start = run.place.start.saturating_add(at - run.start).min(run.place.end);
        Some(Span { start, end: start.saturating_add(1).min(run.place.end), ..run.place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn parts_of_a_text_are_found_in_the_string_that_it_is_written_in() {
        // "a\n\u00e9b", at 10: the quotes, an escape of one byte, one of two.
        let file = FileId(3);
        let span = |start, end| Span { file, start, end };
        let mut within = Within::new(span(10, 22));
        let places = [(11, 12), (12, 14), (14, 20), (14, 20), (20, 21)];
        for (at, (start, end)) in places.into_iter().enumerate() {
            within.push(at, span(start, end));
        }
        let inner = |start, end| Span { file: FileId(9), start, end };
        assert_eq!(within.place(inner(0, 1)), span(11, 12));
        assert_eq!(within.place(inner(0, 2)), span(11, 14));
        assert_eq!(within.place(inner(2, 4)), span(14, 20));
        assert_eq!(within.place(inner(4, 5)), span(20, 21));
        assert_eq!(within.place(inner(4, 4)), span(20, 20));
        assert_eq!(within.place(inner(9, 9)), span(21, 21));
    }

    #[test]
    fn a_part_of_two_files_stands_where_all_does() {
        let span = |file, start, end| Span { file: FileId(file), start, end };
        let mut within = Within::new(span(1, 0, 40));
        for at in 0..4 {
            within.push(
                at,
                span(if at < 2 { 1 } else { 2 }, 5 + u32::try_from(at).unwrap(), 6 + u32::try_from(at).unwrap()),
            );
        }
        assert_eq!(within.place(span(9, 0, 2)), span(1, 5, 7));
        assert_eq!(within.place(span(9, 2, 4)), span(2, 7, 9));
        assert_eq!(within.place(span(9, 1, 3)), span(1, 0, 40));
    }
}
