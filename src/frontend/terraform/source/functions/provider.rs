//! Functions of the AWS provider.
//!
//! See <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/arn_build>.

use super::super::evaluate::Evaluator;
use super::super::tree::Located;
use super::super::value::{Frag, Member, Val};
use crate::source::Span;

/// The parts of an ARN after `arn:`.
const PARTS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

impl Evaluator<'_> {
    pub(super) fn provider_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        match (name, arguments) {
            ("provider::aws::arn_build", parts) if parts.len() == PARTS.len() => Some(self.arn(parts, span)),
            ("provider::aws::arn_parse", [arn]) => Some(self.arn_parts(arn, span)),
            _ => None,
        }
    }

    fn arn(&self, parts: &[Val], span: Span) -> Val {
        let mut frags = vec![Frag::Literal(Located::whole("arn", span))];
        for part in parts {
            frags.push(Frag::Literal(Located::whole(":", span)));
            match self.frags_of(part, span) {
                Ok(part) => frags.extend(part),
                Err(unknown) => return unknown,
            }
        }
        Val::frags(span, frags)
    }

    fn arn_parts(&self, arn: &Val, span: Span) -> Val {
        let Some(text) = arn.as_literal() else {
            return self.needs("provider::aws::arn_parse", std::slice::from_ref(arn), span);
        };
        let parts: Vec<&str> = text.splitn(PARTS.len() + 1, ':').collect();
        match parts.split_first() {
            Some((&"arn", parts)) if parts.len() == PARTS.len() => {
                let member = |(name, part): (&&str, &&str)| Member {
                    key: (*name).into(),
                    key_span: span,
                    value: Val::text(span, part),
                };
                Val::object(span, PARTS.iter().zip(parts).map(member).collect())
            }
            _ => self.failed(span, "the string is no ARN"),
        }
    }
}
