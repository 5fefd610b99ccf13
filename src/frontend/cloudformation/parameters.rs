//! The parameters of a template, and what a reference to one gives.

use super::choice;
use super::reader::Reader;
use crate::frontend::parameters::is_rewritten;
use crate::model::{
    Condition, Data, Declared, Domain, Hop, Name, Notice, Parameter, Part, Symbol, SymbolKind, Text, Truth, Unknown,
    Value,
};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::sync::Arc;

/// A declared parameter.
#[derive(Clone, Debug)]
pub(super) struct Declaration<'a> {
    /// Its name.
    name: String,
    /// Where the name stands.
    key_span: Span,
    /// Its type.
    kind: String,
    /// The values that it, or each of its items, may have.
    domain: Arc<Domain>,
    /// Its default, with its place.
    default: Option<(String, Node<'a>)>,
    /// True under `NoEcho`: its value is a secret. What is given and what is the default are not looked at, so that
    /// neither is ever shown.
    is_secret: bool,
}

/// A value that is known, with where it comes from.
pub(super) struct Known {
    text: String,
    hop: Hop,
}

impl<'a> Reader<'a> {
    /// Reads the section `Parameters`.
    pub(super) fn declare_parameters(&mut self) {
        for entry in self.section("Parameters") {
            let (name, node) = (entry.key().into_owned(), entry.value);
            let kind = node.get("Type").and_then(Node::text).unwrap_or("String").to_owned();
            let declaration = Declaration {
                key_span: entry.key_span(),
                domain: super::bounds::read(&name, &kind, node),
                name: name.clone(),
                kind,
                // One that is no scalar is refused by AWS, and says nothing of the value. A number that tools write
                // differently is not known as a text.
                default: node
                    .get("Default")
                    .filter(|default| !is_rewritten(*default))
                    .and_then(|default| Some((text_of(default)?, default))),
                is_secret: node.get("NoEcho").and_then(text_of).is_some_and(|flag| flag.eq_ignore_ascii_case("true")),
            };
            if let (true, Some(default)) = (declaration.is_secret, node.get("Default")) {
                self.root.tree().source().hide(default.resolved().span());
            }
            let declaration = self.unread_where_given(declaration);
            self.parameters.insert(name, declaration);
        }
    }

    /// What a secret is given is not looked at, so that nothing is known of what hangs on it.
    fn unread_where_given(&self, declaration: Declaration<'a>) -> Declaration<'a> {
        if !declaration.is_secret || self.given(&declaration.name).is_none() {
            return declaration;
        }
        let unread = Some(Arc::new(declaration.unknown()));
        let domain = Arc::new(Domain { unread, ..Domain::clone(&declaration.domain) });
        Declaration { domain, ..declaration }
    }

    /// What a parameter is given. That is for stacks that are made by themselves; a nested one that is handed nothing has
    /// the default.
    fn given(&self, name: &str) -> Option<&str> {
        let deployed = self.inputs.deployed.as_ref();
        if deployed.is_some_and(|deployed| deployed.arguments.is_some()) {
            return None;
        }
        let by_input = deployed.and_then(|deployed| deployed.given.get(name));
        self.inputs.parameters.get(name).or(by_input).map(String::as_str)
    }

    /// What a reference to a parameter gives.
    pub(super) fn parameter(&mut self, name: &str, span: Span) -> Value {
        let Some(declaration) = self.parameters.get(name).cloned() else {
            return Value::new(span, Data::Absent);
        };
        if let Some(argument) = self.argument_for(&declaration).cloned() {
            return self.handed(&declaration, &argument, span);
        }
        self.not_handed(&declaration, span)
    }

    /// What the place that deploys the template hands to a parameter. One that is looked up is handed its key only.
    pub(super) fn argument_for(&self, declaration: &Declaration<'a>) -> Option<&Value> {
        let arguments = self.inputs.deployed.as_ref()?.arguments.as_ref()?;
        arguments.get(&declaration.name).filter(|_| !declaration.is_looked_up())
    }

    /// Bounds what is handed to the template: where that is none of a parameter's values, no stack is made. What is
    /// handed in no deployment that can be is taken as it is, as a policy is that S3 refuses.
    pub(super) fn bound_arguments(&mut self) {
        for declaration in self.parameters.values().cloned().collect::<Vec<_>>() {
            let Some(argument) = self.argument_for(&declaration).cloned() else { continue };
            self.unfit.extend(unfit(&argument, &declaration));
            let holds = within(&argument, &declaration);
            if holds != Condition::Always && holds != Condition::Never {
                let about = holds.symbols();
                self.evaluated_where(Condition::Always, |reader| reader.assert(holds, about));
            }
        }
    }

    /// The value of a parameter that is handed `argument`. What that leaves out is the default.
    fn handed(&mut self, declaration: &Declaration<'a>, argument: &Value, span: Span) -> Value {
        // Choices are nested no deeper than expressions are.
        let mut value = match &argument.data {
            Data::Absent => return self.not_handed(declaration, span),
            Data::Choice { condition, then, otherwise } => {
                let (then, otherwise) = (Value::clone(then), Value::clone(otherwise));
                let then = self.handed(declaration, &then, span);
                let otherwise = self.handed(declaration, &otherwise, span);
                return choice::choose(condition.clone(), then, otherwise, span);
            }
            Data::Text(_) | Data::Bool(_) | Data::Number(_) if declaration.is_list() => {
                let text = argument.scalar_text().unwrap_or_default();
                if let Some(items) = text.cut(",") {
                    let item = |item: Text| Value::new(span, Data::Text(item.trimmed()));
                    Value::list(span, items.into_iter().map(item).collect())
                } else {
                    let cause = format!("the list that is handed to parameter `{}` is not known", declaration.name);
                    Value::unknown(Unknown::new(cause, span, "write the list out"))
                }
            }
            data => Value { span, hops: argument.hops.clone(), data: data.clone() },
        };
        let what = format!("handed to parameter `{}`", declaration.name);
        value.hops.push(Hop { span: argument.span, what });
        value
    }

    fn not_handed(&mut self, declaration: &Declaration<'a>, span: Span) -> Value {
        let known = self.known(declaration);
        if declaration.is_list() {
            return Self::list_parameter(declaration, known, span);
        }
        match known {
            Some(known) => {
                let mut value = Value::text(span, known.text);
                value.hops.push(known.hop);
                value
            }
            None => Value::new(span, Data::Text(Text::hole(self.parameter_symbol(declaration)))),
        }
    }

    /// The value of a parameter, where nothing else can be deployed. A parameter of Systems Manager names the place
    /// that the value is looked up at, so that neither what is given nor the default is the value.
    pub(super) fn known(&self, declaration: &Declaration<'a>) -> Option<Known> {
        if declaration.is_looked_up() || declaration.is_secret {
            return None;
        }
        let name = &declaration.name;
        let at = |text: &str, span: Span, what: &str| {
            Some(Known { text: text.to_owned(), hop: Hop { span, what: format!("{what} parameter `{name}`") } })
        };
        let nested = self.inputs.deployed.as_ref().is_some_and(|deployed| deployed.arguments.is_some());
        if let Some(given) = self.given(name) {
            return at(given, declaration.key_span, "given for");
        }
        if let Some((default, node)) = declaration.default.as_ref().filter(|_| nested || self.inputs.assume_defaults) {
            return at(default, node.resolved().span(), "default of");
        }
        match declaration.domain.listed().as_deref() {
            Some([only]) if declaration.domain.unread.is_none() && !declaration.is_list() => {
                at(only, declaration.key_span, "only allowed value of")
            }
            _ => None,
        }
    }

    fn list_parameter(declaration: &Declaration<'a>, known: Option<Known>, span: Span) -> Value {
        let list = |text: &str, span: Span| {
            let items = text.split(',').map(|item| Value::text(span, item.trim()));
            Value::list(span, items.collect())
        };
        if let Some(known) = known {
            let mut value = list(&known.text, span);
            value.hops.push(known.hop);
            return value;
        }
        let mut unknown = declaration.unknown();
        unknown.span = span;
        unknown.likely = declaration.likely().map(|(text, place)| Arc::new(list(text, place)));
        Value::unknown(unknown)
    }

    pub(super) fn parameter_symbol(&self, declaration: &Declaration<'a>) -> Symbol {
        let name = &declaration.name;
        let mut unknown = declaration.unknown();
        unknown.likely = declaration.likely().map(|(text, place)| Arc::new(Value::text(place, text)));
        let kind = if declaration.is_plain() { SymbolKind::Attribute } else { SymbolKind::Free };
        let shown = if declaration.is_secret { format!("<{name}>") } else { format!("${{{name}}}") };
        self.symbol(Name::Parameter(name.as_str().into()), kind, shown, unknown)
    }

    /// Whether the bounds of a parameter let a text be this one. Other texts have none.
    pub(super) fn bounds_allow(&self, text: &Text, literal: &str) -> bool {
        let Some(symbol) = text.as_symbol() else { return true };
        let Name::Parameter(name) = symbol.name() else { return true };
        let own = self.parameters.get(&**name).filter(|declaration| self.parameter_symbol(declaration) == *symbol);
        own.is_none_or(|declaration| declaration.domain.contains(literal) != Truth::No)
    }

    /// The parameters whose value is not given, by name.
    pub(super) fn open_parameters(&self) -> Vec<Parameter> {
        let is_open = |one: &&Declaration<'a>| self.argument_for(one).is_none() && self.known(one).is_none();
        let open = self.parameters.values().filter(is_open);
        let parameter = |declaration: &Declaration<'a>| Parameter {
            symbol: self.parameter_symbol(declaration),
            name: declaration.name.clone(),
            // The bounds of a list are those of its items.
            domain: if declaration.is_list() { Domain::any() } else { Arc::clone(&declaration.domain) },
            part: Part::Whole,
            default: declaration.likely().map(|(text, _)| text.to_owned()),
            is_secret: declaration.is_secret,
        };
        open.map(parameter).chain(self.derived.values().cloned()).collect()
    }
}

impl Reader<'_> {
    /// All parameters that whoever deploys the template may give a value. What one is given that is looked up is a name.
    pub(super) fn declared(&self) -> Vec<Declared> {
        let declared = |one: &Declaration<'_>| {
            let is_bounded = !one.is_secret && !one.is_list() && !one.is_looked_up();
            let domain = if is_bounded { Arc::clone(&one.domain) } else { Domain::any() };
            Declared { name: one.name.clone(), domain }
        };
        self.parameters.values().map(declared).collect()
    }
}

impl Declaration<'_> {
    /// True where the value is a list of texts.
    pub(super) fn is_list(&self) -> bool {
        self.kind.contains("List<") || self.kind.contains("CommaDelimitedList")
    }

    /// True where the value is looked up in Systems Manager. (`AWS::SSM::Parameter::Name` is a plain text.)
    pub(super) fn is_looked_up(&self) -> bool {
        self.kind.starts_with("AWS::SSM::Parameter::Value<")
    }

    /// True for types whose values CloudFormation checks, and that hold no glob character: numbers and identifiers.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>.
    fn is_plain(&self) -> bool {
        self.kind == "Number" || (self.kind.starts_with("AWS::EC2::") && self.kind.ends_with("::Id"))
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether its value is never shown.
    pub(super) fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// The bounds of its value, or of each of its items.
    pub(super) fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The default, where it says something about the value.
    fn likely(&self) -> Option<(&str, Span)> {
        let (text, node) = self.default.as_ref().filter(|_| !self.is_looked_up() && !self.is_secret)?;
        Some((text, node.resolved().span()))
    }

    pub(super) fn unknown(&self) -> Unknown {
        let name = &self.name;
        let (cause, remedy) = if self.is_looked_up() {
            (
                format!("the value of parameter `{name}` is looked up at deploy time"),
                "make it a parameter of type String",
            )
        } else if self.is_secret {
            (
                format!("parameter `{name}` is `NoEcho`: its value is not looked at"),
                "let nothing that a bucket policy hangs on be a secret",
            )
        } else {
            (format!("the value of parameter `{name}` is not given"), "give its value with `--parameters`")
        };
        Unknown::new(cause, self.key_span, remedy)
    }
}

/// Where what is handed to a parameter is within its bounds.
fn within(argument: &Value, declaration: &Declaration<'_>) -> Condition {
    let one = |text: Text| Condition::within(text, Arc::clone(&declaration.domain));
    match &argument.data {
        Data::Choice { condition, then, otherwise } => {
            let not = Condition::not(condition.clone());
            let then = condition.clone().and(within(then, declaration));
            Condition::any(vec![then, not.and(within(otherwise, declaration))])
        }
        Data::Text(_) | Data::Bool(_) | Data::Number(_) if *declaration.domain == Domain::default() => {
            Condition::Always
        }
        Data::Text(_) | Data::Bool(_) | Data::Number(_) => {
            let text = argument.scalar_text().unwrap_or_default();
            let items = if declaration.is_list() { text.cut(",") } else { Some(vec![text]) };
            Condition::all(items.into_iter().flatten().map(|item| one(item.trimmed())).collect())
        }
        _ => Condition::Always,
    }
}

/// What is handed to a parameter and is none of its values.
fn unfit(argument: &Value, declaration: &Declaration<'_>) -> Vec<Notice> {
    match &argument.data {
        Data::Choice { then, otherwise, .. } => {
            [then, otherwise].into_iter().flat_map(|side| unfit(side, declaration)).collect()
        }
        _ if within(argument, declaration) == Condition::Never => {
            let shown = if declaration.is_secret { None } else { argument.scalar_text().map(|text| text.shown()) };
            let what = shown.map_or_else(|| "this".to_owned(), |text| format!("`{text}`"));
            let message = format!(
                "parameter `{}` of the nested stack's template does not take {what}: no stack can be made with it",
                declaration.name
            );
            vec![Notice { message, span: argument.span }]
        }
        _ => Vec::new(),
    }
}

/// A scalar as the text that CloudFormation makes of it: `yes` without quotes is `true`.
pub(super) fn text_of(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Bool(flag) => Some(flag.to_string()),
        _ => node.text().map(str::to_owned),
    }
}
