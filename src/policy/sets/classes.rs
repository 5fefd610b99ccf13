//! All texts, sorted into classes by which of many machines accept them.
//!
//! The machines are run together over every text of a universe at once: a breadth-first walk over their joint states,
//! in which each step tries the characters that some machine names at that point, and one that none does. What comes
//! out is finite and complete, with a shortest text for each class.

use super::Budget;
use super::glob::{Machine, State};
use std::collections::{HashMap, HashSet};

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
    found.seed(starts, universe, seeds, budget)?;
    let joint = start(starts);
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
        let named = named(starts, &visit.joint);
        letters.extend(named.iter().flatten());
        letters.sort_unstable();
        letters.dedup();
        letters.extend(other(universe, &letters));
        let steps = Steps::of(starts, &visit.joint, &named, &letters);
        let mut next = Vec::new();
        for letter in letters {
            let Some(at) = universe.next(visit.at, letter) else { continue };
            let joint = steps.after(letter);
            budget.spend(joint.len() + 1)?;
            if seen.insert((at, joint.clone())) {
                next.push(Visit { parent: index, letter, at, joint });
            }
        }
        visits.extend(next);
        index += 1;
    }
    Some(found.texts)
}

/// The joint state before any text.
fn start(starts: &[(&Machine, State)]) -> Joint {
    let alive = (0..).zip(starts).filter(|(_, (_, state))| !state.is_empty());
    alive.map(|(id, (_, state))| (id, state.clone())).collect()
}

/// The joint state after one more character.
fn stepped(starts: &[(&Machine, State)], joint: &Joint, letter: char) -> Joint {
    let step = |(id, state): &(u32, State)| {
        let (machine, _) = starts.get(*id as usize)?;
        let state = machine.step(state, letter);
        (!state.is_empty()).then_some((*id, state))
    };
    joint.iter().filter_map(step).collect()
}

/// The characters that each machine of a joint state tells apart there.
fn named(starts: &[(&Machine, State)], joint: &Joint) -> Vec<Vec<char>> {
    let of = |(id, state): &(u32, State)| {
        let mut letters = Vec::new();
        if let Some((machine, _)) = starts.get(*id as usize) {
            machine.letters(state, &mut letters);
        }
        letters.sort_unstable();
        letters.dedup();
        letters
    };
    joint.iter().map(of).collect()
}

/// Where the next character leads. Most machines name one or two and stop at all others, so that each character is
/// worth a look at those only that name it, and at those that go on whatever comes.
struct Steps {
    /// By the character, for machines that name it; perhaps to an empty state.
    named: HashMap<char, Joint>,
    /// For a character that the machine does not name, where it goes on after one.
    others: Joint,
}

impl Steps {
    fn of(starts: &[(&Machine, State)], joint: &Joint, named: &[Vec<char>], letters: &[char]) -> Self {
        let mut steps = Self { named: HashMap::new(), others: Joint::new() };
        for ((id, state), own) in joint.iter().zip(named) {
            let Some((machine, _)) = starts.get(*id as usize) else { continue };
            for letter in own {
                steps.named.entry(*letter).or_default().push((*id, machine.step(state, *letter)));
            }
            if let Some(other) = letters.iter().find(|letter| own.binary_search(letter).is_err()) {
                let state = machine.step(state, *other);
                steps.others.extend((!state.is_empty()).then_some((*id, state)));
            }
        }
        steps
    }

    /// The joint state after a character, by machines in order.
    fn after(&self, letter: char) -> Joint {
        let own = self.named.get(&letter).map(Vec::as_slice).unwrap_or_default();
        let names = |id: u32| own.binary_search_by_key(&id, |(id, _)| *id).is_ok();
        let mut joint: Joint = self.others.iter().filter(|(id, _)| !names(*id)).cloned().collect();
        joint.extend(own.iter().filter(|(_, state)| !state.is_empty()).cloned());
        joint.sort_unstable_by_key(|(id, _)| *id);
        joint
    }
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

    /// Tries seeds first. They are run in the order of their letters, so that what some of them start with is run once;
    /// the first of those that are given stands for its class.
    fn seed(
        &mut self,
        starts: &[(&Machine, State)],
        universe: &impl Universe,
        seeds: &[&str],
        budget: &mut Budget,
    ) -> Option<()> {
        let mut sorted: Vec<usize> = (0..seeds.len()).collect();
        sorted.sort_by_key(|at| seeds.get(*at));
        let mut ends: Vec<Option<Vec<u32>>> = vec![None; seeds.len()];
        // The letters of the last seed, with where each leads.
        let mut path: Vec<(char, Option<u32>, Joint)> = Vec::new();
        for (number, seed) in sorted.into_iter().filter_map(|number| Some((number, *seeds.get(number)?))) {
            let common = path.iter().zip(seed.chars()).take_while(|((one, ..), two)| one == two).count();
            path.truncate(common);
            for letter in seed.chars().skip(common) {
                let (at, joint) = match path.last() {
                    Some((_, at, joint)) => (*at, stepped(starts, joint, letter)),
                    None => (Some(universe.start()), stepped(starts, &start(starts), letter)),
                };
                budget.spend(joint.len() + 1)?;
                path.push((letter, at.and_then(|at| universe.next(at, letter)), joint));
            }
            let (at, accepted) = match path.last() {
                Some((_, at, joint)) => (*at, accepted(starts, joint)),
                None => (Some(universe.start()), accepted(starts, &start(starts))),
            };
            if let Some(end) = ends.get_mut(number).filter(|_| at.is_some_and(|at| universe.accepts(at))) {
                *end = Some(accepted);
            }
        }
        for (seed, end) in seeds.iter().zip(ends) {
            if let Some(accepted) = end {
                self.add(accepted, || (*seed).to_owned());
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{AnyText, classes};
    use crate::model::Text;
    use crate::policy::sets::Budget;
    use crate::policy::sets::glob::{Approximation, GlobPattern, Machine, Matching, State, Variables};

    #[test]
    fn the_first_seed_of_a_class_stands_for_it() {
        let machine = |glob: &str| -> Machine {
            GlobPattern::read(&Text::literal(glob), Variables::Text, Matching::Glob).machine(Approximation::Sure)
        };
        let machines = ["role/a*", "role/b", "*/ab?"].map(machine);
        let starts: Vec<(&Machine, State)> = machines.iter().map(|machine| (machine, machine.start())).collect();
        // Neither the order of the seeds nor what they have in common says which classes there are.
        let seeds = ["role/b", "role/zz", "role/az", "user/abc", "role/a", "role/abc", "", "role/abcd", "role/abd"];
        for turned in 0..seeds.len() {
            let turned: Vec<&str> = seeds.iter().cycle().skip(turned).take(seeds.len()).copied().collect();
            let found = classes(&starts, &AnyText { or_empty: false }, &turned, &mut Budget::of(100_000)).unwrap();
            let accepted = |text: &str| machines.each_ref().map(|one| one.accepts(&one.run_from(&one.start(), text)));
            let mut expected: Vec<&str> = Vec::new();
            for seed in turned.into_iter().filter(|seed| !seed.is_empty()) {
                if expected.iter().all(|known| accepted(known) != accepted(seed)) {
                    expected.push(seed);
                }
            }
            assert_eq!(found, expected, "five classes, and a seed for each");
        }
    }
}
