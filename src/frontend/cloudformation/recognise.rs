//! Templates as a front end: how they are recognised.

use super::transforms::{TRANSFORM, pasted, remade, transforms};
use super::{Inputs, loops, read, refused, writer};
use crate::finding::Intent;
use crate::frontend::unread::{beside, inside, unread};
use crate::frontend::{self, Assembly, Document, Frontend, Read, ReadError, Recognised, Refusal, cdk, normal};
use crate::model::{Body, Deployed, Template};
use crate::source::{Edit, FileId, SourceFile, Sources, Span};
use crate::syntax::{self, Kind, Node, NodeId, Parse, SyntaxError};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// CloudFormation, SAM and CDK templates.
pub struct CloudFormation;

/// The sections of a template.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.
pub(super) const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    RESOURCES,
    "Rules",
    "Transform",
];

const SERVERLESS: &str = "a service of the Serverless Framework: run `serverless package`, and lint \
                          `.serverless/cloudformation-template-update-stack.json`";

const RESOURCES: &str = "Resources";

impl Frontend for CloudFormation {
    fn edits(&self, sources: &Sources, intents: &[&Intent]) -> Vec<Result<Vec<Edit>, Refusal>> {
        writer::edits(sources, intents)
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["yaml", "yml", "json", "template"]
    }

    fn words(&self) -> &'static [&'static str] {
        &["AWS::", "AWSTemplateFormatVersion", RESOURCES, "aws:cloudformation:stack", "cdk:cloud-assembly"]
    }

    fn keys(&self) -> &'static [&'static str] {
        &["AWSTemplateFormatVersion", RESOURCES]
    }

    fn sure_keys(&self) -> &'static [&'static str] {
        self.keys()
    }

    fn is_read_for_another(&self, name: &str) -> bool {
        name.ends_with(cdk::ASSETS)
    }

    fn manifest_beside(&self, name: &str) -> Option<&'static str> {
        name.ends_with(cdk::TEMPLATE).then_some(cdk::MANIFEST)
    }

    fn assembly(&self, path: &Path, text: &str) -> Option<Assembly> {
        (path.file_name()? == cdk::MANIFEST).then(|| cdk::assembly(text, &normal(path.parent()?)))?
    }

    fn types(&self) -> (&'static str, &'static [&'static str]) {
        ("Type", &["AWS::S3::Bucket", "AWS::S3::BucketPolicy"])
    }

    fn instead(&self, name: &str) -> Option<&'static str> {
        match name {
            "cdk.json" => Some("a CDK application: run `cdk synth`, and lint `cdk.out`"),
            "serverless.yml" | "serverless.yaml" | "serverless.json" | "serverless.ts" | "serverless.js" => {
                Some(SERVERLESS)
            }
            _ => None,
        }
    }

    fn recognise(&self, root: Node<'_>) -> Recognised {
        if is_template(root) || misspelt(root).is_some() {
            return Recognised::Mine;
        }
        // What the Serverless Framework deploys is a template that it makes.
        let serverless = root.get("service").is_some() && root.get("provider").is_some();
        if serverless && (root.get("functions").is_some() || root.get("resources").is_some()) {
            return Recognised::Told(format!("it is {SERVERLESS}"));
        }
        Recognised::No
    }

    fn read(&self, document: Document, inputs: &frontend::Inputs<'_>, _: &mut Sources) -> Result<Read, ReadError> {
        let inputs = given(inputs, None);
        let file = Arc::clone(document.file());
        let parse = document.into_parse();
        let (template, mut errors) = read_whole(&parse, &inputs);
        let meaning = |file: &Arc<_>| format!("{:?}", read_whole(&syntax::parse(file), &inputs));
        errors.extend(syntax::breaks_matter(&file, meaning));
        errors.sort_by_key(|error| error.span.start);
        let seen = !template.buckets.is_empty()
            || !template.policies.is_empty()
            || template.nested.iter().any(|nested| nested.body.is_some())
            || template.incomplete.is_some();
        let unread = if seen || !errors.is_empty() {
            let bodies = template.nested.iter().filter_map(|nested| nested.body.as_deref());
            let read: Vec<Span> = bodies.filter(|body| holds_template(body)).map(|body| body.within.whole()).collect();
            let is_whole = errors.is_empty() && template.incomplete.is_none();
            let others = || beside(&parse.tree, &types_of(parse.tree.root()?), NO_RESOURCE);
            inside(&parse.tree, &read).or_else(|| others().filter(|_| is_whole))
        } else {
            unread(&parse.tree, NO_RESOURCE)
        };
        let unread = unread.or_else(|| remade(parse.tree.root()?));
        Ok(Read { template, errors, covers: None, unread })
    }

    fn read_in(&self, parse: &Parse, inputs: &frontend::Inputs<'_>, deployed: Deployed) -> Option<Template> {
        Some(read(parse, &given(inputs, Some(deployed))))
    }

    fn is_linked(&self) -> bool {
        true
    }
}

/// A template, and what of it is refused.
fn read_whole(parse: &Parse, inputs: &Inputs) -> (Template, Vec<SyntaxError>) {
    let template = read(parse, inputs);
    let mut errors = refused::refused(parse);
    let told = parse.tree.root().and_then(misspelt).filter(|one| !errors.contains(one));
    errors.extend(told);
    errors.extend_from_slice(&parse.errors);
    errors.extend_from_slice(&parse.lapses);
    errors.extend(template.errors.iter().map(|one| SyntaxError::new(one.message.clone(), one.span)));
    (template, errors)
}

fn given(inputs: &frontend::Inputs<'_>, deployed: Option<Deployed>) -> Inputs {
    Inputs { parameters: Arc::clone(inputs.parameters), assume_defaults: inputs.assume_defaults, deployed }
}

/// Whether a document is a template: a mapping whose `Resources` hold resources, or that says that it is one.
fn is_template(root: Node<'_>) -> bool {
    let versioned = root.get("AWSTemplateFormatVersion").is_some()
        || transforms(root).any(|name| name.text().is_some_and(|name| name.contains("::")));
    match root.get(RESOURCES) {
        Some(resources) if pasted(resources).is_some() => true,
        Some(resources) if resources.kind() == Kind::Mapping => {
            let mut entries = resources.entries().peekable();
            versioned || entries.peek().is_none() || entries.any(|(key, value)| is_resource(key, value))
        }
        Some(_) => versioned,
        None => versioned || is_empty_stack(root),
    }
}

/// What CDK synthesizes for a stack without resources: nothing but its own parameter and rule.
fn is_empty_stack(root: Node<'_>) -> bool {
    let is_section = |(key, _): (Node<'_>, Node<'_>)| key.text().is_some_and(|key| SECTIONS.contains(&key));
    root.get("Parameters").is_some() && root.get("Rules").is_some() && root.entries().all(is_section)
}

/// Whether an entry of `Resources` is one of a template. What its type is need not be readable.
fn is_resource(key: Node<'_>, value: Node<'_>) -> bool {
    if loops::is_loop(key) || key.text() == Some(TRANSFORM) || value.get(TRANSFORM).is_some() {
        return true;
    }
    value.get("Type").is_some_and(|kind| match kind.text() {
        Some(text) => text.contains("::") || kind.tag().is_some(),
        None => kind.kind() != Kind::Null,
    })
}

/// The error of a template whose `Resources` are called otherwise.
fn misspelt(root: Node<'_>) -> Option<SyntaxError> {
    if root.get(RESOURCES).is_some() {
        return None;
    }
    let of_aws = |value: Node<'_>| {
        value
            .get("Type")
            .and_then(Node::text)
            .is_some_and(|kind| kind.starts_with("AWS::") || kind.starts_with("Custom::"))
    };
    root.entries().find_map(|(key, value)| {
        let text = key.text()?;
        let near = text.eq_ignore_ascii_case(RESOURCES) || strsim::osa_distance(text, RESOURCES) <= 2;
        let resources = near && value.entries().any(|(_, value)| of_aws(value));
        let message = format!("a template has no section `{text}`: did you mean `{RESOURCES}`?");
        resources.then(|| SyntaxError::new(message, key.span()))
    })
}

const NO_RESOURCE: &str = "it is no resource of this template";

/// The types of ours that resources have, those in loops included.
fn types_of(root: Node<'_>) -> HashSet<NodeId> {
    let mut types = HashSet::new();
    let Some(section) = root.get(RESOURCES) else { return types };
    loops::each_written(section, 0, &mut |_, resource| {
        // Most resources are something else.
        let kind = resource.get("Type").filter(|kind| kind.text().is_some_and(|text| text.contains("Bucket")));
        types.extend(kind.map(|kind| kind.resolved().id()));
    });
    types
}

/// Whether the text of a body is a template.
fn holds_template(body: &Body) -> bool {
    let file = Arc::new(SourceFile::new(FileId(0), "", body.text.as_str()));
    matches!(frontend::detect(&file), frontend::Detected::Input(..))
}
