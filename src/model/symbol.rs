//! Symbols: what stands for a text that is not known.

use super::{Text, Unknown};
use crate::source::{FileId, Span};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What kind of thing a hole stands for. It says what the hole's value can and cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// A parameter, an import, or anything else that may hold any text, `*` included.
    Free,
    /// The partition of the deployment (`AWS::Partition`). Policies take a partition written by hand as this one.
    Partition,
    /// A value that AWS fills in for the deployment (region, account, stack name): fixed text of at least
    /// one character without glob characters.
    Pseudo,
    /// The name of a declared bucket that AWS or the provider makes up: it equals no text written by hand, and no
    /// other bucket's name.
    BucketName,
    /// The address under which AWS serves a bucket (its domain name, the URL of its website): no ARN, no bucket's name
    /// and no text written by hand.
    Address,
    /// An attribute of a declared resource that is known after deployment: fixed text of at least one character
    /// without glob characters.
    Attribute,
}

impl SymbolKind {
    /// Whether AWS or the provider makes it up, so that it equals no text written by hand and nothing else made up.
    #[must_use]
    pub(crate) fn is_made_up(&self) -> bool {
        matches!(self, Self::BucketName | Self::Address)
    }
}

/// Where a name means something: a file, and the place that deploys it. The same file, deployed in two places, has
/// two scopes, so that what one of them calls `Env` is never taken for what the other does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The file.
    pub file: FileId,
    /// The place that deploys it; 0 where it is deployed by itself.
    pub instance: u32,
}

impl Scope {
    /// A file that is deployed by itself.
    #[must_use]
    pub fn of(file: FileId) -> Self {
        Self { file, instance: 0 }
    }
}

/// Values that AWS fills in for a stack.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pseudo {
    /// `AWS::AccountId`
    AccountId,
    /// `AWS::Partition`
    Partition,
    /// `AWS::Region`
    Region,
    /// `AWS::StackId`
    StackId,
    /// `AWS::StackName`
    StackName,
    /// `AWS::URLSuffix`
    UrlSuffix,
}

impl Pseudo {
    /// The one with that name, `AWS::Region`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "AWS::AccountId" => Self::AccountId,
            "AWS::Partition" => Self::Partition,
            "AWS::Region" => Self::Region,
            "AWS::StackId" => Self::StackId,
            "AWS::StackName" => Self::StackName,
            "AWS::URLSuffix" => Self::UrlSuffix,
            _ => return None,
        })
    }

    /// Its name, `AWS::Region`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
            Self::StackId => "AWS::StackId",
            Self::StackName => "AWS::StackName",
            Self::UrlSuffix => "AWS::URLSuffix",
        }
    }

    /// The symbol that stands for it in a scope.
    #[must_use]
    pub fn symbol(self, scope: Scope) -> Symbol {
        let name = self.name();
        let kind = if self == Self::Partition { SymbolKind::Partition } else { SymbolKind::Pseudo };
        let span = Span::at(scope.file, 0);
        let unknown = Unknown::new(format!("`{name}` is known at deploy time"), span, "write its value");
        Symbol::scoped(scope, Name::Pseudo(self), kind, format!("${{{name}}}"), unknown)
    }

    /// True for what all stacks in one account and Region share; the others each stack has of its own.
    #[must_use]
    pub(crate) fn is_of_the_account(self) -> bool {
        !matches!(self, Self::StackId | Self::StackName)
    }

    /// Those that all stacks in one account and Region share.
    pub(crate) const OF_THE_ACCOUNT: [Self; 4] = [Self::AccountId, Self::Partition, Self::Region, Self::UrlSuffix];
}

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// Something that its front end names by an address of its own (`aws_s3_bucket.logs.arn` of one plan).
    Address(Arc<str>),
    /// The value of a parameter.
    Parameter(Arc<str>),
    /// A value that AWS fills in.
    Pseudo(Pseudo),
    /// The name that AWS makes up for the bucket with that logical id.
    Bucket(Arc<str>),
    /// The name that is given to the bucket with that logical id, where it cannot be read as one text.
    BucketName(Arc<str>),
    /// What a reference to a resource gives, or an attribute of it (empty for the former).
    Attribute(Arc<str>, Arc<str>),
    /// An output of the nested stack with that logical id.
    NestedOutput(Arc<str>, Arc<str>),
    /// What another stack exports under that name.
    Import(Text),
    /// An output of another stack, by the stack's name.
    StackOutput(Box<StackOutput>),
    /// A dynamic reference, `{{resolve:…}}`.
    Dynamic(Text),
    /// An expression, in words that are the same wherever it is written.
    Expression(Arc<str>),
    /// An item of a list that is not known, by the list's expression, and how many loops around go over the same list.
    Element(Arc<str>, u32),
    /// Something that is told apart by its place only, and by the loops that it is made in.
    Place(Span, Arc<str>),
    /// A part of what another symbol stands for.
    Part(Symbol, Arc<str>),
    /// An item of what another symbol stands for.
    Item(Box<Item>),
    /// The bucket of the policy with that address, where it cannot be told.
    BucketOf(Arc<str>),
}

/// An output of another stack (`Fn::GetStackOutput`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StackOutput {
    /// The name of the stack.
    pub stack: Text,
    /// The name of the output.
    pub output: Text,
    /// The stack's Region, where one is given.
    pub region: Option<Text>,
    /// Whether it is read through a role: the stack may be in another account.
    pub by_role: bool,
}

/// What stands between delimiters of a text that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Item {
    /// What stands for the text.
    pub of: Symbol,
    /// Between which delimiters.
    pub delimiter: Arc<str>,
    /// Which item, from 0.
    pub index: usize,
    /// Whether it is one of a list that is given as a text: white space around it does not count.
    pub of_list: bool,
}

impl Item {
    /// The item itself, where the text is `whole`; `None` where that cannot be told.
    #[must_use]
    pub(crate) fn in_text(&self, whole: &Text) -> Option<Text> {
        let item = whole.cut(&self.delimiter)?.into_iter().nth(self.index)?;
        Some(if self.of_list { item.trimmed() } else { item })
    }

    /// What stands for it.
    #[must_use]
    pub fn symbol(self) -> Symbol {
        let (of, index) = (self.of.clone(), self.index);
        let shown = format!("{}[{index}]", of.shown());
        Symbol::scoped(of.scope(), Name::Item(Box::new(self)), SymbolKind::Free, shown, of.unknown().clone())
    }
}

impl Name {
    /// Whether it is something that another stack says.
    #[must_use]
    pub(crate) fn is_of_another_stack(&self) -> bool {
        matches!(self, Self::Import(_) | Self::StackOutput(_))
    }

    /// Whether it is known only once all templates of a run are read: what another stack, or a nested one, gives.
    #[must_use]
    pub(crate) fn is_of_a_stack(&self) -> bool {
        self.is_of_another_stack() || matches!(self, Self::NestedOutput(..))
    }
}

impl From<&str> for Name {
    fn from(address: &str) -> Self {
        Self::Address(address.into())
    }
}

impl From<String> for Name {
    fn from(address: String) -> Self {
        Self::Address(address.into())
    }
}

/// Identifies one unknown text. Two symbols are the same unknown exactly when their scopes and names are equal.
#[derive(Clone, Debug)]
pub struct Symbol(Arc<SymbolData>);

#[derive(Debug)]
struct SymbolData {
    scope: Scope,
    name: Name,
    kind: SymbolKind,
    shown: String,
    unknown: Unknown,
}

impl Symbol {
    /// A symbol whose name says all: it is the same unknown in every file of the run. `shown` is what people read
    /// (`${Name}`).
    #[must_use]
    pub fn new(name: impl Into<Name>, kind: SymbolKind, shown: impl Into<String>, unknown: Unknown) -> Self {
        Self::scoped(Scope::default(), name.into(), kind, shown, unknown)
    }

    /// A symbol of one file, in one place that deploys it.
    #[must_use]
    pub(crate) fn scoped(
        scope: Scope,
        name: Name,
        kind: SymbolKind,
        shown: impl Into<String>,
        unknown: Unknown,
    ) -> Self {
        Self(Arc::new(SymbolData { scope, name, kind, shown: shown.into(), unknown }))
    }

    /// The same unknown, seen from another scope, or of another name there.
    #[must_use]
    pub fn renamed(&self, scope: Scope, name: Name) -> Self {
        Self::scoped(scope, name, self.0.kind.clone(), self.0.shown.clone(), self.0.unknown.clone())
    }

    /// The same symbol, of which something else is not known.
    #[cfg(feature = "internals")]
    #[must_use]
    pub fn because(&self, unknown: Unknown) -> Self {
        Self::scoped(self.0.scope, self.0.name.clone(), self.0.kind.clone(), self.0.shown.clone(), unknown)
    }

    /// A string that only equal symbols share.
    #[must_use]
    pub fn identity(&self) -> String {
        let Scope { file, instance } = self.0.scope;
        let name = match &self.0.name {
            Name::Address(address) => address.to_string(),
            Name::Part(whole, part) => format!("{}#{part}", whole.identity()),
            Name::Item(item) => format!("{}#{} by {}", item.of.identity(), item.index, item.delimiter),
            other => format!("{other:?}"),
        };
        format!("{}/{instance}:{name}", file.0)
    }

    /// Where its name means something.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.0.scope
    }

    /// What it is called there.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.0.name
    }

    /// What it is an item of; itself, where it is none.
    #[must_use]
    pub fn whole(&self) -> &Self {
        match &self.0.name {
            Name::Item(item) => item.of.whole(),
            _ => self,
        }
    }

    /// What it stands for.
    #[must_use]
    pub fn kind(&self) -> &SymbolKind {
        &self.0.kind
    }

    /// How people read it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.0.shown
    }

    /// Why it is not known, where, and what would tell.
    #[must_use]
    pub fn unknown(&self) -> &Unknown {
        &self.0.unknown
    }

    /// The value of AWS's that it stands for.
    #[must_use]
    pub fn pseudo(&self) -> Option<Pseudo> {
        match self.0.name {
            Name::Pseudo(pseudo) => Some(pseudo),
            _ => None,
        }
    }
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.scope == other.0.scope && self.0.name == other.0.name)
    }
}
impl Eq for Symbol {}
impl Hash for Symbol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.scope.hash(state);
        self.0.name.hash(state);
    }
}
impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return std::cmp::Ordering::Equal;
        }
        (self.0.scope, &self.0.name).cmp(&(other.0.scope, &other.0.name))
    }
}
