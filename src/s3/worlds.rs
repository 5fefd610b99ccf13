//! The deployments that can be.
//!
//! A *world* gives every input that matters a value: a parameter that a condition compares with literals has one of
//! these or "any other", a parameter with `AllowedValues` has one of them, and what cannot be read further (two
//! unknown texts compared with each other) is true or false. Only inputs that reach one bucket and its policies are
//! expanded, and their number is capped.

use crate::model::{Condition, Data, Map, Met, Parameter, Symbol, SymbolKind, Template, Text, Truth, Unknown, Value};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// More worlds than this are not expanded: the bucket is undecided, and the report says so.
pub(super) const MAX_WORLDS: usize = 2048;

/// What a world chooses a value for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Input {
    /// A text: one of `values`, where `None` is "any other".
    Symbol(Symbol),
    /// Whether two texts are equal (in canonical order).
    Equality(Text, Text),
    /// A condition that cannot be read, by its place.
    Unreadable(Span),
}

#[derive(Clone, Debug)]
struct Variable {
    input: Input,
    values: Vec<Option<String>>,
    /// Whether every one of the values can be had by choosing parameters, region or account.
    free: bool,
}

/// The inputs that matter, and all combinations of their values.
#[derive(Clone, Debug)]
pub(super) struct Worlds<'a> {
    choices: &'a Choices,
    variables: Vec<Variable>,
    index: BTreeMap<Input, usize>,
    unreadable: BTreeMap<Span, Unknown>,
}

/// Symbols that stand for one of several values.
pub(super) type Choices = HashMap<Symbol, Value>;

/// A chosen text may hold chosen ones; deeper ones stay unknown.
const DEEPEST_CHOICE: u32 = 8;

/// Parameters by their symbol.
pub(super) type Parameters<'a> = BTreeMap<&'a Symbol, &'a Parameter>;

/// The parameters of templates that are judged together.
pub(super) fn parameters(templates: &[Template]) -> Parameters<'_> {
    templates.iter().flat_map(|template| &template.parameters).map(|one| (&one.symbol, one)).collect()
}

/// Collects the inputs that matter.
pub(super) struct Collector<'a> {
    parameters: &'a Parameters<'a>,
    choices: &'a Choices,
    /// Choices that are taken in already.
    chosen: BTreeSet<Symbol>,
    symbols: BTreeMap<Symbol, BTreeSet<String>>,
    equalities: BTreeSet<(Text, Text)>,
    unreadable: BTreeMap<Span, Unknown>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(parameters: &'a Parameters<'a>, choices: &'a Choices) -> Self {
        Self {
            parameters,
            choices,
            chosen: BTreeSet::new(),
            symbols: BTreeMap::new(),
            equalities: BTreeSet::new(),
            unreadable: BTreeMap::new(),
        }
    }

    /// Takes in what a condition compares.
    pub(super) fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Always | Condition::Never => {}
            Condition::Named { formula, .. } | Condition::Not(formula) => self.condition(formula),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Equals(one, two) => self.equality(one, two),
            Condition::Unknown(unknown) => {
                self.unreadable.insert(unknown.span, (**unknown).clone());
            }
        }
    }

    fn equality(&mut self, one: &Text, two: &Text) {
        self.text(one);
        self.text(two);
        match (one.as_symbol(), one.as_literal(), two.as_symbol(), two.as_literal()) {
            (_, Some(_), _, Some(_)) => {}
            (Some(symbol), _, _, Some(literal)) | (_, Some(literal), Some(symbol), _) => {
                self.symbols.entry(symbol.clone()).or_default().insert(literal.to_owned());
            }
            _ if one == two => {}
            _ => {
                for symbol in [one.as_symbol(), two.as_symbol()].into_iter().flatten() {
                    self.symbols.entry(symbol.clone()).or_default();
                }
                self.equalities.insert(ordered(one, two));
            }
        }
    }

    /// Takes in the choices of a value, and its parameters with a bounded set of values.
    pub(super) fn value(&mut self, value: &Value) {
        value.visit(&mut |met| match met {
            Met::Value(value) => !matches!(value.data, Data::Unknown(_)),
            Met::Text(text) => {
                self.text(text);
                true
            }
            Met::Condition(condition) => {
                self.condition(condition);
                false
            }
        });
    }

    pub(super) fn text(&mut self, text: &Text) {
        for symbol in text.symbols() {
            if let Some(choice) = self.choices.get(symbol)
                && self.chosen.insert(symbol.clone())
            {
                self.value(choice);
            }
            if self.parameters.get(symbol).is_some_and(|parameter| parameter.domain.allowed.is_some()) {
                self.symbols.entry(symbol.clone()).or_default();
            }
        }
    }

    /// All that was taken in, as worlds.
    pub(super) fn finish(mut self) -> Worlds<'a> {
        self.share_literals();
        let mut variables = Vec::new();
        let lone_equality = self.equalities.len() == 1;
        for (symbol, literals) in &self.symbols {
            let parameter = self.parameters.get(symbol);
            let allowed = parameter.and_then(|parameter| parameter.domain.allowed.as_ref());
            let values = match allowed {
                Some(allowed) => allowed.iter().cloned().map(Some).collect(),
                None => literals.iter().cloned().map(Some).chain([None]).collect(),
            };
            let free = parameter.is_some() || matches!(symbol.kind(), SymbolKind::Pseudo | SymbolKind::Partition);
            variables.push(Variable { input: Input::Symbol(symbol.clone()), values, free });
        }
        let truths = || vec![Some("true".to_owned()), Some("false".to_owned())];
        for (one, two) in self.equalities {
            let parameters =
                [&one, &two].iter().all(|t| t.as_symbol().is_some_and(|s| self.parameters.contains_key(s)));
            let free = parameters && lone_equality;
            variables.push(Variable { input: Input::Equality(one, two), values: truths(), free });
        }
        for &span in self.unreadable.keys() {
            variables.push(Variable { input: Input::Unreadable(span), values: truths(), free: false });
        }
        let index = variables.iter().enumerate().map(|(at, variable)| (variable.input.clone(), at)).collect();
        Worlds { choices: self.choices, variables, index, unreadable: self.unreadable }
    }

    /// Two symbols that are compared with each other range over the same literals, so that "any other" of one is
    /// never a literal of the other.
    fn share_literals(&mut self) {
        for _ in 0..self.equalities.len().min(8) {
            for (one, two) in &self.equalities {
                let (Some(one), Some(two)) = (one.as_symbol(), two.as_symbol()) else { continue };
                let known = |symbol: &Symbol| {
                    let allowed = self.parameters.get(symbol).and_then(|parameter| parameter.domain.allowed.clone());
                    let literals = self.symbols.get(symbol).cloned().unwrap_or_default();
                    allowed.into_iter().flatten().chain(literals).collect::<BTreeSet<_>>()
                };
                let both: BTreeSet<String> = known(one).union(&known(two)).cloned().collect();
                for symbol in [one, two] {
                    self.symbols.insert(symbol.clone(), both.clone());
                }
            }
        }
    }
}

fn ordered(one: &Text, two: &Text) -> (Text, Text) {
    if one <= two { (one.clone(), two.clone()) } else { (two.clone(), one.clone()) }
}

/// One deployment: for each variable, the index of its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct World(Vec<usize>);

impl Worlds<'_> {
    /// How many combinations there are; `None` for more than [`MAX_WORLDS`].
    pub(super) fn count(&self) -> Option<usize> {
        self.variables
            .iter()
            .try_fold(1_usize, |product, variable| product.checked_mul(variable.values.len()))
            .filter(|&count| count <= MAX_WORLDS)
    }

    /// True where nothing is to be chosen.
    pub(super) fn single(&self) -> bool {
        self.variables.is_empty() && self.choices.is_empty()
    }

    /// All combinations that hold together.
    pub(super) fn all(&self) -> Vec<World> {
        let mut worlds = vec![World(Vec::new())];
        for variable in &self.variables {
            worlds = worlds
                .iter()
                .flat_map(|world| {
                    (0..variable.values.len()).map(|value| {
                        let mut longer = world.0.clone();
                        longer.push(value);
                        World(longer)
                    })
                })
                .collect();
        }
        worlds.retain(|world| self.consistent(world));
        worlds
    }

    /// A guessed equality must agree with what the values of its symbols say.
    fn consistent(&self, world: &World) -> bool {
        self.variables.iter().enumerate().all(|(at, variable)| {
            let Input::Equality(one, two) = &variable.input else { return true };
            match self.compare(world, one, two) {
                Some(known) => self.truth(world, at) == known,
                None => true,
            }
        })
    }

    /// Whether two texts are equal in a world; `None` where only a guess can say.
    fn compare(&self, world: &World, one: &Text, two: &Text) -> Option<bool> {
        let (first, second) = (self.text(world, one), self.text(world, two));
        // A symbol that has "any other" value differs from each literal of its domain.
        for (symbol, literal) in [(&first, &second), (&second, &first)] {
            if let (Some(symbol), Some(literal)) = (symbol.as_symbol(), literal.as_literal()) {
                let domain = self.index.get(&Input::Symbol(symbol.clone())).and_then(|&at| self.variables.get(at));
                if domain.is_some_and(|variable| variable.values.iter().any(|v| v.as_deref() == Some(literal))) {
                    return Some(false);
                }
            }
        }
        match first.equals(&second) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Maybe => None,
        }
    }

    fn value_of<'a>(&'a self, world: &World, variable: usize) -> Option<&'a str> {
        let value = *world.0.get(variable)?;
        self.variables.get(variable)?.values.get(value)?.as_deref()
    }

    fn truth(&self, world: &World, variable: usize) -> bool {
        self.value_of(world, variable) == Some("true")
    }

    /// A text with the world's values put in.
    pub(super) fn text(&self, world: &World, text: &Text) -> Text {
        self.chosen_text(world, text, DEEPEST_CHOICE)
    }

    fn chosen_text(&self, world: &World, text: &Text, depth: u32) -> Text {
        text.substitute(&|symbol| {
            if let Some(choice) = self.choices.get(symbol) {
                return self.side(world, choice, depth.checked_sub(1)?);
            }
            let at = *self.index.get(&Input::Symbol(symbol.clone()))?;
            self.value_of(world, at).map(Text::literal)
        })
    }

    /// The text that a choice is in a world.
    fn side(&self, world: &World, value: &Value, depth: u32) -> Option<Text> {
        match &value.data {
            // Choices are nested no deeper than expressions are.
            Data::Choice { condition, then, otherwise } => {
                let taken = if self.holds(world, condition) { then } else { otherwise };
                self.side(world, taken, depth)
            }
            _ => Some(self.chosen_text(world, &value.scalar_text()?, depth)),
        }
    }

    /// Whether a condition holds in a world.
    pub(super) fn holds(&self, world: &World, condition: &Condition) -> bool {
        match condition {
            Condition::Always => true,
            Condition::Never => false,
            Condition::Named { formula, .. } => self.holds(world, formula),
            Condition::Not(inner) => !self.holds(world, inner),
            Condition::All(parts) => parts.iter().all(|part| self.holds(world, part)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(world, part)),
            Condition::Equals(one, two) => self.compare(world, one, two).unwrap_or_else(|| {
                let (one, two) = ordered(one, two);
                self.index.get(&Input::Equality(one, two)).is_some_and(|&at| self.truth(world, at))
            }),
            Condition::Unknown(unknown) => {
                self.index.get(&Input::Unreadable(unknown.span)).is_some_and(|&at| self.truth(world, at))
            }
        }
    }

    /// A value with the world's choices made and its values put in.
    pub(super) fn value(&self, world: &World, value: &Value) -> Value {
        value.map(&mut InWorld { worlds: self, world }).unwrap_or_else(|| value.clone())
    }

    /// Whether a person can bring the world about, with what stands in the way.
    pub(super) fn obstacles(&self) -> Vec<Unknown> {
        let obstacle = |variable: &Variable| match &variable.input {
            _ if variable.free => None,
            Input::Symbol(symbol) => Some(symbol.unknown().clone()),
            Input::Equality(one, two) => one.symbols().chain(two.symbols()).next().map(|s| s.unknown().clone()),
            Input::Unreadable(span) => self.unreadable.get(span).cloned(),
        };
        self.variables.iter().filter_map(obstacle).collect()
    }

    /// The inputs whose value matters in `world`: those for which some other value changes what `same` says.
    pub(super) fn decisive(&self, world: &World, same: impl Fn(&World) -> bool) -> BTreeSet<usize> {
        let differs = |at: usize, values: usize| {
            (0..values).any(|value| {
                let mut other = world.clone();
                if let Some(slot) = other.0.get_mut(at) {
                    *slot = value;
                }
                self.consistent(&other) && !same(&other)
            })
        };
        let each = self.variables.iter().enumerate();
        each.filter(|(at, variable)| differs(*at, variable.values.len())).map(|(at, _)| at).collect()
    }

    /// True where one of the inputs cannot be chosen freely, so that the world may not be.
    pub(super) fn doubtful(&self, inputs: &BTreeSet<usize>) -> bool {
        inputs.iter().any(|&at| self.variables.get(at).is_some_and(|variable| !variable.free))
    }

    /// Whether a condition compares one of the inputs.
    pub(super) fn mentions(&self, condition: &Condition, inputs: &BTreeSet<usize>) -> bool {
        let has = |input: Input| self.index.get(&input).is_some_and(|at| inputs.contains(at));
        match condition {
            Condition::Always | Condition::Never => false,
            Condition::Named { formula, .. } | Condition::Not(formula) => self.mentions(formula, inputs),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| self.mentions(part, inputs)),
            Condition::Equals(one, two) => {
                let (first, second) = ordered(one, two);
                one.symbols().chain(two.symbols()).any(|symbol| has(Input::Symbol(symbol.clone())))
                    || has(Input::Equality(first, second))
            }
            Condition::Unknown(unknown) => has(Input::Unreadable(unknown.span)),
        }
    }

    /// The symbols among the inputs, with their values in a world.
    pub(super) fn symbols(&self, world: &World, inputs: &BTreeSet<usize>) -> Vec<(Symbol, Option<String>)> {
        let each = inputs.iter().filter_map(|&at| self.variables.get(at).map(|variable| (at, variable)));
        each.filter_map(|(at, variable)| match &variable.input {
            Input::Symbol(symbol) => Some((symbol.clone(), self.value_of(world, at).map(str::to_owned))),
            Input::Equality(..) | Input::Unreadable(_) => None,
        })
        .collect()
    }
}

/// Puts a world's values in, and makes its choices.
struct InWorld<'a> {
    worlds: &'a Worlds<'a>,
    world: &'a World,
}

impl Map for InWorld<'_> {
    fn text(&mut self, text: &Text) -> Option<Data> {
        text.symbols().next()?;
        let changed = self.worlds.text(self.world, text);
        (changed != *text).then_some(Data::Text(changed))
    }

    fn choose(&mut self, condition: &Condition) -> Option<bool> {
        Some(self.worlds.holds(self.world, condition))
    }

    fn named(&mut self, _: &std::sync::Arc<Condition>) -> Option<Condition> {
        None
    }
}
