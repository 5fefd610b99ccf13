//! Writes into a policy that is JSON in a string, or in the text of an `Fn::Sub`.

use super::refer::{self, Named};
use crate::frontend::cloudformation::call::{Call, Function};
use crate::frontend::writing::{self, Refusal};
use crate::source::Edit;
use crate::syntax::embedded::{self, Fragment};
use crate::syntax::{Kind, Node};

/// The statement that denies every insecure request, joined to a policy in a string.
pub(super) fn add_statement(root: Node<'_>, document: Node<'_>, bucket: Node<'_>) -> Result<Vec<Edit>, Refusal> {
    let (scalar, live) = host(document)?;
    if scalar.is_alias() {
        return Err(Refusal::Shared);
    }
    let text = scalar.text().ok_or(Refusal::Computed("PolicyDocument"))?;
    let fragment = Fragment::Text { text: text.to_owned(), map: embedded::scalar_map(scalar) };
    let parse = embedded::parse(root.tree().source(), &[fragment]);
    let inner = parse.tree.root().filter(|_| parse.errors.is_empty()).ok_or(Refusal::NoJson)?;
    let (arn, objects) = arns(root, bucket, live)?;
    writing::add_to_json(root.tree().source(), inner, (&arn, &objects), |text| escaped(text, scalar))
}

/// The scalar that holds the policy, and whether references in it are live.
fn host(document: Node<'_>) -> Result<(Node<'_>, bool), Refusal> {
    let Some(call) = Call::of(document, false) else {
        return if document.string().is_some() { Ok((document, false)) } else { Err(Refusal::Lacks("PolicyDocument")) };
    };
    match call.function {
        Function::Sub if call.argument.kind() == Kind::Sequence => {
            Ok((call.argument.items().next().ok_or(Refusal::Computed("PolicyDocument"))?, true))
        }
        Function::Sub => Ok((call.argument, true)),
        _ => Err(Refusal::Computed("PolicyDocument")),
    }
}

/// The ARNs as they are written in JSON text; without `Fn::Sub` a name that is written out is needed.
fn arns(root: Node<'_>, bucket: Node<'_>, live: bool) -> Result<(String, String), Refusal> {
    let arn = match refer::within_sub(root, bucket) {
        Some(Named::Bucket(id)) if live => format!("${{{id}.Arn}}"),
        Some(Named::Bucket(id)) => {
            let properties = root.get("Resources").and_then(|all| all.get(&id)).and_then(|one| one.get("Properties"));
            let name = properties.and_then(|properties| properties.get("BucketName"));
            let name = name.filter(|name| Call::of(*name, false).is_none()).and_then(Node::text);
            format!("arn:aws:s3:::{}", name.ok_or(Refusal::NoArn)?)
        }
        Some(Named::InSub(name)) if live => format!("arn:${{AWS::Partition}}:s3:::{name}"),
        Some(Named::InSub(name)) if !name.contains("${") => format!("arn:aws:s3:::{name}"),
        _ => return Err(Refusal::NoArn),
    };
    // Names are written as they are: what would need escapes is no bucket name.
    if arn.contains(['"', '\\', '\'', '\n']) {
        return Err(Refusal::NoArn);
    }
    Ok((arn.clone(), format!("{arn}/*")))
}

/// JSON text as it is written in its scalar.
fn escaped(text: &str, scalar: Node<'_>) -> String {
    match scalar.tree().source().slice(scalar.span()).chars().next() {
        Some('"') => text.replace('\\', "\\\\").replace('"', "\\\""),
        Some('\'') => text.replace('\'', "''"),
        _ => text.to_owned(),
    }
}
