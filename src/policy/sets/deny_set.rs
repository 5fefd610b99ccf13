//! A Deny statement as a set of requests.

use super::Sides;
use super::action::{self, Actions};
use super::condition::{self, Held, Keys, Test};
use super::glob::Variables;
use super::principal::{self, Principals};
use super::resource::{self, Reach, Resources};
use crate::model::{SymbolKind, Text};
use crate::policy::literal::Instant;
use crate::policy::plain::is_arn;
use crate::policy::{Document, Effect, Pattern, Principal, Request, Resource, Statement, Version};

/// One statement that denies, or may.
#[derive(Clone, Debug)]
pub(crate) struct DenySet {
    /// Its index in the document.
    pub(crate) statement: usize,
    /// What holds of it on every insecure request: its effect, and conditions on keys without a choice.
    pub(crate) constant: Sides,
    /// Who.
    pub(crate) principals: Principals,
    /// What.
    pub(crate) actions: Actions,
    /// On what.
    pub(crate) resources: Resources,
    /// Conditions on keys with a choice.
    pub(crate) tests: Vec<Test>,
}

/// All statements of a document that deny, or may.
#[derive(Clone, Debug)]
pub(crate) struct DenySets {
    /// The rules, in the order of the document.
    pub(crate) all: Vec<DenySet>,
    /// The condition keys they ask for.
    pub(crate) keys: Keys,
    /// The bucket's name.
    pub(crate) bucket: Text,
    /// The partition of the deployment.
    pub(crate) partition: String,
    /// The start of the day of the run: no request comes before it.
    pub(crate) now: Instant,
}

/// How rules are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How<'a> {
    /// The start of the day of the run.
    pub(crate) now: Instant,
    /// What the keys hold that the bucket itself settles.
    pub(crate) settled: &'a [(String, Held)],
    /// Whether operators of another type than the key's compare what they can, for a leaning.
    pub(crate) lean: bool,
    /// Whether requests over TLS are meant, not plain HTTP.
    pub(crate) secure: bool,
}

impl DenySets {
    /// Reads the statements of a document, for one bucket.
    pub(crate) fn read(document: &Document, bucket: &Text, how: How<'_>) -> Self {
        let partition = document.partition();
        let mut arn = Text::literal(format!("arn:{partition}:s3:::"));
        arn.push(bucket);
        let reader = StatementReader { variables: variables(document), arn, partition, how };
        let all: Vec<DenySet> =
            document.statements.iter().enumerate().filter_map(|(index, one)| reader.rule(index, one)).collect();
        let keys = condition::keys(all.iter().flat_map(|rule| &rule.tests));
        Self { all, keys, bucket: bucket.clone(), partition: partition.to_owned(), now: how.now }
    }
}

/// What each resource of each statement may name of the bucket.
pub(crate) fn reach(document: &Document, bucket: &Text) -> Vec<Vec<Reach>> {
    let partition = document.partition();
    let mut arn = Text::literal(format!("arn:{partition}:s3:::"));
    arn.push(bucket);
    let how = How { now: Instant(0), settled: &[], lean: false, secure: false };
    let reader = StatementReader { variables: variables(document), arn, partition, how };
    // Nearly every resource is the bucket or all that is in it, as it stands.
    let is_plain = |item: &Pattern, tail: &str| partition == "aws" && is_arn(item, bucket, tail);
    let of = |item: &Pattern| match item {
        item if is_plain(item, "") => Reach { bucket: true, objects: false },
        item if is_plain(item, "/*") => Reach { bucket: false, objects: true },
        item => Reach::of(&reader.normal(&item.pattern), reader.variables, &reader.arn),
    };
    document.statements.iter().map(|statement| statement.resource.items.iter().map(of).collect()).collect()
}

/// Whether policy variables live in a document.
fn variables(document: &Document) -> Variables {
    match document.version {
        Version::V2012 => Variables::Live,
        Version::V2008 => Variables::Text,
        Version::Unknown(_) => Variables::Unknown,
    }
}

struct StatementReader<'a> {
    variables: Variables,
    arn: Text,
    partition: &'a str,
    how: How<'a>,
}

impl StatementReader<'_> {
    /// What a key holds that an insecure request on this bucket has no choice in.
    fn fixed(&self, key: &str) -> Option<Held> {
        let settled = || self.how.settled.iter().find(|(name, _)| name == key).map(|(_, held)| held.clone());
        condition::fixed(key, self.how.secure).or_else(settled)
    }

    fn rule(&self, index: usize, statement: &Statement) -> Option<DenySet> {
        let mut constant = match statement.effect {
            Effect::Allow => return None,
            Effect::Deny => Sides::YES,
            Effect::Unknown(_) => Sides::MAYBE,
        };
        if !statement.unknown_conditions.is_empty() {
            constant = constant.and(Sides::MAYBE);
        }
        let normal = |text: &Text| self.normal(text);
        let mut tests = Vec::new();
        let mut constants = Vec::new();
        for condition in &statement.conditions {
            let test = Test::read(condition, self.variables, self.how.lean, normal);
            if self.fixed(&test.key).is_some() { constants.push(test) } else { tests.push(test) }
        }
        let keys = condition::keys(constants.iter());
        for test in &constants {
            if let (Some(key), Some(held)) = (keys.get(&test.key), self.fixed(&test.key)) {
                constant = constant.and(test.at(*key, held.as_deref(), false));
            }
        }
        // A rule that never matches an insecure request is none.
        constant.may.then(|| DenySet {
            statement: index,
            constant,
            principals: principal::read(&statement.principal, normal),
            actions: action::read(&statement.action),
            resources: resource::read(&statement.resource, self.variables, &self.arn, normal),
            tests,
        })
    }

    fn normal(&self, text: &Text) -> Text {
        let is_partition = |kind: &SymbolKind| *kind == SymbolKind::Partition;
        if !text.symbols().any(|symbol| is_partition(symbol.kind())) {
            return text.clone();
        }
        text.substitute(&|symbol| is_partition(symbol.kind()).then(|| Text::literal(self.partition)))
    }
}

impl DenySet {
    /// Whether the rule matches an insecure request.
    pub(crate) fn at(&self, request: &Request, keys: &Keys, canonical: bool) -> Sides {
        let arn = request.context.get("aws:principalarn").and_then(|values| values.first());
        let mut all = self.constant.and(self.principals.at(&request.principal, arn, canonical));
        if all.may {
            all = all.and(self.actions.at(&request.action.to_ascii_lowercase()));
        }
        if all.may {
            all = all.and(self.resources.at(&request.resource));
        }
        for test in &self.tests {
            if !all.may {
                break;
            }
            if let Some(key) = keys.get(&test.key) {
                all = all.and(test.at(*key, request.context.get(&test.key).map(Vec::as_slice), canonical));
            }
        }
        all
    }

    /// How much it leaves out, roughly: the smaller, the broader.
    pub(crate) fn narrowness(&self) -> usize {
        let not_all = |sides: Sides| usize::from(!sides.must);
        self.tests.len()
            + not_all(self.constant)
            + not_all(self.principals.at(&Principal::Anonymous, None, true))
            + not_all(self.actions.at("s3:anyaction"))
            + not_all(self.resources.at(&Resource::Object(resource::ANY_KEY.to_owned())))
    }
}
