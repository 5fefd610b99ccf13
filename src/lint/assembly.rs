//! Cloud assemblies among the inputs of a run: what their manifests say of the templates beside them.

use super::read::{ReadInput, assembly};
use crate::frontend::cdk::{self, Assembly};
use crate::frontend::{Files, normal};
use crate::link::Stack;
use crate::report::FileReport;
use crate::report::NoticeRecord;
use crate::source::{Sources, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tells inputs apart by the assemblies that they lie in: stacks, and templates that only stacks deploy. Looks for the
/// manifest of a template that was named without it.
pub(super) fn assemble(inputs: &mut [ReadInput], mut assemblies: Vec<Assembly>, files: &dyn Files) {
    let known: BTreeSet<PathBuf> = assemblies.iter().map(|assembly| assembly.folder.clone()).collect();
    let mut looked: BTreeSet<PathBuf> = known.clone();
    for input in inputs.iter().filter(|input| input.path.ends_with(".template.json")) {
        let folder = normal(Path::new(&input.path)).parent().map(Path::to_owned).unwrap_or_default();
        let manifest = folder.join(cdk::MANIFEST);
        if looked.insert(folder)
            && let Ok(bytes) = files.read(&manifest)
            && let Ok(text) = String::from_utf8(bytes)
        {
            assemblies.extend(assembly(&manifest.to_string_lossy(), &text));
        }
    }
    assemblies.sort_by(|one, two| one.folder.cmp(&two.folder));
    let mut stacks: BTreeMap<PathBuf, Stack> = BTreeMap::new();
    for (number, assembly) in (0..).zip(&assemblies) {
        let mut assets = HashMap::new();
        for path in &assembly.assets {
            if let Ok(bytes) = files.read(path) {
                assets.extend(cdk::assets(&String::from_utf8_lossy(&bytes), &assembly.folder));
            }
        }
        let assets = Arc::new(assets);
        for stack in &assembly.stacks {
            let of_run = Stack {
                assembly: number,
                name: stack.name.clone(),
                environment: stack.environment.clone(),
                known: stack.known.clone(),
                assets: Arc::clone(&assets),
            };
            stacks.insert(normal(&stack.template), of_run);
        }
    }
    let folders: BTreeSet<&PathBuf> = assemblies.iter().map(|assembly| &assembly.folder).collect();
    for input in inputs.iter_mut().filter(|input| input.frontend.is_linked()) {
        let path = normal(Path::new(&input.path));
        input.stack = stacks.get(&path).cloned();
        // A template that was named is linted, whatever the manifest says of it.
        let inside = path.ancestors().skip(1).any(|folder| folders.contains(&folder.to_owned()));
        input.nested_only |= inside && input.stack.is_none() && !input.named;
    }
}

/// What is said of a template of an assembly that nothing deploys.
pub(super) fn left_over(path: String, file: Span, sources: &Sources) -> FileReport {
    let message = "skipped: the manifest of its assembly deploys it nowhere, so it is left over from an earlier one";
    let notices = vec![NoticeRecord::new(message, file, sources)];
    FileReport { path, notices, ..FileReport::default() }
}
