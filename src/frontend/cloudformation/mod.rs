//! CloudFormation templates, SAM and what CDK synthesizes included.
//!
//! All intrinsic functions are evaluated as far as the template and the given parameters tell. What they do not tell
//! is a hole in a text, with a cause and a place; the same expression, written twice, is the same hole. `Fn::If`
//! stays a choice in the model, lifted out of the texts and lists that it stands in. Evaluation is bounded in depth,
//! in steps and in the size of texts: past a bound, the value is unknown.

mod bounds;
mod call;
mod choice;
mod conditions;
mod derived;
mod documents;
mod dynamic;
mod expression;
mod json_text;
mod lists;
mod loops;
mod mappings;
mod nested;
mod parameters;
mod properties;
mod reader;
mod recognise;
mod references;
mod refused;
mod resources;
mod rules;
mod strings;
mod suppressions;
mod transforms;
mod writer;

pub use recognise::CloudFormation;

pub(super) use mappings::partition;

use crate::frontend::sam;
use crate::model::{Deployed, Format, Notice, Template};
use crate::syntax::Parse;
use reader::Reader;
use std::collections::BTreeMap;
use std::sync::Arc;
use transforms::Macros;

/// The name of the kind of input.
const CLOUDFORMATION: Format = Format::named("cloudformation");

/// What is given besides the template.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Values of parameters, by name.
    pub parameters: Arc<BTreeMap<String, String>>,
    /// Whether a parameter that is not given has its default.
    pub assume_defaults: bool,
    /// The place that deploys the template; `None` where it is deployed by itself.
    pub deployed: Option<Deployed>,
}

/// Reads a template. Never fails: what cannot be read is a notice, or unknown with its cause and place.
#[must_use]
pub fn read(parse: &Parse, inputs: &Inputs) -> Template {
    let incomplete = resources::cut_short(&parse.errors);
    let mut template = Template { incomplete, ..Template::nothing(CLOUDFORMATION) };
    let Some(root) = parse.tree.root() else { return template };
    let mut reader = Reader::new(root, inputs, Macros::read(root));
    reader.notices.extend(
        parse
            .duplicates
            .iter()
            .map(|duplicate| Notice { message: duplicate.message(parse.tree.source()), span: duplicate.second }),
    );
    if reader.macros.sam {
        template.format = sam::FORMAT;
    }
    reader.declare_parameters();
    reader.declare_conditions();
    reader.declare_rules();
    reader.bound_arguments();
    let not_unrolled = reader.declare_resources();
    if not_unrolled.is_some() {
        reader.macros.adds_resources = true;
    }
    template.unchecked = reader.not_checked();
    template.buckets = reader.buckets();
    template.policies = reader.policies(&parse.errors);
    template.nested = reader.nested_stacks();
    template.outputs = reader.outputs().into();
    template.parameters = reader.open_parameters();
    template.declared = reader.declared();
    template.incomplete = template.incomplete.or_else(|| reader.macros.incomplete.clone()).or(not_unrolled);
    template.assertions = reader.assertions;
    template.choices = reader.choices;
    template.errors = reader.errors;
    template.suppressions = suppressions::suppressions(parse);
    template.rewritten = reader.macros.rewritten.is_some();
    template.notices = reader.notices;
    template.unfit = reader.unfit;
    template.notices.sort_by(|one, two| (one.span, &one.message).cmp(&(two.span, &two.message)));
    template
}

#[cfg(test)]
mod tests;
