//! What a plan knows only after apply, as far as its references tell: they prove nothing, but they say what most
//! probably is, and exclude what cannot be.

pub(super) mod link;
pub(super) mod reach;
pub(super) mod rebuild;
