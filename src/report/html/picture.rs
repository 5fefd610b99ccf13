//! The picture of the page: files, policies and buckets in three columns, as inline SVG.

use super::super::Report;
use super::super::graph::{Graph, Limits, Which};
use super::super::markup::html;
use std::fmt::Write as _;

/// More are not taken in at a glance.
const BUCKETS: usize = 60;
const EDGES: usize = 300;
/// Sizes in the units of the picture.
const WIDTH: usize = 290;
const HEIGHT: usize = 34;
const ROW: usize = 46;
const COLUMNS: [usize; 3] = [5, 335, 665];
/// How many characters fit into a box.
const CHARACTERS: usize = 35;

/// The picture; empty where there is nothing to draw.
pub(super) fn draw(report: &Report<'_>) -> String {
    let graph = Graph::new(report, Limits { edges: EDGES, buckets: BUCKETS, which: Which::All });
    if graph.buckets.is_empty() {
        return String::new();
    }
    let rows = Rows::of(&graph);
    let mut boxes = String::new();
    let mut lines = String::new();
    for (index, bucket) in graph.buckets.iter().enumerate() {
        let row = rows.bucket(index);
        let name = bucket.record.verdict.name();
        node(&mut boxes, COLUMNS[2], row, name, &bucket.record.address, Some(name));
        for &policy in &bucket.policies {
            line(&mut lines, (COLUMNS[1], rows.policy(policy)), (COLUMNS[2], row), "");
        }
        if bucket.policies.is_empty() {
            line(&mut lines, (COLUMNS[0], rows.file(bucket.file)), (COLUMNS[2], row), "none");
        }
    }
    for (index, (file, address)) in graph.policies.iter().enumerate() {
        node(&mut boxes, COLUMNS[1], rows.policy(index), "", address, None);
        line(&mut lines, (COLUMNS[0], rows.file(*file)), (COLUMNS[1], rows.policy(index)), "");
    }
    for (index, file) in graph.files.iter().enumerate().filter(|(index, _)| rows.uses(*index)) {
        node(&mut boxes, COLUMNS[0], rows.file(index), "", file, None);
    }
    let height = rows.count * ROW + 10;
    let rest = match graph.omitted {
        0 => String::new(),
        more => format!("<p>{more} more buckets are not drawn.</p>"),
    };
    format!(
        "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"Files, the policies in them, and the buckets that \
         these are on. A broken line leads to a bucket without policy.\">{lines}{boxes}</svg>{rest}"
    )
}

/// In which row each box stands: a policy beside its first bucket, a file beside the first thing in it, or below what
/// stands there already.
struct Rows {
    policies: Vec<Option<usize>>,
    files: Vec<Option<usize>>,
    count: usize,
}

impl Rows {
    fn of(graph: &Graph<'_>) -> Self {
        let mut rows =
            Self { policies: vec![None; graph.policies.len()], files: vec![None; graph.files.len()], count: 0 };
        let (mut next_policy, mut next_file) = (0, 0);
        for (row, bucket) in graph.buckets.iter().enumerate() {
            for &policy in &bucket.policies {
                place(&mut rows.policies, policy, row, &mut next_policy);
                if let (Some((file, _)), Some(Some(row))) = (graph.policies.get(policy), rows.policies.get(policy)) {
                    place(&mut rows.files, *file, *row, &mut next_file);
                }
            }
            if bucket.policies.is_empty() {
                place(&mut rows.files, bucket.file, row, &mut next_file);
            }
        }
        rows.count = graph.buckets.len().max(next_policy).max(next_file);
        rows
    }

    fn bucket(&self, index: usize) -> usize {
        index.min(self.count)
    }

    fn policy(&self, index: usize) -> usize {
        self.policies.get(index).copied().flatten().unwrap_or(0)
    }

    fn file(&self, index: usize) -> usize {
        self.files.get(index).copied().flatten().unwrap_or(0)
    }

    fn uses(&self, file: usize) -> bool {
        self.files.get(file).copied().flatten().is_some()
    }
}

fn place(rows: &mut [Option<usize>], index: usize, wanted: usize, next: &mut usize) {
    if let Some(slot @ None) = rows.get_mut(index) {
        let row = wanted.max(*next);
        *slot = Some(row);
        *next = row + 1;
    }
}

fn node(out: &mut String, x: usize, row: usize, class: &str, text: &str, note: Option<&str>) {
    let y = row * ROW + 5;
    let (text_x, text_y) = (x + 8, y + 22);
    let room = CHARACTERS - note.map_or(0, |note| note.len() + 3);
    let label = note.map_or_else(|| tail(text, room), |note| format!("{} · {note}", tail(text, room)));
    let _ = write!(
        out,
        "<g><title>{}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         rx=\"4\"/><text x=\"{text_x}\" y=\"{text_y}\">{}</text></g>",
        html(text),
        html(&label)
    );
}

fn line(out: &mut String, from: (usize, usize), to: (usize, usize), class: &str) {
    let middle = |row: usize| row * ROW + 5 + HEIGHT / 2;
    let (x1, y1, x2, y2) = (from.0 + WIDTH, middle(from.1), to.0, middle(to.1));
    let bend = 20;
    let _ = write!(out, "<path class=\"{class}\" d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\"/>", x1 + bend, x2 - bend);
}

/// The end of a text says most.
fn tail(text: &str, room: usize) -> String {
    let count = text.chars().count();
    if count <= room {
        return text.to_owned();
    }
    std::iter::once('…').chain(text.chars().skip(count + 1 - room)).collect()
}
