//! The source of a configuration: where each block stands, and what its arguments come to.
//!
//! What the plan knows is taken from it ([`Facts`]); the source says how unknown parts hang together, and gives each
//! part its place. Nothing here asks anybody, and everything is bounded: what takes too long, nests too deeply or
//! refers to itself is a located unknown.

mod choice;
mod comments;
mod config;
mod correct;
mod document;
mod embedded;
mod equal;
mod evaluate;
mod free;
mod functions;
mod iterate;
mod load;
mod number;
mod read;
mod read_json;
mod reference;
mod size_limit;
mod suppressions;
#[cfg(test)]
mod tests;
mod tree;
mod unify;
mod validation;
mod value;
mod variable;
mod written;
mod yaml;

pub use super::address::InstanceKey;
pub use document::same_policy;
pub use free::{Handed, Laid, Layout, Shape, Variable, given_values};
pub use load::MissingModule;
pub(crate) use reference::WORKSPACE;
pub use validation::{Asked, Part as AskedPart};

use super::address::Address;
use crate::frontend::Files;
use crate::model::{Body, Notice, Value};
use crate::source::{FileId, SourceFile, Sources, Span};
use config::{Contents, Module};
use evaluate::{Evaluator, Place};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tree::Block;

/// The module argument that turns a Deny on in the S3 modules of the registry.
pub(crate) const MODULE_SWITCH: &str = "attach_deny_insecure_transport_policy";

/// Whether a text may hold what concerns us: buckets, their policies, stacks with templates, calls of modules.
#[must_use]
pub fn concerns(text: &[u8]) -> bool {
    let words = ["aws_s3", "awscc_s3", "_cloudformation_stack", "module"];
    words.iter().any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

/// How many steps the evaluation of one argument may take. Real ones take some thousand.
const STEPS: u32 = 500_000;
/// How many steps all arguments of a configuration may take together, before each gets but [`FEW_STEPS`].
const ALL_STEPS: u32 = 20_000_000;
/// What each argument may take in any case.
const FEW_STEPS: u32 = 20_000;

/// What the plan knows.
pub trait Facts {
    /// The value of an input variable of the root module. It is used, and never printed.
    fn variable(&self, name: &str) -> Option<Value>;

    /// The value, or the symbol, of an attribute of a resource or data source instance by its full address; `None`
    /// where the plan knows nothing of it.
    fn attribute(&self, address: &str, attribute: &str) -> Option<Value>;

    /// The keys of the instances of a resource or module, whose address comes without its last key; `None` where they
    /// are not known.
    fn instances(&self, address: &str) -> Option<Vec<InstanceKey>>;

    /// Whether nothing is planned: variables without a value are free, and what hangs on them is a choice.
    fn is_free(&self) -> bool {
        false
    }
}

/// The parsed modules of a configuration.
#[derive(Debug)]
pub struct Configuration {
    root: Arc<Module>,
    missing: Vec<MissingModule>,
    sources: Vec<Arc<SourceFile>>,
    /// Sets the symbols of this configuration apart from those of another one in the same run: its first file.
    id: u64,
    /// What may still be spent on the evaluation of arguments.
    steps: AtomicU32,
    /// Tells apart what is equal to nothing.
    serial: AtomicU32,
}

/// Where a resource is to be changed.
#[derive(Clone, Debug)]
pub struct SourcePlace {
    /// The header of its block; for one in a module that is not the user's own, the header of the module call.
    pub span: Span,
    /// The header of the block, where `span` is the module call's.
    pub made_at: Option<Span>,
    /// The header of the innermost call, in the user's own code, of a module that has the variable `MODULE_SWITCH`.
    pub switch: Option<Span>,
}

impl Configuration {
    /// Reads the root module in `root`, and the modules that it calls as far as they are at hand: by relative path, or
    /// where `.terraform/modules/modules.json` says. `None` where `root` holds no source. A file that cannot be read
    /// costs itself only, and gives a notice.
    #[must_use]
    pub fn load(files: &dyn Files, root: &Path, sources: &mut Sources) -> Option<(Configuration, Vec<Notice>)> {
        let first = sources.iter().count();
        let loaded = load::Loader::new(files, root, sources).run()?;
        Some(Self::of(loaded, sources, first))
    }

    /// The same from the snapshot in a binary plan: the address of each module without the words `module` (`""`,
    /// `logs`, `outer.inner`), with the path and the text of its files.
    #[must_use]
    pub(crate) fn from_snapshot(
        modules: Vec<(String, Vec<(String, String)>)>,
        sources: &mut Sources,
    ) -> (Configuration, Vec<Notice>) {
        let first = sources.iter().count();
        let loaded = load::snapshot(modules, sources);
        Self::of(loaded, sources, first)
    }

    fn of(loaded: load::Loaded, sources: &Sources, first: usize) -> (Configuration, Vec<Notice>) {
        let load::Loaded { root, notices, missing } = loaded;
        let id = sources.iter().nth(first).map_or(0, |source| source.id().0);
        let sources = sources.iter().skip(first).cloned().collect();
        let (steps, serial) = (AtomicU32::new(ALL_STEPS), AtomicU32::new(0));
        (Configuration { root, missing, sources, id, steps, serial }, notices)
    }

    /// A configuration without any block, for the evaluation of what stands alone in a file.
    fn nothing(source: &SourceFile) -> Configuration {
        let contents = Arc::new(Contents::default());
        let root = Arc::new(Module { contents, remote: false, children: std::collections::BTreeMap::new() });
        let (steps, serial) = (AtomicU32::new(ALL_STEPS), AtomicU32::new(0));
        Configuration { root, missing: Vec::new(), sources: Vec::new(), id: source.id().0, steps, serial }
    }

    /// The start of its first file.
    #[must_use]
    pub(crate) fn start(&self) -> Span {
        Span::at(self.sources.first().map_or(FileId(0), |source| source.id()), 0)
    }

    /// The block of an instance, with the module that it is in.
    fn declared(&self, address: &Address) -> Option<(Place, &Block)> {
        Some((self.place_of(address)?, self.block_of(address)?))
    }

    /// The text of an expression without white space at its edges.
    fn whole(&self, span: Span) -> String {
        self.source(span.file).map_or_else(String::new, |source| source.slice(span).trim().to_owned())
    }

    /// The modules that are called and could not be read.
    #[must_use]
    pub fn missing(&self) -> &[MissingModule] {
        &self.missing
    }

    /// The addresses of all `resource` and `data` blocks without keys (`module.logs.aws_s3_bucket.this`).
    #[must_use]
    pub fn blocks(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        let mut open = vec![(String::new(), &self.root)];
        while let Some((path, module)) = open.pop() {
            out.extend(module.resources.keys().map(|name| format!("{path}{name}")));
            open.extend(module.children.iter().map(|(name, child)| (format!("{path}module.{name}."), child)));
        }
        out
    }

    /// Whether the source is that of a plan whose configuration has these blocks (addresses without keys): each of
    /// them is in it, as far as its module could be read in full.
    #[must_use]
    pub fn fits(&self, planned: &BTreeSet<String>) -> bool {
        let own = self.blocks();
        planned.iter().all(|address| {
            own.contains(address)
                || Address::parse(address).is_some_and(|address| self.module_of(&address).is_none_or(|m| m.incomplete))
        })
    }

    /// The first part of a file, of any module that is called, that cannot be read and may hold what concerns us.
    #[must_use]
    pub fn broken(&self) -> Option<&Notice> {
        let mut open = vec![&self.root];
        let mut first: Option<&Notice> = None;
        while let Some(module) = open.pop() {
            let own = module.broken.iter();
            first = own.chain(first).min_by_key(|notice| notice.span);
            open.extend(module.children.values());
        }
        first
    }

    /// Where to change the resource of that address. `None` where its block is not in the source.
    #[must_use]
    pub fn place(&self, address: &str) -> Option<SourcePlace> {
        let address = Address::parse(address)?;
        let inner = self.block_of(&address).map(|block| block.header);
        let mut module = &self.root;
        let mut switch = None;
        for step in &address.modules {
            let call = module.calls.get(&step.name)?;
            let child = module.children.get(&step.name);
            let has_switch = child.is_some_and(|child| child.variables.contains_key(MODULE_SWITCH));
            switch = if has_switch { Some(call.header) } else { switch };
            if child.is_none_or(|child| child.remote) {
                return Some(SourcePlace { span: call.header, made_at: inner, switch });
            }
            module = child?;
        }
        Some(SourcePlace { span: inner?, made_at: None, switch })
    }

    /// What an argument of a resource or data source instance comes to; a `policy` as a structure, read from its JSON, an
    /// unknown name as a text that is equal to itself. `None` where the block is not in the source or does not set the argument.
    #[must_use]
    pub fn argument(&self, address: &str, argument: &str, facts: &dyn Facts) -> Option<Value> {
        self.evaluated(address, argument, facts, |evaluator, value| match argument {
            "policy" | "policy_document" => evaluator.policy(value),
            _ => evaluator.modelled(&as_argument(argument, value)),
        })
    }

    /// The text of an argument, if all of it is known, with where each part of it is written.
    #[must_use]
    pub fn text(&self, address: &str, argument: &str, facts: &dyn Facts) -> Option<Body> {
        #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime only")]
        self.evaluated(address, argument, facts, |evaluator, value| evaluator.written(value)).flatten()
    }

    /// What `make` gives of an argument. `None` where the block is not in the source or does not set it.
    fn evaluated<T>(
        &self,
        address: &str,
        argument: &str,
        facts: &dyn Facts,
        make: impl FnOnce(&Evaluator<'_>, &value::Val) -> T,
    ) -> Option<T> {
        let address = Address::parse(address)?;
        let place = self.place_of(&address)?;
        let block = self.block_of(&address)?;
        let expression = block.body.get(argument)?;
        let allowed = self.steps.load(Ordering::Relaxed).clamp(FEW_STEPS, STEPS);
        let subject = format!("{address}|{argument}");
        let evaluator = Evaluator::new(self, facts, allowed, &subject);
        let scope = evaluator.instance_scope(&place, block, &address, address.last_key());
        let out = make(&evaluator, &evaluator.eval(expression, &scope));
        let spent = allowed - evaluator.steps_left();
        let left = self.steps.load(Ordering::Relaxed).saturating_sub(spent);
        self.steps.store(left, Ordering::Relaxed);
        Some(out)
    }

    /// The module that an address lies in, whatever its keys.
    fn module_of(&self, address: &Address) -> Option<&Arc<Module>> {
        address.modules.iter().try_fold(&self.root, |module, step| module.children.get(&step.name))
    }

    fn place_of(&self, address: &Address) -> Option<Place> {
        let module = Arc::clone(self.module_of(address)?);
        let path = Address { modules: address.modules.clone(), resource: None };
        Some(Place { module, path: Arc::new(path) })
    }

    fn block_of(&self, address: &Address) -> Option<&Block> {
        let resource = address.resource.as_ref()?;
        let data = if resource.data { "data." } else { "" };
        self.module_of(address)?.resources.get(&format!("{data}{}.{}", resource.kind, resource.name))
    }

    /// A number that was not given before.
    fn serial(&self) -> u32 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// A file of this configuration.
    fn source(&self, id: FileId) -> Option<Arc<SourceFile>> {
        self.sources.iter().find(|source| source.id() == id).cloned()
    }

    /// The text of an expression, for people: its first words.
    fn shown(&self, span: Span) -> String {
        const LENGTH: usize = 60;
        let source = self.source(span.file);
        let text = source.as_ref().map_or("…", |source| source.slice(span));
        let mut shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if shown.chars().count() > LENGTH {
            shown = shown.chars().take(LENGTH).chain(['…']).collect();
        }
        shown
    }
}

/// The value of an argument. Where it names a bucket, an unknown one is a text, which is the same wherever it stands.
fn as_argument(argument: &str, value: &value::Val) -> value::Val {
    const NAMES: [&str; 4] = ["bucket", "bucket_name", "bucket_prefix", "bucket_name_prefix"];
    match value.missing() {
        Some(missing) if !missing.failed && NAMES.contains(&argument) => {
            value::Val::symbol(value.span, missing.symbol())
        }
        _ => value.clone(),
    }
}
