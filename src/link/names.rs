//! What symbols stand for, put in everywhere: a bucket with a given name is that name, an output of a nested stack its
//! value, an import what is exported. What a value is carried by goes with it.

use super::alternatives::Alternatives;
use super::deployment::{Deployment, Ties};
use super::exports::{Joined, join};
use super::shared::shared_parameters;
use crate::model::{
    Assertion, BucketPolicy, Condition, Data, Home, Item, Map, Met, Name, Piece, Pseudo, Scope, Symbol, SymbolKind,
    Text, Unknown, Value,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The longest text that is put in, in bytes. Names that are put together from names can grow without bound.
const MAX_TEXT: usize = 64 * 1024;

/// What a symbol stands for.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    /// Its value; `None` where there is none.
    pub(super) value: Option<Value>,
    /// Where it exists: who uses it exists there only.
    pub(super) exists: Condition,
    /// Places that it needs and of which it is not known whether they are there.
    pub(super) unsure: BTreeSet<usize>,
}

impl Definition {
    pub(super) fn plain(value: Value) -> Self {
        Self { value: Some(value), exists: Condition::Always, unsure: BTreeSet::new() }
    }

    /// The same for an item of it.
    fn of_item(self, item: &Item) -> Self {
        let value = self.value.and_then(|value| item_of(&value, item));
        Self { value, ..self }
    }
}

/// An item of a value; `None` where it cannot be told.
fn item_of(value: &Value, item: &Item) -> Option<Value> {
    let data = match &value.data {
        Data::Choice { condition, then, otherwise } => {
            let (then, otherwise) = (item_of(then, item)?.into(), item_of(otherwise, item)?.into());
            Data::Choice { condition: condition.clone(), then, otherwise }
        }
        _ => Data::Text(item.in_text(&value.scalar_text()?)?),
    };
    Some(Value { data, ..value.clone() })
}

/// What symbols stand for, with everything put in that is known.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    known: HashMap<Symbol, Definition>,
}

impl Definitions {
    /// Puts definitions into each other. One that needs itself stays unknown there.
    fn new(open: &HashMap<Symbol, Definition>) -> Self {
        let mut symbols: Vec<&Symbol> = open.keys().collect();
        symbols.sort_unstable();
        let mut done = Self::default();
        let mut begun: std::collections::HashSet<&Symbol> = std::collections::HashSet::new();
        for symbol in symbols {
            // A chain may be as long as the run has files, so that it is followed without recursion.
            let mut stack = vec![(symbol, false)];
            while let Some((symbol, ready)) = stack.pop() {
                let Some((symbol, definition)) = open.get_key_value(symbol) else { continue };
                if ready {
                    done.finish(symbol, definition);
                } else if begun.insert(symbol) {
                    stack.push((symbol, true));
                    let mut add = |met: Met<'_>| {
                        if let Met::Text(text) = met {
                            let needed = text.symbols().filter_map(|symbol| Some(open.get_key_value(symbol)?.0));
                            stack.extend(needed.filter(|symbol| !begun.contains(symbol)).map(|symbol| (symbol, false)));
                        }
                        true
                    };
                    definition.value.iter().for_each(|value| value.visit(&mut add));
                    definition.exists.visit(&mut add);
                }
            }
        }
        done
    }

    fn finish(&mut self, symbol: &Symbol, definition: &Definition) {
        let mut put_in = PutIn::new(self);
        let value = definition.value.as_ref().map(|value| put_in.value(value));
        let exists = put_in.exists(&definition.exists);
        let mut unsure = std::mem::take(&mut put_in.unsure);
        unsure.extend(&definition.unsure);
        let value = value.map(|value| match value.scalar_text() {
            Some(text) if length(&text) > MAX_TEXT => {
                Value::new(value.span, Data::Text(Text::hole(too_long(symbol, value.span))))
            }
            _ => value,
        });
        let settled = Definition { value, exists, unsure };
        let settled = match symbol.name() {
            Name::Item(item) => settled.of_item(item),
            _ => settled,
        };
        self.known.insert(symbol.clone(), settled);
    }

    /// A text with everything put in that is one text.
    pub(super) fn text(&self, text: &Text) -> Text {
        match PutIn::new(self).text(text) {
            Some(Data::Text(text)) => text,
            _ => text.clone(),
        }
    }
}

fn length(text: &Text) -> usize {
    text.pieces().iter().map(|piece| if let Piece::Literal(literal) = piece { literal.len() } else { 1 }).sum()
}

/// What stands for a symbol that is not put in, as the text would be too long.
fn too_long(symbol: &Symbol, span: Span) -> Symbol {
    let cause = format!("with what `{}` stands for the string is longer than {MAX_TEXT} bytes", symbol.shown());
    let unknown = Unknown::new(cause, span, "write a shorter string");
    let name = Name::Part(symbol.clone(), "too long".into());
    Symbol::scoped(symbol.scope(), name, SymbolKind::Free, symbol.shown(), unknown)
}

/// Puts in what is known.
pub(super) struct PutIn<'a> {
    definitions: &'a Definitions,
    /// What is put in besides, for one alternative.
    assigned: Option<&'a HashMap<Symbol, Definition>>,
    /// Where all that was put in exists.
    needs: Vec<Condition>,
    /// Places that what was put in needs, and of which it is not known whether they are there.
    pub(super) unsure: BTreeSet<usize>,
    /// The sides of choices that are gone through.
    sides: Vec<Condition>,
    /// What came of formulas; each is kept, so that its address means nothing else.
    formulas: HashMap<*const Condition, (Arc<Condition>, Option<Condition>)>,
}

impl<'a> PutIn<'a> {
    pub(super) fn new(definitions: &'a Definitions) -> Self {
        Self {
            definitions,
            assigned: None,
            needs: Vec::new(),
            unsure: BTreeSet::new(),
            sides: Vec::new(),
            formulas: HashMap::new(),
        }
    }

    /// The same, with what is assigned for one alternative.
    pub(super) fn assigning(definitions: &'a Definitions, assigned: &'a HashMap<Symbol, Definition>) -> Self {
        Self { assigned: Some(assigned), ..Self::new(definitions) }
    }

    fn definition(&self, symbol: &Symbol) -> Option<&'a Definition> {
        let assigned = self.assigned.and_then(|assigned| assigned.get(symbol));
        assigned.or_else(|| self.definitions.known.get(symbol))
    }

    pub(super) fn value(&mut self, value: &Value) -> Value {
        value.map(self).unwrap_or_else(|| value.clone())
    }

    fn condition(&mut self, condition: &Condition) -> Condition {
        condition.map(self).unwrap_or_else(|| condition.clone())
    }

    /// A condition, and all that was needed so far; the count starts anew.
    pub(super) fn exists(&mut self, own: &Condition) -> Condition {
        let needs = std::mem::take(&mut self.needs);
        let own = self.condition(own);
        self.needs.clear();
        Condition::all(std::iter::once(own).chain(needs).collect())
    }

    /// What holds in every deployment; what it is about is what was put in.
    fn assertion(&mut self, assertion: &mut Assertion) {
        let texts = assertion.about.iter().map(|symbol| self.definitions.text(&Text::hole(symbol.clone())));
        let about: Vec<Symbol> = texts.flat_map(|text| text.symbols().cloned().collect::<Vec<_>>()).collect();
        let holds = self.condition(&assertion.holds);
        *assertion = Assertion { holds: Condition::Always, about };
        assertion.say(holds);
    }

    /// In which partition a bucket is.
    fn home(&self, home: Home) -> Home {
        let Home::Open(symbol) = &home else { return home };
        let put = self.definitions.text(&Text::hole(symbol.clone()));
        Home::of(&put).unwrap_or(home)
    }

    fn used(&mut self, definition: &Definition) {
        self.unsure.extend(&definition.unsure);
        if definition.exists == Condition::Always {
            return;
        }
        let elsewhere = self.sides.iter().map(|side| Condition::not(side.clone()));
        let need = Condition::any(elsewhere.chain([definition.exists.clone()]).collect());
        if !self.needs.contains(&need) {
            self.needs.push(need);
        }
    }
}

impl Map for PutIn<'_> {
    fn text(&mut self, text: &Text) -> Option<Data> {
        let concerned = text.symbols().any(|symbol| self.definition(symbol).is_some());
        if !concerned {
            return None;
        }
        for symbol in text.symbols() {
            if let Some(definition) = self.definition(symbol) {
                self.used(definition);
            }
        }
        if let Some(value) = text.as_symbol().and_then(|symbol| self.definition(symbol)?.value.as_ref()) {
            return match value.scalar_text() {
                Some(text) => Some(Data::Text(text)),
                None => matches!(value.data, Data::Choice { .. }).then(|| value.data.clone()),
            };
        }
        let changed = text.substitute(&|symbol| self.definition(symbol)?.value.as_ref()?.scalar_text());
        if length(&changed) <= MAX_TEXT {
            return Some(Data::Text(changed));
        }
        let without = text.substitute(&|symbol| {
            let span = self.definition(symbol)?.value.as_ref()?.span;
            Some(Text::hole(too_long(symbol, span)))
        });
        Some(Data::Text(without))
    }

    fn named(&mut self, formula: &Arc<Condition>) -> Option<Condition> {
        let key = Arc::as_ptr(formula);
        if let Some((_, known)) = self.formulas.get(&key) {
            return known.clone();
        }
        let changed = formula.map(self);
        self.formulas.insert(key, (Arc::clone(formula), changed.clone()));
        changed
    }

    fn enter(&mut self, side: Condition) {
        self.sides.push(side);
    }

    fn leave(&mut self) {
        self.sides.pop();
    }
}

/// Puts a deployment into canonical form.
pub(super) fn settle(deployment: &mut Deployment) {
    let mut open = own_definitions(deployment);
    shared_parameters(deployment, &mut open);
    let items = items(deployment);
    open.extend(items_of_known(&items, &open));
    let first = Definitions::new(&open);
    let mut joined = join(deployment, &first);
    one_account(deployment, &joined, &mut open);
    open.extend(joined.certain.iter().map(|(symbol, definition)| (symbol.clone(), definition.clone())));
    open.extend(items_of_known(&items, &open));
    let definitions =
        if joined.certain.is_empty() && open.len() == first.known.len() { first } else { Definitions::new(&open) };
    for template in &mut deployment.templates {
        deployment.choices.extend(template.choices.drain(..));
    }
    if definitions.known.is_empty() && joined.possible.is_empty() {
        return;
    }
    put_in_everywhere(deployment, &definitions, &mut joined);
    let mut put_in = PutIn::new(&definitions);
    for choice in deployment.choices.values_mut() {
        *choice = put_in.value(choice);
    }
    let chosen = |definition: &Definition| match &definition.value {
        Some(value) if matches!(value.data, Data::Choice { .. }) => Some(value.clone()),
        _ => None,
    };
    deployment.choices.extend(
        definitions.known.iter().filter_map(|(symbol, definition)| Some((symbol.clone(), chosen(definition)?))),
    );
}

/// The items that templates ask for of what stacks give.
fn items(deployment: &Deployment) -> BTreeSet<Symbol> {
    let mut found = BTreeSet::new();
    for template in &deployment.templates {
        template.visit(&mut |met| {
            if let Met::Text(text) = met {
                found.extend(text.symbols().filter(|symbol| matches!(symbol.name(), Name::Item(_))).cloned());
            }
            true
        });
    }
    found
}

/// Items of what is defined, each open as that is.
fn items_of_known(items: &BTreeSet<Symbol>, open: &HashMap<Symbol, Definition>) -> Vec<(Symbol, Definition)> {
    let of_known = |symbol: &Symbol| match symbol.name() {
        Name::Item(item) => Some((symbol.clone(), open.get(&item.of)?.clone())),
        _ => None,
    };
    items.iter().filter_map(of_known).collect()
}

/// What templates say of their own symbols: names of buckets, outputs of nested stacks.
fn own_definitions(deployment: &Deployment) -> HashMap<Symbol, Definition> {
    let mut open = HashMap::new();
    for template in &deployment.templates {
        for bucket in &template.buckets {
            if let Some(name) = &bucket.name {
                let value = Value::new(bucket.span, Data::Text(name.clone()));
                open.insert(bucket.symbol.clone(), Definition::plain(value));
            }
        }
    }
    nested_outputs(deployment, &mut open);
    open
}

/// The outputs of nested stacks.
fn nested_outputs(deployment: &Deployment, open: &mut HashMap<Symbol, Definition>) {
    let unfollowed = unfollowed_sides(deployment);
    for (place, template) in deployment.places.iter().zip(&deployment.templates) {
        let Some((parent, stack)) = parent_of(deployment, place) else { continue };
        for output in template.outputs.iter() {
            let name = Name::NestedOutput(stack.into(), output.name.as_str().into());
            let unknown = Unknown::new("", output.value.span, "");
            let shown = format!("${{{stack}.Outputs.{}}}", output.name);
            let symbol = Symbol::scoped(parent, name, SymbolKind::Free, shown, unknown);
            let mut known = Definition {
                value: Some(output.value.clone()),
                exists: output.exists.clone(),
                unsure: place.unsure.clone(),
            };
            // Where it is another template that is deployed, it has what that one says.
            let other = place.doubt.iter().map(|doubt| (&place.exists, doubt));
            let unfollowed = unfollowed.get(&(parent, stack)).into_iter().flatten().copied();
            for (exists, why) in other.chain(unfollowed) {
                known = either(known, not_followed(&symbol, why, exists));
            }
            match open.remove(&symbol) {
                // One stack, of one of two templates.
                Some(earlier) => open.insert(symbol, either(known, earlier)),
                None => open.insert(symbol, known),
            };
        }
    }
}

/// A nested stack: the scope of the place that deploys it, and its logical id there.
type StackKey<'a> = (Scope, &'a str);

/// Where it is not known what nested stacks deploy.
fn unfollowed_sides(deployment: &Deployment) -> HashMap<StackKey<'_>, Vec<(&Condition, &Unknown)>> {
    let mut sides: HashMap<_, Vec<_>> = HashMap::new();
    for one in &deployment.unfollowed {
        let key = (scope_of(&deployment.places, one.place), one.address.as_str());
        sides.entry(key).or_default().push((&one.exists, &one.unknown));
    }
    sides
}

/// An output of a nested stack where it is not known what template that deploys.
fn not_followed(output: &Symbol, why: &Unknown, exists: &Condition) -> Definition {
    let name = Name::Part(output.clone(), "not followed".into());
    let symbol = Symbol::scoped(output.scope(), name, SymbolKind::Free, output.shown(), why.clone());
    let value = Value::new(why.span, Data::Text(Text::hole(symbol)));
    Definition { exists: exists.clone(), ..Definition::plain(value) }
}

fn either(one: Definition, two: Definition) -> Definition {
    let value = match (one.value, two.value) {
        (Some(one_value), Some(two_value)) => {
            let span = one_value.span;
            let condition = one.exists.clone();
            let data = Data::Choice { condition, then: one_value.into(), otherwise: two_value.into() };
            Some(Value::new(span, data))
        }
        (one, two) => one.or(two),
    };
    let unsure = one.unsure.union(&two.unsure).copied().collect();
    Definition { value, exists: Condition::any(vec![one.exists, two.exists]), unsure }
}

/// The scope of the place that deploys this one, and the logical id there.
fn parent_of<'a>(deployment: &'a Deployment, place: &'a super::Place) -> Option<StackKey<'a>> {
    let parent = deployment.places.get(place.parent?)?;
    Some((parent.scope, place.path.rsplit('/').next().unwrap_or(&place.path)))
}

/// What is in one account and Region sees the same values of these.
fn one_account(deployment: &Deployment, joined: &Joined, open: &mut HashMap<Symbol, Definition>) {
    let mut leader: Vec<usize> = deployment.places.iter().map(|place| place.site).collect();
    let mut first: BTreeMap<(u32, Option<&str>), usize> = BTreeMap::new();
    let mut pairs = joined.in_one_account.clone();
    for place in deployment.places.iter().filter(|place| place.site == place.root) {
        let key = match (&place.group, &place.stack) {
            (Some(group), _) => (*group, None),
            (None, Some(stack)) => (stack.assembly, Some(stack.environment.as_str())),
            (None, None) => continue,
        };
        pairs.push((*first.entry(key).or_insert(place.root), place.root));
    }
    for (one, two) in pairs {
        let (one, two) = (find(&mut leader, one), find(&mut leader, two));
        if let Some(slot) = leader.get_mut(one.max(two)) {
            *slot = one.min(two);
        }
    }
    for at in 0..deployment.places.len() {
        let to = find(&mut leader, at);
        let (Some(place), Some(other)) = (deployment.places.get(at), deployment.places.get(to)) else { continue };
        if place.site != at || to == at {
            continue;
        }
        for pseudo in Pseudo::OF_THE_ACCOUNT {
            let known = other.known().and_then(|stack| stack.known.get(&pseudo));
            let value =
                known.map_or_else(|| Text::hole(pseudo.symbol(other.scope)), |known| Text::literal(known.as_str()));
            let span = Span::at(place.scope.file, 0);
            let value = Value::new(span, Data::Text(value));
            open.insert(pseudo.symbol(place.scope), Definition::plain(value));
        }
    }
}

fn scope_of(places: &[super::Place], at: usize) -> Scope {
    places.get(at).map(|place| place.scope).unwrap_or_default()
}

fn find(leader: &mut [usize], mut index: usize) -> usize {
    while let Some(&next) = leader.get(index) {
        if next == index {
            break;
        }
        let after = leader.get(next).copied().unwrap_or(next);
        if let Some(slot) = leader.get_mut(index) {
            *slot = after;
        }
        index = next;
    }
    index
}

fn put_in_everywhere(deployment: &mut Deployment, definitions: &Definitions, joined: &mut Joined) {
    let accounts: Vec<Scope> = deployment.places.iter().map(|place| scope_of(&deployment.places, place.site)).collect();
    let mut put_in = PutIn::new(definitions);
    for (at, (place, template)) in deployment.places.iter_mut().zip(&mut deployment.templates).enumerate() {
        for (bucket, ties) in template.buckets.iter_mut().zip(&mut place.buckets) {
            put_in.needs.clear();
            if let Some(name) = &bucket.name
                && let Some(Data::Text(changed)) = put_in.text(name)
            {
                bucket.name = Some(changed);
            }
            bucket.settings.partition = bucket.settings.partition.take().map(|home| put_in.home(home));
            bucket.exists = put_in.exists(&bucket.exists);
            ties.unsure.append(&mut put_in.unsure);
            if let Some(inline) = &mut bucket.inline_policy {
                inline.document = put_in.value(&inline.document);
            }
        }
        let mut more: Vec<(BucketPolicy, Ties)> = Vec::new();
        for (index, policy) in template.policies.iter_mut().enumerate() {
            let mut alternatives = Alternatives { definitions, joined, accounts: &accounts }.of(policy, index, at);
            let Some(ties) = place.policies.get_mut(index) else { continue };
            put_in.needs.clear();
            policy.bucket = put_in.value(&policy.bucket);
            policy.document = put_in.value(&policy.document);
            policy.exists = put_in.exists(&policy.exists);
            ties.unsure.append(&mut put_in.unsure);
            (ties.replaced, ties.is_short) = (alternatives.replaced, alternatives.is_short);
            for (_, more_ties) in &mut alternatives.each {
                more_ties.unsure.extend(&ties.unsure);
            }
            more.append(&mut alternatives.each);
        }
        for (policy, ties) in more {
            template.policies.push(policy);
            place.policies.push(ties);
        }
        for assertion in &mut template.assertions {
            put_in.assertion(assertion);
        }
        put_in.needs.clear();
        put_in.unsure.clear();
    }
    for unfollowed in &mut deployment.unfollowed {
        unfollowed.arguments = put_in.value(&unfollowed.arguments);
        put_in.needs.clear();
        unfollowed.exists = put_in.exists(&unfollowed.exists);
    }
}
