//! What is to be written, and the four ways to write it: as a block or in one line of YAML, as JSON in lines or in one.

use std::fmt::Write as _;

/// A value to be written into a YAML or JSON file.
#[derive(Clone, Debug)]
pub(in crate::frontend) enum Written {
    /// Text that may need quotes.
    Text(String),
    /// An intrinsic function (`Ref`, `Fn::Sub`, …) with its argument.
    Call(&'static str, Box<Written>),
    /// Source text of the same file, put in as it is.
    Source(String),
    /// A list.
    List(Vec<Written>),
    /// A mapping.
    Map(Vec<(String, Written)>),
}

impl Written {
    /// Text that may need quotes.
    pub(in crate::frontend) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A mapping.
    pub(in crate::frontend) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

/// How collections are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frontend) enum Notation {
    /// Collections of YAML, told by indentation. `step` is how far a mapping goes in, `list` how far a list does below
    /// its key: people write both `0` and `step`.
    Block {
        /// How far a mapping's entries stand right of their key.
        step: usize,
        /// How far a list's dashes stand right of their key.
        list: usize,
    },
    /// Collections in brackets, in one line of YAML.
    Flow,
    /// JSON in lines, `step` further right a level.
    JsonLines {
        /// How far an entry stands right of what holds it.
        step: usize,
    },
    /// JSON in one line.
    Json,
}

impl Notation {
    /// True for both ways to write JSON.
    pub(in crate::frontend) fn is_json(self) -> bool {
        matches!(self, Self::JsonLines { .. } | Self::Json)
    }
}

/// An entry `key: value`, in lines of which all but the first are indented as if the key stood at column 0.
pub(in crate::frontend) fn entry(key: &str, value: &Written, notation: Notation) -> String {
    match notation {
        Notation::Block { step, list } => {
            let mut out = scalar(key, false);
            block_value(&mut out, value, 0, step, list);
            out
        }
        Notation::Flow => format!("{}: {}", scalar(key, true), line(value, notation)),
        Notation::Json => format!("{}: {}", json_string(key), line(value, notation)),
        Notation::JsonLines { step } => {
            let mut out = format!("{}: ", json_string(key));
            json_lines(&mut out, value, 0, step);
            out
        }
    }
}

/// A list item without its dash, in lines of which all but the first are indented as if it stood at column 0.
pub(in crate::frontend) fn item(value: &Written, notation: Notation) -> String {
    let mut out = String::new();
    match (notation, value) {
        (Notation::Block { step, list }, Written::Map(entries)) => block_entries(&mut out, entries, 0, step, list),
        (Notation::Block { .. }, value) => out = line(value, Notation::Flow),
        (Notation::JsonLines { step }, value) => json_lines(&mut out, value, 0, step),
        (Notation::Flow | Notation::Json, value) => out = line(value, notation),
    }
    out
}

/// What follows a key: in the same line, or in the lines below.
fn block_value(out: &mut String, value: &Written, indent: usize, step: usize, list: usize) {
    match value {
        Written::Map(entries) => {
            out.push_str(":\n");
            out.push_str(&" ".repeat(indent + step));
            block_entries(out, entries, indent + step, step, list);
        }
        Written::List(items) => {
            out.push(':');
            for item in items {
                out.push('\n');
                out.push_str(&" ".repeat(indent + list));
                out.push_str("- ");
                match item {
                    Written::Map(entries) => block_entries(out, entries, indent + list + 2, step, list),
                    other => out.push_str(&block_scalar(other)),
                }
            }
        }
        other => {
            out.push_str(": ");
            out.push_str(&block_scalar(other));
        }
    }
}

fn block_entries(out: &mut String, entries: &[(String, Written)], indent: usize, step: usize, list: usize) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&scalar(key, false));
        block_value(out, value, indent, step, list);
    }
}

/// A value in the line of its key or dash, outside of brackets.
fn block_scalar(value: &Written) -> String {
    match value {
        Written::Text(text) => scalar(text, false),
        Written::Call(name, argument) => match argument.as_ref() {
            Written::Text(text) => format!("!{} {}", short(name), scalar(text, false)),
            other => format!("!{} {}", short(name), line(other, Notation::Flow)),
        },
        other => line(other, Notation::Flow),
    }
}

/// A value in one line.
fn line(value: &Written, notation: Notation) -> String {
    let json = notation.is_json();
    match value {
        Written::Text(text) if json => json_string(text),
        Written::Text(text) => scalar(text, true),
        Written::Source(text) => text.clone(),
        // `Fn::GetAtt` takes `A.B` in the short form only.
        Written::Call("Fn::GetAtt", argument) if json => match argument.as_ref() {
            Written::Text(text) => {
                let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
                format!("{{ \"Fn::GetAtt\": [{}, {}] }}", json_string(id), json_string(attribute))
            }
            other => format!("{{ \"Fn::GetAtt\": {} }}", line(other, notation)),
        },
        Written::Call(name, argument) if json => format!("{{ {}: {} }}", json_string(name), line(argument, notation)),
        Written::Call(name, argument) => format!("!{} {}", short(name), line(argument, notation)),
        Written::List(items) => {
            let items: Vec<String> = items.iter().map(|item| line(item, notation)).collect();
            format!("[{}]", items.join(", "))
        }
        Written::Map(entries) => {
            let entry = |(key, value): &(String, Written)| {
                let key = if json { json_string(key) } else { scalar(key, true) };
                format!("{key}: {}", line(value, notation))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            if json { format!("{{ {} }}", entries.join(", ")) } else { format!("{{{}}}", entries.join(", ")) }
        }
    }
}

fn json_lines(out: &mut String, value: &Written, indent: usize, step: usize) {
    let inner = " ".repeat(indent + step);
    let outer = " ".repeat(indent);
    match value {
        Written::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index == 0 { "\n" } else { ",\n" });
                out.push_str(&inner);
                out.push_str(&json_string(key));
                out.push_str(": ");
                json_lines(out, value, indent + step, step);
            }
            out.push('\n');
            out.push_str(&outer);
            out.push('}');
        }
        Written::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "\n" } else { ",\n" });
                out.push_str(&inner);
                json_lines(out, item, indent + step, step);
            }
            out.push('\n');
            out.push_str(&outer);
            out.push(']');
        }
        other => out.push_str(&line(other, Notation::Json)),
    }
}

fn short(name: &'static str) -> &'static str {
    name.strip_prefix("Fn::").unwrap_or(name)
}

/// A YAML scalar: plain where that reads as the same string, else in double quotes. `in_flow` is inside brackets.
fn scalar(text: &str, in_flow: bool) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '*' | '/'))
        && !text.ends_with(':')
        // `a:b` is plain text everywhere, but inside brackets some readers stop at a colon.
        && !(in_flow && text.contains(':'))
        && !is_word(text);
    if plain { text.to_owned() } else { json_string(text) }
}

/// What YAML 1.1 reads as something else than a string.
fn is_word(text: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Text in double quotes; YAML reads these as JSON does.
pub(in crate::frontend) fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
