//! Terraform's JSON syntax (`.tf.json`). Strings are templates.
//!
//! See <https://developer.hashicorp.com/terraform/language/syntax/json>.

use super::config::meant;
use super::load::start_of;
use super::read;
use super::tree::{Attribute, Block, Body, Broken, Expr, Item, Kind, Located, Part};
use crate::model::Notice;
use crate::source::{SourceFile, Span};
use crate::syntax::{self, Node, parse_json};
use std::sync::Arc;

/// How deeply JSON may be nested.
const DEPTH: u32 = 100;

/// What is a block in a policy document, and looks like an argument here.
const NESTED: [&str; 6] = ["statement", "principals", "not_principals", "condition", "dynamic", "content"];

/// Reads a file.
pub(super) fn body(source: &Arc<SourceFile>) -> (Body, Vec<Broken>) {
    let parse = parse_json(source);
    let broken = |message: String, span: Span| vec![Broken::of(source.text(), Notice { message, span })];
    if let Some(error) = parse.errors.first() {
        let message = format!("this cannot be read as Terraform source: {}", error.message);
        return (Body::default(), broken(message, error.span));
    }
    let reader = JsonReader { source };
    let (mut body, mut misnamed) = (Body::default(), Vec::new());
    let Some(root) = parse.tree.root() else {
        return (Body::default(), broken("this file is empty".to_owned(), start_of(source)));
    };
    for (key, value) in each(root) {
        // How many names stand between a kind of block and its body.
        let labels = match key.text() {
            Some("resource" | "data") => 2,
            Some("variable" | "output" | "module") => 1,
            Some("locals") => 0,
            Some(other) => {
                // What else Terraform has there makes no resources.
                misnamed.extend(meant(other).map(|near| {
                    let message = format!("Terraform has no block `{other}`: did you mean `{near}`?");
                    Broken { notice: Notice { message, span: key.span() }, may_matter: true }
                }));
                continue;
            }
            None => continue,
        };
        reader.blocks(key.text().unwrap_or(""), key.span(), value, labels, &mut Vec::new(), &mut body.blocks);
    }
    (body, misnamed)
}

/// Reads a file of values (`.tfvars.json`): nothing in its strings is a template.
pub(super) fn values(source: &Arc<SourceFile>) -> (Body, Vec<Notice>) {
    let parse = parse_json(source);
    if let Some(error) = parse.errors.first() {
        let message = format!("this cannot be read as values of variables: {}", error.message);
        return (Body::default(), vec![Notice { message, span: error.span }]);
    }
    let mut body = Body::default();
    for (key, value) in parse.tree.root().into_iter().flat_map(|root| root.entries().collect::<Vec<_>>()) {
        let attribute = Attribute { key_span: key.span(), value: Arc::new(plain(value, 0)) };
        body.attributes.insert(key.text().unwrap_or("").to_owned(), attribute);
    }
    (body, Vec::new())
}

fn plain(node: Node<'_>, depth: u32) -> Expr {
    let span = node.span();
    let text =
        |node: Node<'_>| Kind::Template(vec![Part::Literal(Located::whole(node.text().unwrap_or(""), node.span()))]);
    let kind = match node.kind() {
        _ if depth > DEPTH => Kind::Unreadable,
        syntax::Kind::Null => Kind::Null,
        syntax::Kind::Bool(flag) => Kind::Bool(flag),
        syntax::Kind::Number => Kind::Number(node.text().unwrap_or("0").to_owned()),
        syntax::Kind::String => text(node),
        syntax::Kind::Sequence => Kind::List(node.items().map(|item| plain(item, depth + 1)).collect()),
        syntax::Kind::Mapping => {
            let item = |(key, value): (Node<'_>, Node<'_>)| Item {
                key: Expr { span: key.span(), kind: text(key) },
                value: plain(value, depth + 1),
            };
            Kind::Object(node.entries().map(item).collect())
        }
    };
    Expr { span, kind }
}

/// The entries of an object, or of each object in a list.
fn each(node: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    match node.kind() {
        syntax::Kind::Sequence => node.items().flat_map(|item| item.entries().collect::<Vec<_>>()).collect(),
        _ => node.entries().collect(),
    }
}

struct JsonReader<'a> {
    source: &'a Arc<SourceFile>,
}

impl JsonReader<'_> {
    fn blocks(
        &self,
        kind: &str,
        header: Span,
        node: Node<'_>,
        labels: usize,
        names: &mut Vec<String>,
        out: &mut Vec<Block>,
    ) {
        if labels > 0 {
            for (key, value) in each(node) {
                names.push(key.text().unwrap_or("").to_owned());
                self.blocks(kind, key.span(), value, labels - 1, names, out);
                names.pop();
            }
            return;
        }
        let body = self.block_body(kind, node, 0);
        out.push(Block { kind: kind.to_owned(), labels: names.clone(), header, span: node.span(), body });
    }

    fn block_body(&self, kind: &str, node: Node<'_>, depth: u32) -> Body {
        let mut body = Body::default();
        for (key, value) in each(node).into_iter().filter(|(key, _)| key.text() != Some("//")) {
            let name = key.text().unwrap_or("");
            let is_block = matches!(value.kind(), syntax::Kind::Mapping | syntax::Kind::Sequence);
            if is_block && NESTED.contains(&name) && depth < DEPTH {
                self.nested(name, key.span(), value, depth + 1, &mut body.blocks);
                continue;
            }
            let expression = match name {
                // Types and references are written as strings here.
                "type" if kind == "variable" => self.bare(value),
                _ => self.expr(value, 0),
            };
            let attribute = Attribute { key_span: key.span(), value: Arc::new(expression) };
            body.attributes.insert(name.to_owned(), attribute);
        }
        body
    }

    /// Blocks of one kind in another block: one, or a list of them.
    fn nested(&self, kind: &str, header: Span, node: Node<'_>, depth: u32, out: &mut Vec<Block>) {
        if kind == "dynamic" {
            for (label, block) in each(node) {
                let body = self.block_body(kind, block, depth);
                let labels = vec![label.text().unwrap_or("").to_owned()];
                out.push(Block { kind: kind.to_owned(), labels, header: label.span(), span: block.span(), body });
            }
            return;
        }
        let blocks: Vec<Node<'_>> = match node.kind() {
            syntax::Kind::Sequence => node.items().collect(),
            _ => vec![node],
        };
        for block in blocks {
            let body = self.block_body(kind, block, depth);
            out.push(Block { kind: kind.to_owned(), labels: Vec::new(), header, span: block.span(), body });
        }
    }

    fn bare(&self, node: Node<'_>) -> Expr {
        let text = node.text().unwrap_or("any");
        read::expression(self.source, text, node.span()).unwrap_or_else(|| self.expr(node, 0))
    }

    fn expr(&self, node: Node<'_>, depth: u32) -> Expr {
        let span = node.span();
        if depth > DEPTH {
            return Expr { span, kind: Kind::Unreadable };
        }
        let kind = match node.kind() {
            syntax::Kind::Null => Kind::Null,
            syntax::Kind::Bool(flag) => Kind::Bool(flag),
            syntax::Kind::Number => Kind::Number(node.text().unwrap_or("0").to_owned()),
            syntax::Kind::String => Kind::Template(self.template(node)),
            syntax::Kind::Sequence => Kind::List(node.items().map(|item| self.expr(item, depth + 1)).collect()),
            syntax::Kind::Mapping => {
                let item = |(key, value)| Item { key: self.expr(key, depth + 1), value: self.expr(value, depth + 1) };
                Kind::Object(node.entries().map(item).collect())
            }
        };
        Expr { span, kind }
    }

    fn template(&self, node: Node<'_>) -> Vec<Part> {
        let (text, span) = (node.text().unwrap_or(""), node.span());
        if !text.contains("${") && !text.contains("%{") {
            return vec![Part::Literal(Located::whole(text, span))];
        }
        // A template that cannot be read is an unknown name: an unknown value.
        let broken = || vec![Part::Value(Expr { span, kind: Kind::Unreadable })];
        read::template_in(self.source, text, span).unwrap_or_else(broken)
    }
}
