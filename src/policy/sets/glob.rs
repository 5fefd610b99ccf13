//! Globs over text with holes, as automata.
//!
//! A [`GlobPattern`] is what a policy says. Read with an [`Approximation`] it becomes a [`Machine`]: a small nondeterministic
//! automaton whose language is what the pattern matches *for sure*, or *possibly*, when holes are unknown. Machines
//! are run on one text, or many of them at once over all texts (`classes`).

use crate::model::{Piece, Symbol, SymbolKind, Text};

/// Whether policy variables (`${aws:username}`) are live in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variables {
    /// Version 2012-10-17.
    Live,
    /// Version 2008-10-17, or none.
    Text,
    /// The version is not known.
    Unknown,
}

/// How a pattern treats wildcards and case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    /// `*` and `?` are wildcards, case matters.
    Glob,
    /// `*` and `?` are wildcards, ASCII case does not matter.
    GlobFolded,
    /// No wildcards.
    Exact,
    /// No wildcards, case does not matter.
    ExactFolded,
    /// Wildcards that stay within one of the six segments of an ARN; the last segment reaches to the end.
    Arn,
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    Folded(char),
    One,
    Many,
    /// As `One`, for any character but this.
    SegmentOne(char),
    /// As `Many`, for characters but this.
    SegmentMany(char),
    /// An unknown text.
    Hole(Symbol),
    /// A live policy variable: it matches no fixed text, and its value is the request's own.
    Variable,
    /// May be a policy variable, or a glob text.
    Open,
}

/// A pattern of a policy, read into tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GlobPattern {
    tokens: Vec<Token>,
}

/// Which matches of a pattern count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approximation {
    /// Those that hold whatever the unknowns are.
    Sure,
    /// Those that hold for some value of the unknowns; policy variables match no fixed text.
    Possible,
    /// As `Possible`, and a policy variable may match anything. For negated elements: what is left out of these is
    /// surely matched by the negation.
    Widest,
}

/// One step of an automaton.
#[derive(Clone, Debug)]
enum Step {
    Char(char),
    Folded(char),
    One,
    Many,
    SegmentOne(char),
    SegmentMany(char),
    /// This unknown itself.
    Same(Symbol),
    /// One or any number of characters that an unknown may hold.
    HoleOne(Symbol),
    HoleMany(Symbol),
    Never,
}

/// An automaton. A state is a sorted set of positions; position `n` stands before step `n`.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    steps: Vec<Step>,
}

/// A sorted set of positions; empty: nothing can match any more.
pub(crate) type State = Vec<u32>;

impl GlobPattern {
    /// Reads `text`.
    pub(crate) fn read(text: &Text, variables: Variables, style: Matching) -> Self {
        let mut items = Vec::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(text) => items.extend(text.chars().map(Item::Char)),
                Piece::Hole(symbol) => items.push(Item::Hole(symbol)),
            }
        }
        let mut reader = Tokenizer { tokens: Vec::new(), style, segment: 0 };
        let mut rest = items.as_slice();
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            match first {
                Item::Hole(symbol) => reader.tokens.push(Token::Hole((*symbol).clone())),
                Item::Char('$') if variables != Variables::Text => {
                    if let Some((token, tail)) = variable(tail, variables) {
                        reader.tokens.push(token);
                        rest = tail;
                    } else {
                        reader.push('$');
                    }
                }
                Item::Char(c) => reader.push(*c),
            }
        }
        Self { tokens: reader.tokens }
    }

    /// True where the reading does not matter: nothing in the pattern is unknown or a policy variable.
    pub(crate) fn is_known(&self) -> bool {
        !self.tokens.iter().any(|token| matches!(token, Token::Hole(_) | Token::Variable | Token::Open))
    }

    /// The automaton of one reading.
    pub(crate) fn machine(&self, reading: Approximation) -> Machine {
        let mut steps = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Char(c) => steps.push(Step::Char(*c)),
                Token::Folded(c) => steps.push(Step::Folded(*c)),
                Token::One => steps.push(Step::One),
                Token::Many => steps.push(Step::Many),
                Token::SegmentOne(but) => steps.push(Step::SegmentOne(*but)),
                Token::SegmentMany(but) => steps.push(Step::SegmentMany(*but)),
                Token::Hole(symbol) => match reading {
                    Approximation::Sure => steps.push(Step::Same(symbol.clone())),
                    Approximation::Possible | Approximation::Widest => {
                        if *symbol.kind() != SymbolKind::Free {
                            steps.push(Step::HoleOne(symbol.clone()));
                        }
                        steps.push(Step::HoleMany(symbol.clone()));
                    }
                },
                Token::Variable if reading == Approximation::Widest => steps.push(Step::Many),
                Token::Open if reading != Approximation::Sure => steps.push(Step::Many),
                Token::Variable | Token::Open => steps.push(Step::Never),
            }
        }
        Machine { steps }
    }
}

/// A character or an unknown of the text that is read.
enum Item<'a> {
    Char(char),
    Hole(&'a Symbol),
}

/// Reads a policy variable after its `$`.
fn variable<'a, 'b>(rest: &'b [Item<'a>], variables: Variables) -> Option<(Token, &'b [Item<'a>])> {
    let (Item::Char('{'), rest) = rest.split_first()? else { return None };
    let end = rest.iter().position(|item| matches!(item, Item::Char('}')))?;
    let (inside, after) = (rest.get(..end)?, rest.get(end + 1..)?);
    let token = match inside {
        _ if variables == Variables::Unknown => Token::Open,
        [Item::Char(c @ ('*' | '?' | '$'))] => Token::Char(*c),
        // `${key, 'default'}` is its default where the key is absent.
        inside if inside.iter().any(|item| matches!(item, Item::Char(',') | Item::Hole(_))) => Token::Open,
        _ => Token::Variable,
    };
    Some((token, after))
}

/// Makes tokens of characters.
struct Tokenizer {
    tokens: Vec<Token>,
    style: Matching,
    segment: usize,
}

impl Tokenizer {
    fn push(&mut self, c: char) {
        let inner = self.style == Matching::Arn && self.segment < 5;
        let token = match (self.style, c) {
            (Matching::Exact, _) => Token::Char(c),
            (Matching::ExactFolded, _) => fold(c),
            (_, '*') if inner => Token::SegmentMany(':'),
            (_, '?') if inner => Token::SegmentOne(':'),
            (_, '*') => Token::Many,
            (_, '?') => Token::One,
            (Matching::GlobFolded, _) => fold(c),
            _ => Token::Char(c),
        };
        if c == ':' {
            self.segment += 1;
        }
        let repeated = matches!(token, Token::Many | Token::SegmentMany(_)) && self.tokens.last() == Some(&token);
        if !repeated {
            self.tokens.push(token);
        }
    }
}

fn fold(c: char) -> Token {
    if c.is_ascii_alphabetic() { Token::Folded(c.to_ascii_lowercase()) } else { Token::Char(c) }
}

impl Machine {
    /// What this machine matches, as a part of a longer text: after `before` (a glob), without crossing `separator`,
    /// and followed by `after` (a glob).
    pub(crate) fn within(&self, before: &str, separator: char, after: &str) -> Self {
        let glob = |text: &str| {
            let pattern = GlobPattern::read(&Text::literal(text), Variables::Text, Matching::Glob);
            pattern.machine(Approximation::Sure).steps
        };
        let mut steps = glob(before);
        steps.extend(self.steps.iter().map(|step| match step {
            Step::One | Step::SegmentOne(_) => Step::SegmentOne(separator),
            Step::Many | Step::SegmentMany(_) => Step::SegmentMany(separator),
            step => step.clone(),
        }));
        steps.extend(glob(after));
        Self { steps }
    }

    /// The state before any text.
    pub(crate) fn start(&self) -> State {
        self.close(vec![0])
    }

    /// Whether the text so far is matched.
    pub(crate) fn accepts(&self, state: &[u32]) -> bool {
        state.last().is_some_and(|&last| last as usize == self.steps.len())
    }

    /// Whether every text from here on is matched.
    pub(crate) fn accepts_all(&self, state: &[u32]) -> bool {
        let last_is_loop = self.steps.last().is_some_and(|step| matches!(step, Step::Many | Step::HoleMany(_)));
        let in_loop = state.iter().any(|&at| at as usize + 1 == self.steps.len());
        last_is_loop && in_loop
    }

    /// The state after one more character. Characters in one class (`None`: none that any step names) act alike.
    pub(crate) fn step(&self, state: &[u32], c: char) -> State {
        let mut next = Vec::with_capacity(state.len() + 1);
        for &at in state {
            match self.steps.get(at as usize) {
                Some(Step::Char(own)) if *own == c => next.push(at + 1),
                Some(Step::Folded(own)) if *own == c.to_ascii_lowercase() => next.push(at + 1),
                Some(Step::One | Step::HoleOne(_)) => next.push(at + 1),
                Some(Step::SegmentOne(but)) if c != *but => next.push(at + 1),
                Some(Step::Many | Step::HoleMany(_)) => next.push(at),
                Some(Step::SegmentMany(but)) if c != *but => next.push(at),
                _ => {}
            }
        }
        self.close(next)
    }

    /// Takes one more character: in place where one fixed character is next, as it is most of the time.
    fn advance(&self, state: &mut State, c: char, step: impl Fn(&[u32], char) -> State) {
        let next = match state.as_mut_slice() {
            [at] => match self.steps.get(*at as usize) {
                Some(Step::Char(own)) if *own == c => {
                    *at += 1;
                    if !self.loops(*at) {
                        return;
                    }
                    self.close(std::mem::take(state))
                }
                Some(Step::Char(_)) => State::new(),
                _ => step(state, c),
            },
            _ => step(state, c),
        };
        *state = next;
    }

    /// As [`Machine::step`] for a character of hand-written text that holds no made-up bucket name.
    fn step_written(&self, state: &[u32], c: char) -> State {
        let generated = |at: &&u32| match self.steps.get(**at as usize) {
            Some(Step::HoleOne(symbol) | Step::HoleMany(symbol)) => symbol.kind().is_made_up(),
            _ => false,
        };
        let state: State = state.iter().filter(|at| !generated(at)).copied().collect();
        self.step(&state, c)
    }

    /// The state after an unknown of the text.
    fn step_symbol(&self, state: &[u32], symbol: &Symbol, reading: Approximation, is_name: bool) -> State {
        let mut next = Vec::new();
        for &at in state {
            if reading == Approximation::Sure {
                match self.steps.get(at as usize) {
                    Some(Step::Same(own)) if own == symbol => next.push(at + 1),
                    Some(Step::Many) => next.push(at),
                    _ => {}
                }
            } else {
                self.spread(at, symbol, is_name, &mut next);
            }
        }
        self.close(next)
    }

    /// Adds every position that some value of `symbol` leads to from `at`.
    fn spread(&self, at: u32, symbol: &Symbol, is_name: bool, next: &mut State) {
        // The same fixed text on both sides starts and ends together. What is part of a name holds no wildcards.
        let step = |offset: usize| self.steps.get(at as usize + offset);
        match (step(0), step(1)) {
            (Some(Step::HoleOne(own)), Some(Step::HoleMany(_))) if own == symbol => return next.push(at + 2),
            (Some(Step::HoleMany(own)), _) if own == symbol && is_name => return next.push(at + 1),
            _ => {}
        }
        let generated = |symbol: &Symbol| symbol.kind().is_made_up();
        // A made-up name is never spelled out by hand: something in the pattern has to stand for it.
        let mut flexible = !generated(symbol);
        if *symbol.kind() == SymbolKind::Free {
            next.push(at);
        }
        for (position, step) in (at..).zip(self.steps.iter().skip(at as usize)) {
            match step {
                Step::HoleOne(own) | Step::HoleMany(own) if generated(own) && generated(symbol) && own != symbol => {
                    return;
                }
                Step::Never | Step::Same(_) => return,
                // A bucket's name holds neither.
                Step::Char('/' | ':') if is_name => return,
                Step::Char(_) | Step::Folded(_) => {}
                Step::HoleOne(_) | Step::One | Step::SegmentOne(_) => flexible = true,
                Step::HoleMany(_) | Step::Many | Step::SegmentMany(_) => {
                    flexible = true;
                    next.push(position);
                }
            }
            if flexible {
                next.push(position + 1);
            }
        }
    }

    /// Runs over a text with holes that is written by hand or made up. `is_name`: it is a bucket's ARN.
    pub(crate) fn run(&self, text: &Text, reading: Approximation, is_name: bool) -> State {
        let mut state = self.start();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(text) => {
                    for c in text.chars() {
                        self.advance(&mut state, c, |state, c| self.step_written(state, c));
                    }
                }
                Piece::Hole(symbol) => state = self.step_symbol(&state, symbol, reading, is_name),
            }
            if state.is_empty() {
                break;
            }
        }
        state
    }

    /// The state after known text of a request.
    pub(crate) fn run_from(&self, state: &[u32], text: &str) -> State {
        let mut state = state.to_vec();
        for c in text.chars() {
            if state.is_empty() || self.accepts_all(&state) {
                break;
            }
            self.advance(&mut state, c, |state, c| self.step(state, c));
        }
        state
    }

    /// Whether known text is matched.
    pub(crate) fn accepts_text(&self, text: &str) -> bool {
        self.accepts(&self.run_from(&self.start(), text))
    }

    /// The characters that lead somewhere else than other characters do.
    pub(crate) fn letters(&self, state: &[u32], out: &mut Vec<char>) {
        for &at in state {
            match self.steps.get(at as usize) {
                Some(Step::Char(c)) => out.push(*c),
                Some(Step::Folded(c)) => out.extend([*c, c.to_ascii_uppercase()]),
                Some(Step::SegmentOne(but) | Step::SegmentMany(but)) => out.push(*but),
                _ => {}
            }
        }
    }

    /// Whether the step from a position may be taken any number of times.
    fn loops(&self, at: u32) -> bool {
        matches!(self.steps.get(at as usize), Some(Step::Many | Step::SegmentMany(_) | Step::HoleMany(_)))
    }

    /// Adds what is reached without a character, and drops what a later loop covers: from a position before a loop
    /// nothing can be matched that cannot be matched from the loop itself.
    fn close(&self, mut state: State) -> State {
        if !state.iter().any(|at| self.loops(*at)) && state.is_sorted_by(|one, two| one < two) {
            return state;
        }
        let mut at = 0;
        while let Some(&position) = state.get(at) {
            if self.loops(position) && !state.contains(&(position + 1)) {
                state.push(position + 1);
            }
            at += 1;
        }
        state.sort_unstable();
        state.dedup();
        // (Made-up bucket names are no loops over hand-written text.)
        let is_loop = |at: &u32| match self.steps.get(*at as usize) {
            Some(Step::Many) => true,
            Some(Step::HoleMany(symbol)) => !symbol.kind().is_made_up(),
            _ => false,
        };
        if let Some(last) = state.iter().rposition(is_loop) {
            state.drain(..last);
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Unknown;
    use crate::source::{FileId, Span};

    fn hole(kind: SymbolKind) -> Text {
        let unknown = Unknown::new("it is not known", Span::at(FileId(0), 0), "say it");
        Text::hole(Symbol::new("P", kind, "${P}", unknown))
    }

    fn accepts(pattern: &str, style: Matching, text: &str) -> bool {
        let machine = GlobPattern::read(&pattern.into(), Variables::Live, style).machine(Approximation::Sure);
        machine.accepts_text(text)
    }

    #[test]
    fn wildcards_match_what_they_say() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("?", "", false),
            ("?", "é", true),
            ("a*b*c", "a/b:bc", true),
            ("a*b*c", "acb", false),
            ("**a", "ba", true),
            ("?*", "x", true),
            ("a${*}", "a*", true),
            ("a${*}", "ab", false),
            ("a${aws:username}", "ab", false),
            ("a$b", "a$b", true),
            ("a${b", "a${b", true),
        ] {
            assert_eq!(accepts(pattern, Matching::Glob, text), expected, "{pattern} {text}");
        }
        assert!(!accepts("a*", Matching::Exact, "ab") && accepts("a*", Matching::Exact, "a*"));
        assert!(accepts("s3:GET*", Matching::GlobFolded, "s3:getobject"));
        assert!(accepts("arn:aws:iam::*:role/a/*", Matching::Arn, "arn:aws:iam::1:role/a/b:c"));
        assert!(!accepts("arn:aws:iam:*:role/a", Matching::Arn, "arn:aws:iam::1:role/a"));
    }

    #[test]
    fn a_loop_covers_what_comes_before_it() {
        let machine = GlobPattern::read(&"*a*a*".into(), Variables::Text, Matching::Glob).machine(Approximation::Sure);
        let end = machine.run_from(&machine.start(), "xxaxxa");
        assert!(machine.accepts_all(&end));
        assert_eq!(end, machine.run_from(&end, "anything"), "the state does not grow");
    }

    #[test]
    fn an_unknown_matches_itself_and_maybe_others() {
        let text = |kind| {
            let mut text = Text::literal("a-");
            text.push(&hole(kind));
            text
        };
        let runs = |pattern: &Text, text: &Text, reading| {
            let machine = GlobPattern::read(pattern, Variables::Live, Matching::Glob).machine(reading);
            machine.accepts(&machine.run(text, reading, true))
        };
        let made_up = [SymbolKind::BucketName, SymbolKind::Address];
        for kind in [SymbolKind::Free, SymbolKind::Pseudo, SymbolKind::Attribute].into_iter().chain(made_up) {
            let own = text(kind.clone());
            assert!(runs(&own, &own, Approximation::Sure));
            assert!(runs(&"a*".into(), &own, Approximation::Sure));
            assert!(!runs(&"b*".into(), &own, Approximation::Possible));
            assert!(!runs(&"a-?".into(), &own, Approximation::Sure));
            let made_up = kind.is_made_up();
            assert_eq!(runs(&"a-b".into(), &own, Approximation::Possible), !made_up, "{kind:?}");
            assert_eq!(runs(&own, &"a-b".into(), Approximation::Possible), !made_up, "{kind:?}");
        }
    }
}
