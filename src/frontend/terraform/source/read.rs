//! Terraform's own syntax, read with `hcl-edit`, whose parser limits nesting by itself: what comes out of it is at
//! most some hundred levels deep.

use super::correct::correct;
use super::size_limit;
use super::tree::{Attribute, Block, Body, Broken, Call, Expr, For, Item, Kind, Located, Part, Step, place};
use crate::model::Notice;
use crate::source::{SourceFile, Span};
use crate::syntax::embedded::OffsetMap;
use hcl_edit::Span as _;
use hcl_edit::expr::{self, Expression, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{self, Structure};
use hcl_edit::template::{Directive, Element, HeredocTemplate, Template};
use std::sync::Arc;

/// Reads a file. A byte-order mark counts as white space. With what could be read comes each part that could not.
pub(super) fn body(source: &SourceFile) -> (Body, Vec<Broken>) {
    /// At most so many broken parts of one file are told.
    const MAX_NOTICES: usize = 10;
    let text = without_mark(source.text());
    let reader = HclReader::new(source);
    if let Some(offset) = size_limit::find(&text) {
        let message = "this file is too large to be read as Terraform source".to_owned();
        return (Body::default(), vec![Broken::of(&text, Notice { message, span: Span::at(source.id(), offset) })]);
    }
    if let Ok(body) = hcl_edit::parser::parse_body(&text) {
        return (reader.body(&body), Vec::new());
    }
    let corrected = correct(&text);
    match hcl_edit::parser::parse_body(&corrected.text) {
        Ok(body) => return (reader.body(&body), Vec::new()),
        Err(error) if corrected.parts.len() < 2 => {
            return (Body::default(), vec![Broken::of(&text, reader.notice(&error))]);
        }
        Err(_) => {}
    }
    let mut all = Body::default();
    let mut broken = Vec::new();
    for part in corrected.parts {
        let reader = HclReader { source, start: Ok(part.start) };
        let part = corrected.text.get(part).unwrap_or("");
        match hcl_edit::parser::parse_body(part) {
            Ok(body) => {
                let body = reader.body(&body);
                all.attributes.extend(body.attributes);
                all.blocks.extend(body.blocks);
            }
            Err(error) => broken.push(Broken::of(part, reader.notice(&error))),
        }
    }
    // Those that count come first.
    broken.sort_by_key(|one| (!one.may_matter, one.notice.span.start));
    broken.truncate(MAX_NOTICES);
    (all, broken)
}

/// Reads a template file.
pub(super) fn template(source: &SourceFile) -> Result<Vec<Part>, Notice> {
    let text = without_mark(source.text());
    let reader = HclReader::new(source);
    if let Some(offset) = size_limit::find(&text) {
        let message = "this file is too large to be read as a template".to_owned();
        return Err(Notice { message, span: Span::at(source.id(), offset) });
    }
    match hcl_edit::parser::parse_template(&text) {
        Ok(template) => Ok(reader.template(&template, &Shape::FILE)),
        Err(error) => Err(reader.notice(&error)),
    }
}

/// Reads a template that stands, decoded, in a string of a JSON file. `None` where it is none.
pub(super) fn template_in(source: &SourceFile, text: &str, span: Span) -> Option<Vec<Part>> {
    let reader = HclReader::inside(source, text, span);
    let template = hcl_edit::parser::parse_template(text).ok()?;
    Some(reader.template(&template, &Shape::FILE))
}

/// Reads a template that is the value of a text. `None` where it is none.
pub(super) fn template_at(source: &SourceFile, located: &Located) -> Option<Vec<Part>> {
    // Where text and file run side by side from its first byte to its last, each part has a place of its own.
    let start = located.map.as_ref().and_then(|map| map.verbatim_from()).ok_or(located.span);
    let template = hcl_edit::parser::parse_template(&located.text).ok()?;
    Some(HclReader { source, start }.template(&template, &Shape::FILE))
}

/// Reads an expression that stands, decoded, in a string of a JSON file. `None` where it is none.
pub(super) fn expression(source: &SourceFile, text: &str, span: Span) -> Option<Expr> {
    let reader = HclReader::inside(source, text, span);
    Some(reader.expr(&hcl_edit::parser::parse_expr(text).ok()?, span))
}

/// The text with blanks in the place of a byte-order mark, so that no offset moves.
fn without_mark(text: &str) -> std::borrow::Cow<'_, str> {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => format!("   {rest}").into(),
        None => text.into(),
    }
}

struct HclReader<'a> {
    source: &'a SourceFile,
    /// Where the parsed text stands in the file; `Err` where only the place of the whole is known.
    start: Result<usize, Span>,
}

/// How the literals of a template are written.
#[derive(Clone, Copy)]
struct Shape {
    /// Backslashes escape.
    quoted: bool,
    /// So many blanks are taken from the start of each line; `None` where lines are as they are written.
    indent: Option<usize>,
    /// Blanks at the very start or end are stripped (`~}` before, `%{~` after).
    strip: (bool, bool),
}

impl Shape {
    const FILE: Shape = Shape { quoted: false, indent: None, strip: (false, false) };
    const QUOTED: Shape = Shape { quoted: true, ..Shape::FILE };
}

impl<'a> HclReader<'a> {
    fn new(source: &'a SourceFile) -> Self {
        HclReader { source, start: Ok(0) }
    }

    /// For the text of a JSON string. One with escapes has a place only as a whole.
    fn inside(source: &'a SourceFile, text: &str, span: Span) -> Self {
        let inner =
            Span { start: span.start.saturating_add(1), end: span.end.saturating_sub(1).max(span.start), ..span };
        let start = if source.slice(inner) == text { Ok(inner.start as usize) } else { Err(span) };
        HclReader { source, start }
    }

    fn notice(&self, error: &hcl_edit::parser::Error) -> Notice {
        let location = error.location();
        let message = error.message().trim_end_matches('.');
        let message = message.lines().collect::<Vec<_>>().join(", ");
        let start = self.start.unwrap_or(0);
        let span = Span::at(self.source.id(), (start + location.offset()).min(self.source.text().len()));
        Notice { message: format!("this cannot be read as Terraform source: {message}"), span }
    }

    fn span(&self, range: Option<std::ops::Range<usize>>, otherwise: Span) -> Span {
        match self.start {
            Ok(start) => place(self.source.id(), range.map(|range| range.start + start..range.end + start), otherwise),
            Err(whole) => whole,
        }
    }

    fn file(&self) -> Span {
        Span::at(self.source.id(), 0)
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut out = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let key_span = self.span(attribute.key.span(), self.file());
                    let value = self.expr(&attribute.value, key_span).into();
                    out.attributes.insert(attribute.key.as_str().to_owned(), Attribute { key_span, value });
                }
                Structure::Block(block) => out.blocks.push(self.block(block)),
            }
        }
        out
    }

    fn block(&self, block: &structure::Block) -> Block {
        let ident = self.span(block.ident.span(), self.file());
        let header = block.labels.last().map_or(ident, |label| ident.to(self.span(label.span(), ident)));
        Block {
            kind: block.ident.as_str().to_owned(),
            labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
            header,
            span: self.span(block.span(), header),
            body: self.body(&block.body),
        }
    }

    /// An expression; `near` is its place where the parser has none.
    fn expr(&self, expression: &Expression, near: Span) -> Expr {
        let span = self.span(expression.span(), near);
        let kind = match expression {
            Expression::Null(_) => Kind::Null,
            Expression::Bool(flag) => Kind::Bool(*flag.value()),
            Expression::Number(number) => Kind::Number(self.number(number.value(), span)),
            Expression::String(text) => Kind::Template(vec![Part::Literal(self.quoted_string(text.as_str(), span))]),
            Expression::StringTemplate(template) => Kind::Template(self.template(template, &Shape::QUOTED)),
            Expression::HeredocTemplate(heredoc) => Kind::Template(self.heredoc(heredoc)),
            Expression::Parenthesis(inner) => return self.expr(inner.inner(), span),
            Expression::Array(items) => Kind::List(items.iter().map(|item| self.expr(item, span)).collect()),
            Expression::Object(object) => Kind::Object(self.object(object, span)),
            Expression::Variable(name) => Kind::Variable(name.as_str().to_owned()),
            Expression::Traversal(traversal) => self.traversal(traversal, span),
            Expression::Conditional(conditional) => Kind::Conditional(Box::new([
                self.expr(&conditional.cond_expr, span),
                self.expr(&conditional.true_expr, span),
                self.expr(&conditional.false_expr, span),
            ])),
            Expression::FuncCall(call) => Kind::Call(self.call(call, span)),
            Expression::UnaryOp(operation) => {
                let inner = Box::new(self.expr(&operation.expr, span));
                match operation.operator.value() {
                    UnaryOperator::Not => Kind::Not(inner),
                    UnaryOperator::Neg => Kind::Negative(inner),
                }
            }
            Expression::BinaryOp(operation) => Kind::Binary(
                *operation.operator.value(),
                Box::new([self.expr(&operation.lhs_expr, span), self.expr(&operation.rhs_expr, span)]),
            ),
            Expression::ForExpr(iteration) => Kind::For(Box::new(self.iteration(iteration, span))),
        };
        Expr { span, kind }
    }

    fn number(&self, number: &hcl_edit::Number, span: Span) -> String {
        let written = if self.start.is_ok() { self.source.slice(span) } else { "" };
        if written.parse::<f64>().is_ok() { written.to_owned() } else { number.to_string() }
    }

    fn quoted_string(&self, text: &str, span: Span) -> Located {
        let inside = Span { start: span.start.saturating_add(1), end: span.end.saturating_sub(1), ..span };
        if inside.start > inside.end {
            return Located::whole(text, span);
        }
        self.literal(text, inside, &Shape::QUOTED)
    }

    fn object(&self, object: &expr::Object, span: Span) -> Vec<Item> {
        let item = |(key, value): (&ObjectKey, &expr::ObjectValue)| {
            let key_span = self.span(key.span(), span);
            let key = match key {
                ObjectKey::Ident(name) => {
                    let part = Part::Literal(Located::whole(name.as_str(), key_span));
                    Expr { span: key_span, kind: Kind::Template(vec![part]) }
                }
                ObjectKey::Expression(expression) => self.expr(expression, key_span),
            };
            Item { key, value: self.expr(value.expr(), key_span) }
        };
        object.iter().map(item).collect()
    }

    fn traversal(&self, traversal: &expr::Traversal, span: Span) -> Kind {
        let root = self.expr(&traversal.expr, span);
        let mut end = root.span;
        let steps = traversal.operators.iter().map(|operator| {
            end = end.to(self.span(operator.span(), end));
            match operator.value() {
                TraversalOperator::AttrSplat(_) => Step::AttributeSplat(end),
                TraversalOperator::FullSplat(_) => Step::FullSplat(end),
                TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().to_owned(), end),
                TraversalOperator::Index(index) => Step::Index(self.expr(index, end)),
                TraversalOperator::LegacyIndex(index) => {
                    Step::Index(Expr { span: end, kind: Kind::Number(index.value().to_string()) })
                }
            }
        });
        let steps = steps.collect();
        Kind::Traversal(Box::new(root), steps)
    }

    fn call(&self, call: &expr::FuncCall, span: Span) -> Call {
        let mut name = String::new();
        for space in &call.name.namespace {
            name.push_str(space.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        // The functions of the core may be written with its namespace.
        let name = name.strip_prefix("core::").map_or(name.clone(), str::to_owned);
        let arguments = call.args.iter().map(|argument| self.expr(argument, span)).collect();
        Call { name, arguments, expand: call.args.expand_final() }
    }

    fn iteration(&self, iteration: &expr::ForExpr, span: Span) -> For {
        For {
            key_name: iteration.intro.key_var.as_ref().map(|name| name.as_str().to_owned()),
            value_name: iteration.intro.value_var.as_str().to_owned(),
            collection: self.expr(&iteration.intro.collection_expr, span),
            key: iteration.key_expr.as_ref().map(|key| self.expr(key, span)),
            value: self.expr(&iteration.value_expr, span),
            grouping: iteration.grouping,
            condition: iteration.cond.as_ref().map(|condition| self.expr(&condition.expr, span)),
        }
    }

    fn heredoc(&self, heredoc: &HeredocTemplate) -> Vec<Part> {
        let indent = heredoc.indent().map(|_| {
            let mut margin = Margin::default();
            self.measure(&heredoc.template, (false, false), &mut margin);
            margin.indent()
        });
        self.template(&heredoc.template, &Shape { indent, ..Shape::FILE })
    }

    /// Measures what the lines of a template are indented by; `strip` is that of a [`Shape`].
    fn measure(&self, template: &Template, strip: (bool, bool), margin: &mut Margin) {
        let elements: Vec<&Element> = template.iter().collect();
        for (index, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(text) => {
                    let strip = stripped(&elements, index, strip);
                    let written = without_mark(self.source.slice(self.span(text.span(), self.file())));
                    let mut lines: Vec<&str> = written.split_inclusive('\n').collect();
                    if let (true, Some(first)) = (strip.0, lines.first_mut()) {
                        *first = first.trim_start();
                    }
                    if let (true, Some(last)) = (strip.1, lines.last_mut()) {
                        *last = last.trim_end();
                    }
                    for line in lines {
                        margin.line(line);
                    }
                }
                Element::Interpolation(_) => margin.other(),
                Element::Directive(directive) => {
                    for (inner, strip) in branches(directive) {
                        margin.other();
                        self.measure(inner, strip, margin);
                    }
                    margin.other();
                }
            }
        }
    }

    fn template(&self, template: &Template, shape: &Shape) -> Vec<Part> {
        let elements: Vec<&Element> = template.iter().collect();
        let mut parts = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let shape = Shape { strip: stripped(&elements, index, shape.strip), ..*shape };
            match element {
                Element::Literal(text) => {
                    let span = self.span(text.span(), self.file());
                    parts.push(Part::Literal(self.literal(text.as_str(), span, &shape)));
                }
                Element::Interpolation(interpolation) => {
                    let span = self.span(interpolation.span(), self.file());
                    parts.push(Part::Value(self.expr(&interpolation.expr, span)));
                }
                Element::Directive(directive) => parts.push(self.directive(directive, &shape)),
            }
        }
        parts
    }

    fn directive(&self, directive: &Directive, shape: &Shape) -> Part {
        let span = self.span(directive.span(), self.file());
        let branches = branches(directive);
        let mut parts = branches.into_iter().map(|(inner, strip)| self.template(inner, &Shape { strip, ..*shape }));
        let first = parts.next().unwrap_or_default();
        match directive {
            Directive::If(directive) => Part::If {
                condition: self.expr(&directive.if_expr.cond_expr, span),
                then: first,
                otherwise: parts.next().unwrap_or_default(),
            },
            Directive::For(directive) => Part::For {
                key_name: directive.for_expr.key_var.as_ref().map(|name| name.as_str().to_owned()),
                value_name: directive.for_expr.value_var.as_str().to_owned(),
                collection: self.expr(&directive.for_expr.collection_expr, span),
                body: first,
            },
        }
    }

    /// A literal whose text stands at `span`. It is decoded here once more to learn the place of each character; where
    /// that does not give the parser's text, only the whole has a place.
    fn literal(&self, text: &str, span: Span, shape: &Shape) -> Located {
        if self.start.is_err() {
            let mut located = Located::whole(text, span);
            strip(&mut located, shape);
            return located;
        }
        let written = without_mark(self.source.slice(span));
        let decoded = decode(&written, span.start as usize, shape, self.line_starts_at(span));
        let mut located = match decoded {
            Some((decoded, map)) if same_text(&decoded, text, shape) => {
                Located { text: decoded.into(), span, map: Some(Arc::new(map)) }
            }
            _ => Located::whole(text, span),
        };
        strip(&mut located, shape);
        located
    }

    fn line_starts_at(&self, span: Span) -> bool {
        let before = self.source.text().get(..span.start as usize).unwrap_or("");
        before.is_empty() || before.ends_with(['\n', '\r'])
    }
}

/// What an element of a template is stripped of: by those before and after it, and at the ends by what is around.
fn stripped(elements: &[&Element], index: usize, around: (bool, bool)) -> (bool, bool) {
    let before = index.checked_sub(1).and_then(|before| elements.get(before));
    let start = before.map_or(around.0, |element| strips_after(element));
    let end = elements.get(index + 1).map_or(around.1, |element| strips_before(element));
    (start, end)
}

/// The templates inside of a directive, with what they are stripped of.
fn branches(directive: &Directive) -> Vec<(&Template, (bool, bool))> {
    match directive {
        Directive::If(directive) => {
            let (start, end) = (&directive.if_expr, &directive.endif_expr);
            let middle = directive.else_expr.as_ref();
            let then_end = middle.map_or(end.strip.strip_start(), |middle| middle.strip.strip_start());
            let then = (&start.template, (start.strip.strip_end(), then_end));
            let otherwise =
                middle.map(|middle| (&middle.template, (middle.strip.strip_end(), end.strip.strip_start())));
            std::iter::once(then).chain(otherwise).collect()
        }
        Directive::For(directive) => {
            let (start, end) = (&directive.for_expr, &directive.endfor_expr);
            vec![(&start.template, (start.strip.strip_end(), end.strip.strip_start()))]
        }
    }
}

/// What the lines of a heredoc are indented by, at least: what starts a line is told after the stripping, and lines that
/// are blank do not count.
struct Margin {
    least: usize,
    at_line_start: bool,
}

impl Default for Margin {
    fn default() -> Self {
        Self { least: usize::MAX, at_line_start: true }
    }
}

impl Margin {
    /// A line of a literal, or the part of it that is one literal, as it is left by stripping.
    fn line(&mut self, line: &str) {
        let inner = line.trim_start();
        let is_blank = inner.is_empty() && line.ends_with('\n');
        if self.at_line_start && !is_blank {
            let blanks = line.get(..line.len() - inner.len()).unwrap_or("").chars().count();
            self.least = self.least.min(blanks);
        }
        self.at_line_start = line.ends_with('\n');
    }

    /// Something else than a literal.
    fn other(&mut self) {
        if std::mem::take(&mut self.at_line_start) {
            self.least = 0;
        }
    }

    fn indent(&self) -> usize {
        if self.least == usize::MAX { 0 } else { self.least }
    }
}

fn strips_before(element: &Element) -> bool {
    match element {
        Element::Literal(_) => false,
        Element::Interpolation(interpolation) => interpolation.strip.strip_start(),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(directive) => directive.if_expr.strip.strip_start(),
            Directive::For(directive) => directive.for_expr.strip.strip_start(),
        },
    }
}

fn strips_after(element: &Element) -> bool {
    match element {
        Element::Literal(_) => false,
        Element::Interpolation(interpolation) => interpolation.strip.strip_end(),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(directive) => directive.endif_expr.strip.strip_end(),
            Directive::For(directive) => directive.endfor_expr.strip.strip_end(),
        },
    }
}

/// Decodes the text of a literal that is written from byte `start` of the file on; with it, where each character is
/// written. `None` for an escape that is none.
fn decode(written: &str, start: usize, shape: &Shape, at_line_start: bool) -> Option<(String, OffsetMap)> {
    let mut out = String::with_capacity(written.len());
    let mut map = OffsetMap::verbatim(start, 0);
    let mut rest = written;
    // A blank line keeps its blanks.
    let is_blank = |rest: &str| rest.split_once('\n').is_some_and(|(line, _)| line.trim().is_empty());
    let indent = |rest: &str| if is_blank(rest) { 0 } else { shape.indent.unwrap_or(0) };
    let mut to_skip = if at_line_start { indent(rest) } else { 0 };
    // Where the line's end is stripped, what follows starts no line.
    let mut is_stripped = shape.strip.0 && !shape.quoted;
    while let Some(first) = rest.chars().next() {
        let (decoded, used) = if to_skip > 0 && first.is_whitespace() && first != '\n' {
            to_skip -= 1;
            (None, first.len_utf8())
        } else if rest.starts_with("$${") || rest.starts_with("%%{") {
            (Some(first), 2)
        } else if first == '\\' && shape.quoted {
            let (character, used) = escape(rest)?;
            (Some(character), used)
        } else {
            (Some(first), first.len_utf8())
        };
        if let Some(character) = decoded {
            let at = start + written.len() - rest.len();
            out.push(character);
            map.push(character.len_utf8(), at..at + used);
        }
        rest = rest.get(used..)?;
        match first {
            '\n' if std::mem::take(&mut is_stripped) => {}
            '\n' => to_skip = indent(rest),
            _ if !first.is_whitespace() && std::mem::take(&mut is_stripped) => to_skip = 0,
            _ if decoded.is_some() => to_skip = 0,
            _ => {}
        }
    }
    Some((out, map))
}

fn escape(rest: &str) -> Option<(char, usize)> {
    let hexadecimal = |length: usize| {
        let digits = rest.get(2..2 + length)?;
        Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, 2 + length))
    };
    match rest.chars().nth(1)? {
        'n' => Some(('\n', 2)),
        'r' => Some(('\r', 2)),
        't' => Some(('\t', 2)),
        '"' => Some(('"', 2)),
        '\\' => Some(('\\', 2)),
        'u' => hexadecimal(4),
        'U' => hexadecimal(8),
        _ => None,
    }
}

/// Blanks make no difference in a heredoc or a file: the parser turns CRLF into LF. Where lines are indented less than
/// they are written, the parser takes off other characters than blanks, and is not asked.
fn same_text(decoded: &str, parsed: &str, shape: &Shape) -> bool {
    let dense = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    shape.indent.is_some() || decoded == parsed || (!shape.quoted && dense(decoded) == dense(parsed))
}

/// Takes white space from the start and the end: of the whole where it is quoted, else of its first and last lines, each
/// with its line's end. HCL reads each line as a literal of its own.
fn strip(located: &mut Located, shape: &Shape) {
    let text: &str = &located.text;
    let one = |line: Option<&str>| if shape.quoted { text.len() } else { line.map_or(0, str::len) };
    let first = text.get(..one(text.split_inclusive('\n').next())).unwrap_or(text);
    let last = text.get(text.len() - one(text.split_inclusive('\n').next_back())..).unwrap_or(text);
    let cut = if shape.strip.0 { first.len() - first.trim_start().len() } else { 0 };
    let blank_end = if shape.strip.1 { last.len() - last.trim_end().len() } else { 0 };
    let end = (text.len() - blank_end).max(cut);
    if (cut, end) == (0, text.len()) {
        return;
    }
    located.map = located.map.as_ref().map(|map| Arc::new(map.slice(cut..end)));
    located.text = text.get(cut..end).unwrap_or("").into();
}
