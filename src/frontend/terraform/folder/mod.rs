//! A folder of Terraform source without a plan. Variables that have no value are free: what hangs on them is a choice,
//! and worlds are expanded later, as with the parameters of a template.

mod facts;
mod registry;

use super::bucket_settings::{self, ByName, Setting};
use super::names;
use super::plan::Kind;
use super::source::{Asked, AskedPart, Configuration, Handed, Laid, Layout, MODULE_SWITCH, MissingModule, Variable};
use super::stacks;
use crate::frontend::{Inputs, Read, normal, special};
use crate::model::{
    Assertion, Bucket, BucketPolicy, BucketSettings, Condition, Data, Declared, Domain, Format, Met, ModuleSwitch,
    NestedStack, Notice, Reach, Symbol, Template, Text, Unknown, Value, Words,
};
use crate::source::{Sources, Span};
use facts::{FolderFacts, Identity, bucket_symbol, name_of};
use registry::Known;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder without a plan.
pub(super) const FOLDER: Format = Format::named("terraform").speaking(WORDS);
/// What people call things who write it.
const WORDS: Words =
    Words { parameter: "variable", condition: "`count` or `for_each`", rules: "the `validation` rules" };

/// Reads the root module in a folder. `None` where no Terraform source is in it, or nothing of it concerns buckets.
pub(super) fn read(folder: &Path, inputs: &Inputs<'_>, sources: &mut Sources) -> Option<Read> {
    let (configuration, mut notices) = Configuration::load(inputs.files, folder, sources)?;
    let facts = FolderFacts::new(&configuration, folder, inputs, sources, &mut notices);
    let Layout { laid, asked, is_cut, .. } = configuration.lay_out(&facts, &|kind| {
        matches!(
            Kind::of("managed", kind),
            Some(Kind::Bucket | Kind::Policy | Kind::OtherBucket | Kind::Stack | Kind::Access)
        )
    });
    let facts = facts.bounded(&asked).with_buckets(&configuration, &laid);
    // What is handed to modules is told once the buckets have names.
    let Layout { handed, .. } = configuration.lay_out(&facts, &|_| false);
    let mut template = Builder { configuration: &configuration, facts: &facts, folder }.template(&laid, &handed);
    template.assertions = asked.iter().flat_map(assertions).collect();
    template.incomplete = sources.iter().next().filter(|_| is_cut).map(|first| {
        let cause = "the folder makes more instances of modules and buckets than are read";
        Unknown::new(cause, Span::at(first.id(), 0), "lint its modules by themselves")
    });
    if template.incomplete.is_none() {
        template.incomplete = configuration.broken().map(|broken| {
            let cause = format!("a part of the source may hold a bucket's policy: {}", broken.message);
            Unknown::new(cause, broken.span, "fix the syntax")
        });
    }
    // Where no bucket is left to speak of it: what is not read may make some.
    if template.buckets.is_empty() && template.incomplete.is_none() {
        template.incomplete = not_read(configuration.missing());
    }
    notices.extend(
        configuration.missing().iter().map(|missing| Notice { message: missing.message.clone(), span: missing.span }),
    );
    template.notices.extend(notices);
    template.suppressions = configuration.suppressions();
    Some(Read { template, errors: Vec::new(), covers: None, unread: None })
}

/// What a validation rule asserts; what it says of a variable alone is a bound of that.
fn assertions(asked: &Asked) -> impl Iterator<Item = Assertion> {
    asked.parts.iter().flatten().filter_map(|part| match part {
        AskedPart::Holds(holds) => {
            let not = Condition::not(asked.exists.clone());
            Some(Assertion::that(Condition::any(vec![not, holds.clone()])))
        }
        AskedPart::Within(..) => None,
    })
}

/// That modules are not read.
fn not_read(missing: &[MissingModule]) -> Option<Unknown> {
    let first = missing.first()?;
    let mut unknown = first.unknown();
    if let more @ 2.. = missing.len() {
        unknown.cause = format!("{more} modules are not read; {}", unknown.cause);
    }
    Some(unknown)
}

/// Whether an instance is of a kind.
pub(super) fn is_kind(one: &Laid, kind: Kind) -> bool {
    one.address.resource.as_ref().is_some_and(|resource| Kind::of("managed", &resource.kind) == Some(kind))
}

struct Builder<'x> {
    configuration: &'x Configuration,
    facts: &'x FolderFacts,
    folder: &'x Path,
}

impl Builder<'_> {
    fn template(&self, laid: &[Laid], handed: &[Handed]) -> Template {
        let mut template = Template::nothing(FOLDER);
        template.buckets =
            laid.iter().filter(|one| is_kind(one, Kind::Bucket)).filter_map(|one| self.bucket(one)).collect();
        template.policies =
            laid.iter().filter(|one| is_kind(one, Kind::Policy)).filter_map(|one| self.policy(one)).collect();
        let by_name = ByName::of(&template.buckets);
        for one in laid.iter().filter(|one| is_kind(one, Kind::Access)) {
            self.setting(one, &by_name, &mut template.buckets);
        }
        template.choices.clone_from(&self.facts.choices);
        let known: Vec<Option<Known<'_>>> = handed.iter().map(Known::of).collect();
        let unknown = handed.iter().zip(&known).filter(|(_, known)| known.is_none());
        let carriers = unknown.filter_map(|(handed, _)| carrier(handed, &template.buckets));
        template.policies.extend(carriers.collect::<Vec<_>>());
        for known in known.iter().flatten() {
            add_known(known, &mut template);
        }
        template.parameters.clone_from(&self.facts.parameters);
        // What validation rules ask is asserted: a value that is given is Terraform's own to check.
        let declared = |variable: Variable| Declared { name: variable.name, domain: Domain::any() };
        template.declared = self.configuration.variables().into_iter().map(declared).collect();
        let stacks = laid.iter().filter(|one| is_kind(one, Kind::Stack)).filter_map(|one| self.stacks(one));
        let (nested, not_followed): (Vec<_>, Vec<_>) = stacks.unzip();
        template.nested = nested.concat();
        template.notices.extend(not_followed.into_iter().flatten());
        template.unchecked = special::not_checked(laid.iter().filter_map(|one| self.special(one)));
        template
    }

    /// What a setting says of the bucket that it names, where it is there for certain.
    fn setting(&self, one: &Laid, by_name: &ByName, buckets: &mut [Bucket]) {
        let address = one.address.to_string();
        let text = |name: &str| self.configuration.argument(&address, name, self.facts)?.scalar_text();
        let (Some(setting), Some(place)) = (Setting::of(&one.address), self.configuration.place(&address)) else {
            return;
        };
        let is_on = || text(bucket_settings::BLOCKS).as_ref().and_then(Text::as_literal) == Some("true");
        if one.exists == Condition::Always
            && (setting == Setting::Website || is_on())
            && let Some(named) = text("bucket")
        {
            by_name.set(&named, setting, place.span, buckets);
        }
    }

    /// Stacks whose templates may hold buckets.
    fn stacks(&self, one: &Laid) -> Option<(Vec<NestedStack>, Option<Notice>)> {
        let address = one.address.to_string();
        let place = self.configuration.place(&address)?;
        let known = stacks::Known {
            span: place.span,
            body: self.configuration.text(&address, stacks::BODY, self.facts),
            unclear: self.configuration.argument(&address, stacks::BODY, self.facts),
            url: self.configuration.argument(&address, stacks::URL, self.facts),
            parameters: self.configuration.argument(&address, stacks::PARAMETERS, self.facts),
            groups: self.configuration.argument(&address, stacks::GROUPS, self.facts),
            exists: one.exists.clone(),
        };
        Some(known.stacks(&one.address, self.folder))
    }

    /// What a bucket is that is none of S3's general purpose buckets, or a policy of one.
    fn special(&self, one: &Laid) -> Option<(special::Names, Span)> {
        let resource = one.address.resource.as_ref().filter(|_| is_kind(one, Kind::OtherBucket))?;
        Some((special::names(&resource.kind)?, self.configuration.place(&one.address.to_string())?.span))
    }

    fn bucket(&self, one: &Laid) -> Option<Bucket> {
        let address = one.address.to_string();
        let identity = self.facts.buckets.get(&address)?;
        let place = self.configuration.place(&address)?;
        let name = identity.name.clone();
        let inline = self.configuration.argument(&address, "policy", self.facts);
        let inline = inline.map(|document| (is_given(&document), given_side(document)));
        let inline_policy = inline.filter(|(exists, _)| *exists != Condition::Never);
        let inline_policy = inline_policy.map(|(exists, document)| BucketPolicy {
            address: address.clone(),
            span: place.span,
            bucket: Value::new(place.span, Data::Text(Text::hole(identity.symbol.clone()))),
            document,
            exists,
            reach: None,
        });
        Some(Bucket {
            path: None,
            span: place.span,
            symbol: identity.symbol.clone(),
            name,
            exists: one.exists.clone(),
            inline_policy,
            module_switch: place.switch.map(|call| ModuleSwitch { argument: MODULE_SWITCH.to_owned(), call }),
            made_at: place.made_at,
            settings: BucketSettings::default(),
            address,
        })
    }

    fn policy(&self, one: &Laid) -> Option<BucketPolicy> {
        let address = one.address.to_string();
        let place = self.configuration.place(&address)?;
        let nothing = || Value::new(place.span, Data::Null);
        let bucket = self.configuration.argument(&address, "bucket", self.facts).unwrap_or_else(nothing);
        if bucket.scalar_text().as_ref().is_some_and(special::is_directory_name) {
            return None;
        }
        let document = self.configuration.argument(&address, names::of_document(&one.address), self.facts);
        Some(BucketPolicy {
            span: place.span,
            document: document.unwrap_or_else(nothing),
            exists: self.policy_exists(one, &bucket),
            bucket,
            reach: None,
            address,
        })
    }

    /// Where a policy exists. Whether a collection holds anything that is not known makes no difference where its bucket
    /// goes over the same one: all that it may be on then.
    fn policy_exists(&self, policy: &Laid, bucket: &Value) -> Condition {
        let named = if policy.some.is_empty() { Vec::new() } else { self.named_by(bucket) };
        let is_shared = |some: &&Symbol| !named.is_empty() && named.iter().all(|bucket| bucket.some.contains(some));
        let others = policy.some.iter().filter(|some| !is_shared(some)).cloned();
        let there = others.map(|some| Condition::equals(Text::hole(some), Text::literal("true")));
        Condition::all(std::iter::once(policy.exists.clone()).chain(there).collect())
    }

    /// The buckets that the sides of a value name.
    fn named_by(&self, bucket: &Value) -> Vec<&Identity> {
        let mut named = Vec::new();
        bucket.visit(&mut |met| {
            if let Met::Text(text) = met {
                let is_it = |identity: &&Identity| {
                    identity.name.as_ref() == Some(text) || text.as_symbol() == Some(&identity.symbol)
                };
                named.extend(self.facts.buckets.values().filter(is_it));
            }
            !matches!(met, Met::Condition(_))
        });
        named
    }
}

/// The bucket of a known module that is not at hand, with the policy that it may have.
fn add_known(known: &Known<'_>, template: &mut Template) {
    let (address, span) = (known.address.to_string(), known.span());
    let name = name_of(&|argument| known.argument(argument), &known.address, span, &mut template.choices);
    let symbol = bucket_symbol(&address, name.as_ref(), span);
    template.policies.push(known.policy(&symbol, &name.clone().unwrap_or_else(|| Text::hole(symbol.clone()))));
    template.buckets.push(Bucket {
        path: None,
        span,
        symbol,
        name,
        exists: known.exists.clone(),
        inline_policy: None,
        module_switch: Some(ModuleSwitch { argument: MODULE_SWITCH.to_owned(), call: span }),
        made_at: None,
        settings: BucketSettings::default(),
        address,
    });
}

/// Where an argument is given: a choice may be of nothing, or of the empty string.
fn is_given(value: &Value) -> Condition {
    match &value.data {
        Data::Null | Data::Absent => Condition::Never,
        Data::Text(text) if text.as_literal() == Some("") => Condition::Never,
        Data::Choice { condition, then, otherwise } => {
            let not = Condition::not(condition.clone());
            let sides = [(condition.clone(), then), (not, otherwise)];
            Condition::any(sides.into_iter().map(|(holds, side)| Condition::all(vec![holds, is_given(side)])).collect())
        }
        _ => Condition::Always,
    }
}

/// The side of a choice that is given, where the other is of nothing.
fn given_side(value: Value) -> Value {
    let Data::Choice { condition, then, otherwise } = value.data else { return value };
    let (then, otherwise) = (given_side(Value::clone(&then)), given_side(Value::clone(&otherwise)));
    match (is_given(&then), is_given(&otherwise)) {
        (Condition::Never, _) => otherwise,
        (_, Condition::Never) => then,
        _ => {
            let data = Data::Choice { condition, then: then.into(), otherwise: otherwise.into() };
            Value::new(value.span, data)
        }
    }
}

/// A module that cannot be read and is handed a bucket may put a policy on it.
fn carrier(handed: &Handed, buckets: &[Bucket]) -> Option<BucketPolicy> {
    let mut symbols = BTreeSet::new();
    let mut literals = BTreeSet::new();
    for (_, argument) in &handed.arguments {
        argument.visit(&mut |met| {
            if let Met::Text(text) = met {
                symbols.extend(text.symbols().cloned());
                literals.extend(text.as_literal().map(str::to_owned));
            }
            true
        });
    }
    let is_handed = |bucket: &&Bucket| {
        let named = |name: &Text| match name.as_literal() {
            Some(name) => literals.iter().any(|text| text.contains(name)),
            None => name.symbols().any(|symbol| symbols.contains(symbol)),
        };
        symbols.contains(&bucket.symbol) || bucket.name.as_ref().is_some_and(named)
    };
    let reach: BTreeSet<Symbol> = buckets.iter().filter(is_handed).map(|bucket| bucket.symbol.clone()).collect();
    if reach.is_empty() {
        return None;
    }
    let span = handed.module.span;
    let unknown = handed.module.unknown();
    Some(BucketPolicy {
        address: format!("module.{}", handed.module.names.join(".module.")),
        span,
        bucket: Value::unknown(unknown.clone()),
        document: Value::unknown(unknown),
        exists: handed.exists.clone(),
        reach: Some(Arc::new(Reach { buckets: vec![Arc::new(reach)], assumption: None })),
    })
}

/// The folders that the modules of a text are called from, as far as they are relative: nothing is parsed, so that it
/// may be more than modules.
pub(super) fn called_folders(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"source") {
        rest = rest.get(at + "source".len()..).unwrap_or("");
        let value = rest.trim_start_matches(['"', ' ', '\t']).strip_prefix(['=', ':']).map(str::trim_start);
        let Some(value) = value.and_then(|value| value.strip_prefix('"')) else { continue };
        let Some((path, _)) = value.split_once('"') else { continue };
        if path.starts_with("./") || path.starts_with("../") || path == ".." {
            out.push(normal(&folder.join(path)));
        }
    }
    out
}
