//! Input variables: where their values come from, what their types make of them, and what is not shown of them.

use super::equal::{Scalar, Typing};
use super::evaluate::{DEPTH, Evaluator, Place, Scope};
use super::tree::{Block, Expr, Item, Kind};
use super::unify::typed_as;
use super::value::{Dat, Member, Val};
use crate::model::{Symbol, SymbolKind, Unknown};
use crate::source::Span;

impl Evaluator<'_> {
    /// The value of an input variable.
    pub(super) fn variable(&self, place: &Place, name: &str, span: Span) -> Val {
        let Some(block) = place.module.variables.get(name) else {
            return self.undeclared(place, &format!("var.{name}"), span);
        };
        self.once(format!("{}|var.{name}", place.path), span, || self.variable_value(place, name, block, span))
    }

    fn variable_value(&self, place: &Place, name: &str, block: &Block, span: Span) -> Val {
        let given = if place.path.modules.is_empty() {
            self.facts.variable(name).map(|value| self.value_of(&value).at(span))
        } else {
            self.module_argument(place, name)
        };
        let scope = Scope::new(Some(place.clone()));
        let nullable = block.body.get("nullable").and_then(|flag| self.eval(flag, &scope).as_bool()).unwrap_or(true);
        let value = match (given, block.body.get("default")) {
            (Some(given), Some(default)) if given.is_null() && !nullable => self.eval(default, &scope),
            (Some(given), _) => given,
            (None, Some(default)) => self.eval(default, &scope),
            (None, None) => {
                let cause = format!("the value of variable `{name}` is not known");
                return self.unknown(span, cause, "run with the plan that sets it");
            }
        };
        let value = match (block.body.get("type"), block.body.get("default")) {
            (Some(kind), _) => self.convert(&value, kind),
            (None, Some(default)) if self.facts.is_free() => typed_as(value, &self.eval(default, &scope)),
            (None, _) => value,
        };
        match block.body.get("sensitive").map(|flag| self.eval(flag, &scope).as_bool()) {
            None | Some(Some(false)) => value,
            Some(_) => self.hidden(&value, &format!("{}|var.{name}", place.path), &format!("var.{name}"), 0),
        }
    }

    /// A sensitive value: its texts become holes, equal to themselves, so that none of them is ever printed. Flags and
    /// numbers stay.
    pub(super) fn hidden(&self, value: &Val, key: &str, shown: &str, depth: u32) -> Val {
        if depth > DEPTH || !self.spend(1) {
            return self.too_large(value.span);
        }
        let part =
            |value: &Val, part: &str| self.hidden(value, &format!("{key}{part}"), &format!("{shown}{part}"), depth + 1);
        let data = match &value.data {
            Dat::Text(_) => {
                let unknown = Unknown::new(
                    format!("`{shown}` is sensitive: its value is not looked at"),
                    value.span,
                    "keep secrets out of policies",
                );
                let key = format!("terraform:{}:sensitive:{key}", self.configuration.id);
                return Val::symbol(value.span, Symbol::new(key, SymbolKind::Free, format!("${{{shown}}}"), unknown));
            }
            Dat::List(items) => {
                Dat::List(items.iter().enumerate().map(|(index, item)| part(item, &format!("[{index}]"))).collect())
            }
            Dat::Set(_) | Dat::Open(_) | Dat::Choice(_) => {
                return self.unknown(value.span, format!("`{shown}` is sensitive: its value is not looked at"), "");
            }
            Dat::Object(members) => {
                let member = |member: &Member| Member {
                    value: part(&member.value, &format!(".{}", member.key)),
                    ..member.clone()
                };
                Dat::Object(members.iter().map(member).collect())
            }
            other => other.clone(),
        };
        Val::new(value.span, data)
    }

    fn module_argument(&self, place: &Place, name: &str) -> Option<Val> {
        let (call, scope) = self.caller(&place.path)?;
        Some(self.eval(call.body.get(name)?, &scope))
    }

    /// A value as a type (that of a variable, or one that `convert` is given) wants it.
    pub(super) fn convert(&self, value: &Val, kind: &Expr) -> Val {
        let span = value.span;
        if !self.spend(1 + value.weight()) {
            return self.too_large(span);
        }
        if matches!(value.data, Dat::Choice(_)) {
            return self.each_side(value, &|value| self.convert(value, kind));
        }
        match &kind.kind {
            Kind::Variable(name) => Self::convert_scalar(value, name),
            // A quoted type is the old way of writing it.
            Kind::Template(_) => match self.eval(kind, &Scope::new(None)).as_literal() {
                Some(name) => Self::convert_scalar(value, &name),
                None => value.clone(),
            },
            Kind::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
                ("optional", [inner, ..]) => self.convert(value, inner),
                ("list" | "set", [inner]) => match value.open_items() {
                    Some(items) if self.spend(items.len()) => {
                        let items = items.iter().map(|item| self.convert(item, inner)).collect();
                        match (&value.data, call.name.as_str()) {
                            (Dat::Open(_), _) => Val::open_list(span, items),
                            (_, "set") => self.set(&items, span),
                            _ => Val::list(span, self.uniform(&items, span)).typed(Typing::Uniform),
                        }
                    }
                    _ => value.clone(),
                },
                ("map", [inner]) => self.convert_members(value, |_, member| self.convert(member, inner)),
                ("tuple", [Expr { kind: Kind::List(kinds), .. }]) => match value.items() {
                    Some(items) if items.len() == kinds.len() => {
                        let items = items.iter().zip(kinds).map(|(item, kind)| self.convert(item, kind));
                        Val::list(span, items.collect()).typed(Typing::Seen)
                    }
                    _ => value.clone(),
                },
                ("object", [Expr { kind: Kind::Object(fields), .. }]) => self.convert_object(value, fields),
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }

    fn convert_scalar(value: &Val, name: &str) -> Val {
        match (name, value.as_literal()) {
            ("bool", Some(_)) => value.as_bool().map_or(value.clone(), |flag| Val::bool(value.span, flag)),
            ("number", Some(text)) => value.as_number().map_or(value.clone(), |_| Val::number(value.span, &text)),
            ("string", Some(text)) if !matches!(value.data, Dat::Text(_)) => Val::text(value.span, &text),
            ("string", Some(_)) => value.clone().typed(Typing::Seen),
            ("bool", None) if matches!(value.data, Dat::Text(_)) => value.clone().typed(Typing::Hole(Scalar::Bool)),
            ("number", None) if matches!(value.data, Dat::Text(_)) => value.clone().typed(Typing::Hole(Scalar::Number)),
            ("string", None) => value
                .as_frags()
                .filter(|_| value.missing().is_none())
                .map_or_else(|| value.clone(), |frags| Val::frags(value.span, frags).typed(Typing::Seen)),
            _ => value.clone(),
        }
    }

    fn convert_members(&self, value: &Val, convert: impl Fn(&str, &Val) -> Val) -> Val {
        let Some(members) = value.members().filter(|members| self.spend(members.len())) else {
            return value.clone();
        };
        let member = |member: &Member| Member { value: convert(&member.key, &member.value), ..member.clone() };
        self.uniform_members(&members.iter().map(member).collect::<Vec<_>>(), value.span)
    }

    fn convert_object(&self, value: &Val, fields: &[Item]) -> Val {
        let Some(members) = value.members() else { return value.clone() };
        let scope = Scope::new(None);
        let mut converted = Vec::new();
        for field in fields {
            let Some(key) = self.eval(&field.key, &scope).as_literal() else { return value.clone() };
            let given = members.iter().find(|member| *member.key == *key);
            let default = match &field.value.kind {
                Kind::Call(call) if call.name == "optional" => Some(call.arguments.get(1)),
                _ => None,
            };
            let made = match (given, default) {
                (Some(member), Some(Some(default))) if member.value.is_null() => self.eval(default, &scope),
                (Some(member), _) => member.value.clone(),
                (None, Some(Some(default))) => self.eval(default, &scope),
                (None, Some(None)) => Val::null(value.span),
                (None, None) => continue,
            };
            let key_span = given.map_or(field.key.span, |member| member.key_span);
            let made = self.convert(&made, &field.value);
            converted.push(Member { key: key.into(), key_span, value: made });
        }
        Val::object(value.span, converted).typed(Typing::Seen)
    }
}
