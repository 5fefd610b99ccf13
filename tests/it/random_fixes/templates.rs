//! Templates whose buckets are exposed in many ways.

use super::layout::{Layout, Node, call, map, text};
use crate::support::random::Random;

/// A template's text, and whether it is JSON.
pub fn any(random: &mut Random) -> (String, bool) {
    let layout = Layout::any(random);
    let mut resources = Vec::new();
    for number in 0..1 + random.below(3) {
        bucket(&format!("Data{number}"), random, &mut resources);
    }
    if random.chance(30) {
        let at = random.below(resources.len() + 1);
        resources.insert(at, ("Topic".to_owned(), map([("Type", text("AWS::SNS::Topic"))])));
    }
    let mut sections = vec![
        ("AWSTemplateFormatVersion".to_owned(), text("2010-09-09")),
        ("Description".to_owned(), text("what is in ± 3 buckets")),
        ("Parameters".to_owned(), map([("Env", map([("Type", text("String"))]))])),
        ("Conditions".to_owned(), map([("IsProd", equals("Env", "prod")), ("IsTest", equals("Env", "test"))])),
        ("Resources".to_owned(), Node::Map(resources)),
    ];
    if random.chance(40) {
        sections.push(("Outputs".to_owned(), map([("Env", map([("Value", call("Ref", text("Env")))]))])));
    }
    (layout.write(&Node::Map(sections), random), layout.json)
}

fn equals(parameter: &str, value: &str) -> Node {
    call("Fn::Equals", Node::List(vec![call("Ref", text(parameter)), text(value)]))
}

fn bucket(id: &str, random: &mut Random, resources: &mut Vec<(String, Node)>) {
    let mut entries = vec![("Type".to_owned(), text("AWS::S3::Bucket"))];
    let condition = random.chance(25);
    if condition {
        entries.push(("Condition".to_owned(), text("IsProd")));
    }
    if random.chance(20) {
        entries.push(("DeletionPolicy".to_owned(), text("Retain")));
        entries.push(("UpdateReplacePolicy".to_owned(), text("Retain")));
    }
    let literal = random.chance(40).then(|| format!("acme-{}", id.to_lowercase()));
    let name = match &literal {
        Some(name) => Some(text(name)),
        None if random.chance(30) => Some(call("Fn::Sub", text(&format!("${{Env}}-{}", id.to_lowercase())))),
        None => None,
    };
    if let Some(name) = name {
        entries.push(("Properties".to_owned(), map([("BucketName", name)])));
    }
    resources.push((id.to_owned(), Node::Map(entries)));
    if random.chance(65) {
        let policy = policy(id, literal.as_deref(), condition, random);
        let at = random.below(resources.len() + 1);
        resources.insert(at, (format!("{id}Policy"), policy));
    }
}

fn policy(id: &str, literal: Option<&str>, condition: bool, random: &mut Random) -> Node {
    let mut entries = vec![("Type".to_owned(), text("AWS::S3::BucketPolicy"))];
    if condition {
        entries.push(("Condition".to_owned(), text("IsProd")));
    } else if random.chance(15) {
        entries.push(("Condition".to_owned(), text("IsTest")));
    }
    let named = match literal {
        Some(name) if random.chance(40) => text(name),
        _ => call("Ref", text(id)),
    };
    entries
        .push(("Properties".to_owned(), map([("Bucket", named), ("PolicyDocument", document(id, literal, random))])));
    Node::Map(entries)
}

/// A document that does not deny all plain HTTP, in one of the ways to write one.
fn document(id: &str, literal: Option<&str>, random: &mut Random) -> Node {
    let one = random.chance(25);
    let count = if one { 1 } else { 1 + random.below(3) };
    match random.below(10) {
        0 => Node::Json(json(&format!("${{{id}.Arn}}"), count, one, random)).in_sub(),
        1 => {
            let document = Node::Json(json("${Arn}", count, one, random));
            let arn = map([("Arn", call("Fn::GetAtt", text(&format!("{id}.Arn"))))]);
            call("Fn::Sub", Node::List(vec![document, arn]))
        }
        2 | 3 if literal.is_some() => {
            Node::Json(json(&format!("arn:aws:s3:::{}", literal.unwrap_or_default()), count, one, random))
        }
        _ => {
            let statements: Vec<Node> = (0..count).map(|number| statement(id, number, random)).collect();
            let statements = match <[Node; 1]>::try_from(statements) {
                Ok([only]) if one => only,
                Ok([only]) => Node::List(vec![only]),
                Err(several) => Node::List(several),
            };
            map([("Version", text("2012-10-17")), ("Statement", statements)])
        }
    }
}

impl Node {
    fn in_sub(self) -> Self {
        call("Fn::Sub", self)
    }
}

/// What a statement that is not enough says.
struct Part {
    effect: &'static str,
    action: &'static str,
    principal: &'static str,
    objects_only: bool,
    condition: &'static str,
}

fn part(random: &mut Random) -> Part {
    let deny = Part { effect: "Deny", action: "s3:*", principal: "*", objects_only: true, condition: "false" };
    match random.below(5) {
        0 => Part { action: "s3:Get*", ..deny },
        1 => Part { condition: "true", objects_only: false, ..deny },
        2 => Part { principal: "arn:aws:iam::111122223333:root", ..deny },
        3 => deny,
        _ => Part {
            effect: "Allow",
            action: "s3:GetObject",
            principal: "arn:aws:iam::111122223333:root",
            condition: "",
            ..deny
        },
    }
}

fn statement(id: &str, number: usize, random: &mut Random) -> Node {
    let part = part(random);
    let objects = call("Fn::Sub", text(&format!("${{{id}.Arn}}/*")));
    let arn = call("Fn::GetAtt", text(&format!("{id}.Arn")));
    let resource = if part.objects_only { objects } else { Node::List(vec![arn, objects]) };
    let principal = if part.principal == "*" { text("*") } else { map([("AWS", text(part.principal))]) };
    let mut entries = Vec::new();
    if random.chance(60) {
        entries.push(("Sid".to_owned(), text(random.pick(&["DenyInsecureTransport", "Other"]).to_owned())));
        if let Some((_, Node::Text(sid))) = entries.first_mut() {
            *sid += &"x".repeat(number);
        }
    }
    for (key, value) in
        [("Effect", text(part.effect)), ("Principal", principal), ("Action", text(part.action)), ("Resource", resource)]
    {
        entries.push((key.to_owned(), value));
    }
    if !part.condition.is_empty() {
        let transport = map([("aws:SecureTransport", text(part.condition))]);
        entries.push(("Condition".to_owned(), map([("Bool", transport)])));
    }
    Node::Map(entries)
}

/// A policy as JSON text, over lines or in one.
pub fn json(arn: &str, count: usize, one: bool, random: &mut Random) -> String {
    let statement = |random: &mut Random| {
        let part = part(random);
        let objects = format!("{arn}/*");
        let mut statement = serde_json::json!({"Effect": part.effect, "Action": part.action, "Resource": objects});
        statement["Principal"] =
            if part.principal == "*" { "*".into() } else { serde_json::json!({"AWS": part.principal}) };
        if !part.objects_only {
            statement["Resource"] = serde_json::json!([arn, objects]);
        }
        if !part.condition.is_empty() {
            statement["Condition"] = serde_json::json!({"Bool": {"aws:SecureTransport": part.condition}});
        }
        statement
    };
    let statements: Vec<serde_json::Value> = (0..count).map(|_| statement(random)).collect();
    let statements = if one { statements[0].clone() } else { statements.into() };
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    if random.chance(50) { format!("{document:#}") } else { document.to_string() }
}
