//! The evaluator on whole configurations.

mod expressions;
mod free;
mod functions;
mod hostile;
mod modules;
mod policies;
mod wild;

use super::{Configuration, Facts, InstanceKey};
use crate::frontend::Files;
use crate::frontend::terraform::address::Address;
use crate::model::{Data, Entry, Notice, Piece, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::{FileId, SourceFile, Sources, Span};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Files in memory.
pub(super) struct Memory(BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    pub(super) fn of(files: &[(&str, &str)]) -> Memory {
        Memory(files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.keys().filter(|path| path.parent() == Some(folder)).cloned().collect())
    }
}

/// A plan that knows some variables and instances, and a made-up name for each bucket.
#[derive(Default)]
pub(super) struct Plan {
    variables: BTreeMap<String, Value>,
    instances: BTreeMap<String, Vec<InstanceKey>>,
    attributes: BTreeMap<String, Value>,
}

pub(super) fn nowhere() -> Span {
    Span::at(FileId(900), 0)
}

impl Plan {
    pub(super) fn variable(mut self, name: &str, data: Data) -> Plan {
        self.variables.insert(name.to_owned(), Value::new(nowhere(), data));
        self
    }

    pub(super) fn instances(mut self, address: &str, keys: &[InstanceKey]) -> Plan {
        self.instances.insert(address.to_owned(), keys.to_vec());
        self
    }

    pub(super) fn attribute(mut self, path: &str, data: Data) -> Plan {
        self.attributes.insert(path.to_owned(), Value::new(nowhere(), data));
        self
    }
}

impl Facts for Plan {
    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }

    fn attribute(&self, address: &str, attribute: &str) -> Option<Value> {
        if let Some(value) = self.attributes.get(&format!("{address}.{attribute}")) {
            return Some(value.clone());
        }
        let resource = Address::parse(address)?.resource?;
        if resource.data || resource.kind != "aws_s3_bucket" {
            return None;
        }
        let unknown = Unknown::new("made up at apply", nowhere(), "");
        let symbol = Symbol::new(address, SymbolKind::BucketName, format!("<{address}>"), unknown);
        let mut text = match attribute {
            "arn" => Text::literal("arn:aws:s3:::"),
            "id" | "bucket" => Text::default(),
            _ => return None,
        };
        text.push(&Text::hole(symbol));
        Some(Value::new(nowhere(), Data::Text(text)))
    }

    fn instances(&self, address: &str) -> Option<Vec<InstanceKey>> {
        self.instances.get(address).cloned()
    }
}

/// A configuration with its files.
pub(super) struct Loaded {
    pub(super) configuration: Configuration,
    pub(super) notices: Vec<Notice>,
    pub(super) sources: Sources,
}

pub(super) fn load(files: &[(&str, &str)]) -> Loaded {
    let mut sources = Sources::default();
    let (configuration, notices) = Configuration::load(&Memory::of(files), Path::new("infra"), &mut sources).unwrap();
    Loaded { configuration, notices, sources }
}

impl Loaded {
    pub(super) fn argument(&self, address: &str, argument: &str, plan: &Plan) -> Value {
        self.configuration.argument(address, argument, plan).unwrap()
    }

    pub(super) fn text(&self, span: Span) -> &str {
        self.sources.get(span.file).map_or("", |source: &std::sync::Arc<SourceFile>| source.slice(span))
    }
}

/// A value as JSON-like text. Unknowns are `?(cause)`.
pub(super) fn shown(value: &Value) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Absent => "absent".to_owned(),
        Data::Bool(flag) => flag.to_string(),
        Data::Number(number) => number.clone(),
        Data::Text(text) => {
            let piece = |piece: &Piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Hole(symbol) => symbol.shown().to_owned(),
            };
            format!("{:?}", text.pieces().iter().map(piece).collect::<String>())
        }
        Data::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(",")),
        Data::Map(entries) => {
            let entry = |entry: &Entry| format!("{}:{}", entry.key, shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        Data::Json(inner) => format!("json({})", shown(inner)),
        Data::Choice { .. } => "choice".to_owned(),
        Data::Unknown(unknown) => format!("?({})", unknown.cause),
    }
}

/// What an expression comes to in a module with these declarations.
pub(super) fn eval_in(declarations: &str, expression: &str, plan: &Plan) -> String {
    let text = format!("{declarations}\nresource \"test\" \"it\" {{\n  value = {expression}\n}}\n");
    let loaded = load(&[("infra/main.tf", &text)]);
    assert_eq!(loaded.notices, [], "{expression}");
    shown(&loaded.argument("test.it", "value", plan))
}

pub(super) fn eval(expression: &str) -> String {
    eval_in("", expression, &Plan::default())
}
