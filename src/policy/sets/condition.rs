//! Conditions over one key.

use super::super::facts::{self, By, KeyKind, Presence};
use super::super::literal::Instant;
use super::classes::{AnyArn, AnyText, classes};
use super::glob::{Machine, State, Variables};
use super::index::Index;
use super::value::{self, Family, Value};
use super::who::Domain;
use super::{Budget, Sides};
use crate::model::Text;
use crate::policy::{Condition, Document, Operator, Quantifier, Version};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// One operator on one key.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// The key, in lower case.
    pub(crate) key: String,
    operator: Operator,
    values: Vec<Value>,
    /// Where to look in `values`, where they are many.
    index: Option<Index>,
    /// Whether there may be more values.
    more: bool,
    /// Whether operators of another type than the key's compare what they can, for a leaning.
    lean: bool,
}

/// What is known, or taken, of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The family of its values. `None` where nothing says and operators of several families are used on it.
    family: Option<Family>,
    /// Whether a request may hold several values.
    several: bool,
}

/// The keys of a document.
pub(crate) type Keys = BTreeMap<String, Key>;

/// Collects what is known of all keys that are asked for.
pub(crate) fn keys<'a>(tests: impl Iterator<Item = &'a Test>) -> Keys {
    let mut used: BTreeMap<&str, (BTreeSet<Family>, bool)> = BTreeMap::new();
    for test in tests {
        let (families, quantified) = used.entry(&test.key).or_default();
        let family = Family::of(test.operator.base);
        families.extend((family != Family::Null).then_some(family));
        *quantified |= test.operator.quantifier != Quantifier::Single;
    }
    let key = |(key, (families, quantified)): (&str, (BTreeSet<Family>, bool))| {
        let info = facts::key(key);
        let family = match info.kind {
            KeyKind::String => Some(Family::String),
            KeyKind::Arn => Some(Family::Arn),
            KeyKind::Numeric => Some(Family::Numeric),
            KeyKind::Date => Some(Family::Date),
            KeyKind::Bool => Some(Family::Bool),
            KeyKind::Ip => Some(Family::Ip),
            KeyKind::Binary => Some(Family::Binary),
            KeyKind::Unknown if families.len() > 1 => None,
            KeyKind::Unknown => Some(families.first().copied().unwrap_or(Family::String)),
        };
        let several = info.multi_valued || (info.kind == KeyKind::Unknown && quantified);
        (key.to_owned(), Key { family, several })
    };
    used.into_iter().map(key).collect()
}

impl Test {
    /// Reads a condition; `normal` takes the partition out of a text.
    pub(crate) fn read(
        condition: &Condition,
        variables: Variables,
        lean: bool,
        normal: impl Fn(&Text) -> Text,
    ) -> Self {
        let base = condition.operator.base;
        let value = |text: &Text| {
            let itself = variables == Variables::Live && is_the_same(text, &condition.key);
            if itself && matches!(Family::of(base), Family::String | Family::Arn) {
                return Value::Same;
            }
            Value::read(base, &normal(text), variables, lean)
        };
        let values: Vec<Value> = condition.values.iter().map(|item| value(&item.pattern)).collect();
        Self {
            key: condition.key.clone(),
            operator: condition.operator,
            index: Index::of(&values),
            values,
            more: !condition.unknown.is_empty(),
            lean,
        }
    }

    /// The values that it compares with.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether it holds where the key has these values, or is absent.
    pub(crate) fn at(&self, key: Key, values: Option<&[Text]>, canonical: bool) -> Sides {
        let family = Family::of(self.operator.base);
        let quantifier = self.operator.quantifier;
        if family == Family::Null {
            return if quantifier == Quantifier::Single { self.null(values.is_none()) } else { Sides::MAYBE };
        }
        let mixed = match key.family {
            None => family != Family::String,
            Some(Family::Arn) if family == Family::String => false,
            // `aws:EpochTime` takes numeric operators too.
            Some(Family::Date) if family == Family::Numeric && self.key == "aws:epochtime" => false,
            Some(own) if own != family && !self.lean => return Sides::MAYBE,
            Some(_) => false,
        };
        let Some(values) = values else { return self.absent() };
        if mixed {
            return Sides::MAYBE;
        }
        let mut each = values.iter().map(|value| self.one(value, canonical));
        match quantifier {
            Quantifier::ForAllValues => each.fold(Sides::YES, Sides::and),
            Quantifier::ForAnyValue => each.fold(Sides::NO, Sides::or),
            Quantifier::Single => match (each.next(), each.next()) {
                (Some(only), None) => only,
                _ => Sides::MAYBE,
            },
        }
    }

    fn absent(&self) -> Sides {
        if self.operator.if_exists && self.operator.quantifier == Quantifier::ForAnyValue {
            return Sides::MAYBE;
        }
        Sides::of(match self.operator.quantifier {
            _ if self.operator.if_exists => true,
            Quantifier::ForAllValues => true,
            Quantifier::ForAnyValue => false,
            Quantifier::Single => value::is_negated(self.operator.base),
        })
    }

    fn null(&self, is_absent: bool) -> Sides {
        let more = if self.more { Sides::MAYBE } else { Sides::NO };
        self.values.iter().fold(more, |any, value| {
            any.or(match value {
                Value::Bool(wants_absent) => Sides::of(*wants_absent == is_absent),
                _ => Sides::MAYBE,
            })
        })
    }

    /// Whether one value of the request fits.
    fn one(&self, value: &Text, canonical: bool) -> Sides {
        let base = self.operator.base;
        let any = |canonical| {
            let more = if self.more { Sides::MAYBE } else { Sides::NO };
            let or = |any: Sides, own: &Value| any.or(own.sides(base, value, canonical));
            match self.index.as_ref().and_then(|index| index.candidates(value)) {
                Some(places) => places.iter().filter_map(|at| self.values.get(*at)).fold(more, or),
                None => self.values.iter().fold(more, or),
            }
        };
        if value::is_negated(base) { !any(canonical) } else { any(canonical) }
    }
}

/// The most values of which all sets are looked at.
const SEVERAL: usize = 10;

/// What a key may hold.
pub(crate) type Held = Option<Vec<Text>>;

/// Whether a text is just the policy variable of `key`, or of a key that holds the same in every request that has `key`.
fn is_the_same(text: &Text, key: &str) -> bool {
    let inside = text.as_literal().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    inside.map(|inside| inside.trim().to_ascii_lowercase()).is_some_and(|variable| {
        // The account of the bucket is one, and a variable has a value where its key is there.
        let account = |name: &str| facts::key(name).by == By::BucketAccount;
        variable == key || (account(&variable) && account(key) && facts::key(&variable).is_always_there())
    })
}

/// What a key may hold such that anything else it may hold is the same to all `tests`; absent first.
pub(crate) fn points(
    name: &str,
    key: Key,
    tests: &[&Test],
    (presence, domain): (Presence, Domain),
    budget: &mut Budget,
) -> Option<Vec<Held>> {
    let mut points = if presence == Presence::Always { Vec::new() } else { vec![None] };
    if presence == Presence::Never {
        return Some(points);
    }
    let values = values(name, key, tests, domain, budget)?;
    if !key.several {
        points.extend(values.into_iter().map(|value| Some(vec![value])));
        return Some(points);
    }
    // Values that every single test takes alike need not be told apart in sets either.
    let mut seen = HashSet::new();
    let mut kinds: Vec<Text> = Vec::new();
    for value in values {
        budget.spend(tests.len())?;
        let alike: Vec<[Sides; 2]> = tests.iter().map(|test| [false, true].map(|c| test.one(&value, c))).collect();
        if seen.insert(alike) {
            kinds.push(value);
        }
    }
    if kinds.len() > SEVERAL {
        return None;
    }
    let mut sets: Vec<Vec<Text>> = (1_u32..1 << kinds.len())
        .map(|set| (0..).zip(&kinds).filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, value)| value.clone()).collect())
        .collect();
    // Two values of one kind are still several, to an operator that takes a single one.
    let single = |test: &&Test| test.operator.quantifier == Quantifier::Single;
    if tests.iter().filter(|test| single(test)).any(|test| Family::of(test.operator.base) != Family::Null) {
        sets.extend(kinds.iter().map(|value| vec![value.clone(), value.clone()]));
    }
    sets.sort_by_key(Vec::len);
    points.extend(sets.into_iter().map(Some));
    Some(points)
}

/// Single values.
fn values(name: &str, key: Key, tests: &[&Test], domain: Domain, budget: &mut Budget) -> Option<Vec<Text>> {
    let own = || tests.iter().flat_map(|test| &test.values);
    let found = match key.family {
        Some(Family::Numeric) => value::numbers(
            own().filter_map(|v| if let Value::Number(n) = v { Some(n.clone()) } else { None }).collect(),
        )?,
        Some(Family::Date) => {
            value::dates(own().filter_map(|v| if let Value::Date(d) = v { Some(*d) } else { None }).collect())
        }
        Some(Family::Ip) => {
            let ranges: Vec<_> =
                own().filter_map(|v| if let Value::Ip(range) = v { Some(*range) } else { None }).collect();
            value::addresses(&ranges)
        }
        Some(Family::Bool) => match domain {
            Domain::False => vec!["false".to_owned()],
            Domain::True => vec!["true".to_owned()],
            _ => vec!["false".to_owned(), "true".to_owned()],
        },
        Some(Family::Binary) => {
            let data: Vec<_> = own()
                .filter_map(|v| if let Value::Binary(bytes, text) = v { Some((&**bytes, &**text)) } else { None })
                .collect();
            value::binaries(&data)
        }
        Some(Family::String | Family::Arn | Family::Null) | None => {
            texts(name, key.family == Some(Family::Arn), tests, domain, budget)?
        }
    };
    let mut values: Vec<Text> = found.into_iter().map(Text::literal).collect();
    let form = domain.form();
    let may_be = |text: &&Text| form.as_ref().is_none_or(|form| form.may_be(text));
    let unknown: BTreeSet<&Text> = own().filter_map(Value::unknown_text).filter(may_be).collect();
    values.extend(unknown.into_iter().cloned());
    Some(values)
}

fn texts(name: &str, arns: bool, tests: &[&Test], domain: Domain, budget: &mut Budget) -> Option<Vec<String>> {
    let machines = tests
        .iter()
        .filter(|test| Family::of(test.operator.base) != Family::Null)
        .flat_map(|test| test.values.iter().flat_map(Value::machines));
    let starts: Vec<(&Machine, State)> = machines.map(|machine| (machine, machine.start())).collect();
    if let Some(form) = domain.form() {
        let any = super::who::any_of(&form)?;
        return classes(&starts, &form, &[&any], budget);
    }
    // Each key has a text of its own, so that a policy variable does not happen to be another key's value.
    let any = format!("any-{}", name.rsplit([':', '/']).next().unwrap_or(name));
    if arns {
        classes(&starts, &AnyArn, &[&format!("arn:aws:iam::111122223333:user/{any}")], budget)
    } else {
        classes(&starts, &AnyText { or_empty: true }, &[&any], budget)
    }
}

/// The two keys of the clock.
pub(crate) const CLOCK: [&str; 2] = ["aws:currenttime", "aws:epochtime"];

/// Moments from `now` on such that any other is the same to all tests on the clock, the first ones first.
pub(crate) fn moments(tests: &[&Test], now: Instant) -> Vec<Instant> {
    let mut own = vec![now];
    for test in tests {
        let epoch = test.key == "aws:epochtime";
        for value in &test.values {
            let moment = match value {
                Value::Date(moment) => Some(*moment),
                Value::Number(number) => value::whole_seconds(number),
                _ => None,
            };
            let Some(moment) = moment else { continue };
            if epoch {
                // It counts whole seconds.
                let second = value::second_of(moment);
                own.extend([value::at_second(second), value::at_second(second.saturating_add(1))]);
            } else {
                own.push(moment);
            }
        }
    }
    own.retain(|moment| *moment >= now);
    let mut found: Vec<Instant> = value::dates(own).iter().filter_map(|text| Instant::parse(text)).collect();
    found.retain(|moment| *moment >= now);
    found.sort_unstable();
    found.dedup();
    found
}

/// What a key of the clock holds at a moment.
pub(crate) fn at_moment(key: &str, moment: Instant) -> Held {
    let text = if key == "aws:epochtime" { Some(value::second_of(moment).to_string()) } else { value::spell(moment) };
    text.map(|text| vec![Text::literal(text)])
}

/// What a key that the bucket settles may hold, as far as these conditions on it tell it apart.
pub(crate) fn bucket_values(document: &Document, on: &[&Condition], budget: &mut Budget) -> Option<Vec<Held>> {
    let variables = match document.version {
        Version::V2012 => Variables::Live,
        Version::V2008 => Variables::Text,
        Version::Unknown(_) => Variables::Unknown,
    };
    let tests: Vec<Test> = on.iter().map(|condition| Test::read(condition, variables, false, Text::clone)).collect();
    let first = on.first()?;
    let fact = facts::key(&first.key);
    let own = *keys(tests.iter()).get(&first.key)?;
    let (presence, domain) = match fact.by {
        By::BucketAccount => (Presence::Always, Domain::Account),
        _ => (Presence::Maybe, Domain::Any),
    };
    points(&first.key, own, &tests.iter().collect::<Vec<_>>(), (presence, domain), budget)
}

/// Keys that a request has no choice in, over TLS or not, with what they hold.
pub(crate) fn fixed(key: &str, secure: bool) -> Option<Held> {
    match key {
        "aws:securetransport" => Some(Some(vec![Text::literal(if secure { "true" } else { "false" })])),
        // There is no TLS session.
        "s3:tlsversion" if !secure => Some(None),
        _ => None,
    }
}
