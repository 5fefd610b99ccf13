//! A plan, looked up by address: instances, changes, documents, blocks of the configuration.

use super::super::address::{Address, InstanceKey, ModuleStep, ResourceStep};
use super::index::Index;
use super::{Element, Kind, Module, REMAKE, Skeleton};
use crate::source::{SourceFile, Span};
use crate::syntax::{self, Node, SyntaxError, Tree};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// A plan or a state, indexed.
pub(crate) struct View<'s> {
    pub(crate) source: Arc<SourceFile>,
    pub(crate) skeleton: &'s Skeleton,
    /// The entries of what exists after apply, in the order of the plan.
    elements: Vec<&'s Element>,
    /// The instances that exist after apply, by address.
    instances: HashMap<String, Instance>,
    /// What is done with the buckets and policies, by address.
    actions: HashMap<&'s str, Actions>,
    /// The instances of a block, by the address without its last key; buckets and documents only.
    of_block: HashMap<String, Vec<String>>,
    /// The changes, by address.
    changes: HashMap<&'s str, &'s Element>,
    /// The documents read before or while planning, by address.
    prior: HashMap<&'s str, &'s Element>,
    /// Blocks of the configuration that were read already.
    trees: RefCell<HashMap<Span, Rc<Tree>>>,
    /// The first place of what was read that can be read in two ways, or not at all.
    fault: Cell<Option<Span>>,
    index: OnceCell<Index>,
}

/// An instance that exists after apply.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) address: Address,
    pub(crate) span: Span,
    /// Why the plan leaves it for a later one.
    pub(crate) deferred: Option<String>,
}

/// What a plan does with an instance.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "Terraform's actions, of which several may stand together")]
pub(crate) struct Actions {
    pub(crate) create: bool,
    pub(crate) update: bool,
    pub(crate) delete: bool,
    pub(crate) forget: bool,
    /// Its address before, where that was another one.
    before: Option<String>,
}

impl Actions {
    fn read(entry: &Tree) -> Self {
        let change = entry.root().and_then(|entry| entry.get("change"));
        let mut out = Self::default();
        for action in change.and_then(|change| change.get("actions")).into_iter().flat_map(Node::items) {
            match action.text() {
                Some("create") => out.create = true,
                Some("update") => out.update = true,
                Some("delete") => out.delete = true,
                Some("forget") => out.forget = true,
                // Whatever else is done with it, it stays where the plan lists it.
                _ => {}
            }
        }
        let before = entry.root().and_then(|entry| entry.get("previous_address")).and_then(Node::text);
        out.before = before.map(str::to_owned);
        out
    }

    /// Whether it is no longer there after apply, as far as Terraform is concerned.
    fn leaves(&self) -> bool {
        (self.delete || self.forget) && !self.create
    }

    /// Whether it is written: what it stood on before no longer counts.
    pub(crate) fn writes(&self) -> bool {
        self.create || self.update
    }
}

impl<'s> View<'s> {
    pub(crate) fn new(source: &Arc<SourceFile>, skeleton: &'s Skeleton) -> Self {
        let mut view = Self {
            source: Arc::clone(source),
            skeleton,
            elements: Vec::new(),
            instances: HashMap::new(),
            actions: HashMap::new(),
            of_block: HashMap::new(),
            changes: skeleton.changes.iter().map(|element| (element.address.as_str(), element)).collect(),
            prior: skeleton.prior.iter().map(|element| (element.address.as_str(), element)).collect(),
            trees: RefCell::default(),
            fault: Cell::new(None),
            index: OnceCell::new(),
        };
        let ours = |element: &&Element| !matches!(element.kind, Kind::Document | Kind::Setting);
        for element in skeleton.changes.iter().filter(ours) {
            let actions = Actions::read(&view.tree(element.span));
            view.actions.insert(&element.address, actions);
        }
        for element in &skeleton.instances {
            view.add(element, None);
        }
        // A plan that was cut down may lack them among the planned values.
        for element in skeleton.changes.iter().filter(ours) {
            view.add(element, None);
        }
        for (element, reason) in &skeleton.deferred {
            view.add(element, Some(reason.clone()));
        }
        view.add_untouched();
        // Documents that were read while planning stand in the prior state only, deferred ones of old releases in
        // the changes only.
        for element in skeleton.changes.iter().chain(&skeleton.prior) {
            if element.kind == Kind::Document && !view.instances.contains_key(&element.address) {
                view.add(element, None);
            }
        }
        view
    }

    /// Policies that the plan does not touch (it was made for other targets) stand where they stood.
    fn add_untouched(&mut self) {
        if self.skeleton.is_state || self.skeleton.all_changes.is_empty() {
            return;
        }
        let moved: HashSet<String> = self.actions.values().filter_map(|actions| actions.before.clone()).collect();
        for element in self.skeleton.prior.iter().filter(|element| element.kind == Kind::Policy) {
            if !self.changes.contains_key(element.address.as_str()) && !moved.contains(&element.address) {
                self.add(element, None);
            }
        }
    }

    fn add(&mut self, element: &'s Element, deferred: Option<String>) {
        if self.instances.contains_key(&element.address) || self.is_leaving(element) {
            return;
        }
        // One that cannot be read was told when the plan was walked through.
        let Some(address) = Address::parse(&element.address).filter(|address| address.resource.is_some()) else {
            return;
        };
        if matches!(element.kind, Kind::Bucket | Kind::Document) {
            let block = address.without_last_key().to_string();
            self.of_block.entry(block).or_default().push(element.address.clone());
        }
        self.elements.push(element);
        self.instances.insert(element.address.clone(), Instance { address, span: element.span, deferred });
    }

    /// Whether the plan deletes the instance or lets go of it. A policy that it lets go of still stands.
    fn is_leaving(&self, element: &Element) -> bool {
        let Some(actions) = self.actions.get(element.address.as_str()) else { return false };
        actions.leaves() && (element.kind != Kind::Policy || actions.delete)
    }

    /// What the plan does with a bucket or a policy; nothing where it does not say.
    pub(crate) fn actions(&self, address: &str) -> Actions {
        self.actions.get(address).cloned().unwrap_or_default()
    }

    /// The policies that the plan takes away from where they are, to put them elsewhere or not: the entries of their
    /// changes.
    pub(crate) fn deleted_policies(&self) -> impl Iterator<Item = Span> {
        let policies = self.skeleton.changes.iter().filter(|element| element.kind == Kind::Policy);
        let deleted =
            policies.filter(|element| self.actions.get(element.address.as_str()).is_some_and(|actions| actions.delete));
        deleted.map(|element| element.span)
    }

    /// The instances that exist after apply, of a kind, in the order of the file.
    pub(crate) fn existing(&self, kind: Kind) -> impl Iterator<Item = (&'s str, &Instance)> {
        self.elements
            .iter()
            .filter(move |element| element.kind == kind)
            .filter_map(|element| Some((element.address.as_str(), self.instances.get(&element.address)?)))
    }

    pub(crate) fn instance(&self, address: &str) -> Option<&Instance> {
        self.instances.get(address)
    }

    /// The addresses of the instances of a block (given without its last key).
    pub(crate) fn instances_of(&self, block: &str) -> &[String] {
        self.of_block.get(block).map_or(&[], Vec::as_slice)
    }

    /// All instances, of any type.
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.skeleton, self.source.text()))
    }

    /// Whether the plan holds all that there is to be: what it does not list does not exist after apply.
    pub(crate) fn is_whole(&self) -> bool {
        let skeleton = self.skeleton;
        let is_cut = skeleton.all_instances.is_empty() && !skeleton.all_changes.is_empty();
        skeleton.incomplete.is_none() && skeleton.errored.is_none() && !is_cut
    }

    /// The entry of `resource_changes`.
    pub(crate) fn change(&self, address: &str) -> Option<Span> {
        self.changes.get(address).map(|element| element.span)
    }

    /// The entry of `prior_state`.
    pub(crate) fn prior(&self, address: &str) -> Option<Span> {
        self.prior.get(address).map(|element| element.span)
    }

    /// A part of the plan as a tree.
    pub(crate) fn tree(&self, span: Span) -> Tree {
        let parse = syntax::parse_json_at(&self.source, span.range());
        let twice = parse.duplicates.iter().map(|twice| twice.second);
        let place = twice.chain(parse.errors.iter().map(|error| error.span)).min();
        self.fault.set(self.fault.get().into_iter().chain(place).min());
        parse.tree
    }

    /// What is wrong with the entries that were read. A plan may hold secrets under any name: none is told.
    pub(crate) fn fault(&self) -> Option<SyntaxError> {
        let place = self.fault.get()?;
        let message = "a key is defined twice here, or this is nested too deeply to be read";
        let error = SyntaxError::new(message, Span::at(place.file, place.start as usize));
        Some(SyntaxError { help: REMAKE.to_owned(), ..error })
    }

    /// A part of the configuration as a tree. Many instances share one block, so it is kept.
    pub(crate) fn shared_tree(&self, span: Span) -> Rc<Tree> {
        let mut trees = self.trees.borrow_mut();
        Rc::clone(trees.entry(span).or_insert_with(|| Rc::new(self.tree(span))))
    }

    /// The configuration of the module at a path.
    pub(crate) fn module(&self, path: &[ModuleStep]) -> Option<&'s Module> {
        let root = self.skeleton.configuration.as_ref()?;
        path.iter().try_fold(root, |module, step| module.calls.get(&step.name).map(|call| &call.module))
    }

    /// The configuration of a block, in the module of an instance.
    pub(crate) fn block(&self, address: &Address) -> Option<Rc<Tree>> {
        let module = self.module(&address.modules)?;
        let resource = Address { modules: Vec::new(), ..address.clone() }.without_keys().to_string();
        module.blocks.get(&resource).map(|block| self.shared_tree(block.span))
    }

    /// The addresses of all blocks of the configuration that concern us, without keys.
    pub(crate) fn blocks(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        if let Some(root) = &self.skeleton.configuration {
            collect_blocks(root, "", &mut out);
        }
        out
    }
}

/// A value of an instance's entry: as it is planned, after the change, else (of what is let go) before.
pub(crate) fn value_of<'t>(entry: &'t Tree, name: &str) -> Option<Node<'t>> {
    let root = entry.root()?;
    if let Some(values) = root.get("values") {
        return values.get(name);
    }
    let change = root.get("change")?;
    let after = change.get("after").filter(|after| after.kind() == crate::syntax::Kind::Mapping);
    after.or_else(|| change.get("before"))?.get(name)
}

/// An argument of a block of the configuration.
pub(crate) fn expression_of<'t>(block: &'t Tree, name: &str) -> Option<Node<'t>> {
    block.root()?.get("expressions")?.get(name)
}

/// The depth of modules is bounded by the reader of the plan.
fn collect_blocks(module: &Module, path: &str, out: &mut BTreeSet<String>) {
    out.extend(module.blocks.keys().map(|block| format!("{path}{block}")));
    for (name, call) in &module.calls {
        collect_blocks(&call.module, &format!("{path}module.{name}."), out);
    }
}

/// The address of a block in a module instance, without its last key.
pub(crate) fn block_text(path: &[ModuleStep], resource: &ResourceStep) -> String {
    let resource = ResourceStep { key: InstanceKey::None, ..resource.clone() };
    Address { modules: path.to_vec(), resource: Some(resource) }.to_string()
}

/// The address with another last key.
pub(crate) fn with_key(block: &Address, key: &InstanceKey) -> String {
    let mut address = block.clone();
    if let Some(resource) = &mut address.resource {
        resource.key = key.clone();
    }
    address.to_string()
}
