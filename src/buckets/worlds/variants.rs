//! A value with choices in it, taken apart into what it may be, each with the worlds in which it is.

use super::diagram::{NONE, Set};
use super::space::Space;
use crate::model::{Data, Entry, Symbol, Text, Value};
use std::sync::Arc;

/// A value that holds choices is taken apart into no more than so many.
pub(in crate::buckets) const MAX_VARIANTS: usize = 512;
/// A chosen text may hold chosen ones, so deep.
const MAX_DEPTH: u32 = 8;

/// What something is, in some worlds.
#[derive(Clone, Debug)]
pub(in crate::buckets) struct Variant<T> {
    /// The worlds.
    pub(in crate::buckets) worlds: Set,
    /// What it is there.
    pub(in crate::buckets) value: T,
}

/// All that something may be. Worlds of two of them are apart.
type Variants<T> = Option<Vec<Variant<T>>>;

impl Space<'_> {
    /// All that a value may be in `worlds`, without choices; `None` where that is too much. With `listed`, parameters
    /// with listed values have each of these.
    pub(in crate::buckets) fn variants(&mut self, value: &Value, worlds: Set, listed: bool) -> Variants<Value> {
        if worlds == NONE {
            return Some(Vec::new());
        }
        if !self.differs(value, listed) {
            return Some(vec![Variant { worlds, value: value.clone() }]);
        }
        match &value.data {
            Data::Choice { condition, then, otherwise } => {
                let (there, elsewhere) = self.split(worlds, condition);
                let mut all = self.variants(then, there, listed)?;
                all.extend(self.variants(otherwise, elsewhere, listed)?);
                (all.len() <= MAX_VARIANTS).then_some(all)
            }
            Data::Text(text) => {
                let texts = self.text_variants(text, worlds, listed)?;
                Some(texts.into_iter().map(|one| one.with(Data::Text(one.value.clone()), value)).collect())
            }
            Data::Json(inner) => {
                let inner = self.variants(inner, worlds, listed)?;
                Some(inner.into_iter().map(|one| one.with(Data::Json(Arc::new(one.value.clone())), value)).collect())
            }
            Data::List(items) => {
                let lists = self.products(items, worlds, &|item| item, &|_, value| value, listed)?;
                Some(lists.into_iter().map(|one| one.with(Data::List(one.value.clone().into()), value)).collect())
            }
            Data::Map(entries) => {
                let entry = |entry: &Entry, value| Entry { value, ..entry.clone() };
                let maps = self.products(entries, worlds, &|entry| &entry.value, &entry, listed)?;
                Some(maps.into_iter().map(|one| one.with(Data::Map(one.value.clone().into()), value)).collect())
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent | Data::Unknown(_) => {
                Some(vec![Variant { worlds, value: value.clone() }])
            }
        }
    }

    /// All combinations of what some parts may be.
    fn products<T, U: Clone>(
        &mut self,
        parts: &[T],
        worlds: Set,
        value: &dyn Fn(&T) -> &Value,
        make: &dyn Fn(&T, Value) -> U,
        listed: bool,
    ) -> Variants<Vec<U>> {
        let mut all = vec![Variant { worlds, value: Vec::with_capacity(parts.len()) }];
        for part in parts {
            if !self.differs(value(part), listed) {
                for one in &mut all {
                    one.value.push(make(part, value(part).clone()));
                }
                continue;
            }
            let mut next = Vec::new();
            for one in all {
                for inner in self.variants(value(part), one.worlds, listed)? {
                    let mut longer = one.value.clone();
                    longer.push(make(part, inner.value));
                    next.push(Variant { worlds: inner.worlds, value: longer });
                    if next.len() > MAX_VARIANTS {
                        return None;
                    }
                }
            }
            all = next;
        }
        Some(all)
    }

    /// All that a text may be.
    pub(in crate::buckets) fn text_variants(&mut self, text: &Text, worlds: Set, listed: bool) -> Variants<Text> {
        self.text_below(text, worlds, listed, MAX_DEPTH)
    }

    fn text_below(&mut self, text: &Text, worlds: Set, listed: bool, depth: u32) -> Variants<Text> {
        let differing = text.symbols().find(|symbol| self.symbol_differs(symbol, listed)).cloned();
        let Some(symbol) = differing.filter(|_| depth > 0) else {
            return Some(vec![Variant { worlds, value: text.clone() }]);
        };
        let mut all = Vec::new();
        for one in self.symbol_variants(&symbol, worlds, depth)? {
            // A value that nobody names is a hole still, and nothing more to be told apart.
            let put = text.substitute(&|other| (*other == symbol).then(|| one.value.clone()));
            if put == *text {
                let rest = self.without_symbol(text, &symbol, one.worlds, listed, depth - 1)?;
                all.extend(rest);
            } else {
                all.extend(self.text_below(&put, one.worlds, listed, depth - 1)?);
            }
            if all.len() > MAX_VARIANTS {
                return None;
            }
        }
        Some(all)
    }

    /// The variants of a text in which one symbol stays as it is.
    fn without_symbol(&mut self, text: &Text, kept: &Symbol, worlds: Set, listed: bool, depth: u32) -> Variants<Text> {
        let differing = text.symbols().find(|symbol| *symbol != kept && self.symbol_differs(symbol, listed)).cloned();
        let Some(symbol) = differing.filter(|_| depth > 0) else {
            return Some(vec![Variant { worlds, value: text.clone() }]);
        };
        let mut all = Vec::new();
        for one in self.symbol_variants(&symbol, worlds, depth)? {
            let put = text.substitute(&|other| (*other == symbol).then(|| one.value.clone()));
            all.extend(self.without_symbol(&put, kept, one.worlds, listed, depth - 1)?);
            if all.len() > MAX_VARIANTS {
                return None;
            }
        }
        Some(all)
    }

    /// All that a symbol may stand for.
    fn symbol_variants(&mut self, symbol: &Symbol, worlds: Set, depth: u32) -> Variants<Text> {
        if let Some(choice) = self.facts.choices.get(symbol) {
            let mut sides = Vec::new();
            self.sides(symbol, choice, worlds, depth, &mut sides)?;
            return Some(sides);
        }
        let Some(variable) = self.told_apart(symbol) else {
            return Some(vec![Variant { worlds, value: Text::hole(symbol.clone()) }]);
        };
        let values = self.asked.get(variable as usize).map(|asked| asked.values.clone()).unwrap_or_default();
        let mut all = Vec::new();
        let mut rest = worlds;
        for (at, value) in (0u32..).zip(values) {
            let is = self.diagram.has(variable, at);
            let there = self.diagram.and(worlds, is);
            rest = self.diagram.without(rest, is);
            if there != NONE {
                all.push(Variant { worlds: there, value: Text::literal(value) });
            }
        }
        if rest != NONE {
            all.push(Variant { worlds: rest, value: Text::hole(symbol.clone()) });
        }
        Some(all)
    }

    /// The sides of what a symbol stands for. One that is the symbol itself is a name that AWS makes up.
    fn sides(
        &mut self,
        symbol: &Symbol,
        value: &Value,
        worlds: Set,
        depth: u32,
        out: &mut Vec<Variant<Text>>,
    ) -> Option<()> {
        if worlds == NONE {
            return Some(());
        }
        if let Data::Choice { condition, then, otherwise } = &value.data {
            let (there, elsewhere) = self.split(worlds, condition);
            self.sides(symbol, then, there, depth, out)?;
            return self.sides(symbol, otherwise, elsewhere, depth, out);
        }
        let text = value.scalar_text().unwrap_or_else(|| Text::hole(symbol.clone()));
        if text.symbols().any(|one| one == symbol) {
            out.push(Variant { worlds, value: Text::hole(symbol.clone()) });
        } else {
            out.extend(self.text_below(&text, worlds, false, depth.saturating_sub(1))?);
        }
        (out.len() <= MAX_VARIANTS).then_some(())
    }

    fn symbol_differs(&self, symbol: &Symbol, listed: bool) -> bool {
        self.facts.choices.contains_key(symbol)
            || (listed
                && self.told_apart(symbol).is_some_and(|variable| {
                    self.asked.get(variable as usize).is_some_and(|asked| !asked.values.is_empty())
                }))
    }

    /// Whether a text is not the same in all worlds.
    pub(in crate::buckets) fn text_differs(&self, text: &Text, listed: bool) -> bool {
        text.symbols().any(|symbol| self.symbol_differs(symbol, listed))
    }

    /// Whether a value is not the same in all worlds.
    pub(in crate::buckets) fn differs(&self, value: &Value, listed: bool) -> bool {
        match &value.data {
            Data::Choice { .. } => true,
            Data::Text(text) => self.text_differs(text, listed),
            Data::Json(inner) => self.differs(inner, listed),
            Data::List(items) => items.iter().any(|item| self.differs(item, listed)),
            Data::Map(entries) => entries.iter().any(|entry| self.differs(&entry.value, listed)),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent | Data::Unknown(_) => false,
        }
    }
}

impl<T> Variant<T> {
    /// Other data in the place of a value.
    fn with(&self, data: Data, like: &Value) -> Variant<Value> {
        Variant { worlds: self.worlds, value: Value { span: like.span, hops: like.hops.clone(), data } }
    }
}
