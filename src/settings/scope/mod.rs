//! Which settings hold where: the nearest file upwards, as far as the repository goes.

use super::{FILE_NAMES, Globs, Settings, read};
use crate::discover::{self, Exclude, Why};
use crate::frontend::normal;
use crate::source::{Sources, Span, decode, relative};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The most bytes of a settings file: it is written by hand.
const LARGEST: u64 = 1024 * 1024;

/// Where a run starts, and what its user says of settings.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The files and folders that are linted.
    pub paths: Vec<PathBuf>,
    /// The one settings file that holds for all of them.
    pub config: Option<PathBuf>,
    /// No settings file holds.
    pub isolated: bool,
    /// What else is left out, relative to the current folder.
    pub exclude: Globs,
    /// Whether files are left out that are named.
    pub force_exclude: bool,
}

/// A settings file that holds for the files below its folder.
#[derive(Debug, Default)]
pub struct Scope {
    /// How the file is shown; `None` where none holds.
    pub file: Option<String>,
    /// The real path of the folder that its paths and patterns are relative to.
    pub folder: PathBuf,
    /// What it says.
    pub settings: Settings,
    /// What is wrong with it: then nothing that it holds for is linted.
    pub errors: Vec<SettingsError>,
    /// The file's text, for the places in it.
    pub sources: Sources,
}

/// What is wrong with a settings file.
#[derive(Clone, Debug)]
pub struct SettingsError {
    /// The file, as shown.
    pub file: String,
    /// What: lower case, no full stop.
    pub message: String,
    /// Where; `None` for the file as a whole.
    pub span: Option<Span>,
}

/// The settings of a run, found as they are asked for.
#[derive(Debug)]
pub struct Scopes {
    start: Start,
    /// The current folder.
    here: PathBuf,
    /// The one that holds for everything, if one does.
    fixed: Option<Arc<Scope>>,
    /// Folders outside of every repository above which nothing is looked for.
    tops: Vec<PathBuf>,
    /// By the folder's real path.
    known: Mutex<HashMap<PathBuf, Arc<Scope>>>,
    /// The folder that was asked for last: a walk asks for each of its files.
    last: Mutex<Option<(PathBuf, Arc<Scope>)>>,
    /// Real paths of folders by the path under which they were asked for.
    folders: Mutex<HashMap<PathBuf, PathBuf>>,
}

impl Scopes {
    /// Looks at nothing but the file that is named.
    ///
    /// # Errors
    /// Where the current folder is gone.
    pub fn new(start: Start) -> io::Result<Self> {
        let here = discover::real_folder(Path::new(""))?;
        let fixed = match &start.config {
            _ if start.isolated => Some(Scope { folder: here.clone(), ..Scope::default() }),
            Some(config) => Some(named(config, &here)),
            None => None,
        };
        let mut tops: Vec<_> = start.paths.iter().filter_map(|path| discover::folder_of(path)).collect();
        tops.push(here.clone());
        tops.retain(|top| discover::repository(top).is_none());
        let fixed = fixed.map(Arc::new);
        let (known, last, folders) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(Self { start, here, fixed, tops, known, last, folders })
    }

    /// The settings that hold for the run as a whole: those nearest to the current folder.
    #[must_use]
    pub(crate) fn of_run(&self) -> Arc<Scope> {
        self.of_folder(&self.here)
    }

    /// The settings that hold for a file, and its path relative to them. The file need not be there (standard input).
    #[must_use]
    pub fn of_file(&self, path: &Path) -> (Arc<Scope>, String) {
        let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().unwrap_or_default());
        let real = self.real(folder);
        let scope = self.of_folder(&real);
        let relative = relative(&scope.folder, &real.join(name));
        (scope, relative)
    }

    /// The names of the deployments that a file is part of.
    #[must_use]
    pub(crate) fn deployments_of(&self, path: &Path) -> Vec<String> {
        let run = self.of_run();
        if run.settings.deployments.is_empty() {
            return Vec::new();
        }
        let path = self.relative(&run, path);
        let named = run.settings.deployments.iter().filter(|one| one.files.covers_file(&path));
        named.map(|one| one.name.clone()).collect()
    }

    /// A path relative to some settings.
    #[must_use]
    pub fn relative(&self, scope: &Scope, path: &Path) -> String {
        let real = self.real(path.parent().unwrap_or(Path::new(""))).join(path.file_name().unwrap_or_default());
        relative(&scope.folder, &real)
    }

    /// Whether everything was walked that some settings hold for.
    #[must_use]
    pub(crate) fn are_whole(&self, scope: &Scope) -> bool {
        let walked = |path: &PathBuf| discover::real_folder(path).is_ok_and(|path| scope.folder.starts_with(path));
        self.start.paths.iter().any(walked)
    }

    /// All settings that were asked for and that a file gives, by their paths.
    #[must_use]
    pub fn met(&self) -> Vec<Arc<Scope>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let all = known.values().chain(&self.fixed).filter(|scope| scope.file.is_some());
        all.map(|scope| (scope.file.clone(), Arc::clone(scope))).collect::<BTreeMap<_, _>>().into_values().collect()
    }

    fn real(&self, folder: &Path) -> PathBuf {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(real) = folders.get(folder) {
            return real.clone();
        }
        let real = discover::real_folder(folder).unwrap_or_else(|_| normal(&self.here.join(folder)));
        folders.insert(folder.to_owned(), real.clone());
        real
    }

    /// The settings that hold in a folder, given by its real path.
    fn of_folder(&self, folder: &Path) -> Arc<Scope> {
        if let Some(fixed) = &self.fixed {
            return Arc::clone(fixed);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, scope)) = last.as_ref().filter(|(asked, _)| asked.as_os_str() == folder.as_os_str()) {
            return Arc::clone(scope);
        }
        let scope = self.nearest(folder);
        *last = Some((folder.to_owned(), Arc::clone(&scope)));
        scope
    }

    fn nearest(&self, folder: &Path) -> Arc<Scope> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut below = Vec::new();
        let mut found = None;
        for folder in folder.ancestors() {
            found = known.get(folder).cloned();
            if found.is_some() {
                break;
            }
            below.push(folder);
            found = self.in_folder(folder).map(Arc::new);
            if found.is_some() || self.is_top(folder) {
                break;
            }
        }
        let scope = found.unwrap_or_else(|| Arc::new(Scope { folder: self.here.clone(), ..Scope::default() }));
        known.extend(below.into_iter().map(|folder| (folder.to_owned(), Arc::clone(&scope))));
        scope
    }

    /// Whether nothing is looked for above a folder.
    fn is_top(&self, folder: &Path) -> bool {
        let mut above = self.tops.iter().filter(|top| folder.starts_with(top)).map(PathBuf::as_path);
        discover::is_repository(folder) || above.next() == Some(folder) && above.all(|top| top == folder)
    }

    /// The settings whose file stands in a folder itself.
    fn in_folder(&self, folder: &Path) -> Option<Scope> {
        let files = discover::named_in(folder, &FILE_NAMES);
        match files.as_slice() {
            [] => None,
            [file] => Some(self.read(file, folder)),
            [file, other, ..] => {
                let other = other.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let message = format!("stands beside `{other}`: keep one of them, or name one with `--config`");
                Some(broken(relative(&self.here, file), folder, message))
            }
        }
    }

    fn read(&self, file: &Path, folder: &Path) -> Scope {
        let bytes = discover::read_beside(file, LARGEST);
        scope(relative(&self.here, file), folder, bytes)
    }
}

/// A settings file that the user names.
fn named(config: &Path, here: &Path) -> Scope {
    let folder = discover::real_folder(config.parent().unwrap_or(Path::new(""))).unwrap_or_else(|_| here.to_owned());
    let shown = config.strip_prefix(".").unwrap_or(config).to_string_lossy().into_owned();
    scope(shown, &folder, discover::read_beside(config, LARGEST))
}

fn scope(shown: String, folder: &Path, bytes: io::Result<Vec<u8>>) -> Scope {
    let text = match bytes.map(decode) {
        Err(error) => return broken(shown, folder, discover::cause(&error)),
        Ok(Err(error)) => return broken(shown, folder, error.to_string()),
        Ok(Ok(text)) => text,
    };
    let mut sources = Sources::default();
    // It may hold values of parameters, and it may not be a settings file at all.
    let source = sources.add_confidential(shown.clone(), text);
    let (settings, errors) = match read(&source) {
        Ok(settings) => (settings, Vec::new()),
        Err(errors) => (Settings::default(), errors),
    };
    let error = |error: crate::syntax::SyntaxError| SettingsError {
        file: shown.clone(),
        message: error.message,
        span: Some(error.span),
    };
    let errors = errors.into_iter().map(error).collect();
    Scope { file: Some(shown.clone()), folder: folder.to_owned(), settings, errors, sources }
}

fn broken(file: String, folder: &Path, message: String) -> Scope {
    let errors = vec![SettingsError { file: file.clone(), message, span: None }];
    Scope { file: Some(file), folder: folder.to_owned(), errors, ..Scope::default() }
}

const BY_OPTION: Why = Why::Plain("excluded by `--exclude`");
const BROKEN: Why = Why::Plain("its settings cannot be read");

impl Exclude for Scopes {
    fn folder(&self, path: &Path) -> Option<Why> {
        self.excluded(path, Globs::covers_folder)
    }

    fn file(&self, path: &Path) -> Option<Why> {
        let broken = || (!self.of_folder(path.parent().unwrap_or(path)).errors.is_empty()).then_some(BROKEN);
        self.excluded(path, Globs::matches).or_else(broken)
    }

    fn named(&self, path: &Path) -> Option<Why> {
        if self.start.force_exclude { self.excluded(path, Globs::covers_file) } else { None }
    }
}

impl Scopes {
    fn excluded(&self, path: &Path, covers: fn(&Globs, &str) -> bool) -> Option<Why> {
        let by = |globs: &Globs, folder: &Path| !globs.is_empty() && covers(globs, &relative(folder, path));
        if by(&self.start.exclude, &self.here) {
            return Some(BY_OPTION);
        }
        let scope = self.of_folder(path.parent().unwrap_or(path));
        by(&scope.settings.exclude, &scope.folder).then_some(Why::BySettings)
    }
}

#[cfg(test)]
mod tests;
