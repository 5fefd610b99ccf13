//! What requests of one part of the space have in common.
//!
//! Whether a key can be there, and what it can hold, hangs on who asks, on the way of the request and on the action.
//! Within one situation it hangs on nothing any more, so that keys can be taken as independent of each other. The space
//! is cut into situations only as far as the keys that a policy asks for make a difference.

use super::who::{self, Domain};
use crate::policy::facts::{Asker, By, KeyFact, OnActions, Presence, Way, key};

/// What is true of some requests; `None` where it makes no difference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    /// Who asks.
    pub(crate) asker: Option<Asker>,
    /// Whether the request comes through a VPC endpoint.
    endpoint: Option<bool>,
    /// Whether a service forwards it.
    forwarded: Option<bool>,
}

/// Which differences matter to the keys that are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Splits {
    /// Who asks.
    pub(crate) askers: bool,
    ways: bool,
    forwarded: bool,
}

/// Those who ask, in the order in which they make witnesses.
const ASKERS: [Asker; 6] =
    [Asker::Anonymous, Asker::Role, Asker::User, Asker::Root, Asker::FederatedUser, Asker::Service];

impl Splits {
    /// What matters to these keys.
    pub(crate) fn of(keys: &[&str]) -> Self {
        let facts: Vec<&KeyFact> = keys.iter().map(|name| key(name)).collect();
        let has = |way| facts.iter().any(|fact| fact.way == way);
        let ways = has(Way::Public) && has(Way::Endpoint);
        let forwarded = has(Way::Forwarded) && facts.iter().any(|fact| fact.by == By::Forwarded);
        // Without a look at the way, a key of public requests may be missing in any request.
        let varies = |fact: &KeyFact| uniform(fact).is_none() && (ways || fact.way != Way::Public);
        let own = |fact: &KeyFact| fact.by.is_of_principal() || fact.by == By::Forwarded;
        Self { askers: facts.iter().any(|fact| own(fact) || varies(fact)), ways, forwarded }
    }

    /// All situations, the plainest first.
    pub(crate) fn situations(&self) -> Vec<Situation> {
        let options = |split: bool| if split { vec![Some(false), Some(true)] } else { vec![None] };
        let askers: Vec<Option<Asker>> = if self.askers { ASKERS.map(Some).to_vec() } else { vec![None] };
        let mut all = Vec::new();
        for asker in askers {
            for forwarded in options(self.forwarded) {
                // Only an IAM principal's credentials are forwarded.
                let iam = !matches!(asker, Some(Asker::Anonymous | Asker::Service));
                if forwarded == Some(true) && !iam {
                    continue;
                }
                all.extend(options(self.ways).into_iter().map(|endpoint| Situation { asker, endpoint, forwarded }));
            }
        }
        all
    }
}

/// Who carries a key, where it is the same for all.
fn uniform(fact: &KeyFact) -> Option<Presence> {
    let [first, rest @ ..] = fact.who;
    rest.iter().all(|other| *other == first).then_some(first)
}

impl Situation {
    /// The same with who asks.
    pub(crate) fn asked_by(&self, asker: Asker) -> Self {
        Self { asker: Some(asker), ..self.clone() }
    }

    /// Whether requests hold a key. `has_it`: the action does; `None` where that is open.
    pub(crate) fn presence(&self, fact: &KeyFact, has_it: Option<bool>) -> Presence {
        let by_who = match self.asker {
            Some(asker) => fact.carried_by(asker),
            None => uniform(fact).unwrap_or(Presence::Maybe),
        };
        if has_it == Some(false) || by_who == Presence::Never {
            return Presence::Never;
        }
        match (fact.way, self.endpoint, self.forwarded) {
            (Way::Public, Some(true), _) | (Way::Endpoint, Some(false), _) | (Way::Forwarded, _, Some(false)) => {
                Presence::Never
            }
            (Way::Public, None, _) => Presence::Maybe,
            _ => by_who,
        }
    }

    /// What a key may hold beside its type, where the principal does not settle it outright.
    pub(crate) fn domain(&self, fact: &KeyFact) -> Domain {
        match (fact.by, self.forwarded) {
            (By::Forwarded, Some(true)) => Domain::True,
            (By::Forwarded, Some(false)) => Domain::False,
            (by, _) => self.asker.and_then(|asker| who::domain(by, asker)).unwrap_or(Domain::Any),
        }
    }
}

/// The actions that have a key, where that tells actions apart.
pub(crate) fn bound(fact: &KeyFact) -> Option<&OnActions> {
    fact.actions.as_ref().filter(|actions| **actions != OnActions::All)
}
