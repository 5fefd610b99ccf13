//! What is known of a folder without a plan: the values of its variables, and how its buckets are called.

use super::super::address::Address;
use super::super::names;
use super::super::plan::Kind;
use super::super::source::{
    Asked, AskedPart, Configuration, Facts, InstanceKey, Laid, Shape, Variable, WORKSPACE, given_values,
};
use super::is_kind;
use crate::frontend::Inputs;
use crate::model::{
    Condition, Data, Domain, Entry, Name, Notice, Parameter, Part, Scope, Symbol, SymbolKind, Text, Unknown, Value,
};
use crate::source::{Sources, Span, decode};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is known without a plan: the values of variables that are given, and how the buckets are called.
pub(crate) struct FolderFacts {
    /// The values of variables, free ones included.
    given: BTreeMap<String, Value>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) buckets: HashMap<String, Identity>,
    /// What stands for names that hang on variables, with the names.
    pub(crate) choices: Vec<(Symbol, Value)>,
}

/// How a bucket is called.
pub(crate) struct Identity {
    pub(crate) symbol: Symbol,
    pub(crate) name: Option<Text>,
    /// What stands for the collections that it goes over.
    pub(crate) some: Vec<Symbol>,
}

impl Identity {
    /// The name where it is known, else what stands for it.
    fn reference(&self) -> Text {
        let known = self.name.clone().filter(|name| name.as_literal().is_some());
        known.unwrap_or_else(|| Text::hole(self.symbol.clone()))
    }
}

impl FolderFacts {
    pub(crate) fn new(
        configuration: &Configuration,
        folder: &Path,
        inputs: &Inputs<'_>,
        sources: &mut Sources,
        notices: &mut Vec<Notice>,
    ) -> Self {
        let mut facts =
            Self { given: BTreeMap::new(), parameters: Vec::new(), buckets: HashMap::new(), choices: Vec::new() };
        let mut take = |given: &mut BTreeMap<String, Value>, path: &Path| {
            let shown = crate::frontend::spelled(path);
            let read = inputs.files.read(path).map_err(|error| error.to_string());
            let text = match read.and_then(|bytes| decode(bytes).map_err(|error| error.to_string())) {
                Ok(text) => text,
                Err(why) => {
                    let empty = sources.add_confidential(shown, "");
                    let message = format!("the values in this file cannot be read: {why}");
                    notices.push(Notice { message, span: Span::at(empty.id(), 0) });
                    return;
                }
            };
            let source = sources.add_confidential(shown, text);
            let (values, found) = given_values(&source);
            given.extend(values);
            notices.extend(found);
        };
        // The order is Terraform's: later values win. What is given for the run or by settings is nearer than what lies
        // in the folder.
        for path in value_files(folder, inputs) {
            take(&mut facts.given, &path);
        }
        for variable in configuration.variables() {
            if let Some(text) = inputs.parameters.get(&variable.name) {
                let value = Value::new(variable.span, Data::Text(Text::literal(text.as_str())));
                facts.given.insert(variable.name, value);
            }
        }
        for path in inputs.var_files {
            take(&mut facts.given, path);
        }
        for variable in configuration.variables() {
            if facts.given.contains_key(&variable.name) || inputs.assume_defaults && variable.has_default {
                continue;
            }
            let value = facts.free(&variable.name, &variable.shape, &variable);
            facts.given.insert(variable.name, value);
        }
        let workspace = facts.workspace(configuration.start(), inputs);
        facts.given.insert(WORKSPACE.to_owned(), workspace);
        facts
    }

    /// The workspace that is selected: any, where none is given.
    ///
    /// See <https://developer.hashicorp.com/terraform/language/state/workspaces>.
    fn workspace(&mut self, place: Span, inputs: &Inputs<'_>) -> Value {
        if let Some(name) = inputs.parameters.get(WORKSPACE) {
            return Value::new(place, Data::Text(Text::literal(name.as_str())));
        }
        let (cause, remedy) =
            ("the workspace that is selected is not given", "give `terraform.workspace` with `--parameters`");
        let (scope, name) = (Scope::of(place.file), Name::Parameter(WORKSPACE.into()));
        let unknown = Unknown::new(cause, place, remedy);
        let symbol = Symbol::scoped(scope, name, SymbolKind::Free, format!("${{{WORKSPACE}}}"), unknown);
        let domain = Domain { shortest: 1, ..Domain::default() };
        let value = Value::new(place, Data::Text(Text::hole(symbol.clone())));
        self.parameters.push(Parameter {
            symbol,
            name: WORKSPACE.to_owned(),
            domain: domain.shared(),
            part: Part::Whole,
            default: None,
            is_secret: false,
        });
        value
    }

    /// The value of a variable, or of an attribute of one, that may be anything of its shape.
    fn free(&mut self, name: &str, shape: &Shape, variable: &Variable) -> Value {
        if let Shape::Object(attributes) = shape {
            let entry = |(key, shape): &(String, Shape)| Entry {
                key: key.clone(),
                key_span: variable.span,
                value: self.free(&format!("{name}.{key}"), shape, variable),
            };
            return Value::map_of(variable.span, attributes.iter().map(entry).collect());
        }
        let parameter = parameter(name, matches!(shape, Shape::Flag), variable);
        let value = Value::new(variable.span, Data::Text(Text::hole(parameter.symbol.clone())));
        self.parameters.push(parameter);
        value
    }

    /// The same with what validation rules say of single variables, and with what of them is not understood.
    pub(crate) fn bounded(mut self, asked: &[Asked]) -> Self {
        for rule in asked {
            match (&rule.parts, &rule.variable) {
                (None, Some(variable)) => self.leave_open(variable, rule),
                (Some(parts), _) if rule.exists == Condition::Always => {
                    for part in parts {
                        self.bound(part, rule);
                    }
                }
                _ => {}
            }
        }
        self
    }

    /// A rule that is not understood may keep out any value of its variable.
    fn leave_open(&mut self, variable: &str, rule: &Asked) {
        let unread = Arc::new(rule.unknown());
        let is_part = |one: &Parameter| {
            one.name.strip_prefix(variable).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        for parameter in self.parameters.iter_mut().filter(|one| is_part(one)) {
            Arc::make_mut(&mut parameter.domain).unread = Some(Arc::clone(&unread));
        }
    }

    fn bound(&mut self, part: &AskedPart, rule: &Asked) {
        let bound = match part {
            AskedPart::Within(symbol, domain) => Some((symbol, domain.clone())),
            AskedPart::Holds(_) => part.listed(),
        };
        let of = bound.and_then(|(symbol, domain)| {
            let parameter = self.parameters.iter_mut().find(|one| one.symbol == *symbol)?;
            Some((parameter, domain))
        });
        if let Some((parameter, domain)) = of {
            Arc::make_mut(&mut parameter.domain).meet(domain, &rule.unknown());
        }
    }

    pub(crate) fn with_buckets(mut self, configuration: &Configuration, laid: &[Laid]) -> Self {
        let mut buckets = HashMap::new();
        let mut choices = Vec::new();
        for one in laid.iter().filter(|one| is_kind(one, Kind::Bucket)) {
            let address = one.address.to_string();
            let Some(place) = configuration.place(&address) else { continue };
            let argument = |name: &str| configuration.argument(&address, name, &self);
            let name = name_of(&argument, &one.address, place.made_at.unwrap_or(place.span), &mut choices);
            let symbol = bucket_symbol(&address, name.as_ref(), place.span);
            buckets.insert(address, Identity { symbol, name, some: one.some.clone() });
        }
        self.buckets = buckets;
        self.choices = choices;
        self
    }
}

impl Facts for FolderFacts {
    fn variable(&self, name: &str) -> Option<Value> {
        self.given.get(name).cloned()
    }

    fn attribute(&self, address: &str, attribute: &str) -> Option<Value> {
        let bucket = self.buckets.get(address)?;
        let text = match attribute {
            "id" | "bucket" | "bucket_name" => bucket.reference(),
            "arn" => {
                let mut arn = Text::literal("arn:aws:s3:::");
                arn.push(&bucket.reference());
                arn
            }
            _ => return None,
        };
        Some(Value::new(bucket.symbol.unknown().span, Data::Text(text)))
    }

    fn instances(&self, _: &str) -> Option<Vec<InstanceKey>> {
        None
    }

    fn is_free(&self) -> bool {
        true
    }
}

/// `terraform.tfvars` and `*.auto.tfvars`, in the order in which they count.
fn value_files(folder: &Path, inputs: &Inputs<'_>) -> Vec<PathBuf> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let files = inputs.files.list(listed).unwrap_or_default();
    let rank = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        match name {
            "terraform.tfvars" => Some(0),
            "terraform.tfvars.json" => Some(1),
            name if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some(2),
            _ => None,
        }
    };
    let mut ranked: Vec<(u8, PathBuf)> = files.into_iter().filter_map(|path| Some((rank(&path)?, path))).collect();
    ranked.sort();
    ranked.into_iter().map(|(_, path)| path).collect()
}

fn parameter(name: &str, is_flag: bool, variable: &Variable) -> Parameter {
    let unknown = Unknown::new(
        format!("the value of variable `{name}` is not given"),
        variable.span,
        "give it with `--var-file`, or in `terraform.tfvars`",
    );
    let allowed = is_flag.then(|| vec!["true".to_owned(), "false".to_owned()]);
    let domain = Domain { allowed, ..Domain::default() };
    let scope = Scope::of(variable.span.file);
    let symbol =
        Symbol::scoped(scope, Name::Parameter(name.into()), SymbolKind::Free, format!("${{var.{name}}}"), unknown);
    let default = variable.default.clone().filter(|_| variable.name == name);
    Parameter { symbol, name: name.to_owned(), domain: domain.shared(), part: Part::Whole, default, is_secret: false }
}

/// What stands for a bucket, or for the name that the provider makes up.
pub(crate) fn bucket_symbol(address: &str, name: Option<&Text>, span: Span) -> Symbol {
    let kind = if name.is_none() { SymbolKind::BucketName } else { SymbolKind::Attribute };
    let unknown = Unknown::new(
        format!("the name of `{address}` is known only after apply"),
        span,
        "give the bucket a name with the argument `bucket`",
    );
    Symbol::scoped(Scope::of(span.file), Name::Bucket(address.into()), kind, format!("${{{address}}}"), unknown)
}

/// The name of a bucket; `None` where the provider makes one up.
pub(crate) fn name_of(
    argument: &dyn Fn(&str) -> Option<Value>,
    address: &Address,
    span: Span,
    choices: &mut Vec<(Symbol, Value)>,
) -> Option<Text> {
    let text = address.to_string();
    let symbol = |what: &str, why: &str, kind: SymbolKind| {
        let unknown = Unknown::new(format!("the name of `{text}` {why}"), span, "give it a literal name");
        let key = format!("terraform:{what}:{}:{text}", span.file.0);
        Symbol::new(key, kind, format!("${{{text}.bucket}}"), unknown)
    };
    match argument(names::of_bucket(address)) {
        None | Some(Value { data: Data::Null | Data::Absent, .. }) => {
            let prefix = argument(names::of_prefix(address))?.scalar_text()?;
            let rest = symbol("name", "is known only after apply, but for its start", SymbolKind::Attribute);
            let namespace = argument(names::NAMESPACE).and_then(|value| value.scalar_text());
            Some(names::prefixed(&prefix, rest, address, namespace.as_ref().and_then(Text::as_literal)))
        }
        Some(value) => match value.scalar_text() {
            Some(name) if name.as_literal() == Some("") => None,
            Some(name) => Some(name),
            None => {
                let made_up = symbol("made up", "is known only after apply", SymbolKind::BucketName);
                let symbol = symbol("name", "hangs on what is not known", SymbolKind::Attribute);
                if let Data::Choice { .. } = value.data {
                    choices.push((symbol.clone(), named_sides(&value, &Text::hole(made_up))));
                }
                Some(Text::hole(symbol))
            }
        },
    }
}

/// The sides of a choice of names, each a text; `made_up` stands for one that is not given, or not known.
fn named_sides(value: &Value, made_up: &Text) -> Value {
    if let Data::Choice { condition, then, otherwise } = &value.data {
        let (then, otherwise) = (named_sides(then, made_up), named_sides(otherwise, made_up));
        let (then, otherwise) = (Arc::new(then), Arc::new(otherwise));
        return Value::new(value.span, Data::Choice { condition: condition.clone(), then, otherwise });
    }
    let name = value.scalar_text().filter(|name| name.as_literal() != Some(""));
    Value::new(value.span, Data::Text(name.unwrap_or_else(|| made_up.clone())))
}
