//! The documents that a policy may have, taken apart into statements, each with the worlds in which it is there.

use super::weigh::Weigher;
use super::worlds::{ALL, MAX_VARIANTS, NONE, Set, Variant};
use crate::model::partition::PARTITIONS;
use crate::model::{Data, Entry, Home, Unknown, Value};
use crate::policy::{Document, Effect, Evaluation, Problem, Request, evaluate};
use crate::source::Span;

/// One document that a policy may have.
#[expect(clippy::struct_field_names, reason = "`frame` is what the document is without its statements")]
pub(super) struct Frame {
    pub(super) worlds: Set,
    /// The document without its statements.
    pub(super) frame: Value,
    /// The entry that holds the statements, and where their list stands.
    pub(super) list: Option<(Entry, Span)>,
    pub(super) statements: Vec<Statement>,
    /// Where something makes AWS reject it.
    pub(super) invalid: Vec<(Set, Vec<Problem>)>,
}

/// Worlds in which a document is deployed in this partition; `None` where it is not known, or makes no difference.
pub(super) type Homes = Vec<(Set, Option<&'static str>)>;

/// One statement that a document may have.
pub(super) struct Statement {
    pub(super) worlds: Set,
    pub(super) value: Value,
    /// A document of this statement alone.
    pub(super) alone: Document,
}

impl Statement {
    /// What it makes of a request by itself, in a partition.
    pub(super) fn evaluated(&self, request: &Request, partition: Option<&'static str>) -> Evaluation {
        match partition {
            None => evaluate(&self.alone, request),
            deployed_in => evaluate(&Document { deployed_in, ..self.alone.clone() }, request),
        }
    }

    /// Whether it tells worlds apart.
    pub(super) fn can_deny(&self) -> bool {
        !self.alone.unknown.is_empty()
            || !self.alone.problems.is_empty()
            || self.alone.statements.iter().any(|one| one.effect != Effect::Allow)
    }
}

impl Weigher<'_, '_> {
    /// The documents that a policy may have.
    pub(super) fn frames(&mut self, document: &Value, worlds: Set, listed: bool) -> Option<Vec<Frame>> {
        let mut frames = Vec::new();
        self.add_frames(document, worlds, listed, &mut frames)?;
        Some(frames)
    }

    /// The worlds by the partitions that a document is deployed in. Only who names one by hand needs to know.
    pub(super) fn homes(&mut self, frame: &Frame, worlds: Set) -> Homes {
        let names_another = |one: &Statement| one.alone.names_another_partition();
        let home = self.settings.partition.as_ref().filter(|_| frame.statements.iter().any(names_another));
        match home {
            Some(Home::Known(name)) => vec![(worlds, Some(*name))],
            Some(Home::Open(symbol)) if self.space.variable(symbol).is_some() => {
                let there = |name: &'static str| {
                    let is = self.space.symbol_is(symbol, name)?;
                    Some((self.space.diagram.and(worlds, is), Some(name))).filter(|(set, _)| *set != NONE)
                };
                PARTITIONS.iter().map(|one| one.name).filter_map(there).collect()
            }
            Some(Home::Open(_)) | None => vec![(worlds, None)],
        }
    }

    fn add_frames(&mut self, document: &Value, worlds: Set, listed: bool, frames: &mut Vec<Frame>) -> Option<()> {
        if worlds == NONE {
            return Some(());
        }
        match &document.data {
            Data::Choice { condition, then, otherwise } => {
                let (there, elsewhere) = self.space.split(worlds, condition);
                self.add_frames(then, there, listed, frames)?;
                self.add_frames(otherwise, elsewhere, listed, frames)
            }
            Data::Map(entries) => {
                let (own, others): (Vec<Entry>, Vec<Entry>) =
                    entries.iter().cloned().partition(|entry| entry.key == "Statement");
                let rest = Value { span: document.span, hops: Vec::new(), data: Data::Map(others.into()) };
                for frame in self.any_variants(&rest, worlds, listed)? {
                    let frame = self.frame_of(frame, own.first(), listed)?;
                    frames.push(frame);
                    if frames.len() > MAX_VARIANTS {
                        return None;
                    }
                }
                Some(())
            }
            _ => {
                for whole in self.any_variants(document, worlds, listed)? {
                    let invalid = match Document::read(&whole.value).problems {
                        problems if problems.is_empty() => Vec::new(),
                        problems => vec![(ALL, problems)],
                    };
                    let Variant { worlds, value } = whole;
                    frames.push(Frame { worlds, frame: value, list: None, statements: Vec::new(), invalid });
                }
                Some(())
            }
        }
    }

    fn frame_of(&mut self, frame: Variant<Value>, own: Option<&Entry>, listed: bool) -> Option<Frame> {
        let Variant { worlds, value } = frame;
        let mut made = Frame { worlds, frame: value, list: None, statements: Vec::new(), invalid: Vec::new() };
        if let Some(entry) = own {
            made.list = Some((entry.clone(), entry.value.span));
            self.add_statements(&entry.value, worlds, listed, &mut made)?;
        }
        Some(made)
    }

    fn add_statements(&mut self, value: &Value, worlds: Set, listed: bool, frame: &mut Frame) -> Option<()> {
        match &value.data {
            Data::Choice { condition, then, otherwise } => {
                let (there, elsewhere) = self.space.split(worlds, condition);
                self.add_statements(then, there, listed, frame)?;
                self.add_statements(otherwise, elsewhere, listed, frame)
            }
            Data::List(items) => items.iter().try_for_each(|item| self.add_statements(item, worlds, listed, frame)),
            Data::Absent => Some(()),
            _ => {
                let variants = match self.any_variants(value, worlds, listed) {
                    Some(variants) => variants,
                    None => vec![Variant { worlds, value: Value::unknown(intricate(value.span)) }],
                };
                for one in variants {
                    if one.worlds == NONE {
                        continue;
                    }
                    let alone = frame.alone(&one.value);
                    if !alone.problems.is_empty() {
                        frame.invalid.push((one.worlds, alone.problems.clone()));
                    }
                    frame.statements.push(Statement { worlds: one.worlds, value: one.value, alone });
                }
                if !listed && self.space.differs(value, true) {
                    self.hidden_problems(value, worlds, frame);
                }
                (frame.statements.len() <= 4 * MAX_VARIANTS).then_some(())
            }
        }
    }

    /// What AWS would reject of a statement for some listed value of a parameter.
    fn hidden_problems(&mut self, value: &Value, worlds: Set, frame: &mut Frame) {
        for one in self.space.variants(value, worlds, true).into_iter().flatten() {
            let problems = frame.alone(&one.value).problems;
            if !problems.is_empty() {
                frame.invalid.push((one.worlds, problems));
            }
        }
    }

    /// The variants of a value; without those by listed values where these are too many.
    fn any_variants(&mut self, value: &Value, worlds: Set, listed: bool) -> Option<Vec<Variant<Value>>> {
        match self.space.variants(value, worlds, listed) {
            None if listed => self.space.variants(value, worlds, false),
            variants => variants,
        }
    }
}

impl Frame {
    /// A document with these statements.
    pub(super) fn with(&self, statements: Vec<Value>) -> (Document, Value) {
        let Data::Map(others) = &self.frame.data else { return (Document::read(&self.frame), self.frame.clone()) };
        let mut entries = others.to_vec();
        if let Some((entry, span)) = &self.list {
            entries.push(Entry { value: Value::list(*span, statements), ..entry.clone() });
        }
        let value = Value::map_of(self.frame.span, entries);
        (Document::read(&value), value)
    }

    pub(super) fn document(&self, there: &[bool]) -> (Document, Value) {
        let statements = self.statements.iter().zip(there).filter(|(_, there)| **there);
        self.with(statements.map(|(one, _)| one.value.clone()).collect())
    }

    fn alone(&self, statement: &Value) -> Document {
        self.with(vec![statement.clone()]).0
    }

    /// For each statement of the document of a world its index here.
    pub(super) fn own(&self, there: &[bool]) -> Vec<usize> {
        let each = self.statements.iter().zip(there).enumerate().filter(|(_, (_, there))| **there);
        each.flat_map(|(at, (one, _))| one.alone.statements.iter().map(move |_| at)).collect()
    }
}

fn intricate(span: Span) -> Unknown {
    Unknown::new("this hangs on more conditions than are told apart", span, "say it with fewer conditions")
}
