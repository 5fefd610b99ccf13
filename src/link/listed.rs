//! Names by what they are in the deployments that there are: a parameter whose values are listed is one of them in each.
//! Ties and links ask here, so that what ties files is what links them.

use super::index::is_settled_in_part;
use crate::model::{Parameter, Symbol, Template, Text};
use std::collections::{BTreeSet, HashMap};

/// A text that may be more texts than this is one of which nothing more is known.
const MOST_READINGS: usize = 64;

/// The parameters of which the values are listed.
#[derive(Debug, Default)]
pub(super) struct Listed<'a>(HashMap<&'a Symbol, &'a Parameter>);

impl<'a> Listed<'a> {
    pub(super) fn of(templates: impl IntoIterator<Item = &'a Template>) -> Self {
        let parameters = templates.into_iter().flat_map(|template| &template.parameters);
        let listed = parameters.filter(|parameter| parameter.listed().is_some());
        Self(listed.map(|parameter| (&parameter.symbol, parameter)).collect())
    }

    /// What a text may be: each combination of listed values put in. Itself where there are none, or too many.
    pub(super) fn each(&self, text: &Text) -> Vec<Text> {
        let mut all = vec![text.clone()];
        for symbol in text.symbols().collect::<BTreeSet<_>>() {
            let Some(values) = self.0.get(symbol).and_then(|parameter| parameter.listed()) else { continue };
            if all.len() * values.len() > MOST_READINGS {
                return vec![text.clone()];
            }
            let put_in =
                |text: &Text, value: &str| text.substitute(&|other| (other == symbol).then(|| Text::literal(value)));
            all = all.iter().flat_map(|text| values.iter().map(|value| put_in(text, value))).collect();
        }
        all
    }

    /// A text as something of it is known: as it is written, or else for each of the values that are listed.
    pub(super) fn known(&self, text: &Text) -> Vec<Text> {
        let all = if is_settled_in_part(text) { vec![text.clone()] } else { self.each(text) };
        all.into_iter().filter(is_settled_in_part).collect()
    }

    /// Whether something is known of a text.
    pub(super) fn is_known(&self, text: &Text) -> bool {
        is_settled_in_part(text) || self.each(text).iter().any(is_settled_in_part)
    }
}
