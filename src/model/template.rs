//! A linted file: its buckets, its bucket policies, and what links them to other files.

use super::partition::PARTITIONS;
use super::{Condition, Domain, Suppression, Symbol, Text, Value};
use crate::source::{Span, Within};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What kind of input a model came from, by the name that reports have for it. The names stand in the front ends:
/// nobody behind them asks which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Format {
    name: &'static str,
    words: Words,
    /// See [`Format::is_record`].
    is_record: bool,
}

/// What people who write a format call things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Words {
    /// What is given when it is deployed: "parameter".
    pub parameter: &'static str,
    /// What makes a resource be there in some deployments only, as it is written.
    pub condition: &'static str,
    /// What says which values together can be deployed.
    pub rules: &'static str,
}

impl Format {
    /// The kind of that name.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            words: Words { parameter: "parameter", condition: "`Condition`", rules: "the assertions of `Rules`" },
            is_record: false,
        }
    }

    /// The same, of records.
    #[must_use]
    pub const fn of_records(self) -> Self {
        Self { is_record: true, ..self }
    }

    /// Whether an input of it records what a deployment is, or is about to be, on one day: there may be several of one.
    #[must_use]
    pub(crate) fn is_record(self) -> bool {
        self.is_record
    }

    /// The same with words of its own.
    #[must_use]
    pub(crate) const fn speaking(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// What people who write it call things.
    #[must_use]
    pub const fn words(self) -> Words {
        self.words
    }

    /// Its name: `cloudformation`, `terraform-plan`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// What a front end makes of one file.
#[derive(Clone, Debug)]
pub struct Template {
    /// The kind of input.
    pub format: Format,
    /// The declared buckets, in the order of the file.
    pub buckets: Vec<Bucket>,
    /// The declared bucket policies, in the order of the file.
    pub policies: Vec<BucketPolicy>,
    /// What it hands to whoever deploys it, and to whoever imports it.
    pub outputs: Arc<Vec<Output>>,
    /// The templates that it deploys.
    pub nested: Vec<NestedStack>,
    /// Parameters that values or conditions may hang on.
    pub parameters: Vec<Parameter>,
    /// All parameters that whoever deploys it may give a value.
    pub declared: Vec<Declared>,
    /// What holds in every deployment: rules, and keys that lookups need.
    pub assertions: Vec<Assertion>,
    /// Symbols that stand for one of several values by condition.
    pub choices: Vec<(Symbol, Value)>,
    /// Set where the input leaves resources out (a targeted plan): a missing policy is no evidence. Says why.
    pub incomplete: Option<crate::model::Unknown>,
    /// What keeps it from being deployed as it is.
    pub errors: Vec<Notice>,
    /// True where what makes it incomplete may change what is written as well (a user's macro over the template).
    pub rewritten: bool,
    /// What was noticed on the way.
    pub notices: Vec<Notice>,
    /// What it is handed where it is deployed and does not take: no stack is made with it. It stands where that is
    /// written.
    pub unfit: Vec<Notice>,
    /// What concerns buckets and is not checked: it is told in any case.
    pub unchecked: Vec<Notice>,
    /// Findings that the file itself says are accepted.
    pub suppressions: Vec<Suppression>,
}

impl Template {
    /// Drops what is needed to judge its buckets, and not to tell of them: while edits are tried, the templates of two runs
    /// are held, and one may hand on as much as it has lines.
    pub fn forget_what_it_hangs_on(&mut self) {
        self.outputs = Arc::default();
        self.nested = Vec::new();
        self.parameters = Vec::new();
        self.assertions = Vec::new();
        self.choices = Vec::new();
    }

    /// A template that declares nothing.
    #[must_use]
    pub fn nothing(format: Format) -> Self {
        Self {
            format,
            buckets: Vec::new(),
            policies: Vec::new(),
            outputs: Arc::default(),
            nested: Vec::new(),
            parameters: Vec::new(),
            declared: Vec::new(),
            assertions: Vec::new(),
            choices: Vec::new(),
            incomplete: None,
            errors: Vec::new(),
            rewritten: false,
            notices: Vec::new(),
            unfit: Vec::new(),
            unchecked: Vec::new(),
            suppressions: Vec::new(),
        }
    }
}

/// A parameter that whoever deploys a template may give a value.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// What it may be given. Of a secret nothing is asked.
    pub domain: Arc<Domain>,
}

/// A declared S3 bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Logical id, or full instance address in a plan.
    pub address: String,
    /// Where a person would change it (logical id; block header).
    pub span: Span,
    /// Stands for the bucket's name in references to it.
    pub symbol: Symbol,
    /// The name that the input gives it; `None` where AWS or the provider makes one up. A name that is there but
    /// not known is a text with holes.
    pub name: Option<Text>,
    /// Where the bucket exists.
    pub exists: Condition,
    /// The deprecated inline policy of Terraform's `aws_s3_bucket`.
    pub inline_policy: Option<BucketPolicy>,
    /// The argument of a module call that would turn the Deny on, for buckets made in a module that has one.
    pub module_switch: Option<ModuleSwitch>,
    /// Where the bucket is made, when `span` is elsewhere (inside a remote module).
    pub made_at: Option<Span>,
    /// The path of the construct that made it (`aws:cdk:path`), in templates that CDK synthesized.
    pub path: Option<String>,
    /// What its settings say of it, beside its policy.
    pub settings: BucketSettings,
}

/// What turns a Deny on in a module.
#[derive(Clone, Debug)]
pub struct ModuleSwitch {
    /// The argument of the module call, to be set to `true`.
    pub argument: String,
    /// The header of the call; of the bucket where it is not known.
    pub call: Span,
}

/// Settings of a bucket that bear on its policy.
#[derive(Clone, Debug, Default)]
pub struct BucketSettings {
    /// Where it says that S3 refuses policies that let the public in (`BlockPublicPolicy`, surely true).
    pub blocks_public_policy: Option<Span>,
    /// Where it is made a website.
    pub website: Option<Span>,
    /// The partition that it is in, where something says that.
    pub partition: Option<Home>,
}

/// The partition that something is deployed in.
#[derive(Clone, Debug)]
pub enum Home {
    /// This one of those that there are.
    Known(&'static str),
    /// What the deployment settles: `AWS::Partition`.
    Open(Symbol),
}

impl Home {
    /// The partition that a text names; `None` where it is none.
    #[must_use]
    pub fn of(text: &Text) -> Option<Self> {
        match (text.as_literal(), text.as_symbol()) {
            (Some(name), _) => Self::named(name),
            (None, symbol) => symbol.cloned().map(Self::Open),
        }
    }

    /// The partition of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PARTITIONS.iter().find(|one| one.name == name).map(|one| Self::Known(one.name))
    }
}

/// A declared bucket policy.
#[derive(Clone, Debug)]
pub struct BucketPolicy {
    /// Logical id, or full instance address in a plan.
    pub address: String,
    /// Where a person would change it.
    pub span: Span,
    /// The bucket it names: text, [`super::Data::Choice`] of texts, or unknown.
    pub bucket: Value,
    /// The policy document as a structure (JSON text already parsed into located values).
    pub document: Value,
    /// Where the policy exists.
    pub exists: Condition,
    /// The buckets that it can be on where `bucket` is not known; `None` for any of its deployment.
    pub reach: Option<Arc<Reach>>,
}

impl BucketPolicy {
    /// Whether it names its bucket by an ARN or an address, which is no bucket's name.
    #[must_use]
    pub(crate) fn has_no_name(&self) -> bool {
        self.bucket.scalar_text().is_some_and(|text| text.is_arn_or_address())
    }
}

/// The buckets that a policy can be on.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Their symbols, in sets that many policies share.
    pub buckets: Vec<Arc<BTreeSet<Symbol>>>,
    /// What is taken for granted where a bucket is left out: a sentence without full stop.
    pub assumption: Option<String>,
}

impl Reach {
    /// Whether the policy can be on the bucket.
    #[must_use]
    pub fn holds(&self, bucket: &Symbol) -> bool {
        self.buckets.iter().any(|set| set.contains(bucket))
    }
}

/// An output of a template.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Where it exists.
    pub exists: Condition,
    /// The name that it is exported under: text, [`super::Data::Choice`] of texts, or unknown.
    pub export: Option<Value>,
}

/// A template that another one deploys.
#[derive(Clone, Debug)]
pub struct NestedStack {
    /// The logical id of the resource that deploys it.
    pub address: String,
    /// Where that stands.
    pub span: Span,
    /// What says where its template is, as written: relative to the file that names it, or a URL.
    pub location: Value,
    /// The file that a packaging tool notes as its template, relative to the file that names it.
    pub asset: Option<String>,
    /// The template itself, where it is written in place.
    pub body: Option<Arc<Body>>,
    /// Whether it is deployed elsewhere, to accounts and Regions of its own, perhaps to none (a stack set).
    pub is_set: bool,
    /// Which instances of the set these are, where others are handed other values: what lists them, with its index.
    pub group: Option<String>,
    /// What is handed to its parameters: a mapping, or what is not known of it.
    pub arguments: Value,
    /// Where it exists.
    pub exists: Condition,
}

/// The text of a template that is written where its stack is declared.
#[derive(Clone, Debug)]
pub struct Body {
    /// The text.
    pub text: String,
    /// Where it is written.
    pub within: Within,
    /// The path of the file of which it is all, if it is that of another file.
    pub file: Option<Arc<str>>,
}

/// A place that deploys a template, as far as reading the template hangs on it.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Number of the place; 0 where the template is deployed by itself. Names of the template mean something there
    /// only.
    pub instance: u32,
    /// The stack whose account and Region the place is in: itself, or the outermost one of nested stacks.
    pub account: super::Scope,
    /// What AWS fills in, where the input says it.
    pub known: BTreeMap<super::Pseudo, String>,
    /// Values of its parameters, where the input says what it is deployed with.
    pub given: BTreeMap<String, String>,
    /// What a nested stack is handed. `None` where the template is deployed by itself, and its parameters may be
    /// anything.
    pub arguments: Option<BTreeMap<String, Value>>,
}

/// A template parameter whose value is not given.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Stands for its value.
    pub symbol: Symbol,
    /// Its name.
    pub name: String,
    /// The values that the symbol may have.
    pub domain: Arc<Domain>,
    /// What the symbol is of the parameter's value.
    pub part: Part,
    /// Its default.
    pub default: Option<String>,
    /// Whether nobody is told what it is given.
    pub is_secret: bool,
}

/// Lists longer than this are not taken for worlds of their own in texts.
const MAX_LISTED: usize = 64;

impl Parameter {
    /// The values that the symbol may have, where they are listed.
    #[must_use]
    pub(crate) fn listed(&self) -> Option<Vec<&str>> {
        self.domain.listed().filter(|values| values.len() <= MAX_LISTED)
    }
}

/// What a text is of the value that is given for a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Its items, joined by this delimiter. (A list is given as its items with commas between.)
    Joined(String),
    /// The item with this index between delimiters.
    Item(String, usize),
}

impl Part {
    /// This part of a value; `None` where it has none.
    #[must_use]
    pub fn of(&self, value: &str) -> Option<String> {
        match self {
            Self::Whole => Some(value.to_owned()),
            Self::Joined(delimiter) => Some(value.split(',').map(str::trim).collect::<Vec<_>>().join(delimiter)),
            Self::Item(delimiter, index) => value.split(delimiter.as_str()).nth(*index).map(str::to_owned),
        }
    }

    /// The whole value, where a text of this part says all of it.
    #[must_use]
    pub(crate) fn whole_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let is_all = matches!(self, Self::Whole) || matches!(self, Self::Joined(delimiter) if delimiter == ",");
        is_all.then_some(text)
    }

    /// A value of the parameter of which `text` is this part.
    #[must_use]
    pub(crate) fn value_for(&self, text: &str) -> Option<String> {
        match self {
            Self::Whole => Some(text.to_owned()),
            Self::Joined(delimiter) if delimiter == "," => Some(text.to_owned()),
            Self::Joined(_) => (!text.contains(',') && text.trim() == text).then(|| text.to_owned()),
            Self::Item(delimiter, index) => {
                let fits = !text.contains(delimiter.as_str());
                fits.then(|| format!("{}{text}", format!("x{delimiter}").repeat(*index)))
            }
        }
    }
}

/// A fact about the deployment as a whole.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// What holds in every deployment of the template.
    pub holds: Condition,
    /// The symbols that it speaks of.
    pub about: Vec<Symbol>,
}

impl Assertion {
    /// That a condition holds in every deployment.
    #[must_use]
    pub fn that(holds: Condition) -> Self {
        Self { about: holds.symbols(), holds }
    }

    /// The same, asked of no deployment but those in which `carried` holds.
    pub(crate) fn only_where(&mut self, carried: &Condition) {
        let holds = std::mem::replace(&mut self.holds, Condition::Always);
        self.say(Condition::any(vec![Condition::not(carried.clone()), holds]));
    }

    /// Asserts `holds` in place of what was asserted.
    pub fn say(&mut self, holds: Condition) {
        let new = holds.symbols().into_iter().filter(|symbol| !self.about.contains(symbol));
        let new: Vec<Symbol> = new.collect();
        self.about.extend(new);
        self.holds = holds;
    }
}

/// Something noticed that is no verdict: a reference to nothing, a duplicate key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What, as a sentence without full stop.
    pub message: String,
    /// Where.
    pub span: Span,
}
