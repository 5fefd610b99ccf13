//! What the stacks of a run offer others: outputs by the names of their exports, or by the names of their stacks.

use super::deployment::{Deployment, Place};
use super::index::TextIndex;
use super::listed::Listed;
use super::names::{Definition, Definitions};
use super::ties::with_unknowns;
use super::zones::{Zone, is_apart, is_one_environment, reach, together, zones};
use crate::model::{Condition, Data, Name, Output, Pseudo, Scope, Symbol, SymbolKind, Text, Truth, Value};
use std::collections::{BTreeMap, HashMap};

/// An output that other stacks can have, under one name.
#[derive(Debug)]
pub(super) struct Offer {
    /// The place that offers it.
    pub(super) place: usize,
    /// The name that it has for all stacks in one account and Region.
    pub(super) name: Text,
    /// What it is.
    pub(super) definition: Definition,
    site: Site,
}

/// An account and a Region, as far as they are known.
#[derive(Clone, Debug, Default)]
struct Site {
    account: Option<String>,
    region: Option<String>,
}

impl Site {
    fn of(place: &Place) -> Self {
        let known = |pseudo: Pseudo| place.known().and_then(|stack| stack.known.get(&pseudo).cloned());
        Self { account: known(Pseudo::AccountId), region: known(Pseudo::Region) }
    }

    /// Whether both are known not to be the same.
    fn is_apart(&self, other: &Self) -> bool {
        let differ = |one: &Option<String>, two: &Option<String>| one.is_some() && two.is_some() && one != two;
        differ(&self.account, &other.account) || differ(&self.region, &other.region)
    }
}

/// What an import asks for.
#[derive(Debug)]
pub(super) struct Asked {
    name: Text,
    /// Where it asks.
    site: Site,
    /// How it asks for an output of a stack; `None` for an export.
    output: Option<Question>,
}

/// How a stack is asked for its output.
#[derive(Debug)]
struct Question {
    /// In another account, perhaps.
    by_role: bool,
    /// In the Region of the stack that asks, for certain.
    in_own_region: bool,
}

impl Asked {
    /// What the import `symbol` of a place asks for; `None` for a symbol that is no import.
    pub(super) fn by(symbol: &Symbol, home: &Place, definitions: &Definitions) -> Option<Self> {
        match symbol.name() {
            Name::Import(name) => {
                Some(Self { name: of_the_account(&definitions.text(name)), site: Site::of(home), output: None })
            }
            Name::StackOutput(asked) => {
                let name = output_name(&definitions.text(&asked.stack), &definitions.text(&asked.output));
                let own = Site::of(home);
                let is_own = |region: &Text| region.as_symbol().is_some_and(|one| one.pseudo() == Some(Pseudo::Region));
                let in_own_region = asked.region.as_ref().is_none_or(is_own);
                let region =
                    if in_own_region { own.region } else { asked.region.as_ref()?.as_literal().map(str::to_owned) };
                let site = Site { account: own.account.filter(|_| !asked.by_role), region };
                Some(Self { name, site, output: Some(Question { by_role: asked.by_role, in_own_region }) })
            }
            _ => None,
        }
    }

    /// Whether one offer may be what is asked for.
    pub(super) fn may_be(&self, offer: &Offer) -> bool {
        !self.site.is_apart(&offer.site) && offer.name.equals(&self.name) != Truth::No
    }

    /// Whether this is `offer` for certain, where what `first` asks for is `taken`.
    pub(super) fn is_beside(&self, offer: &Offer, first: &Self, taken: &Offer) -> bool {
        let solved = first.name.solved(&taken.name);
        let told = |name: &Text| {
            name.substitute(&|symbol| solved.as_ref().filter(|(one, _)| one == symbol).map(|(_, text)| text.clone()))
        };
        !self.site.is_apart(&offer.site) && told(&offer.name).equals(&told(&self.name)) == Truth::Yes
    }

    /// Whether what is asked for may be in another account or Region.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.by_role || !output.in_own_region)
    }
}

/// Everything that is offered under one kind of name.
///
/// Offers are kept in crowds: those of one crowd have names that differ only in what their unknowns are, so that
/// whoever looks for a name looks at each crowd once, not at each of its many offers.
#[derive(Debug)]
pub(super) struct Offers<'a> {
    deployment: &'a Deployment,
    /// Each of them.
    pub(super) all: Vec<Offer>,
    by_name: HashMap<Text, Vec<usize>>,
    /// Offers, by index, whose names are alike.
    pub(super) crowds: Vec<Vec<usize>>,
    by_shape: TextIndex<usize>,
    listed: Listed<'a>,
    /// Offers of whose names nothing is known, by what they are deployed with.
    unsettled: HashMap<Zone<'a>, usize>,
    /// All offers, by what they are deployed with.
    within: HashMap<Zone<'a>, usize>,
}

impl<'a> Offers<'a> {
    /// What is exported.
    pub(super) fn exports(deployment: &'a Deployment, definitions: &Definitions) -> Self {
        let named = |_: &Place, output: &Output| match &output.export {
            Some(name) => {
                name.sides().into_iter().filter_map(|(holds, name)| Some((export_name(&name)?, holds))).collect()
            }
            None => Vec::new(),
        };
        Self::new(deployment, definitions, named)
    }

    /// The outputs of stacks that are deployed by themselves, each under its stack's name and its own.
    pub(super) fn outputs(deployment: &'a Deployment, definitions: &Definitions) -> Self {
        let named = |place: &Place, output: &Output| match place.parent {
            Some(_) => Vec::new(),
            None => vec![(output_name(&stack_name(place), &Text::literal(output.name.as_str())), Condition::Always)],
        };
        Self::new(deployment, definitions, named)
    }

    fn new(
        deployment: &'a Deployment,
        definitions: &Definitions,
        named: impl Fn(&Place, &Output) -> Vec<(Text, Condition)>,
    ) -> Self {
        let mut offers = Self {
            deployment,
            all: Vec::new(),
            by_name: HashMap::new(),
            crowds: Vec::new(),
            by_shape: TextIndex::default(),
            listed: Listed::of(&deployment.templates),
            unsettled: HashMap::new(),
            within: HashMap::new(),
        };
        let mut shapes: HashMap<Text, usize> = HashMap::new();
        for (at, (place, template)) in deployment.places.iter().zip(&deployment.templates).enumerate() {
            let mut own: BTreeMap<Text, Vec<(Condition, &Value)>> = BTreeMap::new();
            for output in template.outputs.iter() {
                for (name, holds) in named(place, output) {
                    let name = of_the_account(&definitions.text(&name));
                    own.entry(name).or_default().push((output.exists.clone().and(holds), &output.value));
                }
            }
            for (name, outputs) in own {
                let definition = one_of(&outputs, place);
                offers.insert(Offer { place: at, name, definition, site: Site::of(place) }, place, &mut shapes);
            }
        }
        offers
    }

    fn insert(&mut self, offer: Offer, place: &Place, shapes: &mut HashMap<Text, usize>) {
        let at = self.all.len();
        let known = self.listed.known(&offer.name);
        let settled = !known.is_empty();
        for name in known {
            let shape = with_unknowns(&name, "offered");
            let crowd = *shapes.entry(shape.clone()).or_insert_with(|| {
                self.by_shape.insert(shape, self.crowds.len());
                self.crowds.push(Vec::new());
                self.crowds.len() - 1
            });
            self.crowds.iter_mut().skip(crowd).take(1).for_each(|crowd| crowd.push(at));
        }
        for zone in zones(self.deployment, place) {
            let maps = [Some(&mut self.within), (!settled).then_some(&mut self.unsettled)];
            for map in maps.into_iter().flatten() {
                let crowd = *map.entry(zone.clone()).or_insert_with(|| {
                    self.crowds.push(Vec::new());
                    self.crowds.len() - 1
                });
                self.crowds.iter_mut().skip(crowd).take(1).for_each(|crowd| crowd.push(at));
            }
        }
        self.by_name.entry(offer.name.clone()).or_default().push(at);
        self.all.push(offer);
    }

    /// What is offered under the very name that is asked for. What is deployed together with the place that asks is
    /// in its account and Region, where a name is unique.
    pub(super) fn certain(&self, asked: &Asked, home: &Place) -> Vec<usize> {
        let there = |at: usize| self.deployment.places.get(self.all.get(at)?.place);
        let near = |at: &usize| there(*at).is_some_and(|there| together(home, there));
        let (near, far): (Vec<usize>, Vec<usize>) = self.named(asked).partition(near);
        match &asked.output {
            None if !near.is_empty() => near,
            // Something else may have that name where it is asked for.
            None if far.iter().any(|at| self.is_apart(*at, home)) => Vec::new(),
            None => far,
            // Stacks of one name are in every Region and account.
            Some(output) => {
                let here = |at: &usize| {
                    output.in_own_region && there(*at).is_some_and(|there| is_one_environment(home, there))
                };
                let region = |at: &usize| self.all.get(*at).and_then(|offer| offer.site.region.as_ref());
                let is_there = |at: &usize| region(at).is_some() && region(at) == asked.site.region.as_ref();
                near.into_iter().filter(|at| !output.by_role && (here(at) || is_there(at))).collect()
            }
        }
    }

    /// What is offered under the very name that is asked for.
    fn named(&self, asked: &Asked) -> impl Iterator<Item = usize> {
        let named = self.by_name.get(&asked.name).into_iter().flatten().copied();
        named.filter(|&at| self.all.get(at).is_some_and(|offer| !asked.site.is_apart(&offer.site)))
    }

    /// Whether a stack set is between an offer and the place that asks.
    fn is_apart(&self, at: usize, home: &Place) -> bool {
        let there = self.all.get(at).and_then(|offer| self.deployment.places.get(offer.place));
        there.is_some_and(|there| is_apart(home, there))
    }

    /// Whether the very name that is asked for is offered where a stack set may have put it, or the place that asks.
    pub(super) fn is_by_a_set(&self, asked: &Asked, home: &Place) -> bool {
        self.named(asked).any(|at| self.is_apart(at, home))
    }

    /// The crowds of what may be asked for. Beyond what is deployed together only names tie of which something is
    /// known. `certain` is what has that very name.
    pub(super) fn crowds(&mut self, asked: &Asked, home: &Place, certain: Vec<usize>) -> impl Iterator<Item = usize> {
        let zone = reach(self.deployment, home);
        let mut crowds = Vec::new();
        let known = self.listed.known(&asked.name);
        for name in &known {
            let alike = self.by_shape.fitting(&with_unknowns(name, "wanted"));
            crowds.extend(alike.into_iter().map(|(_, crowd, _)| *crowd));
        }
        let rest = if known.is_empty() { &self.within } else { &self.unsettled };
        crowds.extend(rest.get(&zone));
        if !certain.is_empty() {
            crowds.push(self.crowds.len());
            self.crowds.push(certain);
        }
        crowds.into_iter()
    }
}

/// The name of an export; one that is not known is told apart by its place. `None` where there is none.
fn export_name(name: &Value) -> Option<Text> {
    match &name.data {
        Data::Unknown(unknown) => {
            let place = Name::Place(unknown.span, "".into());
            Some(Text::hole(Symbol::new(place, SymbolKind::Free, "${…}", crate::model::Unknown::clone(unknown))))
        }
        Data::Absent => None,
        _ => Some(name.scalar_text().unwrap_or_default()),
    }
}

/// What the stack of a place is called. Without an assembly nobody knows.
fn stack_name(place: &Place) -> Text {
    match &place.stack {
        Some(stack) => Text::literal(stack.name.as_str()),
        None => Text::hole(Pseudo::StackName.symbol(place.scope)),
    }
}

/// The name of an output with its stack's before it. Neither can have a slash in it.
fn output_name(stack: &Text, output: &Text) -> Text {
    let mut name = stack.clone();
    name.push_str("/");
    name.push(output);
    name
}

/// A name as all stacks in one account and Region see it.
fn of_the_account(name: &Text) -> Text {
    name.substitute(&|symbol| {
        let pseudo = symbol.pseudo().filter(|pseudo| pseudo.is_of_the_account())?;
        Some(Text::hole(symbol.renamed(Scope::default(), Name::Pseudo(pseudo))))
    })
}

/// The value that one of several outputs of one template gives under one name: in each deployment at most one of them
/// is there.
fn one_of(outputs: &[(Condition, &Value)], place: &Place) -> Definition {
    let exists = Condition::any(outputs.iter().map(|(exists, _)| exists.clone()).collect());
    let value = outputs.iter().rev().fold(None, |rest: Option<Value>, (exists, value)| {
        let Some(rest) = rest else { return Some(Value::clone(value)) };
        let (condition, then) = (exists.clone(), Value::clone(value));
        let data = Data::Choice { condition, then: then.into(), otherwise: rest.into() };
        Some(Value::new(value.span, data))
    });
    Definition { value, exists, unsure: place.unsure.clone() }
}
