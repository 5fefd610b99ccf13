//! What a repository's `.gitignore` files leave out.
//!
//! These are a stranger's files, as all others are: what git tracks is never left out, whatever they say, and neither
//! is a CDK assembly, which is mostly ignored and still what is deployed. `.ignore` files, the user's own excludes and
//! links instead of files do not count. See <https://git-scm.com/docs/gitignore>.

use super::index::Tracked;
use super::is_repository;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The most bytes of a `.gitignore` that counts. People write a few thousand.
const LARGEST: u64 = 128 * 1024;

/// What is ignored below some folders.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    /// By real path; `None` where there is no repository around.
    folders: Mutex<HashMap<PathBuf, Option<Arc<Folder>>>>,
}

#[derive(Debug)]
struct Folder {
    rules: Option<Gitignore>,
    /// The folder above, within the repository.
    above: Option<Arc<Folder>>,
    repository: Arc<Repository>,
}

#[derive(Debug)]
struct Repository {
    root: PathBuf,
    tracked: OnceLock<Tracked>,
}

impl Ignored {
    /// Whether a file or folder, by its real path, is ignored, nothing of it tracked, and no part of a CDK assembly.
    pub(super) fn leaves_out(&self, path: &Path, is_folder: bool) -> bool {
        let Some(folder) = path.parent().and_then(|folder| self.folder(folder)) else { return false };
        folder.ignores(path, is_folder)
            && !folder.repository.tracks(path)
            && !in_assembly(path, &folder.repository.root)
    }

    fn folder(&self, path: &Path) -> Option<Arc<Folder>> {
        let known = |path: &Path| {
            let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            folders.get(path).cloned()
        };
        let mut missing = Vec::new();
        let mut above = None;
        for folder in path.ancestors() {
            if let Some(found) = known(folder) {
                above = found;
                break;
            }
            let is_root = is_repository(folder);
            missing.push((folder, is_root));
            if is_root {
                break;
            }
        }
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        for (folder, is_root) in missing.into_iter().rev() {
            above = Folder::load(folder, is_root, above).map(Arc::new);
            folders.insert(folder.to_owned(), above.clone());
        }
        above
    }
}

impl Folder {
    fn load(path: &Path, is_root: bool, above: Option<Arc<Self>>) -> Option<Self> {
        if is_root {
            let repository = Repository { root: path.to_owned(), tracked: OnceLock::new() };
            return Some(Self { rules: rules(path), above: None, repository: Arc::new(repository) });
        }
        let above = above?;
        Some(Self { rules: rules(path), repository: Arc::clone(&above.repository), above: Some(above) })
    }

    /// The nearest file that says something of a path, or of a folder above it, decides.
    fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let mut folder = Some(self);
        while let Some(one) = folder {
            match one.rules.as_ref().map(|rules| rules.matched_path_or_any_parents(path, is_folder)) {
                Some(Match::Ignore(_)) => return true,
                Some(Match::Whitelist(_)) => return false,
                Some(Match::None) | None => folder = one.above.as_deref(),
            }
        }
        false
    }
}

impl Repository {
    fn tracks(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.root) else { return true };
        self.tracked.get_or_init(|| Tracked::of(&self.root)).holds(below)
    }
}

/// The rules of the `.gitignore` in a folder. A pattern that is none says nothing.
fn rules(folder: &Path) -> Option<Gitignore> {
    let file = folder.join(".gitignore");
    let met = file.symlink_metadata().ok()?;
    if !met.is_file() || met.len() > LARGEST {
        return None;
    }
    let text = String::from_utf8(super::read(&file, LARGEST).ok()?).ok()?;
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.lines() {
        // A line that is no pattern is passed over by git too.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// Whether a path is, or lies in, a folder that CDK synthesized.
fn in_assembly(path: &Path, root: &Path) -> bool {
    let folders = path.ancestors().take_while(|folder| folder.starts_with(root));
    folders.into_iter().any(|folder| folder.join("cdk.out").is_file() && folder.join("manifest.json").is_file())
}
