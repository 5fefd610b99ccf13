//! What the parser is given: the characters of the text, with a bound on what it reads ahead, and more deeply indented
//! where it asks for more than YAML does.
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

/// What starts a token, or separates two. Letters and digits are far more frequent, and no token comes of a comment.
fn is_indicator(character: char) -> bool {
    matches!(
        character,
        ',' | ':' | '[' | ']' | '{' | '}' | '?' | '*' | '&' | '!' | '"' | '\'' | '|' | '>' | '-' | '%' | '@' | '`'
    )
}

/// What the parser is given before the text: a document of its own, which ends, so that the text may start with
/// directives.
///
/// Until it has met a brace, the parser takes a pair without braces in a sequence (`[a, b: []]`) for one that it must
/// close itself, and forgets about it inside of a further bracket. After a brace it reads all pairs as they are meant.
const BEFORE: &str = "{}\n...\n";
/// The same where the text starts with a bracket. After `---` on the same line a bracket cannot start a key, so that its
/// tokens need not be kept until it ends.
const BEFORE_BRACKET: &str = "{}\n...\n--- ";
/// How many lines are given before the text.
pub(super) const LINES_BEFORE: usize = 2;

/// What the parser is to be given otherwise than the text has it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The lines (from 1, ascending, none of them the first) that are indented more than they are.
    pub indented: Vec<usize>,
    /// The bytes of the file (ascending) at which a tab is given as a blank.
    pub blanks: Vec<usize>,
    /// Whether the bracket that the text starts with may start a key.
    pub bracket_is_key: bool,
}

impl Given {
    /// What stands before the text, and how much of that on the line where the text starts.
    pub(super) fn before(&self, text: &str) -> (&'static str, usize) {
        if text.starts_with(['{', '[']) && !self.bracket_is_key {
            (BEFORE_BRACKET, BEFORE_BRACKET.len() - BEFORE.len())
        } else {
            (BEFORE, 0)
        }
    }
}

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
    /// How much of the text is left where something else than its next character may have to be given.
    next_change: usize,
    /// How much of the text is left where the next line to be indented starts.
    next_indented: usize,
    indented: std::vec::IntoIter<usize>,
    /// Blanks still to be given.
    blanks: usize,
    /// How much of the text is left where the next tab stands that is given as a blank.
    next_tab: usize,
    tabs: std::vec::IntoIter<usize>,
}

/// How far lines are indented. More than a text that is written by people indents a block.
pub(super) const INDENT: usize = 256;

/// No text is that long.
const NEVER: usize = usize::MAX;

impl<'a> Guarded<'a> {
    /// `indented` holds the bytes of `text` at which the lines to be indented start, `tabs` those of the tabs to be given
    /// as blanks, in their order.
    pub(super) fn new(prefix: &'static str, text: &'a str, budget: Budget, indented: &[usize], tabs: &[usize]) -> Self {
        let left = |places: &[usize]| -> std::vec::IntoIter<usize> {
            places.iter().map(|&start| text.len().saturating_sub(start)).collect::<Vec<_>>().into_iter()
        };
        let (mut indented, mut tabs) = (left(indented), left(tabs));
        let next_indented = indented.next().unwrap_or(NEVER);
        let next_tab = tabs.next().unwrap_or(NEVER);
        let (prefix, next_change, text) = (prefix.chars(), text.len(), text.chars());
        Self { prefix, text, budget, next_change, next_indented, indented, blanks: 0, next_tab, tabs }
    }

    /// What is given before the next character of the text, or in its place: the prefix, the blanks before a line to be
    /// indented, a blank for a tab.
    #[cold]
    fn changed(&mut self) -> Option<char> {
        let left = self.text.as_str().len();
        if left == self.next_indented {
            self.next_indented = self.indented.next().unwrap_or(NEVER);
            self.blanks = INDENT;
        }
        if self.blanks > 0 {
            self.blanks -= 1;
            return Some(' ');
        }
        if let Some(character) = self.prefix.next() {
            return Some(character);
        }
        let is_tab = left == self.next_tab;
        if is_tab {
            self.next_tab = self.tabs.next().unwrap_or(NEVER);
            self.text.next();
        }
        let after = |change: &usize| *change < left;
        self.next_change = [self.next_indented, self.next_tab].into_iter().filter(after).max().unwrap_or(NEVER);
        is_tab.then_some(' ')
    }
}

impl Iterator for Guarded<'_> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        if self.text.as_str().len() == self.next_change
            && let Some(character) = self.changed()
        {
            return Some(character);
        }
        let character = self.text.next()?;
        if is_indicator(character) {
            let left = self.budget.left.get();
            if left == 0 {
                return None;
            }
            self.budget.left.set(left - 1);
        }
        Some(character)
    }
}
