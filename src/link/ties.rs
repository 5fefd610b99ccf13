//! What ties the files of a run: which of them may change what is said of another. It is told from each template as it
//! stands, and rather too many are tied than too few: only files that are tied need to be linted together.

use super::index::is_settled_in_part;
use super::locate::{sides, wanted};
use crate::model::{Data, Met, Name, Piece, Symbol, SymbolKind, Template, Text, Value};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What a file has that others may need, and what it may need of others.
#[derive(Clone, Debug, Default)]
pub struct FileTies {
    pub(super) offers: BTreeSet<Key>,
    pub(super) wants: BTreeSet<Key>,
    /// The same with unknowns, by what it is.
    pub(super) patterns: Vec<Pattern>,
    /// Files that it may deploy.
    pub(super) paths: Vec<PathBuf>,
    /// Names of exports of which it is known what they are, and of those of which it is not.
    pub(super) exports: Vec<(String, bool)>,
    /// Its policies are on what these exports are; where one is not known, they may be on any bucket of its folder.
    pub(super) on_imports: Vec<String>,
    /// Whether a policy may be on any bucket of its folder in any case.
    pub(super) is_loose: bool,
    pub(super) folder: PathBuf,
}

/// Something known by which files are tied.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    /// The last part of a file's path.
    File(String),
    /// An export, by its name.
    Export(String),
    /// An output, by its name.
    Output(String),
    /// The name of a bucket.
    Bucket(String),
    /// A name that an output or an argument hands on.
    Carried(String),
    /// The buckets in a folder.
    Folder(PathBuf),
    /// The buckets in a folder of which the name is not known.
    OpenNames(PathBuf),
    /// The exports in a folder.
    Exports(PathBuf),
    /// The exports in a folder of whose names nothing is known.
    OpenExports(PathBuf),
    /// A group of the settings, by its name.
    Group(String),
    /// All that is in a folder, at any depth.
    Under(PathBuf),
}

impl Key {
    /// The name that it is, and whether that is of an export.
    pub(super) fn name(&self) -> Option<(bool, &str)> {
        match self {
            Key::Export(name) => Some((true, name)),
            Key::Bucket(name) | Key::Carried(name) => Some((false, name)),
            _ => None,
        }
    }
}

/// A name with unknowns, of an export or of a bucket.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) is_export: bool,
    /// The name as it is offered, and as it is wanted: unknowns of two files are two.
    pub(super) offered: Option<Text>,
    pub(super) wanted: Option<Text>,
}

impl Pattern {
    fn new(is_export: bool, text: &Text, offered: bool, wanted: bool) -> Self {
        Self {
            is_export,
            offered: offered.then(|| with_unknowns(text, "offered")),
            wanted: wanted.then(|| with_unknowns(text, "wanted")),
        }
    }
}

/// A text whose unknowns may be anything, each by itself.
fn with_unknowns(text: &Text, side: &str) -> Text {
    let mut out = Text::default();
    for (index, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Hole(symbol) => {
                let name = Name::Expression(format!("{side}{index}").into());
                out.push(&Text::hole(Symbol::new(name, SymbolKind::Free, "", symbol.unknown().clone())));
            }
        }
    }
    out
}

/// The buckets of a template, by what stands for them.
struct Own<'a>(HashMap<&'a Symbol, Option<&'a Text>>);

impl<'a> Own<'a> {
    fn of(template: &'a Template) -> Self {
        Self(template.buckets.iter().map(|bucket| (&bucket.symbol, bucket.name.as_ref())).collect())
    }

    /// A text with the names of the template's buckets put in.
    fn put_in(&self, text: &Text) -> Text {
        text.substitute(&|symbol| self.0.get(symbol).copied().flatten().cloned())
    }

    /// Whether a text is one of the template's buckets.
    fn holds(&self, text: &Text) -> bool {
        text.as_symbol().is_some_and(|symbol| self.0.contains_key(symbol))
    }

    /// Whether it is known of a value which bucket it names.
    fn is_settled(&self, value: &Value) -> bool {
        value.scalar_text().is_some_and(|text| self.holds(&text) || text.as_literal().is_some())
    }
}

/// All texts that a value may be, those that are likely too.
fn each_text(value: &Value, see: &mut impl FnMut(&Text)) {
    value.visit(&mut |met| {
        if let Met::Value(Value { data: Data::Text(text), .. }) = met {
            see(text);
        }
        // What decides between two is no name.
        !matches!(met, Met::Condition(_))
    });
}

impl FileTies {
    /// The ties of a file that says what is deployed from its folder, and of no more than that.
    #[must_use]
    pub fn over_folder(path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { wants: BTreeSet::from([Key::Under(folder.clone())]), folder, ..Self::default() }
    }

    /// The ties of the template of the file at `path`; `groups` are those of the settings that it is in.
    #[must_use]
    pub fn of(path: &Path, template: &Template, whole: bool, groups: &[String]) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut ties = Self { folder: folder.clone(), ..Self::default() };
        for group in groups {
            ties.offers.insert(Key::Group(group.clone()));
            ties.wants.insert(Key::Group(group.clone()));
        }
        ties.offers.extend(path.ancestors().skip(1).map(|folder| Key::Under(folder.to_owned())));
        // The manifest beside a synthesized template is looked for.
        if path.to_string_lossy().ends_with(".template.json") {
            ties.wants.insert(Key::Under(folder.clone()));
        }
        if let (false, Some(name)) = (whole, path.file_name()) {
            ties.offers.insert(Key::File(name.to_string_lossy().into_owned()));
        }
        let own = Own::of(template);
        for bucket in &template.buckets {
            if !whole {
                ties.offers.insert(Key::Folder(folder.clone()));
            }
            let Some(name) = &bucket.name else { continue };
            let name = own.put_in(name);
            if name.as_literal().is_none() && !whole {
                ties.offers.insert(Key::OpenNames(folder.clone()));
            }
            ties.name(&name, true, false);
        }
        for policy in &template.policies {
            ties.policy(&policy.bucket, &own);
        }
        for (_, value) in &template.choices {
            each_text(value, &mut |text| ties.name(&own.put_in(text), true, true));
        }
        for output in &template.outputs {
            ties.offers.insert(Key::Output(output.name.clone()));
            each_text(&output.value, &mut |text| ties.name(&own.put_in(text), true, true));
            if let Some(export) = &output.export {
                ties.offers.insert(Key::Exports(folder.clone()));
                ties.export(export, own.is_settled(&output.value));
            }
        }
        ties.deploy(path, template, &own);
        ties.import(template);
        ties
    }

    /// What a policy says that it is on.
    fn policy(&mut self, bucket: &Value, own: &Own<'_>) {
        let mut texts = false;
        each_text(bucket, &mut |text| {
            texts = true;
            let likely = text.substitute(&|symbol| symbol.unknown().likely.as_ref()?.scalar_text());
            if likely != *text {
                self.name(&own.put_in(&likely), false, true);
            }
            let imported = match text.as_symbol().map(Symbol::name) {
                Some(Name::Import(name)) => name.as_literal(),
                _ => None,
            };
            match imported {
                Some(name) => self.on_imports.push(name.to_owned()),
                None if own.holds(text) => {}
                None if text.as_literal().is_some() => {
                    self.wants.insert(Key::OpenNames(self.folder.clone()));
                }
                None => self.is_loose = true,
            }
            self.name(&own.put_in(text), false, true);
        });
        let mut is_unknown = !texts;
        bucket.visit(&mut |met| {
            is_unknown |= matches!(met, Met::Value(Value { data: Data::Unknown(_), .. }));
            true
        });
        self.is_loose |= is_unknown;
    }

    /// A name that a bucket has, or that something is on.
    fn name(&mut self, text: &Text, offered: bool, wanted: bool) {
        match text.as_literal() {
            Some(name) => self.known_name(name, offered, wanted),
            None if is_settled_in_part(text) => {
                self.patterns.push(Pattern::new(false, text, offered, wanted));
            }
            None => {}
        }
    }

    /// What is handed on is offered and wanted.
    fn known_name(&mut self, name: &str, offered: bool, wanted: bool) {
        let (bucket, carried) = (Key::Bucket(name.to_owned()), Key::Carried(name.to_owned()));
        match (offered, wanted) {
            (true, true) => {
                self.offers.insert(carried.clone());
                self.wants.insert(carried);
            }
            (true, false) => {
                self.offers.insert(bucket);
            }
            (false, true) => {
                self.wants.insert(bucket);
            }
            (false, false) => {}
        }
    }

    fn export(&mut self, name: &Value, is_settled: bool) {
        for (_, name) in sides(name) {
            let text = name.scalar_text();
            match text.as_ref().map(|text| (text.as_literal(), is_settled_in_part(text))) {
                Some((Some(name), _)) => {
                    self.offers.insert(Key::Export(name.to_owned()));
                    self.exports.push((name.to_owned(), is_settled));
                }
                Some((None, true)) => self.patterns.extend(text.map(|text| Pattern::new(true, &text, true, false))),
                None if matches!(name.data, Data::Absent) => {}
                Some((None, false)) | None => {
                    self.offers.insert(Key::OpenExports(self.folder.clone()));
                }
            }
        }
    }

    fn deploy(&mut self, path: &Path, template: &Template, own: &Own<'_>) {
        for stack in &template.nested {
            let paths = wanted(path, stack, None);
            let names = paths.iter().filter_map(|path| path.file_name());
            self.wants.extend(names.map(|name| Key::File(name.to_string_lossy().into_owned())));
            self.paths.extend(paths);
            each_text(&stack.arguments, &mut |text| {
                self.name(&own.put_in(text), true, true);
                for piece in text.pieces() {
                    if let Piece::Literal(literal) = piece {
                        // A name, or an ARN, of the bucket or of what is in it.
                        let name = literal.rsplit(":::").next().unwrap_or(literal);
                        let name = name.split('/').next().unwrap_or(name);
                        self.known_name(name, true, true);
                    }
                }
            });
        }
    }

    /// All that is imported, wherever it stands.
    fn import(&mut self, template: &Template) {
        let mut see = |met: Met<'_>| {
            if let Met::Text(text) = met {
                let imports = text.symbols().filter(|one| matches!(one.name(), Name::Import(_) | Name::StackOutput(_)));
                for symbol in imports {
                    self.imported(symbol);
                }
            }
            true
        };
        for policy in &template.policies {
            policy.bucket.visit(&mut see);
            policy.document.visit(&mut see);
            policy.exists.visit(&mut see);
        }
        for bucket in &template.buckets {
            bucket.name.iter().for_each(|name| {
                see(Met::Text(name));
            });
            bucket.exists.visit(&mut see);
        }
        for output in &template.outputs {
            output.value.visit(&mut see);
            output.exists.visit(&mut see);
        }
        for stack in &template.nested {
            stack.arguments.visit(&mut see);
            stack.exists.visit(&mut see);
        }
        template.choices.iter().for_each(|(_, value)| value.visit(&mut see));
    }

    fn imported(&mut self, symbol: &Symbol) {
        match symbol.name() {
            Name::Import(name) => {
                self.wants.insert(Key::OpenExports(self.folder.clone()));
                match name.as_literal() {
                    Some(name) => {
                        self.wants.insert(Key::Export(name.to_owned()));
                    }
                    None if is_settled_in_part(name) => self.patterns.push(Pattern::new(true, name, false, true)),
                    None => {
                        self.wants.insert(Key::Exports(self.folder.clone()));
                    }
                }
            }
            Name::StackOutput(output) => {
                self.wants.extend(output.output.as_literal().map(|name| Key::Output(name.to_owned())));
            }
            _ => {}
        }
    }
}
