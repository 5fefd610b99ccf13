//! A plan, looked up by address: instances, changes, documents, blocks of the configuration.

use super::address::{Address, InstanceKey, ModuleStep, ResourceStep};
use super::index::Index;
use super::plan::{Element, Kind, Module, Skeleton};
use crate::source::{SourceFile, Span};
use crate::syntax::{self, Node, Tree};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// A plan or a state, indexed.
pub(super) struct View<'s> {
    pub(super) source: Arc<SourceFile>,
    pub(super) skeleton: &'s Skeleton,
    /// The instances that exist after apply, by address.
    instances: HashMap<String, Instance>,
    /// The instances of a block, by the address without its last key; buckets and documents only.
    of_block: HashMap<String, Vec<String>>,
    /// The changes, by address.
    changes: HashMap<&'s str, &'s Element>,
    /// The documents read before or while planning, by address.
    prior: HashMap<&'s str, &'s Element>,
    /// Blocks of the configuration that were read already.
    trees: RefCell<HashMap<Span, Rc<Tree>>>,
    index: OnceCell<Index>,
}

/// An instance that exists after apply.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) address: Address,
    pub(super) span: Span,
}

impl<'s> View<'s> {
    pub(super) fn new(source: &Arc<SourceFile>, skeleton: &'s Skeleton) -> Self {
        let mut view = Self {
            source: Arc::clone(source),
            skeleton,
            instances: HashMap::new(),
            of_block: HashMap::new(),
            changes: skeleton.changes.iter().map(|element| (element.address.as_str(), element)).collect(),
            prior: skeleton.prior.iter().map(|element| (element.address.as_str(), element)).collect(),
            trees: RefCell::default(),
            index: OnceCell::new(),
        };
        for element in &skeleton.instances {
            view.add(element);
        }
        // Documents that were read while planning stand in the prior state only, deferred ones of old releases in
        // the changes only.
        for element in skeleton.changes.iter().chain(&skeleton.prior) {
            if element.kind == Kind::Document && !view.instances.contains_key(&element.address) {
                view.add(element);
            }
        }
        view
    }

    fn add(&mut self, element: &Element) {
        let Some(address) = Address::parse(&element.address).filter(|address| address.resource.is_some()) else {
            return;
        };
        if element.kind != Kind::Document && self.is_leaving(&element.address) {
            return;
        }
        if matches!(element.kind, Kind::Bucket | Kind::Document) {
            let block = address.without_last_key().to_string();
            self.of_block.entry(block).or_default().push(element.address.clone());
        }
        self.instances.insert(element.address.clone(), Instance { address, span: element.span });
    }

    /// Whether the plan deletes the instance or lets go of it.
    fn is_leaving(&self, address: &str) -> bool {
        let Some(change) = self.changes.get(address) else { return false };
        let tree = self.tree(change.span);
        let actions = tree.root().and_then(|entry| entry.get("change")).and_then(|change| change.get("actions"));
        let actions: Vec<&str> = actions.into_iter().flat_map(Node::items).filter_map(Node::text).collect();
        !actions.is_empty() && actions.iter().all(|action| matches!(*action, "delete" | "forget"))
    }

    /// The instances that exist after apply, of a kind, in the order of the file.
    pub(super) fn existing(&self, kind: Kind) -> impl Iterator<Item = (&'s str, &Instance)> {
        let mut met = BTreeSet::new();
        self.skeleton
            .instances
            .iter()
            .filter(move |element| element.kind == kind)
            .filter(move |element| met.insert(element.address.as_str()))
            .filter_map(|element| Some((element.address.as_str(), self.instances.get(&element.address)?)))
    }

    pub(super) fn instance(&self, address: &str) -> Option<&Instance> {
        self.instances.get(address)
    }

    /// The addresses of the instances of a block (given without its last key).
    pub(super) fn instances_of(&self, block: &str) -> &[String] {
        self.of_block.get(block).map_or(&[], Vec::as_slice)
    }

    /// All instances, of any type.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.skeleton, self.source.text()))
    }

    /// Whether the plan holds all that there is to be: what it does not list does not exist after apply.
    pub(super) fn is_whole(&self) -> bool {
        self.skeleton.incomplete.is_none() && self.skeleton.errored.is_none()
    }

    /// The entry of `resource_changes`.
    pub(super) fn change(&self, address: &str) -> Option<Span> {
        self.changes.get(address).map(|element| element.span)
    }

    /// The entry of `prior_state`.
    pub(super) fn prior(&self, address: &str) -> Option<Span> {
        self.prior.get(address).map(|element| element.span)
    }

    /// A part of the plan as a tree.
    pub(super) fn tree(&self, span: Span) -> Tree {
        syntax::parse_json_at(&self.source, span.range()).tree
    }

    /// A part of the configuration as a tree. Many instances share one block, so it is kept.
    pub(super) fn shared_tree(&self, span: Span) -> Rc<Tree> {
        let mut trees = self.trees.borrow_mut();
        Rc::clone(trees.entry(span).or_insert_with(|| Rc::new(self.tree(span))))
    }

    /// The configuration of the module at a path.
    pub(super) fn module(&self, path: &[ModuleStep]) -> Option<&'s Module> {
        let root = self.skeleton.configuration.as_ref()?;
        path.iter().try_fold(root, |module, step| module.calls.get(&step.name).map(|call| &call.module))
    }

    /// The configuration of a block, in the module of an instance.
    pub(super) fn block(&self, address: &Address) -> Option<Rc<Tree>> {
        let module = self.module(&address.modules)?;
        let resource = Address { modules: Vec::new(), ..address.clone() }.without_keys().to_string();
        module.blocks.get(&resource).map(|block| self.shared_tree(block.span))
    }

    /// The addresses of all blocks of the configuration that concern us, without keys.
    pub(super) fn blocks(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        if let Some(root) = &self.skeleton.configuration {
            collect_blocks(root, "", &mut out);
        }
        out
    }
}

/// A value of an instance's entry.
pub(super) fn value_of<'t>(entry: &'t Tree, name: &str) -> Option<Node<'t>> {
    entry.root()?.get("values")?.get(name)
}

/// An argument of a block of the configuration.
pub(super) fn expression_of<'t>(block: &'t Tree, name: &str) -> Option<Node<'t>> {
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
pub(super) fn block_text(path: &[ModuleStep], resource: &ResourceStep) -> String {
    let resource = ResourceStep { key: InstanceKey::None, ..resource.clone() };
    Address { modules: path.to_vec(), resource: Some(resource) }.to_string()
}

/// The address with another last key.
pub(super) fn with_key(block: &Address, key: &InstanceKey) -> String {
    let mut address = block.clone();
    if let Some(resource) = &mut address.resource {
        resource.key = key.clone();
    }
    address.to_string()
}
