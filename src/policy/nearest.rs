//! What a misspelled name was meant to be.

/// Longer texts are no misspelled names; likeness costs the product of the lengths.
const LONGEST: usize = 64;

/// The name that is most like a written one, if one is like it.
pub(super) fn meant<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let lower = written.to_ascii_lowercase();
    let likeness = |name: &'a str| (strsim::jaro_winkler(&lower, &name.to_ascii_lowercase()), name);
    let best = names.map(likeness).max_by(|one, two| one.0.total_cmp(&two.0));
    best.filter(|(likeness, _)| *likeness > 0.88).map(|(_, name)| name)
}
