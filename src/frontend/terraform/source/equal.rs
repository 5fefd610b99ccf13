//! Which values are equal. To Terraform values of different types never are: `"1"` is not `1`, and no list is a tuple, which
//! is what `[]` makes.

use super::number::canonical;
use super::value::{Dat, Frag, Val};
use crate::model::{SymbolKind, Truth};

/// The type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool,
    Number,
    String,
}

/// What is known of the type of a value beyond what is seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// It is what is seen: a text is a string, items are a tuple, members an object.
    Seen,
    /// A list or a map: its items are of one type.
    Uniform,
    /// An unknown value of this type.
    Hole(Scalar),
    /// Terraform may have made it something else, or it comes from outside.
    Unsure,
}

impl Typing {
    /// What is known where nothing else says.
    pub(super) fn of(data: &Dat) -> Typing {
        match data {
            Dat::List(_) | Dat::Object(_) => Typing::Unsure,
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Symbol(symbol)] if *symbol.kind() == SymbolKind::Free => Typing::Unsure,
                _ => Typing::Seen,
            },
            _ => Typing::Seen,
        }
    }
}

impl Val {
    /// The type of a scalar; `None` for what is none, and where it is not known.
    pub(super) fn scalar(&self) -> Option<Scalar> {
        match (self.typing, &self.data) {
            (Typing::Hole(scalar), _) => Some(scalar),
            (Typing::Unsure, _) => None,
            (_, Dat::Bool(_)) => Some(Scalar::Bool),
            (_, Dat::Number(_)) => Some(Scalar::Number),
            (_, Dat::Text(_)) => Some(Scalar::String),
            _ => None,
        }
    }

    /// Whether it may be a value of any type.
    pub(super) fn may_be_anything(&self) -> bool {
        let is_hole = matches!(&self.data, Dat::Text(frags) if matches!(frags.as_ref(), [Frag::Symbol(_)]));
        is_hole && self.typing == Typing::Unsure
    }

    /// What `==` says of both.
    pub(super) fn equals(&self, other: &Val, fuel: &mut u32) -> Truth {
        compare(self, other, Depth::Top, fuel)
    }

    /// Whether both hold the same, be it as lists or as tuples.
    pub(super) fn same(&self, other: &Val, fuel: &mut u32) -> Truth {
        compare(self, other, Depth::Contents, fuel)
    }
}

/// Where two values are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Top,
    /// Inside of a collection: null has the type that the collection gives it.
    Inside,
    /// Which kind of collection it is does not count.
    Contents,
}

fn compare(one: &Val, two: &Val, depth: Depth, fuel: &mut u32) -> Truth {
    if *fuel == 0 {
        return Truth::Maybe;
    }
    *fuel = fuel.saturating_sub(u32::try_from(1 + one.weight() + two.weight()).unwrap_or(u32::MAX));
    let inside = if depth == Depth::Top { Depth::Inside } else { depth };
    let mut within = |one: &Val, two: &Val| compare(one, two, inside, fuel);
    match (&one.data, &two.data) {
        (Dat::Unknown(first), Dat::Unknown(second)) if first.id.is_some() && first.id == second.id => Truth::Yes,
        (Dat::Choice(first), Dat::Choice(second)) if first.condition == second.condition => {
            let then = compare(&first.then, &second.then, depth, fuel);
            on_either_side(then, || compare(&first.otherwise, &second.otherwise, depth, fuel))
        }
        (Dat::Choice(choice), _) => {
            let then = compare(&choice.then, two, depth, fuel);
            on_either_side(then, || compare(&choice.otherwise, two, depth, fuel))
        }
        (_, Dat::Choice(_)) => compare(two, one, depth, fuel),
        (Dat::Unknown(_) | Dat::Open(_) | Dat::Absent | Dat::Instance(_) | Dat::Instances(_), other)
        | (other, Dat::Unknown(_) | Dat::Open(_) | Dat::Absent | Dat::Instance(_) | Dat::Instances(_)) => {
            let is_there = matches!((&one.data, &two.data), (Dat::Instance(_), _) | (_, Dat::Instance(_)));
            if is_there && matches!(other, Dat::Null) { Truth::No } else { Truth::Maybe }
        }
        (Dat::Null, Dat::Null) if depth == Depth::Inside => Truth::Maybe,
        (Dat::Null, Dat::Null) => Truth::Yes,
        (Dat::Null, Dat::Text(frags)) | (Dat::Text(frags), Dat::Null)
            if matches!(frags.as_ref(), [Frag::Symbol(_)]) =>
        {
            Truth::Maybe
        }
        (Dat::Null, _) | (_, Dat::Null) => Truth::No,
        (Dat::List(first), Dat::List(second)) => {
            let pairs = first.iter().zip(second.iter());
            let contents = all(first.len() == second.len(), pairs, |(one, two)| within(one, two));
            of_types(one, two, depth, contents, first.is_empty())
        }
        (Dat::Set(first), Dat::Set(second)) => {
            let pairs = first.iter().zip(second.iter());
            let contents = all(first.len() == second.len(), pairs, |(one, two)| within(one, two));
            let is_known = first.iter().chain(second.iter()).all(|item| item.as_literal().is_some());
            match contents {
                Truth::No if !is_known => Truth::Maybe,
                Truth::Yes if first.is_empty() && depth != Depth::Contents => Truth::Maybe,
                contents => contents,
            }
        }
        (Dat::Object(first), Dat::Object(second)) => {
            let contents = all(first.len() == second.len(), first.iter(), |member| {
                two.member(&member.key).map_or(Truth::No, |other| within(&member.value, other))
            });
            of_types(one, two, depth, contents, first.is_empty())
        }
        (Dat::List(first), Dat::Set(second)) | (Dat::Set(first), Dat::List(second)) => {
            let is_sure = one.typing != Typing::Unsure && two.typing != Typing::Unsure;
            match depth {
                Depth::Contents => {
                    let pairs = first.iter().zip(second.iter());
                    all(first.len() == second.len(), pairs, |(one, two)| within(one, two))
                }
                _ if is_sure => Truth::No,
                _ => Truth::Maybe,
            }
        }
        (Dat::List(_) | Dat::Set(_) | Dat::Object(_), _) | (_, Dat::List(_) | Dat::Set(_) | Dat::Object(_)) => {
            if one.may_be_anything() || two.may_be_anything() { Truth::Maybe } else { Truth::No }
        }
        _ => match (one.as_json(), two.as_json()) {
            (Some(one), Some(two)) => compare(one, two, Depth::Contents, fuel),
            _ => scalars(one, two),
        },
    }
}

/// What holds of both sides of a choice; the second is looked at where it matters.
fn on_either_side(then: Truth, otherwise: impl FnOnce() -> Truth) -> Truth {
    if then == Truth::Maybe || otherwise() != then { Truth::Maybe } else { then }
}

/// Whether two lists, or two objects, with such contents are equal.
fn of_types(one: &Val, two: &Val, depth: Depth, contents: Truth, is_empty: bool) -> Truth {
    match (one.typing, two.typing) {
        _ if depth == Depth::Contents || contents == Truth::No => contents,
        // Of which type the items of an empty list would be is not known.
        (Typing::Uniform, Typing::Uniform) if is_empty => Truth::Maybe,
        (Typing::Seen, Typing::Seen) | (Typing::Uniform, Typing::Uniform) => contents,
        (Typing::Unsure, _) | (_, Typing::Unsure) => Truth::Maybe,
        _ => Truth::No,
    }
}

fn scalars(one: &Val, two: &Val) -> Truth {
    let types = (one.scalar(), two.scalar());
    if let (Some(first), Some(second)) = types
        && first != second
    {
        return Truth::No;
    }
    if let (Dat::Number(first), Dat::Number(second)) = (&one.data, &two.data)
        && (canonical(first).is_none() || canonical(second).is_none())
    {
        return Truth::Maybe;
    }
    let (Some(first), Some(second)) = (one.as_text(), two.as_text()) else { return Truth::Maybe };
    match first.equals(&second) {
        Truth::Yes if types.0.is_some() && types.1.is_some() => Truth::Yes,
        // One unknown is equal to itself, whatever it is.
        Truth::Yes if first.as_symbol().is_some() && one.typing == two.typing => Truth::Yes,
        Truth::Yes => Truth::Maybe,
        truth => truth,
    }
}

/// Yes where all are, No where one is.
fn all<T>(same: bool, pairs: impl Iterator<Item = T>, mut equal: impl FnMut(T) -> Truth) -> Truth {
    let mut sum = if same { Truth::Yes } else { return Truth::No };
    for pair in pairs {
        match equal(pair) {
            Truth::No => return Truth::No,
            Truth::Maybe => sum = Truth::Maybe,
            Truth::Yes => {}
        }
    }
    sum
}
