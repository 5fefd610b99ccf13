//! How a policy's own template writes the ARN of its bucket.

use crate::frontend::cloudformation::call::{Call, Function};
use crate::frontend::cloudformation::references::BUCKET;
use crate::frontend::writing::{Refusal, Written};
use crate::syntax::{Kind, Node};

/// What an ARN of a bucket starts with in every partition.
const BEFORE_NAME: &str = "arn:${AWS::Partition}:s3:::";

/// The ARNs of a bucket and of its objects.
#[derive(Clone, Debug)]
pub(super) struct Arns {
    pub(super) bucket: Written,
    pub(super) objects: Written,
}

impl Arns {
    /// Of a bucket of the same template.
    pub(super) fn of_bucket(id: &str) -> Self {
        Self { bucket: call("Fn::GetAtt", format!("{id}.Arn")), objects: call("Fn::Sub", format!("${{{id}.Arn}}/*")) }
    }

    /// Of a bucket that a loop makes, by the pattern of its logical id: there functions stand in the place of ids.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach-example-outputs.html>
    pub(super) fn of_bucket_in_loop(id: &str) -> Self {
        let arn =
            || Written::Call("Fn::GetAtt", Box::new(Written::List(vec![sub(id), Written::Text("Arn".to_owned())])));
        let objects = vec![Written::Text("${Arn}/*".to_owned()), Written::map([("Arn", arn())])];
        Self { bucket: arn(), objects: Written::Call("Fn::Sub", Box::new(Written::List(objects))) }
    }

    /// Of the bucket that a policy names: what it names it by goes into the ARN.
    pub(super) fn of_policy(root: Node<'_>, bucket: Node<'_>) -> Result<Self, Refusal> {
        match within_sub(root, bucket) {
            Some(Named::Bucket(id)) => Ok(Self::of_bucket(&id)),
            Some(Named::InSub(text)) => Ok(Self::of_sub(&text)),
            None => Self::of_source(bucket),
        }
    }

    fn of_sub(name: &str) -> Self {
        Self {
            bucket: call("Fn::Sub", format!("{BEFORE_NAME}{name}")),
            objects: call("Fn::Sub", format!("{BEFORE_NAME}{name}/*")),
        }
    }

    /// The expression itself, put in by `Fn::Sub` under a name.
    fn of_source(bucket: Node<'_>) -> Result<Self, Refusal> {
        let call = Call::of(bucket, false).ok_or(Refusal::NoArn)?;
        let written = source(bucket, &call)?;
        let name = || Written::map([("Bucket", Written::Source(written.to_owned()))]);
        let arn = |rest: &str| {
            let text = Written::Text(format!("{BEFORE_NAME}${{Bucket}}{rest}"));
            Written::Call("Fn::Sub", Box::new(Written::List(vec![text, name()])))
        };
        Ok(Self { bucket: arn(""), objects: arn("/*") })
    }
}

/// A function as it is written, where that fits into a line.
fn source<'a>(bucket: Node<'a>, call: &Call<'a>) -> Result<&'a str, Refusal> {
    let written = bucket.tree().source().slice(call.span).trim_end();
    if bucket.is_alias() || written.contains(['\n', '#']) || !written.starts_with(['!', '{']) {
        return Err(Refusal::NoArn);
    }
    Ok(written)
}

/// What a policy names its bucket by, once more.
pub(super) fn again(bucket: Node<'_>) -> Result<Written, Refusal> {
    match Call::of(bucket, false) {
        Some(call) => Ok(Written::Source(source(bucket, &call)?.to_owned())),
        None => Ok(Written::text(bucket.text().ok_or(Refusal::NoArn)?)),
    }
}

/// A reference to a resource of the same template.
pub(super) fn reference(id: &str) -> Written {
    call("Ref", id.to_owned())
}

/// A reference to a resource that a loop makes, by the pattern of its logical id.
pub(super) fn reference_in_loop(id: &str) -> Written {
    Written::map([("Ref", sub(id))])
}

fn sub(text: &str) -> Written {
    call("Fn::Sub", text.to_owned())
}

/// How a bucket is named.
pub(super) enum Named {
    /// By reference to a bucket of the same template, with that logical id.
    Bucket(String),
    /// By what this stands for in the text of an `Fn::Sub`.
    InSub(String),
}

/// How a policy names its bucket, where that can be said in an `Fn::Sub` without further variables.
pub(super) fn within_sub(root: Node<'_>, bucket: Node<'_>) -> Option<Named> {
    let Some(call) = Call::of(bucket, false) else {
        let literal = bucket.text().filter(|text| !text.is_empty() && !text.contains("${"))?;
        return Some(Named::InSub(literal.to_owned()));
    };
    match call.function {
        Function::Ref => {
            let id = call.argument.text()?;
            // In a loop, what is referred to may be made by one.
            if id.contains(['$', '&']) {
                return None;
            }
            let resource = root.get("Resources").and_then(|resources| resources.get(id));
            let is_bucket = resource.and_then(|one| one.get("Type")).and_then(Node::text) == Some(BUCKET);
            Some(if is_bucket { Named::Bucket(id.to_owned()) } else { Named::InSub(format!("${{{id}}}")) })
        }
        Function::GetAtt if call.argument.kind() == Kind::Sequence => {
            let parts: Option<Vec<&str>> = call.argument.items().map(Node::text).collect();
            Some(Named::InSub(format!("${{{}}}", parts?.join("."))))
        }
        Function::GetAtt => Some(Named::InSub(format!("${{{}}}", call.argument.text()?))),
        Function::Sub => Some(Named::InSub(call.argument.text()?.to_owned())),
        _ => None,
    }
}

fn call(name: &'static str, argument: String) -> Written {
    Written::Call(name, Box::new(Written::Text(argument)))
}
