//! What the user's own modules say of findings, in comments.

use super::Configuration;
use super::comments::comments;
use super::config::Module;
use super::tree::{Block, Body};
use crate::frontend::mark::{self, Reach, Stand};
use crate::model::{Covers, SuppressedBy, Suppression};
use crate::source::{FileId, SourceFile, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// So many suppressions of one configuration count.
const MAX_MARKS: usize = 10_000;

/// What a comment may be about.
#[derive(Clone)]
struct Head {
    span: Span,
    /// The addresses of the module, where it is a call of one.
    modules: Vec<String>,
}

/// What starts on the lines of a file.
#[derive(Default)]
struct Lines {
    heads: BTreeMap<u32, Head>,
    /// Blocks by the line that follows their header: a comment there is theirs.
    openings: BTreeMap<u32, Head>,
    /// Blocks in the order of the file.
    blocks: Vec<Head>,
}

impl Configuration {
    /// The suppressions in the user's own modules: others have no say.
    #[must_use]
    pub fn suppressions(&self) -> Vec<Suppression> {
        let marked: BTreeMap<FileId, &Arc<SourceFile>> =
            self.sources.iter().filter(|file| mark::may_be_marked(file.text())).map(|file| (file.id(), file)).collect();
        if marked.is_empty() {
            return Vec::new();
        }
        let mut lines: BTreeMap<FileId, Lines> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<(String, &Arc<Module>)> = vec![(String::new(), &self.root)];
        while let Some((path, module)) = open.pop() {
            if module.remote {
                continue;
            }
            // A module that is called twice has its blocks once, and its calls twice.
            let first = seen.insert(Arc::as_ptr(&module.contents));
            for (name, call) in &module.calls {
                add(call, Some(format!("{path}module.{name}")), &marked, &mut lines);
            }
            if first {
                module.resources.values().for_each(|block| add(block, None, &marked, &mut lines));
            }
            open.extend(module.children.iter().map(|(name, child)| (format!("{path}module.{name}."), child)));
        }
        let mut found = Vec::new();
        for (id, file) in marked {
            // What holds no block is no Terraform source: a text that a function reads.
            let Some(mut of_file) = lines.remove(&id) else { continue };
            of_file.blocks.sort_by_key(|head| head.span);
            read(file, &of_file, &mut found);
        }
        found.truncate(MAX_MARKS);
        found
    }
}

fn add(
    block: &Block,
    module: Option<String>,
    files: &BTreeMap<FileId, &Arc<SourceFile>>,
    lines: &mut BTreeMap<FileId, Lines>,
) {
    let Some(file) = files.get(&block.header.file) else { return };
    let lines = lines.entry(block.header.file).or_default();
    let line = |at: u32| file.position(at).line;
    let start = line(block.header.start);
    if let Some(known) = lines.heads.get_mut(&start).filter(|head| head.span == block.span) {
        known.modules.extend(module);
        let modules = known.modules.clone();
        if let Some(opening) = lines.openings.get_mut(&(line(block.header.end) + 1)) {
            opening.modules.clone_from(&modules);
        }
        if let Some(listed) = lines.blocks.iter_mut().find(|head| head.span == block.span) {
            listed.modules = modules;
        }
        return;
    }
    let head = Head { span: block.span, modules: module.into_iter().collect() };
    // What stands below a block of one line is not in it.
    let opening = line(block.header.end) + 1;
    if opening <= line(block.span.end) {
        lines.openings.insert(opening, head.clone());
    }
    lines.blocks.push(head.clone());
    lines.heads.insert(start, head);
    parts(&block.body, &line, &mut lines.heads);
}

/// The arguments of a block, and the blocks in it. The parser limits how deep those nest.
fn parts(body: &Body, line: &dyn Fn(u32) -> u32, heads: &mut BTreeMap<u32, Head>) {
    let mut put = |span: Span| {
        heads.entry(line(span.start)).or_insert(Head { span, modules: Vec::new() });
    };
    body.attributes.values().for_each(|attribute| put(attribute.key_span.to(attribute.value.span)));
    for block in &body.blocks {
        put(block.span);
    }
    for block in &body.blocks {
        parts(&block.body, line, heads);
    }
}

fn read(file: &SourceFile, lines: &Lines, found: &mut Vec<Suppression>) {
    let spans = comments(file);
    let stands = mark::stands(file, &spans);
    let mut inside: Option<(&Head, u32)> = None;
    for (span, stand) in spans.into_iter().zip(stands) {
        let line = file.position(span.start).line;
        // Comments on the first lines of a block are the block's.
        if matches!(stand, Stand::Above(..)) {
            let going_on = inside.filter(|(_, last)| *last + 1 == line).map(|(head, _)| head);
            inside = lines.openings.get(&line).or(going_on).map(|head| (head, line));
        }
        let Some(mark) = mark::read(file.slice(span)) else { continue };
        let head = match (mark.reach, stand) {
            (Reach::File, _) => {
                for head in &lines.blocks {
                    cover(mark.clone(), span, head, found);
                }
                continue;
            }
            (Reach::Around, _) => around(&lines.blocks, span),
            (Reach::Beside, Stand::Behind(line)) => lines.heads.get(&line),
            (Reach::Beside, Stand::Above(below, aligned)) => {
                let own = inside.filter(|(_, last)| *last == line).map(|(head, _)| head);
                let fits = aligned || mark.by != SuppressedBy::Comment;
                own.or_else(|| lines.heads.get(&below).filter(|_| fits))
            }
        };
        match head {
            Some(head) => cover(mark, span, head, found),
            None => found.push(mark.suppression(span, Covers::Nothing("no resource, module or argument starts there"))),
        }
    }
}

/// A suppression for a block, and for the instances of the module that it calls.
fn cover(mark: mark::Mark, span: Span, head: &Head, found: &mut Vec<Suppression>) {
    if found.len() >= MAX_MARKS {
        return;
    }
    found.extend(head.modules.iter().map(|module| mark.clone().suppression(span, Covers::Module(module.clone()))));
    found.push(mark.suppression(span, Covers::Within(head.span)));
}

/// The block that a comment stands in.
fn around(blocks: &[Head], comment: Span) -> Option<&Head> {
    let before = blocks.partition_point(|head| head.span.start <= comment.start);
    blocks.get(before.checked_sub(1)?).filter(|head| comment.end <= head.span.end)
}
