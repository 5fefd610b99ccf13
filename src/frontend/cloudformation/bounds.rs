//! What a parameter's declaration says of its values.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html> and
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>.

use super::parameters::text_of;
use crate::model::{Domain, Unknown, is_canonical};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::sync::Arc;

/// The identifiers that types of AWS's own ask for: of something that exists, so that the type alone bounds them.
const IDENTIFIERS: [(&str, &str); 10] = [
    ("AWS::EC2::AvailabilityZone::Name", "[a-z]+(-[a-z0-9]+)+[a-z]"),
    ("AWS::EC2::Image::Id", "ami-[0-9a-f]+"),
    ("AWS::EC2::Instance::Id", "i-[0-9a-f]+"),
    ("AWS::EC2::KeyPair::KeyName", ".+"),
    ("AWS::EC2::SecurityGroup::GroupName", ".+"),
    ("AWS::EC2::SecurityGroup::Id", "sg-[0-9a-f]+"),
    ("AWS::EC2::Subnet::Id", "subnet-[0-9a-f]+"),
    ("AWS::EC2::Volume::Id", "vol-[0-9a-f]+"),
    ("AWS::EC2::VPC::Id", "vpc-[0-9a-f]+"),
    ("AWS::Route53::HostedZone::Id", "[A-Z0-9]+"),
];

/// The values that a parameter called `name`, of type `kind`, or each of its items, may have.
pub(super) fn read(name: &str, kind: &str, node: Node<'_>) -> Arc<Domain> {
    // What is looked up in Systems Manager is checked against nothing: the bounds are those of the place's name.
    if kind.starts_with("AWS::SSM::Parameter::Value<") {
        return Domain::any();
    }
    let item = kind.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(kind);
    let mut bounds = Bounds { name, domain: Domain::default() };
    if item == "Number" {
        bounds.domain.number = Some((bounds.number(node, "MinValue"), bounds.number(node, "MaxValue")));
    } else if let Some((_, expression)) = IDENTIFIERS.iter().find(|(known, _)| *known == item) {
        bounds.domain = Domain { ..Domain::matching(expression) };
    } else if kind == "String" {
        bounds.domain.shortest = bounds.length(node, "MinLength").unwrap_or(0);
        bounds.domain.longest = bounds.length(node, "MaxLength");
    }
    if let Some(pattern) = node.get("AllowedPattern").filter(|_| item == "String" || item == "CommaDelimitedList") {
        bounds.pattern(pattern);
    }
    if let Some(list) = node.get("AllowedValues") {
        bounds.allowed(list);
    }
    bounds.domain.shared()
}

struct Bounds<'n> {
    name: &'n str,
    domain: Domain,
}

impl Bounds<'_> {
    /// Something that bounds the values and is not understood.
    fn unread(&mut self, what: &str, span: Span, remedy: &str) {
        let cause = format!("{what} of parameter `{}` is not understood", self.name);
        self.domain.unread.get_or_insert_with(|| Arc::new(Unknown::new(cause, span, remedy)));
    }

    fn pattern(&mut self, node: Node<'_>) {
        let remedy = "write the pattern with classes, groups and quantifiers only, or give the parameter's value with \
                      `--parameters`";
        let read = node.string().map(|written| Domain::matching(written).pattern);
        match read {
            Some(Some(pattern)) => self.domain.pattern = Some(pattern),
            _ => self.unread("the `AllowedPattern`", node.resolved().span(), remedy),
        }
    }

    /// A list without values proves nothing.
    fn allowed(&mut self, list: Node<'_>) {
        if list.kind() != Kind::Sequence || super::call::Call::of(list, false).is_some() {
            self.unread("`AllowedValues`", list.resolved().span(), "write the values as a list");
            return;
        }
        let mut allowed = Vec::new();
        let mut whole = true;
        for item in list.items() {
            let plain = item.kind() != Kind::Number || item.text().is_some_and(is_canonical);
            if let Some(text) = text_of(item).filter(|_| plain && super::call::Call::of(item, false).is_none()) {
                allowed.push(text);
            } else {
                whole = false;
                self.unread("a value of `AllowedValues`", item.resolved().span(), "put it in quotes");
            }
        }
        // With one of them not known, any text may be that one.
        if whole && !allowed.is_empty() {
            self.domain.allowed = Some(allowed);
        }
    }

    fn length(&mut self, node: Node<'_>, key: &str) -> Option<usize> {
        let bound = node.get(key)?;
        let length = number_text(bound).and_then(|text| text.parse().ok());
        if length.is_none() {
            self.unread(&format!("the `{key}`"), bound.resolved().span(), "write a whole number");
        }
        length
    }

    fn number(&mut self, node: Node<'_>, key: &str) -> Option<f64> {
        let bound = node.get(key)?;
        let number = number_text(bound).and_then(|text| text.parse().ok()).filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.unread(&format!("the `{key}`"), bound.resolved().span(), "write a number");
        }
        number
    }
}

/// What a bound says; `None` for a number with a leading zero, which some of the tools on its way take for an octal one.
fn number_text(bound: Node<'_>) -> Option<&str> {
    let text = bound.text()?.trim();
    let mut digits = text.trim_start_matches(['-', '+']).chars();
    let octal = digits.next() == Some('0') && digits.next().is_some_and(|next| next.is_ascii_digit());
    (bound.kind() != Kind::Number || !octal).then_some(text)
}
