//! Actions: today's, and those that AWS may add.

use super::super::facts::OnActions;
use super::super::facts::actions::{self, Action};
use super::Budget;
use super::Sides;
use super::classes::{Universe, classes};
use super::element::{Alternatives, Glob};
use super::glob::{GlobPattern, Machine, Matching, State, Variables};
use crate::policy::{Element, Pattern};
use std::collections::HashSet;

/// Which actions a statement matches.
pub(crate) type Actions = Alternatives<Glob>;

/// Reads `Action` or `NotAction`. Policy variables do not live there.
pub(crate) fn read(element: &Element<Pattern>) -> Actions {
    let glob = |item: &Pattern| {
        Glob::new(&GlobPattern::read(&item.pattern, Variables::Text, Matching::GlobFolded), element.negated)
    };
    Alternatives {
        negated: element.negated,
        items: element.items.iter().map(glob).collect(),
        more: !element.unknown.is_empty(),
    }
}

impl Actions {
    /// Whether the element matches an action (`s3:GetObject`).
    pub(crate) fn at(&self, action: &str) -> Sides {
        self.sides(|glob| glob.sides(|machine| machine.accepts_text(action)))
    }
}

/// An action on a kind of resource.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Its name with `s3:`.
    pub(crate) name: String,
    /// On the bucket or on an object.
    pub(crate) on_bucket: bool,
    /// Which of the keys that are bound to actions a known action has; `None` for one not yet in use, which may have
    /// any.
    pub(crate) has: Option<Vec<bool>>,
}

/// The actions that make the plainest witnesses.
const PREFERRED: &[&str] = &["GetObject", "PutObject", "ListBucket"];

/// Names that AWS could give an action one day.
const LIKELY: &[&str] = &[
    "NewAction",
    "GetNewThing",
    "PutNewThing",
    "ListNewThings",
    "DeleteNewThing",
    "CreateNewThing",
    "GetObjectNewThing",
];

/// Actions such that any other action is matched by the same elements as one of them on the same kind of resource; the
/// best known first.
///
/// `bound` are the keys that some actions have and others not: they tell known actions apart too.
pub(crate) fn candidates(elements: &[&Actions], bound: &[&OnActions], budget: &mut Budget) -> Option<Vec<Candidate>> {
    let globs = elements.iter().flat_map(|element| &element.items);
    let machines = globs.flat_map(|glob| [Some(&glob.sure), glob.loose.as_ref()].into_iter().flatten());
    let starts: Vec<(&Machine, State)> = machines
        .map(|machine| (machine, machine.run_from(&machine.start(), "s3:")))
        .filter(|(machine, state)| !state.is_empty() && !machine.accepts_all(state))
        .collect();
    let mut known = Known { starts: &starts, bound, seen: HashSet::new(), found: Vec::new() };
    for name in PREFERRED {
        if let Some(action) = actions::lookup(name) {
            known.add(&name.to_ascii_lowercase(), action, budget)?;
        }
    }
    // Where nothing tells actions apart, any action will do.
    if !starts.is_empty() || !bound.is_empty() {
        for (lower, action) in actions::all() {
            known.add(lower, *action, budget)?;
        }
    }
    let mut found = known.found;
    let seeds: Vec<String> = LIKELY.iter().map(|name| name.to_ascii_lowercase()).collect();
    let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
    for lower in classes(&starts, &LaterActions, &seeds, budget)? {
        let likely = LIKELY.iter().find(|name| name.eq_ignore_ascii_case(&lower));
        let name = likely.map_or_else(|| capitalised(&lower), ToString::to_string);
        found.extend([false, true].map(|on_bucket| Candidate { name: format!("s3:{name}"), on_bucket, has: None }));
    }
    Some(found)
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// Known actions, one for each class and kind of resource.
struct Known<'a> {
    starts: &'a [(&'a Machine, State)],
    bound: &'a [&'a OnActions],
    seen: HashSet<(Vec<usize>, Vec<bool>, bool)>,
    found: Vec<Candidate>,
}

impl Known<'_> {
    fn add(&mut self, lower: &str, action: Action, budget: &mut Budget) -> Option<()> {
        budget.spend(self.starts.len() + self.bound.len())?;
        let accepts =
            |(_, (machine, state)): &(usize, &(&Machine, State))| machine.accepts(&machine.run_from(state, lower));
        let accepted: Vec<usize> = self.starts.iter().enumerate().filter(accepts).map(|(id, _)| id).collect();
        let has: Vec<bool> = self.bound.iter().map(|actions| actions.has(action.name)).collect();
        for (applies, on_bucket) in [(action.on_object, false), (action.on_bucket, true)] {
            if applies && self.seen.insert((accepted.clone(), has.clone(), on_bucket)) {
                let name = format!("s3:{}", action.name);
                self.found.push(Candidate { name, on_bucket, has: Some(has.clone()) });
            }
        }
        Some(())
    }
}

/// The names of letters and digits that no action has today, in lower case.
///
/// A state is a place in the sorted table and a length: the known names that begin with the text so far.
struct LaterActions;

/// Lengths of names are below this; a state is `place * LENGTHS + length`.
const LENGTHS: u32 = 256;
/// No known name begins like this.
const LEFT: u32 = u32::MAX;

/// The first known name that begins as the state says, and its length so far.
fn place(at: u32) -> Option<(&'static str, usize)> {
    let (name, _) = actions::all().get((at / LENGTHS) as usize)?;
    Some((name, (at % LENGTHS) as usize))
}

/// The known names that begin with the text so far.
fn matching(at: u32) -> impl Iterator<Item = (u32, &'static str)> {
    let prefix = place(at).and_then(|(name, length)| name.get(..length));
    let names = (at / LENGTHS..).zip(actions::all().iter().skip((at / LENGTHS) as usize));
    names
        .map(|(index, (name, _))| (index, *name))
        .take_while(move |(_, name)| prefix.is_some_and(|prefix| name.starts_with(prefix)))
}

impl Universe for LaterActions {
    fn next(&self, at: u32, c: char) -> Option<u32> {
        if !c.is_ascii_lowercase() && !c.is_ascii_digit() {
            return None;
        }
        if at == LEFT {
            return Some(LEFT);
        }
        let length = at % LENGTHS;
        let goes_on = |name: &str| name.as_bytes().get(length as usize) == Some(&(c as u8));
        let next = matching(at).find(|(_, name)| goes_on(name));
        Some(next.filter(|_| length + 1 < LENGTHS).map_or(LEFT, |(index, _)| index * LENGTHS + length + 1))
    }

    fn accepts(&self, at: u32) -> bool {
        at == LEFT || (at != 0 && place(at).is_some_and(|(name, length)| name.len() != length))
    }

    fn letters(&self, at: u32, out: &mut Vec<char>) {
        if at != LEFT {
            let length = (at % LENGTHS) as usize;
            out.extend(matching(at).filter_map(|(_, name)| name.as_bytes().get(length).map(|byte| char::from(*byte))));
        }
    }

    fn others(&self) -> &'static str {
        "xyzabcdefghijklmnopqrstuvw0123456789"
    }

    fn is_open(&self) -> bool {
        false
    }
}
