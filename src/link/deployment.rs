//! What a run comes to once its templates are linked.

use crate::model::{Body, BucketPolicy, Condition, Deployed, Pseudo, Scope, Symbol, Template, Unknown, Value};
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// A file of the run with its template.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its path as shown, without `.` and `..`.
    pub path: PathBuf,
    /// Its id.
    pub file: FileId,
    /// What was read of it.
    pub template: Template,
    /// Whether it is a whole deployment by itself (a plan, a state), which no template deploys.
    pub whole: bool,
    /// Whether it is read for the templates that deploy it only.
    pub nested_only: bool,
    /// The stacks that assemblies make of it: one deployment for each.
    pub stacks: Vec<Stack>,
    /// The groups of files that it is deployed with, by the settings: one deployment for each.
    pub groups: Vec<Group>,
}

impl Member {
    /// What it is deployed as: each of its stacks, or nothing of which more is known.
    pub(super) fn as_stacks(&self) -> impl Iterator<Item = Option<&Stack>> {
        let alone = self.stacks.is_empty().then_some(None);
        self.stacks.iter().map(Some).chain(alone)
    }
}

/// A group of files that are deployed together.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: Arc<str>,
}

/// A stack of an assembly, which says more of it than its template does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Number of the assembly.
    pub assembly: u32,
    /// Its name.
    pub name: String,
    /// Its account and Region, as the assembly writes them. Stacks that write the same are in the same place.
    pub environment: String,
    /// What AWS fills in, as far as the assembly says it.
    pub known: BTreeMap<Pseudo, String>,
    /// The values that it is deployed with, by its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Files that nested stacks name by their place in a bucket of assets, by the last part of that.
    pub assets: Arc<HashMap<String, PathBuf>>,
}

impl Stack {
    /// Whether it says more than its template does.
    pub(super) fn says_more(&self) -> bool {
        !self.known.is_empty() || !self.parameters.is_empty()
    }
}

/// Reads templates anew for the places that deploy them.
pub trait Library: Sync {
    /// The template of a member, by its index, as it is in one place; `None` where nothing can deploy it.
    fn read_in(&self, member: usize, deployed: Deployed) -> Option<Template>;

    /// The template that is written inside of a member, as it is in one place.
    ///
    /// # Errors
    /// Says why it is no template that a stack can be made of.
    fn read_body(&self, member: usize, body: &Body, deployed: Deployed) -> Result<Template, String>;
}

/// Everything that is deployed, in canonical form.
#[derive(Debug, Default)]
pub struct Deployment {
    /// The paths of the members.
    pub paths: Vec<PathBuf>,
    /// A template for each place.
    pub templates: Vec<Template>,
    /// The places, in the order of their templates.
    pub places: Vec<Place>,
    /// Nested stacks whose templates are not known.
    pub unfollowed: Vec<Unfollowed>,
    /// Symbols that stand for one of several values; their texts stay holes.
    pub choices: BTreeMap<Symbol, Value>,
}

/// A place in which a template is deployed: by itself, or by another template.
#[derive(Clone, Debug)]
pub struct Place {
    /// Index of the member that is deployed.
    pub member: usize,
    /// Where its names mean something.
    pub scope: Scope,
    /// The address of the nested stack that deploys it, `root.yaml#Guard`; `None` where it is deployed by itself.
    pub label: Option<Arc<str>>,
    /// The stacks above it, by their logical ids.
    pub path: Arc<str>,
    /// Index of the place that deploys it.
    pub parent: Option<usize>,
    /// Index of the outermost place above it.
    pub root: usize,
    /// Index of the place that is in the same account and Region for certain: the outermost one above it, but for what a
    /// stack set deploys, which is elsewhere.
    pub site: usize,
    /// Whether its members are deployed with others that are in the run: nested stacks, or those above it.
    pub in_tree: bool,
    /// Whether it is a whole deployment.
    pub whole: bool,
    /// The stack that an assembly makes of it, or of the outermost place above it.
    pub stack: Option<Stack>,
    /// The group of files that it is deployed with.
    pub group: Option<u32>,
    /// Places (this one, or above it) of which it is not known whether they are there.
    pub unsure: BTreeSet<usize>,
    /// Why this place may not be there.
    pub doubt: Option<Unknown>,
    /// Where the stack exists that deploys it, with all above it.
    pub exists: Condition,
    /// What else is known of each policy.
    pub policies: Vec<Ties>,
    /// What else is known of each bucket: what its name hangs on.
    pub buckets: Vec<Ties>,
}

impl Place {
    /// The stack of an assembly whose account and Region it is in; `None` where nothing says these.
    #[must_use]
    pub(crate) fn known(&self) -> Option<&Stack> {
        self.stack.as_ref().filter(|_| self.site == self.root)
    }
}

/// What a policy, or a bucket's name, hangs on.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    /// Places that it needs and of which it is not known whether they are there.
    pub unsure: BTreeSet<usize>,
    /// Set where it is one of several that it may be; says why that is not known.
    pub alternative: Option<Unknown>,
    /// The policy of the same template that it is an alternative of.
    pub of: Option<usize>,
    /// True where its alternatives stand for it.
    pub replaced: bool,
    /// Whether it has alternatives besides that were left out.
    pub is_short: bool,
}

/// A nested stack of which it is not known what is in it.
#[derive(Clone, Debug)]
pub struct Unfollowed {
    /// Index of the place that deploys it.
    pub place: usize,
    /// Its logical id there.
    pub address: String,
    /// What is not known.
    pub unknown: Unknown,
    /// What it is handed.
    pub arguments: Value,
    /// Where it exists.
    pub exists: Condition,
    /// True where a limit of the tool kept it from being followed: it may be on any bucket that it is deployed with.
    pub limit: bool,
}

/// Names a policy of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyId {
    /// A policy resource: index of the template, index in [`Template::policies`].
    Resource(usize, usize),
    /// A bucket's own inline policy: index of the template, index in [`Template::buckets`].
    Inline(usize, usize),
}

impl PolicyId {
    /// The policy itself.
    #[must_use]
    pub fn find(self, templates: &[Template]) -> Option<&BucketPolicy> {
        match self {
            Self::Resource(template, policy) => templates.get(template)?.policies.get(policy),
            Self::Inline(template, bucket) => templates.get(template)?.buckets.get(bucket)?.inline_policy.as_ref(),
        }
    }

    /// Index of its template.
    #[must_use]
    pub fn template(self) -> usize {
        let (Self::Resource(template, _) | Self::Inline(template, _)) = self;
        template
    }
}

impl Deployment {
    /// What else is known of a policy.
    #[must_use]
    pub fn ties(&self, policy: PolicyId) -> Option<&Ties> {
        match policy {
            PolicyId::Resource(template, policy) => self.places.get(template)?.policies.get(policy),
            PolicyId::Inline(template, bucket) => self.places.get(template)?.buckets.get(bucket),
        }
    }

    /// Why a policy may not be on a bucket of the template `template` even where the two name each other; `None` where
    /// nothing is in doubt. What both hang on is no doubt: where the bucket is, the policy is too.
    #[must_use]
    pub(crate) fn doubt(&self, policy: PolicyId, template: usize, bucket: usize) -> Option<&Unknown> {
        let ties = self.ties(policy)?;
        if let Some(alternative) = &ties.alternative {
            return Some(alternative);
        }
        let home = self.places.get(template)?;
        let name = home.buckets.get(bucket).map(|ties| &ties.unsure);
        let needed = ties.unsure.iter().chain(name.into_iter().flatten());
        let missing = needed.into_iter().find(|place| !home.unsure.contains(place))?;
        self.places.get(*missing)?.doubt.as_ref()
    }

    /// What a person calls something of the scope `scope`, seen from the template `template`: the name itself in one
    /// file, with the file before it in another.
    #[must_use]
    pub fn file_of(&self, scope: Scope) -> Option<&PathBuf> {
        let place = self.places.iter().find(|place| place.scope.file == scope.file)?;
        self.paths.get(place.member)
    }
}
