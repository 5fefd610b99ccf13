//! Parsed modules, and how the blocks of their files fall into place.

use super::tree::{Attribute, Block, Body, Expr, Kind, Part};
use crate::frontend::suggest;
use crate::model::Notice;
use crate::source::SourceFile;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A module as it is called: what its folder holds, and where its own calls lead.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) contents: Arc<Contents>,
    /// True where the code is not the user's own: it was installed from a registry, a repository, an archive.
    pub(super) remote: bool,
    /// The modules that the calls lead to, as far as they could be read.
    pub(super) children: BTreeMap<String, Arc<Module>>,
}

impl std::ops::Deref for Module {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.contents
    }
}

/// Everything in the folder of a module.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The folder.
    pub(super) folder: PathBuf,
    /// A file could not be read: what is not found here may be declared there.
    pub(super) incomplete: bool,
    /// Parts of its files that cannot be read and may hold what concerns us.
    pub(super) broken: Vec<Notice>,
    pub(super) variables: BTreeMap<String, Block>,
    pub(super) locals: BTreeMap<String, Attribute>,
    pub(super) outputs: BTreeMap<String, Block>,
    /// By `type.name` and `data.type.name`.
    pub(super) resources: BTreeMap<String, Block>,
    pub(super) calls: BTreeMap<String, Block>,
    /// Files that `file` and `templatefile` may read, by their path without `.` and `..`.
    pub(super) texts: BTreeMap<PathBuf, Arc<SourceFile>>,
}

/// The blocks at the top of a file that are read, and how many labels each has. What else Terraform has there makes no
/// resources.
const BLOCKS: [(&str, usize); 6] =
    [("data", 2), ("locals", 0), ("module", 1), ("output", 1), ("resource", 2), ("variable", 1)];

/// The kind of block that was meant by another word.
pub(super) fn meant(kind: &str) -> Option<&'static str> {
    let known = || BLOCKS.iter().map(|(known, _)| *known);
    suggest::nearest(kind, known()).filter(|_| !known().any(|known| known == kind))
}

impl Contents {
    /// Why Terraform refuses a block that is added to what is here: nothing of it would be read, or nothing of another.
    pub(super) fn refusal(&self, block: &Block, overriding: bool) -> Option<String> {
        let Block { kind, labels, .. } = block;
        let Some((_, wanted)) = BLOCKS.iter().find(|(known, _)| known == kind) else {
            return meant(kind).map(|near| format!("Terraform has no block `{kind}`: did you mean `{near}`?"));
        };
        if labels.len() != *wanted {
            return Some(format!("a block `{kind}` has {wanted} labels, and this one has {}", labels.len()));
        }
        let is_twice = match (kind.as_str(), labels.as_slice()) {
            ("variable", [name]) => self.variables.contains_key(name),
            ("output", [name]) => self.outputs.contains_key(name),
            ("module", [name]) => self.calls.contains_key(name),
            ("resource", [kind, name]) => self.resources.contains_key(&format!("{kind}.{name}")),
            ("data", [kind, name]) => self.resources.contains_key(&format!("data.{kind}.{name}")),
            _ => block.body.attributes.keys().any(|name| self.locals.contains_key(name)),
        };
        (is_twice && !overriding).then(|| "this is declared twice, and only the second is read".to_owned())
    }

    /// Takes in a block at the top of a file. `overriding` is set for `override.tf` and `*_override.tf`, whose blocks are
    /// laid over those of the other files.
    pub(super) fn add(&mut self, block: Block, overriding: bool) {
        match (block.kind.as_str(), block.labels.as_slice()) {
            ("locals", _) => self.locals.extend(block.body.attributes),
            ("variable", [name]) => insert(&mut self.variables, name.clone(), block, overriding),
            ("output", [name]) => insert(&mut self.outputs, name.clone(), block, overriding),
            ("module", [name]) => insert(&mut self.calls, name.clone(), block, overriding),
            ("resource", [kind, name]) => {
                insert(&mut self.resources, format!("{kind}.{name}"), block, overriding);
            }
            ("data", [kind, name]) => {
                insert(&mut self.resources, format!("data.{kind}.{name}"), block, overriding);
            }
            // It makes no resources, or was refused.
            _ => {}
        }
    }

    /// The `source` of a call, where it is written as plain text.
    pub(super) fn source_of(call: &Block) -> Option<String> {
        Self::text_of(call, "source")
    }

    /// An argument of a call, where it is written as plain text.
    pub(super) fn text_of(call: &Block, argument: &str) -> Option<String> {
        match &call.body.get(argument)?.kind {
            Kind::Template(parts) => match parts.as_slice() {
                [Part::Literal(located)] => Some(located.text.to_string()),
                _ => None,
            },
            _ => None,
        }
    }
}

fn insert(blocks: &mut BTreeMap<String, Block>, name: String, block: Block, overriding: bool) {
    match blocks.get_mut(&name) {
        Some(base) if overriding => {
            base.body.attributes.extend(block.body.attributes);
            let replaced: Vec<_> = block.body.blocks.iter().map(|nested| nested.kind.clone()).collect();
            base.body.blocks.retain(|nested| !replaced.contains(&nested.kind));
            base.body.blocks.extend(block.body.blocks);
        }
        _ => {
            blocks.insert(name, block);
        }
    }
}

/// Calls `look` with each expression of a module, in any depth.
pub(super) fn walk(contents: &Contents, look: &mut impl FnMut(&Expr)) {
    let blocks = contents.resources.values().chain(contents.calls.values()).chain(contents.outputs.values());
    let mut bodies: Vec<&Body> = blocks.chain(contents.variables.values()).map(|block| &block.body).collect();
    let mut expressions: Vec<&Expr> = contents.locals.values().map(|local| &*local.value).collect();
    loop {
        while let Some(expression) = expressions.pop() {
            look(expression);
            push_children(expression, &mut expressions);
        }
        let Some(body) = bodies.pop() else { return };
        bodies.extend(body.blocks.iter().map(|block| &block.body));
        expressions.extend(body.attributes.values().map(|attribute| &*attribute.value));
    }
}

fn push_children<'a>(expression: &'a Expr, out: &mut Vec<&'a Expr>) {
    use super::tree::Step;
    match &expression.kind {
        Kind::Null | Kind::Unreadable | Kind::Bool(_) | Kind::Number(_) | Kind::Variable(_) => {}
        Kind::Template(parts) => push_parts(parts, out),
        Kind::List(items) => out.extend(items),
        Kind::Object(items) => items.iter().for_each(|item| out.extend([&item.key, &item.value])),
        Kind::Traversal(root, steps) => {
            out.push(root);
            out.extend(steps.iter().filter_map(|step| if let Step::Index(index) = step { Some(index) } else { None }));
        }
        Kind::Conditional(three) => out.extend(three.iter()),
        Kind::Call(call) => out.extend(&call.arguments),
        Kind::Not(inner) | Kind::Negative(inner) => out.push(inner),
        Kind::Binary(_, two) => out.extend(two.iter()),
        Kind::For(iteration) => {
            out.extend([&iteration.collection, &iteration.value]);
            out.extend(iteration.key.iter().chain(&iteration.condition));
        }
    }
}

fn push_parts<'a>(parts: &'a [Part], out: &mut Vec<&'a Expr>) {
    let mut open = vec![parts];
    while let Some(parts) = open.pop() {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Value(expression) => out.push(expression),
                Part::If { condition, then, otherwise } => {
                    out.push(condition);
                    open.extend([then.as_slice(), otherwise.as_slice()]);
                }
                Part::For { collection, body, .. } => {
                    out.push(collection);
                    open.push(body);
                }
            }
        }
    }
}
