//! Imports and exports, joined. An export name is a text with unknowns like any other. It is unique in one account and
//! Region only, so that of several exporters none is certain, unless the input says which are deployed together.

use super::deployment::Deployment;
use super::names::{Definition, Definitions};
use super::offers::{Asked, Offer, Offers};
use crate::model::{Met, Name, Symbol, Unknown};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many policies are looked at one by one that may be on one and the same export. What more of them say is not
/// known.
pub(super) const MOST_TAKERS: usize = 16;

/// What imports come to.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// What imports stand for, where that is certain.
    pub(super) certain: HashMap<Symbol, Definition>,
    /// What they may stand for, where it is not.
    pub(super) possible: HashMap<Symbol, Possible>,
    /// Places that are in one account and Region.
    pub(super) in_one_account: Vec<(usize, usize)>,
    /// What possible imports may be.
    offers: Vec<Offer>,
    /// Offers whose names are alike.
    crowds: Vec<Crowd>,
    /// By how many policies each offer was taken.
    takers: Vec<usize>,
}

/// Offers, by index, of which one is as good as another.
#[derive(Debug)]
struct Crowd {
    offers: Vec<usize>,
    /// Whether some were taken out, for enough policies have taken them.
    is_short: bool,
}

/// What an import may be, of which nobody says what it is.
#[derive(Debug)]
pub(super) struct Possible {
    /// Why it is not known.
    pub(super) why: Unknown,
    /// Whether somebody exports that very name, so that it is nothing but one of what is offered.
    pub(super) is_settled: bool,
    asked: Asked,
    crowds: Vec<usize>,
}

/// What a policy may be on.
#[derive(Debug, Default)]
pub(super) struct Choices {
    /// Offers, by index.
    pub(super) each: BTreeSet<usize>,
    /// Offers that were taken as often as they can be.
    pub(super) too_many: BTreeSet<usize>,
    /// Whether it may be on others that were left out.
    pub(super) is_short: bool,
}

/// Joins the imports of a run with its exports. `definitions` is what is known without them.
pub(super) fn join(deployment: &Deployment, definitions: &Definitions) -> Joined {
    let mut joined = Joined::default();
    let (exported, outputs): (Vec<_>, Vec<_>) =
        imports(deployment).into_iter().partition(|(symbol, _)| matches!(symbol.name(), Name::Import(_)));
    joined.join(deployment, definitions, exported, Offers::exports);
    joined.join(deployment, definitions, outputs, Offers::outputs);
    joined
}

/// The imports of all places, in order, each with its place.
fn imports(deployment: &Deployment) -> BTreeMap<Symbol, usize> {
    let mut found = BTreeMap::new();
    for (place, template) in deployment.templates.iter().enumerate() {
        template.visit(&mut |met| {
            if let Met::Text(text) = met {
                let asked = text.symbols().map(Symbol::whole);
                for symbol in asked.filter(|symbol| symbol.name().is_of_another_stack()) {
                    found.entry(symbol.clone()).or_insert(place);
                }
            }
            true
        });
    }
    found
}

impl Joined {
    fn join<'a>(
        &mut self,
        deployment: &'a Deployment,
        definitions: &Definitions,
        imports: Vec<(Symbol, usize)>,
        offers: impl FnOnce(&'a Deployment, &Definitions) -> Offers<'a>,
    ) {
        if imports.is_empty() {
            return;
        }
        let mut offers = offers(deployment, definitions);
        let (first_offer, first_crowd) = (self.offers.len(), self.crowds.len());
        for (symbol, place) in imports {
            let Some(home) = deployment.places.get(place) else { continue };
            let Some(asked) = Asked::by(&symbol, home, definitions) else { continue };
            let certain = offers.certain(&asked, home);
            if let [only] = certain.as_slice()
                && let Some(only) = offers.all.get(*only)
            {
                self.in_one_account.extend((!asked.is_elsewhere()).then_some((place, only.place)));
                self.certain.insert(symbol, only.definition.clone());
                continue;
            }
            let mut why = symbol.unknown().clone();
            let together = "say in the settings which files are deployed together (`deployments`)";
            (why.cause, why.remedy) = match certain.len() {
                0 if offers.is_by_a_set(&asked, home) => (
                    format!("{}, and the stack set between them may be in another account or Region", why.cause),
                    "put the policy where the bucket is declared".to_owned(),
                ),
                0 => (format!("{}, of which it is not known which", why.cause), together.to_owned()),
                count => (format!("{count} templates export what `{}` imports", symbol.shown()), together.to_owned()),
            };
            let is_settled = !certain.is_empty();
            let crowds: Vec<usize> = offers.crowds(&asked, home, certain).map(|crowd| crowd + first_crowd).collect();
            if !crowds.is_empty() {
                self.possible.insert(symbol, Possible { why, is_settled, asked, crowds });
            }
        }
        self.takers.resize(first_offer + offers.all.len(), 0);
        self.offers.append(&mut offers.all);
        self.crowds.extend(offers.crowds.into_iter().map(|crowd| {
            let offers = crowd.into_iter().map(|at| at + first_offer).collect();
            Crowd { offers, is_short: false }
        }));
    }

    /// What a policy may be on whose bucket is made of these imports. Each offer is given to a number of policies
    /// only.
    pub(super) fn choose<'s>(&mut self, imports: impl Iterator<Item = &'s Symbol>) -> Choices {
        let mut choices = Choices::default();
        for possible in imports.filter_map(|symbol| self.possible.get(symbol)) {
            for crowd in &possible.crowds {
                let Some(crowd) = self.crowds.get_mut(*crowd) else { continue };
                choices.is_short |= crowd.is_short;
                crowd.offers.retain(|&at| {
                    let (Some(offer), Some(takers)) = (self.offers.get(at), self.takers.get_mut(at)) else {
                        return false;
                    };
                    if !possible.asked.may_be(offer) || choices.each.contains(&at) {
                        return true;
                    }
                    *takers += 1;
                    if *takers <= MOST_TAKERS {
                        choices.each.insert(at);
                        return true;
                    }
                    if *takers == MOST_TAKERS + 1 {
                        choices.too_many.insert(at);
                    }
                    (crowd.is_short, choices.is_short) = (true, true);
                    false
                });
            }
        }
        choices
    }

    /// An offer, by its index.
    pub(super) fn offer(&self, at: usize) -> Option<&Offer> {
        self.offers.get(at)
    }

    /// What an import is where the offer `chosen` is what those are by which a policy names its bucket: one of these, or
    /// what the same place offers under the name that it then has.
    pub(super) fn beside(&self, chosen: usize, naming: &BTreeSet<Symbol>, import: &Symbol) -> Option<&Offer> {
        let (offer, possible) = (self.offers.get(chosen)?, self.possible.get(import)?);
        if naming.contains(import) {
            return Some(offer).filter(|offer| possible.asked.may_be(offer));
        }
        let asked = naming.iter().filter_map(|symbol| Some(&self.possible.get(symbol)?.asked));
        let asked: Vec<&Asked> = asked.filter(|asked| asked.may_be(offer)).collect();
        let is_it = |other: &&Offer| {
            other.place == offer.place && asked.iter().any(|asked| possible.asked.is_beside(other, asked, offer))
        };
        self.offers.iter().find(is_it)
    }
}
