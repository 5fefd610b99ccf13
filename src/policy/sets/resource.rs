//! The bucket and its objects.

use super::classes::{AnyText, classes};
use super::element::Alternatives;
use super::glob::{Approximation, GlobPattern, Machine, Matching, State, Variables};
use super::{Budget, Sides};
use crate::model::Text;
use crate::policy::{Element, Pattern, Resource};

/// A pattern of `Resource` with the bucket's ARN already matched against it.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    sure: End,
    /// `None` where it is the same as `sure`.
    loose: Option<End>,
}

/// What one machine makes of the bucket's ARN.
#[derive(Clone, Debug)]
struct End {
    machine: Machine,
    /// Whether it accepts the ARN.
    bucket: bool,
    /// Its state after the ARN and a slash.
    objects: State,
}

impl End {
    fn new(machine: Machine, reading: Approximation, arn: &Text) -> Self {
        let state = machine.run(arn, reading, true);
        Self { bucket: machine.accepts(&state), objects: machine.run_from(&state, "/"), machine }
    }

    fn accepts(&self, resource: &Resource) -> bool {
        match resource {
            Resource::Bucket => self.bucket,
            Resource::Object(key) => self.machine.accepts(&self.machine.run_from(&self.objects, key)),
        }
    }
}

impl Tail {
    fn new(pattern: &Text, negated: bool, variables: Variables, arn: &Text) -> Self {
        let pattern = GlobPattern::read(pattern, variables, Matching::Glob);
        let reading = if negated { Approximation::Widest } else { Approximation::Possible };
        let sure = End::new(pattern.machine(Approximation::Sure), Approximation::Sure, arn);
        // The bucket's own holes make a difference too.
        let is_known = pattern.is_known() && arn.as_literal().is_some();
        let loose = (!is_known).then(|| End::new(pattern.machine(reading), reading, arn));
        Self { sure, loose }
    }

    fn sides(&self, accepts: impl Fn(&End) -> bool) -> Sides {
        let must = accepts(&self.sure);
        Sides { must, may: must || self.loose.as_ref().is_some_and(accepts) }
    }
}

/// What of the bucket a resource may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The bucket itself.
    pub(crate) bucket: bool,
    /// Some object in it.
    pub(crate) objects: bool,
}

impl Reach {
    /// What a pattern may name, in its positive form.
    pub(crate) fn of(pattern: &Text, variables: Variables, arn: &Text) -> Self {
        let pattern = GlobPattern::read(pattern, variables, Matching::Glob);
        // Where nothing is left open, what it may name is what it surely names.
        let is_known = pattern.is_known() && arn.as_literal().is_some();
        let reading = if is_known { Approximation::Sure } else { Approximation::Widest };
        let end = End::new(pattern.machine(reading), reading, arn);
        Self { bucket: end.bucket, objects: !end.objects.is_empty() }
    }
}

/// Which resources of the bucket a statement matches.
pub(crate) type Resources = Alternatives<Tail>;

/// Reads `Resource` or `NotResource`; `normal` takes the partition out of a text.
pub(crate) fn read(
    element: &Element<Pattern>,
    variables: Variables,
    arn: &Text,
    normal: impl Fn(&Text) -> Text,
) -> Resources {
    let tail = |item: &Pattern| Tail::new(&normal(&item.pattern), element.negated, variables, arn);
    Alternatives {
        negated: element.negated,
        items: element.items.iter().map(tail).collect(),
        more: !element.unknown.is_empty(),
    }
}

impl Resources {
    /// Whether the element matches a resource.
    pub(crate) fn at(&self, resource: &Resource) -> Sides {
        self.sides(|tail| tail.sides(|end| end.accepts(resource)))
    }
}

/// A key that no policy means.
pub(crate) const ANY_KEY: &str = "any-key";

/// Keys such that any other key is matched by the same elements as one of them.
pub(crate) fn keys(elements: &[&Resources], budget: &mut Budget) -> Option<Vec<String>> {
    let tails = elements.iter().flat_map(|element| &element.items);
    let ends = tails.flat_map(|tail| [Some(&tail.sure), tail.loose.as_ref()].into_iter().flatten());
    let starts: Vec<(&Machine, State)> = ends
        .filter(|end| !end.objects.is_empty() && !end.machine.accepts_all(&end.objects))
        .map(|end| (&end.machine, end.objects.clone()))
        .collect();
    classes(&starts, &AnyText { or_empty: false }, &[ANY_KEY], budget)
}
