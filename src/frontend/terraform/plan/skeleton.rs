//! The skeleton of a plan: which entries concern buckets, and where in the text they stand.

use super::configuration::{Module, ModuleReader};
use super::stream::{EachObject, Entries, Items, Lenient, Object, raw, skip};
use crate::frontend::special;
use crate::frontend::terraform::address::Address;
use crate::source::{FileId, Span};
use serde::Deserialize;
use serde::de::MapAccess;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What an entry of a plan is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A managed `aws_s3_bucket` or `awscc_s3_bucket`.
    Bucket,
    /// A managed `aws_s3_bucket_policy` or `awscc_s3_bucket_policy`.
    Policy,
    /// A data source `aws_iam_policy_document`.
    Document,
    /// A bucket that is none of S3's general purpose buckets: not checked, but told of.
    OtherBucket,
    /// A CloudFormation stack, or a set of them: its template may hold buckets.
    Stack,
    /// A setting of a bucket (`aws_s3_bucket_versioning`): its `bucket` is often referred to as the bucket's.
    Setting,
    /// A setting that makes a difference to what S3 takes for a policy: its values count too.
    Access,
}

impl Kind {
    /// The kind of a resource of a type in a mode (`managed`, `data`).
    pub(crate) fn of(mode: &str, resource: &str) -> Option<Kind> {
        match (mode, resource) {
            ("data", "aws_iam_policy_document") => Some(Kind::Document),
            ("data", _) => None,
            // Whatever the mode is called, it is one that makes the resource.
            (_, "aws_s3_bucket" | "awscc_s3_bucket") => Some(Kind::Bucket),
            (_, "aws_s3_bucket_policy" | "awscc_s3_bucket_policy") => Some(Kind::Policy),
            (_, resource) if is_stack(resource) => Some(Kind::Stack),
            (_, other) if special::names(other).is_some() => Some(Kind::OtherBucket),
            (_, "aws_s3_bucket_public_access_block" | "aws_s3_bucket_website_configuration") => Some(Kind::Access),
            (_, setting) if setting.starts_with("aws_s3_bucket_") => Some(Kind::Setting),
            _ => None,
        }
    }
}

/// Whether a resource of that type deploys a template.
fn is_stack(resource: &str) -> bool {
    let kind = resource.strip_prefix("aws_").or_else(|| resource.strip_prefix("awscc_"));
    matches!(kind, Some("cloudformation_stack" | "cloudformation_stack_set"))
}

/// An entry that concerns us.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its full instance address.
    pub(crate) address: String,
    /// Where the address stands, quotes included.
    pub(crate) heading: Span,
    /// Where the entry stands.
    pub(crate) span: Span,
}

/// What a plan or a state says, as places in its text.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts about one text that have nothing to do with each other")]
pub(crate) struct Skeleton {
    /// The version of the format, as written.
    pub(crate) format_version: Option<String>,
    /// True for a state: `values` at the root.
    pub(crate) is_state: bool,
    /// Where the plan says that it is not complete (a targeted run).
    pub(crate) incomplete: Option<Span>,
    /// Where the plan says that planning failed half-way.
    pub(crate) errored: Option<Span>,
    /// Instances after apply (`planned_values`), or those of a state.
    pub(crate) instances: Vec<Element>,
    /// What changes (`resource_changes`), deposed objects left out.
    pub(crate) changes: Vec<Element>,
    /// What is left for a later plan (`deferred_changes`), with the reason.
    pub(crate) deferred: Vec<(Element, String)>,
    /// How many keys are at the root.
    keys: usize,
    /// Whether there is anything of a plan to look at.
    pub(crate) has_content: bool,
    /// Instances before the plan (`prior_state`).
    pub(crate) prior: Vec<Element>,
    /// All instances after apply, of any type, for references to them.
    pub(crate) all_instances: Vec<Span>,
    /// All instances before the plan, of any type.
    pub(crate) all_prior: Vec<Span>,
    /// All changes, of any type.
    pub(crate) all_changes: Vec<Span>,
    /// The root module's configuration.
    pub(crate) configuration: Option<Module>,
    /// Where the values of the root variables stand. Never shown.
    pub(crate) variables: Option<Span>,
    /// The first entry that may be one of ours and does not say what it is.
    pub(super) unreadable: Option<Span>,
    /// Where a section of a template stands at the root.
    pub(crate) foreign: Option<Span>,
    /// What else a key at the root says that the text is.
    other: Option<&'static str>,
    /// Whether something at the root holds resources.
    holds_resources: bool,
    /// Whether there is a key at the root that no plan and no state has.
    has_stranger: bool,
}

/// What a plan and a state have at their root besides what is read of them.
///
/// See <https://developer.hashicorp.com/terraform/internals/json-format>.
const KNOWN: [&str; 13] = [
    "action_invocations",
    "applyable",
    "checks",
    "deferred_action_invocations",
    "output_changes",
    "provider_format_version",
    "relevant_attributes",
    "resource_drift",
    "terraform_version",
    "timestamp",
    "tofu_version",
    "proposed_unknown",
    "ephemeral",
];

impl Skeleton {
    /// Whether it is what is printed where there is no state: nothing but the version of the format.
    pub(super) fn is_empty_state(&self) -> bool {
        self.keys <= 1
    }

    /// What the text is, where it is neither a plan nor a state.
    pub(super) fn what_else(&self) -> Option<&'static str> {
        let nothing = !self.holds_resources && self.has_stranger;
        self.other.or(nothing.then_some("output of Terraform, but neither a plan nor a state"))
    }
}

impl Skeleton {
    /// What tells which entry starts at a byte.
    pub(crate) fn headings(&self) -> BTreeMap<u32, Span> {
        let deferred = self.deferred.iter().map(|(element, _)| element);
        let all = self.instances.iter().chain(&self.changes).chain(&self.prior).chain(deferred);
        all.map(|element| (element.span.start, element.heading)).collect()
    }
}

/// Turns borrowed text into places.
#[derive(Clone, Copy)]
pub(super) struct Scope<'de> {
    pub(super) text: &'de str,
    pub(super) file: FileId,
}

impl<'de> Scope<'de> {
    /// Where `part`, which is borrowed from the text, stands in it.
    pub(super) fn span(self, part: &'de str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        Span::new(self.file, start, start + part.len())
    }
}

/// The head of an entry; the rest is skipped.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    address: Option<&'a RawValue>,
    #[serde(borrow)]
    mode: Option<Lenient<'a>>,
    #[serde(borrow, rename = "type")]
    resource: Option<Lenient<'a>>,
    /// Set for the remains of a replaced object, which are about to be deleted.
    #[serde(borrow)]
    deposed: Option<Lenient<'a>>,
    #[serde(borrow)]
    deposed_key: Option<Lenient<'a>>,
}

/// The entry, if it is one of ours. Most are told apart by a search for the names of the types.
///
/// # Errors
/// Where it may be one of ours, and its address or its type cannot be read or stands twice: the place of the entry.
pub(super) fn element<'de>(scope: Scope<'de>, entry: &'de str, searches: &Searches) -> Result<Option<Element>, Span> {
    if !searches.concerns_us(entry) {
        return Ok(None);
    }
    let unreadable = || scope.span(entry);
    let head: Head = serde_json::from_str(entry).map_err(|_| unreadable())?;
    if head.deposed.is_some() || head.deposed_key.is_some() {
        return Ok(None);
    }
    let heading = head.address.ok_or_else(unreadable)?.get();
    let address: String = serde_json::from_str(heading).map_err(|_| unreadable())?;
    let resource = Address::parse(&address).and_then(|address| address.resource).ok_or_else(unreadable)?;
    let written = (head.mode.and_then(|mode| mode.0), head.resource.and_then(|resource| resource.0));
    let kind = match written {
        (Some(mode), Some(resource)) => Kind::of(&mode, &resource),
        // What a tool has cut away stands in the address too.
        _ => Kind::of(if resource.data { "data" } else { "managed" }, &resource.kind),
    };
    Ok(kind.map(|kind| Element { kind, address, heading: scope.span(heading), span: scope.span(entry) }))
}

/// The instance, if it is one of ours. Most settings of buckets count in the configuration only.
fn instance<'de>(scope: Scope<'de>, entry: &'de str, searches: &Searches) -> Result<Option<Element>, Span> {
    Ok(element(scope, entry, searches)?.filter(|element| element.kind != Kind::Setting))
}

/// Keeps an entry that is one of ours, or the place of the first that cannot be read.
fn keep<T>(found: Result<Option<T>, Span>, elements: &mut Vec<T>, unreadable: &mut Option<Span>) {
    match found {
        Ok(found) => elements.extend(found),
        Err(place) => {
            unreadable.get_or_insert(place);
        }
    }
}

/// An entry of `deferred_changes`.
#[derive(Deserialize)]
struct Deferred<'a> {
    #[serde(borrow)]
    reason: Option<Lenient<'a>>,
    #[serde(borrow)]
    resource_change: Option<&'a RawValue>,
}

fn deferred_change<'de>(
    scope: Scope<'de>,
    entry: &'de str,
    searches: &Searches,
) -> Result<Option<(Element, String)>, Span> {
    let deferred: Deferred = serde_json::from_str(entry).map_err(|_| scope.span(entry))?;
    let change = deferred.resource_change.ok_or_else(|| scope.span(entry))?;
    let reason = deferred.reason.and_then(|reason| reason.0).map(std::borrow::Cow::into_owned);
    Ok(instance(scope, change.get(), searches)?.map(|element| (element, reason.unwrap_or_default())))
}

/// Prepared searches that tell most entries apart without reading them.
pub(super) struct Searches {
    kind: memchr::memmem::Finder<'static>,
    /// A key that says the type once more, with whatever stands behind it.
    second_kind: memchr::memmem::Finder<'static>,
    buckets: memchr::memmem::Finder<'static>,
    documents: memchr::memmem::Finder<'static>,
    stacks: memchr::memmem::Finder<'static>,
    /// Any of them may be spelled with escapes.
    escapes: memchr::memmem::Finder<'static>,
}

/// How far into an entry its type stands, addresses of any sensible length before it.
const HEAD: usize = 4096;

impl Searches {
    pub(super) fn new() -> Self {
        Self {
            kind: memchr::memmem::Finder::new("\"type\":"),
            second_kind: memchr::memmem::Finder::new("\"type\""),
            buckets: memchr::memmem::Finder::new("_s3"),
            documents: memchr::memmem::Finder::new("aws_iam_policy_document"),
            stacks: memchr::memmem::Finder::new("_cloudformation_stack"),
            escapes: memchr::memmem::Finder::new("\\u"),
        }
    }

    fn concerns_us(&self, entry: &str) -> bool {
        let bytes = entry.as_bytes();
        match self.kind(bytes) {
            Some(kind) => is_ours(kind) || self.says_twice(kind),
            None => [&self.buckets, &self.documents, &self.stacks, &self.escapes]
                .iter()
                .any(|finder| finder.find(bytes).is_some()),
        }
    }

    /// Whether an entry may say behind its type that it is one of ours after all. Readers take the second of two equal
    /// keys, and Terraform writes no letter as an escape.
    fn says_twice(&self, rest: &[u8]) -> bool {
        let value = |at: usize| rest.get(at + b"\"type\"".len()..).map(<[u8]>::trim_ascii_start);
        let kind = |at: usize| value(at)?.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        let is_letter = |at: usize| matches!(rest.get(at + 2..at + 5), Some([b'0', b'0', b'4'..=b'7']));
        self.second_kind.find_iter(rest).filter_map(kind).any(is_ours) || self.escapes.find_iter(rest).any(is_letter)
    }

    /// What follows the entry's key `type`, where that is certainly the entry's own: Terraform writes it before
    /// anything nested. (A sorted plan has it behind everything else.)
    fn kind<'e>(&self, entry: &'e [u8]) -> Option<&'e [u8]> {
        let head = entry.get(..HEAD.min(entry.len()))?;
        let at = self.kind.find(head)?;
        if memchr::memchr(b'{', head.get(1..at)?).is_some() {
            return None;
        }
        let kind = entry.get(at + b"\"type\":".len()..).map(<[u8]>::trim_ascii_start)?;
        // A type that is no string, or that is spelled with escapes, tells nothing.
        let end = memchr::memchr2(b'"', b'\\', kind.strip_prefix(b"\"")?)?;
        (kind.get(end + 1) == Some(&b'"')).then_some(kind)
    }
}

/// Whether the JSON that starts here is a type that concerns us.
fn is_ours(kind: &[u8]) -> bool {
    let ours = [
        &b"\"aws_s3"[..],
        b"\"awscc_s3",
        b"\"aws_iam_policy_document\"",
        b"\"aws_cloudformation_stack",
        b"\"awscc_cloudformation_stack",
    ];
    ours.iter().any(|name| kind.starts_with(name))
}

/// Reads the root object.
pub(super) struct RootReader<'x, 'de> {
    pub(super) scope: Scope<'de>,
    pub(super) searches: &'x Searches,
    pub(super) out: &'x mut Skeleton,
}

impl<'de> Object<'de> for RootReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let scope = self.scope;
        self.out.holds_resources |= matches!(
            key,
            "tfplan" | "planned_values" | "values" | "prior_state" | "resource_changes" | "resource_drift"
        );
        self.out.keys += 1;
        self.out.has_content |= matches!(key, "planned_values" | "values" | "resource_changes" | "deferred_changes");
        match key {
            // A wrapper of Sentinel mocks and policy playgrounds.
            "tfplan" => map.next_value_seed(Entries(self)),
            "lineage" => {
                self.out.other = Some("a raw state (`terraform.tfstate`)");
                skip(map)
            }
            "@level" => {
                self.out.other = Some("the log of `terraform plan -json`");
                skip(map)
            }
            "Resources" | "AWSTemplateFormatVersion" => {
                self.out.foreign = Some(scope.span(raw(map)?));
                Ok(())
            }
            "format_version" => {
                self.out.format_version = map.next_value::<Lenient>()?.0.map(std::borrow::Cow::into_owned);
                Ok(())
            }
            "planned_values" | "values" => {
                self.out.is_state |= key == "values";
                let (elements, all) = (&mut self.out.instances, &mut self.out.all_instances);
                let unreadable = &mut self.out.unreadable;
                map.next_value_seed(Entries(&mut ValuesReader {
                    scope,
                    searches: self.searches,
                    elements,
                    all,
                    unreadable,
                }))
            }
            "prior_state" => {
                let (elements, all) = (&mut self.out.prior, &mut self.out.all_prior);
                let unreadable = &mut self.out.unreadable;
                map.next_value_seed(Entries(&mut PriorReader {
                    values: ValuesReader { scope, searches: self.searches, elements, all, unreadable },
                }))
            }
            "resource_changes" => {
                let Skeleton { changes, all_changes: all, unreadable, .. } = &mut *self.out;
                let searches = self.searches;
                map.next_value_seed(Items(|entry| {
                    all.push(scope.span(entry));
                    keep(instance(scope, entry, searches), changes, unreadable);
                }))
            }
            "deferred_changes" => {
                let Skeleton { deferred, unreadable, .. } = &mut *self.out;
                let searches = self.searches;
                map.next_value_seed(Items(|entry| keep(deferred_change(scope, entry, searches), deferred, unreadable)))
            }
            "configuration" => {
                let mut root = RootModuleReader { module: ModuleReader::new(scope, self.searches), met: false };
                map.next_value_seed(Entries(&mut root))?;
                self.out.configuration = root.met.then_some(root.module.out);
                Ok(())
            }
            "variables" => {
                self.out.variables = Some(scope.span(raw(map)?));
                Ok(())
            }
            "complete" => {
                let value = raw(map)?;
                self.out.incomplete = (value == "false").then(|| scope.span(value));
                Ok(())
            }
            "errored" => {
                let value = raw(map)?;
                self.out.errored = (value == "true").then(|| scope.span(value));
                Ok(())
            }
            _ => {
                self.out.has_stranger |= !KNOWN.contains(&key);
                skip(map)
            }
        }
    }
}

/// Reads `{"root_module": …}` of values.
struct ValuesReader<'x, 'de> {
    scope: Scope<'de>,
    searches: &'x Searches,
    elements: &'x mut Vec<Element>,
    all: &'x mut Vec<Span>,
    unreadable: &'x mut Option<Span>,
}

impl<'de> Object<'de> for ValuesReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "root_module" => map.next_value_seed(Entries(&mut Instances(self))),
            _ => skip(map),
        }
    }
}

/// Reads a module of values, and the modules in it.
struct Instances<'y, 'x, 'de>(&'y mut ValuesReader<'x, 'de>);

impl<'de> Object<'de> for Instances<'_, '_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let reader = &mut *self.0;
        match key {
            "resources" => {
                let (scope, searches) = (reader.scope, reader.searches);
                let (elements, all) = (&mut *reader.elements, &mut *reader.all);
                let unreadable = &mut *reader.unreadable;
                map.next_value_seed(Items(|entry| {
                    all.push(scope.span(entry));
                    keep(instance(scope, entry, searches), elements, unreadable);
                }))
            }
            "child_modules" => map.next_value_seed(EachObject(self)),
            _ => skip(map),
        }
    }
}

/// Reads `{"values": …}` of the prior state.
struct PriorReader<'x, 'de> {
    values: ValuesReader<'x, 'de>,
}

impl<'de> Object<'de> for PriorReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "values" => map.next_value_seed(Entries(&mut self.values)),
            _ => skip(map),
        }
    }
}

/// Reads `{"root_module": …}` of the configuration.
struct RootModuleReader<'x, 'de> {
    module: ModuleReader<'x, 'de>,
    met: bool,
}

impl<'de> Object<'de> for RootModuleReader<'_, 'de> {
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "root_module" => {
                self.met = true;
                map.next_value_seed(Entries(&mut self.module))
            }
            _ => skip(map),
        }
    }
}
