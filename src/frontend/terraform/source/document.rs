//! Data sources that are computed without asking anybody: `aws_iam_policy_document` and `template_file`.

use super::super::address::Address;
use super::super::document::assemble;
use super::evaluate::{Evaluator, Scope};
use super::tree::{Block, Body, Kind};
use super::value::{Dat, Member, Val};
use crate::model::{Condition, Data, Entry, Value};
use crate::source::Span;
use std::sync::Arc;

/// Arguments that Terraform itself takes out of a block.
const META: [&str; 6] = ["count", "for_each", "depends_on", "provider", "lifecycle", "provisioner"];
/// How deeply blocks are nested at most; a document nests two.
const DEPTH: u32 = 16;

impl Evaluator<'_> {
    /// The `json` of an `aws_iam_policy_document`. What the plan knows of it counts; the source's own rendering of the
    /// same document is preferred for its places.
    pub(super) fn document_json(&self, address: &Arc<Address>, known: Option<Val>, span: Span) -> Val {
        let made = self.once(format!("{address}|json"), span, || self.document(address, span));
        let known = known.filter(|known| known.missing().is_none()).map(|known| match known.as_json() {
            Some(_) => known,
            None => Val::json(span, self.parse_json(&known, span)),
        });
        let Some(known) = known else { return made };
        let known_inside = known.as_json().map(|inside| self.modelled(inside));
        let made_inside = made.as_json().map(|inside| self.modelled(inside));
        match (known_inside, made_inside) {
            (Some(one), Some(two)) if super::same_policy(&one, &two) => made,
            _ => known,
        }
    }

    fn document(&self, address: &Arc<Address>, span: Span) -> Val {
        let (Some(place), Some(block)) = (self.configuration.place_of(address), self.configuration.block_of(address))
        else {
            return self.unknown(span, format!("the source of `{address}` is not at hand"), "put it beside the plan");
        };
        let scope = self.instance_scope(&place, block, address, address.last_key());
        let arguments = self.block_value(&block.body, &scope, block.header, 0);
        let arguments = self.with_documents(&arguments);
        let document = assemble(&self.modelled(&arguments), block.header);
        Val::json(block.header, self.value_of(&document))
    }

    /// The arguments, with the text of each document to merge read as JSON.
    fn with_documents(&self, arguments: &Val) -> Val {
        const DOCUMENTS: [&str; 4] =
            ["source_json", "source_policy_documents", "override_policy_documents", "override_json"];
        let Some(members) = arguments.members() else { return arguments.clone() };
        let read = |value: &Val| match &value.data {
            Dat::Text(_) if value.as_json().is_none() && value.as_literal().as_deref() != Some("") => {
                Val::json(value.span, self.parse_json(value, value.span))
            }
            _ => value.clone(),
        };
        let member = |member: &Member| {
            let value = match member.value.open_items() {
                _ if !DOCUMENTS.contains(&&*member.key) => member.value.clone(),
                Some(items) => {
                    Val::open_list(member.value.span, items.iter().map(|item| self.each_side(item, &read)).collect())
                }
                None => self.each_side(&member.value, &|value| match value.open_items() {
                    Some(items) => Val::open_list(value.span, items.iter().map(read).collect()),
                    None => read(value),
                }),
            };
            Member { value, ..member.clone() }
        };
        Val::object(arguments.span, members.iter().map(member).collect())
    }

    /// A block as an object: its arguments, and the blocks in it as lists by their name, dynamic ones included.
    fn block_value(&self, body: &Body, scope: &Scope, span: Span, depth: u32) -> Val {
        if depth > DEPTH || !self.spend(1) {
            return self.too_large(span);
        }
        let mut members: Vec<Member> = Vec::new();
        for (name, attribute) in body.attributes.iter().filter(|(name, _)| !META.contains(&name.as_str())) {
            let value = self.eval(&attribute.value, scope);
            members.push(Member { key: name.as_str().into(), key_span: attribute.key_span, value });
        }
        for nested in body.blocks.iter().filter(|nested| !META.contains(&nested.kind.as_str())) {
            let (name, values) = match (nested.kind.as_str(), nested.labels.first()) {
                ("dynamic", Some(name)) => (name, self.dynamic(name, nested, scope, depth)),
                _ => (&nested.kind, vec![self.block_value(&nested.body, scope, nested.span, depth + 1)]),
            };
            match members.iter_mut().find(|member| *member.key == **name) {
                Some(member) => {
                    let mut all = member.value.open_items().map(|items| items.to_vec()).unwrap_or_default();
                    if !self.spend(all.len() + values.len()) {
                        return self.too_large(span);
                    }
                    all.extend(values);
                    member.value = Val::open_list(member.value.span, all);
                }
                None => members.push(Member {
                    key: name.as_str().into(),
                    key_span: nested.header,
                    value: Val::open_list(nested.span, values),
                }),
            }
        }
        Val::object(span, members)
    }

    /// The blocks that a `dynamic` block makes; one unknown where their number is not known.
    fn dynamic(&self, name: &str, block: &Block, scope: &Scope, depth: u32) -> Vec<Val> {
        let content = block.body.blocks.iter().find(|nested| nested.kind == "content");
        let (Some(collection), Some(content)) = (block.body.get("for_each"), content) else {
            return vec![self.failed(block.header, "the dynamic block has no `for_each` or no `content`")];
        };
        let collection = self.eval(collection, scope);
        let iterator = block.body.get("iterator").and_then(|iterator| match &iterator.kind {
            Kind::Variable(name) => Some(name.clone()),
            _ => self.eval(iterator, scope).as_literal(),
        });
        let iterator = iterator.as_deref().unwrap_or(name);
        let member = |name: &str, value: Val| Member { key: name.into(), key_span: block.header, value };
        let turn = |key: Val, value: Val| {
            let item = Val::object(block.header, vec![member("key", key), member("value", value)]);
            self.block_value(&content.body, &scope.with(iterator, item), content.span, depth + 1)
        };
        self.turns(&collection, block, &turn, 0)
    }

    /// What is made of each item of a collection.
    fn turns(&self, collection: &Val, block: &Block, turn: &dyn Fn(Val, Val) -> Val, depth: u32) -> Vec<Val> {
        match &collection.data {
            Dat::Choice(choice) if depth < DEPTH => {
                let not = Condition::not(choice.condition.clone());
                let on = |side: &Val, condition: &Condition| -> Vec<Val> {
                    let made = self.turns(side, block, turn, depth + 1);
                    made.into_iter().map(|item| Self::item_if(condition, item)).collect()
                };
                let (then, otherwise) = (on(&choice.then, &choice.condition), on(&choice.otherwise, &not));
                [then, otherwise].concat()
            }
            Dat::Open(items) if self.spend(items.len()) => {
                let key = || self.unknown(block.header, "the place of an item in the list is not known", "");
                let open = |item: &Val| match item.missing() {
                    Some(_) => self.not_known(item, block.span, ""),
                    None => turn(key(), item.clone()),
                };
                items.iter().map(|item| self.each_side(item, &open)).collect()
            }
            Dat::Open(_) => vec![self.too_large(block.span)],
            _ => match self.pairs(collection) {
                Ok(pairs) => pairs.into_iter().map(|(key, value)| turn(key, value)).collect(),
                Err(unknown) => vec![unknown.at(block.span)],
            },
        }
    }

    /// The `rendered` of a `template_file`.
    pub(super) fn template_file(&self, address: &Arc<Address>, span: Span) -> Option<Val> {
        let place = self.configuration.place_of(address)?;
        let block = self.configuration.block_of(address)?;
        let scope = self.instance_scope(&place, block, address, address.last_key());
        let template = self.eval(block.body.get("template")?, &scope);
        let variables = match block.body.get("vars") {
            Some(variables) => self.eval(variables, &scope),
            None => Val::object(span, Vec::new()),
        };
        Some(self.render_string(&template, &variables, span))
    }

    /// The value of a policy argument: its JSON as a structure.
    pub(super) fn policy(&self, value: &Val) -> Value {
        self.modelled(&self.structure(value))
    }

    /// The structure that a text holds as JSON.
    fn structure(&self, value: &Val) -> Val {
        match &value.data {
            // A text that is known and no JSON is no policy, as it is in a plan.
            Dat::Text(_) if value.as_literal().is_some_and(|text| !is_json(&text)) => value.clone(),
            Dat::Text(_) => self.parse_json(value, value.span),
            Dat::Choice(choice) => {
                let (then, otherwise) = (self.structure(&choice.then), self.structure(&choice.otherwise));
                Val::choice(value.span, choice.condition.clone(), then, otherwise)
            }
            _ => value.clone(),
        }
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether two policy documents say the same: places, the order of keys and of alternatives, and the ways to write
/// one value (alone or in a list, `false` or `"false"`) make no difference. False where anything is unknown.
#[must_use]
pub fn same_policy(one: &Value, two: &Value) -> bool {
    match (canonical(one, 0), canonical(two, 0)) {
        (Some(one), Some(two)) => one == two,
        _ => false,
    }
}

fn canonical(value: &Value, depth: u32) -> Option<String> {
    if depth > 100 {
        return None;
    }
    Some(match &value.data {
        Data::Null | Data::Absent => "null".to_owned(),
        Data::Bool(_) | Data::Number(_) | Data::Text(_) => format!("{:?}", value.scalar_text()?.as_literal()?),
        Data::List(items) => {
            let mut items: Vec<String> = items.iter().map(|item| canonical(item, depth + 1)).collect::<Option<_>>()?;
            items.sort();
            match items.as_slice() {
                [one] => one.clone(),
                items => format!("[{}]", items.join(",")),
            }
        }
        Data::Map(entries) => {
            let entry = |entry: &Entry| Some(format!("{:?}:{}", entry.key, canonical(&entry.value, depth + 1)?));
            let mut entries: Vec<String> = entries.iter().map(entry).collect::<Option<_>>()?;
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Data::Json(inner) => format!("json {}", canonical(inner, depth + 1)?),
        Data::Choice { .. } | Data::Unknown(_) => return None,
    })
}
