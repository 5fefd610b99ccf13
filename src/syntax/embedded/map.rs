//! From the bytes of decoded text to the bytes of the file.

use std::ops::Range;

/// Where each byte of a decoded text stands in the file, kept as runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    runs: Vec<Run>,
    /// The length of the decoded text.
    length: usize,
}

/// Text from `decoded` on, up to the next run, stands at `start..end` of the file: byte for byte where the lengths are
/// the same, else as a whole (an escape).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    decoded: u32,
    start: u32,
    end: u32,
}

impl OffsetMap {
    /// The map of a text that stands in the file as it is, from byte `start` on.
    #[must_use]
    pub(crate) fn verbatim(start: usize, length: usize) -> Self {
        let mut map = Self::default();
        map.push(length, start..start + length);
        map
    }

    /// The map of a text of which no more is known than that all of it stands at `place`.
    #[must_use]
    pub fn whole(length: usize, place: Range<usize>) -> Self {
        let mut map = Self::default();
        map.push_whole(length, place);
        map
    }

    /// The length of the decoded text in bytes.
    #[cfg(feature = "internals")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// True for the map of an empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Where a text that stands in the file as it is starts there.
    #[must_use]
    pub(crate) fn verbatim_from(&self) -> Option<usize> {
        match self.runs.as_slice() {
            [run] if self.is_straight(0) => Some(run.start as usize),
            _ => None,
        }
    }

    /// The place in the file of a range of the decoded text. It covers whole escapes.
    #[must_use]
    pub fn range(&self, decoded: Range<usize>) -> Range<usize> {
        let Some(first) = self.run_at(decoded.start) else { return 0..0 };
        let start = self.start_in(first, decoded.start);
        if decoded.is_empty() {
            return start..start;
        }
        let last = self.run_at(decoded.end - 1).unwrap_or(first);
        let end = self.end_in(last, decoded.end - 1);
        // Fragments need not stand in the order of the text.
        if end >= start { start..end } else { start..self.end_of(first).max(start) }
    }

    /// The map of a part of the decoded text.
    #[must_use]
    pub fn slice(&self, decoded: Range<usize>) -> Self {
        let mut part = Self::default();
        let first = self.run_at(decoded.start).unwrap_or(0);
        for index in first..self.runs.len() {
            let run = self.decoded_range(index);
            if run.start >= decoded.end {
                break;
            }
            let cut = run.start.max(decoded.start)..run.end.min(decoded.end);
            if !cut.is_empty() {
                part.push(cut.len(), self.range(cut));
            }
        }
        if part.is_empty()
            && let Some(run) = self.run_at(decoded.start)
        {
            // Empty text still has a place.
            let place = self.start_in(run, decoded.start);
            part.runs.push(Run { decoded: 0, start: narrow(place), end: narrow(place) });
        }
        part
    }

    /// Adds `length` bytes of decoded text that stand at `place`.
    pub fn push(&mut self, length: usize, place: Range<usize>) {
        let run = Run { decoded: narrow(self.length), start: narrow(place.start), end: narrow(place.end) };
        let straight = length == place.len();
        let last = self.runs.len().checked_sub(1);
        let joins = last.is_some_and(|last| straight && self.is_straight(last) && self.end_of(last) == place.start);
        self.length += length;
        match self.runs.last_mut() {
            Some(last) if joins => last.end = run.end,
            // A place for an empty text is replaced by the first text.
            Some(last) if last.decoded == run.decoded => *last = run,
            _ => self.runs.push(run),
        }
    }

    /// Adds `length` bytes of decoded text of which no more is known than that they stand at `place`. Where the lengths
    /// happen to be the same, which would mean byte for byte, only the start of the place is kept.
    pub(super) fn push_whole(&mut self, length: usize, place: Range<usize>) {
        let end = if length == place.len() { place.start } else { place.end };
        self.push(length, place.start..end);
    }

    /// Adds the text of another map.
    pub(super) fn append(&mut self, other: &Self) {
        for index in 0..other.runs.len() {
            let run = other.decoded_range(index);
            self.push(run.len(), other.start_in(index, run.start)..other.end_of(index));
        }
    }

    /// The map of a text that stands in another text by this map, which stands in the file by `outer`.
    #[must_use]
    pub(super) fn through(&self, outer: &Self) -> Self {
        let mut composed = Self::default();
        for (index, run) in self.runs.iter().enumerate() {
            let place = run.start as usize..run.end as usize;
            if self.is_straight(index) {
                composed.append(&outer.slice(place));
            } else {
                composed.push_whole(self.decoded_range(index).len(), outer.range(place));
            }
        }
        composed
    }

    /// The run that holds `decoded`; the last one for the end of the text.
    fn run_at(&self, decoded: usize) -> Option<usize> {
        let decoded = narrow(decoded);
        self.runs.partition_point(|run| run.decoded <= decoded).checked_sub(1)
    }

    fn decoded_range(&self, index: usize) -> Range<usize> {
        let start = self.runs.get(index).map_or(self.length, |run| run.decoded as usize);
        let end = self.runs.get(index + 1).map_or(self.length, |run| run.decoded as usize);
        start..end
    }

    fn is_straight(&self, index: usize) -> bool {
        let length = self.decoded_range(index).len();
        self.runs.get(index).is_some_and(|run| (run.end - run.start) as usize == length)
    }

    fn end_of(&self, index: usize) -> usize {
        self.runs.get(index).map_or(0, |run| run.end as usize)
    }

    /// Where the byte `decoded` of run `index` starts.
    fn start_in(&self, index: usize, decoded: usize) -> usize {
        let Some(run) = self.runs.get(index) else { return 0 };
        let range = self.decoded_range(index);
        if decoded >= range.end {
            run.end as usize
        } else if self.is_straight(index) {
            run.start as usize + (decoded - range.start)
        } else {
            run.start as usize
        }
    }

    /// Where the byte `decoded` of run `index` ends.
    fn end_in(&self, index: usize, decoded: usize) -> usize {
        if self.is_straight(index) { self.start_in(index, decoded) + 1 } else { self.end_of(index) }
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
