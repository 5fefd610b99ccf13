//! Files of one group share the parameters of equal name: the first file's symbols stand for all, those of parts of the
//! value too, and the bounds of each hold.

use super::deployment::Deployment;
use super::names::Definition;
use crate::model::{Assertion, Condition, Data, Domain, Name, Parameter, Part, Symbol, Text, Unknown, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Puts the symbols of the first file that has a parameter in the place of the others'.
pub(super) fn shared_parameters(deployment: &mut Deployment, open: &mut HashMap<Symbol, Definition>) {
    let mut shared = Shared::default();
    for (at, (place, template)) in deployment.places.iter().zip(&mut deployment.templates).enumerate() {
        let Some(group) = place.group.filter(|_| place.parent.is_none()) else { continue };
        for parameter in &template.parameters {
            let Some(symbol) = shared.symbol(group, at, parameter) else { continue };
            let text = Text::hole(symbol);
            if parameter.part == Part::Whole && *parameter.domain != Domain::default() {
                let within = Condition::within(text.clone(), Arc::clone(&parameter.domain));
                template.assertions.push(Assertion::that(within));
            }
            let value = Value::new(parameter.symbol.unknown().span, Data::Text(text));
            open.insert(parameter.symbol.clone(), Definition::plain(value));
        }
    }
    for (at, parameter) in shared.more {
        if let Some(template) = deployment.templates.get_mut(at) {
            template.parameters.push(parameter);
        }
    }
}

/// The parameters of the groups, by group and name.
#[derive(Default)]
struct Shared {
    first: HashMap<(u32, String), FirstOf>,
    /// Parts that another file than the first asks for, with the number of the first.
    more: Vec<(usize, Parameter)>,
}

/// The first file with a parameter, and what stands there for the value and its parts.
struct FirstOf {
    at: usize,
    symbols: Vec<(Part, Symbol)>,
}

impl Shared {
    /// What stands for a parameter, or a part of one, of file number `at`; `None` where that is its own symbol.
    fn symbol(&mut self, group: u32, at: usize, parameter: &Parameter) -> Option<Symbol> {
        let first =
            self.first.entry((group, parameter.name.clone())).or_insert_with(|| FirstOf { at, symbols: Vec::new() });
        if let Some((_, known)) = first.symbols.iter().find(|(part, _)| *part == parameter.part) {
            return Some(known.clone());
        }
        if first.at == at {
            first.symbols.push((parameter.part.clone(), parameter.symbol.clone()));
            return None;
        }
        let (_, whole) = first.symbols.iter().find(|(part, _)| *part == Part::Whole)?;
        let own = &parameter.symbol;
        let name = match own.name() {
            Name::Part(_, key) => Name::Part(whole.clone(), Arc::clone(key)),
            name => name.clone(),
        };
        let symbol =
            Symbol::scoped(whole.scope(), name, own.kind().clone(), own.shown(), Unknown::clone(own.unknown()));
        first.symbols.push((parameter.part.clone(), symbol.clone()));
        self.more.push((first.at, Parameter { symbol: symbol.clone(), ..parameter.clone() }));
        Some(symbol)
    }
}
