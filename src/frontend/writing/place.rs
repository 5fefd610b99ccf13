//! Where an entry or an item is put into a text, so that everything else stays as it is.

use super::Refusal;
use super::written::{self, Notation, Quotes, Written};
use crate::source::{Edit, FileId};
use crate::syntax::{Kind, Node};
use std::collections::BTreeMap;

/// The text of a YAML or JSON file, as far as a writer looks at how it is laid out.
#[derive(Clone, Copy, Debug)]
pub(in crate::frontend) struct Layout<'a> {
    pub(in crate::frontend) file: FileId,
    pub(in crate::frontend) text: &'a str,
    /// Whether the whole file is JSON.
    pub(in crate::frontend) json: bool,
    /// How lines end.
    newline: &'static str,
    /// How far a mapping's entries stand right of their key.
    step: usize,
    /// Whether it indents by tabs, `step` of them.
    tabs: bool,
    /// Whether it is JSON without any blanks.
    tight: bool,
    /// How far a list's dashes stand right of their key.
    list: usize,
    /// Which quotes it has more of.
    quotes: Quotes,
}

impl<'a> Layout<'a> {
    /// Learns the habits of a text from its tree: how far it indents, and how its lines end.
    pub(in crate::frontend) fn of(root: Node<'a>, json: bool) -> Self {
        let source = root.tree().source();
        let text = source.text();
        let newline = if text.find('\n').is_some_and(|at| text.get(..at).is_some_and(|line| line.ends_with('\r'))) {
            "\r\n"
        } else {
            "\n"
        };
        let tight = json && !text.contains("\": ");
        let mut layout = Self {
            file: source.id(),
            text,
            json,
            newline,
            step: 2,
            tabs: false,
            tight,
            list: 2,
            quotes: Quotes::most(text),
        };
        layout.tabs = json && layout.is_in_tabs(root);
        layout.step = if layout.tabs { 1 } else { layout.learned_step(root).unwrap_or(2) };
        layout.list = layout.learned_list(root).unwrap_or(layout.step);
        layout
    }

    /// What stands in the first of the resources tells, else that itself, else what stands first in the brackets around
    /// all.
    fn learned_step(&self, root: Node<'a>) -> Option<usize> {
        let of_resources = || {
            let resources = resources(root)?;
            let first = resources.1.entries().next()?;
            self.step_within(first).or_else(|| self.step_within(resources))
        };
        let outermost = || self.column(root.entries().next()?.0.span().start);
        of_resources().or_else(outermost).filter(|step| (1..=8).contains(step))
    }

    /// How far the first entry below a key stands right of it.
    fn step_within(&self, (key, value): (Node<'a>, Node<'a>)) -> Option<usize> {
        let (inner, _) = value.entries().next().filter(|_| !value.is_alias())?;
        self.column(inner.span().start)?.checked_sub(self.column(key.span().start)?)
    }

    /// Whether the first resource is indented by tabs.
    fn is_in_tabs(&self, root: Node<'a>) -> bool {
        let first = resources(root).and_then(|(_, resources)| resources.entries().next());
        first.and_then(|(key, _)| self.margin(key.span().start as usize)).is_some_and(|margin| margin.contains('\t'))
    }

    /// What most of the lists say that stand below a key, in a line of their own.
    fn learned_list(&self, root: Node<'a>) -> Option<usize> {
        /// Enough to know the habits of any template that people write.
        const MAX_LOOKED_AT: usize = 10_000;
        let mut met: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = vec![root];
        for _ in 0..MAX_LOOKED_AT {
            let Some(node) = open.pop() else { break };
            for (key, value) in node.entries().filter(|(_, value)| !value.is_alias()) {
                if value.kind() == Kind::Sequence && !self.is_flow(value) {
                    let (outer, inner) = (self.column_after_dash(key.span().start), self.column(value.span().start));
                    let list = outer.zip(inner).and_then(|(outer, inner)| inner.checked_sub(outer));
                    if let Some(list) = list.filter(|list| *list <= 8) {
                        *met.entry(list).or_default() += 1;
                    }
                }
                open.push(value);
            }
            open.extend(node.items().filter(|item| !item.is_alias()));
        }
        met.into_iter().max_by_key(|(_, count)| *count).map(|(list, _)| list)
    }

    /// How a collection that holds `beside` is written, and so what is added to it.
    fn notation(&self, holder: Node<'a>, own_lines: bool) -> Notation {
        match (self.is_flow(holder), self.json, own_lines) {
            (false, ..) => Notation::Block { step: self.step, list: self.list, quotes: self.quotes },
            (true, true, true) => Notation::JsonLines { step: self.step },
            (true, true, false) => Notation::Json,
            (true, false, _) => Notation::Flow { quotes: self.quotes },
        }
    }

    /// Whether a collection is written in brackets.
    pub(in crate::frontend) fn is_flow(&self, node: Node<'a>) -> bool {
        let start = node.resolved().span().start as usize;
        self.text.as_bytes().get(start).is_some_and(|byte| matches!(byte, b'{' | b'['))
    }

    /// The white space before `offset` in its line, where there is nothing else.
    fn margin(&self, offset: usize) -> Option<&'a str> {
        let before = self.text.get(..offset)?;
        let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
        line.chars().all(|c| c == ' ' || c == '\t').then_some(line)
    }

    /// The column of what stands first in its line.
    pub(in crate::frontend) fn column(&self, offset: u32) -> Option<usize> {
        self.margin(offset as usize).filter(|margin| !margin.contains('\t')).map(str::len)
    }

    /// The column of a key that stands first in its line, or after dashes.
    fn column_after_dash(&self, offset: u32) -> Option<usize> {
        let before = self.text.get(..offset as usize)?;
        let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
        line.chars().all(|c| c == ' ' || c == '-').then_some(line.len())
    }

    fn line_end(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or("");
        let line = rest.find('\n').map_or(rest, |at| rest.get(..at).unwrap_or(""));
        offset + line.trim_end_matches('\r').len()
    }

    /// Where what an entry or item of a block holds ends: the end of a line. Comments that stand further right than
    /// `column` belong to it.
    fn block_end(&self, last: Node<'a>, column: usize) -> usize {
        let end = self.text.get(..last.span().end as usize).map_or(0, |text| text.trim_end().len());
        let mut end = self.line_end(end);
        let keeps = self.keeps_line_ends(last);
        let mut at = end;
        while let Some(next) = self.text.get(at..).and_then(|rest| rest.find('\n')).map(|newline| at + newline + 1) {
            let stop = self.line_end(next);
            let line = self.text.get(next..stop).unwrap_or("");
            let trimmed = line.trim_start();
            match trimmed.chars().next() {
                None if next >= self.text.len() => break,
                None if keeps => end = stop,
                None => {}
                Some('#') if line.len() - trimmed.len() > column => end = stop,
                Some(_) => break,
            }
            at = stop;
        }
        end
    }

    /// Whether the last thing in a node is a block scalar that keeps the empty lines after it (`|+`).
    fn keeps_line_ends(&self, node: Node<'a>) -> bool {
        /// Deeper trees are not read at all.
        const MAX_DEPTH: usize = 1_000;
        let mut node = node;
        for _ in 0..MAX_DEPTH {
            if node.is_alias() {
                return false;
            }
            let inner = match node.kind() {
                Kind::Mapping => node.entries().last().map(|(_, value)| value),
                Kind::Sequence => node.items().last(),
                _ => None,
            };
            match inner {
                Some(inner) => node = inner,
                None => break,
            }
        }
        let written = self.text.get(node.span().range()).unwrap_or("");
        written.starts_with(['|', '>']) && written.lines().next().is_some_and(|header| header.contains('+'))
    }

    /// Lines that go in below `end`, the end of a line, each `indent` further right.
    fn lines_below(&self, end: usize, lines: &str, indent: usize, blank: bool) -> Edit {
        let mut text = String::new();
        if blank {
            text.push_str(self.newline);
        }
        for line in lines.split('\n') {
            text.push_str(self.newline);
            if !line.is_empty() {
                text.push_str(&" ".repeat(indent));
            }
            text.push_str(line);
        }
        Edit::insert(self.file, end, text)
    }

    /// Puts `key: value` into `mapping`, right after its entry number `after`; into one that is empty, as the only entry.
    pub(in crate::frontend) fn add_entry(
        &self,
        mapping: Node<'a>,
        after: Option<usize>,
        key: &str,
        value: &Written,
    ) -> Result<Edit, Refusal> {
        let Some(after) = after else { return self.add_first(mapping, key, value) };
        let (before, held) = mapping.entry_at(after).ok_or(Refusal::Layout)?;
        let blank = self.separated_by_blank_lines(mapping, after);
        if self.is_flow(mapping) {
            return self.flow_after(mapping, (before, held), blank, |notation| written::entry(key, value, notation));
        }
        let column = self.column_after_dash(before.span().start).ok_or(Refusal::Layout)?;
        let end = self.block_end(held, column).max(self.line_end(before.span().end as usize));
        Ok(self.lines_below(end, &written::entry(key, value, self.notation(mapping, true)), column, blank))
    }

    /// Fills empty brackets: in lines where the file has any.
    fn add_first(&self, mapping: Node<'a>, key: &str, value: &Written) -> Result<Edit, Refusal> {
        let span = mapping.span();
        let written = self.text.get(span.range()).unwrap_or("");
        let inner = written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        if mapping.is_alias() || inner.is_none_or(|inner| !inner.trim().is_empty()) {
            return Err(Refusal::Layout);
        }
        let start = span.start as usize;
        let key_margin = self.line_margin(start);
        let rest = self.text.get(span.end as usize..self.line_end(span.end as usize)).unwrap_or("");
        let in_lines = self.text.trim_end().contains('\n');
        let unit = if self.tabs { "\t" } else { " " }.repeat(self.step);
        let inner = format!("{key_margin}{unit}");
        let text = match (self.json, in_lines) {
            (true, true) => {
                let entry = written::entry(key, value, Notation::JsonLines { step: self.step });
                format!("{{{0}{inner}{1}{0}{key_margin}}}", self.newline, self.below(&entry, &inner))
            }
            (true, false) => self.in_line(format!("{{{}}}", written::entry(key, value, Notation::Json))),
            // The value of a key in a block: the brackets give way to lines.
            (false, _) if !self.is_in_brackets(start) => {
                if !rest.trim().is_empty() {
                    return Err(Refusal::Layout);
                }
                let entry = written::entry(
                    key,
                    value,
                    Notation::Block { step: self.step, list: self.list, quotes: self.quotes },
                );
                format!("{}{inner}{}", self.newline, self.below(&entry, &inner))
            }
            (false, _) => format!("{{{}}}", written::entry(key, value, Notation::Flow { quotes: self.quotes })),
        };
        // No blank is left at the end of the key's line.
        let from = if text.starts_with(self.newline) {
            self.text.get(..start).map_or(start, |text| text.trim_end_matches(' ').len())
        } else {
            start
        };
        Ok(Edit::replace(crate::source::Span::new(self.file, from, span.end as usize), text))
    }

    /// Whether what stands at `offset` is not the first value of its line.
    fn is_in_brackets(&self, offset: usize) -> bool {
        let before = self.text.get(..offset).unwrap_or("");
        let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or("");
        line.contains(['{', '[', '#', '"', '\''])
    }

    /// Whether an empty line stands between the entry and its neighbour.
    fn separated_by_blank_lines(&self, mapping: Node<'a>, entry: usize) -> bool {
        let from = entry.saturating_sub(usize::from(mapping.entry_at(entry + 1).is_none()));
        let pair = mapping.entry_at(from).zip(mapping.entry_at(from + 1));
        let Some(((key, held), (next, _))) = pair else { return false };
        let end = (held.span().end as usize).max(key.span().end as usize);
        let end = self.text.get(..end).map_or(0, |text| text.trim_end().len());
        let between = self.text.get(end..next.span().start as usize).unwrap_or("");
        let lines: Vec<&str> = between.split('\n').collect();
        // The first is the rest of the entry's own line, the last the margin of its neighbour.
        lines.get(1..lines.len().saturating_sub(1)).is_some_and(|lines| lines.iter().any(|line| line.trim().is_empty()))
    }

    /// Puts an item at the end of a list that has one already.
    pub(in crate::frontend) fn add_item(&self, sequence: Node<'a>, value: &Written) -> Result<Edit, Refusal> {
        let Some(last) = sequence.items().last() else {
            let open = sequence.span().start as usize + 1;
            let notation = if self.json { Notation::Json } else { Notation::Flow { quotes: self.quotes } };
            return Ok(Edit::insert(self.file, open, self.in_line(written::item(value, notation))));
        };
        if self.is_flow(sequence) {
            return self.flow_after(sequence, (last, last), false, |notation| written::item(value, notation));
        }
        let dash = self.column(sequence.span().start).ok_or(Refusal::Layout)?;
        let before = self.text.get(..start_with_tag(last)).unwrap_or("");
        let blanks = before.len() - before.trim_end_matches(' ').len();
        // A dash may stand in a line of its own.
        let gap = if before.trim_end_matches(' ').ends_with('-') { blanks } else { 1 };
        let end = self.block_end(last, dash);
        let item = written::item(value, self.notation(sequence, true));
        Ok(self.lines_below(end, &dashed(&item, gap), dash, false))
    }

    /// Makes a list of the one item that stands in its place, and adds another.
    pub(in crate::frontend) fn wrap_and_add(&self, item: Node<'a>, value: &Written) -> Result<Vec<Edit>, Refusal> {
        let range = item.span().range();
        if self.is_flow(item) {
            let own_lines = self.json && self.text.get(range.clone()).is_some_and(|text| text.contains('\n'));
            let margin = self.line_margin(range.start);
            let notation = if own_lines { Notation::JsonLines { step: self.step } } else { self.notation(item, false) };
            let text = self.in_line(format!(", {}]", self.below(&written::item(value, notation), margin)));
            return Ok(vec![Edit::insert(self.file, range.start, "["), Edit::insert(self.file, range.end, text)]);
        }
        let column = self.column(item.span().start).ok_or(Refusal::Layout)?;
        let end = self.block_end(item, column.saturating_sub(1));
        let mut edits = vec![Edit::insert(self.file, range.start, "- ")];
        let mut at = self.line_end(range.start);
        while let Some(next) = self.text.get(at..end).and_then(|rest| rest.find('\n')).map(|newline| at + newline + 1) {
            at = self.line_end(next);
            if self.text.get(next..at).is_some_and(|line| !line.trim().is_empty()) {
                edits.push(Edit::insert(self.file, next, "  "));
            }
        }
        let item = written::item(value, self.notation(item, true));
        edits.push(self.lines_below(end, &dashed(&item, 1), column, false));
        Ok(edits)
    }

    /// Puts text into brackets after an entry from `first` to `last`.
    fn flow_after(
        &self,
        holder: Node<'a>,
        (first, last): (Node<'a>, Node<'a>),
        blank: bool,
        write: impl Fn(Notation) -> String,
    ) -> Result<Edit, Refusal> {
        if last.kind() == Kind::Null && last.span().is_empty() {
            return Err(Refusal::Layout);
        }
        let end = (last.span().end as usize).max(first.span().end as usize);
        let margin = self.margin(start_with_tag(first));
        let notation = self.notation(holder, margin.is_some());
        let text = match margin {
            Some(margin) => {
                let blank = if blank { self.newline } else { "" };
                format!(",{blank}{}{margin}{}", self.newline, self.below(&write(notation), margin))
            }
            None => self.in_line(format!(", {}", write(notation))),
        };
        Ok(Edit::insert(self.file, end, text))
    }

    /// The white space that the line of `offset` starts with.
    fn line_margin(&self, offset: usize) -> &'a str {
        let before = self.text.get(..offset).unwrap_or("");
        let line = self.text.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or("");
        let width = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..width).unwrap_or("")
    }

    /// Text whose lines but the first get a margin.
    fn below(&self, text: &str, margin: &str) -> String {
        let mut lines = text.split('\n');
        let mut out = lines.next().unwrap_or("").to_owned();
        for line in lines {
            let rest = line.trim_start_matches(' ');
            let unit = if self.tabs { "\t" } else { " " };
            out.extend([self.newline, margin, &unit.repeat(line.len() - rest.len()), rest]);
        }
        out
    }

    /// Text that goes into a line: without blanks where the file is.
    fn in_line(&self, text: String) -> String {
        if !self.tight {
            return text;
        }
        let (mut quoted, mut escaped) = (false, false);
        let keeps = |c: &char| {
            let keeps = quoted || *c != ' ';
            quoted ^= *c == '"' && !escaped;
            escaped = quoted && *c == '\\' && !escaped;
            keeps
        };
        text.chars().filter(keeps).collect()
    }

    /// Takes entry number `index` out of a mapping, with what sets it off from its neighbours.
    pub(in crate::frontend) fn without_entry(&self, mapping: Node<'a>, index: usize) -> Result<Edit, Refusal> {
        let (key, value) = mapping.entry_at(index).ok_or(Refusal::Layout)?;
        let end_of = |(key, value): (Node<'a>, Node<'a>)| (value.span().end as usize).max(key.span().end as usize);
        let span = if self.is_flow(mapping) {
            let next = mapping.entry_at(index + 1);
            let before = index.checked_sub(1).and_then(|before| mapping.entry_at(before));
            match (next, before) {
                (Some((next, _)), _) => key.span().start as usize..start_with_tag(next),
                (None, Some(before)) => end_of(before)..end_of((key, value)),
                (None, None) => key.span().start as usize..end_of((key, value)),
            }
        } else {
            let start = key.span().start as usize;
            let margin = self.margin(start).ok_or(Refusal::Layout)?;
            let end = self.line_end(value.span().end as usize);
            let after = self.text.get(end..).map_or(end, |rest| {
                let newline = rest.find('\n').map_or(rest.len(), |at| at + 1);
                end + newline
            });
            start - margin.len()..after
        };
        Ok(Edit::replace(crate::source::Span::new(self.file, span.start, span.end), ""))
    }
}

/// The entry of a file that holds its resources, by the names that formats have for it.
fn resources(root: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    ["Resources", "resource"].iter().find_map(|name| root.entry(name))
}

/// Where a node starts, its tag included.
fn start_with_tag(node: Node<'_>) -> usize {
    let start = node.span().start;
    let tag = if node.is_alias() { None } else { node.tag_span() };
    tag.map_or(start, |tag| tag.start.min(start)) as usize
}

/// An item's lines with a dash before the first; the others stand below its content.
fn dashed(item: &str, gap: usize) -> String {
    let gap = gap.max(1);
    let indented = item.replace('\n', &format!("\n{}", " ".repeat(1 + gap)));
    format!("-{}{indented}", " ".repeat(gap))
}
