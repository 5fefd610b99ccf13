//! From events to the tree.

use super::events::{Event, EventKind, Events, Failure, Style, Tag};
use super::{merge, scalars};
use crate::source::{SourceFile, Span};
use crate::syntax::limits::{MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_MANY};
use crate::syntax::{DuplicateKey, Kind, NodeId, SyntaxError, Tree, TreeBuilder, duplicates};
use std::sync::Arc;

/// What `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// The types of YAML 1.1 that CloudFormation does not support, with what other readers make of them: `!!binary QQ==` is
/// the text `A`.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>.
const UNSUPPORTED: [&str; 5] = ["binary", "omap", "pairs", "set", "timestamp"];

/// A collection whose end has not come yet.
#[derive(Debug)]
struct Frame {
    kind: Kind,
    start: usize,
    /// Where its children start among `Builder::items`.
    first: usize,
    tag: Option<Tag>,
    anchor: usize,
    /// Where `<<` keys stand among its children.
    merges: Vec<usize>,
    weight: Weight,
}

/// What a node stands for, aliases followed.
#[derive(Clone, Copy, Debug)]
struct Weight {
    /// Levels of nesting: 0 for a scalar.
    height: usize,
    nodes: usize,
}

const LEAF: Weight = Weight { height: 0, nodes: 1 };

#[derive(Debug)]
struct Builder<'a> {
    source: &'a SourceFile,
    tree: TreeBuilder,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    /// By anchor number; `None` while the node is open.
    anchors: Vec<Option<(NodeId, Weight)>>,
    /// Nodes so far, each alias counted with what it stands for.
    total: usize,
    documents: usize,
    errors: Vec<SyntaxError>,
    duplicates: Vec<DuplicateKey>,
}

/// The tree of the first document, the errors, and the duplicate keys.
pub(super) fn build(source: &Arc<SourceFile>, events: &mut Events<'_>) -> (Tree, Vec<SyntaxError>, Vec<DuplicateKey>) {
    let mut builder = Builder {
        source,
        tree: TreeBuilder::new(Arc::clone(source)),
        frames: Vec::new(),
        items: Vec::new(),
        anchors: Vec::new(),
        total: 0,
        documents: 0,
        errors: Vec::new(),
        duplicates: Vec::new(),
    };
    if let Err(failure) = builder.run(events) {
        builder.fail(failure);
        builder.close_all(events.content_end());
    }
    builder.errors.sort_by_key(|error| error.span.start);
    let tree = builder.tree.finish(builder.items.first().copied());
    (tree, builder.errors, builder.duplicates)
}

impl Builder<'_> {
    fn run(&mut self, events: &mut Events<'_>) -> Result<(), Failure> {
        while let Some(event) = events.read()? {
            self.event(event)?;
        }
        Ok(())
    }

    fn span(&self, (start, end): (usize, usize)) -> Span {
        Span::new(self.source.id(), start, end)
    }

    /// The character at `offset`.
    fn character(&self, offset: usize) -> Span {
        let next = self.source.text().get(offset..).and_then(|rest| rest.chars().next());
        self.span((offset, offset + next.map_or(0, char::len_utf8)))
    }

    fn event(&mut self, event: Event) -> Result<(), Failure> {
        let start = event.range.0;
        match event.kind {
            EventKind::DocumentStart => {
                // What stands in others is no part of the root, and among what is written: nothing slips through.
                if self.documents == 1 {
                    let message = "only one document is read from a file, and a second one starts here".to_owned();
                    self.fail(Failure { message, offset: start });
                }
                self.documents += 1;
                Ok(())
            }
            EventKind::DocumentEnd => Ok(()),
            EventKind::Alias(anchor) => self.alias(anchor, event.range),
            EventKind::Scalar(ref text, style) => self.scalar(&event, text, style),
            EventKind::SequenceStart(_) => self.open(Kind::Sequence, event),
            EventKind::MappingStart(_) => self.open(Kind::Mapping, event),
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.close(event.range.1);
                Ok(())
            }
        }
    }

    /// Tells what is wrong with the first document, or that there is another one.
    fn fail(&mut self, failure: Failure) {
        if self.documents < 2 {
            let span = self.character(failure.offset);
            self.errors.push(SyntaxError::new(failure.message, span));
        }
    }

    /// Counts what is about to be added below the open collections.
    fn count(&mut self, weight: Weight, offset: usize) -> Result<(), Failure> {
        self.total = self.total.saturating_add(weight.nodes);
        if self.total > MAX_NODES {
            return Err(Failure { message: TOO_MANY.to_owned(), offset });
        }
        if self.frames.len() + weight.height > MAX_DEPTH {
            return Err(Failure { message: TOO_DEEP.to_owned(), offset });
        }
        Ok(())
    }

    /// Puts a finished node among the children of the innermost collection.
    fn push(&mut self, node: NodeId, weight: Weight) {
        self.items.push(node);
        if let Some(frame) = self.frames.last_mut() {
            frame.weight.height = frame.weight.height.max(weight.height + 1);
            frame.weight.nodes = frame.weight.nodes.saturating_add(weight.nodes);
        }
    }

    fn alias(&mut self, anchor: usize, range: (usize, usize)) -> Result<(), Failure> {
        let Some((target, weight)) = self.anchors.get(anchor).copied().flatten() else {
            let message = "this alias stands inside of what it stands for".to_owned();
            return Err(Failure { message, offset: range.0 });
        };
        self.count(weight, range.0)?;
        let node = self.tree.alias(self.span(range), target);
        self.push(node, weight);
        Ok(())
    }

    fn scalar(&mut self, event: &Event, text: &str, style: Style) -> Result<(), Failure> {
        self.count(LEAF, event.range.0)?;
        let kind = scalar_kind(text, style, event.tag.as_ref());
        if text == "<<" && style == Style::Plain && (event.tag.is_none() || is_core(event.tag.as_ref(), "merge")) {
            self.note_merge();
        }
        let verbatim = self.span((event.content, event.content + text.len()));
        let node = self.tree.scalar(kind, self.span(event.range), text, Some(verbatim));
        self.tag(node, event.tag.as_ref());
        self.anchor(event.anchor, node, LEAF);
        self.push(node, LEAF);
        Ok(())
    }

    /// Remembers a `<<` that is about to be pushed as a key.
    fn note_merge(&mut self) {
        let length = self.items.len();
        if let Some(frame) = self.frames.last_mut() {
            let index = length - frame.first;
            if frame.kind == Kind::Mapping && index.is_multiple_of(2) {
                frame.merges.push(index);
            }
        }
    }

    fn tag(&mut self, node: NodeId, tag: Option<&Tag>) {
        self.refuse(tag);
        if let Some(tag) = tag.filter(|tag| tag.name != "!" && !tag.name.starts_with(CORE)) {
            let span = self.span(tag.range);
            self.tree.tag(node, &tag.name, span);
        }
    }

    /// Tells a tag under which a value is none that is written.
    fn refuse(&mut self, tag: Option<&Tag>) {
        let Some(tag) = tag else { return };
        let Some(name) = tag.name.strip_prefix(CORE).filter(|name| UNSUPPORTED.contains(name)) else { return };
        let message = format!("CloudFormation takes no value of the type `!!{name}`");
        self.errors.push(SyntaxError::new(message, self.span(tag.range)));
    }

    fn anchor(&mut self, anchor: usize, node: NodeId, weight: Weight) {
        if anchor == 0 {
            return;
        }
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        if let Some(slot) = self.anchors.get_mut(anchor) {
            *slot = Some((node, weight));
        }
    }

    fn open(&mut self, kind: Kind, event: Event) -> Result<(), Failure> {
        self.count(Weight { height: 1, nodes: 1 }, event.range.0)?;
        self.frames.push(Frame {
            kind,
            start: event.range.0,
            first: self.items.len(),
            tag: event.tag,
            anchor: event.anchor,
            merges: Vec::new(),
            weight: Weight { height: 1, nodes: 1 },
        });
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else { return };
        let span = self.span((frame.start, end.max(frame.start)));
        let children = self.items.get(frame.first..).unwrap_or(&[]);
        let node = if frame.merges.is_empty() {
            if frame.kind == Kind::Mapping {
                duplicates::find(&self.tree, children, &mut self.duplicates);
            }
            self.tree.container(frame.kind, span, children)
        } else {
            duplicates::find(&self.tree, &merge::own(children, &frame.merges), &mut self.duplicates);
            let children = merge::merge(&self.tree, children, &frame.merges, &mut self.errors);
            self.tree.container(frame.kind, span, &children)
        };
        self.items.truncate(frame.first);
        self.tag(node, frame.tag.as_ref());
        self.anchor(frame.anchor, node, frame.weight);
        self.push(node, frame.weight);
    }

    /// Closes what an error left open.
    fn close_all(&mut self, end: usize) {
        while let Some(frame) = self.frames.last_mut() {
            if frame.kind == Kind::Mapping && !(self.items.len() - frame.first).is_multiple_of(2) {
                // A `<<` that lost its value is the fault of the first error, not one of its own.
                frame.merges.retain(|&index| frame.first + index + 1 < self.items.len());
                let nothing = self.tree.scalar(Kind::Null, Span::at(self.source.id(), end), "", None);
                self.push(nothing, LEAF);
            }
            self.close(end);
        }
    }
}

fn is_core(tag: Option<&Tag>, name: &str) -> bool {
    tag.and_then(|tag| tag.name.strip_prefix(CORE)) == Some(name)
}

/// A tag other than the core ones makes a scalar text, whatever it looks like: `!Ref 12`.
fn scalar_kind(text: &str, style: Style, tag: Option<&Tag>) -> Kind {
    match tag.map(|tag| tag.name.strip_prefix(CORE)) {
        None if style == Style::Plain => scalars::plain(text),
        Some(Some("null")) => Kind::Null,
        Some(Some("int" | "float")) => Kind::Number,
        Some(Some("bool")) => scalars::boolean(text).map_or(Kind::String, Kind::Bool),
        None | Some(_) => Kind::String,
    }
}
