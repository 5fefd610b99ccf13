//! The vocabulary of verdicts: said once, for all rooms.

/// The verdict on a bucket or a policy, without its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Every insecure request is denied.
    Enforced,
    /// An insecure request is denied by nothing.
    Exposed,
    /// The input does not say enough; it leans to one of the other two, or to neither.
    Undecided(Option<Leaning>),
}

/// Where an undecided verdict points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leaning {
    /// It would be enforced if the unknowns are what they seem.
    Enforced,
    /// It would be exposed if the unknowns are what they seem.
    Exposed,
}

impl Verdict {
    /// How it is written, in every report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Exposed => "exposed",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Where it leans to; `None` for a decided one too.
    #[must_use]
    pub fn leaning(self) -> Option<Leaning> {
        match self {
            Self::Undecided(leaning) => leaning,
            Self::Enforced | Self::Exposed => None,
        }
    }
}

impl Leaning {
    /// How it is written, in every report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Exposed => "exposed",
        }
    }
}
