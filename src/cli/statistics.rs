//! `--statistics`: how many findings there are of each rule.

use crate::report::FileReport;
use crate::rules;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A line for each rule that fired, the most frequent first; muted findings are counted apart.
pub(super) fn text(files: &[FileReport]) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in files.iter().flat_map(|file| &file.findings) {
        let (open, muted) = counts.entry(finding.rule).or_default();
        *(if finding.suppressed.is_none() { open } else { muted }) += 1;
    }
    let mut lines: Vec<_> = counts.into_iter().collect();
    lines.sort_by_key(|(rule, (open, muted))| (std::cmp::Reverse((*open, *muted)), *rule));
    let width = lines.iter().map(|(rule, _)| rule.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (rule, (open, muted)) in lines {
        let title = rules::find(rule).and_then(|rule| rule.document().ok()).map_or_else(String::new, |it| it.title);
        let muted = if muted == 0 { String::new() } else { format!(" ({muted} more muted)") };
        let _ = writeln!(text, "{open:>7}  {rule:width$}  {title}{muted}");
    }
    text
}
