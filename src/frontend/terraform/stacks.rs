//! CloudFormation stacks and stack sets that Terraform deploys: templates inside of it.
//!
//! See <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack_set> and their twins
//! of the provider `awscc`.

use super::address::Address;
use super::json::plain;
use crate::frontend::normal;
use crate::model::{Body, Condition, Data, Entry, NestedStack, Notice, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Node, Tree};
use std::path::Path;
use std::sync::Arc;

/// The argument that holds the template.
pub(super) const BODY: &str = "template_body";
/// The argument that says where it lies.
pub(super) const URL: &str = "template_url";
/// The argument that holds the values of its parameters.
pub(super) const PARAMETERS: &str = "parameters";

/// What is known of a stack.
pub(super) struct Known {
    /// Its block, or its entry.
    pub(super) span: Span,
    /// Its template, if it is written in place and known.
    pub(super) body: Option<Body>,
    /// What is said of its template where it is not known.
    pub(super) unclear: Option<Value>,
    /// Where its template lies, if that is said.
    pub(super) url: Option<Value>,
    /// The values of its parameters.
    pub(super) parameters: Option<Value>,
    /// Where it exists.
    pub(super) exists: Condition,
}

impl Known {
    /// The stack, as the input at `path` deploys it; with what is not followed of it.
    pub(super) fn stack(self, address: &Address, path: &Path) -> (NestedStack, Option<Notice>) {
        let is_set = address.resource.as_ref().is_some_and(|resource| resource.kind.ends_with("_set"));
        let (address, span) = (address.to_string(), self.span);
        let told = |value: &Value| !matches!(value.data, Data::Null | Data::Absent);
        let url = self.url.filter(told);
        let cause = format!("the template of `{address}` is not known");
        let notice = (self.body.is_none() && url.is_none()).then(|| Notice {
            message: format!("{cause}{}, and what it makes is not checked", why(self.unclear)),
            span,
        });
        // A file of its own is followed as such.
        let file = self.body.as_ref().and_then(|body| beside(path, body.file.as_deref()?));
        let body = self.body.filter(|_| file.is_none()).map(Arc::new);
        let location = file.map(|file| Value::text(span, file)).or(url).unwrap_or_else(|| {
            Value::unknown(Unknown::new(cause, span, "lint the template that it deploys by itself"))
        });
        let arguments =
            self.parameters.filter(told).map_or_else(|| Value::map_of(span, Vec::new()), |given| by_name(&given));
        (NestedStack { address, span, location, asset: None, body, is_set, arguments, exists: self.exists }, notice)
    }
}

/// Why a template is not known, in brackets.
fn why(unclear: Option<Value>) -> String {
    let cause = unclear.and_then(|value| match &value.data {
        Data::Unknown(unknown) => Some(unknown.cause.clone()),
        Data::Text(text) => text.symbols().next().map(|symbol| symbol.unknown().cause.clone()),
        _ => None,
    });
    cause.map_or_else(String::new, |cause| format!(" ({cause})"))
}

/// Parameters by their names: the provider `awscc` has a list of them for stack sets.
fn by_name(given: &Value) -> Value {
    let Data::List(items) = &given.data else { return given.clone() };
    let entry = |item: &Value| {
        let Data::Map(members) = &item.data else { return None };
        let member = |name: &str| members.iter().find(|member| member.key == name).map(|member| &member.value);
        let key = member("parameter_key")?;
        let name = key.scalar_text()?.as_literal()?.to_owned();
        Some(Entry { key: name, key_span: key.span, value: member("parameter_value")?.clone() })
    };
    let entries: Option<Vec<Entry>> = items.iter().map(entry).collect();
    let unknown = || Unknown::new("the parameters cannot be read", given.span, "write each with its key and its value");
    entries.map_or_else(|| Value::unknown(unknown()), |entries| Value::map_of(given.span, entries))
}

/// The path of a file from the folder in which an input lies; `None` for one that lies elsewhere.
fn beside(input: &Path, file: &str) -> Option<String> {
    let (input, file) = (normal(input), normal(Path::new(file)));
    let path = file.strip_prefix(input.parent().unwrap_or(Path::new(""))).ok()?;
    path.to_str().map(|path| path.replace('\\', "/"))
}

/// The parameters in an entry of a plan. `change` is the change of the same instance, which says what is not known yet.
pub(super) fn planned_parameters(values: Option<Node<'_>>, change: Option<&Tree>, span: Span) -> Value {
    let unknown = || Unknown::new("the parameters are known only after apply", span, "run on the state after apply");
    let change = change.and_then(Tree::root).and_then(|entry| entry.get("change"));
    let marks = change.and_then(|change| change.get("after_unknown")).and_then(|marks| marks.get(PARAMETERS));
    let mut entries: Vec<Entry> = match values.map(plain).map(|values| values.data) {
        Some(Data::Map(entries)) => entries.to_vec(),
        _ => Vec::new(),
    };
    let Some(marks) = marks else { return Value::map_of(span, entries) };
    if marks.kind() == Kind::Bool(true) {
        return Value::unknown(unknown());
    }
    for (key, _) in marks.entries().filter(|(_, mark)| mark.kind() == Kind::Bool(true)) {
        let name = key.text().unwrap_or_default();
        entries.retain(|entry| entry.key != name);
        entries.push(Entry { key: name.to_owned(), key_span: span, value: Value::unknown(unknown()) });
    }
    Value::map_of(span, entries)
}
