//! Where the template of a nested stack lies: beside the template that deploys it, where a packaging tool has noted it,
//! or at the end of a URL.

use super::deployment::Stack;
use crate::model::{Condition, Data, NestedStack, Piece, Text, Unknown, Value};
use crate::source::normal;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// The longest end of a URL that is looked for, in parts.
const LONGEST_END: usize = 8;

/// What a nested stack's location comes to.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// This member.
    Certain(usize),
    /// Probably this one: says why that is not sure.
    Possible(usize, Unknown),
    /// The template that is written where the stack is declared.
    Inside,
    /// None that is at hand.
    Nowhere(Unknown),
}

/// The paths of the run.
#[derive(Debug, Default)]
pub(super) struct Paths {
    exact: HashMap<PathBuf, usize>,
    by_name: HashMap<String, Vec<usize>>,
    parts: Vec<Vec<String>>,
}

impl Paths {
    pub(super) fn new<'a>(paths: impl Iterator<Item = (&'a Path, bool)>) -> Self {
        let mut all = Self::default();
        for (index, (path, can_be_nested)) in paths.enumerate() {
            let parts = parts(path);
            if can_be_nested {
                all.exact.insert(path.to_owned(), index);
                if let Some(name) = parts.last() {
                    all.by_name.entry(name.clone()).or_default().push(index);
                }
            }
            all.parts.push(parts);
        }
        all
    }

    /// The one member whose path ends as `end` does, in as many parts as any does; `Err` with their number where there
    /// are several, or none.
    fn ending(&self, end: &[String]) -> Result<usize, usize> {
        let named = end.last().and_then(|name| self.by_name.get(name)).map_or(&[][..], Vec::as_slice);
        let agree = |&&member: &&usize| {
            let path = self.parts.get(member).map_or(&[][..], Vec::as_slice);
            path.iter().rev().zip(end.iter().rev()).take_while(|(one, two)| one == two).count()
        };
        let most = named.iter().map(|member| agree(&member)).max().unwrap_or(0);
        let mut best = named.iter().filter(|member| agree(member) == most);
        match (best.next(), best.count()) {
            (Some(&member), 0) => Ok(member),
            (Some(_), more) => Err(more + 1),
            (None, _) => Err(0),
        }
    }
}

fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

/// The files that may hold the templates of nested stacks of the template at `path`: whoever links reads those of them
/// that there are, as far as they may be read.
#[must_use]
pub(super) fn wanted(path: &Path, stack: &NestedStack, known: Option<&Stack>) -> Vec<PathBuf> {
    let mut wanted = Vec::new();
    if stack.body.is_some() {
        return wanted;
    }
    for (_, location) in stack.location.sides() {
        let Some(text) = location.scalar_text() else { continue };
        if let Some(local) = text.as_literal().filter(|text| !is_url(text)) {
            wanted.push(beside(path, local));
            continue;
        }
        let end = end_of(&text);
        let asset = end.last().and_then(|name| known?.assets.get(name));
        wanted.extend(asset.cloned());
        for count in 1..=end.len().min(3) {
            let end = end.iter().skip(end.len() - count).collect::<PathBuf>();
            wanted.push(beside(path, &end.to_string_lossy()));
        }
    }
    wanted.extend(stack.asset.as_deref().map(|asset| beside(path, asset)));
    wanted
}

/// The path of a file that the one at `path` names relative to itself, without `.` and `..`.
fn beside(path: &Path, location: &str) -> PathBuf {
    let location = location.strip_prefix("file://").unwrap_or(location);
    normal(&path.parent().unwrap_or(Path::new("")).join(location))
}

/// Whether a path leads out of the current folder, where only the repository is looked at.
fn leads_out(path: &Path) -> bool {
    path.is_absolute() || matches!(path.components().next(), Some(Component::ParentDir))
}

fn is_url(text: &str) -> bool {
    text.contains("://") && !text.starts_with("file://")
}

/// The end of a URL, after the last part that is not known: its parts, without a query.
fn end_of(url: &Text) -> Vec<String> {
    let Some(Piece::Literal(end)) = url.pieces().last() else { return Vec::new() };
    let end = end.split(['?', '#']).next().unwrap_or("");
    let whole = url.pieces().len() == 1;
    let end = if whole { end.split_once("://").map_or("", |(_, rest)| rest) } else { end };
    // The host is no part of a path.
    let parts: Vec<String> =
        end.split('/').skip(usize::from(whole)).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    parts.iter().skip(parts.len().saturating_sub(LONGEST_END)).cloned().collect()
}

/// The member that a nested stack deploys, for each side of its location.
pub(super) fn locate(
    path: &Path,
    stack: &NestedStack,
    known: Option<&Stack>,
    paths: &Paths,
) -> Vec<(Condition, Found)> {
    if stack.body.is_some() {
        return vec![(Condition::Always, Found::Inside)];
    }
    let noted = stack.asset.as_deref().and_then(|asset| paths.exact.get(&beside(path, asset)).copied());
    stack
        .location
        .sides()
        .into_iter()
        .map(|(holds, location)| (holds, one(path, stack, &location, noted, known, paths)))
        .collect()
}

fn one(
    path: &Path,
    stack: &NestedStack,
    location: &Value,
    noted: Option<usize>,
    known: Option<&Stack>,
    paths: &Paths,
) -> Found {
    let id = &stack.address;
    let nowhere = |why: String, remedy: &str| {
        Found::Nowhere(Unknown::new(format!("nested stack `{id}` cannot be followed: {why}"), location.span, remedy))
    };
    let text = match &location.data {
        Data::Unknown(unknown) => return Found::Nowhere(Unknown::clone(unknown)),
        _ => location.scalar_text(),
    };
    let Some(text) = text else {
        return nowhere("its template is no file".to_owned(), "lint the template that it deploys in the same run");
    };
    if let Some(local) = text.as_literal().filter(|text| !is_url(text)) {
        let wanted = beside(path, local);
        if let Some(&member) = paths.exact.get(&wanted) {
            return Found::Certain(member);
        }
        let beyond = if leads_out(&wanted) {
            " (what lies outside of the repository, or without one of the current folder, is not read)"
        } else {
            ""
        };
        let why = format!("`{local}` is not at hand{beyond}");
        return nowhere(why, "lint the template that it deploys in the same run");
    }
    let end = end_of(&text);
    let asset = end.last().and_then(|name| paths.exact.get(known?.assets.get(name)?).copied());
    if let Some(member) = asset.or(noted) {
        return Found::Certain(member);
    }
    let shown = text.shown();
    match paths.ending(&end) {
        Ok(member) => {
            let cause = format!("the template of nested stack `{id}` is taken to be the file that ends like `{shown}`");
            let remedy = "name the file by a local path, and let `aws cloudformation package` make the URL";
            Found::Possible(member, Unknown::new(cause, location.span, remedy))
        }
        Err(0) => nowhere(format!("`{shown}` is not at hand"), "lint the template that it deploys in the same run"),
        Err(count) => nowhere(format!("{count} files end like `{shown}`"), "name the file by a local path"),
    }
}
