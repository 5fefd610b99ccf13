//! Expressions and blocks of Terraform source, with the place of each. One tree for both syntaxes (`.tf` and
//! `.tf.json`), so that the evaluator knows only one.

use crate::model::Notice;
use crate::source::{FileId, Span};
use crate::syntax::embedded::OffsetMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An expression at its place.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

/// What an expression is.
#[derive(Debug)]
pub(super) enum Kind {
    Null,
    /// A template in a JSON string that is none.
    Unreadable,
    Bool(bool),
    /// As it was written.
    Number(String),
    /// A string or heredoc.
    Template(Vec<Part>),
    List(Vec<Expr>),
    Object(Vec<Item>),
    Variable(String),
    Traversal(Box<Expr>, Vec<Step>),
    Conditional(Box<[Expr; 3]>),
    Call(Call),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Operator, Box<[Expr; 2]>),
    For(Box<For>),
}

/// A function call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: Vec<Expr>,
    /// The last argument is followed by `...`.
    pub(super) expand: bool,
}

/// An entry of an object.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) key: Expr,
    pub(super) value: Expr,
}

/// A step of a traversal.
#[derive(Debug)]
pub(super) enum Step {
    Attribute(String, Span),
    Index(Expr),
    /// `.*`: what follows, up to the next index, applies to each item.
    AttributeSplat(Span),
    /// `[*]`: what follows applies to each item.
    FullSplat(Span),
}

/// Binary operators.
pub(super) use hcl_edit::expr::BinaryOperator as Operator;

/// A `for` expression.
#[derive(Debug)]
pub(super) struct For {
    pub(super) key_name: Option<String>,
    pub(super) value_name: String,
    pub(super) collection: Expr,
    /// `Some` makes an object.
    pub(super) key: Option<Expr>,
    pub(super) value: Expr,
    /// `...`: values under the same key are collected.
    pub(super) grouping: bool,
    pub(super) condition: Option<Expr>,
}

/// A part of a template.
#[derive(Debug)]
pub(super) enum Part {
    Literal(Located),
    Value(Expr),
    If { condition: Expr, then: Vec<Part>, otherwise: Vec<Part> },
    For { key_name: Option<String>, value_name: String, collection: Expr, body: Vec<Part> },
}

/// Decoded text with the place of each of its characters.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub(super) text: Arc<str>,
    /// The whole text.
    pub(super) span: Span,
    /// Where each of its bytes stands; `None` where only the whole is known.
    pub(super) map: Option<Arc<OffsetMap>>,
}

impl Located {
    /// Text of which only the place of the whole is known.
    pub(super) fn whole(text: &str, span: Span) -> Located {
        Located { text: text.into(), span, map: None }
    }

    /// The place of one byte; the whole where no more is known.
    pub(super) fn byte(&self, at: usize) -> Span {
        let Some(map) = &self.map else { return self.span };
        let place = map.range(at..at + 1);
        Span::new(self.span.file, place.start, place.end)
    }
}

/// A block: a resource, a module call, or one nested in those.
#[derive(Debug)]
pub(super) struct Block {
    /// `resource`, `statement`, …
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    /// From the first word to the last label.
    pub(super) header: Span,
    /// The block up to its `}`.
    pub(super) span: Span,
    pub(super) body: Body,
}

/// What stands in a block or a file.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) attributes: BTreeMap<String, Attribute>,
    pub(super) blocks: Vec<Block>,
}

/// An argument with its value.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) key_span: Span,
    pub(super) value: Arc<Expr>,
}

impl Body {
    /// The value of an argument.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Expr>> {
        self.attributes.get(name).map(|attribute| &attribute.value)
    }
}

/// A place in a file from byte offsets.
pub(super) fn place(file: FileId, range: Option<std::ops::Range<usize>>, otherwise: Span) -> Span {
    range.map_or(otherwise, |range| Span::new(file, range.start, range.end))
}

/// A part of a file that cannot be read.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// Why, and where.
    pub(super) notice: Notice,
    /// Whether it may hold a bucket, a policy or the call of a module that has one.
    pub(super) may_matter: bool,
}

impl Broken {
    /// A broken part with its text.
    pub(super) fn of(text: &str, notice: Notice) -> Self {
        Self { notice, may_matter: super::concerns(text.as_bytes()) }
    }
}
