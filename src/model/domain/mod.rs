//! The values that a parameter may have.

mod pattern;

pub(crate) use pattern::Pattern;

use super::{Truth, Unknown};
use pattern::Search;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// The texts that a parameter may hold: all of them, or those that each of its bounds lets in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Domain {
    /// Only these.
    pub allowed: Option<Vec<String>>,
    /// Only texts that match the whole expression.
    pub(crate) pattern: Option<Arc<Pattern>>,
    /// The fewest characters.
    pub shortest: usize,
    /// The most characters.
    pub longest: Option<usize>,
    /// Only numbers, from the one to the other.
    pub number: Option<(Option<f64>, Option<f64>)>,
    /// A bound that is not understood, and may keep out any text.
    pub unread: Option<Arc<Unknown>>,
}

/// Whether a domain has a text besides some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// It has this one.
    Some(String),
    /// It has none.
    None,
    /// That hangs on a bound that is not understood.
    Unknown,
}

impl Other {
    fn text(self) -> Option<String> {
        match self {
            Self::Some(text) => Some(text),
            Self::None | Self::Unknown => None,
        }
    }
}

/// How numbers are written.
static NUMBER: LazyLock<Option<Pattern>> =
    LazyLock::new(|| Pattern::read(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"));

impl Domain {
    /// All texts. Most parameters have no bounds: they share it.
    pub(crate) fn any() -> Arc<Self> {
        static ANY: LazyLock<Arc<Domain>> = LazyLock::new(Arc::default);
        Arc::clone(&ANY)
    }

    /// The same, to be shared by whoever holds it.
    pub(crate) fn shared(self) -> Arc<Self> {
        if self == Self::default() { Self::any() } else { Arc::new(self) }
    }

    /// Only these texts.
    pub(crate) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self { allowed: Some(texts.into_iter().map(str::to_owned).collect()), ..Self::default() }
    }

    /// The texts that match an expression in full. It has to be one that is understood.
    pub(crate) fn matching(expression: &str) -> Self {
        Self { pattern: Pattern::read(expression).map(Arc::new), ..Self::default() }
    }

    /// The texts that match an expression somewhere; `None` for one that is not understood.
    pub(crate) fn containing(expression: &str) -> Option<Self> {
        // By itself first: what is put around it must not change what it means.
        Pattern::read(expression)?;
        let pattern = Pattern::read(&format!(r"[\s\S]*(?:{expression})[\s\S]*"))?;
        Some(Self { pattern: Some(Arc::new(pattern)), ..Self::default() })
    }

    /// Keeps only what another one has too. Two expressions are not joined: which texts match both is not known then.
    pub(crate) fn meet(&mut self, other: Self, open: &Unknown) {
        self.allowed = match (self.allowed.take(), other.allowed) {
            (Some(own), Some(other)) => Some(own.into_iter().filter(|text| other.contains(text)).collect()),
            (own, other) => own.or(other),
        };
        if self.pattern.is_some() && other.pattern.is_some() {
            self.unread = Some(Arc::new(open.clone()));
        }
        self.pattern = self.pattern.take().or(other.pattern);
        self.shortest = self.shortest.max(other.shortest);
        self.longest = self.longest.into_iter().chain(other.longest).min();
        let tighter = |one: Option<f64>, two: Option<f64>, of: fn(f64, f64) -> f64| match (one, two) {
            (Some(one), Some(two)) => Some(of(one, two)),
            (one, two) => one.or(two),
        };
        self.number = match (self.number, other.number) {
            (Some(own), Some(other)) => Some((tighter(own.0, other.0, f64::max), tighter(own.1, other.1, f64::min))),
            (own, other) => own.or(other),
        };
        self.unread = self.unread.take().or(other.unread);
    }

    /// Whether it has a text.
    #[must_use]
    pub fn contains(&self, text: &str) -> Truth {
        let length = text.chars().count();
        let out = self.allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|one| one == text))
            || self.pattern.as_ref().is_some_and(|pattern| !pattern.matches(text))
            || length < self.shortest
            || self.longest.is_some_and(|longest| length > longest)
            || self.number.is_some_and(|range| !is_within(text, range));
        match (out, &self.unread) {
            (true, _) => Truth::No,
            (false, Some(_)) => Truth::Maybe,
            (false, None) => Truth::Yes,
        }
    }

    /// Its values, where they are listed.
    #[must_use]
    pub fn listed(&self) -> Option<Vec<&str>> {
        let allowed = self.allowed.as_ref()?;
        Some(allowed.iter().map(String::as_str).filter(|text| self.contains(text) != Truth::No).collect())
    }

    /// A text of it that is none of `than`.
    #[must_use]
    pub fn other(&self, than: &BTreeSet<String>) -> Other {
        let found = self.search(than);
        if self.unread.is_some() && found != Other::None { Other::Unknown } else { found }
    }

    fn search(&self, than: &BTreeSet<String>) -> Other {
        if let Some(listed) = self.listed() {
            let other = listed.into_iter().find(|text| !than.contains(*text));
            return other.map_or(Other::None, |text| Other::Some(text.to_owned()));
        }
        if let Some(range) = self.number {
            return self.search_number(than, range);
        }
        Self::search_all(&[self], than)
    }

    /// A text that matches the patterns and the lengths of all.
    fn search_all(all: &[&Self], than: &BTreeSet<String>) -> Other {
        let not: Vec<&str> = than.iter().map(String::as_str).collect();
        let any = Pattern::any();
        let mut patterns: Vec<&Pattern> = all.iter().filter_map(|one| one.pattern.as_deref()).collect();
        if all.iter().any(|one| one.number.is_some()) {
            patterns.extend(NUMBER.as_ref());
        }
        if patterns.is_empty() {
            patterns.push(&any);
        }
        let shortest = all.iter().map(|one| one.shortest).max().unwrap_or_default();
        match Pattern::find(&patterns, &not, shortest, all.iter().filter_map(|one| one.longest).min()) {
            Search::Found(text) => Other::Some(text),
            Search::None => Other::None,
            Search::Unknown => Other::Unknown,
        }
    }

    /// A text that some domains have in common, and that is none of `than`.
    #[must_use]
    pub fn common(all: &[&Self], than: &BTreeSet<String>) -> Other {
        let by_all = |text: &String| all.iter().all(|one| one.contains(text) != Truth::No);
        let found = if let Some(listed) = all.iter().find_map(|one| one.listed()) {
            let mut listed = listed.into_iter().map(str::to_owned).filter(|text| !than.contains(text));
            listed.find(by_all).map_or(Other::None, Other::Some)
        } else {
            match Self::search_all(all, than) {
                Other::Some(text) if by_all(&text) => Other::Some(text),
                Other::None => Other::None,
                // A number within the forms, but not within the bounds: those near the bounds are tried.
                _ => {
                    let numbers = all.iter().filter_map(|one| Some(one.search_number(than, one.number?)));
                    numbers.filter_map(Other::text).find(by_all).map_or(Other::Unknown, Other::Some)
                }
            }
        };
        let unread = all.iter().any(|one| one.unread.is_some());
        if unread && found != Other::None { Other::Unknown } else { found }
    }

    /// Whole numbers from either end, then halves. One number can be written in more ways than one, so that a range
    /// of a single number is no single text.
    fn search_number(&self, than: &BTreeSet<String>, (low, high): (Option<f64>, Option<f64>)) -> Other {
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            return Other::None;
        }
        let near = [low.map(f64::ceil), high.map(f64::floor), Some(0.0)];
        let tries = near.into_iter().flatten().flat_map(|start| {
            let steps = 0..=u32::try_from(than.len()).unwrap_or(u32::MAX);
            steps
                .flat_map(move |step| [start + f64::from(step), start - f64::from(step), start + f64::from(step) + 0.5])
        });
        for number in tries {
            let text = number.to_string();
            if !than.contains(&text) && self.contains(&text) != Truth::No {
                return Other::Some(text);
            }
        }
        Other::Unknown
    }
}

/// Whether a text is a number of the range.
fn is_within(text: &str, (low, high): (Option<f64>, Option<f64>)) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    let number = text.parse::<f64>().ok().filter(|number| plain && number.is_finite());
    number.is_some_and(|number| low.is_none_or(|low| low <= number) && high.is_none_or(|high| number <= high))
}

/// Digits of which a double-precision number keeps each (`DBL_DIG`).
const KEPT_DIGITS: usize = 15;

/// Whether a number is written as every tool writes it: no exponent, no needless zero, no sign but minus, and no more
/// digits than every tool keeps.
#[must_use]
pub fn is_canonical(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && part.is_none_or(|part| all_digits(part) && !part.ends_with('0'))
        && number != "-0"
        && digits.bytes().filter(u8::is_ascii_digit).count() <= KEPT_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers() {
        let number = |low, high| Domain { number: Some((low, high)), ..Domain::default() };
        assert_eq!(number(None, None).contains("none"), Truth::No);
        assert_eq!(number(None, None).contains(""), Truth::No);
        assert_eq!(number(None, None).contains("inf"), Truth::No);
        assert_eq!(number(Some(1.0), Some(5.0)).contains("5"), Truth::Yes);
        assert_eq!(number(Some(1.0), Some(5.0)).contains("6"), Truth::No);
        let than: BTreeSet<String> = ["1".to_owned(), "2".to_owned()].into();
        assert_eq!(number(Some(1.0), None).other(&than), Other::Some("1.5".to_owned()));
        assert_eq!(number(Some(2.0), Some(2.0)).other(&than), Other::Unknown, "2.0 is another text");
        assert_eq!(number(Some(3.0), Some(2.0)).other(&than), Other::None);
    }

    #[test]
    fn canonical_numbers() {
        for number in ["0", "10", "-1", "1.5", "0.25", "123456789012345"] {
            assert!(is_canonical(number), "{number}");
        }
        for number in ["010", "1e3", "2.50", "+1", "-0", "1.", ".5", "", "0x1F", "1_000", "1234567890123456"] {
            assert!(!is_canonical(number), "{number}");
        }
    }

    #[test]
    fn bounds_join() {
        let domain = Domain { allowed: Some(vec!["a".into(), "bbb".into()]), shortest: 2, ..Domain::default() };
        assert_eq!(domain.contains("a"), Truth::No);
        assert_eq!(domain.listed(), Some(vec!["bbb"]));
        assert_eq!(domain.other(&["bbb".to_owned()].into()), Other::None);
        assert_eq!(Domain::matching("[a-z]+").contains(""), Truth::No);
    }
}
