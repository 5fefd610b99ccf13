//! The buckets that a policy can be on, where its `bucket` is known only after apply.
//!
//! References exclude: an expression that refers plainly to one bucket is taken to name that one, or one whose name is
//! made from its name. Where the way is lost (a local value, an output, an attribute of another resource), anything
//! that the module instance can reach may be meant: its own blocks, those of the modules that it calls, its arguments,
//! data sources that are read only while applying.

use super::super::address::{Address, ModuleStep};
use super::super::names;
use super::super::plan::Kind;
use super::super::plan::view::{View, expression_of};
use super::super::planned::identity::Identities;
use super::link::{Context, Found, Known, Target, targets};
use crate::model::{Reach, Symbol, Text};
use aho_corasick::AhoCorasick;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What is taken for granted where a policy that refers to one bucket is not held to be another's.
const ASSUMPTION: &str = "a plan alone does not show what an expression makes of a reference: it is taken for granted \
                          that no policy of this plan is on a bucket that its `bucket` does not refer to";
/// No bucket's name is longer (those of old ones included).
const LONGEST_NAME: usize = 255;
/// How often names may be found in names before that is given up.
const MAX_FOUND: usize = 1_000_000;

type Buckets = Arc<BTreeSet<Symbol>>;

/// Finds what policies can be on.
pub(crate) struct Reaches<'x, 'v> {
    view: &'x View<'v>,
    identities: &'x Identities,
    /// What each module instance can reach.
    origins: RefCell<HashMap<Vec<ModuleStep>, Arc<Origin>>>,
    /// The reach of expressions that refer to nothing but what one module instance can reach.
    whole: RefCell<HashMap<Vec<ModuleStep>, Option<Arc<Reach>>>>,
    /// The buckets in a module instance and below it.
    below: OnceCell<HashMap<Vec<ModuleStep>, Buckets>>,
    made: OnceCell<Made>,
}

/// Where the values that a module instance can reach come from.
#[derive(Clone, Debug, Default)]
struct Origin {
    /// They may come from anywhere.
    any: bool,
    /// Everything in these module instances and below them.
    paths: Vec<Vec<ModuleStep>>,
    /// These buckets, by address.
    buckets: BTreeSet<String>,
}

impl Origin {
    fn join(&mut self, other: &Origin) {
        self.any |= other.any;
        for path in &other.paths {
            if !self.paths.contains(path) {
                self.paths.push(path.clone());
            }
        }
        self.buckets.extend(other.buckets.iter().cloned());
    }
}

/// Buckets whose names may be made from names of others.
#[derive(Default)]
struct Made {
    /// From the name of the bucket with this address.
    from_bucket: HashMap<String, BTreeSet<Symbol>>,
    /// From any name in the module instance, or below it.
    from_module: HashMap<Vec<ModuleStep>, Buckets>,
    /// There is no telling: names that nobody gives were met.
    lost: bool,
}

impl<'x, 'v> Reaches<'x, 'v> {
    pub(crate) fn new(view: &'x View<'v>, identities: &'x Identities) -> Self {
        Self {
            view,
            identities,
            origins: RefCell::default(),
            whole: RefCell::default(),
            below: OnceCell::new(),
            made: OnceCell::new(),
        }
    }

    /// The buckets that an expression can name; `None` for any.
    pub(crate) fn of(&self, found: &Found, context: &Context<'_>) -> Option<Arc<Reach>> {
        let mut open = found.open.clone();
        let named: Vec<_> = found.targets.iter().filter_map(bucket).collect();
        // Known text may become part of the name; with no bucket at all, the name comes from somewhere else.
        if named.is_empty() || found.targets.contains(&Target::Known(Known::Text)) {
            open.push(context.path.clone());
        }
        if named.is_empty() && open.iter().all(|path| *path == context.path) {
            return self.module(&context.path);
        }
        let mut reach = Reach::default();
        for path in &open {
            reach.buckets.extend(self.module(path)?.buckets.iter().cloned());
        }
        let addresses: BTreeSet<String> = named.into_iter().flat_map(|instance| self.meant(instance)).collect();
        reach.buckets.push(Arc::new(self.symbols(&addresses)));
        reach.buckets.extend(self.made_from(&addresses)?);
        reach.assumption = Some(ASSUMPTION.to_owned());
        Some(Arc::new(reach))
    }

    /// The instances that a reference may mean.
    fn meant(&self, instance: &super::link::Instance) -> Vec<String> {
        let block = Address::parse(&instance.address).map(|address| address.without_last_key().to_string());
        match block {
            Some(block) if !instance.exact => self.view.instances_of(&block).to_vec(),
            _ => vec![instance.address.clone()],
        }
    }

    fn symbols<'a>(&self, addresses: impl IntoIterator<Item = &'a String>) -> BTreeSet<Symbol> {
        let known = addresses.into_iter().filter_map(|address| self.identities.get(address));
        known.map(|identity| identity.symbol.clone()).collect()
    }

    /// What a module instance can reach; `None` for anything.
    fn module(&self, path: &[ModuleStep]) -> Option<Arc<Reach>> {
        if let Some(known) = self.whole.borrow().get(path) {
            return known.clone();
        }
        let origin = self.origin(path);
        let reach = (!origin.any).then(|| {
            let mut buckets: Vec<Buckets> = origin.paths.iter().map(|path| self.below(path)).collect();
            buckets.push(Arc::new(self.symbols(&origin.buckets)));
            buckets.retain(|set| !set.is_empty());
            Arc::new(Reach { buckets, assumption: None })
        });
        self.whole.borrow_mut().insert(path.to_vec(), reach.clone());
        reach
    }

    /// The depth of modules is bounded by the reader of the plan.
    fn origin(&self, path: &[ModuleStep]) -> Arc<Origin> {
        if let Some(known) = self.origins.borrow().get(path) {
            return Arc::clone(known);
        }
        let mut origin = Origin { any: false, paths: vec![path.to_vec()], buckets: BTreeSet::new() };
        match path.split_last() {
            // The root module reaches everything, other files of its deployment included.
            None => origin.any = true,
            Some(_) if self.view.index().is_deferred(path) => origin.any = true,
            Some((step, parents)) => self.arguments(step, parents, &mut origin),
        }
        let origin = Arc::new(origin);
        self.origins.borrow_mut().insert(path.to_vec(), Arc::clone(&origin));
        origin
    }

    /// What the call of a module hands to it.
    fn arguments(&self, step: &ModuleStep, parents: &[ModuleStep], origin: &mut Origin) {
        let Some((parent, call)) =
            self.view.module(parents).and_then(|parent| Some((parent, parent.calls.get(&step.name)?)))
        else {
            origin.any = true;
            return;
        };
        let context =
            Context { module: parent, path: parents.to_vec(), each: step.key.clone(), for_each: call.for_each };
        let Some(tree) = call.expressions.map(|span| self.view.shared_tree(span)) else { return };
        for (_, argument) in tree.root().into_iter().flat_map(crate::syntax::Node::entries) {
            let found = targets(self.view, argument, &context);
            for path in &found.open {
                origin.join(&self.origin(path));
            }
            let named = found.targets.iter().filter_map(bucket);
            origin.buckets.extend(named.flat_map(|instance| self.meant(instance)));
        }
    }

    fn below(&self, path: &[ModuleStep]) -> Buckets {
        let all = self.below.get_or_init(|| {
            let mut all: HashMap<Vec<ModuleStep>, BTreeSet<Symbol>> = HashMap::new();
            for (address, instance) in self.view.existing(Kind::Bucket) {
                let Some(identity) = self.identities.get(address) else { continue };
                let modules = &instance.address.modules;
                for length in 0..=modules.len() {
                    let above = modules.get(..length).unwrap_or(&[]).to_vec();
                    all.entry(above).or_default().insert(identity.symbol.clone());
                }
            }
            all.into_iter().map(|(path, set)| (path, Arc::new(set))).collect()
        });
        all.get(path).cloned().unwrap_or_default()
    }

    /// Buckets whose names may be made from the names of these; `None` for any.
    fn made_from(&self, addresses: &BTreeSet<String>) -> Option<Vec<Buckets>> {
        let made = self.made.get_or_init(|| self.made());
        if made.lost {
            return None;
        }
        let from_buckets: BTreeSet<Symbol> =
            addresses.iter().filter_map(|address| made.from_bucket.get(address)).flatten().cloned().collect();
        let mut out = vec![Arc::new(from_buckets)];
        let paths: BTreeSet<&[ModuleStep]> = addresses
            .iter()
            .filter_map(|address| self.view.instance(address))
            .flat_map(|one| (0..=one.address.modules.len()).filter_map(|length| one.address.modules.get(..length)))
            .collect();
        out.extend(paths.into_iter().filter_map(|path| made.from_module.get(path)).cloned());
        out.retain(|set| !set.is_empty());
        Some(out)
    }

    fn made(&self) -> Made {
        let mut made = Made::default();
        let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut from_module: HashMap<Vec<ModuleStep>, BTreeSet<Symbol>> = HashMap::new();
        for (address, instance) in self.view.existing(Kind::Bucket) {
            let Some(identity) = self.identities.get(address) else { continue };
            // The name that the provider makes up is made from no other.
            let Some(name) = &identity.name else { continue };
            match name.as_literal() {
                Some(name) => names.entry(name).or_default().push(address),
                None => self.unknown_name(address, &instance.address, &mut made, &mut from_module),
            }
        }
        made.from_module = from_module.into_iter().map(|(path, set)| (path, Arc::new(set))).collect();
        self.names_in_names(&names, &mut made);
        made
    }

    /// A bucket whose name is known only after apply: what its expression refers to may be part of it.
    fn unknown_name(
        &self,
        address: &str,
        parsed: &Address,
        made: &mut Made,
        from_module: &mut HashMap<Vec<ModuleStep>, BTreeSet<Symbol>>,
    ) {
        let Some(identity) = self.identities.get(address) else { return };
        let block = self.view.block(parsed);
        let arguments = [names::of_bucket(parsed), names::of_prefix(parsed)];
        let expression =
            block.as_ref().and_then(|block| arguments.into_iter().find_map(|argument| expression_of(block, argument)));
        let (Some(expression), Some(context)) = (expression, Context::of(self.view, parsed)) else {
            from_module.entry(Vec::new()).or_default().insert(identity.symbol.clone());
            return;
        };
        let found = targets(self.view, expression, &context);
        let mut origin = Origin::default();
        for path in &found.open {
            origin.join(&self.origin(path));
        }
        origin.buckets.extend(found.targets.iter().filter_map(bucket).flat_map(|instance| self.meant(instance)));
        for path in origin.paths {
            from_module.entry(path).or_default().insert(identity.symbol.clone());
        }
        for bucket in origin.buckets.into_iter().filter(|bucket| bucket != address) {
            made.from_bucket.entry(bucket).or_default().insert(identity.symbol.clone());
        }
    }

    /// Finds which known names hold which others.
    fn names_in_names(&self, names: &HashMap<&str, Vec<&str>>, made: &mut Made) {
        let mut sorted: Vec<&str> = names.keys().copied().filter(|name| name.len() <= LONGEST_NAME).collect();
        sorted.sort_unstable();
        let Ok(searcher) = AhoCorasick::new(&sorted) else {
            made.lost = true;
            return;
        };
        let mut count = 0;
        for name in &sorted {
            for part in searcher.find_overlapping_iter(name) {
                let Some(other) = sorted.get(part.pattern().as_usize()) else { continue };
                let (Some(wholes), Some(parts)) = (names.get(name), names.get(other)) else { continue };
                count += wholes.len() * parts.len();
                if count > MAX_FOUND {
                    made.lost = true;
                    return;
                }
                for part in parts {
                    let others = wholes.iter().filter(|whole| *whole != part);
                    let symbols = others.filter_map(|whole| Some(self.identities.get(whole)?.symbol.clone()));
                    made.from_bucket.entry((*part).to_owned()).or_default().extend(symbols);
                }
            }
        }
    }
}

fn bucket(target: &Target) -> Option<&super::link::Instance> {
    match target {
        Target::Bucket(instance) => Some(instance),
        _ => None,
    }
}

/// Whether the known text of a policy denies on the very ARN of the bucket with this name, or on its objects.
pub(crate) fn denies_on(document: &crate::model::Value, name: &str) -> bool {
    use crate::model::{Data, Value};
    fn items(value: &Value) -> Vec<&Value> {
        match &value.data {
            Data::List(items) => items.iter().collect(),
            _ => vec![value],
        }
    }
    let is_named = |value: &Value| {
        let text = value.scalar_text();
        let resource = text.as_ref().and_then(Text::as_literal).and_then(|text| text.strip_prefix("arn:"));
        let own = resource.and_then(|text| text.split_once(":s3:::")).map(|(_, own)| own);
        own.is_some_and(|own| own.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    let denies = |statement: &&Value| {
        let effect = statement.get("Effect").and_then(Value::scalar_text);
        effect.as_ref().and_then(Text::as_literal) == Some("Deny")
    };
    let statements = document.get("Statement").map(items).unwrap_or_default();
    let resources = statements.into_iter().filter(denies).filter_map(|statement| statement.get("Resource"));
    resources.flat_map(items).any(is_named)
}
