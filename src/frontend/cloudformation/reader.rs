//! The state of reading one template: its sections, what was evaluated already, and the limits.

use super::call::{Call, Function};
use super::conditions::Named;
use super::parameters::Declaration;
use super::transforms::Macros;
use super::{Inputs, loops};
use crate::model::{
    Assertion, Condition, Data, Name, Notice, Parameter, Scope, Symbol, SymbolKind, Text, Unknown, Value,
};
use crate::source::{FileId, Span};
use crate::syntax::{Kind, Node};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// How deep expressions may be nested. Templates written by people stay under 30.
pub(super) const MAX_DEPTH: u32 = 96;
/// How many steps a template may take for each node that is written; a step is a node, or 64 bytes of text. Without
/// aliases and loops it takes under four. Aliases, loops and nested functions can ask for any number.
const STEPS_PER_NODE: usize = 16;
/// How many steps a template may take besides, so that loops of small ones have room.
const FREE_STEPS: usize = 200_000;
/// The most steps that any template may take.
const MAX_STEPS: u32 = 4_000_000;
/// How long a text that is put together may grow, in bytes: the largest template body.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// How many facts about all deployments are kept. Each one that is left out only leaves more deployments possible.
const MAX_ASSERTIONS: usize = 500;
/// The longest expression that is recognised when it is written again elsewhere, in bytes.
const MAX_KEY: usize = 4096;

/// The most resources that a template may have.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
pub(super) const MAX_RESOURCES: usize = 500;

/// The turns of loops that something is read in, outermost first.
pub(super) type Loops = Arc<[loops::Turn]>;

/// A declared resource.
#[derive(Clone, Debug)]
pub(super) struct Resource<'a> {
    /// Logical id, with marks where a loop's value in it is not known.
    pub(super) id: String,
    /// Logical id as people read it.
    pub(super) address: String,
    /// Where the logical id stands.
    pub(super) key_span: Span,
    /// Its mapping.
    pub(super) node: Node<'a>,
    /// Its type.
    pub(super) kind: String,
    /// The loops that it is made in.
    pub(super) loops: Loops,
}

impl<'a> Resource<'a> {
    /// The resource of an entry of the section; `None` where its type is no string.
    pub(super) fn of(entry: &loops::Expanded<'a>) -> Option<Self> {
        let (id, address) = (entry.key().into_owned(), entry.shown().into_owned());
        let kind = type_of(entry)?.into_owned();
        let (key_span, node, loops) = (entry.key_span(), entry.value, entry.loops.clone());
        Some(Self { id, address, key_span, node, kind, loops })
    }
}

/// The type that an entry of the section `Resources` is given.
pub(super) fn type_of<'a>(entry: &loops::Expanded<'a>) -> Option<Cow<'a, str>> {
    Some(loops::fill(entry.value.get("Type")?.text()?, &entry.loops))
}

/// Reads one template.
pub(super) struct Reader<'a> {
    pub(super) root: Node<'a>,
    pub(super) file: FileId,
    /// Where its names mean something.
    pub(super) scope: Scope,
    pub(super) inputs: &'a Inputs,
    pub(super) macros: Macros,
    pub(super) parameters: BTreeMap<String, Declaration<'a>>,
    pub(super) conditions: BTreeMap<String, Named<'a>>,
    pub(super) mappings: Option<Node<'a>>,
    /// Those whose type can be read, in the order of the file.
    pub(super) resources: Vec<loops::Expanded<'a>>,
    /// The same by their logical ids: indices in `resources`.
    pub(super) by_id: Vec<u32>,
    /// What stands for buckets, by their logical ids.
    pub(super) buckets: BTreeMap<String, Symbol>,
    pub(super) notices: Vec<Notice>,
    /// What the template is handed and does not take.
    pub(super) unfit: Vec<Notice>,
    pub(super) loops: Loops,
    /// The symbols that marks in strings stand for.
    pub(super) marks: Vec<Symbol>,
    /// What CloudFormation refuses to deploy.
    pub(super) errors: Vec<Notice>,
    /// What holds in every deployment.
    pub(super) assertions: Vec<Assertion>,
    /// Symbols that stand for one of several values.
    pub(super) choices: Vec<(Symbol, Value)>,
    /// Parts of parameters that something hangs on, by the names of their symbols.
    pub(super) derived: BTreeMap<String, Parameter>,
    /// Under which condition what is being read is evaluated; `None` where that cannot be told.
    pub(super) context: Option<Condition>,
    /// Names that are declared nowhere, and were told of.
    pub(super) told: BTreeSet<String>,
    depth: u32,
    /// How many are left.
    steps: u32,
}

impl<'a> Reader<'a> {
    /// A reader over a template, with nothing read yet.
    pub(super) fn new(root: Node<'a>, inputs: &'a Inputs, macros: Macros) -> Self {
        let steps = root.tree().size().saturating_mul(STEPS_PER_NODE).saturating_add(FREE_STEPS);
        let file = root.tree().source().id();
        let instance = inputs.deployed.as_ref().map_or(0, |deployed| deployed.instance);
        Self {
            root,
            file,
            scope: Scope { file, instance },
            inputs,
            macros,
            parameters: BTreeMap::new(),
            conditions: BTreeMap::new(),
            mappings: root.get("Mappings"),
            resources: Vec::new(),
            by_id: Vec::new(),
            buckets: BTreeMap::new(),
            notices: Vec::new(),
            unfit: Vec::new(),
            loops: loops::none(),
            marks: Vec::new(),
            errors: Vec::new(),
            assertions: Vec::new(),
            choices: Vec::new(),
            derived: BTreeMap::new(),
            context: None,
            told: BTreeSet::new(),
            depth: 0,
            steps: MAX_STEPS.min(u32::try_from(steps).unwrap_or(MAX_STEPS)),
        }
    }

    /// The resource with that logical id.
    pub(super) fn resource(&self, id: &str) -> Option<Resource<'a>> {
        let key = |at: &u32| self.resources.get(*at as usize).map(loops::Expanded::key);
        let found = self.by_id.binary_search_by(|at| key(at).as_deref().cmp(&Some(id))).ok()?;
        Resource::of(self.resources.get(*self.by_id.get(found)? as usize)?)
    }

    /// The resources of such types.
    pub(super) fn resources_of(&self, wanted: impl Fn(&str) -> bool) -> Vec<Resource<'a>> {
        let is_wanted = |one: &&loops::Expanded<'a>| type_of(one).is_some_and(|kind| wanted(&kind));
        self.resources.iter().filter(is_wanted).filter_map(Resource::of).collect()
    }

    /// One level down; `false` where a limit is reached. Each `true` needs its [`Reader::leave`].
    pub(super) fn enter(&mut self) -> bool {
        if self.depth >= MAX_DEPTH || !self.spend(1) {
            return false;
        }
        self.depth += 1;
        true
    }

    /// One level up.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Takes steps; `false` where none are left.
    pub(super) fn spend(&mut self, steps: u32) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.is_some()
    }

    /// Takes the steps for `length` bytes of text.
    pub(super) fn spend_text(&mut self, length: usize) -> bool {
        self.spend(u32::try_from(length / 64).unwrap_or(u32::MAX))
    }

    /// Runs `read` inside other loops.
    pub(super) fn within<T>(&mut self, loops: Loops, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.loops, loops);
        let result = read(self);
        self.loops = outer;
        result
    }

    /// Runs `read` where `condition` holds besides.
    pub(super) fn under<T>(&mut self, condition: &Condition, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.context.clone();
        self.context = outer.clone().map(|outer| outer.and(condition.clone()));
        let result = read(self);
        self.context = outer;
        result
    }

    /// Runs `read` on what is evaluated in every deployment in which `condition` holds.
    pub(super) fn evaluated_where<T>(&mut self, condition: Condition, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.context.replace(condition);
        let result = read(self);
        self.context = outer;
        result
    }

    /// Keeps something that holds in every deployment in which what is being read is evaluated.
    pub(super) fn assert(&mut self, holds: Condition, mut about: Vec<Symbol>) {
        if let (Condition::Never, Some(context)) = (&holds, &self.context) {
            // What never works keeps the place from being deployed where it is read.
            about.extend(context.symbols());
        }
        let holds = match &self.context {
            None => return,
            Some(Condition::Always) => holds,
            Some(context) => Condition::Any(vec![Condition::Not(Arc::new(context.clone())), holds].into()),
        };
        let known = self.assertions.iter().any(|one| one.holds == holds);
        if !known && self.assertions.len() < MAX_ASSERTIONS {
            self.assertions.push(Assertion { holds, about });
        }
    }

    /// Tells something that is no verdict, once a place.
    pub(super) fn notice(&mut self, message: impl Into<String>, span: Span) {
        let notice = Notice { message: message.into(), span };
        if !self.notices.contains(&notice) && self.notices.len() < 1000 {
            self.notices.push(notice);
        }
    }

    /// The decoded text of a scalar, loop variables filled in.
    pub(super) fn scalar(&self, node: Node<'a>) -> Option<String> {
        node.text().map(|text| loops::fill(text, &self.loops).into_owned())
    }

    /// A symbol of this template, in the place that deploys it.
    pub(super) fn symbol(&self, name: Name, kind: SymbolKind, shown: impl Into<String>, unknown: Unknown) -> Symbol {
        Symbol::scoped(self.scope, name, kind, shown, unknown)
    }

    /// What stands where a limit was reached.
    pub(super) fn too_large(span: Span) -> Unknown {
        Unknown::past_limit(span)
    }

    /// The text of an expression that is not known: one hole. The same expression, written again, is the same hole.
    pub(super) fn opaque(&self, call: &Call<'a>, kind: SymbolKind, unknown: Unknown) -> Value {
        let written = self.root.tree().source().slice(call.span);
        let short = written.len() <= 60 && !written.contains('\n');
        let shown = if short { format!("${{{}}}", written.trim()) } else { format!("${{{}}}", call.name) };
        let symbol = self.symbol(self.expression_name(call), kind, shown, unknown);
        Value::new(call.span, Data::Text(Text::hole(symbol)))
    }

    /// The text of an unknown value whose expression is told apart by its place only.
    pub(super) fn hole(&self, unknown: Unknown) -> Text {
        let name = Name::Place(unknown.span, loops::shown(&self.loops).into());
        Text::hole(self.symbol(name, SymbolKind::Free, "${…}", unknown))
    }

    /// What names an expression: its functions and arguments, in the same words for the long and the short forms.
    /// All functions but transforms give one value in one deployment, so that equal words mean equal values.
    fn expression_name(&self, call: &Call<'a>) -> Name {
        let mut out = String::new();
        self.describe_call(call, &mut out, MAX_DEPTH);
        if out.len() > MAX_KEY {
            return Name::Place(call.span, loops::shown(&self.loops).into());
        }
        Name::Expression(out.into())
    }

    fn describe_call(&self, call: &Call<'a>, out: &mut String, depth: u32) {
        out.push_str(&call.name);
        if call.function == Function::Transform {
            // A macro need not give the same twice.
            let _ = write!(out, "@{}", call.span.start);
        }
        out.push('(');
        self.describe(call.argument, call.tagged, out, depth);
        out.push(')');
    }

    pub(super) fn describe(&self, node: Node<'a>, ignore_tag: bool, out: &mut String, depth: u32) {
        if depth == 0 || out.len() > MAX_KEY {
            // Too long to be a key: the caller takes the place instead.
            out.push_str(&" ".repeat(MAX_KEY));
            return;
        }
        if let Some(call) = Call::of(node, ignore_tag) {
            // `A.B` and `[A, B]` are the same attribute.
            return match (call.name.as_str(), call.argument.text()) {
                ("Fn::GetAtt", Some(text)) => {
                    let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
                    out.push_str("Fn::GetAtt([");
                    self.describe_text(id, out);
                    self.describe_text(attribute, out);
                    out.push_str("])");
                }
                _ => self.describe_call(&call, out, depth - 1),
            };
        }
        match node.kind() {
            Kind::Sequence => {
                out.push('[');
                node.items().for_each(|item| self.describe(item, false, out, depth - 1));
                out.push(']');
            }
            Kind::Mapping => {
                out.push('{');
                for (key, value) in node.entries() {
                    self.describe_text(key.text().unwrap_or(""), out);
                    self.describe(value, false, out, depth - 1);
                }
                out.push('}');
            }
            _ => self.describe_text(node.text().unwrap_or(""), out),
        }
    }

    /// Text with its length before it, so that no text can pass for another expression.
    fn describe_text(&self, text: &str, out: &mut String) {
        let text = loops::fill(text, &self.loops);
        let _ = write!(out, "{}'{text}", text.len());
    }
}
