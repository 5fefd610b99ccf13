//! `--diff-base`: the tree as it was at a commit is linted too, and what was there already is muted.

use super::configuration::{Configuration, Used};
use super::known;
use super::look::{Is, Look, Looked, Seen, is_stdin};
use crate::discover::{self, Exclude as _, GitTree, shown};
use crate::frontend::{frontend_of_folder, has_input_extension, may_be_input, normal};
use crate::lint::{Options, Session};
use crate::report::{FileReport, NoticeRecord, counted, escape};
use crate::settings::Baseline;
use crate::threads;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// A file of the older tree.
struct Older {
    /// Below the root of the repository.
    path: String,
    /// As the newer one is shown, or would be.
    shown: String,
    named: bool,
}

/// Mutes what was there already at a commit; what is to be said of it.
pub(super) fn mute(
    files: &mut Vec<FileReport>,
    tree: &GitTree,
    revision: &str,
    look: &Look<'_>,
    configuration: &Configuration<'_>,
) -> String {
    let older = lint_older(tree, look, configuration);
    let revision = escape::line(revision);
    for error in older.iter().flat_map(|file| &file.errors) {
        let message = format!("as it was at `{revision}` this cannot be linted: {}", error.message);
        note(files, &error.file, message);
    }
    for path in beyond_git(files, tree, configuration) {
        note(files, &path, format!("git does not hold this: all of it counts as new since `{revision}`"));
    }
    let baseline = Baseline::of(older.iter().flat_map(|file| known::all_of(file, configuration)));
    let compared = known::mute(files, &baseline, configuration, &format!("it was there at `{revision}`"));
    let still = if compared.known.len() == 1 { "was" } else { "were" };
    format!(
        "since `{revision}`: {} {still} there already, {} fixed\n",
        counted(compared.known.len(), "finding"),
        compared.gone.len()
    )
}

/// The reports of the older tree, with the same paths, options and settings.
fn lint_older(tree: &GitTree, look: &Look<'_>, configuration: &Configuration<'_>) -> Vec<FileReport> {
    let of_settings = |path: &Path| look.of_settings(path);
    // What was found is not mended.
    let options = Options { fixes: false, ..look.options.clone() };
    let mut session = Session::new(&options, of_settings, tree);
    let seen = look.take_seen();
    // What is what it was keeps its number.
    let first = seen.values().filter_map(Seen::number).max().map_or(1, |last| last.saturating_add(1));
    let numbered: Vec<(u32, Older)> = (first..).zip(files_of(tree, look)).collect();
    let look_at = |(number, older): (u32, Older)| {
        if frontend_of_folder(Path::new(&older.path)).is_some() {
            return Looked::Source(older.shown.into(), older.named);
        }
        let same = seen.get(&older.shown).filter(|seen| tree.object(&older.path) == Some(&seen.object));
        match same.map(|seen| &seen.is) {
            Some(Is::Nothing) => return Looked::Nothing,
            Some(Is::Read(opened)) => {
                return opened.again().map_or(Looked::Nothing, |again| Looked::Opened(again.into()));
            }
            Some(Is::Other) | None => {}
        }
        match tree.content(&older.path, discover::LARGEST) {
            // A file of that name need not be one now, so it must not be one then.
            Ok(bytes) if older.named || may_be_input(&bytes) => {
                Looked::Opened(session.read(number, older.shown, false, bytes).into())
            }
            Ok(_) | Err(_) => Looked::Nothing,
        }
    };
    let looked = threads::each(numbered, 2, look_at);
    let mut files = look.finish(looked, &mut session).files;
    let mut used = Used::new();
    for file in &mut files {
        configuration.apply(file, &mut used);
    }
    files.extend(configuration.idle_entries(&used));
    files
}

/// The files of the older tree that the paths lead to.
fn files_of(tree: &GitTree, look: &Look<'_>) -> Vec<Older> {
    let mut found: BTreeMap<String, Older> = BTreeMap::new();
    for given in look.paths {
        let given = if is_stdin(given) { Path::new(look.stdin.as_deref().unwrap_or("<stdin>")) } else { given };
        let real = given.canonicalize().ok();
        let below = match &real {
            Some(real) => real.strip_prefix(tree.root()).ok().map(slashed),
            None => tree.below_root(given),
        };
        let Some(below) = below else { continue };
        if tree.object(&below).is_some() {
            found.insert(below.clone(), Older { path: below, shown: shown(given), named: true });
            continue;
        }
        let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
        for path in tree.files(&prefix) {
            let Some(rest) = path.strip_prefix(&prefix) else { continue };
            let name = rest.rsplit('/').next().unwrap_or(rest);
            if has_input_extension(name.as_ref()) && is_walked(tree, &prefix, rest, look) {
                let shown = shown(&given.join(rest));
                let older = || Older { path: path.to_owned(), shown, named: false };
                found.entry(path.to_owned()).or_insert_with(older);
            }
        }
    }
    found.into_values().collect()
}

/// Whether a walk that starts at `prefix` would come to a file.
fn is_walked(tree: &GitTree, prefix: &str, rest: &str, look: &Look<'_>) -> bool {
    let real = |part: &str| tree.root().join(format!("{prefix}{part}"));
    let out = |end: usize| {
        let folder = real(rest.get(..end).unwrap_or(""));
        discover::is_left_out(&folder) || look.scopes.folder(&folder).is_some()
    };
    let file = real(rest);
    !discover::is_left_out(&file)
        && look.scopes.file(&file).is_none()
        && !rest.match_indices('/').any(|(end, _)| out(end))
}

/// Linted files that git cannot hold: they are ignored, or are no files of the repository.
fn beyond_git(files: &[FileReport], tree: &GitTree, configuration: &Configuration<'_>) -> Vec<String> {
    let linted = files.iter().filter(|file| file.kind.is_some() && !file.findings.is_empty());
    let new: HashMap<String, &str> = linted
        .map(|file| (configuration.rooted(&file.path), file.path.as_str()))
        .filter(|(path, _)| tree.object(path).is_none())
        .collect();
    let (outside, inside): (Vec<_>, Vec<_>) = new.into_iter().partition(|(path, _)| path.starts_with(['/', '<']));
    let ignored = tree.ignored(inside.iter().map(|(path, _)| path.as_str()));
    let inside = inside.into_iter().filter(|(path, _)| ignored.contains(path));
    let mut all: Vec<String> = outside.into_iter().chain(inside).map(|(_, shown)| shown.to_owned()).collect();
    all.sort();
    all
}

/// Adds a notice about a file.
fn note(files: &mut Vec<FileReport>, path: &str, message: String) {
    let notice = NoticeRecord::of_file(path, message);
    match files.iter_mut().find(|file| file.path == path) {
        Some(file) => file.notices.push(notice),
        None => files.push(FileReport { path: path.to_owned(), notices: vec![notice], ..FileReport::default() }),
    }
}

fn slashed(path: &Path) -> String {
    let parts = normal(path);
    parts.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
