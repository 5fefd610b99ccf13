//! Links of a Markdown page that lead nowhere, found without the network.

use std::fs;
use std::path::Path;

const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// A line for each link of the page whose file or heading is missing.
pub(crate) fn broken(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let mut faults = Vec::new();
    for (number, line) in prose(&text) {
        for target in targets(&line) {
            if let Err(fault) = follow(page, target) {
                faults.push(format!("{}:{number}: {target}: {fault}", page.display()));
            }
        }
    }
    faults
}

fn follow(page: &Path, target: &str) -> Result<(), &'static str> {
    if target.starts_with("https://") && !target.starts_with(REPOSITORY) {
        return Ok(());
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = match path.strip_prefix(REPOSITORY) {
        Some(path) => super::root().join(path),
        None if path.is_empty() => page.to_owned(),
        None => page.parent().unwrap().join(path),
    };
    if !file.exists() {
        return Err("there is no such file");
    }
    if heading.is_empty() {
        return Ok(());
    }
    let text = fs::read_to_string(&file).unwrap();
    let found = prose(&text).any(|(_, line)| line.starts_with('#') && anchor(&line) == heading);
    found.then_some(()).ok_or("there is no such heading")
}

/// The lines outside of fenced blocks, without what stands between backticks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        // A heading keeps its code: its anchor is made of it.
        let heading = line.starts_with('#');
        let line = if heading { line.to_owned() } else { line.split('`').step_by(2).collect() };
        (!fenced).then_some((index + 1, line))
    })
}

fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The name that GitHub and mdBook give to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars();
    let kept = kept.filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
