//! The forms of texts that the facts prescribe: accounts, ids, ARNs of principals.

use super::classes::{AnyText, Universe};
use super::principal::is_one_field;
use crate::model::{Piece, Text};
use std::collections::BTreeSet;

/// One part of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// This character.
    Char(char),
    /// A decimal digit.
    Digit,
    /// One or more characters of an id or a name, which holds no colon and no slash.
    Name,
    /// A path, perhaps empty, and a name: what follows `user/` and `role/`.
    Path,
    /// The service of an ARN that is neither `iam` nor `sts`, perhaps empty.
    OtherService,
    /// Any number of characters without a colon. No ARN of a request holds wildcards.
    Field,
    /// Any number of characters without wildcards.
    Rest,
}

/// Texts of a form: a universe for [`super::classes::classes`].
#[derive(Clone, Debug)]
pub(crate) struct Form(Vec<Part>);

/// A state is `part * SUB + sub`.
const SUB: u32 = 8;

impl Form {
    fn of(text: &str) -> Vec<Part> {
        text.chars().map(Part::Char).collect()
    }

    /// An account id: twelve digits.
    pub(crate) fn account() -> Self {
        Self(vec![Part::Digit; 12])
    }

    /// A unique id without a colon.
    pub(crate) fn plain_id() -> Self {
        Self(vec![Part::Name])
    }

    /// The id of a session: `AROAEXAMPLE:name`.
    pub(crate) fn session_id() -> Self {
        Self(vec![Part::Name, Part::Char(':'), Part::Name])
    }

    /// The ARN of an IAM or STS principal: `before`, an account, `after`, and a name with its path where `named`.
    pub(crate) fn principal(before: &str, after: &str, named: bool) -> Self {
        let mut parts = Self::of(before);
        parts.extend([Part::Digit; 12]);
        parts.extend(Self::of(after));
        parts.extend(named.then_some(Part::Path));
        Self(parts)
    }

    /// An ARN that is no IAM principal's.
    pub(crate) fn foreign_arn() -> Self {
        let colon = Part::Char(':');
        let mut parts = Self::of("arn:");
        parts.extend([Part::Field, colon, Part::OtherService, colon, Part::Field, colon, Part::Field, colon]);
        parts.push(Part::Rest);
        Self(parts)
    }

    fn part(&self, at: u32) -> Option<Part> {
        self.0.get((at / SUB) as usize).copied()
    }

    /// Whether the form may go on after this part.
    fn done(part: Part, sub: u32) -> bool {
        match part {
            Part::Char(_) | Part::Digit => false,
            Part::Name | Part::Path => sub == 1,
            // 2: `iam`, `sts` so far in full.
            Part::OtherService => sub != IAM && sub != STS,
            Part::Field | Part::Rest => true,
        }
    }

    /// The state within `part` after `c`; `None` where it takes no such character.
    fn within(part: Part, sub: u32, c: char) -> Option<u32> {
        match part {
            Part::Char(_) | Part::Digit => None,
            Part::Name => is_name(c).then_some(1),
            Part::Path => match c {
                '/' => Some(0),
                c if is_name(c) => Some(if sub == 2 { 2 } else { 1 }),
                c => c.is_ascii_graphic().then_some(2),
            },
            Part::OtherService | Part::Field | Part::Rest if matches!(c, '*' | '?') => None,
            Part::OtherService if c == ':' => None,
            Part::OtherService => Some(match (sub, c) {
                (0, 'i') => 1,
                (1, 'a') => 2,
                (2, 'm') => IAM,
                (0, 's') => 4,
                (4, 't') => 5,
                (5, 's') => STS,
                _ => OTHER,
            }),
            Part::Field => (c != ':').then_some(0),
            Part::Rest => Some(0),
        }
    }

    /// Whether a text may have the form, whatever stands in its holes.
    pub(crate) fn may_be(&self, text: &Text) -> bool {
        let mut states = BTreeSet::from([self.start()]);
        for piece in text.pieces() {
            states = match piece {
                Piece::Literal(text) => {
                    let after = |at: u32| text.chars().try_fold(at, |at, c| self.next(at, c));
                    states.into_iter().filter_map(after).collect()
                }
                Piece::Hole(symbol) => self.after_any(states, !is_one_field(symbol)),
            };
        }
        states.into_iter().any(|at| self.accepts(at))
    }

    /// The states that any characters lead to.
    fn after_any(&self, states: BTreeSet<u32>, colons: bool) -> BTreeSet<u32> {
        let mut left: Vec<u32> = states.iter().copied().collect();
        let mut found = states;
        while let Some(at) = left.pop() {
            let mut letters: Vec<char> = self.others().chars().chain(":".chars()).collect();
            self.letters(at, &mut letters);
            let next = letters.into_iter().filter(|c| colons || *c != ':').filter_map(|c| self.next(at, c));
            left.extend(next.filter(|at| found.insert(*at)));
        }
        found
    }

    /// Whether a text has the form.
    #[cfg(test)]
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut at = Some(self.start());
        for c in text.chars() {
            at = at.and_then(|at| self.next(at, c));
        }
        at.is_some_and(|at| self.accepts(at))
    }
}

const IAM: u32 = 3;
const STS: u32 = 6;
const OTHER: u32 = 7;

/// The characters of names and ids: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+=,.@-_".contains(c)
}

impl Universe for Form {
    fn next(&self, at: u32, c: char) -> Option<u32> {
        let (index, sub) = (at / SUB, at % SUB);
        let part = self.part(at)?;
        let own = match part {
            Part::Char(own) => (c == own).then_some((index + 1) * SUB),
            Part::Digit => c.is_ascii_digit().then_some((index + 1) * SUB),
            _ => Self::within(part, sub, c).map(|sub| index * SUB + sub),
        };
        // What follows a loop starts with a character that the loop does not take.
        own.or_else(|| if Self::done(part, sub) { self.next((index + 1) * SUB, c) } else { None })
    }

    fn accepts(&self, at: u32) -> bool {
        match self.part(at) {
            None => true,
            Some(part) => Self::done(part, at % SUB) && self.0.len() == (at / SUB) as usize + 1,
        }
    }

    fn letters(&self, at: u32, out: &mut Vec<char>) {
        match self.part(at) {
            Some(Part::Char(c)) => out.push(c),
            Some(Part::Digit) => out.extend('0'..='9'),
            Some(Part::Path) => out.extend(['/', '!']),
            Some(Part::OtherService) => out.extend(['i', 'a', 'm', 's', 't', ':']),
            Some(_) => {
                if let Some(Part::Char(c)) = self.0.get((at / SUB) as usize + 1) {
                    out.push(*c);
                }
            }
            None => {}
        }
    }

    fn others(&self) -> &'static str {
        AnyText { or_empty: false }.others()
    }

    fn is_open(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Name, Symbol, SymbolKind, Unknown};
    use crate::source::{FileId, Span};

    #[test]
    fn forms_are_told() {
        let user = Form::principal("arn:aws:iam::", ":user/", true);
        for text in ["arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:user/a:b/u"] {
            assert!(user.matches(text), "{text}");
        }
        for text in
            ["arn:aws:iam::11112222333:user/u", "arn:aws:iam::111122223333:user/", "arn:aws:iam::111122223333:user/a*"]
        {
            assert!(!user.matches(text), "{text}");
        }
        assert!(Form::principal("arn:aws:iam::", ":root", false).matches("arn:aws:iam::111122223333:root"));
        assert!(Form::session_id().matches("AROA:me") && !Form::session_id().matches("AROA"));
        assert!(Form::plain_id().matches("AIDA") && !Form::plain_id().matches("AROA:me"));
        for (text, foreign) in [
            ("arn:aws:iam::111122223333:root", false),
            ("arn:aws:sts::1:x", false),
            ("arn:aws:ia::1:x", true),
            ("arn:aws:iamx:::", true),
            ("arn:aws:::::", true),
            ("arn:aws:s3", false),
        ] {
            assert_eq!(Form::foreign_arn().matches(text), foreign, "{text}");
        }
    }

    #[test]
    fn a_text_with_holes_may_have_a_form_or_not() {
        let hole = |kind: SymbolKind| {
            let unknown = Unknown::new("it", Span::at(FileId(0), 0), "");
            Text::hole(Symbol::new(Name::Expression("h".into()), kind, "${h}", unknown))
        };
        let around = |before: &str, kind: SymbolKind, after: &str| {
            let mut text = Text::literal(before);
            text.push(&hole(kind));
            text.push_str(after);
            text
        };
        let foreign = Form::foreign_arn();
        assert!(foreign.may_be(&around("", SymbolKind::Free, "")));
        assert!(foreign.may_be(&around("arn:", SymbolKind::Free, ":iam::1:role/r")), "a colon may be in it");
        assert!(!foreign.may_be(&around("arn:", SymbolKind::Partition, ":iam::1:role/r")));
        assert!(!foreign.may_be(&around("arn:aws:iam::", SymbolKind::Free, ":role/r")));
        assert!(foreign.may_be(&around("arn:aws:s3:::", SymbolKind::Pseudo, "")));
        assert!(!Form::account().may_be(&around("x", SymbolKind::Free, "")));
        assert!(Form::account().may_be(&hole(SymbolKind::Pseudo)));
    }
}
