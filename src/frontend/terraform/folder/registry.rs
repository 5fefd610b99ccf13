//! A module of the registry that is not at hand, where it is known what it makes: its bucket is reported all the same,
//! and leans as the arguments of its call say.
//!
//! What is said here was read off every release of the module
//! (<https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws/latest>). It proves nothing: what will be
//! installed is not at hand.

use super::super::address::{Address, InstanceKey, ResourceStep};
use super::super::json::concealed;
use super::super::source::{Handed, MODULE_SWITCH, MissingModule};
use crate::model::{BucketPolicy, Condition, Data, Entry, Symbol, Text, Unknown, Value};
use crate::source::Span;
use std::sync::Arc;

/// The module, with and without the registry's own host.
const SOURCES: [&str; 2] =
    ["terraform-aws-modules/s3-bucket/aws", "registry.terraform.io/terraform-aws-modules/s3-bucket/aws"];
/// From this release on it has [`MODULE_SWITCH`], with one and the same Deny.
const SWITCH_SINCE: [u32; 3] = [1, 23, 0];
/// Arguments that have the module write a policy without a Deny of plain HTTP. `policy` may be any.
const WRITES: [&str; 13] = [
    "attach_policy",
    "attach_elb_log_delivery_policy",
    "attach_lb_log_delivery_policy",
    "attach_access_log_delivery_policy",
    "attach_cloudtrail_log_delivery_policy",
    "attach_waf_log_delivery_policy",
    "attach_require_latest_tls_policy",
    "attach_inventory_destination_policy",
    "attach_analytics_destination_policy",
    "attach_deny_incorrect_encryption_headers",
    "attach_deny_incorrect_kms_key_sse",
    "attach_deny_unencrypted_object_uploads",
    "attach_deny_ssec_encrypted_object_uploads",
];

/// The bucket of a call, if the module is the known one.
pub(crate) struct Known<'a> {
    handed: &'a Handed,
    /// The address of the bucket.
    pub(crate) address: Address,
    /// Where it exists.
    pub(crate) exists: Condition,
}

impl<'a> Known<'a> {
    /// `None` where nothing is known of the module, or where it makes a directory bucket.
    pub(crate) fn of(handed: &'a Handed) -> Option<Self> {
        let source = handed.module.source.as_deref()?;
        if !SOURCES.contains(&source) {
            return None;
        }
        let step = ("aws_s3_bucket".to_owned(), "this".to_owned(), InstanceKey::Int(0));
        let resource = ResourceStep { data: false, kind: step.0, name: step.1, key: step.2 };
        let address = Address { modules: handed.address.modules.clone(), resource: Some(resource) };
        let mut known = Self { handed, address, exists: Condition::Never };
        let is_general = Condition::not(known.is_on("is_directory_bucket").unwrap_or(Condition::Never));
        // Where it cannot be told, the bucket is one to judge.
        let is_made = match handed.argument("create_bucket") {
            Some(_) => known.is_on("create_bucket").unwrap_or(Condition::Always),
            None => Condition::Always,
        };
        known.exists = Condition::all(vec![handed.exists.clone(), is_made, is_general]);
        (known.exists != Condition::Never).then_some(known)
    }

    /// Where the argument is true; `None` where it cannot be told.
    fn is_on(&self, argument: &str) -> Option<Condition> {
        match self.handed.argument(argument) {
            None | Some(Value { data: Data::Null | Data::Absent, .. }) => Some(Condition::Never),
            Some(value) => holds(value),
        }
    }

    /// Whether every version that the call admits has the switch.
    fn has_switch(&self) -> bool {
        self.handed.module.version.as_deref().is_some_and(|version| lowest(version) >= Some(SWITCH_SINCE))
    }

    /// Whether it may write any policy but the Deny.
    fn writes_others(&self) -> bool {
        WRITES.iter().any(|argument| self.is_on(argument) != Some(Condition::Never))
    }

    /// The value of an argument of its call.
    pub(crate) fn argument(&self, name: &str) -> Option<Value> {
        self.handed.argument(name).cloned()
    }

    /// Where it is called.
    pub(crate) fn span(&self) -> Span {
        self.handed.module.span
    }

    /// The policy that the module may put on its bucket.
    pub(crate) fn policy(&self, bucket: &Symbol, name: &Text) -> BucketPolicy {
        let span = self.handed.module.span;
        let mut unknown = self.handed.module.unknown();
        unknown.likely = self.likely(name).map(Arc::new);
        let mut address = self.address.clone();
        if let Some(resource) = &mut address.resource {
            "aws_s3_bucket_policy".clone_into(&mut resource.kind);
        }
        BucketPolicy {
            address: address.to_string(),
            span,
            bucket: Value::new(span, Data::Text(Text::hole(bucket.clone()))),
            document: Value::unknown(unknown),
            exists: self.exists.clone(),
            reach: None,
        }
    }

    /// The document, as far as the arguments say what it is.
    fn likely(&self, name: &Text) -> Option<Value> {
        let span = self.handed.module.span;
        let condition = self.is_on(MODULE_SWITCH).filter(|_| self.has_switch())?;
        // More statements only deny more.
        let then = (condition != Condition::Never).then(|| document(DENY, name, span));
        // No policy denies as much as one that only allows.
        let otherwise = (!self.writes_others()).then(|| document(ALLOW, name, span));
        match condition {
            Condition::Always => then,
            Condition::Never => otherwise,
            condition => {
                let (then, otherwise) = (Arc::new(then?), Arc::new(otherwise?));
                Some(Value::new(span, Data::Choice { condition, then, otherwise }))
            }
        }
    }
}

/// When a value is true; `None` where it cannot be told.
fn holds(value: &Value) -> Option<Condition> {
    if let Data::Choice { condition, then, otherwise } = &value.data {
        let not = Condition::not(condition.clone());
        let (then, otherwise) = (holds(then)?, holds(otherwise)?);
        return Some(Condition::any(vec![condition.clone().and(then), not.and(otherwise)]));
    }
    let text = value.scalar_text()?;
    Some(match text.as_literal() {
        Some("true") => Condition::Always,
        Some(_) => Condition::Never,
        None => Condition::equals(text, Text::literal("true")),
    })
}

/// The statement of the switch, but for its resources.
const DENY: &str =
    r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
/// A statement that denies nothing.
const ALLOW: &str = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*"}"#;

/// The document of a statement on the bucket of that name.
fn document(statement: &str, name: &Text, span: Span) -> Value {
    let resource = |end: &str| {
        let mut arn = Text::literal("arn:aws:s3:::");
        arn.push(name);
        arn.push_str(end);
        Value::new(span, Data::Text(arn))
    };
    let entry = |key: &str, value: Value| Entry { key: key.to_owned(), key_span: span, value };
    let mut entries = match concealed(statement, span).data {
        Data::Map(entries) => entries.to_vec(),
        _ => Vec::new(),
    };
    entries.push(entry("Resource", Value::list(span, vec![resource(""), resource("/*")])));
    let statements = Value::list(span, vec![Value::map_of(span, entries)]);
    Value::map_of(span, vec![entry("Version", Value::text(span, "2012-10-17")), entry("Statement", statements)])
}

/// The lowest version that a constraint admits; `None` where it names none
/// (<https://developer.hashicorp.com/terraform/language/expressions/version-constraints>).
fn lowest(constraint: &str) -> Option<[u32; 3]> {
    let bounds = constraint.split(',').filter_map(|part| {
        let part = part.trim();
        let bound = ["~>", ">=", "=", ">"].iter().find_map(|operator| part.strip_prefix(operator)).unwrap_or(part);
        let mut numbers = bound.trim().split('.').map(str::parse::<u32>);
        let mut version = [0; 3];
        for number in &mut version {
            *number = numbers.next().unwrap_or(Ok(0)).ok()?;
        }
        numbers.next().is_none().then_some(version)
    });
    bounds.max()
}

impl MissingModule {
    /// Why nothing is known of what it makes.
    pub(crate) fn unknown(&self) -> Unknown {
        Unknown::new(self.message.clone(), self.span, "run `terraform init` in this folder")
    }
}

#[cfg(test)]
mod tests {
    use super::lowest;

    #[test]
    fn a_constraint_has_a_lowest_version() {
        let cases = [
            ("5.1.0", Some([5, 1, 0])),
            ("= 5.1.0", Some([5, 1, 0])),
            ("~> 5.0", Some([5, 0, 0])),
            ("~>4", Some([4, 0, 0])),
            (">= 1.2, < 6.0.0", Some([1, 2, 0])),
            ("> 3.1.4", Some([3, 1, 4])),
            ("< 6.0.0", None),
            ("!= 5.0.0", None),
            ("5.1.0-beta", None),
            ("", None),
            ("latest", None),
        ];
        for (constraint, version) in cases {
            assert_eq!(lowest(constraint), version, "{constraint}");
        }
    }
}
