//! Nested stacks: templates that this one deploys, with what it hands them and what they hand back.

use super::reader::{Reader, Resource};
use crate::model::{Entry, NestedStack, Output};
use crate::syntax::{Kind, Node};

impl<'a> Reader<'a> {
    /// The templates that this one deploys from a local file, as `aws cloudformation package` and SAM take them.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html>.
    pub(super) fn nested_stacks(&mut self) -> Vec<NestedStack> {
        let resources: Vec<_> = self.resources.iter().filter(|one| place_key(&one.kind).is_some()).cloned().collect();
        let mut stacks = Vec::new();
        for one in resources {
            let stack = self.within(one.loops.clone(), |reader| reader.nested_stack(&one));
            stacks.extend(stack);
        }
        stacks
    }

    fn nested_stack(&mut self, resource: &Resource<'a>) -> Option<NestedStack> {
        let properties = resource.node.get("Properties")?;
        let location = properties.get(place_key(&resource.kind)?)?.string()?;
        if location.contains("://") {
            return None;
        }
        let mut parameters = Vec::new();
        for (key, value) in properties.get("Parameters").into_iter().flat_map(Node::entries) {
            let value = self.value(value);
            let value = self.finished(value);
            parameters.extend(key.text().map(|name| Entry { key: name.to_owned(), key_span: key.span(), value }));
        }
        Some(NestedStack {
            location: location.to_owned(),
            parameters,
            outputs: self.key("attr", &format!("{}.Outputs.", resource.id)),
            template: None,
        })
    }

    /// Everything in the section `Outputs`, exported or not.
    pub(super) fn outputs(&mut self) -> Vec<Output> {
        let Some(section) = self.root.get("Outputs") else { return Vec::new() };
        let mut outputs = Vec::new();
        for entry in self.entries(section).list {
            let Some(node) = entry.value.get("Value").filter(|node| node.kind() != Kind::Null) else { continue };
            let name = entry.key;
            let value = self.within(entry.loops, |reader| {
                let value = reader.value(node);
                reader.finished(value)
            });
            outputs.push(Output { name, value });
        }
        outputs
    }
}

/// Under which property a resource type names the template that it deploys.
fn place_key(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::CloudFormation::Stack" => Some("TemplateURL"),
        "AWS::Serverless::Application" => Some("Location"),
        _ => None,
    }
}
