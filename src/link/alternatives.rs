//! Policies on imports of which nobody says what they are: one alternative for each thing that their bucket may be.

use super::deployment::Ties;
use super::exports::Joined;
use super::names::{Definition, Definitions, PutIn};
use super::offers::Offer;
use crate::model::{BucketPolicy, Data, Met, Pseudo, Scope, Symbol, Text, Unknown, Value};
use std::collections::{BTreeSet, HashMap};

/// Makes the alternatives of policies.
pub(super) struct Alternatives<'a> {
    /// What is known for certain.
    pub(super) definitions: &'a Definitions,
    /// What imports may be.
    pub(super) joined: &'a mut Joined,
    /// For each place the scope of its account and Region.
    pub(super) accounts: &'a [Scope],
}

/// What a policy may be.
#[derive(Default)]
pub(super) struct Alternative {
    /// One policy for each thing that its bucket may be.
    pub(super) each: Vec<(BucketPolicy, Ties)>,
    /// Whether it is one of these for certain.
    pub(super) replaced: bool,
    /// Whether it may be others that were left out.
    pub(super) is_short: bool,
}

impl Alternatives<'_> {
    /// What policy number `index` of the place `home` may be.
    pub(super) fn of(&mut self, policy: &BucketPolicy, index: usize, home: usize) -> Alternative {
        if self.joined.possible.is_empty() {
            return Alternative::default();
        }
        let mut in_bucket = BTreeSet::new();
        policy.bucket.visit(&mut |met| self.see(&met, &mut in_bucket));
        let Some(why) = in_bucket.first().and_then(|symbol| self.joined.possible.get(symbol)) else {
            return Alternative::default();
        };
        let why = why.why.clone();
        let is_settled = |symbol| self.joined.possible.get(symbol).is_some_and(|possible| possible.is_settled);
        let is_settled = in_bucket.iter().all(is_settled);
        let choices = self.joined.choose(in_bucket.iter());
        let mut each = Vec::new();
        for &chosen in &choices.each {
            each.extend(self.one(policy, (index, home), (chosen, &in_bucket), &why));
        }
        for &chosen in &choices.too_many {
            let crowded = BucketPolicy { document: Value::unknown(too_many(policy)), ..policy.clone() };
            each.extend(self.one(&crowded, (index, home), (chosen, &in_bucket), &why));
        }
        let replaced = is_settled && (!each.is_empty() || choices.is_short);
        Alternative { each, replaced, is_short: choices.is_short }
    }

    /// Keeps the imports in what a walk comes by of which it is not known what they are.
    fn see(&self, met: &Met<'_>, found: &mut BTreeSet<Symbol>) -> bool {
        if let Met::Text(text) = met {
            found.extend(text.symbols().filter(|symbol| self.joined.possible.contains_key(symbol)).cloned());
        }
        true
    }

    /// A policy as it is where its bucket, which the imports `naming` say, is the offer `chosen`.
    fn one(
        &self,
        policy: &BucketPolicy,
        (index, home): (usize, usize),
        (chosen, naming): (usize, &BTreeSet<Symbol>),
        why: &Unknown,
    ) -> Option<(BucketPolicy, Ties)> {
        let place = self.joined.offer(chosen)?.place;
        let mut assigned: HashMap<Symbol, Definition> = HashMap::new();
        let mut imports = BTreeSet::new();
        policy.visit(&mut |met| self.see(&met, &mut imports));
        for symbol in imports {
            if let Some(offer) = self.joined.beside(chosen, naming, &symbol) {
                assigned.insert(symbol, self.settled(offer));
            }
        }
        // Where it is so, both are in one account and Region.
        if let (Some(&here), Some(&there)) = (self.accounts.get(home), self.accounts.get(place)) {
            for pseudo in Pseudo::OF_THE_ACCOUNT.into_iter().filter(|_| here != there) {
                let text = self.definitions.text(&Text::hole(pseudo.symbol(there)));
                let value = Value::new(policy.span, Data::Text(text));
                assigned.insert(pseudo.symbol(here), Definition::plain(value));
            }
        }
        let mut put_in = PutIn::assigning(self.definitions, &assigned);
        let bucket = put_in.value(&policy.bucket);
        let document = put_in.value(&policy.document);
        let exists = put_in.exists(&policy.exists);
        let unsure = put_in.unsure;
        let ties = Ties { unsure, alternative: Some(why.clone()), of: Some(index), ..Ties::default() };
        Some((BucketPolicy { bucket, document, exists, ..policy.clone() }, ties))
    }

    /// What an offer is, with everything put in that is known.
    fn settled(&self, offer: &Offer) -> Definition {
        let mut put_in = PutIn::new(self.definitions);
        let value = offer.definition.value.as_ref().map(|value| put_in.value(value));
        let exists = put_in.exists(&offer.definition.exists);
        let unsure = put_in.unsure.union(&offer.definition.unsure).copied().collect();
        Definition { value, exists, unsure }
    }
}

/// What the policies say that are not looked at one by one.
fn too_many(policy: &BucketPolicy) -> Unknown {
    Unknown::new(
        format!("more than {} policies of other templates may be on this bucket", super::exports::MOST_TAKERS),
        policy.span,
        "say in the settings which files are deployed together (`deployments`)",
    )
}
