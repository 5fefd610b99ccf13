//! Witnesses for policies with policy variables, whose values come with each request.

use super::Decider;
use crate::model::{Piece, Text};
use crate::policy::evaluate::given;
use crate::policy::facts::{By, key};
use crate::policy::{Principal, Request, Resource, Version};

/// What policy variables stand for in a witness.
const OWN: &str = "any";

/// A value of a key that is no other key's.
fn of_its_own(name: &str) -> String {
    match key(name).by {
        By::BucketAccount | By::PrincipalAccount => "444455556666".to_owned(),
        _ => format!("{OWN}-{}", name.rsplit([':', '/']).next().unwrap_or(name)),
    }
}

/// A key that a pattern of objects with policy variables matches, and the variables. `None` where it has none.
fn own_object(pattern: &Text) -> Option<(String, Vec<String>)> {
    let Piece::Literal(text) = pattern.pieces().last()? else { return None };
    let (_, mut rest) = text.split_once('/')?;
    let (mut key, mut variables) = (String::new(), Vec::new());
    let plain = |text: &str| text.replace('*', "any-key").replace('?', "x");
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, next) = after.split_once('}')?;
        if !variable.contains(':') || variable.contains(',') {
            return None;
        }
        key.push_str(&plain(before));
        key.push_str(OWN);
        variables.push(variable.to_ascii_lowercase());
        rest = next;
    }
    key.push_str(&plain(rest));
    (!variables.is_empty()).then_some((key, variables))
}

impl Decider<'_> {
    /// A request that gets through because a policy variable has a value of its own in it: a negated operator compares
    /// two keys that are equal, or an object is left out that is the caller's own. A policy variable matches no fixed
    /// text, so that it never helps to cover all requests.
    pub(super) fn by_variable(&self, request: &Request) -> Option<Request> {
        if self.document.version != Version::V2012 {
            return None;
        }
        let askers = self.askers(request);
        let equal = askers.iter().map(|request| self.with_variables(request.clone(), true));
        let other = askers.iter().map(|request| self.with_variables(request.clone(), false));
        let own = askers.iter().flat_map(|request| self.in_own_folder(request));
        equal.chain(other).chain(own).find(|changed| self.passes(changed))
    }

    /// The request as it is, and by principals of each kind.
    fn askers(&self, request: &Request) -> Vec<Request> {
        let arn = |rest: &str| {
            Principal::Arn(Text::literal(format!("arn:{}:iam::111122223333:{rest}", self.rules.partition)))
        };
        let principals =
            [arn("user/any"), arn("role/any"), arn("root"), Principal::Service("logging.s3.amazonaws.com".into())];
        let by = |principal| {
            let mut changed = Request { principal, ..request.clone() };
            changed.context.retain(|name, _| name == "aws:securetransport" || !key(name).by.is_of_principal());
            changed
        };
        std::iter::once(request.clone()).chain(principals.map(by)).collect()
    }

    /// The statements that may deny.
    fn statements(&self) -> impl Iterator<Item = &crate::policy::Statement> {
        self.rules.all.iter().filter_map(|rule| self.document.statements.get(rule.statement))
    }

    /// Each key that a condition compares another key with (`${aws:ResourceAccount}`) gets a value: that of the other,
    /// or one of its own.
    fn with_variables(&self, mut request: Request, equal: bool) -> Request {
        for condition in self.statements().flat_map(|statement| &statement.conditions) {
            let texts = condition.values.iter().filter_map(|item| item.pattern.as_literal());
            for variable in texts.filter_map(|text| text.strip_prefix("${")?.strip_suffix('}')) {
                if !variable.contains(':') || variable.contains(['$', ',', '{', '}']) {
                    continue;
                }
                let variable = variable.trim().to_ascii_lowercase();
                let same = given(&request, &variable).or_else(|| given(&request, &condition.key));
                let names = if equal { vec![&variable, &condition.key] } else { vec![&variable] };
                for name in names {
                    if given(&request, name).is_none() {
                        let own = || vec![Text::literal(of_its_own(name))];
                        let value = same.clone().filter(|_| equal).unwrap_or_else(own);
                        request.context.insert(name.clone(), value);
                    }
                }
            }
        }
        request
    }

    /// The request on objects that a `NotResource` with policy variables leaves out: `home/${aws:username}/*`.
    fn in_own_folder(&self, request: &Request) -> Vec<Request> {
        let items = self.statements().filter(|one| one.resource.negated).flat_map(|one| &one.resource.items);
        let own = items.filter_map(|item| own_object(&item.pattern));
        own.map(|(key, variables)| {
            let mut changed =
                Request { action: "s3:GetObject".to_owned(), resource: Resource::Object(key), ..request.clone() };
            for variable in variables {
                if given(&changed, &variable).is_none() {
                    changed.context.insert(variable, vec![Text::literal(OWN)]);
                }
            }
            changed
        })
        .collect()
    }
}
