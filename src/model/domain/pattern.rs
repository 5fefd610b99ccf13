//! The regular expressions of parameters, as far as all dialects agree on them.
//!
//! `AllowedPattern` is in Java's dialect and must match the whole value. What that dialect reads otherwise than ours
//! (possessive quantifiers, look-around, flags, `\b`, Unicode classes, set operations) is not understood, and said so.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html> and
//! <https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html>.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use std::collections::{HashSet, VecDeque};

/// The most states that an expression may have.
const MAX_STATES: usize = 20_000;
/// The most places that are looked at in search of a text that matches.
const MAX_PLACES: usize = 20_000;
/// Characters to show where any will do, the nicest first.
const NICE: &str = "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_.";

/// A regular expression that a whole text has to match.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    states: Vec<State>,
    start: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// One character out of these ranges.
    One(Vec<(char, char)>, usize),
    Split(Vec<usize>),
    AtStart(usize),
    AtEnd(usize),
    Accept,
}

/// What a search for a text comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// This text.
    Found(String),
    /// There is none.
    None,
    /// There are too many places to look at.
    Unknown,
}

impl Pattern {
    /// Reads an expression. `None` where it is not understood, or is too large.
    pub(crate) fn read(written: &str) -> Option<Self> {
        let common = common(written)?;
        let hir = regex_syntax::ParserBuilder::new().nest_limit(50).build().parse(&common).ok()?;
        let mut builder = Builder { states: vec![State::Accept] };
        let start = builder.add(&hir, 0)?;
        Some(Self { states: builder.states, start })
    }

    /// Any text at all.
    pub(crate) fn any() -> Self {
        let states = vec![State::Accept, State::One(vec![('\0', char::MAX)], 2), State::Split(vec![1, 0])];
        Self { states, start: 2 }
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut set = self.closure(&[self.start], true, text.is_empty());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            set = self.step(&set, c, rest.peek().is_none());
        }
        set.iter().any(|&at| self.states.get(at) == Some(&State::Accept))
    }

    fn step(&self, set: &[usize], c: char, at_end: bool) -> Vec<usize> {
        let next: Vec<usize> = set
            .iter()
            .filter_map(|&at| match self.states.get(at)? {
                State::One(ranges, next) => {
                    ranges.iter().any(|&(low, high)| (low..=high).contains(&c)).then_some(*next)
                }
                _ => None,
            })
            .collect();
        self.closure(&next, false, at_end)
    }

    /// All states that are reached without a character, sorted.
    fn closure(&self, from: &[usize], at_start: bool, at_end: bool) -> Vec<usize> {
        let mut seen = HashSet::new();
        let mut left = from.to_vec();
        let mut out = Vec::new();
        while let Some(at) = left.pop() {
            if !seen.insert(at) {
                continue;
            }
            match self.states.get(at) {
                Some(State::Split(next)) => left.extend(next),
                Some(State::AtStart(next)) if at_start => left.push(*next),
                Some(State::AtEnd(next)) if at_end => left.push(*next),
                Some(State::AtStart(_)) | None => {}
                Some(State::AtEnd(_) | State::One(..) | State::Accept) => out.push(at),
            }
        }
        out.sort_unstable();
        out
    }

    /// Whether a text may end in these states.
    fn accepts(&self, set: &[usize], at_start: bool) -> bool {
        let set = self.closure(set, at_start, true);
        set.iter().any(|&at| self.states.get(at) == Some(&State::Accept))
    }

    /// A text that all of some patterns match, that is none of `not`, and that has so many characters.
    pub(crate) fn find(patterns: &[&Self], not: &[&str], shortest: usize, longest: Option<usize>) -> Search {
        let trie = Trie::new(not);
        let start: Vec<Vec<usize>> = patterns.iter().map(|one| one.closure(&[one.start], true, false)).collect();
        let mut seen = HashSet::from([(start.clone(), Some(0), 0usize)]);
        let mut left = VecDeque::from([(start, Some(0usize), 0usize, String::new())]);
        while let Some((sets, node, length, text)) = left.pop_front() {
            let listed = node.is_some_and(|node| trie.is_end(node));
            let accepted = || patterns.iter().zip(&sets).all(|(one, set)| one.accepts(set, text.is_empty()));
            if !listed && length >= shortest && accepted() {
                return Search::Found(text);
            }
            if longest.is_some_and(|longest| length >= longest) {
                continue;
            }
            let ranges: Vec<(char, char)> = patterns.iter().zip(&sets).flat_map(|(one, set)| one.ranges(set)).collect();
            for c in letters(&ranges, node, &trie) {
                let next: Vec<Vec<usize>> =
                    patterns.iter().zip(&sets).map(|(one, set)| one.step(set, c, false)).collect();
                if next.iter().any(Vec::is_empty) {
                    continue;
                }
                let node = node.and_then(|node| trie.child(node, c));
                // Past the shortest length, only a longest one tells lengths apart.
                let length = if longest.is_some() { length + 1 } else { (length + 1).min(shortest) };
                if seen.insert((next.clone(), node, length)) {
                    if seen.len() > MAX_PLACES {
                        return Search::Unknown;
                    }
                    let mut text = text.clone();
                    text.push(c);
                    left.push_back((next, node, length, text));
                }
            }
        }
        Search::None
    }

    /// The characters that some states take.
    fn ranges(&self, set: &[usize]) -> Vec<(char, char)> {
        let of = |&at: &usize| match self.states.get(at)? {
            State::One(ranges, _) => Some(ranges.iter().copied()),
            _ => None,
        };
        set.iter().filter_map(of).flatten().collect()
    }
}

/// One character of each kind that ranges and trie tell apart.
fn letters(ranges: &[(char, char)], node: Option<usize>, trie: &Trie) -> Vec<char> {
    let mut cuts: Vec<u32> = ranges.iter().flat_map(|&(low, high)| [u32::from(low), u32::from(high) + 1]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let children: Vec<char> = node.map(|node| trie.letters(node)).unwrap_or_default();
    let mut letters = Vec::new();
    for cell in cuts.windows(2) {
        let &[low, high] = cell else { continue };
        if !ranges.iter().any(|&(first, last)| u32::from(first) <= low && high <= u32::from(last) + 1) {
            continue;
        }
        let within = |c: &char| (low..high).contains(&u32::from(*c)) && !children.contains(c);
        let nice = NICE.chars().find(within);
        letters.extend(nice.or_else(|| (low..high).filter_map(char::from_u32).find(within)));
    }
    letters.sort_by_key(|c| NICE.find(*c).unwrap_or(usize::MAX));
    letters.extend(children);
    letters
}

/// Texts by their characters.
struct Trie {
    nodes: Vec<(Vec<(char, usize)>, bool)>,
}

impl Trie {
    fn new(texts: &[&str]) -> Self {
        let mut trie = Self { nodes: vec![(Vec::new(), false)] };
        for text in texts {
            let mut at = 0;
            for c in text.chars() {
                at = trie.child(at, c).unwrap_or_else(|| {
                    trie.nodes.push((Vec::new(), false));
                    let new = trie.nodes.len() - 1;
                    if let Some((children, _)) = trie.nodes.get_mut(at) {
                        children.push((c, new));
                    }
                    new
                });
            }
            if let Some((_, end)) = trie.nodes.get_mut(at) {
                *end = true;
            }
        }
        trie
    }

    fn child(&self, at: usize, c: char) -> Option<usize> {
        self.nodes.get(at)?.0.iter().find(|(letter, _)| *letter == c).map(|(_, next)| *next)
    }

    fn letters(&self, at: usize) -> Vec<char> {
        self.nodes.get(at).map(|(children, _)| children.iter().map(|(c, _)| *c).collect()).unwrap_or_default()
    }

    fn is_end(&self, at: usize) -> bool {
        self.nodes.get(at).is_some_and(|(_, end)| *end)
    }
}

struct Builder {
    states: Vec<State>,
}

impl Builder {
    fn push(&mut self, state: State) -> Option<usize> {
        self.states.push(state);
        (self.states.len() <= MAX_STATES).then(|| self.states.len() - 1)
    }

    /// The state from which `hir` leads to `next`.
    fn add(&mut self, hir: &Hir, next: usize) -> Option<usize> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().rev().try_fold(next, |next, c| self.push(State::One(vec![(c, c)], next)))
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.ranges().iter().map(|range| (range.start(), range.end())).collect();
                self.push(State::One(ranges, next))
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges = class.ranges().iter().map(|r| (char::from(r.start()), char::from(r.end()))).collect();
                class.is_ascii().then_some(())?;
                self.push(State::One(ranges, next))
            }
            HirKind::Look(Look::Start) => self.push(State::AtStart(next)),
            HirKind::Look(Look::End) => self.push(State::AtEnd(next)),
            HirKind::Look(_) => None,
            HirKind::Capture(capture) => self.add(&capture.sub, next),
            HirKind::Concat(parts) => parts.iter().rev().try_fold(next, |next, part| self.add(part, next)),
            HirKind::Alternation(parts) => {
                let starts: Option<Vec<usize>> = parts.iter().map(|part| self.add(part, next)).collect();
                self.push(State::Split(starts?))
            }
            HirKind::Repetition(repetition) => {
                let sub = &repetition.sub;
                let mut at = match repetition.max {
                    None => {
                        let split = self.push(State::Split(Vec::new()))?;
                        let inner = self.add(sub, split)?;
                        *self.states.get_mut(split)? = State::Split(vec![inner, next]);
                        split
                    }
                    Some(max) => {
                        let mut at = next;
                        for _ in repetition.min..max {
                            let inner = self.add(sub, at)?;
                            at = self.push(State::Split(vec![inner, next]))?;
                        }
                        at
                    }
                };
                for _ in 0..repetition.min {
                    at = self.add(sub, at)?;
                    // An empty inside adds no state, however often it is repeated.
                    if self.states.len() > MAX_STATES {
                        return None;
                    }
                }
                Some(at)
            }
        }
    }
}

/// The expression with what Java's and our dialect write differently in the words of both. `None` where they differ
/// in meaning.
fn common(written: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = written.chars().peekable();
    let mut depth = 0u32;
    let mut quantified = false;
    while let Some(c) = rest.next() {
        let was_quantified = std::mem::take(&mut quantified);
        match c {
            '\\' => {
                let escaped = rest.next()?;
                match escaped {
                    'd' => out.push_str(if depth > 0 { "0-9" } else { "[0-9]" }),
                    'D' => out.push_str("[^0-9]"),
                    'w' => out.push_str(if depth > 0 { "A-Za-z0-9_" } else { "[A-Za-z0-9_]" }),
                    'W' => out.push_str("[^A-Za-z0-9_]"),
                    's' => out.push_str(if depth > 0 { r" \t\n\x0B\f\r" } else { r"[ \t\n\x0B\f\r]" }),
                    'S' => out.push_str(r"[^ \t\n\x0B\f\r]"),
                    't' | 'n' | 'r' | 'f' | 'A' | 'z' => out.extend(['\\', escaped]),
                    other if other.is_ascii_punctuation() && !matches!(other, '<' | '>') => {
                        out.extend(['\\', other]);
                    }
                    '<' | '>' | ' ' => out.push(escaped),
                    _ => return None,
                }
            }
            '[' => {
                if depth > 0 && rest.peek() == Some(&':') {
                    return None;
                }
                depth += 1;
                out.push('[');
                if rest.peek() == Some(&'^') {
                    out.extend(rest.next());
                }
                if matches!(rest.peek(), Some(']' | '[')) {
                    return None;
                }
            }
            ']' if depth > 0 => {
                depth -= 1;
                out.push(']');
            }
            '&' | '~' | '-' if depth > 0 && rest.peek() == Some(&c) => return None,
            _ if depth > 0 => {
                // Spaces and signs mean themselves in a class, in both dialects.
                if matches!(c, '&' | '~') {
                    out.push('\\');
                }
                out.push(c);
            }
            '.' => out.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            '$' => {
                // Elsewhere than at the end Java lets it stand before a last line break.
                if !matches!(rest.peek(), None | Some('|' | ')')) {
                    return None;
                }
                out.push('$');
            }
            '(' => {
                out.push('(');
                if rest.peek() == Some(&'?') {
                    out.extend(rest.next());
                    if rest.peek() != Some(&':') {
                        return None;
                    }
                    out.extend(rest.next());
                }
            }
            '*' | '+' | '?' | '}' => {
                // `a++` is possessive in Java, and `a+?` takes as little as it can, which is the same for a whole text.
                if was_quantified && c != '?' {
                    return None;
                }
                quantified = !was_quantified;
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    (depth == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_match() {
        for (pattern, yes, no) in [
            ("[a-z]+", &["a", "prod"][..], &["", "Prod", "a1"][..]),
            ("[a-z]*", &["", "a"], &["A"]),
            ("^(dev|prod)$", &["dev", "prod"], &["", "stage", "devprod"]),
            (r"\d{3}-\w+", &["123-a_B"], &["12-a", "123-", "१२३-a"]),
            (r"^$|^[a-z0-9.\-]{3,63}$", &["", "a-b", "a.b"], &["ab", "A-b"]),
            (r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(/[0-9]{1,2})?", &["10.0.0.0/16", "1.2.3.4"], &["10.0.0", "10.0.0.0/"]),
            ("[^,]+", &["a b"], &["", "a,b"]),
            (".+", &["x"], &["", "a\nb"]),
            ("a+?b??", &["a", "aab"], &["b"]),
            (r"[\w+=,.@-]+", &["a@b", "x-y"], &["a b", ""]),
            (r"[a-z&]{2}", &["a&"], &["a"]),
        ] {
            let pattern = Pattern::read(pattern).expect(pattern);
            for text in yes {
                assert!(pattern.matches(text), "{text}");
            }
            for text in no {
                assert!(!pattern.matches(text), "{text}");
            }
        }
    }

    #[test]
    fn what_dialects_read_differently_is_not_understood() {
        for pattern in [
            "(?i)prod",
            "a++",
            "(?=x)x",
            r"\bprod",
            r"\p{Alpha}+",
            "[a-z&&[^b]]",
            r"(a)\1",
            "(",
            r"\Qa\E",
            "a$b",
            "[[:alpha:]]",
            "(?<n>a)",
            "[a--b]",
            r"x\",
        ] {
            assert_eq!(Pattern::read(pattern), None, "{pattern}");
        }
        assert_eq!(Pattern::read("(((a{999}){999}){999}){999}"), None, "too large");
        assert_eq!(Pattern::read("(((){999}){999}){999}").map(|_| ()), Some(()), "nothing, often");
    }

    #[test]
    fn other_texts_are_found() {
        let find = |pattern: &str, not: &[&str], shortest, longest| {
            Pattern::find(&[&Pattern::read(pattern).expect(pattern)], not, shortest, longest)
        };
        assert_eq!(find("(dev|prod)", &["prod"], 0, None), Search::Found("dev".to_owned()));
        assert_eq!(find("(dev|prod)", &["prod", "dev"], 0, None), Search::None);
        assert_eq!(find("[a-z]*", &[""], 0, None), Search::Found("x".to_owned()));
        assert_eq!(find("[a-b]", &["a"], 0, None), Search::Found("b".to_owned()));
        assert_eq!(find("[a-b]", &["a", "b"], 0, None), Search::None);
        assert_eq!(find("[a-z]+", &[], 3, None), Search::Found("xxx".to_owned()));
        assert_eq!(find("[a-z]{5}", &[], 0, Some(4)), Search::None);
        assert_eq!(find("a*", &["", "a"], 0, Some(1)), Search::None);
        assert_eq!(Pattern::find(&[&Pattern::any()], &[""], 0, Some(0)), Search::None);
        assert_eq!(Pattern::find(&[&Pattern::any()], &["x", "y"], 1, Some(1)), Search::Found("z".to_owned()));
    }
}
