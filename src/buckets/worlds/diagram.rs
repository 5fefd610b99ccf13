//! Sets of worlds, as decision diagrams over variables with many values.
//!
//! A node asks one variable and has a child for each value that matters there, and one for all other values. Equal
//! sets are one node, variables stand in one order on every way: so comparing sets is comparing numbers. Values that
//! nobody names need no child, which keeps what is open (any other text) and what is long (hundreds of keys) small.

use crate::policy::Budget;
use indexmap::IndexSet;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A set of worlds.
pub(in crate::buckets) type Set = u32;
/// No world.
pub(in crate::buckets) const NONE: Set = 0;
/// All worlds.
pub(in crate::buckets) const ALL: Set = 1;

/// A variable: its place in the order.
pub(in crate::buckets) type Variable = u32;
/// One of the values that are told apart; `None` for all others.
pub(in crate::buckets) type Choice = Option<u32>;

/// The choices of a variable that are left.
#[derive(Clone, Debug)]
pub(in crate::buckets) enum Left {
    /// This one.
    Only(Choice),
    /// All but these values.
    AllBut(Vec<u32>),
}

impl Left {
    /// Where a node leads to by the choices that are left of its variable.
    fn ways<'n>(left: Option<&'n Self>, node: &'n Node) -> impl Iterator<Item = Set> + 'n {
        let single: (&[(u32, Set)], &[u32]) = (&[], &[]);
        let (first, (cases, but)) = match left {
            Some(Self::Only(choice)) => {
                let case = choice.and_then(|value| node.cases.binary_search_by_key(&value, |case| case.0).ok());
                (case.and_then(|at| node.cases.get(at)).map_or(node.other, |case| case.1), single)
            }
            Some(Self::AllBut(values)) => (node.other, (&*node.cases, values.as_slice())),
            None => (node.other, (&*node.cases, single.1)),
        };
        let kept = cases.iter().filter(|case| !but.contains(&case.0));
        std::iter::once(first).chain(kept.map(|case| case.1))
    }
}

/// The choices that are left of some variables; of others all are.
pub(in crate::buckets) type LeftOf = BTreeMap<Variable, Left>;

/// The steps that a node takes besides those of its cases: it stays in memory, so that steps bound that too.
const NODE_STEPS: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    variable: Variable,
    other: Set,
    /// By value; none of them like `other`.
    cases: Box<[(u32, Set)]>,
}

/// What a walk comes by.
struct Seen {
    /// By set, whether no way leads from there to a world.
    dead: Vec<bool>,
    nodes: usize,
}

/// All nodes, and what was worked out with them.
#[derive(Debug)]
pub(in crate::buckets) struct Diagram {
    /// Each once. A set is its node's place here, after `NONE` and `ALL`.
    nodes: IndexSet<Node>,
    both: HashMap<(Set, Set), Set>,
    inverse: HashMap<Set, Set>,
    pub(super) budget: Budget,
}

impl Diagram {
    /// A diagram that may take so much work; see [`Diagram::is_exhausted`].
    pub(in crate::buckets) fn new(budget: Budget) -> Self {
        Self { nodes: IndexSet::new(), both: HashMap::new(), inverse: HashMap::new(), budget }
    }

    /// Whether the steps are used up: then no set that it gave is to be trusted.
    pub(in crate::buckets) fn is_exhausted(&self) -> bool {
        self.budget.is_spent()
    }

    fn spend(&mut self, steps: usize) -> bool {
        self.budget.spend(steps).is_some()
    }

    fn node(&self, set: Set) -> Option<&Node> {
        self.nodes.get_index((set as usize).checked_sub(2)?)
    }

    fn make(&mut self, variable: Variable, other: Set, mut cases: Vec<(u32, Set)>) -> Set {
        cases.retain(|(_, set)| *set != other);
        if cases.is_empty() {
            return other;
        }
        let steps = 1 + cases.len();
        let (at, is_new) = self.nodes.insert_full(Node { variable, other, cases: cases.into() });
        if !self.spend(if is_new { NODE_STEPS + steps } else { steps }) {
            return NONE;
        }
        u32::try_from(at + 2).unwrap_or(NONE)
    }

    /// The worlds in which a variable has a value.
    pub(in crate::buckets) fn has(&mut self, variable: Variable, value: u32) -> Set {
        self.make(variable, NONE, vec![(value, ALL)])
    }

    /// The worlds in which a variable has one of these values, or one that is not among them for `others`.
    pub(in crate::buckets) fn one_of(&mut self, variable: Variable, values: &[(u32, bool)], others: bool) -> Set {
        let set = |holds: bool| if holds { ALL } else { NONE };
        let mut cases: Vec<(u32, Set)> = values.iter().map(|&(value, holds)| (value, set(holds))).collect();
        cases.sort_unstable();
        cases.dedup();
        self.make(variable, set(others), cases)
    }

    /// What is in both.
    pub(in crate::buckets) fn and(&mut self, one: Set, two: Set) -> Set {
        match (one, two) {
            (NONE, _) | (_, NONE) => return NONE,
            (ALL, other) | (other, ALL) => return other,
            _ if one == two => return one,
            _ => {}
        }
        let key = (one.min(two), one.max(two));
        if let Some(&known) = self.both.get(&key) {
            return known;
        }
        let (Some(first), Some(second)) = (self.node(one), self.node(two)) else { return NONE };
        let variable = first.variable.min(second.variable);
        let (first, second) = (part(first, one, variable), part(second, two, variable));
        let values = merged(&first.1, &second.1);
        if !self.spend(1 + values.len()) {
            return NONE;
        }
        let other = self.and(first.0, second.0);
        let mut cases = Vec::with_capacity(values.len());
        for (value, in_first, in_second) in values {
            let both = self.and(in_first.unwrap_or(first.0), in_second.unwrap_or(second.0));
            cases.push((value, both));
        }
        let both = self.make(variable, other, cases);
        self.both.insert(key, both);
        both
    }

    /// What is not in it.
    pub(in crate::buckets) fn not(&mut self, set: Set) -> Set {
        match set {
            NONE => return ALL,
            ALL => return NONE,
            _ => {}
        }
        if let Some(&known) = self.inverse.get(&set) {
            return known;
        }
        let Some(node) = self.node(set).cloned() else { return NONE };
        if !self.spend(1 + node.cases.len()) {
            return NONE;
        }
        let other = self.not(node.other);
        let cases = node.cases.iter().map(|&(value, child)| (value, self.not(child))).collect();
        let inverse = self.make(node.variable, other, cases);
        self.inverse.insert(set, inverse);
        self.inverse.insert(inverse, set);
        inverse
    }

    /// What is in one of them.
    pub(in crate::buckets) fn or(&mut self, one: Set, two: Set) -> Set {
        let (one, two) = (self.not(one), self.not(two));
        let neither = self.and(one, two);
        self.not(neither)
    }

    /// What is in the first and not in the second.
    pub(in crate::buckets) fn without(&mut self, one: Set, two: Set) -> Set {
        let two = self.not(two);
        self.and(one, two)
    }

    /// What is in all of them.
    pub(in crate::buckets) fn all(&mut self, mut sets: Vec<Set>) -> Set {
        // One that asks for an earlier variable is put on top of the others, where it is not worked through them.
        sets.sort_by_key(|set| Reverse(self.node(*set).map_or(Variable::MAX, |node| node.variable)));
        sets.into_iter().fold(ALL, |all, set| self.and(all, set))
    }

    /// What is in the first and in none of the others.
    pub(in crate::buckets) fn without_all(&mut self, one: Set, others: impl IntoIterator<Item = Set>) -> Set {
        let mut sets: Vec<Set> = others.into_iter().map(|other| self.not(other)).collect();
        sets.push(one);
        self.all(sets)
    }

    /// Whether a world is in both.
    pub(in crate::buckets) fn intersect(&mut self, one: Set, two: Set) -> bool {
        let mut seen = HashSet::new();
        let mut left = vec![(one, two)];
        while let Some((one, two)) = left.pop() {
            let (first, second) = match (one, two) {
                (NONE, _) | (_, NONE) => continue,
                (ALL, _) | (_, ALL) => return true,
                _ if one == two => return true,
                _ if !seen.insert((one, two)) => continue,
                _ => (self.node(one), self.node(two)),
            };
            let (Some(first), Some(second)) = (first, second) else { continue };
            let variable = first.variable.min(second.variable);
            let (first, second) = (part(first, one, variable), part(second, two, variable));
            let values = merged(&first.1, &second.1);
            left.push((first.0, second.0));
            let each = values.iter().map(|(_, one, two)| (one.unwrap_or(first.0), two.unwrap_or(second.0)));
            left.extend(each);
            if !self.spend(1 + values.len()) {
                return false;
            }
        }
        false
    }

    /// Whether all of the first is in the second.
    pub(in crate::buckets) fn within(&mut self, one: Set, two: Set) -> bool {
        let outside = self.not(two);
        !self.intersect(one, outside)
    }

    /// The worlds that come to be in the set with other values of some variables.
    pub(in crate::buckets) fn freed(&mut self, set: Set, free: &dyn Fn(Variable) -> bool) -> Set {
        self.freed_at(set, free, &mut HashMap::new())
    }

    fn freed_at(&mut self, set: Set, free: &dyn Fn(Variable) -> bool, known: &mut HashMap<Set, Set>) -> Set {
        let Some(node) = self.node(set).cloned() else { return set };
        if let Some(&done) = known.get(&set) {
            return done;
        }
        if !self.spend(1 + node.cases.len()) {
            return NONE;
        }
        let mut other = self.freed_at(node.other, free, known);
        let cases: Vec<(u32, Set)> =
            node.cases.iter().map(|&(value, child)| (value, self.freed_at(child, free, known))).collect();
        let done = if free(node.variable) {
            for (_, child) in cases {
                other = self.or(other, child);
            }
            other
        } else {
            self.make(node.variable, other, cases)
        };
        known.insert(set, done);
        done
    }

    /// The worlds that stay in the set whatever values some variables have.
    pub(in crate::buckets) fn whatever(&mut self, set: Set, free: &dyn Fn(Variable) -> bool) -> Set {
        let outside = self.not(set);
        let outside = self.freed(outside, free);
        self.not(outside)
    }

    /// One world of the set: what each variable that it asks is in it. Prefers values that nobody names.
    pub(in crate::buckets) fn pick(&self, set: Set) -> Option<HashMap<Variable, Choice>> {
        let mut world = HashMap::new();
        let mut at = set;
        while at != ALL {
            let node = self.node(at)?;
            // In a diagram each node but the empty set leads somewhere.
            let (choice, next) = if node.other == NONE {
                let &(value, next) = node.cases.iter().find(|(_, child)| *child != NONE)?;
                (Some(value), next)
            } else {
                (None, node.other)
            };
            world.insert(node.variable, choice);
            at = next;
        }
        Some(world)
    }

    /// Whether a world is in the set; variables that it leaves open have a value that nobody names.
    pub(in crate::buckets) fn holds(&self, set: Set, world: &HashMap<Variable, Choice>) -> bool {
        let mut at = set;
        while let Some(node) = self.node(at) {
            let value = world.get(&node.variable).copied().flatten();
            let case = value.and_then(|value| node.cases.binary_search_by_key(&value, |case| case.0).ok());
            at = case.and_then(|case| node.cases.get(case)).map_or(node.other, |case| case.1);
        }
        at == ALL
    }

    /// Whether the set has a world by the choices that are left.
    pub(in crate::buckets) fn meets(&mut self, set: Set, left: &LeftOf) -> bool {
        let mut seen = self.nothing_seen();
        let meets = self.leads_on(set, left, &mut seen);
        self.spend(seen.nodes);
        meets
    }

    fn nothing_seen(&self) -> Seen {
        Seen { dead: vec![false; self.nodes.len() + 2], nodes: 0 }
    }

    /// Whether a way from a node leads to a world. Those that were seen led to none.
    fn leads_on(&self, set: Set, left: &LeftOf, seen: &mut Seen) -> bool {
        let Some(node) = self.node(set) else { return set == ALL };
        let Some(dead) = seen.dead.get_mut(set as usize).filter(|dead| !**dead) else { return false };
        *dead = true;
        seen.nodes += 1;
        let leads_on = Left::ways(left.get(&node.variable), node).any(|way| self.leads_on(way, left, seen));
        if leads_on && let Some(dead) = seen.dead.get_mut(set as usize) {
            *dead = false;
        }
        leads_on
    }

    /// The variables that the set hangs on, in order.
    pub(in crate::buckets) fn support(&mut self, set: Set) -> Vec<Variable> {
        let mut seen = HashSet::new();
        let mut found = BTreeSet::new();
        let mut left = vec![set];
        while let Some(at) = left.pop() {
            if !seen.insert(at) {
                continue;
            }
            self.spend(1);
            if let Some(node) = self.node(at) {
                found.insert(node.variable);
                left.push(node.other);
                left.extend(node.cases.iter().map(|case| case.1));
            }
        }
        found.into_iter().collect()
    }

    /// The values of a variable under which some world of the set is, by the choices that are left of the other
    /// variables; whether one is under any other value: then none is listed.
    pub(in crate::buckets) fn values(&mut self, set: Set, variable: Variable, left: &LeftOf) -> (Vec<u32>, bool) {
        let (mut asked, mut others) = (Vec::new(), Vec::new());
        let mut met = HashSet::new();
        let mut at = vec![set];
        while let Some(set) = at.pop() {
            if !met.insert(set) {
                continue;
            }
            match self.node(set) {
                Some(node) if node.variable < variable => at.extend(Left::ways(left.get(&node.variable), node)),
                Some(node) if node.variable == variable => {
                    others.push(node.other);
                    asked.extend_from_slice(&node.cases);
                }
                _ => others.push(set),
            }
        }
        let mut seen = self.nothing_seen();
        let any = others.into_iter().any(|other| self.leads_on(other, left, &mut seen));
        asked.retain(|(_, set)| !any && self.leads_on(*set, left, &mut seen));
        self.spend(met.len() + seen.nodes);
        if any {
            return (Vec::new(), true);
        }
        let values: BTreeSet<u32> = asked.into_iter().map(|(value, _)| value).collect();
        (values.into_iter().collect(), false)
    }
}

/// A node's children as seen from a variable at or before its own.
fn part(node: &Node, set: Set, variable: Variable) -> (Set, Vec<(u32, Set)>) {
    if node.variable == variable { (node.other, node.cases.to_vec()) } else { (set, Vec::new()) }
}

/// The values of two sorted lists, each with its child in either.
fn merged(one: &[(u32, Set)], two: &[(u32, Set)]) -> Vec<(u32, Option<Set>, Option<Set>)> {
    let mut out = Vec::with_capacity(one.len() + two.len());
    let (mut one, mut two) = (one.iter().peekable(), two.iter().peekable());
    loop {
        match (one.peek(), two.peek()) {
            (Some(&&(a, first)), Some(&&(b, second))) => match a.cmp(&b) {
                std::cmp::Ordering::Equal => {
                    out.push((a, Some(first), Some(second)));
                    one.next();
                    two.next();
                }
                std::cmp::Ordering::Less => {
                    out.push((a, Some(first), None));
                    one.next();
                }
                std::cmp::Ordering::Greater => {
                    out.push((b, None, Some(second)));
                    two.next();
                }
            },
            (Some(&&(a, first)), None) => {
                out.push((a, Some(first), None));
                one.next();
            }
            (None, Some(&&(b, second))) => {
                out.push((b, None, Some(second)));
                two.next();
            }
            (None, None) => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets() {
        let mut d = Diagram::new(Budget::of(100_000));
        let (a0, a1, b0) = (d.has(0, 0), d.has(0, 1), d.has(1, 0));
        assert_eq!(d.and(a0, a1), NONE, "a variable has one value");
        let either = d.or(a0, a1);
        let not = d.not(either);
        assert_eq!(d.not(not), either);
        assert_eq!(d.one_of(0, &[(0, true), (1, true)], false), either);
        let both = d.and(either, b0);
        assert!(d.within(both, b0) && !d.within(b0, both));
        assert!(d.intersect(a1, b0) && d.intersect(both, a1) && !d.intersect(a0, a1) && !d.intersect(not, both));
        assert_eq!(d.freed(both, &|v| v == 0), b0);
        assert_eq!(d.whatever(both, &|v| v == 0), NONE);
        let (b_or, wider) = (d.or(b0, a0), d.or(a0, b0));
        assert_eq!(b_or, wider, "equal sets are one node");
        assert_eq!(d.whatever(b_or, &|v| v == 0), b0);
        let world = d.pick(both).expect("a world");
        assert!(d.holds(both, &world) && !d.holds(not, &world));
        assert_eq!(d.support(both), [0, 1]);
        let free = LeftOf::new();
        assert_eq!(d.values(both, 0, &free), (vec![0, 1], false));
        assert_eq!(d.values(not, 0, &free), (vec![], true));
        let of = |choice: Choice| LeftOf::from([(1, Left::Only(choice))]);
        assert_eq!(d.values(both, 0, &of(Some(0))), (vec![0, 1], false));
        assert_eq!(d.values(both, 0, &of(None)), (vec![], false));
        assert!(d.meets(both, &of(Some(0))) && !d.meets(both, &of(Some(1))) && !d.meets(both, &of(None)));
        let but = LeftOf::from([(0, Left::AllBut(vec![0])), (1, Left::AllBut(vec![1]))]);
        assert!(d.meets(both, &but) && !d.meets(a0, &but));
        assert_eq!(d.all(vec![both, a1, ALL]), d.and(a1, b0));
        assert_eq!(d.without_all(either, [a0, b0]), d.without(a1, b0));
    }
}
