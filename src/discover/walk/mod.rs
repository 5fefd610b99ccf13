//! Folders to files.

use super::ignored::Ignored;
use crate::frontend::has_input_extension;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// A file to look at, or the reason why something was not looked at.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// A file that the user named. It must be something to lint.
    Named(PathBuf),
    /// A file that the walk met.
    Met(PathBuf),
    /// Something that was passed over, and why.
    Passed(PathBuf, Why),
    /// A path that cannot be looked at, and why.
    Failed(PathBuf, String),
}

/// Why something was passed over.
#[derive(Clone, Copy, Debug)]
pub enum Why {
    /// For a reason that is told where somebody asks.
    Plain(&'static str),
    /// It is a symbolic link that leads out of the folder; told always, as nobody else looks at what is there.
    LinkOut,
    /// A `.gitignore` leaves it out; the number is told.
    Ignored,
    /// Settings leave it out; the number is told.
    BySettings,
}

impl Why {
    /// The reason, as a clause or a name.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Plain(text) => text,
            Self::LinkOut => "a symbolic link out of the folder",
            Self::Ignored => "ignored by git",
            Self::BySettings => "excluded by the settings",
        }
    }
}

/// Says what a walk leaves out. Paths are real ones.
pub trait Exclude: Sync {
    /// Why a folder with all that is in it is left out.
    fn folder(&self, path: &Path) -> Option<Why>;

    /// Why a file is left out that a walk met.
    fn file(&self, path: &Path) -> Option<Why>;

    /// Why a file or folder is left out although the user named it.
    fn named(&self, path: &Path) -> Option<Why>;
}

/// Leaves out nothing.
#[cfg(feature = "internals")]
#[derive(Clone, Copy, Debug)]
pub struct NoneExcluded;

#[cfg(feature = "internals")]
impl Exclude for NoneExcluded {
    fn folder(&self, _: &Path) -> Option<Why> {
        None
    }

    fn file(&self, _: &Path) -> Option<Why> {
        None
    }

    fn named(&self, _: &Path) -> Option<Why> {
        None
    }
}

/// What the user pointed at.
pub struct Targets<'e> {
    files: Vec<PathBuf>,
    folders: Vec<Root>,
    failed: Vec<(PathBuf, String)>,
    passed: Vec<(PathBuf, Why)>,
    exclude: &'e dyn Exclude,
    /// What git ignores, where that counts.
    ignored: Option<Ignored>,
    /// The real paths of the named files: the walk leaves them out.
    named: HashSet<PathBuf>,
}

#[derive(Clone, Debug)]
struct Root {
    /// As the user gave it.
    path: PathBuf,
    real: PathBuf,
    /// Whether git ignores the folder itself: then it was named to be looked at.
    is_ignored: bool,
}

impl<'e> Targets<'e> {
    /// Sorts paths into files and folders, each once.
    #[must_use]
    pub fn new(paths: &[PathBuf], exclude: &'e dyn Exclude) -> Self {
        Self::with(paths, exclude, None)
    }

    /// The same, and the walk leaves out what git ignores.
    #[must_use]
    pub(crate) fn without_ignored(paths: &[PathBuf], exclude: &'e dyn Exclude) -> Self {
        Self::with(paths, exclude, Some(Ignored::default()))
    }

    fn with(paths: &[PathBuf], exclude: &'e dyn Exclude, ignored: Option<Ignored>) -> Self {
        let (files, folders, failed, passed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut targets = Self { files, folders, failed, passed, exclude, ignored, named: HashSet::new() };
        for path in paths {
            let real = path.canonicalize();
            if let Some(why) = real.as_ref().ok().and_then(|real| exclude.named(real)) {
                targets.passed.push((path.clone(), why));
                continue;
            }
            match real {
                Err(error) => targets.failed.push((path.clone(), cause(&error))),
                Ok(real) if real.is_dir() => {
                    if targets.folders.iter().all(|root| root.real != real) {
                        let is_ignored = targets.ignored.as_ref().is_some_and(|rules| rules.leaves_out(&real, true));
                        targets.folders.push(Root { path: path.clone(), real, is_ignored });
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
    pub(crate) fn is_one_file(&self) -> bool {
        self.files.len() == 1 && self.folders.is_empty()
    }

    /// Everything to look at, in no particular order.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + Send {
        let failed = self.failed.iter().map(|(path, why)| Candidate::Failed(path.clone(), why.clone()));
        let passed = self.passed.iter().map(|(path, why)| Candidate::Passed(path.clone(), *why));
        let named = self.files.iter().map(|path| Candidate::Named(path.clone()));
        failed.chain(passed).chain(named).chain(self.folders.iter().flat_map(|root| self.walk(root)))
    }

    fn walk<'a>(&'a self, root: &'a Root) -> impl Iterator<Item = Candidate> + Send + 'a {
        // What lies in one folder is told apart by the names alone.
        let by_name = |one: &DirEntry, two: &DirEntry| one.path().as_os_str().cmp(two.path().as_os_str());
        let mut walk = WalkDir::new(&root.path).sort_by(by_name).into_iter();
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
    fn pass_folder(&self, root: &Root, entry: &DirEntry) -> Option<Why> {
        if entry.depth() == 0 {
            return None;
        }
        let real = root.real.join(relative(root, entry.path()));
        if self.folders.iter().any(|other| other.real == real) {
            return Some(Why::Plain(WALKED_ALREADY));
        }
        let left = self.exclude.folder(&real).or_else(|| skipped(&real).map(Why::Plain));
        left.or_else(|| self.is_ignored(root, &real, true).then_some(Why::Ignored))
    }

    fn is_ignored(&self, root: &Root, real: &Path, is_folder: bool) -> bool {
        let rules = self.ignored.as_ref().filter(|_| !root.is_ignored);
        rules.is_some_and(|rules| rules.leaves_out(real, is_folder))
    }

    fn judge(&self, root: &Root, entry: DirEntry) -> Option<Candidate> {
        // Of files that can be nothing to lint by their name there are too many to tell of.
        if !has_input_extension(entry.file_name()) {
            return None;
        }
        let real = root.real.join(relative(root, entry.path()));
        if let Some(why) = self.exclude.file(&real) {
            return Some(Candidate::Passed(entry.into_path(), why));
        }
        // No other name of a file is skipped; most files need no look at their folder.
        if has_skipped_name(entry.file_name())
            && let Some(why) = skipped(&real)
        {
            return Some(Candidate::Passed(entry.into_path(), Why::Plain(why)));
        }
        let kind = entry.file_type();
        if kind.is_symlink() {
            return Some(self.judge_link(root, entry.into_path()));
        }
        if !kind.is_file() {
            return Some(Candidate::Passed(entry.into_path(), Why::Plain("no regular file")));
        }
        if self.named.contains(&real) {
            return None;
        }
        if self.is_ignored(root, &real, false) {
            return Some(Candidate::Passed(entry.into_path(), Why::Ignored));
        }
        Some(Candidate::Met(entry.into_path()))
    }

    /// A link is followed to a file below the root that the walk does not meet by itself.
    fn judge_link(&self, root: &Root, path: PathBuf) -> Candidate {
        let Ok(real) = path.canonicalize() else {
            return Candidate::Passed(path, Why::Plain("a symbolic link to nothing"));
        };
        let Ok(inside) = real.strip_prefix(&root.real) else {
            return Candidate::Passed(path, Why::LinkOut);
        };
        if !real.is_file() {
            return Candidate::Passed(path, Why::Plain("a symbolic link to a folder"));
        }
        if self.named.contains(&real) || self.meets(root, inside) {
            return Candidate::Passed(path, Why::Plain("a symbolic link to a file that is linted by itself"));
        }
        Candidate::Met(path)
    }

    /// Whether the walk meets the file at a path relative to its root.
    fn meets(&self, root: &Root, path: &Path) -> bool {
        let out = |folder: &Path| {
            let folder = root.real.join(folder);
            skipped(&folder).is_some() || self.exclude.folder(&folder).is_some()
        };
        let folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        let real = root.real.join(path);
        path.file_name().is_some_and(has_input_extension)
            && skipped(&real).is_none()
            && self.exclude.file(&real).is_none()
            && !folders.into_iter().any(out)
    }
}

const WALKED_ALREADY: &str = "walked by itself";

fn is_told(candidate: &Candidate) -> bool {
    !matches!(candidate, Candidate::Passed(_, Why::Plain(WALKED_ALREADY)))
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

/// Whether a walk leaves out a folder or file for what it is.
#[must_use]
pub fn is_left_out(path: &Path) -> bool {
    skipped(path).is_some()
}

/// The whole of a service that the Serverless Framework packaged, and the stack that it first makes for it.
const UPDATE_STACK: &str = "cloudformation-template-update-stack.json";
const CREATE_STACK: &str = "cloudformation-template-create-stack.json";

/// Whether files of that name may be skipped.
fn has_skipped_name(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"asset.") || name == CREATE_STACK
}

/// Why something is no source: a repository's own data, fetched packages, copies that a tool made.
fn skipped(path: &Path) -> Option<&'static str> {
    let folder = path.parent()?;
    let beside = |names: &[&str]| names.iter().any(|name| folder.join(name).is_file());
    match path.file_name()?.to_str()? {
        ".git" => Some("a repository's own data"),
        "node_modules" => Some("fetched packages"),
        ".terraform" | ".terragrunt-cache" => Some("fetched modules and providers"),
        ".aws-sam"
            if beside(&["template.yaml", "template.yml", "template.json", "samconfig.toml", "samconfig.yaml"]) =>
        {
            Some("what `sam build` made of the template beside it")
        }
        ".serverless"
            if beside(&["serverless.yml", "serverless.yaml", "serverless.json", "serverless.ts", "serverless.js"]) =>
        {
            Some("what `serverless package` made of the service beside it")
        }
        CREATE_STACK if beside(&[UPDATE_STACK]) => Some("the first step to the template beside it"),
        name if name.starts_with("asset.") => {
            (folder.file_name() == Some(OsStr::new("cdk.out"))).then_some("an asset of a CDK assembly")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
