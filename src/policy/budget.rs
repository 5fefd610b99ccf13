//! The work that may be done, in counted steps: so that answers are the same on every machine.

/// What is left of it.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u64);

impl Budget {
    /// So many steps: of automata, comparisons, and nodes of diagrams.
    #[must_use]
    pub fn of(steps: u64) -> Self {
        Self(steps)
    }

    /// Takes `steps` off; `None` where there are not so many left, and then nothing is.
    pub(crate) fn spend(&mut self, steps: usize) -> Option<()> {
        let left = self.0.checked_sub(steps as u64);
        self.0 = left.unwrap_or(0);
        left.map(|_| ())
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }

    /// Does work that something goes on after, with half of what is left: it never uses up all. Also whether it used up
    /// its half.
    pub(crate) fn half<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let mut half = Self(self.0 / 2);
        self.0 -= half.0;
        let done = work(&mut half);
        self.0 += half.0;
        (done, half.is_spent())
    }
}
