//! `--format mermaid`: a flow chart of files, policies and buckets. Mermaid draws nothing past 500 edges and 50,000
//! characters, so that the worst buckets come first, and the rest is counted.

use super::graph::{Graph, Limits, Which};
use super::{Report, Verdict, escape};
use std::fmt::Write as _;
use std::io::{self, Write};

/// What Mermaid draws (`maxEdges`, `maxTextSize`).
const EDGES: usize = 500;
const CHARACTERS: usize = 50_000;
/// How much of a name is shown.
const LONGEST: usize = 80;

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(chart(report, Which::All, CHARACTERS).as_bytes())
}

/// A chart, within what Mermaid draws and so many bytes.
pub(super) fn chart(report: &Report<'_>, which: Which, bytes: usize) -> String {
    let mut limits = Limits { edges: EDGES, buckets: usize::MAX, which };
    loop {
        let graph = Graph::new(report, limits);
        let text = draw(&graph);
        if text.len() <= bytes || graph.buckets.is_empty() {
            return text;
        }
        // Long names. Half of them fit at some point: one bucket takes a few hundred bytes.
        limits.buckets = graph.buckets.len() / 2;
    }
}

fn draw(graph: &Graph<'_>) -> String {
    let mut out = "flowchart LR\n".to_owned();
    let mut nodes = String::new();
    let mut edges = String::new();
    let mut used = vec![false; graph.files.len()];
    for (index, (file, address)) in graph.policies.iter().enumerate() {
        let _ = writeln!(nodes, "  p{index}[\"{}\"]", label(address));
        let _ = writeln!(edges, "  f{file} --> p{index}");
        mark(&mut used, *file);
    }
    for (index, bucket) in graph.buckets.iter().enumerate() {
        let record = bucket.record;
        let class = record.verdict.name();
        let _ = writeln!(nodes, "  b{index}[(\"{}<br/>{class}\")]:::{class}", label(&record.address));
        for policy in &bucket.policies {
            let _ = writeln!(edges, "  p{policy} --> b{index}");
        }
        if bucket.policies.is_empty() {
            let _ = writeln!(edges, "  f{} -. no policy .-> b{index}", bucket.file);
            mark(&mut used, bucket.file);
        }
    }
    for (index, (file, _)) in graph.files.iter().zip(&used).enumerate().filter(|(_, (_, used))| **used) {
        let _ = writeln!(out, "  f{index}[/\"{}\"/]", label(file));
    }
    out += &nodes;
    out += &edges;
    if graph.omitted > 0 {
        let _ = writeln!(out, "  rest[\"{} more buckets\"]", graph.omitted);
    }
    for (verdict, style) in STYLES {
        if graph.buckets.iter().any(|bucket| bucket.record.verdict.name() == verdict.name()) {
            let _ = writeln!(out, "  classDef {} {style}", verdict.name());
        }
    }
    if graph.buckets.is_empty() && graph.omitted == 0 {
        out.push_str("  none[\"no buckets\"]\n");
    }
    out
}

/// Colours that can be told apart in print and by those who do not see red and green.
const STYLES: [(Verdict, &str); 3] = [
    (Verdict::Exposed, "fill:#fbd5d0,stroke:#b3261e,color:#410e0b,stroke-width:3px"),
    (Verdict::Undecided(None), "fill:#fdeecb,stroke:#8a5a00,color:#2b1d00,stroke-dasharray:5 3"),
    (Verdict::Enforced, "fill:#d7ecff,stroke:#00588f,color:#001d33"),
];

fn mark(used: &mut [bool], index: usize) {
    if let Some(used) = used.get_mut(index) {
        *used = true;
    }
}

/// A label in quotes: whatever may be syntax of Mermaid, HTML or Markdown stands as a character number
/// (<https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>).
fn label(text: &str) -> String {
    let mut out = String::new();
    for character in escape::clip(&escape::line(text), LONGEST).chars() {
        if character.is_ascii() && !character.is_ascii_alphanumeric() && !matches!(character, ' ' | '-' | '/') {
            let _ = write!(out, "#{};", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}
