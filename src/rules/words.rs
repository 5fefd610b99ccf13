//! Sentences that several rules say.

use super::Case;
use crate::buckets::{Assumption, Chosen, Exposure, PolicyId, Proof};
use crate::finding::{Finding, Label, Severity};
use crate::model::{Bucket, BucketPolicy, Hop, Template, Words};
use crate::policy::{Miss, Principal, facts};

/// At most so many near misses are shown: a policy may hold a thousand statements.
const MAX_MISSES: usize = 5;

/// The witness in words: "no statement denies `s3:ListBucket` on `arn:aws:s3:::data` over http://; …", "role `Admin` can
/// send …". Exposed is not public: that it need not be is said where anybody would do.
pub(super) fn witness(bucket: &Bucket, exposure: &Exposure) -> String {
    let request = &exposure.witness;
    let arn = request.arn(&format!("<{}>", bucket.address));
    let told = |key: &str| key == "aws:securetransport" || facts::key(key).by.is_of_principal();
    let with: Vec<String> = request
        .context
        .iter()
        .filter(|(key, _)| !told(key))
        .map(|(key, values)| {
            let values: Vec<String> = values.iter().map(|value| format!("`{}`", value.shown())).collect();
            let key = exposure.written.get(key).unwrap_or(key);
            format!("`{key}` = {}", values.join(", "))
        })
        .collect();
    let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(" and ")) };
    let action = &request.action;
    match &request.principal {
        Principal::Anonymous => format!(
            "no statement denies `{action}` on `{arn}`{with} over http://; whoever is allowed in, an IAM role too, can \
             send it unencrypted (the bucket need not be public for that)"
        ),
        other => {
            format!("{} can send `{action}` on `{arn}`{with} over http://: no statement denies it", who(other))
        }
    }
}

/// Who asks, in words: "role `Admin` of account 111122223333".
fn who(principal: &Principal) -> String {
    let text = match principal {
        Principal::Anonymous => return "anybody".to_owned(),
        Principal::Service(name) => return format!("service `{}`", name.shown()),
        Principal::Federated(name) => return format!("a user of identity provider `{}`", name.shown()),
        Principal::CanonicalUser(id) => return format!("canonical user `{}`", id.shown()),
        Principal::Arn(arn) => arn.shown(),
    };
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, _, _, account, name] = fields.as_slice() else { return format!("`{text}`") };
    let (kind, name) = name.split_once('/').unwrap_or((name, ""));
    match kind {
        "root" => format!("the root user of account `{account}`"),
        "role" | "user" => format!("{kind} `{name}` of account `{account}`"),
        "assumed-role" => format!("session `{name}` of account `{account}`"),
        "federated-user" => format!("federated user `{name}` of account `{account}`"),
        _ => format!("`{text}`"),
    }
}

/// What being a website means for the Deny.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html>
pub(super) fn with_website(mut finding: Finding, bucket: &Bucket) -> Finding {
    if let Some(span) = bucket.settings.website.filter(|_| finding.severity == Severity::Error) {
        finding.related.push(Label::new(span, "the bucket is a website here"));
        finding.shuts_out = true;
        finding.notes.push(
            "the website endpoint speaks plain HTTP only, so the Deny closes it: put CloudFront before the bucket, or \
             suppress this finding with a reason (https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html)"
                .to_owned(),
        );
    }
    finding
}

/// More conditions than these are not told one by one.
const MAX_CONDITIONS: usize = 4;
/// More values than this are not told of one parameter.
const MAX_VALUES: usize = 5;

/// A name or a value as it fits into a sentence.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// "where `IsProduction` is false (parameter `Env` is `dev`)".
pub(super) fn deployment(words: Words, assumptions: &[Assumption]) -> String {
    let (mut conditions, mut parameters) = (Vec::new(), Vec::new());
    for assumption in assumptions {
        match assumption {
            Assumption::Condition(name, holds) => conditions.push((!holds, format!("`{name}` is {holds}"))),
            Assumption::Parameter(name, Chosen::Value(value)) => {
                let value = if value.is_empty() { "empty".to_owned() } else { format!("`{}`", short(value)) };
                parameters.push(format!("`{}` is {value}", short(name)));
            }
            Assumption::Parameter(name, Chosen::Not(values)) => {
                let values: Vec<String> =
                    values.iter().take(MAX_VALUES).map(|value| format!("`{}`", short(value))).collect();
                parameters.push(format!("`{}` is not {}", short(name), values.join(" or ")));
            }
        }
    }
    let plural = format!("{}{}", words.parameter, if parameters.len() > 1 { "s" } else { "" });
    // Those that hold say most.
    conditions.sort_by_key(|(fails, _)| *fails);
    let more = conditions.len().saturating_sub(MAX_CONDITIONS);
    let mut conditions: Vec<String> = conditions.into_iter().take(MAX_CONDITIONS).map(|(_, told)| told).collect();
    if more > 0 {
        conditions.push(format!("{more} other conditions accordingly"));
    }
    match (conditions.join(" and "), parameters.join(" and ")) {
        (none, also) if none.is_empty() && also.is_empty() => "in some deployments".to_owned(),
        (conditions, none) if none.is_empty() => format!("where {conditions}"),
        (none, parameters) if none.is_empty() => format!("where {plural} {parameters}"),
        (conditions, parameters) => format!("where {conditions} ({plural} {parameters})"),
    }
}

/// The notes that go with a witness.
pub(super) fn witness_notes(case: &Case<'_>, exposure: &Exposure) -> Vec<String> {
    let mut notes = vec![witness(case.bucket, exposure)];
    if !exposure.assumptions.is_empty() {
        notes.push(format!("this holds {}", deployment(case.words(), &exposure.assumptions)));
    }
    notes
}

/// What to do about a bucket without a policy.
pub(super) fn add_policy(bucket: &Bucket) -> String {
    switch_on(bucket).unwrap_or_else(|| "add a bucket policy that denies plain HTTP".to_owned())
}

/// What to do about a policy that does not deny all plain HTTP.
pub(super) fn add_statement(bucket: &Bucket) -> String {
    switch_on(bucket).unwrap_or_else(|| "add a statement that denies plain HTTP to the policy".to_owned())
}

/// The same, for a bucket of a module that can do it.
fn switch_on(bucket: &Bucket) -> Option<String> {
    let argument = &bucket.module_switch.as_ref()?.argument;
    Some(format!("set `{argument} = true` in the module call"))
}

/// What a miss says of a Deny of the bucket that was named before: "its Deny covers the objects only".
pub(super) fn its(miss: &Miss) -> String {
    miss.message.strip_prefix("this ").map_or_else(|| miss.message.clone(), |rest| format!("its {rest}"))
}

/// Labels at the elements that let the witness through, the most telling first.
pub(super) fn miss_labels(misses: &[Miss]) -> Vec<Label> {
    let mut sorted: Vec<&Miss> = misses.iter().filter(|miss| miss.about_tls).collect();
    sorted.sort_by_key(|miss| telling(miss));
    let more = sorted.len().saturating_sub(MAX_MISSES);
    let mut labels: Vec<Label> =
        sorted.iter().take(MAX_MISSES).map(|miss| Label::cause(miss.span, &*miss.message)).collect();
    if let (Some(last), 1..) = (labels.last_mut(), more) {
        last.message = format!("{} (and {more} more Deny statements do not match either)", last.message);
    }
    let hops = sorted.iter().map(|miss| &miss.hops);
    labels.into_iter().zip(hops).flat_map(|(label, hops)| std::iter::once(label).chain(hop_labels(hops))).collect()
}

/// Labels at the places that a value passed through.
fn hop_labels(hops: &[Hop]) -> impl Iterator<Item = Label> {
    hops.iter().map(|hop| Label::hop(hop.span, format!("the value comes from here: {}", hop.what)))
}

/// The miss that says most about the verdict.
pub(super) fn telling_miss(misses: &[Miss]) -> Option<&Miss> {
    misses.iter().filter(|miss| miss.about_tls).min_by_key(|miss| telling(miss))
}

/// Statements about plain HTTP first, then inverted ones, then the others, each in the order of the policy.
fn telling(miss: &Miss) -> (bool, bool, usize) {
    (!miss.about_transport || miss.inverted, !miss.inverted, miss.statement)
}

/// The finding with what is known of where its bucket comes from, when its place does not say so.
pub(super) fn with_origin(mut finding: Finding, bucket: &Bucket) -> Finding {
    if let Some(made_at) = bucket.made_at {
        finding.related.push(Label::bucket(made_at, "the bucket is made here, in a module that is not yours"));
    }
    let switch = bucket.module_switch.as_ref().filter(|switch| switch.call != bucket.span);
    if let Some(switch) = switch.filter(|_| finding.severity == Severity::Error) {
        finding.related.push(Label::new(switch.call, "this module call can turn the Deny on"));
    }
    if let Some(path) = &bucket.path {
        finding.notes.push(format!("the construct `{path}` makes this bucket"));
    }
    finding
}

/// A label at a policy.
pub(super) fn policy_label(policy: &BucketPolicy, message: impl Into<String>) -> Label {
    Label::policy(policy.span, message)
}

/// More policies than these are not told one by one.
const MAX_TOLD: usize = 8;

/// What enforces a bucket, in words.
pub(super) fn proof(templates: &[Template], proofs: &[Proof]) -> String {
    let mut each: Vec<String> = proofs
        .iter()
        .take(MAX_TOLD)
        .map(|proof| {
            let count = proof.statements.len();
            let name = address(templates, proof.policy);
            if count == 1 {
                format!("a Deny statement of `{name}` covers every plain-HTTP request")
            } else {
                format!("{count} Deny statements of `{name}` together cover every plain-HTTP request")
            }
        })
        .collect();
    if let Some(more @ 1..) = proofs.len().checked_sub(MAX_TOLD) {
        each.push(format!("so do those of {more} more policies"));
    }
    each.join("; ")
}

fn address(templates: &[Template], policy: PolicyId) -> &str {
    policy.find(templates).map_or("", |policy| policy.address.as_str())
}
