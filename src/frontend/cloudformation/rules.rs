//! The section `Rules`: what CloudFormation asks of the parameters of every deployment.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html>.

use super::reader::Reader;
use crate::model::{Condition, Data, Symbol, Text, Truth, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::sync::Arc;

/// How deep rules are read.
const MAX_DEPTH: u32 = 64;

impl<'a> Reader<'a> {
    /// Reads the section `Rules` into assertions.
    pub(super) fn declare_rules(&mut self) {
        for entry in self.section("Rules") {
            let rule = entry.value;
            let applies = match rule.get("RuleCondition") {
                Some(node) => self.rule(node, MAX_DEPTH),
                None => Condition::Always,
            };
            for assertion in rule.get("Assertions").into_iter().flat_map(Node::items) {
                // One without an `Assert` is told as an error, or made by a function that no rule has.
                let holds = match assertion.get("Assert") {
                    Some(node) => self.rule(node, MAX_DEPTH),
                    None => unread(assertion.resolved().span()),
                };
                let holds = any(vec![not(applies.clone()), holds]);
                if holds == Condition::Always {
                    continue;
                }
                let mut about = holds.symbols();
                self.mentioned(rule, &mut about, MAX_DEPTH);
                self.evaluated_where(Condition::Always, |reader| reader.assert(holds, about));
            }
        }
    }

    /// The symbols of the parameters that are named anywhere in a rule: what cannot be read of it is about these.
    fn mentioned(&mut self, node: Node<'a>, out: &mut Vec<Symbol>, depth: u32) {
        if depth == 0 || !self.spend(1) {
            return;
        }
        if let Some(declaration) = node.text().and_then(|name| self.parameters.get(name)) {
            // One that is handed is what whoever deploys the template makes of it.
            let symbols = match self.argument_for(declaration) {
                Some(argument) => argument.symbols(),
                None => vec![self.parameter_symbol(declaration)],
            };
            for symbol in symbols {
                if !out.contains(&symbol) {
                    out.push(symbol);
                }
            }
        }
        for child in node.items().chain(node.entries().map(|(_, value)| value)) {
            self.mentioned(child, out, depth - 1);
        }
    }

    fn rule(&mut self, node: Node<'a>, depth: u32) -> Condition {
        let span = node.resolved().span();
        if depth == 0 || !self.spend(1) {
            return unread(span);
        }
        match node.text() {
            Some("true") => return Condition::Always,
            Some("false") => return Condition::Never,
            _ => {}
        }
        let Some((name, argument)) = function(node) else { return unread(span) };
        let items: Vec<Node<'a>> = argument.items().collect();
        match (name.as_str(), items.as_slice()) {
            ("Fn::And", [_, ..]) => all(items.iter().map(|item| self.rule(*item, depth - 1)).collect()),
            ("Fn::Or", [_, ..]) => any(items.iter().map(|item| self.rule(*item, depth - 1)).collect()),
            ("Fn::Not", [inner]) => not(self.rule(*inner, depth - 1)),
            ("Fn::Equals", [one, two]) => match (self.rule_text(*one), self.rule_text(*two)) {
                (Some(one), Some(two)) => equals(&one, &two),
                _ => unread(span),
            },
            ("Fn::Contains", [list, value]) => match (self.rule_list(*list), self.rule_text(*value)) {
                (Some(list), Some(value)) => contains(&list, &value),
                _ => unread(span),
            },
            ("Fn::EachMemberEquals", [list, value]) => match (self.rule_list(*list), self.rule_text(*value)) {
                (Some(list), Some(value)) => all(list.iter().map(|item| equals(item, &value)).collect()),
                _ => unread(span),
            },
            ("Fn::EachMemberIn", [members, list]) => match (self.rule_list(*members), self.rule_list(*list)) {
                (Some(members), Some(list)) => all(members.iter().map(|member| contains(&list, member)).collect()),
                _ => unread(span),
            },
            _ => unread(span),
        }
    }

    fn rule_text(&mut self, node: Node<'a>) -> Option<Text> {
        let value = self.value(node);
        let value = self.as_text(value);
        // What hangs on a lookup in the account is not known to any template.
        function(node).is_none_or(|(name, _)| name != "Fn::ValueOf").then_some(())?;
        match value.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    fn rule_list(&mut self, node: Node<'a>) -> Option<Vec<Text>> {
        let value = self.value(node);
        let Data::List(items) = &value.data else { return None };
        let text = |item: &Value| {
            let item = self.as_text(item.clone());
            match item.data {
                Data::Text(text) => Some(text),
                _ => None,
            }
        };
        items.iter().map(text).collect()
    }
}

/// A function of rules with its argument, in the short or the long form.
fn function(node: Node<'_>) -> Option<(String, Node<'_>)> {
    if let Some(tag) = node.tag() {
        return Some((format!("Fn::{}", tag.strip_prefix('!')?), node));
    }
    if node.kind() != Kind::Mapping {
        return None;
    }
    let mut entries = node.entries();
    let (key, value) = entries.next()?;
    let name = key.text().filter(|name| name.starts_with("Fn::"))?;
    entries.next().is_none().then(|| (name.to_owned(), value))
}

fn unread(span: Span) -> Condition {
    let unknown = Unknown::new("an assertion of `Rules` cannot be told", span, "compare parameters with literals");
    Condition::Unknown(Arc::new(unknown))
}

fn equals(one: &Text, two: &Text) -> Condition {
    match one.equals(two) {
        Truth::Yes => Condition::Always,
        Truth::No => Condition::Never,
        Truth::Maybe => Condition::Equals(one.clone(), two.clone()),
    }
}

fn contains(list: &[Text], value: &Text) -> Condition {
    any(list.iter().map(|item| equals(item, value)).collect())
}

fn not(condition: Condition) -> Condition {
    match condition {
        Condition::Always => Condition::Never,
        Condition::Never => Condition::Always,
        other => Condition::Not(Arc::new(other)),
    }
}

fn all(parts: Vec<Condition>) -> Condition {
    if parts.contains(&Condition::Never) {
        return Condition::Never;
    }
    let kept: Vec<_> = parts.into_iter().filter(|part| *part != Condition::Always).collect();
    if kept.is_empty() { Condition::Always } else { Condition::All(kept.into()) }
}

fn any(parts: Vec<Condition>) -> Condition {
    if parts.contains(&Condition::Always) {
        return Condition::Always;
    }
    let kept: Vec<_> = parts.into_iter().filter(|part| *part != Condition::Never).collect();
    if kept.is_empty() { Condition::Never } else { Condition::Any(kept.into()) }
}
