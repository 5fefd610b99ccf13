//! Folders to files.

use crate::frontend::has_input_extension;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// A file to look at, or the reason why something was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A file that the user named. It must be something to lint.
    Named(PathBuf),
    /// A file that the walk met.
    Met(PathBuf),
    /// Something that was passed over, and why.
    Passed(PathBuf, &'static str),
    /// A path that cannot be looked at, and why.
    Failed(PathBuf, String),
}

/// What the user pointed at.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    files: Vec<PathBuf>,
    folders: Vec<Root>,
    failed: Vec<(PathBuf, String)>,
    exclude: Vec<String>,
    /// The real paths of the named files: the walk leaves them out.
    named: HashSet<PathBuf>,
}

#[derive(Clone, Debug)]
struct Root {
    /// As the user gave it.
    path: PathBuf,
    real: PathBuf,
}

impl Targets {
    /// Sorts paths into files and folders, each once. `exclude` holds patterns (see
    /// [`settings`](crate::settings)) that walked files and folders are held against, relative to the folder that is
    /// walked; a file that is named is linted in any case.
    #[must_use]
    pub fn new(paths: &[PathBuf], exclude: &[String]) -> Self {
        let mut targets = Self { exclude: exclude.to_vec(), ..Self::default() };
        for path in paths {
            match path.canonicalize() {
                Err(error) => targets.failed.push((path.clone(), cause(&error))),
                Ok(real) if real.is_dir() => {
                    if targets.folders.iter().all(|root| root.real != real) {
                        targets.folders.push(Root { path: path.clone(), real });
                    }
                }
                Ok(real) => {
                    if targets.named.insert(real) {
                        targets.files.push(path.clone());
                    }
                }
            }
        }
        targets
    }

    /// True where there is one file to look at, and nothing to walk.
    #[must_use]
    pub fn is_one_file(&self) -> bool {
        self.files.len() == 1 && self.folders.is_empty()
    }

    /// Everything to look at, in no particular order.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + Send {
        let failed = self.failed.iter().map(|(path, why)| Candidate::Failed(path.clone(), why.clone()));
        let named = self.files.iter().map(|path| Candidate::Named(path.clone()));
        failed.chain(named).chain(self.folders.iter().flat_map(|root| self.walk(root)))
    }

    fn walk<'a>(&'a self, root: &'a Root) -> impl Iterator<Item = Candidate> + Send + 'a {
        let mut walk = WalkDir::new(&root.path).into_iter();
        std::iter::from_fn(move || {
            loop {
                let found = match walk.next()? {
                    Err(error) => Some(failed(&root.path, &error)),
                    Ok(entry) if entry.file_type().is_dir() => {
                        let passed = self.pass_folder(root, &entry);
                        if passed.is_some() {
                            walk.skip_current_dir();
                        }
                        passed.map(|why| Candidate::Passed(entry.into_path(), why)).filter(is_told)
                    }
                    Ok(entry) => self.judge(root, entry),
                };
                if found.is_some() {
                    return found;
                }
            }
        })
    }

    /// Why a folder is not walked.
    fn pass_folder(&self, root: &Root, entry: &DirEntry) -> Option<&'static str> {
        if entry.depth() == 0 {
            return None;
        }
        let path = relative(root, entry.path());
        if self.folders.iter().any(|other| other.real == root.real.join(path)) {
            return Some(WALKED_ALREADY);
        }
        if is_excluded(&self.exclude, path) {
            return Some("excluded by the configuration");
        }
        skipped(&root.real.join(path))
    }

    fn judge(&self, root: &Root, entry: DirEntry) -> Option<Candidate> {
        // Of files that can be nothing to lint by their name there are too many to tell of.
        if !has_input_extension(entry.file_name()) {
            return None;
        }
        let path = relative(root, entry.path());
        if is_excluded(&self.exclude, path) {
            return Some(Candidate::Passed(entry.into_path(), "excluded by the configuration"));
        }
        // No other name of a file is skipped; most files need no look at their folder.
        if entry.file_name().as_encoded_bytes().starts_with(b"asset.")
            && let Some(why) = skipped(&root.real.join(path))
        {
            return Some(Candidate::Passed(entry.into_path(), why));
        }
        let kind = entry.file_type();
        if kind.is_symlink() {
            return Some(self.judge_link(root, entry.into_path()));
        }
        if !kind.is_file() {
            return Some(Candidate::Passed(entry.into_path(), "no regular file"));
        }
        if !self.named.is_empty() && self.named.contains(&root.real.join(path)) {
            return None;
        }
        Some(Candidate::Met(entry.into_path()))
    }

    /// A link is followed to a file below the root that the walk does not meet by itself.
    fn judge_link(&self, root: &Root, path: PathBuf) -> Candidate {
        let Ok(real) = path.canonicalize() else {
            return Candidate::Passed(path, "a symbolic link to nothing");
        };
        let Ok(inside) = real.strip_prefix(&root.real) else {
            return Candidate::Passed(path, "a symbolic link out of the folder");
        };
        if !real.is_file() {
            return Candidate::Passed(path, "a symbolic link to a folder");
        }
        if self.named.contains(&real) || self.meets(root, inside) {
            return Candidate::Passed(path, "a symbolic link to a file that is linted by itself");
        }
        Candidate::Met(path)
    }

    /// Whether the walk meets the file at a path relative to its root.
    fn meets(&self, root: &Root, path: &Path) -> bool {
        let out = |part: &Path| skipped(&root.real.join(part)).is_some() || is_excluded(&self.exclude, part);
        let parts = path.ancestors().filter(|part| !part.as_os_str().is_empty());
        path.file_name().is_some_and(has_input_extension) && !parts.into_iter().any(out)
    }
}

const WALKED_ALREADY: &str = "walked by itself";

fn is_told(candidate: &Candidate) -> bool {
    !matches!(candidate, Candidate::Passed(_, WALKED_ALREADY))
}

fn relative<'a>(root: &Root, path: &'a Path) -> &'a Path {
    path.strip_prefix(&root.path).unwrap_or(path)
}

fn failed(root: &Path, error: &walkdir::Error) -> Candidate {
    let why = error.io_error().map_or_else(|| error.to_string(), cause);
    Candidate::Failed(error.path().unwrap_or(root).to_owned(), why)
}

/// What went wrong, without the number that the system gives it.
pub(crate) fn cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// Why something is no source: a repository's own data, fetched packages, assets that CDK copied.
fn skipped(path: &Path) -> Option<&'static str> {
    match path.file_name()?.to_str()? {
        ".git" => Some("a repository's own data"),
        "node_modules" => Some("fetched packages"),
        ".terraform" => Some("fetched modules and providers"),
        name if name.starts_with("asset.") => {
            let folder = path.parent().and_then(Path::file_name);
            (folder == Some(OsStr::new("cdk.out"))).then_some("an asset of a CDK assembly")
        }
        _ => None,
    }
}

fn is_excluded(patterns: &[String], path: &Path) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let path: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    patterns.iter().any(|pattern| {
        let parts: Vec<&str> = pattern.trim_end_matches('/').split('/').collect();
        matches_path(&parts, &path)
    })
}

/// `**` stands for any number of names, `*` for any characters in a name, `?` for one.
fn matches_path(pattern: &[&str], path: &[impl AsRef<str>]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => (0..=path.len()).any(|skip| matches_path(rest, path.get(skip..).unwrap_or(&[]))),
        ([first, rest @ ..], [name, names @ ..]) => matches_name(first, name.as_ref()) && matches_path(rest, names),
        _ => false,
    }
}

/// Goes back to the last `*` only, so the time is at most the product of both lengths.
fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut from, mut star) = (0, 0, None);
    while let Some(&character) = name.get(from) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == character => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((last, taken)) = star else { return false };
                star = Some((last, taken + 1));
                (at, from) = (last + 1, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests;
