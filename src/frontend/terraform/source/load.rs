//! Modules from folders, or from the snapshot in a binary plan.

use super::config::{Contents, Module, walk};
use super::tree::{Block, Broken, Kind, Part};
use super::{read, read_json};
use crate::frontend::Files;
use crate::frontend::{normal, spelled};
use crate::model::Notice;
use crate::source::{SourceFile, Sources, Span};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How many modules a configuration may have, and how deeply they may call one another.
const MODULES: usize = 2_000;
const DEPTH: usize = 24;
/// How many folders a module may name in its strings, and how many files are read from them.
const FOLDERS: usize = 32;
const TEXTS: usize = 256;

/// The modules of one run of `load`.
pub(super) struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    notices: Vec<Notice>,
    installed: BTreeMap<String, Installed>,
    root: PathBuf,
    folders: BTreeMap<PathBuf, Option<Arc<Contents>>>,
    missing: Vec<MissingModule>,
    count: usize,
}

/// A module that is called and could not be read.
#[derive(Clone, Debug)]
pub struct MissingModule {
    /// The names of the calls that lead to it, from the root module.
    pub names: Vec<String>,
    /// Its `source`, where it is written as plain text.
    pub source: Option<String>,
    /// Which versions of it are wanted, where that is written as plain text.
    pub version: Option<String>,
    /// Which, why, and what to do, as a sentence without full stop.
    pub message: String,
    /// The header of its call.
    pub span: Span,
}

/// What came of reading a configuration.
pub(super) struct Loaded {
    pub(super) root: Arc<Module>,
    pub(super) notices: Vec<Notice>,
    pub(super) missing: Vec<MissingModule>,
}

/// `.terraform/modules/modules.json`.
#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Modules", default)]
    modules: Vec<Installed>,
}

#[derive(Clone, Deserialize)]
struct Installed {
    #[serde(rename = "Key", default)]
    key: String,
    #[serde(rename = "Dir", default)]
    folder: String,
}

impl<'a> Loader<'a> {
    pub(super) fn new(files: &'a dyn Files, root: &Path, sources: &'a mut Sources) -> Self {
        let manifest = files.read(&root.join(".terraform/modules/modules.json")).ok();
        let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        let installed = manifest.map(|manifest| manifest.modules).unwrap_or_default();
        Self {
            files,
            sources,
            notices: Vec::new(),
            installed: installed.into_iter().map(|module| (module.key.clone(), module)).collect(),
            root: root.to_owned(),
            folders: BTreeMap::new(),
            missing: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn run(mut self) -> Option<Loaded> {
        let root = self.root.clone();
        let root = self.module(&root, &mut Vec::new(), false)?;
        Some(Loaded { root, notices: self.notices, missing: self.missing })
    }

    fn module(&mut self, folder: &Path, names: &mut Vec<String>, remote: bool) -> Option<Arc<Module>> {
        self.count += 1;
        if self.count > MODULES || names.len() > DEPTH {
            return None;
        }
        let contents = self.contents(folder)?;
        let mut children = BTreeMap::new();
        for (name, call) in &contents.calls {
            names.push(name.clone());
            let source = Contents::source_of(call);
            let child = self.child_folder(folder, names, source.as_deref());
            let module = match &child {
                Some((child, is_remote)) => self.module(child, names, remote || *is_remote),
                None => None,
            };
            match module {
                Some(module) => {
                    children.insert(name.clone(), module);
                }
                None => self.miss(names, call, child.map(|(folder, _)| folder)),
            }
            names.pop();
        }
        Some(Arc::new(Module { contents, remote, children }))
    }

    /// Notes that a module could not be read.
    fn miss(&mut self, names: &[String], call: &Block, folder: Option<PathBuf>) {
        if self.missing.len() >= MODULES {
            return;
        }
        let name = names.join(".");
        let source = Contents::source_of(call);
        let message = match (source.as_deref(), folder) {
            (Some(source), Some(folder)) if is_local(source) => {
                let why = match self.files.list(listed(&folder)) {
                    Ok(_) => "no Terraform source is in it".to_owned(),
                    Err(error) => format!("it {error}"),
                };
                format!(
                    "module `{name}` is not read: its source `{source}` leads to `{}`, and {why}; run in a folder above \
                     both, or in the repository that holds them",
                    spelled(&folder)
                )
            }
            (source, _) => {
                let source = source.map(|source| format!(" (`{source}`)")).unwrap_or_default();
                format!("module `{name}`{source} is not at hand: run `terraform init` in this folder")
            }
        };
        let version = Contents::text_of(call, "version");
        self.missing.push(MissingModule { names: names.to_vec(), source, version, message, span: call.header });
    }

    /// Where a called module lies, and whether it was installed from elsewhere.
    fn child_folder(&self, folder: &Path, names: &[String], source: Option<&str>) -> Option<(PathBuf, bool)> {
        let local = source.filter(|source| is_local(source));
        if let Some(installed) = self.installed.get(&names.join(".")) {
            // A manifest written on Windows has its own separators.
            let child = normal(&self.root.join(installed.folder.replace('\\', "/")));
            return Some((child, source.is_some() && local.is_none()));
        }
        local.map(|source| (normal(&folder.join(source)), false))
    }

    fn contents(&mut self, folder: &Path) -> Option<Arc<Contents>> {
        let key = normal(folder);
        if let Some(known) = self.folders.get(&key) {
            return known.clone();
        }
        let contents = self.read_folder(folder).map(Arc::new);
        self.folders.insert(key, contents.clone());
        contents
    }

    fn read_folder(&mut self, folder: &Path) -> Option<Contents> {
        let paths = self.files.list(listed(folder)).ok()?;
        let mut contents = Contents { folder: folder.to_owned(), ..Contents::default() };
        let mut parsed = 0;
        let mut names: Vec<(&PathBuf, bool)> =
            paths.iter().filter_map(|path| Some((path, overriding(path)?))).collect();
        let all: BTreeSet<&PathBuf> = paths.iter().collect();
        names.retain(|(path, _)| instead_of(path).is_none_or(|tofu| !all.contains(&tofu)));
        for pass in [false, true] {
            for (path, _) in names.iter().filter(|(_, overriding)| *overriding == pass) {
                parsed += 1;
                let source = match self.source(path) {
                    Ok(source) => source,
                    Err(why) => {
                        contents.incomplete = true;
                        let empty = self.sources.add(spelled(path), "");
                        let message = format!("this file cannot be read: {why}");
                        let notice = Notice { message, span: start_of(&empty) };
                        contents.broken.push(notice.clone());
                        self.notices.push(notice);
                        continue;
                    }
                };
                add_file(&source, pass, &mut contents, &mut self.notices);
            }
        }
        if parsed == 0 {
            return None;
        }
        self.read_texts(&mut contents);
        Some(contents)
    }

    /// Reads a file as text.
    fn source(&mut self, path: &Path) -> Result<Arc<SourceFile>, String> {
        let bytes = self.files.read(path).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        Ok(self.sources.add(spelled(path), text))
    }

    /// Reads what `file` and `templatefile` may name: their paths may be put together from pieces, so that it is the
    /// files of the folders which stand in the module's strings. Nothing outside of the module's and the root
    /// module's folder is read.
    fn read_texts(&mut self, contents: &mut Contents) {
        let Some(named) = named_folders(contents) else { return };
        let (own, root) = (normal(&contents.folder), normal(&self.root));
        let mut folders = BTreeSet::from([own.clone()]);
        for name in named.iter().take(FOLDERS) {
            folders.insert(normal(&own.join(name)));
            folders.insert(normal(&root.join(name)));
        }
        for folder in folders.into_iter().filter(|folder| inside(folder, &own) || inside(folder, &root)) {
            let Ok(paths) = self.files.list(listed(&folder)) else { continue };
            for path in paths.iter().filter(|path| may_be_text(path)) {
                if contents.texts.len() >= TEXTS {
                    return;
                }
                if let Ok(source) = self.source(path) {
                    contents.texts.insert(normal(path), source);
                }
            }
        }
    }
}

/// Adds what a file holds; one that cannot be read costs itself only.
fn add_file(source: &Arc<SourceFile>, overriding: bool, contents: &mut Contents, notices: &mut Vec<Notice>) {
    let (body, broken) = if source.has_extension(&["json"]) { read_json::body(source) } else { read::body(source) };
    let mut broken = broken;
    for block in body.blocks {
        if let Some(message) = contents.refusal(&block, overriding) {
            broken.push(Broken { notice: Notice { message, span: block.header }, may_matter: true });
        }
        contents.add(block, overriding);
    }
    contents.incomplete |= !broken.is_empty();
    let matter = broken.iter().filter(|part| part.may_matter).map(|part| part.notice.clone());
    contents.broken.extend(matter);
    notices.extend(broken.into_iter().map(|part| part.notice));
}

/// The modules of a binary plan's snapshot: `""`, `logs`, `outer.inner`, with the path and text of their files.
pub(super) fn snapshot(modules: Vec<(String, Vec<(String, String)>)>, sources: &mut Sources) -> Loaded {
    let mut notices = Vec::new();
    let mut all = BTreeMap::new();
    for (name, files) in modules.into_iter().take(MODULES) {
        let mut contents = Contents::default();
        if let Some((path, _)) = files.first() {
            contents.folder = Path::new(path).parent().map(Path::to_owned).unwrap_or_default();
        }
        let mut files: Vec<(bool, Arc<SourceFile>)> = files
            .into_iter()
            .filter_map(|(path, text)| Some((overriding(Path::new(&path))?, sources.add(path, text))))
            .collect();
        files.sort_by(|one, two| (one.0, one.1.path()).cmp(&(two.0, two.1.path())));
        for (overriding, source) in files {
            add_file(&source, overriding, &mut contents, &mut notices);
        }
        all.insert(name, Arc::new(contents));
    }
    Loaded { root: tree_of(&all, "", false, 0), notices, missing: Vec::new() }
}

fn tree_of(all: &BTreeMap<String, Arc<Contents>>, name: &str, remote: bool, depth: usize) -> Arc<Module> {
    let contents = all.get(name).cloned().unwrap_or_default();
    let mut children = BTreeMap::new();
    for (call, block) in contents.calls.iter().filter(|_| depth < DEPTH) {
        let child = if name.is_empty() { call.clone() } else { format!("{name}.{call}") };
        if all.contains_key(&child) {
            let is_remote = Contents::source_of(block).is_some_and(|source| !is_local(&source));
            children.insert(call.clone(), tree_of(all, &child, remote || is_remote, depth + 1));
        }
    }
    Arc::new(Module { contents, remote, children })
}

/// The current folder has a name of its own.
fn listed(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Whether a normal path is that of a folder or lies in it.
fn inside(path: &Path, folder: &Path) -> bool {
    path.strip_prefix(folder).is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_))))
}

fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|start| source.starts_with(start)) || matches!(source, "." | "..")
}

/// Whether a file is laid over the others; `None` for what is no source.
fn overriding(path: &Path) -> Option<bool> {
    let name = path.file_name()?.to_str()?;
    let stem = [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().find_map(|end| name.strip_suffix(end))?;
    let hidden = name.starts_with('.') || name.ends_with('~') || name.starts_with('#');
    (!hidden).then(|| stem == "override" || stem.ends_with("_override"))
}

/// The file that `OpenTofu` takes instead of one of Terraform's, where there is one
/// (<https://opentofu.org/docs/language/files/>): whoever has both runs the former.
fn instead_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let ends = [(".tf.json", ".tofu.json"), (".tf", ".tofu")];
    let (stem, tofu) = ends.iter().find_map(|(tf, tofu)| Some((name.strip_suffix(tf)?, tofu)))?;
    Some(path.with_file_name(format!("{stem}{tofu}")))
}

fn may_be_text(path: &Path) -> bool {
    const ENDS: [&str; 11] = ["json", "tpl", "tftpl", "tmpl", "template", "policy", "txt", "iam", "yaml", "yml", "csv"];
    overriding(path).is_none() && path.extension().and_then(|end| end.to_str()).is_some_and(|end| ENDS.contains(&end))
}

/// The folders in the strings of a module that reads files; `None` where it reads none.
fn named_folders(contents: &Contents) -> Option<BTreeSet<String>> {
    let mut reads = contents.resources.keys().any(|name| name.starts_with("data.template_file."));
    let mut folders = BTreeSet::new();
    walk(contents, &mut |expression| match &expression.kind {
        Kind::Call(call) => reads |= call.name.starts_with("file") || call.name == "templatefile",
        Kind::Template(parts) => {
            for part in parts {
                if let Part::Literal(located) = part
                    && let Some((folder, _)) = located.text.rsplit_once('/')
                    && folder.len() < 200
                    && !folder.contains(|c: char| c.is_whitespace() || ":*\"{}".contains(c))
                {
                    folders.insert(folder.trim_start_matches('/').to_owned());
                }
            }
        }
        _ => {}
    });
    folders.remove("");
    reads.then_some(folders)
}

/// The start of a file.
pub(super) fn start_of(source: &SourceFile) -> Span {
    Span::at(source.id(), 0)
}
