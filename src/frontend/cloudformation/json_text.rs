//! Values written as JSON text.

use crate::model::{Data, Text, Value};
use std::fmt::Write as _;

/// The JSON text of a value in which all is known.
pub(super) fn json_text(value: &Value) -> Option<Text> {
    let mut out = String::new();
    write_json(value, &mut out)?;
    Some(Text::literal(out))
}

fn write_json(value: &Value, out: &mut String) -> Option<()> {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Data::Number(number) => out.push_str(number),
        Data::Text(text) => write_string(text.as_literal()?, out),
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(item, out)?;
            }
            out.push(']');
        }
        Data::Map(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(&entry.key, out);
                out.push(':');
                write_json(&entry.value, out)?;
            }
            out.push('}');
        }
        Data::Json(_) | Data::Choice { .. } | Data::Absent | Data::Unknown(_) => return None,
    }
    Some(())
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
