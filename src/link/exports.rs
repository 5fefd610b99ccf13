//! Imports and exports, joined. An export name is a text with unknowns like any other. It is unique in one account and
//! Region only, so that of several exporters none is certain, unless the input says which are deployed together.

use super::deployment::{Deployment, Place};
use super::index::{TextIndex, is_settled_in_part};
use super::locate::sides;
use super::names::{Definition, Definitions};
use super::zones::{reach, together, zones};
use crate::model::{Condition, Data, Met, Name, Scope, StackOutput, Symbol, Text, Truth, Unknown, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many exporters of one name are looked at one by one.
const MAX_ALTERNATIVES: usize = 16;

/// An output that another stack can have.
#[derive(Debug)]
struct Export {
    place: usize,
    value: Value,
    exists: Condition,
}

/// What an import may be, of which nobody says what it is.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    /// The place that exports it.
    pub(super) place: usize,
    /// What it is then.
    pub(super) definition: Definition,
}

/// What imports come to.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// What imports stand for, where that is certain.
    pub(super) certain: HashMap<Symbol, Definition>,
    /// What they may stand for, where it is not; with why it is not known.
    pub(super) possible: HashMap<Symbol, (Vec<Alternative>, Unknown)>,
    /// Places that are in one account and Region.
    pub(super) in_one_account: Vec<(usize, usize)>,
}

/// Joins the imports of a run with its exports. `definitions` is what is known without them.
pub(super) fn join(deployment: &Deployment, definitions: &Definitions) -> Joined {
    let mut joined = Joined::default();
    let imports = imports(deployment);
    if imports.is_empty() {
        return joined;
    }
    let (exports, outputs) = (exports(deployment, definitions), outputs(deployment));
    for (symbol, place) in imports {
        let Some(home) = deployment.places.get(place) else { continue };
        let found = match symbol.name() {
            Name::Import(name) => exporters(deployment, &exports, place, &level(&definitions.text(name))),
            Name::StackOutput(output) => of_stacks(deployment, &outputs, home, output, definitions),
            _ => continue,
        };
        found.enter(deployment, place, symbol, &mut joined);
    }
    joined
}

/// The imports of all places, in order, each with its place.
fn imports(deployment: &Deployment) -> BTreeMap<Symbol, usize> {
    let mut found = BTreeMap::new();
    for (place, template) in deployment.templates.iter().enumerate() {
        let mut see = |met: Met<'_>| {
            if let Met::Text(text) = met {
                let imports = text.symbols().filter(|one| matches!(one.name(), Name::Import(_) | Name::StackOutput(_)));
                for symbol in imports {
                    found.entry(symbol.clone()).or_insert(place);
                }
            }
            true
        };
        for policy in &template.policies {
            policy.bucket.visit(&mut see);
            policy.document.visit(&mut see);
            policy.exists.visit(&mut see);
        }
        for bucket in &template.buckets {
            bucket.name.iter().for_each(|name| {
                see(Met::Text(name));
            });
            bucket.exists.visit(&mut see);
        }
        template.outputs.iter().for_each(|output| output.value.visit(&mut see));
        template.nested.iter().for_each(|stack| stack.arguments.visit(&mut see));
    }
    found
}

/// All that is exported, by its name.
fn exports(deployment: &Deployment, definitions: &Definitions) -> TextIndex<Export> {
    let mut exports = TextIndex::default();
    for (place, template) in deployment.templates.iter().enumerate() {
        for output in &template.outputs {
            let Some(name) = &output.export else { continue };
            for (holds, name) in sides(name) {
                let text = match &name.data {
                    Data::Unknown(unknown) => {
                        let name = Name::Place(unknown.span, "".into());
                        let kind = crate::model::SymbolKind::Free;
                        Text::hole(Symbol::new(name, kind, "${…}", Unknown::clone(unknown)))
                    }
                    Data::Absent => continue,
                    _ => name.scalar_text().unwrap_or_default(),
                };
                let exists = output.exists.clone().and(holds);
                let export = Export { place, value: output.value.clone(), exists };
                exports.insert(level(&definitions.text(&text)), export);
            }
        }
    }
    exports
}

/// All outputs, by their names.
fn outputs(deployment: &Deployment) -> HashMap<&str, Vec<Export>> {
    let mut all: HashMap<&str, Vec<Export>> = HashMap::new();
    for (place, template) in deployment.templates.iter().enumerate() {
        for output in &template.outputs {
            let export = Export { place, value: output.value.clone(), exists: output.exists.clone() };
            all.entry(&output.name).or_default().push(export);
        }
    }
    all
}

/// A name as all stacks in one account and Region see it.
fn level(name: &Text) -> Text {
    name.substitute(&|symbol| {
        let pseudo = symbol.pseudo().filter(|pseudo| pseudo.is_of_the_account())?;
        Some(Text::hole(symbol.renamed(Scope::default(), Name::Pseudo(pseudo))))
    })
}

/// What was found for an import.
struct Found<'a> {
    certain: Vec<&'a Export>,
    possible: Vec<&'a Export>,
}

fn exporters<'a>(deployment: &Deployment, exports: &'a TextIndex<Export>, place: usize, name: &Text) -> Found<'a> {
    let mut found = Found { certain: Vec::new(), possible: Vec::new() };
    let Some(home) = deployment.places.get(place) else { return found };
    let reach = reach(deployment, home);
    for (other, export, equal) in exports.fitting(name) {
        let Some(there) = deployment.places.get(export.place) else { continue };
        // Beyond what is deployed together only names tie of which something is known.
        let near = || zones(deployment, there).contains(&reach);
        match equal {
            Truth::Yes => found.certain.push(export),
            Truth::Maybe if (is_settled_in_part(name) && is_settled_in_part(other)) || near() => {
                found.possible.push(export);
            }
            Truth::Maybe | Truth::No => {}
        }
    }
    found.prefer(deployment, home);
    found
}

/// The stacks of a name. Without an assembly nobody knows what a stack is called.
fn of_stacks<'a>(
    deployment: &Deployment,
    outputs: &'a HashMap<&str, Vec<Export>>,
    home: &Place,
    asked: &StackOutput,
    definitions: &Definitions,
) -> Found<'a> {
    let mut found = Found { certain: Vec::new(), possible: Vec::new() };
    let (stack, output) = (definitions.text(&asked.stack), definitions.text(&asked.output));
    let Some(named) = output.as_literal().and_then(|name| outputs.get(name)) else { return found };
    for export in named {
        let Some(there) = deployment.places.get(export.place) else { continue };
        if there.parent.is_some() {
            continue;
        }
        match &there.stack {
            Some(known) => match stack.equals(&Text::literal(known.name.as_str())) {
                Truth::Yes if !asked.by_role && together(home, there) && same_region(home, there, asked) => {
                    found.certain.push(export);
                }
                Truth::Yes | Truth::Maybe => found.possible.push(export),
                Truth::No => {}
            },
            None => found.possible.push(export),
        }
    }
    found
}

/// Whether an output that is asked for is one of a stack in the Region that is asked for, as far as can be told.
fn same_region(home: &Place, there: &Place, asked: &StackOutput) -> bool {
    let known =
        |place: &Place| place.stack.as_ref().and_then(|stack| stack.known.get(&crate::model::Pseudo::Region).cloned());
    let wanted = match &asked.region {
        Some(region) => region.as_literal().map(str::to_owned).or_else(|| known(home)),
        None => known(home),
    };
    wanted == known(there)
}

impl Found<'_> {
    /// What is deployed together with the importing stack is in its account and Region, where a name is unique.
    fn prefer(&mut self, deployment: &Deployment, home: &Place) {
        let near = |export: &&Export| deployment.places.get(export.place).is_some_and(|there| together(home, there));
        if self.certain.iter().any(near) {
            self.certain.retain(near);
        }
    }

    fn enter(self, deployment: &Deployment, place: usize, symbol: Symbol, joined: &mut Joined) {
        let mut by_place: BTreeMap<usize, Vec<&Export>> = BTreeMap::new();
        for export in &self.certain {
            by_place.entry(export.place).or_default().push(export);
        }
        let unsure = |at: usize| deployment.places.get(at).map(|place| place.unsure.clone()).unwrap_or_default();
        if let (Some((&at, of_one)), 1) = (by_place.first_key_value(), by_place.len()) {
            joined.certain.insert(symbol, one_of(of_one, unsure(at)));
            joined.in_one_account.push((place, at));
            return;
        }
        for export in &self.possible {
            by_place.entry(export.place).or_default().push(export);
        }
        if by_place.is_empty() {
            return;
        }
        let mut unknown = symbol.unknown().clone();
        let count = by_place.len();
        unknown.cause = if self.certain.is_empty() {
            format!("{}, of which it is not known which", unknown.cause)
        } else {
            format!("{count} templates export what `{}` imports", symbol.shown())
        };
        unknown.remedy = String::from("say in the settings which files are deployed together (`deployments`)");
        let each = by_place.into_iter().take(MAX_ALTERNATIVES);
        let alternatives: Vec<Alternative> =
            each.map(|(place, exports)| Alternative { place, definition: one_of(&exports, unsure(place)) }).collect();
        if count > MAX_ALTERNATIVES {
            unknown.cause = format!("{}: more than {MAX_ALTERNATIVES}", unknown.cause);
        }
        joined.possible.insert(symbol, (alternatives, unknown));
    }
}

/// The value that one of several outputs of one template gives: in each deployment at most one of them is there.
fn one_of(exports: &[&Export], unsure: BTreeSet<usize>) -> Definition {
    let exists = Condition::any(exports.iter().map(|export| export.exists.clone()).collect());
    let mut all = exports.iter().rev();
    let last = all.next().map(|export| export.value.clone());
    let value = all.fold(last, |rest, export| {
        let rest = rest?;
        let (condition, then) = (export.exists.clone(), export.value.clone());
        let data = Data::Choice { condition, then: then.clone().into(), otherwise: rest.into() };
        Some(Value::new(then.span, data))
    });
    Definition { value, exists, unsure }
}
