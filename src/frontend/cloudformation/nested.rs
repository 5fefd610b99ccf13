//! What a template has to do with others: the stacks that it deploys, and the outputs that it hands back or exports.

use super::properties::{OF_APPLICATION, OF_SET, OF_STACK};
use super::reader::{Reader, Resource};
use crate::frontend::body;
use crate::frontend::stack_sets::Spelling;
use crate::model::{Data, NestedStack, Notice, Output, Unknown, Value};
use crate::syntax::{Kind, Node};
use std::sync::Arc;

impl<'a> Reader<'a> {
    /// The templates that this one deploys, with what it hands them.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html>.
    pub(super) fn nested_stacks(&mut self) -> Vec<NestedStack> {
        let resources = self.resources_of(|kind| is_nested(kind) || kind == STACK_SET);
        let each = resources.iter().map(|one| self.within(one.loops.clone(), |reader| reader.stacks_of(one)));
        each.flatten().collect()
    }

    /// What one resource deploys: a stack, or a stack set for each group of its instances.
    fn stacks_of(&mut self, resource: &Resource<'a>) -> Vec<NestedStack> {
        let stack = self.nested_stack(resource);
        if !stack.is_set {
            return vec![stack];
        }
        let arguments = OF_SETS.by_key(&stack.arguments);
        let properties = resource.node.get("Properties");
        let groups = self.property(properties, OF_SETS.groups, &mut Self::finished_value);
        OF_SETS.by_group(NestedStack { arguments, ..stack }, groups.as_ref())
    }

    fn nested_stack(&mut self, resource: &Resource<'a>) -> NestedStack {
        let properties = resource.node.get("Properties");
        if let Some(properties) = properties {
            let known = match resource.kind.as_str() {
                APPLICATION => OF_APPLICATION,
                STACK_SET => OF_SET,
                _ => OF_STACK,
            };
            self.tell_misnamed(properties, known);
        }
        let written = properties.and_then(|properties| properties.get("TemplateBody"));
        let body = written.filter(|node| node.tag().is_none() && node.string().is_some()).and_then(body::of_node);
        let key = place_key(&resource.kind).unwrap_or("TemplateURL");
        let location = match self.property(properties, key, &mut Self::finished_value) {
            Some(location) => location,
            // Written in place, it lies nowhere.
            None if body.is_some() => Value::new(resource.key_span, Data::Null),
            None if written.is_some() => {
                let cause = format!("the template of `{}` is not a string that can be read", resource.id);
                Value::unknown(Unknown::new(cause, resource.key_span, "lint the template that it deploys by itself"))
            }
            None => {
                let cause = format!("`{}` does not say which template it deploys", resource.id);
                Value::unknown(Unknown::new(cause, resource.key_span, format!("give it a `{key}`")))
            }
        };
        let arguments = self.property(properties, "Parameters", &mut Self::finished_value);
        let arguments = arguments.unwrap_or_else(|| Value::map_of(resource.key_span, Vec::new()));
        let metadata = |key: &str| resource.node.get("Metadata").and_then(|metadata| metadata.get(key)?.string());
        let of_template = metadata("aws:asset:property").is_none_or(|property| property == "TemplateURL");
        NestedStack {
            address: resource.id.clone(),
            span: resource.key_span,
            location,
            body: body.map(Arc::new),
            is_set: resource.kind == STACK_SET,
            group: None,
            asset: metadata("aws:asset:path").filter(|_| of_template).map(str::to_owned),
            arguments,
            exists: self.exists(resource.node),
        }
    }

    pub(super) fn finished_value(&mut self, node: Node<'a>) -> Value {
        let value = self.value(node);
        self.finished(value)
    }

    /// Everything in the section `Outputs`, exported or not.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>.
    pub(super) fn outputs(&mut self) -> Vec<Output> {
        let section = self.section("Outputs");
        // A template may consist of them: none is held twice while the list grows.
        let mut outputs = Vec::with_capacity(section.len());
        for entry in section {
            let Some(value) = entry.value.get("Value").filter(|node| node.kind() != Kind::Null) else {
                let message = format!("output `{}` has no `Value`", entry.shown());
                self.errors.push(Notice { message, span: entry.key_span() });
                continue;
            };
            let name = entry.key().into_owned();
            let output = self.within(entry.loops, |reader| {
                let export = entry.value.get("Export").and_then(|export| export.get("Name")).map(|export| {
                    let export = reader.finished_value(export);
                    match export.data {
                        Data::Choice { .. } | Data::Unknown(_) => export,
                        _ => reader.as_text(export),
                    }
                });
                Output { name, value: reader.finished_value(value), exists: reader.exists(entry.value), export }
            });
            outputs.push(output);
        }
        outputs.shrink_to_fit();
        outputs
    }
}

/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-parameter.html>
/// and <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-stackinstances.html>.
const OF_SETS: Spelling = Spelling {
    groups: "StackInstancesGroup",
    overrides: "ParameterOverrides",
    key: "ParameterKey",
    value: "ParameterValue",
};

/// A resource that deploys one template many times, elsewhere.
const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// A nested application of SAM.
const APPLICATION: &str = "AWS::Serverless::Application";

/// Whether a resource of that type deploys a template as a part of its own stack.
pub(super) fn is_nested(kind: &str) -> bool {
    place_key(kind).is_some()
}

/// Under which property a resource type names the template that it deploys.
fn place_key(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::CloudFormation::Stack" => Some("TemplateURL"),
        APPLICATION => Some("Location"),
        _ => None,
    }
}
