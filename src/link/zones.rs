//! What is deployed together, as far as the input says: how far an unknown reaches.

use super::deployment::{Deployment, Place};
use std::path::Path;

/// Places among which a policy may be on any bucket, where it is not known on which.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Zone<'a> {
    /// A group of the settings.
    Group(u32),
    /// An assembly.
    Assembly(u32),
    /// The places below one that is deployed by itself, and that one.
    Tree(usize),
    /// Templates in one folder that nothing says more of.
    Folder(&'a Path),
}

/// The zone that the unknown policies of a place reach: the first that says more than that files lie side by side.
pub(super) fn reach<'a>(deployment: &'a Deployment, place: &Place) -> Zone<'a> {
    match (place.group, &place.stack) {
        (Some(group), _) => Zone::Group(group),
        (None, Some(stack)) => Zone::Assembly(stack.assembly),
        (None, None) if place.in_tree || place.whole => Zone::Tree(place.root),
        (None, None) => Zone::Folder(folder(deployment, place)),
    }
}

/// The zones that a place is in.
pub(super) fn zones<'a>(deployment: &'a Deployment, place: &Place) -> Vec<Zone<'a>> {
    let mut zones = vec![Zone::Tree(place.root)];
    zones.extend(place.group.map(Zone::Group));
    zones.extend(place.stack.as_ref().map(|stack| Zone::Assembly(stack.assembly)));
    if !place.whole {
        zones.push(Zone::Folder(folder(deployment, place)));
    }
    zones
}

/// Whether the input says that two places are deployed together, in one account and Region.
pub(super) fn together(one: &Place, two: &Place) -> bool {
    if is_apart(one, two) {
        return false;
    }
    let assembly = |place: &Place| place.stack.as_ref().map(|stack| stack.assembly);
    one.root == two.root
        || (one.group.is_some() && one.group == two.group)
        || (assembly(one).is_some() && assembly(one) == assembly(two))
}

/// Whether a stack set deploys one of two places and not the other: it may be in any account and Region.
pub(super) fn is_apart(one: &Place, two: &Place) -> bool {
    one.site != two.site && (one.site != one.root || two.site != two.root)
}

/// Whether an assembly puts both places into one account and Region.
pub(super) fn is_one_environment(one: &Place, two: &Place) -> bool {
    let environment = |place: &Place| place.known().map(|stack| (stack.assembly, stack.environment.clone()));
    environment(one).is_some() && environment(one) == environment(two)
}

fn folder<'a>(deployment: &'a Deployment, place: &Place) -> &'a Path {
    deployment.paths.get(place.member).and_then(|path| path.parent()).unwrap_or(Path::new(""))
}
