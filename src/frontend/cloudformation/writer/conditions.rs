//! The conditions of a template: what uses one, and one that holds where a bucket has no policy.

use crate::frontend::cloudformation::call::{Call, Function};
use crate::frontend::writing::{self, Layout, Refusal, Written};
use crate::source::{Edit, Span};
use crate::syntax::{Kind, Node};
use std::collections::BTreeSet;

/// The longest logical id.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html>
const LONGEST_NAME: usize = 255;

/// The conditions that something uses besides what stands at `given_up`.
pub(super) fn used<'a>(root: Node<'a>, given_up: &BTreeSet<Span>) -> BTreeSet<&'a str> {
    let mut used = BTreeSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let by_tag = match Call::of_condition(node, false).filter(|_| node.tag().is_some()).map(|call| call.function) {
            Some(Function::Condition) => Some(node),
            Some(Function::If) => node.items().next(),
            _ => None,
        };
        let by_key = node.entries().filter_map(|(key, value)| match key.text()? {
            "Condition" => Some(value),
            "Fn::If" => value.items().next(),
            _ => None,
        });
        let counting = by_tag.into_iter().chain(by_key).filter(|use_of| !given_up.contains(&use_of.span()));
        used.extend(counting.filter_map(Node::text));
        let inner = node.entries().map(|(_, value)| value).chain(node.items());
        open.extend(inner.filter(|inner| !inner.is_alias()));
    }
    used
}

/// A condition that holds in some deployments only, in terms of others of its template.
pub(super) struct Where {
    /// Each condition once, and whether it holds.
    parts: Vec<(String, bool)>,
}

impl Where {
    pub(super) fn all(parts: impl Iterator<Item = (String, bool)>) -> Self {
        let mut each: Vec<(String, bool)> = Vec::new();
        for part in parts {
            if !each.contains(&part) {
                each.push(part);
            }
        }
        Self { parts: each }
    }

    /// The name of the condition, and the edit that declares it where the template has none that says the same.
    ///
    /// # Errors
    /// Where one that it hangs on is not declared in the template.
    pub(super) fn declared(&self, root: Node<'_>, layout: &Layout<'_>) -> Result<(String, Option<Edit>), Refusal> {
        if let [(name, true)] = self.parts.as_slice() {
            return Ok((name.clone(), None));
        }
        let conditions = root.get("Conditions").filter(|conditions| !conditions.is_alias()).ok_or(Refusal::Carried)?;
        let place_of =
            |name: &str| conditions.entries().position(|(key, _)| key.text() == Some(name)).ok_or(Refusal::Carried);
        let places: Result<Vec<usize>, _> = self.parts.iter().map(|(name, _)| place_of(name)).collect();
        let after = places?.into_iter().max().ok_or(Refusal::Carried)?;
        let wanted = self.formula();
        let same = conditions.entries().find(|(_, value)| says(*value, &wanted));
        if let Some(name) = same.and_then(|(key, _)| key.text()) {
            return Ok((name.to_owned(), None));
        }
        let name = self.name();
        let name = writing::free_name([name.clone()], &name, |name| conditions.get(name).is_some());
        if name.len() > LONGEST_NAME {
            return Err(Refusal::Layout);
        }
        let edit = layout.add_entry(conditions, Some(after), &name, &wanted)?;
        Ok((name, Some(edit)))
    }

    /// What it is called: `HasDataNotIsProd`.
    fn name(&self) -> String {
        self.parts.iter().map(|(name, holds)| if *holds { name.clone() } else { format!("Not{name}") }).collect()
    }

    fn formula(&self) -> Written {
        let literal = |(name, holds): &(String, bool)| {
            let one = Written::Call("Condition", Box::new(Written::text(name)));
            if *holds { one } else { Written::Call("Fn::Not", Box::new(Written::List(vec![one]))) }
        };
        match self.parts.as_slice() {
            [only] => literal(only),
            several => Written::Call("Fn::And", Box::new(Written::List(several.iter().map(literal).collect()))),
        }
    }
}

/// Whether a condition is written so.
fn says(node: Node<'_>, wanted: &Written) -> bool {
    match wanted {
        Written::Text(text) => node.text() == Some(text),
        Written::List(items) => {
            node.kind() == Kind::Sequence
                && node.items().count() == items.len()
                && node.items().zip(items).all(|(node, wanted)| says(node, wanted))
        }
        Written::Call(name, argument) => {
            Call::of_condition(node, false).is_some_and(|call| call.name == *name && says(call.argument, argument))
        }
        _ => false,
    }
}
