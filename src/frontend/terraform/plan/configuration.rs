//! The `configuration` of a plan: what refers to what. One entry a block, no instances, no evidence of its own.

use super::skeleton::{Element, Scope, Searches, element};
use super::stream::{Entries, Items, Lenient, Object, raw, skip};
use crate::source::Span;
use serde::de::MapAccess;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A module's configuration.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The blocks that concern us, by their address in the module (`data.aws_iam_policy_document.tls`).
    pub(crate) blocks: BTreeMap<String, Element>,
    /// The outputs, by name: where each stands.
    pub(crate) outputs: BTreeMap<String, Span>,
    /// The declared variables, by name: where each stands.
    pub(crate) variables: BTreeMap<String, Span>,
    /// The modules that it calls, by name.
    pub(crate) calls: BTreeMap<String, Call>,
}

/// A module call.
#[derive(Debug, Default)]
pub(crate) struct Call {
    /// The module's source, as written.
    pub(crate) source: Option<String>,
    /// Where the arguments stand.
    pub(crate) expressions: Option<Span>,
    /// True with `count` or `for_each`.
    pub(crate) repeated: bool,
    /// Where the expression of `for_each` stands.
    pub(crate) for_each: Option<Span>,
    /// The module that is called.
    pub(crate) module: Module,
}

/// Reads a module of the configuration, and the modules in it.
pub(super) struct ModuleReader<'x, 'de> {
    scope: Scope<'de>,
    searches: &'x Searches,
    pub(super) out: Module,
}

impl<'x, 'de> ModuleReader<'x, 'de> {
    pub(super) fn new(scope: Scope<'de>, searches: &'x Searches) -> Self {
        Self { scope, searches, out: Module::default() }
    }
}

impl<'de> Object<'de> for ModuleReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let (scope, searches) = (self.scope, self.searches);
        match key {
            "resources" => {
                let blocks = &mut self.out.blocks;
                map.next_value_seed(Items(|entry| {
                    // One that cannot be read is evidence of nothing: a configuration never is by itself.
                    let block = element(scope, entry, searches).ok().flatten();
                    blocks.extend(block.map(|block| (block.address.clone(), block)));
                }))
            }
            "outputs" => map.next_value_seed(Entries(&mut Places { scope, out: &mut self.out.outputs })),
            "variables" => map.next_value_seed(Entries(&mut Places { scope, out: &mut self.out.variables })),
            "module_calls" => {
                map.next_value_seed(Entries(&mut CallsReader { scope, searches, out: &mut self.out.calls }))
            }
            _ => skip(map),
        }
    }
}

/// Reads an object as places by name.
struct Places<'x, 'de> {
    scope: Scope<'de>,
    out: &'x mut BTreeMap<String, Span>,
}

impl<'de> Object<'de> for Places<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.out.insert(key.to_owned(), self.scope.span(raw(map)?));
        Ok(())
    }
}

struct CallsReader<'x, 'de> {
    scope: Scope<'de>,
    searches: &'x Searches,
    out: &'x mut BTreeMap<String, Call>,
}

impl<'de> Object<'de> for CallsReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let mut reader = CallReader { scope: self.scope, searches: self.searches, out: Call::default() };
        map.next_value_seed(Entries(&mut reader))?;
        self.out.insert(key.to_owned(), reader.out);
        Ok(())
    }
}

struct CallReader<'x, 'de> {
    scope: Scope<'de>,
    searches: &'x Searches,
    out: Call,
}

impl<'de> Object<'de> for CallReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "source" => self.out.source = map.next_value::<Lenient>()?.0.map(Cow::into_owned),
            "expressions" => self.out.expressions = Some(self.scope.span(raw(map)?)),
            "count_expression" => {
                self.out.repeated = true;
                return skip(map);
            }
            "for_each_expression" => {
                self.out.repeated = true;
                self.out.for_each = Some(self.scope.span(raw(map)?));
            }
            "module" => {
                let mut reader = ModuleReader::new(self.scope, self.searches);
                map.next_value_seed(Entries(&mut reader))?;
                self.out.module = reader.out;
            }
            _ => return skip(map),
        }
        Ok(())
    }
}
