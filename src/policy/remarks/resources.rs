//! Resources that S3 refuses: all but the bucket and what is in it.

use super::{Reach, Remark, refused};
use crate::model::{Piece, SymbolKind, Text};
use crate::policy::{Pattern, Statement};

const ANSWER: &str = "Policy has invalid resource";

pub(super) fn check(statement: &Statement, bucket: &Text, reaches: &[Reach], found: &mut Vec<Remark>) {
    let first = found.len();
    for (item, reach) in statement.resource.items.iter().zip(reaches) {
        let remark = if statement.resource.negated { left_out(item, bucket) } else { of(item, bucket, *reach) };
        let Some(remark) = remark else { continue };
        let same = |other: &&mut Remark| other.source == remark.source && other.help == remark.help;
        match found.iter_mut().skip(first).find(same) {
            Some(other) => other.also.push((remark.span, remark.message)),
            None => found.push(remark),
        }
    }
}

/// What is wrong with an item of `NotResource`. That S3 refuses ARNs there that are none of this bucket, no source says.
fn left_out(item: &Pattern, bucket: &Text) -> Option<Remark> {
    let flaw = flaw(&item.pattern, bucket).filter(|flaw| *flaw != Flaw::Everything)?;
    let message = format!("{}, so that `NotResource` leaves nothing out by it", told(flaw, &item.pattern.shown()));
    let help = "name by its ARN what the statement is not for, or write `Resource` in place of `NotResource`";
    Some(refused(item.span, message, ANSWER, "s3-special", help.to_owned()))
}

fn of(item: &Pattern, bucket: &Text, reach: Reach) -> Option<Remark> {
    let shown = item.pattern.shown();
    match flaw(&item.pattern, bucket) {
        Some(Flaw::Everything) => Some(refused(
            item.span,
            format!("`{shown}` is not this bucket or an object in it"),
            ANSWER,
            "answer-star",
            "name the bucket's ARN, and that ARN with `/*`".to_owned(),
        )),
        Some(flaw) => Some(refused(
            item.span,
            told(flaw, &shown),
            ANSWER,
            "s3-special",
            "name the bucket's ARN, and that ARN with `/*`".to_owned(),
        )),
        None if !reach.bucket && !reach.objects => Some(refused(
            item.span,
            format!("`{shown}` is not this bucket or an object in it"),
            ANSWER,
            "answer-resource",
            "a bucket policy names its own bucket only: remove this resource, or correct it".to_owned(),
        )),
        None => None,
    }
}

/// What is wrong with a resource, whatever the bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// `*`, or all of S3.
    Everything,
    /// Nothing at all.
    Empty,
    /// The name of a bucket in place of its ARN.
    Name,
    /// The domain name of a bucket, or the URL of its website, in place of its ARN.
    Address,
    /// An expression that was not put in: `${Data.Arn}` without `Fn::Sub`, `aws_s3_bucket.data.arn` as text.
    Expression,
    /// Another text that is no ARN.
    NoArn,
}

/// The flaw in words.
pub(crate) fn told(flaw: Flaw, shown: &str) -> String {
    match flaw {
        Flaw::Everything => format!("`{shown}` is every bucket"),
        Flaw::Empty => "an empty string is no ARN".to_owned(),
        Flaw::Name => format!("`{shown}` is the name of a bucket, not its ARN"),
        Flaw::Address => format!("`{shown}` is the address of a bucket, not its ARN"),
        Flaw::Expression => format!("`{shown}` is a plain string here, not the value that it names"),
        Flaw::NoArn => format!("`{shown}` is no ARN"),
    }
}

/// Looks for a flaw in a resource of the policy on `bucket`.
pub(crate) fn flaw(pattern: &Text, bucket: &Text) -> Option<Flaw> {
    if let Some(text) = pattern.as_literal() {
        let rest = text.strip_prefix("arn:").and_then(|rest| rest.split_once(':'));
        return match text {
            "*" => Some(Flaw::Everything),
            _ if rest.is_some_and(|(_, rest)| rest == "s3:::*") => Some(Flaw::Everything),
            "" => Some(Flaw::Empty),
            _ if is_expression(text) => Some(Flaw::Expression),
            _ if text.starts_with("arn:") => None,
            _ => {
                let own = bucket.as_literal().and_then(|name| text.strip_prefix(name));
                let is_name = own.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                Some(if is_name { Flaw::Name } else { Flaw::NoArn })
            }
        };
    }
    match pattern.pieces().first()? {
        Piece::Hole(symbol) if *symbol.kind() == SymbolKind::BucketName => Some(Flaw::Name),
        Piece::Hole(symbol) if *symbol.kind() == SymbolKind::Address => Some(Flaw::Address),
        Piece::Literal(text) if !text.starts_with("arn:") && !"arn:".starts_with(text.as_str()) => Some(Flaw::NoArn),
        _ => None,
    }
}

/// Text that looks like an expression of the input's language.
fn is_expression(text: &str) -> bool {
    let attribute = |inside: &str| inside.split('.').count() >= 2 && !inside.contains(':');
    let inside = text.split_once("${").and_then(|(_, rest)| rest.split_once('}')).map(|(inside, _)| inside);
    inside.is_some_and(attribute) || (text.starts_with("aws_s3_bucket.") && text.contains(".arn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_told() {
        for (text, expected) in [
            ("*", Some(Flaw::Everything)),
            ("arn:aws:s3:::*", Some(Flaw::Everything)),
            ("arn:aws-cn:s3:::*", Some(Flaw::Everything)),
            ("", Some(Flaw::Empty)),
            ("acme-data/*", Some(Flaw::NoArn)),
            ("data/*", Some(Flaw::Name)),
            ("aws:arn:s3:::data", Some(Flaw::NoArn)),
            ("${Data.Arn}/*", Some(Flaw::Expression)),
            ("aws_s3_bucket.b.arn", Some(Flaw::Expression)),
            ("arn:aws:s3:::data", None),
            ("arn:aws:s3:::data/${aws:username}", None),
            ("arn:aws:s3:::data/${aws:PrincipalTag/a.b}", None),
        ] {
            assert_eq!(flaw(&Text::literal(text), &Text::literal("data")), expected, "{text}");
        }
    }
}
