//! Folders that are read as a whole: which of them are linted by themselves.

use super::look::{Look, Looked};
use crate::discover::shown;
use crate::frontend::{Files, Frontend, frontend_of_folder, normal};
use crate::lint::Session;
use crate::threads;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The source files of a folder.
struct Folder {
    frontend: &'static dyn Frontend,
    /// Whether the user named one of them.
    named: bool,
    files: Vec<PathBuf>,
}

/// What the texts of a folder tell without being parsed.
struct Glance {
    folder: PathBuf,
    frontend: &'static dyn Frontend,
    named: bool,
    /// Whether it may have to do with buckets.
    concerns: bool,
    /// The folders that its modules may come from.
    calls: Vec<PathBuf>,
}

impl Look<'_> {
    /// Looks at the folders that source files were met in: at root modules, which no other folder of the run calls, and
    /// for which no plan of the run speaks.
    pub(super) fn look_at_folders(&self, met: Vec<(PathBuf, bool)>, session: &Session<'_>) -> Vec<Looked> {
        let mut folders: BTreeMap<PathBuf, Folder> = BTreeMap::new();
        for (path, named) in met {
            let Some(frontend) = frontend_of_folder(&path) else { continue };
            let new = || Folder { frontend, named: false, files: Vec::new() };
            let folder = folders.entry(normal(path.parent().unwrap_or(Path::new("")))).or_insert_with(new);
            folder.named |= named;
            folder.files.push(path);
        }
        let folders: Vec<(PathBuf, Folder)> = folders.into_iter().collect();
        let glance = |(path, folder): (PathBuf, Folder)| glance(path, &folder, session.files());
        let glances = threads::each(folders, 2, glance);
        let called: BTreeSet<&PathBuf> = glances.iter().flat_map(|glance| &glance.calls).collect();
        let planned: BTreeSet<PathBuf> = session.covered().map(normal).collect();
        let is_root = |glance: &&Glance| {
            let by_itself = glance.named || glance.concerns && !called.contains(&glance.folder);
            by_itself && !planned.contains(&glance.folder)
        };
        let roots: Vec<(u32, &Glance)> = (session.next()..).zip(glances.iter().filter(is_root)).collect();
        threads::each(roots, 2, |(number, glance)| self.look_at_folder(glance, number, session))
    }

    fn look_at_folder(&self, glance: &Glance, number: u32, session: &Session<'_>) -> Looked {
        match session.read_folder(number, &glance.folder, glance.frontend) {
            Some(opened) => Looked::Opened(opened.into()),
            None => self.passed(|| shown(&glance.folder), "its source cannot be read"),
        }
    }
}

fn glance(folder: PathBuf, found: &Folder, files: &dyn Files) -> Glance {
    let frontend = found.frontend;
    let mut glance = Glance { named: found.named, concerns: false, calls: Vec::new(), folder, frontend };
    for path in &found.files {
        let Ok(bytes) = files.read(path) else { continue };
        let of_file = frontend.glance(&glance.folder, &bytes);
        glance.concerns |= of_file.concerns;
        glance.calls.extend(of_file.calls);
    }
    glance
}
