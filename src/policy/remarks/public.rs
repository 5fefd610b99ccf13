//! An Allow that lets the public in, which a bucket with `BlockPublicPolicy` refuses.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, "The meaning of
//! public": a policy is public unless it grants access only to fixed values of certain keys.

use super::{Remark, is, refused};
use crate::policy::literal::Cidr;
use crate::policy::{Condition, Effect, OperatorBase as Op, PrincipalKind, Quantifier, Statement};

/// Keys whose fixed values make a policy non-public.
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

pub(super) fn check(statement: &Statement) -> Option<Remark> {
    if !is(statement, &Effect::Allow) || statement.principal.negated || !statement.unknown_conditions.is_empty() {
        return None;
    }
    let everyone = statement.principal.items.iter().find(|item| match item.kind {
        PrincipalKind::Everyone => true,
        PrincipalKind::Aws => item.text.as_literal() == Some("*"),
        _ => false,
    })?;
    if statement.conditions.iter().any(may_narrow) {
        return None;
    }
    Some(refused(
        everyone.span,
        "this Allow lets the public in, and the bucket has `BlockPublicPolicy`".to_owned(),
        "Access Denied",
        "s3-public",
        "name the principals, or add a condition with a fixed value, such as `aws:PrincipalOrgID`".to_owned(),
    ))
}

/// Whether a condition makes the statement non-public, or may.
fn may_narrow(condition: &Condition) -> bool {
    let positive = matches!(
        condition.operator.base,
        Op::StringEquals | Op::StringEqualsIgnoreCase | Op::StringLike | Op::ArnEquals | Op::ArnLike | Op::IpAddress
    );
    // What S3 makes of these is not documented.
    let open = condition.operator.if_exists
        || condition.operator.quantifier != Quantifier::Single
        || !condition.unknown.is_empty();
    if condition.key == "aws:sourceip" {
        return positive && (open || condition.values.iter().all(|item| is_narrow(item.pattern.as_literal())));
    }
    if !positive || !NARROWING.contains(&condition.key.as_str()) {
        return false;
    }
    open || condition.values.iter().all(|item| item.pattern.as_literal().is_none_or(|text| is_fixed(condition, text)))
}

/// Values broader than /8 for IPv4 and /32 for IPv6 are public, but for the private ranges of RFC 1918.
fn is_narrow(text: Option<&str>) -> bool {
    let Some(text) = text else { return true };
    let Some(range) = Cidr::parse(text) else { return true };
    let most = if range.v6 { 1_u128 << 96 } else { 1 << 24 };
    range.last - range.first < most
}

fn is_fixed(condition: &Condition, text: &str) -> bool {
    match condition.key.as_str() {
        "aws:userid" => !text.contains("${") && !text.ends_with(":*"),
        // The name of the access point may be a wildcard, its account not.
        "s3:dataaccesspointarn" => text.split(':').nth(4).is_some_and(|account| !account.contains(['*', '?'])),
        _ => !text.contains(['*', '?']) && !text.contains("${"),
    }
}
