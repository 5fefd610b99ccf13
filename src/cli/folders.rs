//! Folders of Terraform source: which of them are linted by themselves.

use super::look::{Look, Looked};
use crate::discover::{self, shown};
use crate::frontend::{normal, terraform};
use crate::lint::{self, ReadInput};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The largest file of source that is looked at, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The source files of a folder.
#[derive(Default)]
struct Folder {
    /// Whether the user named one of them.
    named: bool,
    files: Vec<PathBuf>,
}

/// What the texts of a folder tell without being parsed.
struct Glance {
    folder: PathBuf,
    named: bool,
    /// Whether it may have to do with buckets.
    concerns: bool,
    /// The folders that its modules may come from.
    calls: Vec<PathBuf>,
}

impl Look<'_> {
    /// Looks at the folders that source files were met in: at root modules, which no other folder of the run calls, and
    /// for which no plan of the run speaks.
    pub(super) fn look_at_folders(&self, met: Vec<(PathBuf, bool)>, reads: &[ReadInput]) -> Vec<Looked> {
        let mut folders: BTreeMap<PathBuf, Folder> = BTreeMap::new();
        for (path, named) in met {
            let folder = folders.entry(normal(path.parent().unwrap_or(Path::new("")))).or_default();
            folder.named |= named;
            folder.files.push(path);
        }
        let folders: Vec<(PathBuf, Folder)> = folders.into_iter().collect();
        let glances: Vec<Glance> = folders.into_par_iter().map(|(path, folder)| glance(path, &folder)).collect();
        let called: BTreeSet<&PathBuf> = glances.iter().flat_map(|glance| &glance.calls).collect();
        let planned: BTreeSet<PathBuf> = reads.iter().filter_map(ReadInput::covers).map(normal).collect();
        let is_root = |glance: &&Glance| {
            let by_itself = glance.named || glance.concerns && !called.contains(&glance.folder);
            by_itself && !planned.contains(&glance.folder)
        };
        // The numbers of files are counted from the other end.
        let roots: Vec<(u32, &Glance)> = (0..u32::MAX).rev().zip(glances.iter().filter(is_root)).collect();
        roots.into_par_iter().map(|(number, glance)| self.look_at_folder(glance, number)).collect()
    }

    fn look_at_folder(&self, glance: &Glance, number: u32) -> Looked {
        let deployments = self.scopes.deployments_of(&glance.folder);
        match lint::read_folder(&glance.folder, number, deployments, self.options, self.disk) {
            Some(lint::Read::Template(read)) => Looked::Read(read),
            Some(lint::Read::Done(report)) => Looked::At(report),
            Some(lint::Read::PassedOver(why)) => self.passed(|| shown(&glance.folder), &why),
            Some(lint::Read::Assembly(_)) | None => {
                self.passed(|| shown(&glance.folder), "its Terraform source cannot be read")
            }
        }
    }
}

fn glance(folder: PathBuf, found: &Folder) -> Glance {
    let mut glance = Glance { named: found.named, concerns: false, calls: Vec::new(), folder };
    for path in &found.files {
        let Ok(bytes) = discover::read(path, LARGEST) else { continue };
        glance.concerns |= terraform::may_concern(&bytes);
        glance.calls.extend(terraform::called_folders(&glance.folder, &String::from_utf8_lossy(&bytes)));
    }
    glance
}
