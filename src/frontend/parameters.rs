//! Files that give parameters their values.

use super::suggest;
use crate::model::{Domain, Truth, is_canonical};
use crate::source::{SourceFile, Span};
use crate::syntax::{self, Kind, Node, Parse, SyntaxError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values of parameters, and where each is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The values, by the names of their parameters.
    pub values: BTreeMap<String, String>,
    /// Where the names stand.
    pub places: BTreeMap<String, Span>,
}

/// Why a parameter cannot have a value, as a clause; `None` where it can, or that is not known. The value itself is not
/// told.
#[must_use]
pub(crate) fn refusal(domain: &Domain, value: &str) -> Option<String> {
    /// More values than these are not told.
    const MAX_TOLD: usize = 8;
    if domain.contains(value) != Truth::No {
        return None;
    }
    let Some(allowed) = domain.listed().filter(|allowed| !allowed.is_empty()) else {
        return Some("its bounds do not allow this value".to_owned());
    };
    let told: Vec<String> = allowed.iter().take(MAX_TOLD).map(|value| format!("`{value}`")).collect();
    let more = if allowed.len() > MAX_TOLD { ", …" } else { "" };
    let near = near(value, allowed.iter().copied());
    Some(format!("it allows {}{more} only{near}", told.join(", ")))
}

/// `: did you mean …?` where one of the names is close to another, else nothing.
#[must_use]
pub fn near<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> String {
    suggest::nearest(name, others).map_or_else(String::new, |near| format!(": did you mean `{near}`?"))
}

/// Reads a file of parameter values: the list of `ParameterKey` and `ParameterValue` that the AWS CLI takes, the
/// mapping with `Parameters` of a template configuration, a list of `Key=Value`, or a plain mapping of names to
/// values, in JSON or YAML. A list of values is one value, its items joined by commas.
///
/// See <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html> and
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html>.
///
/// # Errors
/// Where the file does not parse, an entry gives no value, or a name stands twice; each with its place.
pub fn read(file: &Arc<SourceFile>) -> Result<Given, Vec<SyntaxError>> {
    match syntax::breaks_matter(file, values) {
        Some(error) => Err(vec![error]),
        None => values(file),
    }
}

fn values(file: &Arc<SourceFile>) -> Result<Given, Vec<SyntaxError>> {
    let parse = parse(file);
    let errors: Vec<_> = parse.errors.iter().chain(&parse.lapses).cloned().collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut values = Given::default();
    let mut errors = Vec::new();
    match parse.tree.root() {
        Some(root) if root.kind() == Kind::Sequence => {
            root.items().for_each(|item| item_of_list(item, &mut values, &mut errors));
        }
        Some(root) if root.kind() == Kind::Mapping => {
            let whole = root.get("Parameters").filter(|part| part.kind() == Kind::Mapping).unwrap_or(root);
            section(whole, &mut values, &mut errors);
        }
        Some(root) if root.kind() != Kind::Null => {
            errors.push(error("parameters are a list or a mapping", start(root)));
        }
        // An empty file gives nothing.
        _ => {}
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Reads a mapping of names to values.
pub fn section(section: Node<'_>, values: &mut Given, errors: &mut Vec<SyntaxError>) {
    for (key, value) in section.entries() {
        insert(key, Some(value), values, errors);
    }
}

/// A file that says it is JSON, and looks like it, must be: AWS takes no trailing comma that YAML would.
fn parse(file: &Arc<SourceFile>) -> Parse {
    let text = file.text().trim_start_matches('\u{FEFF}').trim_start();
    if file.has_extension(&["json"]) && text.starts_with(['{', '[']) {
        syntax::parse_json(file)
    } else {
        syntax::parse(file)
    }
}

/// Where a text starts that may be a secret, or hold one: nothing of it is shown.
fn start(text: Node<'_>) -> Span {
    let span = text.span();
    Span::at(span.file, span.start as usize)
}

fn item_of_list(item: Node<'_>, values: &mut Given, errors: &mut Vec<SyntaxError>) {
    if let Some(text) = item.string() {
        match text.split_once('=') {
            Some((name, value)) => put(name.trim(), value.to_owned(), start(item), values, errors),
            // The text may be a secret.
            None => errors.push(error("this is not `Key=Value`", start(item))),
        }
        return;
    }
    let Some(key) = item.get("ParameterKey") else {
        errors.push(error("a `ParameterKey` with its `ParameterValue` is needed here", item.span()));
        return;
    };
    let value = item.get("ParameterValue").filter(|value| value.kind() != Kind::Null);
    let kept = item.get("UsePreviousValue").and_then(Node::text) == Some("true");
    // A value that is kept from before is not given here, and so it is not known.
    if value.is_some() || !kept {
        insert(key, value, values, errors);
    }
}

fn insert(key: Node<'_>, value: Option<Node<'_>>, values: &mut Given, errors: &mut Vec<SyntaxError>) {
    let Some(name) = key.text() else {
        errors.push(error("the name of a parameter is a string", key.span()));
        return;
    };
    if value.is_some_and(is_rewritten) {
        // Which text the tools on the way make of it is not known, so that none is given.
        values.places.insert(name.to_owned(), key.span());
    } else if let Some(text) = value.and_then(text_of) {
        put(name, text, key.span(), values, errors);
    } else {
        let span = value.map_or_else(|| key.span(), Node::span);
        errors.push(error(&format!("parameter `{name}` needs a string, a number or a list of them"), span));
    }
}

/// Two values of one name in one file are a slip: which of them is meant cannot be told.
fn put(name: &str, value: String, span: Span, values: &mut Given, errors: &mut Vec<SyntaxError>) {
    values.places.insert(name.to_owned(), span);
    if values.values.insert(name.to_owned(), value).is_some() {
        errors.push(error(&format!("parameter `{name}` is defined twice"), span));
    }
}

/// Whether a value is a number, or holds one, that tools write differently than it stands.
pub(super) fn is_rewritten(value: Node<'_>) -> bool {
    match value.kind() {
        Kind::Number => !value.text().is_some_and(is_canonical),
        Kind::Sequence => value.items().any(|item| item.kind() == Kind::Number && is_rewritten(item)),
        _ => false,
    }
}

fn text_of(value: Node<'_>) -> Option<String> {
    match value.kind() {
        Kind::Sequence => {
            let items: Option<Vec<_>> = value.items().map(|item| item.text().map(str::to_owned)).collect();
            Some(items?.join(","))
        }
        Kind::Null | Kind::Mapping => None,
        Kind::Bool(_) | Kind::Number | Kind::String => value.text().map(str::to_owned),
    }
}

fn error(message: &str, span: Span) -> SyntaxError {
    SyntaxError::new(message, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn values(text: &str) -> Result<Vec<(String, String)>, Vec<SyntaxError>> {
        read(&Sources::default().add("parameters.json", text)).map(|given| given.values.into_iter().collect())
    }

    #[test]
    fn all_shapes_give_the_same() {
        let expected = vec![("Count".to_owned(), "3".to_owned()), ("Env".to_owned(), "prod".to_owned())];
        let shapes = [
            r#"[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Count", "ParameterValue": "3"},
                {"ParameterKey": "Kept", "UsePreviousValue": true}]"#,
            r#"{"Parameters": {"Env": "prod", "Count": 3}, "Tags": {"a": "b"}}"#,
            r#"{"Env": "prod", "Count": "3"}"#,
            r#"["Env=prod", "Count=3"]"#,
            "Env: prod\nCount: 3\n",
        ];
        for shape in shapes {
            assert_eq!(values(shape).as_ref(), Ok(&expected), "{shape}");
        }
        for shape in [
            "Zones: [a, b]\n",
            r#"["Zones=a,b"]"#,
            r#"[{"ParameterKey": "Zones", "ParameterValue": "a,b"},
                {"ParameterKey": "Old", "ParameterValue": null, "UsePreviousValue": true}]"#,
        ] {
            assert_eq!(values(shape), Ok(vec![("Zones".to_owned(), "a,b".to_owned())]), "{shape}");
        }
        assert_eq!(values("# none yet\n"), Ok(Vec::new()));
    }

    #[test]
    fn numbers_that_tools_write_differently_are_not_given() {
        for shape in ["Env: 010\n", "Env: 1e3\n", "Env: 2.50\n", "Env: [a, 0x10]\n", r#"{"Env": 1e3}"#] {
            assert_eq!(values(shape), Ok(Vec::new()), "{shape}");
        }
        assert_eq!(values("Env: '010'\n"), Ok(vec![("Env".to_owned(), "010".to_owned())]));
    }

    #[test]
    fn errors_have_their_place() {
        let errors = values(r#"[{"ParameterKey": "Env"}, 3]"#).expect_err("no value");
        let places: Vec<_> = errors.iter().map(|error| error.span.start).collect();
        assert_eq!(places, [18, 26]);
        for (text, start, message) in [
            ("{\"Env\": {}}", 8, "parameter `Env` needs a string"),
            ("text", 0, "are a list or a mapping"),
            ("[{\"Key\": \"Env\"}]", 1, "a `ParameterKey` with its"),
            ("[\"Env\"]", 1, "this is not `Key=Value`"),
            ("[\"Env=1\", \"Env=2\"]", 10, "`Env` is defined twice"),
            ("Env: 1\nEnv: 2\n", 7, "`Env` is defined twice"),
            ("{\"Env\": 1, \"Env\": 2}", 11, "`Env` is defined twice"),
        ] {
            let errors = values(text).expect_err(text);
            let [error] = errors.as_slice() else { panic!("{text}: {errors:?}") };
            assert_eq!(error.span.start, start, "{text}: {error:?}");
            assert!(error.message.contains(message), "{text}: {error:?}");
        }
        assert!(values("{\"Env\": ").is_err());
        assert!(values("{\"Env\": \"prod\",\n}").is_err());
    }
}
