//! Cloud assemblies among the files of a session: what their manifests say of the templates beside them.

use super::read::ReadInput;
use crate::frontend::{self, Assembly, Files, normal};
use crate::link::Stack;
use crate::report::FileReport;
use crate::report::NoticeRecord;
use crate::source::{Sources, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The manifest of an assembly, with those of its assets.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    assembly: Assembly,
    /// Files by the last part of the key that each is uploaded under.
    assets: Arc<HashMap<String, PathBuf>>,
}

impl Manifest {
    /// Reads the text of a file; `None` where it is no manifest of an assembly.
    pub(super) fn read(path: &str, text: &str, files: &dyn Files) -> Option<Self> {
        let assembly = frontend::assembly(Path::new(path), text)?;
        let mut assets = HashMap::new();
        for path in &assembly.assets {
            if let Ok(bytes) = files.read(path) {
                assets.extend(assembly.files_of(&String::from_utf8_lossy(&bytes)));
            }
        }
        Some(Self { assembly, assets: Arc::new(assets) })
    }

    /// The folder of the assembly.
    fn folder(&self) -> &Path {
        &self.assembly.folder
    }

    /// The manifests of assets that it names.
    pub(super) fn parts(&self) -> &[PathBuf] {
        &self.assembly.assets
    }

    /// What is said of the templates and the assemblies that it names and that are not at hand.
    pub(super) fn not_at_hand(&self, path: &str, is_at_hand: impl Fn(&Path) -> bool) -> Option<FileReport> {
        let templates = self.assembly.stacks.iter().map(|stack| normal(&stack.template));
        let stages = self.assembly.nested.iter().cloned();
        let missing = templates.chain(stages).filter(|path| !is_at_hand(path));
        let message = |missing: PathBuf| {
            let name = missing.strip_prefix(normal(self.folder())).unwrap_or(&missing).display().to_string();
            format!(
                "`{name}` is not at hand, so that what this assembly deploys from it is not linted: run `cdk synth` again"
            )
        };
        let notices: Vec<NoticeRecord> = missing.map(|one| NoticeRecord::of_file(path, message(one))).collect();
        let is_told = !notices.is_empty();
        is_told.then(|| FileReport { path: path.to_owned(), notices, is_unread: true, ..FileReport::default() })
    }

    /// Its stacks, each with the path of its template. `number` tells it apart from other assemblies.
    pub(super) fn stacks(&self, number: u32) -> impl Iterator<Item = (PathBuf, Stack)> {
        self.assembly.stacks.iter().map(move |stack| {
            let of_run = Stack {
                assembly: number,
                name: stack.name.clone(),
                environment: stack.environment.clone(),
                known: stack.known.clone(),
                parameters: stack.parameters.clone(),
                assets: Arc::clone(&self.assets),
            };
            (normal(&stack.template), of_run)
        })
    }
}

/// Tells inputs apart by the assemblies that they lie in: stacks, and templates that only stacks deploy.
pub(super) fn assemble(inputs: &mut [ReadInput], manifests: &[Manifest]) {
    if manifests.is_empty() {
        return;
    }
    let mut manifests: Vec<&Manifest> = manifests.iter().collect();
    manifests.sort_by(|one, two| one.assembly.folder.cmp(&two.assembly.folder));
    let deployed = deployed(&manifests);
    let each = (0..).zip(&manifests).filter(|(_, manifest)| deployed.contains(manifest.folder()));
    let stacks = by_template(each.flat_map(|(number, manifest)| manifest.stacks(number)));
    let folders: BTreeSet<&Path> = manifests.iter().map(|manifest| manifest.folder()).collect();
    for input in inputs.iter_mut().filter(|input| input.frontend.is_linked()) {
        let path = normal(Path::new(&input.path));
        input.stacks = stacks.get(&path).cloned().unwrap_or_default();
        // A template that was named is linted, whatever the manifest says of it.
        let inside = path.ancestors().skip(1).any(|folder| folders.contains(folder));
        input.nested_only |= inside && input.stacks.is_empty() && !input.named;
    }
}

/// Stacks by their templates: several may be made of one.
pub(super) fn by_template(stacks: impl Iterator<Item = (PathBuf, Stack)>) -> BTreeMap<PathBuf, Vec<Stack>> {
    let mut all: BTreeMap<PathBuf, Vec<Stack>> = BTreeMap::new();
    for (template, stack) in stacks {
        all.entry(template).or_default().push(stack);
    }
    all
}

/// The folders of assemblies that are deployed: of one that lies inside of another, only where that one names it. CDK
/// never deletes the folders of stages that are no more.
fn deployed<'m>(manifests: &[&'m Manifest]) -> BTreeSet<&'m Path> {
    let by_folder: BTreeMap<&Path, &Manifest> = manifests.iter().map(|one| (one.folder(), *one)).collect();
    let mut deployed: BTreeSet<&Path> = BTreeSet::new();
    // In this order what lies around an assembly comes before it.
    for folder in by_folder.keys() {
        let around = folder.ancestors().skip(1).find_map(|above| by_folder.get(above));
        let is_named =
            |around: &Manifest| around.assembly.nested.iter().any(|named| named.parent() == Some(&normal(folder)));
        if around.is_none_or(|around| deployed.contains(around.folder()) && is_named(around)) {
            deployed.insert(folder);
        }
    }
    deployed
}

/// What is said of a template of an assembly that nothing deploys.
pub(super) fn left_over(path: String, file: Span, sources: &Sources) -> FileReport {
    let message = "skipped: the manifest of its assembly deploys it nowhere, so it is left over from an earlier one";
    let notices = vec![NoticeRecord::new(message, file, sources)];
    FileReport { path, notices, ..FileReport::default() }
}
