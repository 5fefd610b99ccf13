//! All texts, sorted into classes by which of many machines accept them.
//!
//! The machines are run together over every text of a universe at once: a breadth-first walk over their joint states,
//! in which each step tries the characters that some machine names at that point, and one that none does. What comes
//! out is finite and complete, with a shortest text for each class.

use super::super::glob::{Machine, State};
use super::Budget;
use std::collections::HashSet;

/// The texts that exist: an automaton of its own.
pub(crate) trait Universe {
    /// Where the walk starts.
    fn start(&self) -> u32 {
        0
    }
    /// Where one more character leads; `None` where no text goes on like that.
    fn next(&self, at: u32, c: char) -> Option<u32>;
    /// Whether a text may end here.
    fn accepts(&self, at: u32) -> bool;
    /// The characters that this universe itself tells apart here.
    fn letters(&self, at: u32, out: &mut Vec<char>);
    /// Characters to stand for all that nobody names, the nicest first.
    fn others(&self) -> &'static str;
    /// Whether any other character of Unicode will do as well.
    fn is_open(&self) -> bool;
}

/// All texts, the empty one included or not.
pub(crate) struct AnyText {
    /// Whether the empty text is one of them.
    pub(crate) or_empty: bool,
}

impl Universe for AnyText {
    fn next(&self, _: u32, _: char) -> Option<u32> {
        Some(1)
    }
    fn accepts(&self, at: u32) -> bool {
        at == 1 || self.or_empty
    }
    fn letters(&self, _: u32, _: &mut Vec<char>) {}
    fn others(&self) -> &'static str {
        "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_."
    }
    fn is_open(&self) -> bool {
        true
    }
}

/// ARNs: `arn:` and five more segments, the last of which may hold colons.
pub(crate) struct AnyArn;

const ARN: &[char] = &['a', 'r', 'n', ':'];

impl Universe for AnyArn {
    fn next(&self, at: u32, c: char) -> Option<u32> {
        match ARN.get(at as usize) {
            Some(&own) => (c == own).then_some(at + 1),
            None if c == ':' => Some((at + 1).min(8)),
            None => Some(at),
        }
    }
    fn accepts(&self, at: u32) -> bool {
        at == 8
    }
    fn letters(&self, at: u32, out: &mut Vec<char>) {
        out.push(ARN.get(at as usize).copied().unwrap_or(':'));
    }
    fn others(&self) -> &'static str {
        AnyText { or_empty: false }.others()
    }
    fn is_open(&self) -> bool {
        true
    }
}

type Joint = Vec<(u32, State)>;

/// A place of the walk, and how it was come by.
struct Visit {
    parent: usize,
    letter: char,
    at: u32,
    joint: Joint,
}

/// A text of each class of the universe. `starts` are the machines with their states before the text; `seeds` are texts that
/// are tried first. `None` where the budget is used up.
pub(crate) fn classes(
    starts: &[(&Machine, State)],
    universe: &impl Universe,
    seeds: &[&str],
    budget: &mut Budget,
) -> Option<Vec<String>> {
    let mut found = Found::default();
    for seed in seeds {
        found.seed(starts, universe, seed);
    }
    let joint: Joint = (0..)
        .zip(starts)
        .filter(|(_, (_, state))| !state.is_empty())
        .map(|(id, (_, state))| (id, state.clone()))
        .collect();
    let mut seen: HashSet<(u32, Joint)> = HashSet::from([(universe.start(), joint.clone())]);
    let mut visits = vec![Visit { parent: 0, letter: ' ', at: universe.start(), joint }];
    let mut index = 0;
    while let Some(visit) = visits.get(index) {
        if universe.accepts(visit.at) {
            found.add(accepted(starts, &visit.joint), || spell(&visits, index));
        }
        let settled = |(id, state): &(u32, State)| starts.get(*id as usize).is_some_and(|(m, _)| m.accepts_all(state));
        if visit.joint.iter().all(settled) && found.has(&accepted(starts, &visit.joint)) {
            // Whatever follows is in the same class.
            index += 1;
            continue;
        }
        let mut letters = Vec::new();
        universe.letters(visit.at, &mut letters);
        for (id, state) in &visit.joint {
            if let Some((machine, _)) = starts.get(*id as usize) {
                machine.letters(state, &mut letters);
            }
        }
        letters.sort_unstable();
        letters.dedup();
        letters.extend(other(universe, &letters));
        let mut next = Vec::new();
        for letter in letters {
            let Some(at) = universe.next(visit.at, letter) else { continue };
            budget.spend(visit.joint.len() + 1)?;
            let joint = step(starts, &visit.joint, letter);
            if seen.insert((at, joint.clone())) {
                next.push(Visit { parent: index, letter, at, joint });
            }
        }
        visits.extend(next);
        index += 1;
    }
    Some(found.texts)
}

fn step(starts: &[(&Machine, State)], joint: &Joint, letter: char) -> Joint {
    let step = |(id, state): &(u32, State)| {
        let (machine, _) = starts.get(*id as usize)?;
        let state = machine.step(state, letter);
        (!state.is_empty()).then_some((*id, state))
    };
    joint.iter().filter_map(step).collect()
}

fn accepted(starts: &[(&Machine, State)], joint: &Joint) -> Vec<u32> {
    let accepts = |(id, state): &&(u32, State)| starts.get(*id as usize).is_some_and(|(m, _)| m.accepts(state));
    joint.iter().filter(accepts).map(|(id, _)| *id).collect()
}

/// A character that is none of `letters`.
fn other(universe: &impl Universe, letters: &[char]) -> Option<char> {
    let is_new = |c: &char| !letters.contains(c);
    let known = universe.others().chars().find(is_new);
    known.or_else(|| universe.is_open().then(|| ('\u{100}'..='\u{d7ff}').find(is_new)).flatten())
}

/// The text on the way to a visit.
fn spell(visits: &[Visit], mut index: usize) -> String {
    let mut letters = Vec::new();
    while let Some(visit) = visits.get(index).filter(|_| index > 0) {
        letters.push(visit.letter);
        index = visit.parent;
    }
    letters.iter().rev().collect()
}

#[derive(Default)]
struct Found {
    texts: Vec<String>,
    /// The machines that accept the text of a class.
    seen: HashSet<Vec<u32>>,
}

impl Found {
    fn add(&mut self, accepted: Vec<u32>, text: impl FnOnce() -> String) {
        if self.seen.insert(accepted) {
            self.texts.push(text());
        }
    }

    fn has(&self, accepted: &[u32]) -> bool {
        self.seen.contains(accepted)
    }

    fn seed(&mut self, starts: &[(&Machine, State)], universe: &impl Universe, seed: &str) {
        let mut at = Some(universe.start());
        for letter in seed.chars() {
            at = at.and_then(|at| universe.next(at, letter));
        }
        if at.is_some_and(|at| universe.accepts(at)) {
            let ends = (0..).zip(starts).map(|(id, (machine, state))| (id, machine.run_from(state, seed)));
            self.add(accepted(starts, &ends.collect()), || seed.to_owned());
        }
    }
}
