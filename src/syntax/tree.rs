//! The tree: flat vectors of small nodes, so that building, walking and dropping never recurse.

use super::embedded::Host;
use crate::source::{FileId, SourceFile, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// What a node is. Scalars are told apart by how the text is written; see [`Node::text`] for the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`, and the YAML 1.1 words that CloudFormation reads so (`yes`, `No`, `on`, …), unquoted.
    Bool(bool),
    /// An unquoted number. Its text stands as it was written.
    Number,
    /// Any other scalar.
    String,
    /// A sequence (array).
    Sequence,
    /// A mapping (object).
    Mapping,
}

/// Names a node of one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// Nodes count from 0, in the order in which they were built.
    pub(super) fn raw(self) -> u32 {
        self.0
    }
}

/// 24 bytes: a tree must not be much larger than its text.
#[derive(Clone, Copy, Debug)]
struct Record {
    kind: Kind,
    content: Content,
    /// Where the node stands, in the tree's file. For an alias, the `*name`.
    start: u32,
    end: u32,
    /// What `content` says.
    first: u32,
    last: u32,
    /// 0 for none, else an index into `tags` plus one.
    tag: u32,
}

/// What `first..last` of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// The range of the decoded text in the file.
    InFile,
    /// The range of the decoded text in the arena.
    InArena,
    /// The range of `children`. A mapping's children are key, value, key, value, …
    Children,
    /// `first` is the node that an alias stands for.
    Alias,
}

impl Record {
    fn target(&self) -> Option<NodeId> {
        (self.content == Content::Alias).then_some(NodeId(self.first))
    }
}

/// A located tree.
#[derive(Debug)]
pub struct Tree {
    source: Arc<SourceFile>,
    arena: String,
    records: Vec<Record>,
    children: Vec<NodeId>,
    /// Names of tags, each once, and what nodes have them where.
    tag_names: Vec<String>,
    tags: Vec<(u32, Span)>,
    root: Option<NodeId>,
    /// The text inside a string that the tree was read from, if it was.
    host: Option<Box<Host>>,
}

/// Everything that came of parsing one text.
#[derive(Debug)]
pub struct Parse {
    /// What could be read.
    pub tree: Tree,
    /// What could not, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// What the format does not allow, but hides nothing: comments in JSON. Whoever takes the text for more than a
    /// guess must tell of it as an error.
    pub lapses: Vec<SyntaxError>,
    /// Comments, in the order of the text.
    pub comments: Comments,
    /// Keys that stand twice in one mapping.
    pub duplicates: Vec<DuplicateKey>,
}

/// A located error of syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do about it, as an instruction; empty where nothing is to be said.
    pub help: String,
}

impl SyntaxError {
    /// An error of which nothing more is to be said.
    #[must_use]
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span, help: String::new() }
    }
}

/// The comments of a text, each from its `#` to the end of its line: their first and last bytes. A text may consist of
/// little else, so that they are small.
#[derive(Clone, Debug, Default)]
pub struct Comments(Vec<(u32, u32)>);

impl Comments {
    /// Adds one, from byte `start` to byte `end`.
    pub(super) fn push(&mut self, start: usize, end: usize) {
        self.0.push((offset(start), offset(end)));
    }

    /// Their places in `file`, which they were read from.
    pub fn spans(&self, file: FileId) -> impl Iterator<Item = Span> {
        self.0.iter().map(move |&(start, end)| Span { file, start, end })
    }
}

/// A key that is defined twice in one mapping. The last one counts in [`Node::get`], as in CloudFormation.
#[derive(Clone, Debug)]
pub struct DuplicateKey {
    /// The key's text.
    pub key: String,
    /// The earlier place.
    pub first: Span,
    /// The later place.
    pub second: Span,
}

impl DuplicateKey {
    /// What is to be said of it; `source` is the file in which it stands.
    #[must_use]
    pub fn message(&self, source: &SourceFile) -> String {
        let line = source.position(self.first.start).line;
        format!("key `{}` is defined twice, first on line {line}; the last one counts", self.key)
    }
}

impl Tree {
    /// The file that the tree was read from.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceFile> {
        &self.source
    }

    /// The root node; `None` for a text that holds nothing.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.map(|id| self.node(id))
    }

    /// The node with that id, which must come from this tree.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id }
    }

    /// All nodes that are written in the text, in no order that counts. What an alias stands for is written elsewhere.
    pub fn written(&self) -> impl Iterator<Item = Node<'_>> {
        let ids = (0..).zip(&self.records).filter(|(_, record)| record.content != Content::Alias);
        ids.map(|(id, _)| self.node(NodeId(id)))
    }

    /// How many nodes the tree has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.records.len()
    }

    pub(super) fn host(&self) -> Option<&Host> {
        self.host.as_deref()
    }

    pub(super) fn set_host(&mut self, host: Host) {
        self.host = Some(Box::new(host));
    }

    fn record(&self, id: NodeId) -> &Record {
        const NOTHING: &Record =
            &Record { kind: Kind::Null, content: Content::InArena, start: 0, end: 0, first: 0, last: 0, tag: 0 };
        self.records.get(id.0 as usize).unwrap_or(NOTHING)
    }
}

/// A node of a tree. Every accessor but [`Node::span`] looks through an alias at the node that it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    tree: &'a Tree,
    id: NodeId,
}

impl<'a> Node<'a> {
    fn target(self) -> &'a Record {
        let record = self.tree.record(self.id);
        record.target().map_or(record, |target| self.tree.record(target))
    }

    /// The tree that the node belongs to.
    #[must_use]
    pub fn tree(self) -> &'a Tree {
        self.tree
    }

    /// The node's id. Aliases have an id of their own.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The node that an alias stands for, else the node itself.
    #[must_use]
    pub(crate) fn resolved(self) -> Node<'a> {
        Node { tree: self.tree, id: self.tree.record(self.id).target().unwrap_or(self.id) }
    }

    /// True where the node is written as an alias (`*name`).
    #[must_use]
    pub fn is_alias(self) -> bool {
        self.tree.record(self.id).target().is_some()
    }

    /// Where the node is written, without its tag; quotes and brackets included. For an alias, the `*name`; see
    /// `Node::resolved` for the place of the content.
    #[must_use]
    pub fn span(self) -> Span {
        let record = self.tree.record(self.id);
        Span { file: self.tree.source.id(), start: record.start, end: record.end }
    }

    /// What the node is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.target().kind
    }

    /// The local tag as written, with its `!` (`!Ref`).
    #[must_use]
    pub fn tag(self) -> Option<&'a str> {
        self.tag_entry().and_then(|(name, _)| self.tree.tag_names.get(*name as usize)).map(String::as_str)
    }

    /// Where the tag is written.
    #[must_use]
    pub fn tag_span(self) -> Option<Span> {
        self.tag_entry().map(|(_, span)| *span)
    }

    fn tag_entry(self) -> Option<&'a (u32, Span)> {
        self.tree.tags.get((self.target().tag as usize).checked_sub(1)?)
    }

    /// The decoded text of any scalar (`"false"` and `false` both give `false`); `None` for containers and null.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        let record = self.target();
        if matches!(record.kind, Kind::Null | Kind::Sequence | Kind::Mapping) {
            return None;
        }
        let range = record.first as usize..record.last as usize;
        let whole = if record.content == Content::InFile { self.tree.source.text() } else { self.tree.arena.as_str() };
        Some(whole.get(range).unwrap_or(""))
    }

    /// The text of a string that was not read as a number, boolean or null.
    #[must_use]
    pub fn string(self) -> Option<&'a str> {
        (self.kind() == Kind::String).then(|| self.text()).flatten()
    }

    fn child_ids(self) -> &'a [NodeId] {
        let record = self.target();
        let range = record.first as usize..record.last as usize;
        (record.content == Content::Children).then(|| self.tree.children.get(range)).flatten().unwrap_or(&[])
    }

    /// The items of a sequence; nothing for other kinds.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        let ids = if self.kind() == Kind::Sequence { self.child_ids() } else { &[] };
        ids.iter().map(move |&id| self.tree.node(id))
    }

    /// The entries (key, value) of a mapping in the order of the text, merge keys (`<<`) already merged, duplicates
    /// included; nothing for other kinds.
    pub fn entries(self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let ids = if self.kind() == Kind::Mapping { self.child_ids() } else { &[] };
        ids.chunks_exact(2).filter_map(move |pair| match pair {
            &[key, value] => Some((self.tree.node(key), self.tree.node(value))),
            _ => None,
        })
    }

    /// How many [`Node::entries`] there are.
    #[must_use]
    pub fn entry_count(self) -> usize {
        if self.kind() == Kind::Mapping { self.child_ids().len() / 2 } else { 0 }
    }

    /// Entry number `index` among [`Node::entries`].
    #[must_use]
    pub fn entry_at(self, index: usize) -> Option<(Node<'a>, Node<'a>)> {
        let first = index.checked_mul(2).filter(|_| self.kind() == Kind::Mapping)?;
        let ids = self.child_ids();
        Some((self.tree.node(*ids.get(first)?), self.tree.node(*ids.get(first + 1)?)))
    }

    /// The value under `key`; the last one where the key stands twice.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The entry under `key`; the last one where the key stands twice.
    #[must_use]
    pub fn entry(self, key: &str) -> Option<(Node<'a>, Node<'a>)> {
        self.entries().filter(|(name, _)| name.is(key)).last()
    }

    /// Whether its text is this one. Most keys differ in how long they are.
    fn is(self, text: &str) -> bool {
        let record = self.target();
        record.last.saturating_sub(record.first) as usize == text.len() && self.text() == Some(text)
    }
}

/// Builds a tree from the leaves up: children first, then their container.
#[derive(Debug)]
pub struct TreeBuilder {
    tree: Tree,
    /// Tags by their names: indices in `tag_names`.
    tag_numbers: HashMap<String, u32>,
}

impl TreeBuilder {
    /// An empty tree over `source`.
    #[must_use]
    pub fn new(source: Arc<SourceFile>) -> Self {
        let tree = Tree {
            source,
            arena: String::new(),
            records: Vec::new(),
            children: Vec::new(),
            tag_names: Vec::new(),
            tags: Vec::new(),
            root: None,
            host: None,
        };
        Self { tree, tag_numbers: HashMap::new() }
    }

    fn push(&mut self, record: Record) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.records.len()).unwrap_or(u32::MAX));
        self.tree.records.push(record);
        id
    }

    /// How many nodes were built so far.
    #[must_use]
    pub fn size(&self) -> usize {
        self.tree.size()
    }

    /// A scalar whose decoded text is `text`. It is not copied where it stands in the file as it is, at `verbatim`.
    pub fn scalar(&mut self, kind: Kind, span: Span, text: &str, verbatim: Option<Span>) -> NodeId {
        let (first, last, content) = match verbatim {
            Some(place) if self.tree.source.slice(place) == text => (place.start, place.end, Content::InFile),
            _ => {
                let start = self.tree.arena.len();
                self.tree.arena.push_str(text);
                (offset(start), offset(self.tree.arena.len()), Content::InArena)
            }
        };
        self.push(Record { kind, content, start: span.start, end: span.end, first, last, tag: 0 })
    }

    /// A sequence of `items`, or a mapping of `items` as key, value, key, value, ….
    pub fn container(&mut self, kind: Kind, span: Span, items: &[NodeId]) -> NodeId {
        let start = self.tree.children.len();
        self.tree.children.extend_from_slice(items);
        let (first, last) = (offset(start), offset(self.tree.children.len()));
        let content = Content::Children;
        self.push(Record { kind, content, start: span.start, end: span.end, first, last, tag: 0 })
    }

    /// An alias at `span` of an earlier node (of the node that an earlier alias stands for).
    pub fn alias(&mut self, span: Span, target: NodeId) -> NodeId {
        let target = self.tree.record(target).target().unwrap_or(target);
        let kind = self.tree.record(target).kind;
        let (content, first) = (Content::Alias, target.0);
        self.push(Record { kind, content, start: span.start, end: span.end, first, last: first, tag: 0 })
    }

    /// Gives a node its tag, as written (`!Ref`).
    pub fn tag(&mut self, node: NodeId, tag: &str, span: Span) {
        let number = self.tag_numbers.get(tag).copied().unwrap_or_else(|| {
            let number = offset(self.tree.tag_names.len());
            self.tree.tag_names.push(tag.to_owned());
            self.tag_numbers.insert(tag.to_owned(), number);
            number
        });
        self.tree.tags.push((number, span));
        let index = offset(self.tree.tags.len());
        if let Some(record) = self.tree.records.get_mut(node.0 as usize) {
            record.tag = index;
        }
    }

    /// A look at a node that was built already.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        self.tree.node(id)
    }

    /// The finished tree.
    #[must_use]
    pub(crate) fn finish(mut self, root: Option<NodeId>) -> Tree {
        self.tree.root = root;
        self.tree.records.shrink_to_fit();
        self.tree.children.shrink_to_fit();
        self.tree.tags.shrink_to_fit();
        self.tree
    }
}

const _: () = assert!(size_of::<Record>() == 24, "see Record");

fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
