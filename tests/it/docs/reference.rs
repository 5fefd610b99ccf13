//! The reference of settings, made from their JSON Schema.

use serde_json::Value;
use std::fmt::Write as _;

const START: &str = "<!-- settings, made from bucketlint.schema.json -->\n";
const END: &str = "<!-- /settings -->\n";

/// The page with its reference made anew.
pub(crate) fn written(page: &str, schema: &Value) -> String {
    let (before, rest) = page.split_once(START).expect("the page has the start of the reference");
    let (_, after) = rest.split_once(END).expect("the page has the end of the reference");
    let mut table = String::from("| key | holds | |\n|---|---|---|\n");
    rows(schema, "", &mut table);
    format!("{before}{START}\n{table}\n{END}{after}")
}

fn rows(schema: &Value, above: &str, table: &mut String) {
    for (key, shape) in schema["properties"].as_object().into_iter().flatten() {
        let key = format!("{above}{key}");
        let must =
            schema["required"].as_array().is_some_and(|names| names.iter().any(|name| key.ends_with(text(name))));
        let must = if must { " Required." } else { "" };
        let told = text(&shape["description"]);
        writeln!(table, "| `{key}` | {} | {told}{must} |", kind(shape).replace('|', "\\|")).unwrap();
        rows(&shape["items"], &format!("{key}: "), table);
    }
}

/// What a value of this shape is, in words.
fn kind(shape: &Value) -> String {
    if shape["$ref"] == "#/$defs/rule" {
        return "rule".to_owned();
    }
    if let Some(values) = shape["enum"].as_array() {
        return code(values);
    }
    if let Some(value) = shape["const"].as_str() {
        return format!("`{value}`");
    }
    if let Some(shapes) = shape["anyOf"].as_array() {
        return shapes.iter().map(kind).collect::<Vec<_>>().join(", or ");
    }
    if shape["format"] == "date" {
        return "date (`YYYY-MM-DD`)".to_owned();
    }
    match shape["type"].as_str() {
        Some("array") if shape["items"]["properties"].is_object() => "list of entries".to_owned(),
        Some("array") => format!("list of {}", several(kind(&shape["items"]))),
        Some("object") => format!("map of names to {}", several(kind(&shape["additionalProperties"]))),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some(other) => other.to_owned(),
        None => shape["type"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(" or "),
    }
}

fn several(kind: String) -> String {
    if kind.starts_with('`') || kind.contains(' ') { kind } else { kind + "s" }
}

fn code(values: &[Value]) -> String {
    values.iter().map(|value| format!("`{}`", text(value))).collect::<Vec<_>>().join(", ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
