//! Who asks, with the keys that this settles.
//!
//! See `facts/global-keys.tsv`. Where a policy asks for such keys, the principals of each kind are told apart by what
//! its elements *and* its conditions on those keys say of them: a role carries its own ARN and account, and no other's.

use super::Budget;
use super::classes::classes;
use super::condition::{Held, Test};
use super::form::Form;
use super::principal::{Named, Principals, split_arn};
use super::value::Value;
use crate::model::{Piece, Text};
use crate::policy::facts::{Asker, By, key};
use crate::policy::sets::glob::{Approximation, GlobPattern, Machine, Matching, State, Variables};
use crate::policy::{Principal, PrincipalKind};
use std::collections::BTreeSet;

/// A principal of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// The principal.
    pub(crate) principal: Principal,
    /// The kind.
    pub(crate) asker: Asker,
    /// What `aws:PrincipalArn` says of IAM principals.
    pub(crate) arn: Option<Text>,
}

/// The values that a key may have beside its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Domain {
    /// All of its type.
    Any,
    /// An account id.
    Account,
    /// An id without a colon.
    PlainId,
    /// An id with a colon.
    SessionId,
    /// An ARN of no IAM principal.
    ForeignArn,
    /// `false` only.
    False,
    /// `true` only.
    True,
}

impl Domain {
    /// The form of its texts, where it has one.
    pub(crate) fn form(self) -> Option<Form> {
        match self {
            Self::Any | Self::False | Self::True => None,
            Self::Account => Some(Form::account()),
            Self::PlainId => Some(Form::plain_id()),
            Self::SessionId => Some(Form::session_id()),
            Self::ForeignArn => Some(Form::foreign_arn()),
        }
    }
}

/// Whether principals of a kind settle a key, or leave it open within a form.
pub(crate) fn domain(by: By, asker: Asker) -> Option<Domain> {
    match (by, asker) {
        (By::PrincipalArn, Asker::Service) => Some(Domain::ForeignArn),
        (By::PrincipalAccount, Asker::Service) => Some(Domain::Account),
        (By::PrincipalType | By::UserId, Asker::Service) => Some(Domain::Any),
        (By::UserId, Asker::User) => Some(Domain::PlainId),
        (By::UserId, Asker::Role | Asker::FederatedUser) => Some(Domain::SessionId),
        (By::Forwarded, Asker::Anonymous) => Some(Domain::False),
        _ if by.is_of_principal() => None,
        _ => Some(Domain::Any),
    }
}

impl Who {
    /// What a key of the principal holds; `None` where that is open (see [`domain`]).
    pub(crate) fn settled(&self, by: By) -> Option<Held> {
        if domain(by, self.asker).is_some() {
            return None;
        }
        let word = |word: &str| Some(vec![Text::literal(word)]);
        let arn = || self.arn.clone();
        Some(match (by, self.asker) {
            (By::PrincipalAccount | By::UserId, Asker::Anonymous) => word("anonymous"),
            (By::PrincipalArn, _) => arn().map(|arn| vec![arn]),
            (By::PrincipalAccount | By::UserId, _) => {
                // An ARN that is not known as a whole: so is its account.
                arn().map(|arn| vec![split_arn(&arn).map_or_else(|| arn.clone(), |(account, _)| account)])
            }
            (By::PrincipalType, Asker::Anonymous) => word("Anonymous"),
            (By::PrincipalType, Asker::Root) => word("Account"),
            (By::PrincipalType, Asker::User) => word("User"),
            (By::PrincipalType, Asker::Role) => word("AssumedRole"),
            (By::PrincipalType, Asker::FederatedUser) => word("FederatedUser"),
            (By::PrincipalIsService, Asker::Anonymous) => None,
            (By::PrincipalIsService, asker) => word(if asker == Asker::Service { "true" } else { "false" }),
            (By::ServiceName, Asker::Service) => match &self.principal {
                Principal::Service(name) => Some(vec![name.clone()]),
                _ => None,
            },
            (By::UserName, Asker::User) => arn().map(|arn| vec![after_last_slash(&arn)]),
            _ => None,
        })
    }
}

/// What stands after the last slash; holes included.
fn after_last_slash(text: &Text) -> Text {
    let mut name = Text::default();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(part) => match part.rsplit_once('/') {
                Some((_, rest)) => name = Text::literal(rest),
                None => name.push_str(part),
            },
            Piece::Hole(symbol) => name.push(&Text::hole(symbol.clone())),
        }
    }
    name
}

/// Accounts of AWS's own examples, to stand for those that no policy names.
const ACCOUNTS: &[&str] = &["111122223333", "444455556666", "123456789012", "999999999999"];

/// Services that reach buckets: log delivery, `CloudFront`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
const SERVICES: &[&str] = &["logging.s3.amazonaws.com", "cloudfront.amazonaws.com", "cloudtrail.amazonaws.com"];

/// Everything that tells principals apart.
pub(crate) struct Asked<'a> {
    /// The elements of the policy.
    pub(crate) principals: Vec<&'a Principals>,
    /// Its conditions on keys that the principal settles.
    pub(crate) tests: Vec<&'a Test>,
    /// The partition of the deployment.
    pub(crate) partition: &'a str,
}

impl Asked<'_> {
    /// Principals of a kind such that any other is to the policy as one of them; the plainest first.
    pub(crate) fn of(&self, asker: Asker, budget: &mut Budget) -> Option<Vec<Who>> {
        match asker {
            Asker::Anonymous => Some(vec![Who { principal: Principal::Anonymous, asker, arn: None }]),
            Asker::Service => self.services(budget),
            _ => self.identities(asker, budget),
        }
    }

    fn named(&self) -> impl Iterator<Item = &Named> {
        self.principals.iter().flat_map(|element| &element.items)
    }

    fn tests_on(&self, by: By) -> impl Iterator<Item = &Test> {
        self.tests.iter().copied().filter(move |test| key(&test.key).by == by)
    }

    fn services(&self, budget: &mut Budget) -> Option<Vec<Who>> {
        let named: BTreeSet<&Text> = self
            .named()
            .filter_map(|one| if let Named::Other(PrincipalKind::Service, text) = one { Some(text) } else { None })
            .collect();
        let mut machines: Vec<Machine> = named.iter().filter_map(|text| exact(text)).collect();
        machines.extend(self.tests_on(By::ServiceName).flat_map(Test::values).flat_map(Value::machines).cloned());
        let starts: Vec<(&Machine, State)> = machines.iter().map(|machine| (machine, machine.start())).collect();
        // A service is called like a host: without wildcards.
        let literal = classes(&starts, &Form::plain_id(), SERVICES, budget)?;
        let unknown = self.tests_on(By::ServiceName).flat_map(Test::values).filter_map(Value::unknown_text);
        let texts = literal.into_iter().map(Text::literal).chain(unknown.cloned()).chain(named.into_iter().cloned());
        let who = |name| Who { principal: Principal::Service(name), asker: Asker::Service, arn: None };
        Some(texts.map(who).collect())
    }

    /// IAM principals: by their ARNs, and those that are sessions or have another name.
    fn identities(&self, asker: Asker, budget: &mut Budget) -> Option<Vec<Who>> {
        let arns = self.arns(asker, budget)?;
        let own = |arn: &Text| Who { principal: Principal::Arn(arn.clone()), asker, arn: Some(arn.clone()) };
        let mut found: Vec<Who> = arns.iter().map(own).collect();
        for one in self.named() {
            match one {
                Named::One(session) if asker == Asker::Role => {
                    if let Some((account, role)) = role_of_session(session) {
                        let of = |arn: &&Text| is_role(arn, &account, &role);
                        found.extend(arns.iter().filter(of).map(|arn| Who {
                            principal: Principal::Arn(session.clone()),
                            asker,
                            arn: Some(arn.clone()),
                        }));
                    }
                }
                Named::Other(kind @ (PrincipalKind::Federated | PrincipalKind::CanonicalUser), text) => {
                    let principal = match kind {
                        PrincipalKind::Federated => Principal::Federated(text.clone()),
                        _ => Principal::CanonicalUser(text.clone()),
                    };
                    if principal.askers().contains(&asker) {
                        found.extend(arns.iter().map(|arn| Who {
                            principal: principal.clone(),
                            asker,
                            arn: Some(arn.clone()),
                        }));
                    }
                }
                _ => {}
            }
        }
        if asker == Asker::Role {
            let others: BTreeSet<&Text> = self
                .named()
                .filter_map(
                    |one| if let Named::Other(PrincipalKind::Federated, text) = one { Some(text) } else { None },
                )
                .collect();
            let fresh = super::principal::fresh(
                |number| Text::literal(format!("any{number}.example.com")),
                |text| !others.contains(text),
            );
            found.extend(arns.iter().map(|arn| Who {
                principal: Principal::Federated(fresh.clone()),
                asker,
                arn: Some(arn.clone()),
            }));
        }
        Some(found)
    }

    /// The ARNs of principals of a kind.
    fn arns(&self, asker: Asker, budget: &mut Budget) -> Option<Vec<Text>> {
        let service = if asker == Asker::FederatedUser { "sts" } else { "iam" };
        let before = format!("arn:{}:{service}::", self.partition);
        let (after, named) = match asker {
            Asker::Root => (":root", false),
            Asker::User => (":user/", true),
            Asker::FederatedUser => (":federated-user/", true),
            _ => (":role/", true),
        };
        let universe = Form::principal(&before, after, named);
        let name = if named { "any" } else { "" };
        let mut seeds: Vec<String> = ACCOUNTS.iter().map(|account| format!("{before}{account}{after}{name}")).collect();
        let mut machines: Vec<Machine> = Vec::new();
        let mut own: Vec<Text> = Vec::new();
        for one in self.named() {
            match one {
                Named::One(arn) => {
                    machines.extend(exact(arn));
                    if let Some((account, role)) = role_of_session(arn) {
                        let role = format!("{before}{account}{after}{role}");
                        machines.extend(exact(&Text::literal(role.as_str())));
                        machines.push(glob(&format!("{before}{account}{after}*/"), &role));
                        seeds.push(role);
                    }
                    own.push(arn.clone());
                }
                Named::Account(account) => {
                    if let Some(account) = account.as_literal() {
                        machines.push(glob(&format!("{before}{account}:*"), ""));
                        seeds.push(format!("{before}{account}{after}{name}"));
                    } else {
                        let mut arn = Text::literal(before.as_str());
                        arn.push(account);
                        arn.push_str(&format!("{after}{name}"));
                        own.push(arn);
                    }
                }
                _ => {}
            }
        }
        let within = |by, separator, before: &str, after: &str, out: &mut Vec<Machine>| {
            let own = self.tests_on(by).flat_map(Test::values).flat_map(Value::machines);
            out.extend(own.map(|machine| machine.within(before, separator, after)));
        };
        for value in self.tests_on(By::PrincipalArn).flat_map(Test::values) {
            machines.extend(value.machines().cloned());
            own.extend(value.unknown_text().cloned());
            if let Some(text) = value.literal_text() {
                // An origin access identity has an account of its own.
                if text.starts_with(&format!("{before}cloudfront{after}")) && !text.contains(['*', '?']) {
                    own.push(Text::literal(text));
                }
                seeds.push(text.replace('*', "any").replace('?', "x"));
            }
        }
        within(By::PrincipalAccount, ':', &before, ":*", &mut machines);
        match asker {
            Asker::Root => within(By::UserId, ':', &before, after, &mut machines),
            Asker::User => {
                let users = self.tests_on(By::UserName).flat_map(Test::values).filter_map(Value::literal_text);
                seeds.extend(users.map(|name| {
                    format!("{before}{}{after}{}", ACCOUNTS.first().unwrap_or(&""), name.replace('*', "any"))
                }));
                within(By::UserName, '/', &format!("{before}????????????{after}"), "", &mut machines);
                within(By::UserName, '/', &format!("{before}????????????{after}*/"), "", &mut machines);
            }
            _ => {}
        }
        let starts: Vec<(&Machine, State)> = machines.iter().map(|machine| (machine, machine.start())).collect();
        let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
        let literal = classes(&starts, &universe, &seeds, budget)?;
        let mut found: Vec<Text> = literal.into_iter().map(Text::literal).collect();
        for arn in own {
            let is_of_kind = Principal::Arn(arn.clone()).askers().contains(&asker);
            let is_session = role_of_session(&arn).is_some();
            if is_of_kind && !is_session && !found.contains(&arn) {
                found.push(arn);
            }
        }
        Some(found)
    }
}

/// The machine of one literal text; `None` where it has holes.
fn exact(text: &Text) -> Option<Machine> {
    text.as_literal()?;
    Some(GlobPattern::read(text, Variables::Text, Matching::Exact).machine(Approximation::Sure))
}

/// The machine of a glob for the front of an ARN, followed by the name at the end of `arn`.
fn glob(front: &str, arn: &str) -> Machine {
    let name = arn.rsplit('/').next().unwrap_or_default();
    GlobPattern::read(&Text::literal(format!("{front}{name}")), Variables::Text, Matching::Glob)
        .machine(Approximation::Sure)
}

/// The account and the name of the role of a session (`arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`).
fn role_of_session(arn: &Text) -> Option<(String, String)> {
    let mut fields = arn.as_literal()?.splitn(6, ':').skip(4);
    let (account, rest) = (fields.next()?, fields.next()?);
    let (role, _) = rest.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((account.to_owned(), role.to_owned()))
}

/// Whether `arn` is that of a role of this name and account.
fn is_role(arn: &Text, account: &str, role: &str) -> bool {
    let Some(text) = arn.as_literal() else { return false };
    text.contains(&format!("::{account}:role/")) && text.rsplit('/').next() == Some(role)
}

/// A text of a form that no policy tells apart.
pub(crate) fn any_of(form: &Form) -> Option<String> {
    let mut budget = Budget::of(10_000);
    let mut found =
        classes(&[], form, &["111122223333", "any", "AROAEXAMPLE:any", "arn:aws:other:::any"], &mut budget)?;
    found.drain(..).next()
}

#[cfg(test)]
mod tests {
    use super::super::classes::Universe;
    use super::*;

    #[test]
    fn each_form_has_a_text() {
        for domain in [Domain::Account, Domain::PlainId, Domain::SessionId, Domain::ForeignArn] {
            let form = domain.form().unwrap();
            assert!(any_of(&form).is_some_and(|text| form.matches(&text)), "{domain:?}");
            assert!(!form.accepts(form.start()));
        }
    }
}
