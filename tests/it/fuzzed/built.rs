//! A policy built of what policies are made of: the two evaluators agree, the order of its statements does not matter,
//! and a statement more never lets more through.

use super::policy;
use arbitrary::{Arbitrary, Unstructured};
use bucketlint::policy::Decision;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Effect {
    Deny,
    Allow,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Who {
    Everyone,
    Aws,
    Account,
    Role,
    Service,
    NotRole,
    NotAccount,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Action {
    All,
    S3,
    Get,
    NotGet,
    List,
    NotList,
    LettersUpTo,
    Unknown,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Resource {
    Bucket,
    Objects,
    Both,
    Joined,
    Any,
    Prefix,
    NotPrefix,
    OneCharacter,
    Variable,
    Unknown,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Test {
    Insecure,
    InsecureIfExists,
    Secure,
    TextInsecure,
    OldTls,
    OldTlsIfExists,
    Organization,
    NotOrganization,
    Service,
    NotService,
    Address,
    NotAddress,
    Role,
    NotRole,
    Absent,
    Present,
    Unknown,
    ForAll,
    ForAny,
    Before,
}

#[derive(Clone, Debug, Arbitrary)]
struct Statement {
    effect: Effect,
    who: Who,
    actions: [Action; 2],
    resources: [Resource; 2],
    tests: Vec<Test>,
}

#[derive(Debug, Arbitrary)]
struct Policy {
    old: bool,
    statements: Vec<Statement>,
    extra: Statement,
}

impl Who {
    fn written(self) -> (&'static str, Value) {
        let role = "arn:aws:iam::111122223333:role/r";
        match self {
            Self::Everyone => ("Principal", json!("*")),
            Self::Aws => ("Principal", json!({"AWS": "*"})),
            Self::Account => ("Principal", json!({"AWS": "111122223333"})),
            Self::Role => ("Principal", json!({"AWS": [role]})),
            Self::Service => ("Principal", json!({"Service": "logging.s3.amazonaws.com"})),
            Self::NotRole => ("NotPrincipal", json!({"AWS": role})),
            Self::NotAccount => ("NotPrincipal", json!({"AWS": ["111122223333", role]})),
        }
    }
}

impl Action {
    fn written(self) -> (bool, Value) {
        match self {
            Self::All => (false, json!("*")),
            Self::S3 => (false, json!("s3:*")),
            Self::Get => (false, json!("s3:Get*")),
            Self::NotGet => (true, json!("s3:Get*")),
            Self::List => (false, json!("s3:ListBucket")),
            Self::NotList => (true, json!("s3:ListBucket")),
            Self::LettersUpTo => (false, json!("s3:?*")),
            Self::Unknown => (false, json!({"Ref": "P"})),
        }
    }
}

impl Resource {
    fn written(self) -> (bool, Value) {
        match self {
            Self::Bucket => (false, json!("arn:aws:s3:::data")),
            Self::Objects => (false, json!("arn:aws:s3:::data/*")),
            Self::Both => (false, json!("arn:aws:s3:::data*")),
            Self::Joined => (false, json!({"Fn::Join": ["", ["arn:aws:s3:::da", "ta/?*"]]})),
            Self::Any => (false, json!("*")),
            Self::Prefix => (false, json!("arn:aws:s3:::data/a*")),
            Self::NotPrefix => (true, json!("arn:aws:s3:::data/a*")),
            Self::OneCharacter => (false, json!("arn:aws:s3:::dat?")),
            Self::Variable => (false, json!("arn:aws:s3:::data/${aws:username}/*")),
            Self::Unknown => (false, json!({"Fn::Sub": "arn:aws:s3:::${P}/*"})),
        }
    }
}

impl Test {
    fn written(self) -> (&'static str, &'static str, Value) {
        let organization = "aws:PrincipalOrgID";
        match self {
            Self::Insecure => ("Bool", "aws:SecureTransport", json!("false")),
            Self::InsecureIfExists => ("BoolIfExists", "AWS:SecureTransport", json!([false])),
            Self::Secure => ("Bool", "aws:SecureTransport", json!(true)),
            Self::TextInsecure => ("StringEquals", "aws:SecureTransport", json!("false")),
            Self::OldTls => ("NumericLessThan", "s3:TlsVersion", json!("1.2")),
            Self::OldTlsIfExists => ("NumericLessThanIfExists", "s3:TlsVersion", json!(1.2)),
            Self::Organization => ("StringEquals", organization, json!(["o-1", "o-2"])),
            Self::NotOrganization => ("StringNotEquals", organization, json!("o-1")),
            Self::Service => ("Bool", "aws:PrincipalIsAWSService", json!("true")),
            Self::NotService => ("BoolIfExists", "aws:PrincipalIsAWSService", json!("false")),
            Self::Address => ("IpAddress", "aws:SourceIp", json!("10.0.0.0/8")),
            Self::NotAddress => ("NotIpAddress", "aws:SourceIp", json!(["10.0.0.0/9", "10.128.0.0/9"])),
            Self::Role => ("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam::111122223333:role/*")),
            Self::NotRole => ("ArnNotLike", "aws:PrincipalArn", json!("arn:aws:iam::111122223333:role/r")),
            Self::Absent => ("Null", "aws:SourceVpce", json!("true")),
            Self::Present => ("Null", "aws:SourceVpce", json!("false")),
            Self::Unknown => ("StringEquals", "aws:SourceVpce", json!({"Ref": "P"})),
            Self::ForAll => ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", json!("o-1/*")),
            Self::ForAny => ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", json!("o-1/*")),
            Self::Before => ("DateLessThan", "aws:CurrentTime", json!("2020-01-01T00:00:00Z")),
        }
    }
}

/// The values under the key that the first of them asks for.
fn element(name: &str, all: impl Iterator<Item = (bool, Value)>, entries: &mut Map<String, Value>) {
    let all: Vec<(bool, Value)> = all.collect();
    let negated = all.first().is_some_and(|(negated, _)| *negated);
    let values = all.into_iter().filter(|one| one.0 == negated).map(|one| one.1);
    entries.insert(format!("{}{name}", if negated { "Not" } else { "" }), Value::Array(values.collect()));
}

impl Statement {
    fn written(&self) -> Value {
        let mut entries = Map::new();
        entries.insert("Effect".to_owned(), json!(format!("{:?}", self.effect)));
        let (key, who) = self.who.written();
        entries.insert(key.to_owned(), who);
        element("Action", self.actions.iter().map(|action| action.written()), &mut entries);
        element("Resource", self.resources.iter().map(|resource| resource.written()), &mut entries);
        let mut conditions: Map<String, Value> = Map::new();
        for (operator, key, value) in self.tests.iter().take(3).map(|test| test.written()) {
            let keys = conditions.entry(operator).or_insert_with(|| json!({}));
            keys.as_object_mut().expect("an object").insert(key.to_owned(), value);
        }
        if !conditions.is_empty() {
            entries.insert("Condition".to_owned(), Value::Object(conditions));
        }
        Value::Object(entries)
    }
}

/// How bad a decision is.
fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::Enforced { .. } => 0,
        Decision::Undecided { .. } => 1,
        Decision::Exposed { .. } => 2,
    }
}

fn decided(old: bool, statements: &[Value]) -> Option<Decision> {
    let version = if old { "2008-10-17" } else { "2012-10-17" };
    policy::check(&json!({"Version": version, "Statement": statements}).to_string())
}

pub fn target(data: &[u8]) {
    let Ok(built) = Policy::arbitrary(&mut Unstructured::new(data)) else { return };
    let mut statements: Vec<Value> = built.statements.iter().take(5).map(Statement::written).collect();
    let Some(before) = decided(built.old, &statements) else { return };
    statements.reverse();
    let turned = decided(built.old, &statements).expect("it is as valid");
    assert_eq!(rank(&turned), rank(&before), "{before:?}\n{turned:?}\n{statements:#?}");
    statements.insert(statements.len() / 2, built.extra.written());
    let Some(after) = decided(built.old, &statements) else { return };
    assert!(rank(&after) <= rank(&before), "{before:?}\n{after:?}\n{statements:#?}");
}
