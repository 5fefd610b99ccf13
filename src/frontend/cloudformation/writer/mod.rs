//! Writes into a CloudFormation template: a bucket policy for a bucket that has none, or the statement that a policy
//! lacks, as edits of the original text in the manner of its own lines.
//!
//! What cannot be written without guessing is refused, with a reason that a person can act on. Whether the edit does what
//! it is meant to is for whoever asks to try.

mod conditions;
mod embedded;
mod refer;

use super::call::{Call, Function};
use super::loops;
use crate::finding::{Intent, Target};
use crate::frontend::writing::{self, Layout, Refusal, SID, Written, free_sid};
use crate::source::{Edit, FileId, Sources, Span};
use crate::syntax::{self, Kind, Node, Parse};
use conditions::Where;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

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
    let of: BTreeMap<FileId, Writer<'_>> = writers.collect();
    let aligned = intents.iter().flat_map(|intent| intent.aligned());
    let given_up = aligned.filter_map(|policy| of.get(&policy.span.file)?.condition(policy)).map(Node::span);
    let given_up: BTreeSet<Span> = given_up.collect();
    let files: BTreeSet<FileId> = given_up.iter().map(|span| span.file).collect();
    let used = files.iter().filter_map(|file| Some((*file, conditions::used(of.get(file)?.root, &given_up))));
    let all = Writers { sources, used: used.collect(), of };
    intents.iter().map(|intent| all.write(intent)).collect()
}

/// The writers of all templates that are written to, or looked at for that.
struct Writers<'a> {
    sources: &'a Sources,
    of: BTreeMap<FileId, Writer<'a>>,
    /// The conditions of a template that are used by more than policies that may get their buckets' in their place.
    used: BTreeMap<FileId, BTreeSet<&'a str>>,
}

impl Writers<'_> {
    fn write(&self, intent: &Intent) -> Result<Vec<Edit>, Refusal> {
        let of = |file: FileId| self.of.get(&file).ok_or(Refusal::Layout);
        match intent {
            Intent::AddPolicy { bucket } => of(bucket.span.file)?.add_policy(bucket),
            Intent::AddStatement { policy } => of(policy.span.file)?.add_statement(policy),
            Intent::AlignCondition { policy, bucket } => {
                let guarded = of(bucket.span.file)?.entry(bucket)?.resource;
                // The conditions of another file are its own: there the policy goes without.
                let wanted = guarded.get("Condition").filter(|_| policy.span.file == bucket.span.file);
                let used = self.used.get(&policy.span.file).ok_or(Refusal::Carried)?;
                of(policy.span.file)?.align_condition(policy, wanted, used)
            }
            Intent::AddPolicyWhere { bucket, holds } => {
                of(bucket.span.file)?.add_policy_where(bucket, holds.iter().cloned())
            }
            Intent::AddCounterpart { policy, bucket } => {
                let condition = of(policy.span.file)?.condition(policy).ok_or(Refusal::Carried)?;
                let name = condition.text().ok_or(Refusal::Computed("Condition"))?;
                let home = if policy.span.file == bucket.span.file { bucket } else { policy };
                of(home.span.file)?.add_policy_where(home, std::iter::once((name.to_owned(), false)))
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
#[derive(Debug)]
pub(super) struct Writer<'a> {
    root: Node<'a>,
    layout: Layout<'a>,
    names: Names<'a>,
}

/// What is called how in a template. There may be an edit for each of thousands of buckets.
#[derive(Debug, Default)]
struct Names<'a> {
    /// The numbers of the resources among the entries of their section, by logical id.
    resources: HashMap<&'a str, usize>,
    /// The names of parameters.
    parameters: HashSet<&'a str>,
    /// Where resources are written, and their numbers, in the order of the text.
    places: Vec<(Range<u32>, usize)>,
}

impl<'a> Names<'a> {
    fn of(root: Node<'a>) -> Self {
        let entries = |section: &str| root.get(section).into_iter().flat_map(Node::entries);
        let named = entries("Resources").enumerate().filter_map(|(number, (key, _))| Some((key.text()?, number)));
        let place =
            |(number, (_, value)): (usize, (Node<'_>, Node<'_>))| (value.span().start..value.span().end, number);
        let mut places: Vec<_> = entries("Resources").enumerate().map(place).collect();
        places.sort_by_key(|(place, _)| place.start);
        let parameters = entries("Parameters").filter_map(|(key, _)| key.text()).collect();
        Self { resources: named.collect(), parameters, places }
    }

    /// The number of the resource in which something is written.
    fn around(&self, offset: u32) -> Option<usize> {
        let behind = self.places.partition_point(|(place, _)| place.start <= offset);
        let (place, number) = self.places.get(behind.checked_sub(1)?)?;
        place.contains(&offset).then_some(*number)
    }
}

impl<'a> Writer<'a> {
    /// A writer for a template; `None` for a text that holds nothing or that does not parse.
    #[must_use]
    pub(super) fn new(parse: &'a Parse) -> Option<Self> {
        let root = parse.tree.root().filter(|_| parse.errors.is_empty())?;
        let source = root.tree().source();
        let json = source.text().trim_start_matches('\u{FEFF}').trim_start().starts_with('{')
            && syntax::parse_json(source).errors.is_empty();
        Some(Self { root, layout: Layout::of(root, json), names: Names::of(root) })
    }

    /// Whether a place lies in a resource that people write, not a tool.
    fn hand_written(&self, span: Span) -> Result<(), Refusal> {
        let number = self.names.around(span.start).ok_or(Refusal::Shared)?;
        let resource = self.root.get("Resources").and_then(|section| section.entry_at(number));
        is_generated(resource.ok_or(Refusal::Shared)?.1)
    }

    /// A policy for a bucket, right after it.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_policy(&self, bucket: &Target) -> Result<Vec<Edit>, Refusal> {
        let entry = self.entry(bucket)?;
        let condition = entry.resource.get("Condition").map(|name| name.text().ok_or(Refusal::Computed("Condition")));
        let policy = policy(condition.transpose()?, &self.named_by(&entry)?);
        let ids = [format!("{}Policy", entry.id), format!("{}BucketPolicy", entry.id)];
        let id = self.free_id(&entry, ids);
        Ok(vec![self.layout.add_entry(entry.holder, Some(entry.index), &id, &policy)?])
    }

    /// A further policy for a bucket where these conditions hold, or do not: right after the bucket, or after a policy of
    /// its that stands in this template.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_policy_where(
        &self,
        home: &Target,
        holds: impl Iterator<Item = (String, bool)>,
    ) -> Result<Vec<Edit>, Refusal> {
        let entry = self.entry(home)?;
        let own = match entry.resource.get("Condition").filter(|_| !is_policy(entry.resource)) {
            Some(own) => Some((own.text().ok_or(Refusal::Computed("Condition"))?.to_owned(), true)),
            None => None,
        };
        let (condition, declared) = Where::all(own.into_iter().chain(holds)).declared(self.root, &self.layout)?;
        let policy = policy(Some(&condition), &self.named_by(&entry)?);
        let suffix = if is_policy(entry.resource) { "" } else { "Policy" };
        let id = self.free_id(&entry, [format!("{}{suffix}{condition}", entry.id)]);
        let added = self.layout.add_entry(entry.holder, Some(entry.index), &id, &policy)?;
        Ok(declared.into_iter().chain([added]).collect())
    }

    /// How a policy that is written beside a resource names the bucket: that is the bucket itself, or a policy of it.
    fn named_by(&self, entry: &Entry<'_>) -> Result<(Written, refer::Arns), Refusal> {
        if is_policy(entry.resource) {
            let bucket = entry.resource.get("Properties").and_then(|properties| properties.get("Bucket"));
            let bucket = bucket.filter(|_| !entry.in_loop).ok_or(Refusal::Lacks("Bucket"))?;
            return Ok((refer::again(bucket)?, refer::Arns::of_policy(self.root, bucket)?));
        }
        Ok(if entry.in_loop {
            (refer::reference_in_loop(entry.id), refer::Arns::of_bucket_in_loop(entry.id))
        } else {
            (refer::reference(entry.id), refer::Arns::of_bucket(entry.id))
        })
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

    /// Lets a policy exist wherever its bucket does: that one's condition, `wanted`, in the place of its own, or none. A
    /// condition that is not among the `used`, which nothing would use any more, is kept: whether it is still good for
    /// something is not for us to say.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn align_condition(
        &self,
        policy: &Target,
        wanted: Option<Node<'_>>,
        used: &BTreeSet<&str>,
    ) -> Result<Vec<Edit>, Refusal> {
        let guarding = self.entry(policy)?.resource;
        let condition = guarding.entries().position(|(key, _)| key.text() == Some("Condition"));
        let condition = condition.ok_or(Refusal::Carried)?;
        let value = guarding.entries().nth(condition).map(|(_, value)| value).ok_or(Refusal::Layout)?;
        if value.is_alias() || guarding.is_alias() || is_merged(guarding, value) {
            return Err(Refusal::Shared);
        }
        if let Some(name) = value.text().filter(|name| !used.contains(name)) {
            return Err(Refusal::LastUse(name.to_owned()));
        }
        match wanted {
            Some(wanted) => {
                let wanted = wanted.text().ok_or(Refusal::Computed("Condition"))?;
                let text = if self.layout.json { writing::json_string(wanted) } else { wanted.to_owned() };
                Ok(vec![Edit::replace(value.span(), text)])
            }
            None => Ok(vec![self.layout.without_entry(guarding, condition)?]),
        }
    }

    /// The condition of a resource's own.
    fn condition(&self, target: &Target) -> Option<Node<'a>> {
        self.entry(target).ok()?.resource.get("Condition")
    }

    /// Where a resource is written: by its logical id, or in the loop that makes it.
    fn entry(&self, target: &Target) -> Result<Entry<'a>, Refusal> {
        let missing = || Refusal::NotWrittenOut(target.address.clone());
        let resources = self.root.get("Resources").ok_or_else(missing)?;
        let by_id =
            self.names.resources.get(target.address.as_str()).and_then(|&index| numbered(resources, index, false));
        let in_loop = || find_in_loops(resources, target.span, 0);
        let entry = by_id.or_else(in_loop).ok_or_else(missing)?;
        is_generated(entry.resource)?;
        Ok(entry)
    }

    /// A logical id for a policy beside a resource that nothing in the template has: the first of `ids` that is free, or
    /// that with a number.
    fn free_id<const N: usize>(&self, beside: &Entry<'_>, ids: [String; N]) -> String {
        let beside = |id: &str| beside.in_loop && beside.holder.get(id).is_some();
        let Names { resources, parameters, .. } = &self.names;
        let taken = |id: &str| resources.contains_key(id) || parameters.contains(id) || beside(id);
        let stem = ids.first().cloned().unwrap_or_default();
        writing::free_name(ids, &stem, taken)
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

/// The resource that is entry number `index` of `holder`.
fn numbered(holder: Node<'_>, index: usize, in_loop: bool) -> Option<Entry<'_>> {
    let (key, resource) = holder.entry_at(index)?;
    Some(Entry { holder, index, id: key.text()?, resource, in_loop })
}

/// The resource whose key stands at `place`, in the loops of `holder`.
fn find_in_loops(holder: Node<'_>, place: Span, depth: u32) -> Option<Entry<'_>> {
    if depth > loops::MAX_LOOPS {
        return None;
    }
    holder.entries().filter(|(key, _)| loops::is_loop(*key)).find_map(|(_, value)| {
        let body = value.items().nth(2).filter(|body| !value.is_alias() && !body.is_alias())?;
        let own = body.entries().position(|(key, _)| key.span() == place);
        own.and_then(|index| numbered(body, index, true)).or_else(|| find_in_loops(body, place, depth + 1))
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

fn is_policy(resource: Node<'_>) -> bool {
    resource.get("Type").and_then(Node::text) == Some(POLICY)
}

/// A policy that denies every insecure request on a bucket, which it names so.
fn policy(condition: Option<&str>, (bucket, arns): &(Written, refer::Arns)) -> Written {
    let mut entries = vec![("Type".to_owned(), Written::text(POLICY))];
    entries.extend(condition.map(|name| ("Condition".to_owned(), Written::text(name))));
    let document = Written::map([
        ("Version", Written::text("2012-10-17")),
        ("Statement", Written::List(vec![statement(arns, SID)])),
    ]);
    entries.push(("Properties".to_owned(), Written::map([("Bucket", bucket.clone()), ("PolicyDocument", document)])));
    Written::Map(entries)
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
