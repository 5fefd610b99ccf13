//! A linted file: its buckets, its bucket policies, and what links them to other files.

use super::{Condition, Domain, Entry, Suppression, Symbol, Text, Value};
use crate::source::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What kind of input a model came from, by the name that reports have for it. The names stand in the front ends:
/// nobody behind them asks which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Format(&'static str);

impl Format {
    /// The kind of that name.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name: `cloudformation`, `terraform-plan`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// How a fix would be written in the user's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// CloudFormation YAML.
    Yaml,
    /// CloudFormation JSON.
    Json,
    /// Terraform: `jsonencode` or a heredoc.
    HclJson,
    /// Terraform: an `aws_iam_policy_document`.
    HclDocument,
}

/// What a front end makes of one file.
#[derive(Clone, Debug)]
pub struct Template {
    /// The kind of input.
    pub format: Format,
    /// How fixes are written where no policy says otherwise.
    pub style: Style,
    /// The declared buckets, in the order of the file.
    pub buckets: Vec<Bucket>,
    /// The declared bucket policies, in the order of the file.
    pub policies: Vec<BucketPolicy>,
    /// Names given to other templates.
    pub exports: Vec<Export>,
    /// What it hands to whoever deploys it.
    pub outputs: Vec<Output>,
    /// The templates that it deploys.
    pub nested: Vec<NestedStack>,
    /// Parameters that values or conditions may hang on.
    pub parameters: Vec<Parameter>,
    /// What holds in every deployment: rules, and keys that lookups need.
    pub assertions: Vec<Assertion>,
    /// Symbols that stand for one of several values by condition.
    pub choices: Vec<(Symbol, Value)>,
    /// Set where the input leaves resources out (a targeted plan): a missing policy is no evidence. Says why.
    pub incomplete: Option<crate::model::Unknown>,
    /// What keeps it from being deployed as it is.
    pub errors: Vec<Notice>,
    /// What was noticed on the way.
    pub notices: Vec<Notice>,
    /// Findings that the file itself says are accepted.
    pub suppressions: Vec<Suppression>,
}

/// A declared S3 bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Logical id, or full instance address in a plan.
    pub address: String,
    /// How a fix refers to it in its own file: `Data`, `aws_s3_bucket.logs`.
    pub reference: String,
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
    pub module_switch: Option<String>,
    /// Where the bucket is made, when `span` is elsewhere (inside a remote module).
    pub made_at: Option<Span>,
    /// The path of the construct that made it (`aws:cdk:path`), in templates that CDK synthesized.
    pub path: Option<String>,
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
    /// How a fix would be written.
    pub style: Style,
    /// The buckets that it can be on where `bucket` is not known; `None` for any of its deployment.
    pub reach: Option<Arc<Reach>>,
}

/// The buckets that a policy can be on.
#[derive(Clone, Debug, Default, PartialEq)]
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

/// A name that a template exports (`Outputs.*.Export.Name`).
#[derive(Clone, Debug)]
pub struct Export {
    /// The exported name.
    pub name: Text,
    /// Its value.
    pub value: Value,
    /// Where the export exists.
    pub exists: Condition,
}

/// An output of a template.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A template that another one deploys.
#[derive(Clone, Debug)]
pub struct NestedStack {
    /// The local file that holds it, as written: relative to the file that names it.
    pub location: String,
    /// What is handed to its parameters.
    pub parameters: Vec<Entry>,
    /// The symbols of its outputs have this key, followed by the output's name.
    pub outputs: String,
    /// Its index among the templates that are judged together, where it is one of them.
    pub template: Option<usize>,
}

/// A template parameter whose value is not given.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Stands for its value.
    pub symbol: Symbol,
    /// Its name.
    pub name: String,
    /// The values that the symbol may have.
    pub domain: Domain,
    /// What the symbol is of the parameter's value.
    pub part: Part,
    /// Its default.
    pub default: Option<String>,
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
    /// A value of the parameter of which `text` is this part.
    #[must_use]
    pub fn value_for(&self, text: &str) -> Option<String> {
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

/// Something noticed that is no verdict: a reference to nothing, a duplicate key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What, as a sentence without full stop.
    pub message: String,
    /// Where.
    pub span: Span,
}
