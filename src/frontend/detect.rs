//! What kind of input a text is, told by its content.

use super::{cloudformation, sam};
use crate::model::Format;
use crate::syntax::{Node, Tree};

/// What a text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detected {
    /// An input that bucketlint reads.
    Input(Format),
    /// Something else.
    Other {
        /// What tells it apart, as a clause: "it has no `Resources`".
        reason: String,
    },
}

/// Tells by the content what a tree is; `None` for a text that holds nothing.
///
/// A template is a mapping whose `Resources` hold mappings with a `Type`, whether or not it has an
/// `AWSTemplateFormatVersion`; a plan or a state is what `terraform show -json` prints.
#[must_use]
pub fn detect(tree: &Tree) -> Option<Detected> {
    let root = tree.root()?;
    Some(format(root).map_or_else(|reason| Detected::Other { reason }, Detected::Input))
}

fn format(root: Node<'_>) -> Result<Format, String> {
    if let Some(wrapped) = root.get("tfplan") {
        return terraform(wrapped).ok_or_else(|| "its `tfplan` is no plan".to_owned());
    }
    if let Some(format) = terraform(root) {
        return Ok(format);
    }
    if root.get("lineage").is_some() && root.get("serial").is_some() {
        return Err("it is a raw Terraform state file; give the output of `terraform show -json`".to_owned());
    }
    template(root)
}

/// See <https://developer.hashicorp.com/terraform/internals/json-format>.
fn terraform(root: Node<'_>) -> Option<Format> {
    root.get("format_version")?;
    if root.get("planned_values").is_some() || root.get("resource_changes").is_some() {
        return Some(Format::TerraformPlan);
    }
    (root.get("values").is_some() || root.get("terraform_version").is_some()).then_some(Format::TerraformState)
}

fn template(root: Node<'_>) -> Result<Format, String> {
    let Some(resources) = root.get("Resources") else {
        return Err("it has no `Resources`".to_owned());
    };
    let versioned = ["AWSTemplateFormatVersion", "Transform"].iter().any(|key| root.get(key).is_some());
    let generated = |key: &str| key == "Fn::Transform" || key.starts_with("Fn::ForEach::");
    let speaks = resources.entries().any(|(key, value)| {
        let typed = value.get("Type").and_then(Node::text).is_some_and(|kind| kind.contains("::"));
        typed || (versioned && key.text().is_some_and(generated))
    });
    if !speaks {
        return Err("its `Resources` hold no mapping with a `Type`".to_owned());
    }
    let sam = cloudformation::transforms(root).any(|name| name.text() == Some(sam::TRANSFORM));
    Ok(if sam { Format::Sam } else { Format::CloudFormation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn detected(text: &str) -> Option<Detected> {
        detect(&crate::syntax::parse(&Sources::default().add("input", text)).tree)
    }

    #[test]
    fn the_content_tells() {
        let input = |format| Some(Detected::Input(format));
        assert_eq!(detected("Resources: {B: {Type: 'AWS::S3::Bucket'}}"), input(Format::CloudFormation));
        assert_eq!(
            detected("Transform: [X, 'AWS::Serverless-2016-10-31']\nResources: {B: {Type: 'AWS::S3::Bucket'}}"),
            input(Format::Sam)
        );
        assert_eq!(
            detected("Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::X': []}"),
            input(Format::CloudFormation)
        );
        assert_eq!(detected(r#"{"format_version": "1.2", "planned_values": {}}"#), input(Format::TerraformPlan));
        assert_eq!(
            detected(r#"{"tfplan": {"format_version": "1.2", "resource_changes": []}}"#),
            input(Format::TerraformPlan)
        );
        assert_eq!(detected(r#"{"format_version": "1.0", "values": {}}"#), input(Format::TerraformState));
        assert_eq!(detected(""), None);
    }

    #[test]
    fn other_things_are_told_apart() {
        let others = [
            "apiVersion: v1\nkind: Pod\n",
            r#"{"name": "package", "dependencies": {}}"#,
            "Resources: [a, b]",
            "Resources: {A: {kind: x}}",
            r#"{"version": 4, "serial": 1, "lineage": "x", "resources": []}"#,
            "just text",
            "[]",
        ];
        for other in others {
            assert!(matches!(detected(other), Some(Detected::Other { .. })), "{other}");
        }
    }
}
