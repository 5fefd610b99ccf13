//! Finds a point that no box of a union of boxes covers, or shows that there is none.
//!
//! Dimensions are finite lists of classes, the simplest first; a box is, in each dimension, a set of classes. The
//! search picks one class per dimension, in order, and keeps the set of boxes that are still in play. The first way
//! that leaves none is the simplest point outside of all. Sets of boxes already shown to cover all that follows are
//! remembered.

use super::Budget;
use super::bits::Bits;
use std::collections::HashSet;

/// One dimension: for each class the boxes that it lies in.
#[derive(Clone, Debug)]
pub(crate) struct Dimension {
    /// The boxes of each class.
    pub(crate) classes: Vec<Bits>,
    /// For each class the dimension list that goes on from there; see [`Tree`].
    pub(crate) branches: Vec<usize>,
}

/// Dimensions in order. The last of the shared ones picks the branch: the dimension that comes after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// The dimensions that all points have.
    pub(crate) shared: Vec<Dimension>,
    /// The last dimension, one for each branch.
    pub(crate) last: Vec<Dimension>,
}

/// What a search comes to.
pub(crate) enum Search {
    /// The index of the class of the point in each dimension.
    Point(Vec<usize>),
    /// Every point is covered.
    Covered,
    /// The budget is used up.
    OutOfBudget,
}

/// Looks for a point in none of the boxes `alive`.
pub(crate) fn search(tree: &Tree, alive: &Bits, bound: usize, budget: &mut Budget) -> Search {
    let full = |dimension: &Dimension| dimension.classes.iter().fold(Bits::all(bound), |full, class| full.and(class));
    let last_full: Vec<Bits> = tree.last.iter().map(full).collect();
    let mut rest = last_full.iter().fold(Bits::all(bound), |all, one| all.and(one));
    let mut full_from = vec![rest.clone()];
    let mut full_at = Vec::new();
    for dimension in tree.shared.iter().rev() {
        let full = full(dimension);
        rest = rest.and(&full);
        full_from.push(rest.clone());
        full_at.push(full);
    }
    full_from.reverse();
    full_at.reverse();
    let mut walk = Walk { tree, full_at, full_from, last_full, covered: HashSet::new(), budget, path: Vec::new() };
    match walk.find(0, 0, alive) {
        None => Search::OutOfBudget,
        Some(true) => Search::Point(walk.path),
        Some(false) => Search::Covered,
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    /// For each shared dimension, the boxes that hold all of its classes.
    full_at: Vec<Bits>,
    /// For each shared dimension, the boxes that are full there and in all dimensions after.
    full_from: Vec<Bits>,
    last_full: Vec<Bits>,
    covered: HashSet<(usize, usize, Bits)>,
    budget: &'a mut Budget,
    path: Vec<usize>,
}

impl Walk<'_> {
    /// Extends the path to a point outside of all boxes in `alive`. `None` where the budget is used up.
    fn find(&mut self, level: usize, branch: usize, alive: &Bits) -> Option<bool> {
        let is_last = level == self.tree.shared.len();
        let dimension = if is_last { self.tree.last.get(branch)? } else { self.tree.shared.get(level)? };
        let full = if is_last { self.last_full.get(branch)? } else { self.full_from.get(level)? };
        if alive.meets(full) {
            return Some(false);
        }
        let key = (level, branch, alive.clone());
        if self.covered.contains(&key) {
            return Some(false);
        }
        let branching = !dimension.branches.is_empty();
        let uniform = !is_last && !branching && alive.within(self.full_at.get(level)?);
        for (index, class) in dimension.classes.iter().enumerate() {
            self.budget.spend(1)?;
            let next = alive.and(class);
            self.path.push(index);
            if is_last {
                if next.is_empty() {
                    return Some(true);
                }
            } else {
                let branch = dimension.branches.get(index).copied().unwrap_or(branch);
                if self.find(level + 1, branch, &next)? {
                    return Some(true);
                }
            }
            self.path.pop();
            if uniform {
                break;
            }
        }
        self.covered.insert(key);
        Some(false)
    }
}
