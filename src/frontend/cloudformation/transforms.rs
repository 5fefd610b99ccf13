//! Transforms and macros: what may change a template before it is deployed.
//!
//! A macro of one's own may rewrite everything that it is applied to, so that under one nothing is proven: policies
//! keep what is written as what is likely. `AWS::Include` pastes a file in and changes nothing else. The other
//! transforms of AWS's own add and change neither buckets nor bucket policies.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html>.

use super::call::{Call, Function};
use crate::frontend::sam;
use crate::model::{Notice, Unknown};
use crate::syntax::{Kind, Node};

/// Transforms of AWS's own that leave buckets and bucket policies alone.
const HARMLESS: [&str; 6] = [
    sam::TRANSFORM,
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::CodeDeployBlueGreen",
    "AWS::ServiceCatalog",
];

/// Sections of templates that hold modules, with what writes these out.
///
/// See <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html> and
/// <https://github.com/aws-cloudformation/rain>.
const LOCAL_MODULES: [(&str, &str); 2] = [("Modules", "aws cloudformation package"), ("Rain", "rain pkg")];

/// The function that pastes in what a macro makes.
pub(super) const TRANSFORM: &str = "Fn::Transform";

const INCLUDE: &str = "AWS::Include";

/// What the transforms of a template mean for what is read of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Macros {
    /// SAM is among them.
    pub(super) sam: bool,
    /// References may go to resources that the template does not hold.
    pub(super) adds_resources: bool,
    /// Conditions may be added.
    pub(super) adds_conditions: bool,
    /// Buckets or policies may be added; says by what.
    pub(super) incomplete: Option<Unknown>,
    /// Everything that is written may be changed; says by what.
    pub(super) rewritten: Option<Unknown>,
}

/// The nodes that name the transforms of a template: `Transform` as text, a list of texts, or mappings with a `Name`.
/// What has none is a transform too, whose name cannot be read.
pub(super) fn transforms(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let sections = ["Transform", TRANSFORM].into_iter().filter_map(move |key| root.get(key));
    sections
        .flat_map(move |section| {
            section.items().chain(Some(section).filter(|section| section.kind() != Kind::Sequence))
        })
        .map(|node| node.get("Name").unwrap_or(node))
}

/// What a macro in the place of a value is.
pub(super) fn inner(call: &Call<'_>) -> Unknown {
    let name = call.argument.get("Name").and_then(Node::text);
    let mut unknown = by(name, call.span);
    unknown.span = call.span;
    unknown
}

fn by(name: Option<&str>, span: crate::source::Span) -> Unknown {
    match name {
        Some(INCLUDE) => {
            Unknown::new("`AWS::Include` pastes a file in at deploy time", span, "write here what the file holds")
        }
        Some(name) => Unknown::new(
            format!("the macro `{name}` runs at deploy time"),
            span,
            "lint the template after the macro ran",
        ),
        None => Unknown::new("a macro runs at deploy time", span, "lint the template after the macro ran"),
    }
}

impl Macros {
    /// Reads the transforms of a template, of its `Resources` and of whole resources.
    pub(super) fn read(root: Node<'_>) -> Self {
        let mut macros = Self::default();
        for name in transforms(root) {
            macros.add(name.text(), name.resolved().span());
        }
        if let Some(resources) = root.get("Resources") {
            if let Some(call) = pasted(resources) {
                macros.add(call.argument.get("Name").and_then(Node::text), call.span);
            }
            for (key, value) in resources.entries() {
                if key.text() == Some(TRANSFORM) {
                    macros.add(value.get("Name").and_then(Node::text), key.span());
                }
                macros.module(value);
            }
        }
        for (section, tool) in LOCAL_MODULES {
            macros.local_modules(root.entry(section), tool);
        }
        for section in ["Conditions", "Parameters"] {
            let pasted = root.get(section).is_some_and(|section| section.get(TRANSFORM).is_some());
            macros.adds_conditions |= pasted;
            macros.adds_resources |= pasted;
        }
        macros
    }

    /// Modules that a tool on the user's own machine writes out before anything is deployed.
    fn local_modules(&mut self, section: Option<(Node<'_>, Node<'_>)>, tool: &str) {
        let Some((key, _)) = section else { return };
        self.adds_resources = true;
        self.adds_conditions = true;
        self.incomplete.get_or_insert_with(|| {
            let cause = format!("the section `{}` brings in resources of other files", key.text().unwrap_or_default());
            Unknown::new(cause, key.span(), format!("lint what `{tool}` prints"))
        });
    }

    fn add(&mut self, name: Option<&str>, span: crate::source::Span) {
        self.sam |= name == Some(sam::TRANSFORM);
        self.adds_resources |= name == Some(sam::TRANSFORM);
        if name.is_some_and(|name| HARMLESS.contains(&name)) {
            return;
        }
        self.adds_resources = true;
        self.adds_conditions = true;
        self.incomplete.get_or_insert_with(|| by(name, span));
        if name != Some(INCLUDE) {
            self.rewritten.get_or_insert_with(|| by(name, span));
        }
    }

    /// A module holds resources of its own, bucket policies perhaps, and changes none of those around it.
    fn module(&mut self, resource: Node<'_>) {
        let Some(kind) = resource.get("Type").filter(|kind| kind.text().is_some_and(|text| text.ends_with("::MODULE")))
        else {
            return;
        };
        self.adds_resources = true;
        self.incomplete.get_or_insert_with(|| {
            let name = kind.text().unwrap_or_default();
            let cause = format!("the module `{name}` holds resources of its own");
            Unknown::new(cause, kind.resolved().span(), "lint the template with the module written out")
        });
    }
}

/// The macro in whose place what it makes is pasted, in its short form.
pub(super) fn pasted(node: Node<'_>) -> Option<Call<'_>> {
    Call::of(node, false).filter(|call| call.tagged && call.function == Function::Transform)
}

/// A resource of another type that a macro beside its `Type` may make a bucket of.
pub(super) fn remade(root: Node<'_>) -> Option<Notice> {
    let is_kept = |name: Option<&str>| name.is_some_and(|name| HARMLESS.contains(&name) || name == INCLUDE);
    let macros = root.get("Resources")?.entries().filter_map(|(id, resource)| Some((id, resource.entry(TRANSFORM)?)));
    let mut macros = macros.filter(|(_, (_, value))| !is_kept(value.get("Name").and_then(Node::text)));
    let (id, (key, _)) = macros.next()?;
    let message = format!("a macro may make something else of resource `{}`", id.text().unwrap_or_default());
    Some(Notice { message, span: key.span() })
}

/// The macro inside a resource, at its top or at the top of its properties, which may change what stands beside it.
pub(super) fn macro_inside(resource: Node<'_>) -> Option<Unknown> {
    let properties = resource.get("Properties");
    let (key, value) = [Some(resource), properties].into_iter().flatten().find_map(|node| node.entry(TRANSFORM))?;
    Some(by(value.get("Name").and_then(Node::text), key.span()))
}
