//! What ties the files of a run: which of them may change what is said of another. It is told from each template as it
//! stands, and rather too many are tied than too few: only files that are tied need to be linted together.

use super::index::is_settled_in_part;
use super::listed::Listed;
use super::locate::wanted;
use super::{Deployment, Stack};
use crate::model::{Data, Met, Name, Piece, Scope, Symbol, SymbolKind, Template, Text, Unknown, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What a file has that others may need, and what it may need of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTies {
    pub(super) offers: BTreeSet<Key>,
    pub(super) wants: BTreeSet<Key>,
    /// Names of buckets and exports.
    pub(super) names: BTreeSet<Named>,
    /// The same of what it deploys, where that is handed more than it says by itself.
    pub(super) deployed: BTreeSet<Named>,
    /// Files that it may deploy.
    pub(super) paths: Vec<PathBuf>,
    /// Names of exports of which it is known what they are, and of those of which it is not.
    pub(super) exports: Vec<(String, bool)>,
    /// Its policies are on what these exports are; where one is not known, they may be on any bucket of its folder.
    pub(super) on_imports: Vec<String>,
    /// Whether a policy may be on any bucket of its folder in any case.
    pub(super) is_loose: bool,
    /// Whether it belongs to an assembly, or says what does: all below its folder does then.
    pub(super) is_of_assembly: bool,
    pub(super) folder: PathBuf,
}

/// Names of which something is said in a deployment.
#[derive(Debug, Default)]
pub struct Names(pub(super) BTreeSet<Named>);

impl Names {
    /// What is said of names where templates are handed what they are, by the number of the file that is deployed by
    /// itself: a parameter that is all of a name says nothing of it without that.
    #[must_use]
    pub(crate) fn in_deployment(deployment: &Deployment) -> BTreeMap<u32, Self> {
        let mut said: BTreeMap<u32, FileTies> = BTreeMap::new();
        let mut roots: HashMap<Scope, u32> = HashMap::new();
        let listed = Listed::of(&deployment.templates);
        for (place, template) in deployment.places.iter().zip(&deployment.templates) {
            if let Some(root) = deployment.places.get(place.root).filter(|_| place.in_tree || place.stack.is_some()) {
                let file = root.scope.file.input();
                roots.insert(place.scope, file);
                said.entry(file).or_default().say(template, false, &Own::of(template, &listed));
            }
        }
        let own = Own { buckets: HashMap::new(), listed: &listed };
        for (symbol, value) in &deployment.choices {
            if let Some(ties) = roots.get(&symbol.scope()).and_then(|root| said.get_mut(root)) {
                ties.choice(value, &own);
            }
        }
        said.into_iter().map(|(file, ties)| (file, Self(ties.names))).collect()
    }
}

/// A template, with what is known of its file.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// What was read of it.
    pub template: &'a Template,
    /// Whether it is a whole deployment by itself.
    pub whole: bool,
    /// The groups of the settings that it is in.
    pub groups: &'a [String],
    /// The stack that an assembly makes of it.
    pub stack: Option<&'a Stack>,
    /// Whether it may belong to an assembly.
    pub is_of_assembly: bool,
}

/// Something known by which files are tied.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    /// The last part of a file's path.
    File(String),
    /// An output, by its name.
    Output(String),
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
}

/// A name, as far as it is known, of which something is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) side: Side,
    /// Its unknowns may be anything, each by itself.
    pub(super) text: Text,
}

/// What a file says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// It exports something under it.
    Exports,
    /// It imports what is exported under it.
    Imports,
    /// It declares a bucket of that name, or hands the name on.
    Has,
    /// It has a policy on a bucket of that name, or may get one.
    IsOn,
    /// It hands the name on: that counts where somebody takes what it hands on.
    HandsOn,
}

impl Side {
    /// Whether two files are tied where they say this of one name.
    pub(super) fn meets(self, other: Self) -> bool {
        use Side::{Exports, HandsOn, Has, Imports, IsOn};
        matches!(
            (self, other),
            (Exports, Imports)
                | (Imports, Exports)
                | (Has, IsOn | HandsOn)
                | (IsOn, Has | HandsOn)
                | (HandsOn, Has | IsOn | HandsOn)
        )
    }
}

/// A text whose unknowns may be anything, each by itself; unknowns of two sides are two.
pub(super) fn with_unknowns(text: &Text, side: &str) -> Text {
    let mut out = Text::default();
    for (index, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Hole(symbol) => {
                let name = Name::Expression(format!("{side}{index}").into());
                let unknown = Unknown::new("", symbol.unknown().span, "");
                out.push(&Text::hole(Symbol::new(name, SymbolKind::Free, "", unknown)));
            }
        }
    }
    out
}

/// What stands for something in a template.
struct Own<'a> {
    /// Its buckets.
    buckets: HashMap<&'a Symbol, Option<&'a Text>>,
    /// The parameters that its names may hang on.
    listed: &'a Listed<'a>,
}

impl<'a> Own<'a> {
    fn of(template: &'a Template, listed: &'a Listed<'a>) -> Self {
        let buckets = template.buckets.iter().map(|bucket| (&bucket.symbol, bucket.name.as_ref()));
        Self { buckets: buckets.collect(), listed }
    }

    /// A text with the names of the template's buckets put in.
    fn put_in(&self, text: &Text) -> Text {
        text.substitute(&|symbol| self.buckets.get(symbol).copied().flatten().cloned())
    }

    /// Whether a text is one of the template's buckets.
    fn holds(&self, text: &Text) -> bool {
        text.as_symbol().is_some_and(|symbol| self.buckets.contains_key(symbol))
    }

    /// Whether a text is one of the template's buckets by its known name.
    fn has_name(&self, text: &Text) -> bool {
        text.as_literal().is_some() && self.buckets.values().any(|name| *name == Some(text))
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
    /// The ties of both: of a template that is read in two ways, or that stands inside of another one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.offers.extend(other.offers);
        self.wants.extend(other.wants);
        self.names.extend(other.names);
        self.paths.extend(other.paths);
        self.on_imports.extend(other.on_imports);
        self.is_loose |= other.is_loose;
        let exports = other.exports.into_iter().filter(|export| !self.exports.contains(export));
        let exports: Vec<_> = exports.collect();
        self.exports.extend(exports);
        self
    }

    /// Whether it asks nothing of others: others may still ask something of it.
    #[must_use]
    pub(crate) fn is_quiet(&self) -> bool {
        let own: BTreeSet<&Text> = self.of_side(Side::Has).collect();
        let asks = self.names.iter().any(|named| match named.side {
            Side::Has => false,
            Side::IsOn => !own.contains(&named.text),
            Side::Exports | Side::Imports | Side::HandsOn => true,
        });
        let is_deployed_with = self.is_of_assembly || !self.paths.is_empty() || !self.wants.is_empty();
        !asks && !is_deployed_with && !self.is_loose && self.on_imports.is_empty()
    }

    /// All names of which something is said.
    pub(super) fn all_names(&self) -> impl Iterator<Item = &Named> {
        self.names.union(&self.deployed)
    }

    fn of_side(&self, side: Side) -> impl Iterator<Item = &Text> {
        self.names.iter().filter(move |named| named.side == side).map(|named| &named.text)
    }

    /// The ties of a file that says what is deployed from its folder, and of no more than that.
    #[must_use]
    pub(crate) fn over_folder(path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { is_of_assembly: true, folder, ..Self::default() }
    }

    /// The ties of a template.
    #[must_use]
    pub fn of(standing: &Standing<'_>) -> Self {
        let Standing { path, template, whole, groups, stack, is_of_assembly } = *standing;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut ties = Self { folder: folder.clone(), is_of_assembly, ..Self::default() };
        for group in groups {
            ties.offers.insert(Key::Group(group.clone()));
            ties.wants.insert(Key::Group(group.clone()));
        }
        if let (false, Some(name)) = (whole, path.file_name()) {
            ties.offers.insert(Key::File(name.to_string_lossy().into_owned()));
        }
        for (offers, key) in [
            (!whole && !template.buckets.is_empty(), Key::Folder(folder.clone())),
            (template.outputs.iter().any(|output| output.export.is_some()), Key::Exports(folder)),
        ] {
            ties.offers.extend(offers.then_some(key));
        }
        let listed = Listed::of([template]);
        let own = Own::of(template, &listed);
        ties.say(template, whole, &own);
        ties.deploy(path, template, stack, &own);
        ties
    }

    /// What a template says of names.
    fn say(&mut self, template: &Template, whole: bool, own: &Own<'_>) {
        for bucket in &template.buckets {
            let Some(name) = &bucket.name else { continue };
            let name = own.put_in(name);
            if name.as_literal().is_none() && !whole {
                self.offers.insert(Key::OpenNames(self.folder.clone()));
            }
            self.bucket(&name, own);
        }
        for policy in &template.policies {
            self.policy(&policy.bucket, own);
        }
        for (_, value) in &template.choices {
            self.choice(value, own);
        }
        for output in template.outputs.iter() {
            self.offers.insert(Key::Output(output.name.clone()));
            each_text(&output.value, &mut |text| self.named(&own.put_in(text), Side::HandsOn, own));
            if let Some(export) = &output.export {
                self.export(export, own.is_settled(&output.value), own);
            }
        }
        self.import(template, own);
    }

    /// One of the names of a bucket, which is handed on with it.
    fn choice(&mut self, value: &Value, own: &Own<'_>) {
        each_text(value, &mut |text| {
            let name = own.put_in(text);
            self.bucket(&name, own);
            self.named(&name, Side::HandsOn, own);
        });
    }

    /// The name of a bucket. It may get a policy, and another bucket of that name with it.
    fn bucket(&mut self, name: &Text, own: &Own<'_>) {
        self.named(name, Side::Has, own);
        if name.as_literal().is_some() {
            self.named(name, Side::IsOn, own);
        }
    }

    /// What a policy says that it is on.
    fn policy(&mut self, bucket: &Value, own: &Own<'_>) {
        let mut texts = false;
        each_text(bucket, &mut |text| {
            texts = true;
            let likely = text.substitute(&|symbol| symbol.unknown().likely.as_ref()?.scalar_text());
            if likely != *text {
                self.named(&own.put_in(&likely), Side::IsOn, own);
            }
            let imported = match text.as_symbol().map(Symbol::name) {
                Some(Name::Import(name)) => name.as_literal(),
                _ => None,
            };
            match imported {
                // It may be exported as a literal, which is the name of any bucket of the folder whose own is not known.
                Some(name) => {
                    self.on_imports.push(name.to_owned());
                    self.wants.insert(Key::OpenNames(self.folder.clone()));
                }
                // Of these it is known on which bucket it is; only an equal name ties it to another.
                None if own.holds(text) || own.has_name(text) => {
                    let name = own.put_in(text);
                    if name.as_literal().is_some() {
                        self.named(&name, Side::IsOn, own);
                    }
                    return;
                }
                None if text.as_literal().is_some() => {
                    self.wants.insert(Key::OpenNames(self.folder.clone()));
                }
                None => self.is_loose = true,
            }
            self.named(&own.put_in(text), Side::IsOn, own);
        });
        let mut is_unknown = !texts;
        bucket.visit(&mut |met| {
            is_unknown |= matches!(met, Met::Value(Value { data: Data::Unknown(_), .. }));
            true
        });
        self.is_loose |= is_unknown;
    }

    /// Something that is said of a name, where something is known of it.
    fn named(&mut self, text: &Text, side: Side, own: &Own<'_>) {
        let known = if text.as_literal().is_some() { vec![text.clone()] } else { own.listed.known(text) };
        self.names.extend(known.iter().map(|text| Named { side, text: with_unknowns(text, "") }));
    }

    fn export(&mut self, name: &Value, is_settled: bool, own: &Own<'_>) {
        for (_, name) in name.sides() {
            let text = name.scalar_text();
            match text.as_ref().map(|text| (text.as_literal(), is_settled_in_part(text))) {
                Some((Some(name), _)) => {
                    self.named(&Text::literal(name), Side::Exports, own);
                    self.exports.push((name.to_owned(), is_settled));
                }
                Some((None, true)) => text.iter().for_each(|text| self.named(text, Side::Exports, own)),
                None if matches!(name.data, Data::Absent) => {}
                Some((None, false)) | None => {
                    self.offers.insert(Key::OpenExports(self.folder.clone()));
                }
            }
        }
    }

    fn deploy(&mut self, path: &Path, template: &Template, stack: Option<&Stack>, own: &Own<'_>) {
        for nested in &template.nested {
            let paths = wanted(path, nested, stack);
            let names = paths.iter().filter_map(|path| path.file_name());
            self.wants.extend(names.map(|name| Key::File(name.to_string_lossy().into_owned())));
            self.paths.extend(paths);
            each_text(&nested.arguments, &mut |text| {
                self.named(&own.put_in(text), Side::HandsOn, own);
                for piece in text.pieces() {
                    if let Piece::Literal(literal) = piece {
                        // A name, or an ARN, of the bucket or of what is in it.
                        let name = literal.rsplit(":::").next().unwrap_or(literal);
                        let name = name.split('/').next().unwrap_or(name);
                        self.named(&Text::literal(name), Side::HandsOn, own);
                    }
                }
            });
        }
    }

    /// All that is imported, wherever it stands.
    fn import(&mut self, template: &Template, own: &Own<'_>) {
        template.visit(&mut |met| {
            if let Met::Text(text) = met {
                text.symbols().for_each(|symbol| self.imported(symbol.whole(), own));
            }
            true
        });
    }

    fn imported(&mut self, symbol: &Symbol, own: &Own<'_>) {
        match symbol.name() {
            Name::Import(name) => {
                self.wants.insert(Key::OpenExports(self.folder.clone()));
                self.named(name, Side::Imports, own);
                if name.as_literal().is_none() && !is_settled_in_part(name) {
                    self.wants.insert(Key::Exports(self.folder.clone()));
                }
            }
            Name::StackOutput(output) => {
                self.wants.extend(output.output.as_literal().map(|name| Key::Output(name.to_owned())));
            }
            _ => {}
        }
    }
}
