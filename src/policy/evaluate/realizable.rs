//! Whether somebody can send a request, as far as AWS documents it.
//!
//! Each key of the request is held against its row of the tables (`facts`). A key that is not given stands for any
//! value that it can have, so that nothing is asked of it.

use super::held;
use crate::model::Text;
use crate::policy::facts::{Asker, By, KeyFact, Presence, Way, actions, key};
use crate::policy::literal::{Cidr, Instant, Number, parse_bool};
use crate::policy::{Principal, Request, Resource};

/// Nobody can send the request; why.
///
/// # Errors
/// With a clause that names the key and what is wrong with it.
pub fn realizable(request: &Request, now: Instant) -> Result<(), String> {
    let transport = request.context.get("aws:securetransport");
    if transport.is_none_or(|values| values.iter().map(Text::as_literal).ne([Some("false")])) {
        return Err("it does not say that it comes over plain HTTP".to_owned());
    }
    applies(request)?;
    let askers = request.principal.askers();
    let fits = |asker: &&Asker| by_asker(request, **asker).is_ok();
    if askers.iter().find(fits).is_none() {
        return askers.first().map_or(Ok(()), |asker| by_asker(request, *asker));
    }
    clock(request, now)?;
    ways(request)
}

/// A known action is on the kind of resource that it applies to.
fn applies(request: &Request) -> Result<(), String> {
    let Some(action) = action(request) else { return Ok(()) };
    let fits = match request.resource {
        Resource::Bucket => action.on_bucket,
        Resource::Object(_) => action.on_object,
    };
    if fits { Ok(()) } else { Err(format!("s3:{} is on another kind of resource", action.name)) }
}

fn action(request: &Request) -> Option<actions::Action> {
    actions::lookup(request.action.strip_prefix("s3:").unwrap_or(&request.action))
}

/// Each key may be carried by such a principal on such an action, with such a value.
fn by_asker(request: &Request, asker: Asker) -> Result<(), String> {
    for (name, values) in &request.context {
        let fact = key(name);
        if fact.carried_by(asker) == Presence::Never {
            return Err(format!("{asker:?} carries no {name}"));
        }
        if let (Some(on), Some(action)) = (&fact.actions, action(request))
            && !on.has(action.name)
        {
            return Err(format!("s3:{} has no {name}", action.name));
        }
        if let Some(own) = held::settled(request, fact.by, asker)
            && !matches!(values.as_slice(), [value] if *value == own || may_be_same(fact, &own))
        {
            return Err(format!("{name} of this principal is {}", own.shown()));
        }
        for value in values {
            has_form(request, fact, asker, value).map_err(|why| format!("{name} {why}"))?;
        }
        if values.is_empty() || (values.len() > 1 && fact.is_known() && !fact.multi_valued) {
            return Err(format!("{name} has {} values", values.len()));
        }
    }
    Ok(())
}

/// What is known of a principal only as an unknown is not held against the rest of the request.
fn may_be_same(fact: &KeyFact, own: &Text) -> bool {
    fact.by.is_of_principal() && own.as_literal().is_none()
}

/// Whether a value is one that the key can have.
fn has_form(request: &Request, fact: &KeyFact, asker: Asker, value: &Text) -> Result<(), String> {
    let Some(text) = value.as_literal() else { return Ok(()) };
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match (fact.by, asker) {
        (By::BucketAccount, _) | (By::PrincipalAccount, Asker::Service) => is_account(text),
        (By::PrincipalArn, Asker::Service) => {
            let mut fields = text.splitn(6, ':').map(str::to_owned);
            !text.contains(['*', '?'])
                && fields.next().as_deref() == Some("arn")
                && fields.nth(1).is_some_and(|service| service != "iam" && service != "sts")
                && fields.count() == 3
        }
        (By::PrincipalArn, _) => is_principal(text, asker) && session_fits(request, text),
        (By::PrincipalAccount, Asker::Anonymous) => true,
        (By::UserId, Asker::User) => !text.is_empty() && !text.contains([':', '/', '*', '?', ' ']),
        (By::UserId, Asker::Role | Asker::FederatedUser) => {
            text.split_once(':').is_some_and(|(id, name)| !id.is_empty() && !name.is_empty() && !name.contains(':'))
        }
        (By::Forwarded, Asker::Anonymous) => text == "false",
        _ => return readable(fact, text),
    };
    if fits { Ok(()) } else { Err(format!("cannot be `{text}` here")) }
}

/// Whether a text is a value of the key's type.
fn readable(fact: &KeyFact, text: &str) -> Result<(), String> {
    use crate::policy::facts::KeyKind as Kind;
    let reads = match fact.kind {
        Kind::Numeric => Number::parse(text).is_some(),
        Kind::Date => Instant::parse(text).is_some(),
        Kind::Bool => parse_bool(text).is_some(),
        Kind::Ip => Cidr::parse(text).is_some_and(|range| range.first == range.last),
        Kind::Arn => text.splitn(6, ':').count() == 6 && text.starts_with("arn:"),
        Kind::String | Kind::Binary | Kind::Unknown => true,
    };
    if reads { Ok(()) } else { Err(format!("is no `{text}`")) }
}

/// Whether an ARN is that of a principal of a kind.
fn is_principal(text: &str, asker: Asker) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, service, region, account, name] = fields.as_slice() else { return false };
    let (of, start) = match asker {
        Asker::Root => ("iam", "root"),
        Asker::User => ("iam", "user/"),
        Asker::FederatedUser => ("sts", "federated-user/"),
        _ => ("iam", "role/"),
    };
    let account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) || *account == "cloudfront";
    let rest = name.strip_prefix(start);
    let named = if asker == Asker::Root { rest == Some("") } else { rest.is_some_and(|rest| !rest.is_empty()) };
    *service == of && region.is_empty() && account && named
}

/// A session carries its own role's ARN: one of its account and name, whatever its path.
fn session_fits(request: &Request, role: &str) -> bool {
    let Principal::Arn(arn) = &request.principal else { return true };
    let Some(session) = arn.as_literal() else { return true };
    let (of_session, of_role): (Vec<&str>, Vec<&str>) =
        (session.splitn(6, ':').collect(), role.splitn(6, ':').collect());
    match (of_session.as_slice(), of_role.as_slice()) {
        ([_, _, _, _, account, name], [_, _, _, _, role_account, role_name]) => {
            let Some(name) = name.strip_prefix("assumed-role/") else { return session == role };
            account == role_account && name.split('/').next() == role_name.rsplit('/').next()
        }
        _ => false,
    }
}

/// No request comes before the day of the run, and both keys of the clock tell one moment.
fn clock(request: &Request, now: Instant) -> Result<(), String> {
    let moment = |name: &str| {
        let text = request.context.get(name)?.first()?.as_literal()?;
        Instant::parse(text)
    };
    let (current, epoch) = (moment("aws:currenttime"), moment("aws:epochtime"));
    let second = |moment: Instant| moment.0.div_euclid(1_000_000_000);
    if current.is_some_and(|current| current < now) || epoch.is_some_and(|epoch| second(epoch) < second(now)) {
        return Err("it comes before today".to_owned());
    }
    match (current, epoch) {
        (Some(current), Some(epoch))
            if second(current) != second(epoch) || second(epoch) * 1_000_000_000 != epoch.0 =>
        {
            Err("its clock tells two moments".to_owned())
        }
        _ => Ok(()),
    }
}

/// A request comes one way: through a VPC endpoint or not, forwarded by a service or not.
fn ways(request: &Request) -> Result<(), String> {
    let comes = |way: Way| request.context.keys().find(|name| key(name).way == way);
    if let (Some(public), Some(endpoint)) = (comes(Way::Public), comes(Way::Endpoint)) {
        return Err(format!("{public} and {endpoint} are never together"));
    }
    let direct = request.context.iter().find(|(name, _)| key(name).by == By::Forwarded);
    if let (Some((name, values)), Some(forwarded)) = (direct, comes(Way::Forwarded))
        && values.iter().any(|value| value.as_literal() == Some("false"))
    {
        return Err(format!("{name} is false beside {forwarded}"));
    }
    Ok(())
}
