//! What the expressions of the configuration refer to, followed through variables, module arguments and module
//! outputs to the instances at their ends.
//!
//! Configuration says only *that* an expression refers to something, never what it does with it. So references prove
//! nothing: where all lead to one thing, that is what the expression most probably is, and what none leads to is left
//! out.

use super::super::address::{Address, InstanceKey, ModuleStep, ResourceStep, Step, tokenize};
use super::super::plan::view::{View, block_text, with_key};
use super::super::plan::{self, Call, Module};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::cell::{Cell, RefCell};

/// How many references are followed for one expression. Real ones need a handful.
const BUDGET: u32 = 4096;
/// How deep they are followed. Each module boundary takes one step.
const DEPTH: u32 = 64;

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// An instance of a bucket.
    Bucket(Instance),
    /// An instance of a policy document.
    Document(Instance),
    /// An attribute of another resource, by its reference.
    Attribute(String),
    /// A value that the plan knows: an argument without references, a default.
    Known(Known),
    /// `each.key`, `each.value`, `count.index`: it chooses among the instances of another target.
    Iteration,
    /// Something that configuration does not tell of (a local value), by its reference.
    Opaque(String),
}

/// What kind of value the plan knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Null or an empty text.
    Nothing,
    /// Text, or something that may hold text.
    Text,
    /// A boolean or a number: it chooses, and is no part of a name.
    Other,
}

impl Known {
    /// What kind of value a node is.
    fn of(node: Option<Node<'_>>) -> Self {
        match node.map(Node::kind) {
            None | Some(Kind::Null) => Known::Nothing,
            Some(Kind::Bool(_) | Kind::Number) => Known::Other,
            Some(_) if node.and_then(Node::text) == Some("") => Known::Nothing,
            Some(_) => Known::Text,
        }
    }
}

/// Everything that an expression refers to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The ends of its references, each once.
    pub(crate) targets: Vec<Target>,
    /// The module instances in which the way to an end cannot be seen (a local value, an output, an attribute of
    /// another resource): anything that the module can reach may be at that end.
    pub(crate) open: Vec<Vec<ModuleStep>>,
}

/// A bucket or document at the end of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    /// Its full address.
    pub(crate) address: String,
    /// The attribute that is referred to. Terraform leaves it out where the instance is chosen by an expression.
    pub(crate) attribute: Option<String>,
    /// False where it may be another instance of its block: an expression chooses.
    pub(crate) exact: bool,
}

/// Where an expression stands: its module, and which instance of the block or module call it is evaluated for.
#[derive(Clone)]
pub(crate) struct Context<'v> {
    pub(crate) module: &'v Module,
    pub(crate) path: Vec<ModuleStep>,
    pub(crate) each: InstanceKey,
    /// Where the expression of `for_each` stands.
    pub(crate) for_each: Option<Span>,
}

impl<'v> Context<'v> {
    /// The context of the expressions of a resource instance.
    pub(crate) fn of(view: &View<'v>, address: &Address) -> Option<Self> {
        let block = view.block(address);
        let for_each = block.as_ref().and_then(|tree| tree.root()).and_then(|block| block.get("for_each_expression"));
        Some(Self {
            module: view.module(&address.modules)?,
            path: address.modules.clone(),
            each: address.last_key().clone(),
            for_each: for_each.map(Node::span),
        })
    }
}

/// Follows references.
pub(crate) struct Resolver<'x, 'v> {
    view: &'x View<'v>,
    budget: Cell<u32>,
    open: RefCell<Vec<Vec<ModuleStep>>>,
}

/// Follows everything that an expression refers to.
pub(crate) fn targets(view: &View<'_>, expression: Node<'_>, context: &Context<'_>) -> Found {
    let resolver = Resolver { view, budget: Cell::new(BUDGET), open: RefCell::default() };
    let mut out = Vec::new();
    resolver.expression(expression, context, DEPTH, &mut out);
    if resolver.budget.get() == 0 {
        out.push(Target::Opaque("too many references".to_owned()));
        resolver.open(&[]);
    }
    let mut found = Found { targets: Vec::new(), open: resolver.open.into_inner() };
    for target in out {
        if !found.targets.contains(&target) {
            found.targets.push(target);
        }
    }
    found
}

/// The references of an expression, without the shorter forms that Terraform lists after each.
pub(crate) fn references(expression: Node<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let listed = expression.get("references").into_iter().flat_map(Node::items).filter_map(Node::text);
    for reference in listed {
        let shorter = out.last().and_then(|last| last.strip_prefix(reference));
        if !shorter.is_some_and(|rest| rest.starts_with(['.', '['])) {
            out.push(reference.to_owned());
        }
    }
    out
}

/// How a message names what an expression refers to: ` (it refers to `local.policy`)`, or nothing.
pub(crate) fn shown(expression: Option<Node<'_>>) -> String {
    let references = expression.map(references).unwrap_or_default();
    let mut named: Vec<String> = Vec::new();
    for reference in references.iter().map(|reference| format!("`{reference}`")) {
        if !named.contains(&reference) {
            named.push(reference);
        }
    }
    let more = if named.len() > 3 { " and others" } else { "" };
    named.truncate(3);
    if named.is_empty() { String::new() } else { format!(" (it refers to {}{more})", named.join(", ")) }
}

impl Resolver<'_, '_> {
    fn expression(&self, expression: Node<'_>, context: &Context<'_>, depth: u32, out: &mut Vec<Target>) {
        let references = references(expression);
        if references.is_empty() {
            // `{}` stands for a call of a function over constants.
            let constant = expression.get("constant_value");
            out.push(Target::Known(constant.map_or(Known::Text, |constant| Known::of(Some(constant)))));
        }
        let iterated = references.iter().any(|reference| reference.starts_with("each.") || reference == "count.index");
        for reference in references {
            let Some(left) = self.budget.get().checked_sub(1).filter(|_| depth > 0) else {
                self.budget.set(0);
                return;
            };
            self.budget.set(left);
            if self.reference(&reference, context, iterated, depth - 1, out).is_none() {
                out.push(Target::Opaque(reference));
                self.open(&context.path);
            }
        }
    }

    /// Notes that a way is lost in a module instance.
    fn open(&self, path: &[ModuleStep]) {
        let mut open = self.open.borrow_mut();
        if !open.iter().any(|other| other == path) {
            open.push(path.to_vec());
        }
    }

    /// Whether the plan lists no instance of a block, so that nothing of it can be meant.
    fn is_not_planned(&self, path: &[ModuleStep], resource: &ResourceStep) -> bool {
        self.view.is_whole() && !self.view.index().keys.contains_key(&block_text(path, resource))
    }

    /// Follows one reference; `None` where it cannot be followed.
    fn reference(
        &self,
        reference: &str,
        context: &Context<'_>,
        iterated: bool,
        depth: u32,
        out: &mut Vec<Target>,
    ) -> Option<()> {
        // A splat is all instances, of which one may be meant.
        let steps = tokenize(reference).filter(|steps| steps.iter().all(|step| step.key != InstanceKey::Any))?;
        let (first, rest) = steps.split_first()?;
        match (first.name.as_str(), rest) {
            ("var", [name, attributes @ ..]) => {
                let from = out.len();
                self.variable(&name.name, context, depth, out)?;
                narrow(out, from, attributes);
            }
            ("each", [value, attributes @ ..]) if value.name == "value" => {
                let from = out.len();
                self.each_value(context, depth, out);
                narrow(out, from, attributes);
            }
            ("each" | "count", _) => out.push(Target::Iteration),
            ("path" | "terraform", _) => out.push(Target::Known(Known::Text)),
            ("module", [call, attributes @ ..]) => {
                let from = out.len();
                self.open(&context.path);
                self.output(call, attributes.first(), context, iterated, depth, out)?;
                narrow(out, from, attributes.get(1..).unwrap_or(&[]));
            }
            ("data", [kind, name, attributes @ ..]) if kind.name == "aws_iam_policy_document" => {
                let block = block(context, true, kind, name);
                out.extend(self.instances(&block, &name.key, context, iterated, attributes).map(Target::Document));
            }
            ("local" | "self", _) | (_, []) => return None,
            ("data", [kind, name, ..]) => self.attribute(reference, true, kind, name, context, out),
            (_, [name, attributes @ ..]) if is_bucket(first) => {
                let block = block(context, false, first, name);
                let found: Vec<_> = self.instances(&block, &name.key, context, iterated, attributes).collect();
                // A reference to a bucket that is not planned stands in the branch that is not taken.
                if found.is_empty() && !self.view.is_whole() {
                    return None;
                }
                out.extend(found.into_iter().map(Target::Bucket));
            }
            (kind, [name, attributes @ ..]) if kind.starts_with("aws_s3_bucket_") && names_its_bucket(attributes) => {
                self.open(&context.path);
                self.setting(first, name, context, iterated, depth, out)?;
            }
            (_, [name, ..]) => self.attribute(reference, false, first, name, context, out),
        }
        Some(())
    }

    /// An attribute of another resource or data source.
    fn attribute(
        &self,
        reference: &str,
        data: bool,
        kind: &Step,
        name: &Step,
        context: &Context<'_>,
        out: &mut Vec<Target>,
    ) {
        let resource = ResourceStep { data, kind: kind.name.clone(), name: name.name.clone(), key: InstanceKey::None };
        if self.is_not_planned(&context.path, &resource) {
            return;
        }
        if !is_random(&kind.name) {
            self.open(&context.path);
        }
        out.push(Target::Attribute(reference.to_owned()));
    }

    /// The instances of a block that a reference may mean: the one with the key, else the one with the key of the
    /// instance that refers to it, else all.
    fn instances(
        &self,
        block: &Address,
        key: &InstanceKey,
        context: &Context<'_>,
        iterated: bool,
        attributes: &[Step],
    ) -> impl Iterator<Item = Instance> {
        let all = self.view.instances_of(&block.to_string());
        let wanted = match key {
            InstanceKey::None if iterated => Some(with_key(block, &context.each)),
            InstanceKey::None => None,
            key => Some(with_key(block, key)),
        };
        let exact = wanted.as_ref().filter(|address| self.view.instance(address).is_some());
        let chosen: &[String] = match (exact, key) {
            (Some(address), _) => std::slice::from_ref(address),
            (None, InstanceKey::None) => all,
            (None, _) => &[],
        };
        // A few tell as much as all: more than one is never a link.
        let chosen: Vec<String> = chosen.iter().take(3).cloned().collect();
        let attribute = attributes.first().map(|step| step.name.clone());
        let exact = *key != InstanceKey::None || all.iter().all(|address| *address == block.to_string());
        chosen.into_iter().map(move |address| Instance { address, attribute: attribute.clone(), exact })
    }

    /// A variable: the argument of the module call, in the module that calls; else its default.
    fn variable(&self, name: &str, context: &Context<'_>, depth: u32, out: &mut Vec<Target>) -> Option<()> {
        let declared = context.module.variables.get(name);
        let Some((step, parents)) = context.path.split_last() else {
            out.push(Target::Known(self.root_variable(name)));
            return Some(());
        };
        let parent = self.view.module(parents)?;
        let call = parent.calls.get(&step.name)?;
        let arguments = call.expressions.map(|span| self.view.shared_tree(span));
        let argument = arguments.as_ref().and_then(|tree| tree.root()).and_then(|arguments| arguments.get(name));
        if let Some(argument) = argument {
            let context =
                Context { module: parent, path: parents.to_vec(), each: step.key.clone(), for_each: call.for_each };
            self.expression(argument, &context, depth, out);
            return Some(());
        }
        let declaration = self.view.shared_tree(*declared?);
        out.push(Target::Known(Known::of(declaration.root().and_then(|variable| variable.get("default")))));
        Some(())
    }

    fn root_variable(&self, name: &str) -> Known {
        let variables = self.view.skeleton.variables.map(|span| self.view.shared_tree(span));
        let variable = variables.as_ref().and_then(|tree| tree.root()).and_then(|all| all.get(name));
        // One that is not listed may hold anything.
        variable.map_or(Known::Text, |variable| Known::of(variable.get("value")))
    }

    /// `each.value` where `for_each` is another block: the instance of that block with the same key.
    fn each_value(&self, context: &Context<'_>, depth: u32, out: &mut Vec<Target>) {
        let from = out.len();
        if let Some(span) = context.for_each {
            let tree = self.view.shared_tree(span);
            let Some(expression) = tree.root() else { return };
            for reference in references(expression) {
                if self.reference(&reference, context, true, depth.saturating_sub(1), out).is_none() {
                    out.push(Target::Opaque(reference));
                    self.open(&context.path);
                }
            }
        }
        if out.len() == from {
            out.push(Target::Iteration);
        }
    }

    /// A setting of a bucket, whose `bucket` argument is the bucket's name.
    fn setting(
        &self,
        kind: &Step,
        name: &Step,
        context: &Context<'_>,
        iterated: bool,
        depth: u32,
        out: &mut Vec<Target>,
    ) -> Option<()> {
        let block = context.module.blocks.get(&format!("{}.{}", kind.name, name.name))?;
        let tree = self.view.shared_tree(block.span);
        let root = tree.root()?;
        let key = if name.key == InstanceKey::None && iterated { context.each.clone() } else { name.key.clone() };
        let for_each = root.get("for_each_expression").map(Node::span);
        let inside = Context { each: key, for_each, ..context.clone() };
        self.expression(root.get("expressions")?.get("bucket")?, &inside, depth, out);
        Some(())
    }

    /// An output of a module that is called here; all outputs where Terraform leaves its name out.
    fn output(
        &self,
        call: &Step,
        output: Option<&Step>,
        context: &Context<'_>,
        iterated: bool,
        depth: u32,
        out: &mut Vec<Target>,
    ) -> Option<()> {
        let called: &Call = context.module.calls.get(&call.name)?;
        let key = match &call.key {
            InstanceKey::None if called.repeated && iterated => context.each.clone(),
            InstanceKey::None if called.repeated => return None,
            key => key.clone(),
        };
        let mut path = context.path.clone();
        path.push(ModuleStep { name: call.name.clone(), key });
        let inside = Context { module: &called.module, path, each: InstanceKey::None, for_each: None };
        let outputs: Vec<Span> = match output {
            Some(output) => vec![*called.module.outputs.get(&output.name)?],
            None => called.module.outputs.values().copied().collect(),
        };
        for span in outputs {
            let tree = self.view.shared_tree(span);
            let expression = tree.root().and_then(|output| output.get("expression"));
            let from = out.len();
            self.expression(expression?, &inside, depth, out);
            if output.is_none() {
                // Which of the outputs is meant is lost: what they refer to counts, not what they are.
                lose_attributes(out, from);
            }
        }
        Some(())
    }
}

/// Resources whose attributes are made up: no bucket's name is handed on in them.
fn is_random(kind: &str) -> bool {
    kind.starts_with("random_") || kind.starts_with("time_")
}

fn is_bucket(kind: &Step) -> bool {
    plan::Kind::of("managed", &kind.name) == Some(plan::Kind::Bucket)
}

/// Whether the attribute of a bucket's setting is the bucket's name. (Its `id` may have further parts.)
fn names_its_bucket(attributes: &[Step]) -> bool {
    attributes.first().is_some_and(|attribute| attribute.name == "bucket")
}

/// Attributes that a reference goes on with belong to the object at its end, where that one was referred to whole.
fn narrow(out: &mut [Target], from: usize, attributes: &[Step]) {
    let Some(attribute) = attributes.first() else { return };
    for target in out.iter_mut().skip(from) {
        if let Target::Bucket(instance) | Target::Document(instance) = target {
            instance.attribute.get_or_insert_with(|| attribute.name.clone());
        }
    }
}

/// Keeps the buckets and documents behind `from`, without their attributes.
fn lose_attributes(out: &mut Vec<Target>, from: usize) {
    let mut lost = out.split_off(from);
    lost.retain(|target| matches!(target, Target::Bucket(_) | Target::Document(_)));
    for target in &mut lost {
        if let Target::Bucket(instance) | Target::Document(instance) = target {
            instance.attribute = None;
        }
    }
    out.extend(lost);
}

/// The address of a block in the module of a context.
fn block(context: &Context<'_>, data: bool, kind: &Step, name: &Step) -> Address {
    let resource = ResourceStep { data, kind: kind.name.clone(), name: name.name.clone(), key: InstanceKey::None };
    Address { modules: context.path.clone(), resource: Some(resource) }
}

/// The bucket that a `bucket` argument most probably names: all its references lead to one instance.
pub(crate) fn one_bucket(targets: &[Target]) -> Option<&str> {
    let mut found: Option<&Instance> = None;
    for target in targets {
        match target {
            Target::Bucket(instance) if names_bucket(instance) => match found {
                Some(other) if other.address != instance.address => return None,
                _ => found = Some(instance),
            },
            Target::Iteration | Target::Known(Known::Nothing | Known::Other) => {}
            _ => return None,
        }
    }
    // With the attribute kept, an iteration is no choice of the instance, but a part of the text.
    let iterated = targets.contains(&Target::Iteration);
    found.filter(|instance| !iterated || instance.attribute.is_none()).map(|instance| instance.address.as_str())
}

fn names_bucket(instance: &Instance) -> bool {
    matches!(instance.attribute.as_deref(), None | Some("id" | "bucket"))
}

/// The document that a `policy` argument most probably is: its only reference is one document's JSON.
pub(crate) fn one_document(targets: &[Target]) -> Option<&str> {
    let mut found: Option<&Instance> = None;
    for target in targets {
        match target {
            Target::Document(instance) if found.is_none() => found = Some(instance),
            Target::Iteration | Target::Known(Known::Nothing | Known::Other) => {}
            _ => return None,
        }
    }
    let iterated = targets.contains(&Target::Iteration);
    let is_json = |instance: &&Instance| match instance.attribute.as_deref() {
        Some("json" | "minified_json") => !iterated,
        Some(_) => false,
        None => true,
    };
    found.filter(is_json).map(|instance| instance.address.as_str())
}
