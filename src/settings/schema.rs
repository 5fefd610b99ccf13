//! The JSON Schema of a settings file, for editors.

use super::key::{Key, SETTINGS, Shape};
use super::{FailOn, SEVERITIES};
use crate::rules::RULES;
use serde_json::{Map, Value, json};

/// The schema, made from the table of keys that files are read by. `bucketlint.schema.json` is this.
#[must_use]
pub fn schema() -> Value {
    let mut schema = of(&SETTINGS);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert(
            "$defs".to_owned(),
            json!({"rule": {"enum": RULES.iter().map(|rule| rule.name).collect::<Vec<_>>()}}),
        );
        object.insert("title".to_owned(), json!("Settings of bucketlint"));
        let names = super::FILE_NAMES.map(|name| format!("`{name}`")).join(", ");
        object.insert("description".to_owned(), json!(format!("What {names} may hold.")));
    }
    schema
}

fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Text | Shape::Name | Shape::Glob | Shape::Address => json!({"type": "string", "minLength": 1}),
        Shape::File => json!({"type": "string", "pattern": "^[^/]"}),
        Shape::Date => json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        Shape::Rule => json!({"$ref": "#/$defs/rule"}),
        Shape::Severity => json!({"enum": SEVERITIES.map(|(name, _)| name)}),
        Shape::FailOn => json!({"enum": FailOn::NAMES.map(|(name, _)| name)}),
        // YAML takes an account id without quotes for a number.
        Shape::Account => json!({"type": ["string", "integer"], "pattern": "^[0-9]{12}$"}),
        Shape::Value => {
            let scalar = json!({"type": ["string", "number", "boolean"]});
            json!({"anyOf": [scalar, {"type": "array", "items": scalar}]})
        }
        Shape::List(of_item) => json!({"type": "array", "minItems": 1, "items": of(of_item)}),
        Shape::OneOrMore(one) => json!({"anyOf": [of(one), of(&Shape::List(one))]}),
        Shape::WordOr(word, other) => json!({"anyOf": [{"const": word}, of(other)]}),
        Shape::Map(key, value) => {
            json!({"type": "object", "propertyNames": of(key), "additionalProperties": of(value)})
        }
        Shape::Object(keys) => object(keys),
    }
}

fn object(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut schema = of(&key.shape);
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), json!(format!("{}.", key.about)));
        }
        (key.name.to_owned(), schema)
    };
    let required: Vec<_> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema.insert("properties".to_owned(), keys.iter().map(property).collect::<Map<_, _>>().into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `INSTA_UPDATE=always` the file is written.
    #[test]
    fn the_schema_in_the_repository_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/bucketlint.schema.json");
        let fresh = format!("{:#}\n", schema());
        if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            std::fs::write(path, &fresh).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(stored == fresh, "bucketlint.schema.json is stale: run INSTA_UPDATE=always cargo test schema");
    }
}
