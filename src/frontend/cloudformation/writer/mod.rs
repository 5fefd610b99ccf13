//! Writes into a CloudFormation template: a bucket policy for a bucket that has none, or the statement that a policy
//! lacks, as edits of the original text in the manner of its own lines.
//!
//! What cannot be written without guessing is refused, with a reason that a person can act on. Whether the edit does what
//! it is meant to is for whoever asks to try.

mod embedded;
mod refer;

use super::call::{Call, Function};
use super::loops;
use crate::finding::{Intent, Target};
use crate::frontend::writing::{self, Layout, Refusal, SID, Written, free_sid};
use crate::source::{Edit, FileId, Sources, Span};
use crate::syntax::{self, Kind, Node, Parse};
use std::collections::BTreeMap;

/// The type of a bucket policy.
const POLICY: &str = "AWS::S3::BucketPolicy";

/// What is to be written into the templates of `sources` for each of `intents`. Each template is read once.
pub(in crate::frontend) fn edits(sources: &Sources, intents: &[&Intent]) -> Vec<Result<Vec<Edit>, Refusal>> {
    let mut parses: BTreeMap<FileId, Parse> = BTreeMap::new();
    let files = intents.iter().flat_map(|intent| intent.files());
    for file in files.filter_map(|file| sources.get(file)) {
        parses.entry(file.id()).or_insert_with(|| syntax::parse(file));
    }
    let writers = parses.iter().filter_map(|(file, parse)| Some((*file, Writer::new(parse)?)));
    let all = Writers { sources, of: writers.collect() };
    intents.iter().map(|intent| all.write(intent)).collect()
}

/// The writers of all templates that are written to, or looked at for that.
struct Writers<'a> {
    sources: &'a Sources,
    of: BTreeMap<FileId, Writer<'a>>,
}

impl Writers<'_> {
    fn write(&self, intent: &Intent) -> Result<Vec<Edit>, Refusal> {
        let of = |file: FileId| self.of.get(&file).ok_or(Refusal::Layout);
        match intent {
            Intent::AddPolicy { bucket } => of(bucket.span.file)?.add_policy(bucket),
            Intent::AddStatement { policy } => of(policy.span.file)?.add_statement(policy),
            Intent::AlignCondition { policy, bucket } => {
                let guarded = of(bucket.span.file)?.entry(bucket)?.resource;
                let writer = of(policy.span.file)?;
                if policy.span.file != bucket.span.file && guarded.get("Condition").is_some() {
                    return Err(Refusal::Apart);
                }
                writer.align_condition(policy, guarded)
            }
            Intent::Replace(changes) => {
                changes.iter().try_for_each(|change| of(change.place.file)?.hand_written(change.place))?;
                writing::replaced(self.sources, changes)
            }
            Intent::AddPrincipal { statement } => {
                of(statement.file)?.hand_written(*statement)?;
                writing::add_principal(self.sources, *statement)
            }
            Intent::All(all) => {
                let each: Result<Vec<_>, _> = all.iter().map(|intent| self.write(intent)).collect();
                Ok(each?.concat())
            }
            Intent::SwitchOn { .. } => Err(Refusal::Layout),
        }
    }
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

    /// Whether a place lies in a resource that people write, not a tool.
    fn hand_written(&self, span: Span) -> Result<(), Refusal> {
        let resources = self.root.get("Resources");
        let mut entries = resources.into_iter().flat_map(Node::entries);
        let holds = |value: Node<'_>| (value.span().start..value.span().end).contains(&span.start);
        let (_, value) = entries.find(|(_, value)| holds(*value)).ok_or(Refusal::Shared)?;
        is_generated(value)
    }

    /// A policy for a bucket, right after it.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_policy(&self, bucket: &Target) -> Result<Vec<Edit>, Refusal> {
        let entry = self.entry(bucket)?;
        let mut entries = vec![("Type".to_owned(), Written::text(POLICY))];
        if let Some(condition) = entry.resource.get("Condition") {
            let name = condition.text().ok_or(Refusal::Computed("Condition"))?;
            entries.push(("Condition".to_owned(), Written::text(name)));
        }
        let (reference, arns) = if entry.in_loop {
            (refer::reference_in_loop(entry.id), refer::Arns::of_bucket_in_loop(entry.id))
        } else {
            (refer::reference(entry.id), refer::Arns::of_bucket(entry.id))
        };
        let document = Written::map([
            ("Version", Written::text("2012-10-17")),
            ("Statement", Written::List(vec![statement(&arns, SID)])),
        ]);
        entries.push(("Properties".to_owned(), Written::map([("Bucket", reference), ("PolicyDocument", document)])));
        let id = self.free_id(&entry);
        let edit = self.layout.add_entry(entry.holder, Some(entry.index), &id, &Written::Map(entries))?;
        Ok(vec![edit])
    }

    /// The statement that denies every insecure request, joined to a policy.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_statement(&self, policy: &Target) -> Result<Vec<Edit>, Refusal> {
        let resource = self.entry(policy)?.resource;
        let properties = resource.get("Properties").ok_or(Refusal::Lacks("Properties"))?;
        if resource.is_alias() || properties.is_alias() || is_merged(resource, properties) {
            return Err(Refusal::Shared);
        }
        let document = properties.get("PolicyDocument").ok_or(Refusal::Lacks("PolicyDocument"))?;
        let bucket = properties.get("Bucket").ok_or(Refusal::Lacks("Bucket"))?;
        if is_merged(properties, document) {
            return Err(Refusal::Shared);
        }
        self.add_to_document(document, bucket, 0)
    }

    /// The same for a document; where it is chosen by `Fn::If`, for each of the choices.
    fn add_to_document(&self, document: Node<'a>, bucket: Node<'a>, depth: u32) -> Result<Vec<Edit>, Refusal> {
        if let Some(choices) = choices(document, depth, "PolicyDocument")? {
            let each: Result<Vec<_>, _> =
                choices.iter().map(|choice| self.add_to_document(*choice, bucket, depth + 1)).collect();
            return Ok(each?.concat());
        }
        if document.kind() != Kind::Mapping || Call::of(document, false).is_some() {
            return embedded::add_statement(self.root, document, bucket);
        }
        let statements = document.get("Statement").ok_or(Refusal::Lacks("Statement"))?;
        if document.is_alias() || is_merged(document, statements) {
            return Err(Refusal::Shared);
        }
        let sid = free_sid(document.tree().source().slice(document.span()));
        let statement = statement(&refer::Arns::of_policy(self.root, bucket)?, &sid);
        self.add_to_statements(statements, &statement, 0)
    }

    fn add_to_statements(&self, statements: Node<'a>, written: &Written, depth: u32) -> Result<Vec<Edit>, Refusal> {
        if statements.is_alias() {
            return Err(Refusal::Shared);
        }
        if let Some(choices) = choices(statements, depth, "Statement")? {
            let each: Result<Vec<_>, _> =
                choices.iter().map(|choice| self.add_to_statements(*choice, written, depth + 1)).collect();
            return Ok(each?.concat());
        }
        if Call::of(statements, false).is_some() {
            return Err(Refusal::Computed("Statement"));
        }
        match statements.kind() {
            Kind::Sequence => Ok(vec![self.layout.add_item(statements, written)?]),
            Kind::Mapping => self.layout.wrap_and_add(statements, written),
            _ => Err(Refusal::Lacks("Statement")),
        }
    }

    /// Lets a policy exist wherever the resource `guarded` does: that one's condition in the place of its own, or none.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn align_condition(&self, policy: &Target, guarded: Node<'_>) -> Result<Vec<Edit>, Refusal> {
        let guarding = self.entry(policy)?.resource;
        let condition = guarding.entries().position(|(key, _)| key.text() == Some("Condition"));
        let condition = condition.ok_or(Refusal::Carried)?;
        let value = guarding.entries().nth(condition).map(|(_, value)| value).ok_or(Refusal::Layout)?;
        if value.is_alias() || guarding.is_alias() || is_merged(guarding, value) {
            return Err(Refusal::Shared);
        }
        match guarded.get("Condition") {
            Some(wanted) => {
                let wanted = wanted.text().ok_or(Refusal::Computed("Condition"))?;
                let text = if self.layout.json { writing::json_string(wanted) } else { wanted.to_owned() };
                Ok(vec![Edit::replace(value.span(), text)])
            }
            None => Ok(vec![self.layout.without_entry(guarding, condition)?]),
        }
    }

    /// Where a resource is written: by its logical id, or in the loop that makes it.
    fn entry(&self, target: &Target) -> Result<Entry<'a>, Refusal> {
        let missing = || Refusal::NotWrittenOut(target.address.clone());
        let resources = self.root.get("Resources").ok_or_else(missing)?;
        let by_id = find(resources, false, |key| key.text() == Some(target.address.as_str()));
        let in_loop = || find_in_loops(resources, target.span, 0);
        let entry = by_id.or_else(in_loop).ok_or_else(missing)?;
        is_generated(entry.resource)?;
        Ok(entry)
    }

    /// A logical id for the bucket's policy that nothing in the template has.
    fn free_id(&self, bucket: &Entry<'_>) -> String {
        let taken = |id: &str| {
            let in_section = |section: &str| self.root.get(section).is_some_and(|section| section.get(id).is_some());
            in_section("Resources") || in_section("Parameters") || bucket.holder.get(id).is_some()
        };
        let id = bucket.id;
        let named = [format!("{id}Policy"), format!("{id}BucketPolicy")];
        let numbered = (2..).map(|number: u32| format!("{id}Policy{number}"));
        named.into_iter().chain(numbered).find(|id| !taken(id)).unwrap_or_default()
    }
}

/// Where a resource is written.
struct Entry<'a> {
    /// The mapping that holds it: the resources, or the body of a loop.
    holder: Node<'a>,
    /// The number of its entry there.
    index: usize,
    /// Its logical id; a pattern in a loop.
    id: &'a str,
    resource: Node<'a>,
    in_loop: bool,
}

fn find<'a>(holder: Node<'a>, in_loop: bool, is_it: impl Fn(Node<'a>) -> bool) -> Option<Entry<'a>> {
    let (index, (key, resource)) = holder.entries().enumerate().find(|(_, (key, _))| is_it(*key))?;
    Some(Entry { holder, index, id: key.text()?, resource, in_loop })
}

/// The resource whose key stands at `place`, in the loops of `holder`.
fn find_in_loops(holder: Node<'_>, place: Span, depth: u32) -> Option<Entry<'_>> {
    /// Deeper loops are not read either.
    const MAX_LOOPS: u32 = 8;
    if depth > MAX_LOOPS {
        return None;
    }
    let is_loop = |(key, _): &(Node<'_>, _)| key.text().is_some_and(|key| key.starts_with(loops::PREFIX));
    holder.entries().filter(is_loop).find_map(|(_, value)| {
        let body = value.items().nth(2).filter(|body| !value.is_alias() && !body.is_alias())?;
        find(body, true, |key| key.span() == place).or_else(|| find_in_loops(body, place, depth + 1))
    })
}

/// Refuses what a tool writes.
fn is_generated(resource: Node<'_>) -> Result<(), Refusal> {
    let path = resource.get("Metadata").and_then(|data| data.get("aws:cdk:path")).and_then(Node::text);
    let Some(path) = path else { return Ok(()) };
    // The bucket's construct makes both resources.
    let made = path.strip_suffix("/Resource").unwrap_or(path);
    let construct = made.strip_suffix("/Policy").unwrap_or(made);
    Err(Refusal::Generated(format!("set `enforceSSL: true` on the construct at `{construct}`")))
}

/// What an `Fn::If` chooses between; `None` for anything else.
fn choices<'a>(node: Node<'a>, depth: u32, part: &'static str) -> Result<Option<[Node<'a>; 2]>, Refusal> {
    /// People nest two or three.
    const MAX_CHOICES: u32 = 16;
    let Some(call) = Call::of(node, false).filter(|call| call.function == Function::If) else { return Ok(None) };
    if node.is_alias() {
        return Err(Refusal::Shared);
    }
    let mut arguments = call.argument.items();
    match (arguments.next(), arguments.next(), arguments.next(), arguments.next()) {
        (Some(_), Some(one), Some(other), None) if depth < MAX_CHOICES => Ok(Some([one, other])),
        _ => Err(Refusal::Computed(part)),
    }
}

/// Whether a value came into a mapping through a merge key, and so stands elsewhere.
fn is_merged(holder: Node<'_>, value: Node<'_>) -> bool {
    let (outer, inner) = (holder.resolved().span(), value.span());
    inner.start < outer.start || inner.end > outer.end
}

/// The statement that denies every insecure request on a bucket.
fn statement(arns: &refer::Arns, sid: &str) -> Written {
    let transport = Written::map([("aws:SecureTransport", Written::text("false"))]);
    Written::map([
        ("Sid", Written::text(sid)),
        ("Effect", Written::text("Deny")),
        ("Principal", Written::text("*")),
        ("Action", Written::text("s3:*")),
        ("Resource", Written::List(vec![arns.bucket.clone(), arns.objects.clone()])),
        ("Condition", Written::map([("Bool", transport)])),
    ])
}

#[cfg(test)]
mod tests;
