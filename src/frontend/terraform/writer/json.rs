//! Writes into Terraform's JSON syntax (`.tf.json`), whose strings are templates.
//!
//! See <https://developer.hashicorp.com/terraform/language/syntax/json>.

use super::policy::Arns;
use super::{POLICY, label};
use crate::frontend::writing::{self, Layout, Refusal, SID, Written};
use crate::source::{Edit, SourceFile};
use crate::syntax::embedded::{self, Fragment};
use crate::syntax::{Kind, Node, Parse, parse_json};
use std::sync::Arc;

/// The type of the data source that makes a policy's text.
const DOCUMENT: &str = "aws_iam_policy_document";

/// Edits the JSON files of one module.
pub(super) struct Writer {
    files: Vec<Parse>,
}

/// A block with the entry that holds it.
#[derive(Clone, Copy)]
struct Found<'a> {
    root: Node<'a>,
    body: Node<'a>,
}

impl<'a> Found<'a> {
    fn argument(self, name: &str) -> Option<Node<'a>> {
        self.body.get(name)
    }

    fn layout(self) -> Layout<'a> {
        Layout::of(self.root, true)
    }

    /// An argument as it is written.
    fn written(self, name: &str) -> Option<Written> {
        let value = self.argument(name)?;
        Some(Written::Source(value.tree().source().slice(value.span()).to_owned()))
    }
}

impl Writer {
    /// A writer for files of one module, those left out that do not parse.
    pub(super) fn new<'s>(files: impl Iterator<Item = &'s Arc<SourceFile>>) -> Self {
        Self { files: files.map(parse_json).filter(|parse| parse.errors.is_empty()).collect() }
    }

    /// A policy for a bucket, named without instance keys, and the document that it takes.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_policy(&self, bucket: &str) -> Result<Vec<Edit>, Refusal> {
        let found = self.resource(bucket)?;
        let names = ["count", "for_each"];
        let many: Vec<(String, Written)> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), found.written(name)?))).collect();
        let key = match many.first().map(|(name, _)| name.as_str()) {
            Some("count") => "[count.index]",
            Some(_) => "[each.key]",
            None => "",
        };
        let name = self.free_name(label(bucket));
        let arns = Arns::of(&format!("{bucket}{key}"));
        let mut document = many.clone();
        document.push(("statement".to_owned(), Written::List(vec![statement(&arns, SID)])));
        let placed = ["provider", "region"].iter().filter_map(|name| Some(((*name).to_owned(), found.written(name)?)));
        let mut policy: Vec<(String, Written)> = placed.chain(many).collect();
        policy.push(("bucket".to_owned(), Written::Text(format!("${{{bucket}{key}.id}}"))));
        policy.push(("policy".to_owned(), Written::Text(format!("${{data.{DOCUMENT}.{name}{key}.json}}"))));
        let of_data = add_at(found.root, &["data", DOCUMENT, &name], Written::Map(document))?;
        let of_resource = add_at(found.root, &["resource", POLICY, &name], Written::Map(policy))?;
        Ok(vec![of_data, of_resource])
    }

    /// The statement, joined to a policy that is named without instance keys.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_statement(&self, policy: &str) -> Result<Vec<Edit>, Refusal> {
        let found = self.resource(policy)?;
        let document = found.argument("policy").ok_or(Refusal::Lacks("policy"))?;
        let text = document.string().ok_or(Refusal::Computed("policy"))?;
        // A bucket with a policy of its own cannot refer to itself there: its name is written once more.
        let bucket = found.argument("bucket").and_then(Node::string).ok_or(Refusal::NoArn)?;
        let arns = Arns::of_reference(&format!("\"{bucket}\""))?;
        let reference = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match reference.map(str::trim).and_then(super::policy::data_source) {
            Some(name) => self.add_to_document(name, &arns),
            None if text.trim_start().starts_with('{') => into_text(document, text, &arns),
            None => Err(Refusal::Computed("policy")),
        }
    }

    fn add_to_document(&self, name: &str, arns: &Arns) -> Result<Vec<Edit>, Refusal> {
        let missing = || Refusal::NotWrittenOut(format!("data.{DOCUMENT}.{name}"));
        let found = self.block(&["data", DOCUMENT, name]).ok_or_else(missing)?;
        let sid = writing::free_sid(found.root.tree().source().slice(found.body.span()));
        let statement = statement(arns, &sid);
        let layout = found.layout();
        match found.argument("statement") {
            Some(statements) if statements.kind() == Kind::Sequence => {
                Ok(vec![layout.add_item(statements, &statement)?])
            }
            Some(only) => layout.wrap_and_add(only, &statement),
            None => {
                let last = found.body.entries().count().checked_sub(1);
                Ok(vec![layout.add_entry(found.body, last, "statement", &Written::List(vec![statement]))?])
            }
        }
    }

    /// Lets a policy exist wherever its bucket does.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn align(&self, policy: &str, bucket: &str) -> Result<Vec<Edit>, Refusal> {
        let (guarded, guarding) = (self.resource(bucket)?, self.resource(policy)?);
        for name in ["count", "for_each"] {
            let index = guarding.body.entries().position(|(key, _)| key.text() == Some(name));
            let (Some(index), Some(own)) = (index, guarding.argument(name)) else { continue };
            return match guarded.written(name) {
                Some(Written::Source(wanted)) => Ok(vec![Edit::replace(own.span(), wanted)]),
                _ if guarded.argument("count").or(guarded.argument("for_each")).is_some() => {
                    Err(Refusal::Computed(name))
                }
                _ => Ok(vec![guarding.layout().without_entry(guarding.body, index)?]),
            };
        }
        Err(Refusal::Carried)
    }

    /// Sets an argument of a module call to `true`.
    ///
    /// # Errors
    /// Where the call is not in these files.
    pub(super) fn switch_on(&self, module: &str, argument: &str) -> Result<Vec<Edit>, Refusal> {
        let missing = || Refusal::NotWrittenOut(format!("module.{module}"));
        let found = self.block(&["module", module]).ok_or_else(missing)?;
        let on = || "true".to_owned();
        if let Some(value) = found.argument(argument) {
            return Ok(vec![Edit::replace(value.span(), on())]);
        }
        let last = found.body.entries().count().checked_sub(1);
        Ok(vec![found.layout().add_entry(found.body, last, argument, &Written::Source(on()))?])
    }

    /// Whether the resource is in these files.
    pub(super) fn has(&self, address: &str) -> bool {
        self.resource(address).is_ok()
    }

    fn resource(&self, address: &str) -> Result<Found<'_>, Refusal> {
        let missing = || Refusal::NotWrittenOut(address.to_owned());
        let (kind, name) = address.split_once('.').ok_or_else(missing)?;
        self.block(&["resource", kind, name]).ok_or_else(missing)
    }

    fn block(&self, path: &[&str]) -> Option<Found<'_>> {
        self.files.iter().filter_map(|parse| parse.tree.root()).find_map(|root| {
            let body = path.iter().try_fold(root, |node, name| named(node, name))?;
            (body.kind() == Kind::Mapping).then_some(Found { root, body })
        })
    }

    /// A name for a bucket's policy and for its document.
    fn free_name(&self, bucket: &str) -> String {
        let taken = |name: &str| {
            [["resource", POLICY, name], ["data", DOCUMENT, name]].iter().any(|path| self.block(path).is_some())
        };
        super::policy_name(bucket, taken)
    }
}

/// What stands under a name, in an object or in one of a list.
fn named<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    node.get(name).or_else(|| node.items().find_map(|item| item.get(name)))
}

/// Puts a value under a path of keys, of which the first may be there already.
fn add_at(root: Node<'_>, path: &[&str], value: Written) -> Result<Edit, Refusal> {
    let mut holder = root;
    let mut path = path;
    while let [first, rest @ ..] = path {
        let Some(inner) = holder.get(first) else { break };
        if inner.kind() != Kind::Mapping || rest.is_empty() {
            return Err(Refusal::Layout);
        }
        (holder, path) = (inner, rest);
    }
    let [first, rest @ ..] = path else { return Err(Refusal::Layout) };
    let value = rest.iter().rev().fold(value, |value, key| Written::map([(key, value)]));
    let last = holder.entries().count().checked_sub(1);
    Layout::of(root, true).add_entry(holder, last, first, &value)
}

/// The statement as the block of a document, in JSON.
fn statement(arns: &Arns, sid: &str) -> Written {
    let list = |texts: &[&str]| Written::List(texts.iter().map(|text| Written::text(text)).collect());
    let objects = format!("{}/*", arns.in_template());
    Written::map([
        ("sid", Written::text(sid)),
        ("effect", Written::text("Deny")),
        ("actions", list(&["s3:*"])),
        ("resources", list(&[arns.in_template(), &objects])),
        ("principals", Written::map([("type", Written::text("*")), ("identifiers", list(&["*"]))])),
        (
            "condition",
            Written::map([
                ("test", Written::text("Bool")),
                ("variable", Written::text("aws:SecureTransport")),
                ("values", list(&["false"])),
            ]),
        ),
    ])
}

/// Into a policy that is JSON in a string.
fn into_text(scalar: Node<'_>, text: &str, arns: &Arns) -> Result<Vec<Edit>, Refusal> {
    let source = scalar.tree().source();
    let fragment = Fragment::Text { text: text.to_owned(), map: embedded::scalar_map(scalar) };
    let parse = embedded::parse(source, &[fragment]);
    let document = parse.tree.root().filter(|_| parse.errors.is_empty()).ok_or(Refusal::NoJson)?;
    let arn = arns.in_template();
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    writing::add_to_json(source, document, (arn, &format!("{arn}/*")), escaped)
}
