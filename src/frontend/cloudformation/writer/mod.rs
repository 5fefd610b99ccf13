//! Writes into a CloudFormation template: a bucket policy for a bucket that has none, or the statement that a policy
//! lacks, as edits of the original text in the manner of its own lines.
//!
//! What cannot be written without guessing is refused, with a reason that a person can act on. Whether the edit does what
//! it is meant to is for whoever asks to try.

mod embedded;
mod place;
mod refer;
mod written;

use crate::finding::Intent;
use crate::frontend::writing::{self, Refusal, SID, free_sid};
use crate::source::{Edit, FileId, Sources, Span};
use crate::syntax::{self, Kind, Node, Parse};
use place::Layout;
use std::collections::BTreeMap;
use written::Written;

/// The type of a bucket policy.
const POLICY: &str = "AWS::S3::BucketPolicy";

/// What is to be written into the templates of `sources` for each of `intents`. Each template is read once.
pub(in crate::frontend) fn edits(sources: &Sources, intents: &[&Intent]) -> Vec<Result<Vec<Edit>, Refusal>> {
    let mut parses: BTreeMap<FileId, Parse> = BTreeMap::new();
    for file in intents.iter().filter_map(|intent| sources.get(intent.file())) {
        parses.entry(file.id()).or_insert_with(|| syntax::parse(file));
    }
    let writers: BTreeMap<FileId, Writer<'_>> =
        parses.iter().filter_map(|(file, parse)| Some((*file, Writer::new(parse)?))).collect();
    intents.iter().map(|intent| writers.get(&intent.file()).ok_or(Refusal::Layout)?.write(sources, intent)).collect()
}

/// Edits a template that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer<'a> {
    root: Node<'a>,
    layout: Layout<'a>,
}

impl<'a> Writer<'a> {
    /// A writer for a template; `None` for a text that holds nothing or that does not parse.
    #[must_use]
    pub(super) fn new(parse: &'a Parse) -> Option<Self> {
        let root = parse.tree.root().filter(|_| parse.errors.is_empty())?;
        let source = root.tree().source();
        let json = source.text().trim_start_matches('\u{FEFF}').trim_start().starts_with('{')
            && syntax::parse_json(source).errors.is_empty();
        Some(Self { root, layout: Layout::of(root, json) })
    }

    fn write(&self, sources: &Sources, intent: &Intent) -> Result<Vec<Edit>, Refusal> {
        match intent {
            Intent::AddPolicy { bucket } => self.add_policy(&bucket.address),
            Intent::AddStatement { policy } => self.add_statement(&policy.address),
            Intent::AlignCondition { policy, bucket } => self.align_condition(&policy.address, &bucket.address),
            Intent::Replace(changes) => {
                changes.iter().try_for_each(|change| self.hand_written(change.place))?;
                writing::replaced(sources, changes)
            }
            Intent::All(all) => {
                let each: Result<Vec<_>, _> = all.iter().map(|intent| self.write(sources, intent)).collect();
                Ok(each?.concat())
            }
            Intent::SwitchOn { .. } => Err(Refusal::Layout),
        }
    }

    /// Whether a place lies in a resource that people write, not a tool.
    fn hand_written(&self, span: Span) -> Result<(), Refusal> {
        let resources = self.root.get("Resources");
        let mut entries = resources.into_iter().flat_map(Node::entries);
        let found = entries.find(|(_, value)| (value.span().start..value.span().end).contains(&span.start));
        let id = found.and_then(|(key, _)| key.text()).ok_or(Refusal::Shared)?;
        self.resource(id).map(|_| ())
    }

    /// A policy for the bucket with that logical id, right after it.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_policy(&self, bucket: &str) -> Result<Vec<Edit>, Refusal> {
        let resources = self.root.get("Resources").ok_or_else(|| Refusal::NotWrittenOut(bucket.to_owned()))?;
        let (index, resource) = self.resource(bucket)?;
        let mut entries = vec![("Type", Written::Text(POLICY.to_owned()))];
        if let Some(condition) = resource.get("Condition") {
            let name = condition.text().ok_or(Refusal::Computed("Condition"))?;
            entries.push(("Condition", Written::Text(name.to_owned())));
        }
        let arns = refer::Arns::of_bucket(bucket);
        let reference = Written::Call("Ref", Box::new(Written::Text(bucket.to_owned())));
        let document = Written::Map(vec![
            ("Version", Written::Text("2012-10-17".to_owned())),
            ("Statement", Written::List(vec![statement(&arns, SID.to_owned())])),
        ]);
        entries.push(("Properties", Written::Map(vec![("Bucket", reference), ("PolicyDocument", document)])));
        let edit = self.layout.add_entry(resources, index, &self.free_id(bucket), &Written::Map(entries))?;
        Ok(vec![edit])
    }

    /// The statement that denies every insecure request, joined to the policy with that logical id.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_statement(&self, policy: &str) -> Result<Vec<Edit>, Refusal> {
        let properties = self.properties(policy)?;
        let document = properties.get("PolicyDocument").ok_or(Refusal::Lacks("PolicyDocument"))?;
        let bucket = properties.get("Bucket").ok_or(Refusal::Lacks("Bucket"))?;
        if document.kind() == Kind::Mapping && super::call::Call::of(document, false).is_none() {
            let arns = refer::Arns::of_policy(self.root, bucket)?;
            return self.add_to_structure(document, &arns);
        }
        embedded::add_statement(self.root, document, bucket)
    }

    /// Lets a policy exist wherever its bucket does: the bucket's condition in the place of its own, or none.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn align_condition(&self, policy: &str, bucket: &str) -> Result<Vec<Edit>, Refusal> {
        let (_, guarded) = self.resource(bucket)?;
        let (_, guarding) = self.resource(policy)?;
        let (key, value) = guarding.entry("Condition").ok_or(Refusal::Lacks("Condition"))?;
        if value.is_alias() || guarding.is_alias() {
            return Err(Refusal::Shared);
        }
        match guarded.get("Condition") {
            Some(wanted) => {
                let wanted = wanted.text().ok_or(Refusal::Computed("Condition"))?;
                Ok(vec![Edit::replace(
                    value.span(),
                    if self.layout.json { written::json_string(wanted) } else { wanted.to_owned() },
                )])
            }
            None if self.layout.is_flow(guarding) => Err(Refusal::Layout),
            None => Ok(vec![self.layout.whole_lines(key, value)?]),
        }
    }

    fn add_to_structure(&self, document: Node<'a>, arns: &refer::Arns) -> Result<Vec<Edit>, Refusal> {
        let statements = document.get("Statement").ok_or(Refusal::Lacks("Statement"))?;
        if document.is_alias() || statements.is_alias() || is_merged(document, statements) {
            return Err(Refusal::Shared);
        }
        if super::call::Call::of(statements, false).is_some() {
            return Err(Refusal::Computed("Statement"));
        }
        match statements.kind() {
            Kind::Sequence => {
                let taken = statements.items().filter_map(|item| item.get("Sid").and_then(Node::text));
                let statement = statement(arns, free_sid(&taken.collect::<Vec<_>>()));
                Ok(vec![self.layout.add_item(statements, &statement)?])
            }
            Kind::Mapping => {
                let taken = statements.get("Sid").and_then(Node::text);
                let statement = statement(arns, free_sid(taken.as_slice()));
                self.layout.wrap_and_add(statements, &statement)
            }
            _ => Err(Refusal::Lacks("Statement")),
        }
    }

    fn properties(&self, id: &str) -> Result<Node<'a>, Refusal> {
        let (_, resource) = self.resource(id)?;
        let properties = resource.get("Properties").ok_or(Refusal::Lacks("Properties"))?;
        if resource.is_alias() || properties.is_alias() || is_merged(resource, properties) {
            return Err(Refusal::Shared);
        }
        Ok(properties)
    }

    /// The resource with that logical id, and the number of its entry.
    fn resource(&self, id: &str) -> Result<(usize, Node<'a>), Refusal> {
        let resources = self.root.get("Resources");
        let mut entries = resources.into_iter().flat_map(Node::entries).enumerate();
        let found = entries.find(|(_, (key, _))| key.text() == Some(id));
        let (index, (_, resource)) = found.ok_or_else(|| Refusal::NotWrittenOut(id.to_owned()))?;
        if let Some(path) = resource.get("Metadata").and_then(|data| data.get("aws:cdk:path")).and_then(Node::text) {
            // The bucket's construct makes both resources.
            let made = path.strip_suffix("/Resource").unwrap_or(path);
            let construct = made.strip_suffix("/Policy").unwrap_or(made);
            return Err(Refusal::Generated(format!("set `enforceSSL: true` on the construct at `{construct}`")));
        }
        Ok((index, resource))
    }

    /// A logical id for the bucket's policy that nothing in the template has.
    fn free_id(&self, bucket: &str) -> String {
        let taken = |id: &str| {
            let in_section = |section: &str| self.root.get(section).is_some_and(|section| section.get(id).is_some());
            in_section("Resources") || in_section("Parameters")
        };
        let named = [format!("{bucket}Policy"), format!("{bucket}BucketPolicy")];
        let numbered = (2..).map(|number: u32| format!("{bucket}Policy{number}"));
        named.into_iter().chain(numbered).find(|id| !taken(id)).unwrap_or_default()
    }
}

/// Whether a value came into a mapping through a merge key, and so stands elsewhere.
fn is_merged(holder: Node<'_>, value: Node<'_>) -> bool {
    let (outer, inner) = (holder.resolved().span(), value.span());
    inner.start < outer.start || inner.end > outer.end
}

/// The statement that denies every insecure request on a bucket.
fn statement(arns: &refer::Arns, sid: String) -> Written {
    let text = |text: &str| Written::Text(text.to_owned());
    let transport = Written::Map(vec![("aws:SecureTransport", text("false"))]);
    Written::Map(vec![
        ("Sid", Written::Text(sid)),
        ("Effect", text("Deny")),
        ("Principal", text("*")),
        ("Action", text("s3:*")),
        ("Resource", Written::List(vec![arns.bucket.clone(), arns.objects.clone()])),
        ("Condition", Written::Map(vec![("Bool", transport)])),
    ])
}

#[cfg(test)]
mod tests;
