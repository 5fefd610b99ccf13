//! Which files may be edited.

use super::super::run::Run;
use crate::frontend::normal;
use crate::source::{Edit, FileId, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files that may be edited: texts of inputs, and source of folders that is the user's own. A module that several
/// folders call is read for each of them, and edited as one file.
pub(super) struct Editable {
    first: BTreeMap<FileId, FileId>,
}

impl Editable {
    pub(super) fn of(run: &Run) -> Self {
        let folders: BTreeSet<u32> =
            run.inputs.iter().filter(|input| input.is_folder()).map(|input| input.file.id().input()).collect();
        let texts: BTreeSet<FileId> =
            run.inputs.iter().filter(|input| input.frontend.is_linked()).map(|input| input.file.id()).collect();
        let mut by_path: BTreeMap<PathBuf, FileId> = BTreeMap::new();
        let mut first = BTreeMap::new();
        for file in run.sources.iter() {
            let id = file.id();
            if texts.contains(&id) || (folders.contains(&id.input()) && is_source(Path::new(file.path()))) {
                first.insert(id, *by_path.entry(normal(Path::new(file.path()))).or_insert(id));
            }
        }
        Self { first }
    }

    /// The edits, each in the first reading of its file; `None` where one is in no file that may be edited.
    pub(super) fn same_for_all(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        let same = |edit: Edit| {
            let file = *self.first.get(&edit.span.file)?;
            Some(Edit { span: Span { file, ..edit.span }, ..edit })
        };
        edits.into_iter().map(same).collect()
    }
}

/// Whether a file that a folder of source reads is the user's own, and says what is deployed, not with which values.
fn is_source(path: &Path) -> bool {
    let own = !path.components().any(|part| part.as_os_str() == ".terraform");
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    own && ![".tfvars", ".tfvars.json", ".tfstate"].iter().any(|end| name.ends_with(end))
}
