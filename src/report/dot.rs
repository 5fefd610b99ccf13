//! `--format dot`: files, policies and buckets as a graph for Graphviz (<https://graphviz.org/doc/info/lang.html>).

use super::graph::{Graph, Limits, Which};
use super::{Report, Verdict, escape};
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let graph = Graph::new(report, Limits { edges: usize::MAX, buckets: usize::MAX, which: Which::All });
    writeln!(out, "digraph bucketlint {{\n  rankdir=LR\n  node [fontname=\"sans-serif\"]\n  edge [color=\"#555555\"]")?;
    for (index, file) in graph.files.iter().enumerate() {
        writeln!(out, "  f{index} [shape=note, label={}]", quoted(file))?;
    }
    for (index, (file, address)) in graph.policies.iter().enumerate() {
        writeln!(out, "  p{index} [shape=box, label={}]\n  f{file} -> p{index}", quoted(address))?;
    }
    for (index, bucket) in graph.buckets.iter().enumerate() {
        let (address, style) = (quoted(&bucket.record.address), style(bucket.record.verdict));
        writeln!(out, "  b{index} [shape=cylinder, label={address}, {style}]")?;
        for policy in &bucket.policies {
            writeln!(out, "  p{policy} -> b{index}")?;
        }
        if bucket.policies.is_empty() {
            writeln!(out, "  f{} -> b{index} [style=dashed, label=\"no policy\"]", bucket.file)?;
        }
    }
    writeln!(out, "}}")
}

fn style(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exposed => "xlabel=exposed, style=\"filled,bold\", fillcolor=\"#fbd5d0\", color=\"#b3261e\"",
        Verdict::Undecided(_) => "xlabel=undecided, style=\"filled,dashed\", fillcolor=\"#fdeecb\", color=\"#8a5a00\"",
        Verdict::Enforced => "xlabel=enforced, style=filled, fillcolor=\"#d7ecff\", color=\"#00588f\"",
    }
}

/// In a quoted string only `"` and `\` mean something.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escape::line(text).replace('\\', "\\\\").replace('"', "\\\""))
}
