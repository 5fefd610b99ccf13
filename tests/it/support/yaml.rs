//! The YAML events of three parsers, ours and two others, in one form, and where they differ.
#![allow(unreachable_pub, reason = "each test uses a part")]

use bucketlint::source::{FileId, SourceFile};
use bucketlint::syntax::yaml_events::{EventKind, Events, Given, Layout, Style};
use granit_parser::{Event as Granit, Parser as GranitParser, ScalarStyle, StructureStyle};
use libyaml_safer::{EventData, MappingStyle, ScalarStyle as LibStyle, SequenceStyle};
use std::collections::HashMap;
use std::ops::Range;

/// An event without its place, as all three have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Alias(usize),
    Scalar { text: String, style: Style, tag: Option<String>, anchor: usize },
    Start { mapping: bool, flow: bool, tag: Option<String>, anchor: usize },
    End { mapping: bool },
    Document,
}

/// An event, its bytes where they are to be compared, and the bytes of its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub what: What,
    pub range: Option<Range<usize>>,
    pub tag: Option<Range<usize>>,
}

#[derive(Debug)]
pub struct Reading {
    pub events: Vec<Seen>,
    pub comments: Vec<Range<usize>>,
    /// How often our cursor went astray.
    pub corrections: usize,
}

fn is_block(style: Style) -> bool {
    matches!(style, Style::Literal | Style::Folded)
}

/// Our events. granit places a block scalar at its content, we (and libyaml) at its header.
pub fn ours(text: &str, granit: bool) -> Result<Reading, String> {
    let source = SourceFile::new(FileId(0), "test", text);
    let (mut given, mut left) = (Given::default(), usize::MAX);
    loop {
        let mut events = Events::new(&source, &given);
        let reading = collect(&mut events, granit);
        if reading.is_ok() || !events.ask(&mut given, &mut left) {
            return reading;
        }
    }
}

fn collect(events: &mut Events<'_>, granit: bool) -> Result<Reading, String> {
    let mut seen = Vec::new();
    while let Some(event) = events.read().map_err(|failure| failure.message)? {
        let tag = event.tag.as_ref().map(|tag| tag.name.clone());
        let tag_range = event.tag.as_ref().map(|tag| tag.range.0..tag.range.1);
        let range = event.range.0..event.range.1;
        let flow = |layout| layout != Layout::Block;
        let (what, range) = match event.kind {
            EventKind::DocumentStart => (What::Document, None),
            EventKind::DocumentEnd => continue,
            EventKind::Alias(anchor) => (What::Alias(anchor), Some(range)),
            EventKind::Scalar(text, style) => {
                let known = !(text.is_empty() && style == Style::Plain);
                let known = known && !(granit && is_block(style) && text.trim_matches('\n').is_empty());
                let range = if granit && is_block(style) { event.content..event.range.1 } else { range };
                (What::Scalar { text, style, tag, anchor: event.anchor }, known.then_some(range))
            }
            EventKind::SequenceStart(layout) => {
                let what = What::Start { mapping: false, flow: flow(layout), tag, anchor: event.anchor };
                (what, (layout == Layout::Flow).then_some(range))
            }
            EventKind::MappingStart(layout) => {
                let what = What::Start { mapping: true, flow: flow(layout), tag, anchor: event.anchor };
                (what, (layout == Layout::Flow).then_some(range))
            }
            EventKind::SequenceEnd => (What::End { mapping: false }, (!range.is_empty()).then_some(range)),
            EventKind::MappingEnd => (What::End { mapping: true }, (!range.is_empty()).then_some(range)),
        };
        seen.push(Seen { what, range, tag: tag_range });
    }
    let comments = events.take_comments().spans(FileId(0)).map(bucketlint::source::Span::range).collect();
    Ok(Reading { events: seen, comments, corrections: events.corrections() })
}

pub fn granit(text: &str) -> Result<Reading, String> {
    let mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let text = &text[mark..];
    let mut seen = Vec::new();
    let mut comments = Vec::new();
    let mut parser = GranitParser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| error.to_string())?;
        let shift = |range: Range<usize>| range.start + mark..range.end + mark;
        let range = span.byte_range().map(shift);
        let tag_range = span.tag_span().and_then(|span| span.byte_range()).map(shift);
        let name = |tag: &granit_parser::Tag| format!("{}{}", tag.handle(), tag.suffix());
        let what = match event {
            Granit::DocumentStart(..) => What::Document,
            Granit::Alias(anchor) => What::Alias(anchor),
            Granit::Comment(..) => {
                comments.extend(range);
                continue;
            }
            Granit::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                // What is not there is `~` for granit.
                let absent = text == "~" && range.as_ref().is_none_or(Range::is_empty);
                let text = if absent { String::new() } else { text.into_owned() };
                What::Scalar { text, style, tag: tag.as_deref().map(name), anchor }
            }
            Granit::SequenceStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                What::Start { mapping: false, flow, tag: tag.as_deref().map(name), anchor }
            }
            Granit::MappingStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                What::Start { mapping: true, flow, tag: tag.as_deref().map(name), anchor }
            }
            Granit::SequenceEnd => What::End { mapping: false },
            Granit::MappingEnd => What::End { mapping: true },
            _ => continue,
        };
        seen.push(Seen { what, range, tag: tag_range });
    }
    Ok(Reading { events: seen, comments, corrections: 0 })
}

pub fn libyaml(text: &str) -> Result<Reading, String> {
    let mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let text = &text[mark..];
    let offset = |index: u64| usize::try_from(index).unwrap() + mark;
    let mut bytes = text.as_bytes();
    let mut parser = libyaml_safer::Parser::new();
    parser.set_input_string(&mut bytes);
    let mut anchors: HashMap<String, usize> = HashMap::new();
    let mut count = 0;
    let mut number = |name: Option<String>, anchors: &mut HashMap<String, usize>| {
        name.map_or(0, |name| {
            count += 1;
            anchors.insert(name, count);
            count
        })
    };
    let mut seen = Vec::new();
    loop {
        let event = parser.parse().map_err(|error| error.to_string())?;
        let what = match event.data {
            EventData::StreamEnd => break,
            EventData::DocumentStart { .. } => What::Document,
            EventData::Alias { anchor } => What::Alias(anchors.get(&anchor).copied().ok_or("unknown anchor")?),
            EventData::Scalar { anchor, tag, value, style, .. } => {
                let style = match style {
                    LibStyle::SingleQuoted => Style::SingleQuoted,
                    LibStyle::DoubleQuoted => Style::DoubleQuoted,
                    LibStyle::Literal => Style::Literal,
                    LibStyle::Folded => Style::Folded,
                    _ => Style::Plain,
                };
                What::Scalar { text: value, style, tag, anchor: number(anchor, &mut anchors) }
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let flow = style == SequenceStyle::Flow;
                What::Start { mapping: false, flow, tag, anchor: number(anchor, &mut anchors) }
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let flow = style == MappingStyle::Flow;
                What::Start { mapping: true, flow, tag, anchor: number(anchor, &mut anchors) }
            }
            EventData::SequenceEnd => What::End { mapping: false },
            EventData::MappingEnd => What::End { mapping: true },
            _ => continue,
        };
        let range = offset(event.start_mark.index)..offset(event.end_mark.index);
        seen.push(Seen { what, range: Some(range), tag: None });
    }
    Ok(Reading { events: seen, comments: Vec::new(), corrections: 0 })
}

/// The first difference between two readings, if any.
pub fn difference(text: &str, ours: &Reading, other: &Reading, oracle: &str) -> Option<String> {
    let length = ours.events.len().max(other.events.len());
    for index in 0..length {
        let (Some(mine), Some(theirs)) = (ours.events.get(index), other.events.get(index)) else {
            return Some(format!("{oracle} has {} events, not {}", other.events.len(), ours.events.len()));
        };
        if mine.what != theirs.what {
            return Some(format!("{oracle}: {:?}\n   ours: {:?}", theirs.what, mine.what));
        }
        let block = matches!(mine.what, What::Scalar { style, .. } if is_block(style));
        let trim = |range: &Range<usize>| {
            // Others count the line breaks and comments after a block scalar to it.
            if block { range.start..range.start + text[range.clone()].trim_end().len() } else { range.clone() }
        };
        if let (Some(mine_at), Some(theirs_at)) = (&mine.range, &theirs.range)
            && !same_place(&trim(mine_at), &trim(theirs_at), &mine.what, oracle)
        {
            let (a, b) = (&text[theirs_at.clone()], &text[mine_at.clone()]);
            return Some(format!("{:?}\n  {oracle}: {theirs_at:?} {a:?}\n   ours: {mine_at:?} {b:?}", mine.what));
        }
        if let (Some(mine_at), Some(theirs_at)) = (&mine.tag, &theirs.tag)
            && mine_at != theirs_at
        {
            return Some(format!("tag of {:?}: {theirs_at:?} with {oracle}, ours: {mine_at:?}", mine.what));
        }
    }
    None
}

/// libyaml counts a node's tag and anchor to it.
fn same_place(mine: &Range<usize>, theirs: &Range<usize>, what: &What, oracle: &str) -> bool {
    let properties = match what {
        What::Scalar { tag, anchor, .. } | What::Start { tag, anchor, .. } => tag.is_some() || *anchor > 0,
        _ => false,
    };
    if oracle == "libyaml" && properties {
        return theirs.start < mine.start && mine.end == theirs.end;
    }
    mine == theirs
}
