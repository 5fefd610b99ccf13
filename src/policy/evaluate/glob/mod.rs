//! A text of the policy against one text of the request.
//!
//! Both may have holes. A hole equals itself; what else it may be is told by its kind. Policy variables are replaced
//! from the request's context first, as
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html> says.

use super::answer::{self, Answer};
use super::held::{self, Holds};
use crate::model::{Piece, Symbol, SymbolKind, Text, Unknown};
use crate::policy::{Request, Version};
use crate::source::Span;

/// Whether `*` and `?` are wildcards or themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Globs {
    Live,
    Literal,
}

/// One step of a pattern or a subject.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Itself.
    Char(char),
    /// `?`: exactly one character.
    One,
    /// `?` beside a `*`: at least one character.
    Some,
    /// `*`: any characters.
    Star,
    /// An unknown text.
    Hole(Symbol),
    /// Any characters, but it is not known which.
    Opaque,
}

/// Reads texts of the policy.
#[derive(Clone, Copy)]
pub(super) struct TextReader<'a> {
    /// Decides whether policy variables live.
    pub(super) version: &'a Version,
    /// Gives them their values.
    pub(super) request: &'a Request,
    /// The partition of the deployment.
    pub(super) partition: &'a str,
}

/// A text of the policy, ready to match.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    /// Its steps.
    pub(super) tokens: Vec<Token>,
    /// True where it has a policy variable that the request gives no value for.
    unresolved: bool,
    /// Why parts of it are unknown.
    because: Vec<Unknown>,
}

/// A text of the request.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its steps: characters and holes.
    pub(super) tokens: Vec<Token>,
    /// True where holes are parts of a bucket's name, which holds no `/`, no `:` and no wildcards
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
    in_name: bool,
    /// Why parts of it are unknown.
    because: Vec<Unknown>,
}

impl Subject {
    /// A text without holes.
    pub(super) fn known(text: &str) -> Self {
        Self { tokens: text.chars().map(Token::Char).collect(), in_name: false, because: Vec::new() }
    }

    /// A value of the request's context.
    pub(super) fn value(reader: &TextReader<'_>, text: &Text) -> Self {
        let text = reader.with_partition(text);
        let mut subject = Self::known("");
        for piece in text.pieces() {
            match piece {
                Piece::Literal(part) => subject.tokens.extend(part.chars().map(Token::Char)),
                Piece::Hole(symbol) => subject.tokens.push(Token::Hole(symbol.clone())),
            }
        }
        subject.because = unknowns(&text);
        subject
    }

    /// The ARN of a bucket or object, whose holes are parts of the bucket's name.
    pub(super) fn bucket_arn(reader: &TextReader<'_>, text: &Text) -> Self {
        Self { in_name: true, ..Self::value(reader, text) }
    }

    /// The same in lower case.
    pub(super) fn lower_case(mut self) -> Self {
        lower_case(&mut self.tokens);
        self
    }

    /// A part of it.
    pub(super) fn part(&self, tokens: &[Token]) -> Self {
        Self { tokens: tokens.to_vec(), in_name: self.in_name, because: self.because.clone() }
    }
}

impl TextReader<'_> {
    fn with_partition(&self, text: &Text) -> Text {
        text.substitute(&|symbol| (*symbol.kind() == SymbolKind::Partition).then(|| Text::literal(self.partition)))
    }

    /// Reads a text of the policy.
    pub(super) fn pattern(&self, text: &Text, globs: Globs) -> Glob {
        let text = self.with_partition(text);
        let mut pattern = Glob { tokens: Vec::new(), unresolved: false, because: unknowns(&text) };
        for piece in text.pieces() {
            match piece {
                Piece::Literal(part) => self.literal(part, globs, &mut pattern),
                Piece::Hole(symbol) => pattern.tokens.push(Token::Hole(symbol.clone())),
            }
        }
        sort_wildcards(&mut pattern.tokens);
        pattern
    }

    fn literal(&self, text: &str, globs: Globs, pattern: &mut Glob) {
        if *self.version == Version::V2008 {
            return pattern.plain(text, globs);
        }
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            pattern.plain(before, globs);
            let (variable, next) = after.split_once('}').unwrap_or((after, ""));
            match self.version {
                Version::Unknown(unknown) => {
                    pattern.tokens.push(Token::Opaque);
                    answer::join(&mut pattern.because, vec![unknown.clone()]);
                }
                _ => self.variable(variable, pattern),
            }
            rest = next;
        }
        pattern.plain(rest, globs);
    }

    /// `${*}`, `${?}` and `${$}` are the characters; `${key}` is the key's value, `${key, 'text'}` has a default.
    fn variable(&self, variable: &str, pattern: &mut Glob) {
        if let "*" | "?" | "$" = variable {
            return pattern.tokens.extend(variable.chars().map(Token::Char));
        }
        let (key, default) = match variable.split_once(',') {
            Some((key, default)) => (key, default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''))),
            None => (variable, None),
        };
        match (held::holds(self.request, &key.trim().to_ascii_lowercase()), default) {
            (Holds::Values(values), _) => match values.as_slice() {
                [value] => {
                    let value = Subject::value(self, value);
                    pattern.tokens.extend(value.tokens);
                    answer::join(&mut pattern.because, value.because);
                }
                // A key with several values has no documented meaning as a variable.
                _ => pattern.tokens.push(Token::Opaque),
            },
            (Holds::Something, _) => pattern.tokens.push(Token::Opaque),
            (Holds::Nothing, Some(default)) => pattern.tokens.extend(default.chars().map(Token::Char)),
            (Holds::Nothing, None) => pattern.unresolved = true,
        }
    }
}

impl Glob {
    fn plain(&mut self, text: &str, globs: Globs) {
        self.tokens.extend(text.chars().map(|c| match c {
            '*' if globs == Globs::Live => Token::Star,
            '?' if globs == Globs::Live => Token::One,
            c => Token::Char(c),
        }));
    }

    /// The same in lower case.
    pub(super) fn lower_case(mut self) -> Self {
        lower_case(&mut self.tokens);
        self
    }

    /// A part of it.
    pub(super) fn part(&self, tokens: &[Token]) -> Self {
        Self { tokens: tokens.to_vec(), unresolved: self.unresolved, because: self.because.clone() }
    }

    /// Whether it matches all of `subject`. A variable without a value matches no text; what a negated element makes
    /// of it is not documented.
    pub(super) fn matches(&self, subject: &Subject, negated: bool, span: Span) -> Answer {
        if self.unresolved {
            return if negated { Answer::Maybe(self.causes(subject, span)) } else { Answer::No };
        }
        let (pattern, text) = without_common_ends(&self.tokens, &subject.tokens, subject.in_name);
        if surely(pattern, text) {
            Answer::Yes
        } else if possibly(pattern, text, subject.in_name) {
            Answer::Maybe(self.causes(subject, span))
        } else {
            Answer::No
        }
    }

    /// What a maybe hangs on.
    pub(super) fn causes(&self, subject: &Subject, span: Span) -> Vec<Unknown> {
        let mut causes = self.because.clone();
        answer::join(&mut causes, subject.because.clone());
        if causes.is_empty() {
            causes.push(Unknown::new(
                "a policy variable here has no documented value for every request",
                span,
                "write the string without a policy variable",
            ));
        }
        causes
    }
}

fn unknowns(text: &Text) -> Vec<Unknown> {
    let mut causes = Vec::new();
    answer::join(&mut causes, text.symbols().map(|symbol| symbol.unknown().clone()).collect());
    causes
}

fn lower_case(tokens: &mut [Token]) {
    for token in tokens {
        if let Token::Char(c) = token {
            c.make_ascii_lowercase();
        }
    }
}

/// In a run of wildcards that has a `*`, each `?` asks for at least one character, and one `*` is as good as many.
fn sort_wildcards(tokens: &mut Vec<Token>) {
    let mut sorted: Vec<Token> = Vec::with_capacity(tokens.len());
    let (mut ones, mut star) = (0, false);
    let flush = |sorted: &mut Vec<Token>, ones: &mut usize, star: &mut bool| {
        let one = if *star { Token::Some } else { Token::One };
        sorted.extend(std::iter::repeat_n(one, std::mem::take(ones)));
        sorted.extend(std::mem::take(star).then_some(Token::Star));
    };
    for token in tokens.drain(..) {
        match token {
            Token::One | Token::Some => ones += 1,
            Token::Star => star = true,
            token => {
                flush(&mut sorted, &mut ones, &mut star);
                sorted.push(token);
            }
        }
    }
    flush(&mut sorted, &mut ones, &mut star);
    *tokens = sorted;
}

/// Cuts off what is the same on both sides. What is left decides alone, as long as equal holes hold no wildcards.
fn without_common_ends<'t>(
    mut pattern: &'t [Token],
    mut subject: &'t [Token],
    in_name: bool,
) -> (&'t [Token], &'t [Token]) {
    let same = |one: &Token, two: &Token| match one {
        Token::Char(_) => one == two,
        Token::Hole(symbol) => one == two && (in_name || *symbol.kind() != SymbolKind::Free),
        _ => false,
    };
    while let (Some((p, pattern_rest)), Some((s, subject_rest))) = (pattern.split_first(), subject.split_first()) {
        if !same(p, s) {
            break;
        }
        (pattern, subject) = (pattern_rest, subject_rest);
    }
    while let (Some((p, pattern_rest)), Some((s, subject_rest))) = (pattern.split_last(), subject.split_last()) {
        if !same(p, s) {
            break;
        }
        (pattern, subject) = (pattern_rest, subject_rest);
    }
    (pattern, subject)
}

/// Whether the pattern matches whatever the holes are. Each step but `*` takes exactly one step of the subject; after
/// a mismatch the last `*` takes one more.
fn surely(pattern: &[Token], subject: &[Token]) -> bool {
    let (mut p, mut s) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(step) = subject.get(s) {
        match pattern.get(p) {
            Some(Token::Star) => {
                last_star = Some((p + 1, s));
                p += 1;
            }
            Some(token) if takes(token, step) => {
                p += 1;
                s += 1;
            }
            _ => match &mut last_star {
                Some((after, from)) => {
                    *from += 1;
                    (p, s) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|token| *token == Token::Star))
}

fn takes(token: &Token, step: &Token) -> bool {
    match (token, step) {
        (Token::One | Token::Some, Token::Char(_)) => true,
        (Token::Some, Token::Hole(symbol)) => *symbol.kind() != SymbolKind::Free,
        (Token::Char(_) | Token::Hole(_), _) => token == step,
        _ => false,
    }
}

/// Whether the pattern matches for some value of the holes, taken as independent of each other (so a yes here may
/// still be a no). Walks the subject once with the set of all places in the pattern that can be reached.
fn possibly(pattern: &[Token], subject: &[Token], in_name: bool) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    set(&mut reached, 0);
    skip_empty(pattern, &mut reached);
    for step in subject {
        let mut next = vec![false; pattern.len() + 1];
        for (at, token) in pattern.iter().enumerate() {
            if reached.get(at) == Some(&true) {
                let (stay, go) = possibly_takes(token, step);
                if stay {
                    set(&mut next, at);
                }
                if go {
                    set(&mut next, at + 1);
                }
            }
        }
        if let Token::Hole(symbol) = step {
            span_steps(symbol, pattern, &reached, &mut next, in_name);
        }
        reached = next;
        if !reached.contains(&true) {
            return false;
        }
        skip_empty(pattern, &mut reached);
    }
    reached.last() == Some(&true)
}

fn set(places: &mut [bool], at: usize) {
    if let Some(place) = places.get_mut(at) {
        *place = true;
    }
}

/// Steps that may stand for no character at all.
fn skip_empty(pattern: &[Token], reached: &mut [bool]) {
    for (at, token) in pattern.iter().enumerate() {
        let empty = match token {
            Token::Star | Token::Opaque => true,
            Token::Hole(symbol) => *symbol.kind() == SymbolKind::Free,
            _ => false,
        };
        if empty && reached.get(at) == Some(&true) {
            set(reached, at + 1);
        }
    }
}

/// Whether `token` may take `step` and go on taking, and whether it may take `step` and be done.
fn possibly_takes(token: &Token, step: &Token) -> (bool, bool) {
    match (token, step) {
        (Token::Star | Token::Opaque, _) => (true, true),
        (Token::Hole(hole), _) if !hole.kind().is_made_up() => (true, true),
        (Token::Hole(_) | Token::Char(_), _) => (false, token == step),
        (Token::One | Token::Some, Token::Char(_)) => (false, true),
        (Token::One | Token::Some, _) => (false, false),
    }
}

/// One hole of the subject may be the text of several steps of the pattern. A part of a bucket's name spans no `/` and
/// no `:`; a made-up name spans no text that was written by hand alone, and no other bucket's name.
fn span_steps(symbol: &Symbol, pattern: &[Token], reached: &[bool], next: &mut [bool], in_name: bool) {
    let made_up = symbol.kind().is_made_up();
    let (mut inside, mut open) = (false, false);
    for (at, &here) in reached.iter().enumerate() {
        if if made_up { open } else { inside } {
            set(next, at);
        }
        inside |= here;
        if here && *symbol.kind() == SymbolKind::Free {
            set(next, at);
        }
        match pattern.get(at) {
            Some(Token::Char('/' | ':')) if in_name => (inside, open) = (false, false),
            Some(Token::Char(_)) | None => {}
            Some(Token::Hole(hole)) if hole.kind().is_made_up() => {}
            Some(token) => {
                open |= inside;
                // The hole may end within what the step takes.
                if inside && !matches!(token, Token::One | Token::Some) {
                    set(next, at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
