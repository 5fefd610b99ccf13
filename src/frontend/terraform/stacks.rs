//! CloudFormation stacks and stack sets that Terraform deploys: templates inside of it.
//!
//! See <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack_set> and their twins
//! of the provider `awscc`.

use super::address::Address;
use super::json::plain;
use crate::frontend::normal;
use crate::frontend::stack_sets::Spelling;
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
/// The argument that lists the groups of instances of a stack set, in the provider `awscc`.
pub(super) const GROUPS: &str = OF_SETS.groups;

/// The provider `awscc` lists the parameters of stack sets.
const OF_SETS: Spelling = Spelling {
    groups: "stack_instances_group",
    overrides: "parameter_overrides",
    key: "parameter_key",
    value: "parameter_value",
};

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
    /// The groups of instances of a stack set.
    pub(super) groups: Option<Value>,
    /// Where it exists.
    pub(super) exists: Condition,
}

impl Known {
    /// The stack, or the stack set for each group of its instances, as the input at `path` deploys it; with what is not
    /// followed of it.
    pub(super) fn stacks(self, address: &Address, path: &Path) -> (Vec<NestedStack>, Option<Notice>) {
        let is_set = address.resource.as_ref().is_some_and(|resource| resource.kind.ends_with("_set"));
        let (address, span) = (address.to_string(), self.span);
        let told = |value: &Value| !matches!(value.data, Data::Null | Data::Absent);
        let (url, unclear) = (self.url.filter(told), self.unclear);
        let cause = format!("the template of `{address}` is not known");
        let notice = (self.body.is_none() && url.is_none()).then(|| Notice {
            message: format!("{cause}{}, and what it makes is not checked", why(unclear.as_ref())),
            span,
        });
        // A file of its own is followed as such.
        let file = self.body.as_ref().and_then(|body| beside(path, body.file.as_deref()?));
        let body = self.body.filter(|_| file.is_none()).map(Arc::new);
        let location = file.map(|file| Value::text(span, file)).or(url).unwrap_or_else(|| {
            Value::unknown(Unknown::new(cause, span, "lint the template that it deploys by itself"))
        });
        let given = self.parameters.filter(told).unwrap_or_else(|| Value::map_of(span, Vec::new()));
        let (arguments, exists) = (OF_SETS.by_key(&given), self.exists);
        // What a template is made of that is not known is handed to it, too.
        let arguments = match unclear.filter(|_| notice.is_some()) {
            Some(unclear) => Value::list(span, vec![arguments, unclear]),
            None => arguments,
        };
        let stack = NestedStack { address, span, location, asset: None, body, is_set, group: None, arguments, exists };
        (OF_SETS.by_group(stack, self.groups.as_ref()), notice)
    }
}

/// Why a template is not known, in brackets.
fn why(unclear: Option<&Value>) -> String {
    let cause = unclear.and_then(|value| match &value.data {
        Data::Unknown(unknown) => Some(unknown.cause.clone()),
        Data::Text(text) => text.symbols().next().map(|symbol| symbol.unknown().cause.clone()),
        _ => None,
    });
    cause.map_or_else(String::new, |cause| format!(" ({cause})"))
}

/// The path of a file from the folder in which an input lies; `None` for one that lies elsewhere.
fn beside(input: &Path, file: &str) -> Option<String> {
    let (input, file) = (normal(input), normal(Path::new(file)));
    let path = file.strip_prefix(input.parent().unwrap_or(Path::new(""))).ok()?;
    path.to_str().map(|path| path.replace('\\', "/"))
}

/// An argument in an entry of a plan. `change` is the change of the same instance, which says what is not known yet.
/// `handed` is what is made use of in what is not known.
pub(super) fn planned(
    value: Option<Node<'_>>,
    name: &str,
    change: Option<&Tree>,
    span: Span,
    handed: Option<Value>,
) -> Value {
    let change = change.and_then(Tree::root).and_then(|entry| entry.get("change"));
    let marks = change.and_then(|change| change.get("after_unknown")).and_then(|marks| marks.get(name));
    let value = value.map_or_else(|| nothing(span), plain);
    let cause = format!("`{name}` is known only after apply");
    let unknown = Unknown::new(cause, span, "run on the state after apply");
    marked(value, marks, &Unknown { likely: handed.map(Arc::new), ..unknown })
}

fn nothing(span: Span) -> Value {
    Value::new(span, Data::Null)
}

/// A value in which everything is not known that is marked so.
fn marked(value: Value, marks: Option<Node<'_>>, unknown: &Unknown) -> Value {
    let Some(marks) = marks else { return value };
    match (marks.kind(), &value.data) {
        (Kind::Bool(true), _) => Value::unknown(unknown.clone()),
        (Kind::Mapping, Data::Map(_) | Data::Null) => {
            let mut entries = match &value.data {
                Data::Map(entries) => entries.to_vec(),
                _ => Vec::new(),
            };
            // Marks name what is not known, and what holds something of that.
            for (key, mark) in marks.entries().filter(|(_, mark)| mark.kind() != Kind::Bool(false)) {
                let key = key.text().unwrap_or_default();
                let known = entries.iter().position(|entry| entry.key == key).map(|at| entries.remove(at).value);
                let value = marked(known.unwrap_or_else(|| nothing(unknown.span)), Some(mark), unknown);
                entries.push(Entry { key: key.to_owned(), key_span: unknown.span, value });
            }
            Value::map_of(value.span, entries)
        }
        (Kind::Sequence, Data::List(items)) => {
            let marks = marks.items().map(Some).chain(std::iter::repeat(None));
            let items = items.iter().zip(marks).map(|(item, marks)| marked(item.clone(), marks, unknown));
            Value::list(value.span, items.collect())
        }
        _ => value,
    }
}
