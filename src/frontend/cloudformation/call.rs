//! Intrinsic functions as they are written: `!Sub …`, or a mapping of the one key `Fn::Sub`.

use crate::source::Span;
use crate::syntax::{Kind, Node};

/// An intrinsic function: all that the reference lists as of 2026-11-26. (`Fn::ForEach` stands where keys do and is read in
/// `loops`; the functions of the section `Rules` are read in `rules`.)
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html> and
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Ref,
    GetAtt,
    Sub,
    Join,
    Select,
    Split,
    FindInMap,
    If,
    And,
    Or,
    Not,
    Equals,
    Condition,
    Base64,
    GetAzs,
    Cidr,
    ImportValue,
    GetStackOutput,
    Transform,
    ToJsonString,
    Length,
    /// A name that CloudFormation does not have, or a function with further keys beside it.
    Other,
}

/// A function with its argument.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// Which one.
    pub(super) function: Function,
    /// Its full name, `Fn::Sub`.
    pub(super) name: String,
    /// Its argument. Where `tagged`, this is the node that carries the tag.
    pub(super) argument: Node<'a>,
    /// True for the short form.
    pub(super) tagged: bool,
    /// The whole expression.
    pub(super) span: Span,
}

impl<'a> Call<'a> {
    /// The function that stands at `node`, where a value is read. `ignore_tag` looks at what a tag is put on.
    pub(super) fn of(node: Node<'a>, ignore_tag: bool) -> Option<Self> {
        match node.tag() {
            Some(tag) if !ignore_tag => Self::short(node, tag),
            _ => Self::long(node).filter(|call| call.function != Function::Condition),
        }
    }

    /// The same where a condition is read: there `Condition` is a function too.
    pub(super) fn of_condition(node: Node<'a>, ignore_tag: bool) -> Option<Self> {
        match node.tag() {
            Some(tag) if !ignore_tag => Self::short(node, tag),
            _ => Self::long(node),
        }
    }

    fn short(node: Node<'a>, tag: &str) -> Option<Self> {
        let short = tag.strip_prefix('!').filter(|name| !name.starts_with('!'))?;
        let name = match short {
            "Ref" | "Condition" => short.to_owned(),
            other => format!("Fn::{other}"),
        };
        let place = node.resolved();
        let span = place.tag_span().map_or(place.span(), |tag| tag.to(place.span()));
        Some(Self { function: Function::named(&name), name, argument: node, tagged: true, span })
    }

    fn long(node: Node<'a>) -> Option<Self> {
        if node.kind() != Kind::Mapping {
            return None;
        }
        let mut found = None;
        let mut count = 0usize;
        for (key, value) in node.entries() {
            count += 1;
            let name = key.text().unwrap_or("");
            let function = Function::named(name);
            let is_call =
                function != Function::Other || (name.starts_with("Fn::") && !name.starts_with("Fn::ForEach::"));
            // A transform rewrites what stands beside it, so it is the one that counts.
            let beats = found.as_ref().is_none_or(|call: &Self| call.function != Function::Transform);
            if is_call && beats {
                let span = node.resolved().span();
                found = Some(Self { function, name: name.to_owned(), argument: value, tagged: false, span });
            }
        }
        let mut call = found?;
        if count > 1 && call.function != Function::Transform {
            // `Ref` and `Condition` beside other keys are plain keys (a statement's `Condition`).
            if !call.name.starts_with("Fn::") {
                return None;
            }
            call.function = Function::Other;
        }
        Some(call)
    }

    /// The items of the argument, where it is a list.
    pub(super) fn items(&self) -> Vec<Node<'a>> {
        self.argument.items().collect()
    }
}

impl Function {
    /// The function with that full name.
    fn named(name: &str) -> Self {
        match name {
            "Ref" => Self::Ref,
            "Condition" => Self::Condition,
            "Fn::GetAtt" => Self::GetAtt,
            "Fn::Sub" => Self::Sub,
            "Fn::Join" => Self::Join,
            "Fn::Select" => Self::Select,
            "Fn::Split" => Self::Split,
            "Fn::FindInMap" => Self::FindInMap,
            "Fn::If" => Self::If,
            "Fn::And" => Self::And,
            "Fn::Or" => Self::Or,
            "Fn::Not" => Self::Not,
            "Fn::Equals" => Self::Equals,
            "Fn::Base64" => Self::Base64,
            "Fn::GetAZs" => Self::GetAzs,
            "Fn::Cidr" => Self::Cidr,
            "Fn::ImportValue" => Self::ImportValue,
            "Fn::GetStackOutput" => Self::GetStackOutput,
            "Fn::Transform" => Self::Transform,
            "Fn::ToJsonString" => Self::ToJsonString,
            "Fn::Length" => Self::Length,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pseudo;

    #[test]
    fn every_function_of_the_reference_is_known() {
        let reference = [
            "Ref",
            "Condition",
            "And",
            "Base64",
            "Cidr",
            "Equals",
            "FindInMap",
            "GetAZs",
            "GetAtt",
            "GetStackOutput",
            "If",
            "ImportValue",
            "Join",
            "Length",
            "Not",
            "Or",
            "Select",
            "Split",
            "Sub",
            "ToJsonString",
            "Transform",
        ];
        for name in reference {
            let full = if ["Ref", "Condition"].contains(&name) { name.to_owned() } else { format!("Fn::{name}") };
            assert_ne!(Function::named(&full), Function::Other, "{full}");
        }
        assert!(crate::frontend::cloudformation::loops::PREFIX.starts_with("Fn::ForEach"));
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>, as of 2026-11-26.
    /// `NoValue` and `NotificationARNs` are no texts, and are read by themselves.
    #[test]
    fn every_pseudo_parameter_of_the_reference_is_known() {
        for name in ["AccountId", "Partition", "Region", "StackId", "StackName", "URLSuffix"] {
            assert!(Pseudo::named(&format!("AWS::{name}")).is_some(), "{name}");
        }
    }
}
