//! A bound on what the parser reads ahead.
//!
//! A flow collection may turn out to be a mapping key, which only the `:` after its end tells. So the parser keeps all
//! its tokens, some hundred bytes each, before it hands out the first. Past a bound the text ends, for the parser, and
//! the adapter reports why.

use std::cell::Cell;
use std::rc::Rc;

/// So many indicators may be read before an event comes of them, …
const FLOOR: usize = 1 << 18;
/// … and one more for so many bytes of the file, so that memory stays in proportion to it.
const BYTES_PER_INDICATOR: usize = 64;

/// What starts a token, or separates two. Letters and digits are far more frequent.
const INDICATORS: u128 = {
    let mut mask = 0;
    let all = b",:[]{}?*&!#\"'|>-%@`";
    let mut index = 0;
    while let Some((&[byte], _)) = all.split_at(index).1.split_first_chunk::<1>() {
        mask |= 1 << byte;
        index += 1;
    }
    mask
};

/// How much the parser may still read.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    left: Rc<Cell<usize>>,
    full: usize,
}

impl Budget {
    pub(super) fn new(text: &str) -> Self {
        let full = FLOOR + text.len() / BYTES_PER_INDICATOR;
        Self { left: Rc::new(Cell::new(full)), full }
    }

    /// Starts anew, for the next event.
    pub(super) fn refill(&self) {
        self.left.set(self.full);
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

/// The characters of a text, until the budget is spent.
#[derive(Debug)]
pub(super) struct Guarded<'a> {
    prefix: std::str::Chars<'static>,
    text: std::str::Chars<'a>,
    budget: Budget,
}

impl<'a> Guarded<'a> {
    pub(super) fn new(prefix: &'static str, text: &'a str, budget: Budget) -> Self {
        Self { prefix: prefix.chars(), text: text.chars(), budget }
    }
}

impl Iterator for Guarded<'_> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        if let Some(character) = self.prefix.next() {
            return Some(character);
        }
        let character = self.text.next()?;
        let code = u32::from(character);
        if code < 128 && INDICATORS >> code & 1 == 1 {
            let left = self.budget.left.get();
            if left == 0 {
                return None;
            }
            self.budget.left.set(left - 1);
        }
        Some(character)
    }
}
