//! What the data source `aws_iam_policy_document` makes of its arguments.
//!
//! See <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>. The
//! order of merging is the provider's: `source_json`, `source_policy_documents`, the document's own statements,
//! `override_policy_documents`, `override_json`. A statement with the `sid` of an earlier one takes its place.

use crate::model::{Condition, Data, Entry, Map, Piece, Text, Truth, Unknown, Value};
use crate::source::Span;
use std::sync::Arc;

const DEFAULT_VERSION: &str = "2012-10-17";

/// The policy document (a structure with `Version`, `Statement`, …) that an `aws_iam_policy_document` with these
/// arguments renders.
///
/// `arguments` is a mapping in Terraform's naming: `version`, `policy_id`, `statement` (a list of mappings with `sid`,
/// `effect`, `actions`, `not_actions`, `resources`, `not_resources`, `principals`, `not_principals`, `condition`),
/// `source_policy_documents`, `override_policy_documents` (lists of [`Data::Json`]), `source_json`, `override_json`.
/// `span` is where the data source stands. What is unknown stays unknown at its place: an unknown document may hold
/// any statement, and as an override it may replace every statement that has a `sid`.
#[must_use]
pub(crate) fn assemble(arguments: &Value, span: Span) -> Value {
    let Data::Map(_) = &arguments.data else {
        return match &arguments.data {
            Data::Unknown(_) => arguments.clone(),
            _ => Value::unknown(Unknown::new(
                "the arguments of the policy document cannot be read",
                span,
                "write them out",
            )),
        };
    };
    let mut merged = Merged::default();
    merged.sources(arguments, &["source_json", "source_policy_documents"]);
    merged.own(arguments, span);
    merged.sources(arguments, &["override_policy_documents", "override_json"]);
    merged.finish(span)
}

/// The document as it grows from one merge to the next.
#[derive(Default)]
struct Merged {
    id: Option<Entry>,
    versions: Vec<Value>,
    statements: Vec<Value>,
}

impl Merged {
    fn sources(&mut self, arguments: &Value, names: &[&str]) {
        for value in names.iter().filter_map(|name| arguments.get(name)) {
            self.documents(value, &Condition::Always);
        }
    }

    /// Merges documents that are there where `when` holds.
    fn documents(&mut self, value: &Value, when: &Condition) {
        match &value.data {
            Data::List(items) => items.iter().for_each(|item| self.documents(item, when)),
            Data::Choice { condition, then, otherwise } => {
                self.documents(then, &when.clone().and(condition.clone()));
                self.documents(otherwise, &when.clone().and(Condition::not(condition.clone())));
            }
            _ => self.document(value, when),
        }
    }

    /// Merges a whole document.
    fn document(&mut self, value: &Value, when: &Condition) {
        match &value.data {
            Data::Null | Data::Absent => {}
            Data::Text(text) if text.as_literal().is_some_and(|text| text.trim().is_empty()) => {}
            Data::Json(inner) => self.structure(inner, when),
            Data::Unknown(_) => self.unknown(value.clone()),
            _ => {
                let cause = "the document to merge is not known to be JSON";
                self.unknown(Value::unknown(Unknown::new(cause, value.span, "give it as the `json` of a document")));
            }
        }
    }

    fn structure(&mut self, document: &Value, when: &Condition) {
        match &document.data {
            Data::Map(_) => {
                if let Some(id) = document.entry("Id").filter(|id| !is_nothing(&id.value)) {
                    self.id = Some(id.clone());
                }
                self.versions.extend(document.get("Version").map(|version| where_holds(when, version.clone())));
                match document.get("Statement") {
                    Some(Value { data: Data::List(items), .. }) => {
                        items.iter().for_each(|item| self.statement(item, when));
                    }
                    Some(one) => self.statement(one, when),
                    None => {}
                }
            }
            Data::Choice { condition, then, otherwise } => {
                self.structure(then, &when.clone().and(condition.clone()));
                self.structure(otherwise, &when.clone().and(Condition::not(condition.clone())));
            }
            Data::Unknown(_) => self.unknown(document.clone()),
            _ => {
                let cause = "the document to merge is no JSON object";
                self.unknown(Value::unknown(Unknown::new(cause, document.span, "give a policy document")));
            }
        }
    }

    fn own(&mut self, arguments: &Value, span: Span) {
        let version = arguments.get("version").filter(|version| !is_nothing(version));
        self.versions.push(version.cloned().unwrap_or_else(|| Value::text(span, DEFAULT_VERSION)));
        if let Some(id) = arguments.entry("policy_id").filter(|id| !is_nothing(&id.value)) {
            self.id = Some(Entry { key: "Id".to_owned(), ..id.clone() });
        }
        match arguments.get("statement") {
            Some(Value { data: Data::List(items), .. }) => self.own_statements(items),
            Some(value) if !is_nothing(value) => self.own_statements(std::slice::from_ref(value)),
            _ => {}
        }
    }

    /// The provider refuses two statements of one data source with the same `sid`: those that are not known put only
    /// statements of merged documents in doubt.
    fn own_statements(&mut self, statements: &[Value]) {
        let own: Vec<Value> = statements.iter().map(rendered_statement).collect();
        if let Some(unknown) = own.iter().find(|statement| matches!(statement.data, Data::Unknown(_))) {
            self.put_in_doubt(unknown.span);
        }
        let sources = self.statements.len();
        for statement in own {
            self.own_statement(&statement, sources, &Condition::Always);
        }
    }

    fn own_statement(&mut self, statement: &Value, sources: usize, when: &Condition) {
        match &statement.data {
            Data::Null | Data::Absent => {}
            Data::Unknown(_) => self.statements.push(statement.clone()),
            Data::Choice { condition, then, otherwise } => {
                self.own_statement(then, sources, &when.clone().and(condition.clone()));
                self.own_statement(otherwise, sources, &when.clone().and(Condition::not(condition.clone())));
            }
            _ => self.statement_among(statement, sources, when),
        }
    }

    /// Merges one statement: it takes the place of the one with its `Sid`.
    fn statement(&mut self, statement: &Value, when: &Condition) {
        match &statement.data {
            Data::Null | Data::Absent => {}
            Data::Unknown(_) => self.unknown(statement.clone()),
            Data::Choice { condition, then, otherwise } => {
                self.statement(then, &when.clone().and(condition.clone()));
                self.statement(otherwise, &when.clone().and(Condition::not(condition.clone())));
            }
            _ => self.statement_among(statement, self.statements.len(), when),
        }
    }

    /// Merges a known statement, which may replace one of the first `count` where it is there.
    fn statement_among(&mut self, statement: &Value, count: usize, when: &Condition) {
        if let Some(sid) = sid(statement) {
            for earlier in self.statements.iter_mut().take(count) {
                match self::sid(earlier).map_or(Truth::No, |earlier| sid.equals(&earlier)) {
                    Truth::Yes => {
                        *earlier = either(when, statement.clone(), earlier.clone());
                        return;
                    }
                    Truth::Maybe => *earlier = doubtful(earlier, statement.span),
                    Truth::No => {}
                }
            }
        }
        self.statements.push(where_holds(when, statement.clone()));
    }

    /// Merges what may be any number of statements.
    fn unknown(&mut self, unknown: Value) {
        self.put_in_doubt(unknown.span);
        self.statements.push(unknown);
    }

    fn put_in_doubt(&mut self, by: Span) {
        for earlier in self.statements.iter_mut().filter(|earlier| sid(earlier).is_some()) {
            *earlier = doubtful(earlier, by);
        }
    }

    fn finish(self, span: Span) -> Value {
        let mut entries = Vec::new();
        entries.extend(self.id);
        let version = latest(&self.versions).unwrap_or_else(|| Value::text(span, DEFAULT_VERSION));
        entries.insert(0, Entry { key: "Version".to_owned(), key_span: version.span, value: version });
        let statements = Value::list(span, self.statements);
        entries.push(Entry { key: "Statement".to_owned(), key_span: span, value: statements });
        Value::map_of(span, entries)
    }
}

/// One value where a condition holds, another where it does not.
fn either(when: &Condition, then: Value, otherwise: Value) -> Value {
    match when {
        Condition::Always => then,
        Condition::Never => otherwise,
        when => {
            let span = then.span;
            let (then, otherwise) = (Arc::new(then), Arc::new(otherwise));
            Value::new(span, Data::Choice { condition: when.clone(), then, otherwise })
        }
    }
}

/// A value that is there where a condition holds.
fn where_holds(when: &Condition, value: Value) -> Value {
    let span = value.span;
    either(when, value, Value::new(span, Data::Absent))
}

/// A statement that another one with an unknown `Sid` may have replaced.
fn doubtful(statement: &Value, by: Span) -> Value {
    let unknown = Unknown::new(
        "this statement may be replaced by one with the same `sid` that is merged later and is not known",
        by,
        "run with the Terraform source beside the plan",
    );
    Value { span: statement.span, hops: statement.hops.clone(), data: Data::Unknown(Box::new(unknown)) }
}

fn is_nothing(value: &Value) -> bool {
    match &value.data {
        Data::Null | Data::Absent => true,
        Data::Text(text) => text.as_literal() == Some(""),
        _ => false,
    }
}

/// The `Sid` of a rendered statement; `None` where it has none. One whose structure is unknown counts as a hole. Of a
/// choice it is that of both sides, as far as they are there.
fn sid(statement: &Value) -> Option<Text> {
    if let Data::Choice { then, otherwise, .. } = &statement.data {
        return match (sid(then), sid(otherwise)) {
            (Some(one), Some(two)) if one.equals(&two) != Truth::Yes => Some(unknown_text(statement)),
            (one, two) => one.or(two),
        };
    }
    let sid = statement.get("Sid").filter(|sid| !is_nothing(sid))?;
    Some(sid.scalar_text().unwrap_or_else(|| unknown_text(sid)))
}

fn unknown_text(value: &Value) -> Text {
    use crate::model::{Symbol, SymbolKind};
    let unknown = match &value.data {
        Data::Unknown(unknown) => (**unknown).clone(),
        _ => Unknown::new("the `sid` is not known", value.span, "give it a literal value"),
    };
    let key = format!("sid:{}:{}:{}", value.span.file.0, value.span.start, value.span.end);
    Text::hole(Symbol::new(key, SymbolKind::Free, "${sid}", unknown))
}

/// The later of all versions, as the provider compares them: byte by byte. An unknown one makes no difference where
/// another is the latest that there is.
fn latest(versions: &[Value]) -> Option<Value> {
    let known = |value: &Value| value.scalar_text().and_then(|text| text.as_literal().map(str::to_owned));
    let top = versions.iter().filter(|value| known(value).is_some()).max_by_key(|value| known(value));
    let unknown = versions.iter().find(|value| known(value).is_none() && !is_nothing(value));
    match (top, unknown) {
        (Some(top), Some(_)) if known(top).as_deref() == Some(DEFAULT_VERSION) => Some(top.clone()),
        (_, Some(unknown)) => Some(unknown.clone()),
        (top, None) => top.cloned(),
    }
}

/// A `statement` block as JSON.
fn rendered_statement(block: &Value) -> Value {
    let Data::Map(arguments) = &block.data else {
        return match &block.data {
            Data::Unknown(_) | Data::Null | Data::Absent => block.clone(),
            Data::Choice { condition, then, otherwise } => {
                either(condition, rendered_statement(then), rendered_statement(otherwise))
            }
            _ => Value::unknown(Unknown::new("the statement cannot be read", block.span, "write a statement block")),
        };
    };
    let mut entries = Vec::new();
    if block.get("effect").is_none_or(is_nothing) {
        let value = Value::text(block.span, "Allow");
        entries.push(Entry { key: "Effect".to_owned(), key_span: block.span, value });
    }
    for argument in arguments.iter().filter(|argument| !is_empty(&argument.value)) {
        let (key, value) = match argument.key.as_str() {
            "sid" => ("Sid", argument.value.clone()),
            "effect" => ("Effect", argument.value.clone()),
            "actions" => ("Action", argument.value.clone()),
            "not_actions" => ("NotAction", argument.value.clone()),
            "resources" => ("Resource", with_policy_variables(&argument.value)),
            "not_resources" => ("NotResource", with_policy_variables(&argument.value)),
            "principals" => ("Principal", by_sides(&argument.value, 0, &rendered_principals)),
            "not_principals" => ("NotPrincipal", by_sides(&argument.value, 0, &rendered_principals)),
            "condition" => ("Condition", by_sides(&argument.value, 0, &rendered_conditions)),
            _ => continue,
        };
        entries.push(Entry { key: key.to_owned(), key_span: argument.key_span, value });
    }
    Value::map_of(block.span, entries)
}

/// Null, an empty text, and an empty list: the provider leaves the element out.
fn is_empty(value: &Value) -> bool {
    is_nothing(value) || matches!(&value.data, Data::List(items) if items.is_empty())
}

/// The provider writes `&{…}` as `${…}`, since Terraform has a use of its own for the latter.
fn with_policy_variables(value: &Value) -> Value {
    value.map(&mut PolicyVariables).unwrap_or_else(|| value.clone())
}

struct PolicyVariables;

impl Map for PolicyVariables {
    fn text(&mut self, text: &Text) -> Option<Data> {
        let speaks = |piece: &Piece| matches!(piece, Piece::Literal(literal) if literal.contains("&{"));
        if !text.pieces().iter().any(speaks) {
            return None;
        }
        let mut out = Text::default();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(literal) => out.push_str(&literal.replace("&{", "${")),
                Piece::Hole(symbol) => out.push(&Text::hole(symbol.clone())),
            }
        }
        Some(Data::Text(out))
    }
}

/// What blocks render to, where some of them are there by condition: with them, and without.
fn by_sides(blocks: &Value, depth: u32, render: &dyn Fn(&Value) -> Value) -> Value {
    /// So many of them, each told apart from all others, are more than any document has.
    const MOST: u32 = 8;
    let Data::List(items) = &blocks.data else { return render(blocks) };
    let chosen = items.iter().enumerate().find_map(|(index, item)| match &item.data {
        Data::Choice { condition, then, otherwise } => Some((index, condition, then, otherwise)),
        _ => None,
    });
    let Some((index, condition, then, otherwise)) = chosen.filter(|_| depth < MOST) else {
        return if is_empty(blocks) { Value::new(blocks.span, Data::Absent) } else { render(blocks) };
    };
    let with = |side: &Value| {
        let mut items = items.to_vec();
        match (items.get_mut(index), &side.data) {
            (Some(_), Data::Absent) => {
                items.remove(index);
            }
            (Some(slot), _) => *slot = side.clone(),
            (None, _) => {}
        }
        by_sides(&Value::list(blocks.span, items), depth + 1, render)
    };
    either(condition, with(then), with(otherwise))
}

fn blocks(value: &Value) -> Vec<&Value> {
    match &value.data {
        Data::List(items) => items.iter().collect(),
        _ => vec![value],
    }
}

/// `principals` blocks as the value of `Principal`: one key a type, identifiers of the same type joined; everyone as
/// the bare `"*"`.
fn rendered_principals(value: &Value) -> Value {
    let blocks = blocks(value);
    let mut groups = Groups::default();
    for block in &blocks {
        let kind = block.get("type");
        let identifiers = block.get("identifiers").map(with_policy_variables);
        let (Some(kind), Some(identifiers)) = (kind.and_then(literal), identifiers) else {
            return unknown_part(block, "the principal is not known");
        };
        if kind == "*" {
            match everyone(&identifiers) {
                Some(star) if blocks.len() == 1 => return star,
                Some(_) => {}
                None => return unknown_part(&identifiers, "the principal is not known"),
            }
        }
        groups.add(block, "type", &kind, identifiers);
    }
    Value::map_of(value.span, groups.entries())
}

/// The `"*"` of identifiers that hold nothing else; `None` where some of them is not known.
fn everyone(identifiers: &Value) -> Option<Value> {
    let items = match &identifiers.data {
        Data::List(items) => items.iter().collect(),
        _ => vec![identifiers],
    };
    match items.as_slice() {
        [one] if literal(one).as_deref() == Some("*") => Some((*one).clone()),
        items => items.iter().all(|item| literal(item).is_some()).then(|| identifiers.clone()),
    }
}

/// `condition` blocks as the value of `Condition`: values under the same test and variable are joined.
fn rendered_conditions(value: &Value) -> Value {
    let mut tests = Groups::default();
    for block in blocks(value) {
        let (test, variable) = (block.get("test").and_then(literal), block.get("variable").and_then(literal));
        let values = block.get("values").map(with_policy_variables);
        let (Some(test), Some(variable), Some(values)) = (test, variable, values) else {
            return unknown_part(block, "the condition is not known");
        };
        let mut variables = Groups::default();
        variables.add(block, "variable", &variable, values);
        let span = block.get("values").map_or(block.span, |values| values.span);
        tests.add_group(block, "test", &test, Value::map_of(span, variables.entries()));
    }
    Value::map_of(value.span, tests.entries())
}

fn unknown_part(value: &Value, cause: &str) -> Value {
    let unknown_in = |value: &Value| match &value.data {
        Data::Unknown(unknown) => Some((**unknown).clone()),
        Data::Text(text) => text.symbols().next().map(|symbol| symbol.unknown().clone()),
        _ => None,
    };
    let unknown = match &value.data {
        Data::Map(entries) => entries.iter().find_map(|entry| unknown_in(&entry.value)),
        Data::List(items) => items.iter().find_map(unknown_in),
        _ => unknown_in(value),
    };
    let unknown = unknown.unwrap_or_else(|| Unknown::new(cause, value.span, "give it a literal value"));
    Value::new(value.span, Data::Unknown(Box::new(unknown)))
}

fn literal(value: &Value) -> Option<String> {
    value.scalar_text()?.as_literal().map(str::to_owned)
}

/// Entries in the order of their first mention.
#[derive(Default)]
struct Groups {
    entries: Vec<Entry>,
}

impl Groups {
    /// Adds list items under `key`, whose place is that of the block's argument `named_by`.
    fn add(&mut self, block: &Value, named_by: &str, key: &str, items: Value) {
        match self.entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => entry.value = joined(&entry.value, &items),
            None => self.push(block, named_by, key, items),
        }
    }

    /// Adds a mapping of lists under `key`.
    fn add_group(&mut self, block: &Value, named_by: &str, key: &str, group: Value) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) else {
            return self.push(block, named_by, key, group);
        };
        let (Data::Map(old), Data::Map(new)) = (&entry.value.data, &group.data) else { return };
        let mut all = Groups { entries: old.to_vec() };
        for added in new.iter() {
            match all.entries.iter_mut().find(|entry| entry.key == added.key) {
                Some(entry) => entry.value = joined(&entry.value, &added.value),
                None => all.entries.push(added.clone()),
            }
        }
        entry.value.data = Data::Map(all.entries.into());
    }

    fn push(&mut self, block: &Value, named_by: &str, key: &str, value: Value) {
        let key_span = block.get(named_by).map_or(block.span, |name| name.span);
        self.entries.push(Entry { key: key.to_owned(), key_span, value });
    }

    fn entries(self) -> Vec<Entry> {
        self.entries
    }
}

/// Both lists (or single values) as one list.
fn joined(one: &Value, two: &Value) -> Value {
    let items = |value: &Value| match &value.data {
        Data::List(items) => items.to_vec(),
        _ => vec![value.clone()],
    };
    Value::list(one.span, [items(one), items(two)].concat())
}

#[cfg(test)]
mod tests;
