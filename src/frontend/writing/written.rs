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
#[derive(Clone, Copy, Debug)]
pub(in crate::frontend) enum Notation {
    /// Collections of YAML, told by indentation. `step` is how far a mapping goes in, `list` how far a list does below
    /// its key: people write both `0` and `step`.
    Block {
        /// How far a mapping's entries stand right of their key.
        step: usize,
        /// How far a list's dashes stand right of their key.
        list: usize,
        /// How text is quoted that needs it.
        quotes: Quotes,
    },
    /// Collections in brackets, in one line of YAML.
    Flow {
        /// How text is quoted that needs it.
        quotes: Quotes,
    },
    /// JSON in lines, `step` further right a level.
    JsonLines {
        /// How far an entry stands right of what holds it.
        step: usize,
    },
    /// JSON in one line.
    Json,
}

/// How text is quoted in YAML.
#[derive(Clone, Copy, Debug)]
pub(in crate::frontend) enum Quotes {
    /// `'text'`.
    Single,
    /// `"text"`.
    Double,
}

impl Quotes {
    /// Those that more scalars of a text start with.
    pub(in crate::frontend) fn most(text: &str) -> Self {
        let starts = |quote: char| {
            text.match_indices([' ', '[', '{'])
                .filter(|(at, _)| text.get(at + 1..).is_some_and(|rest| rest.starts_with(quote)))
                .count()
        };
        if starts('\'') > starts('"') { Self::Single } else { Self::Double }
    }
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
        Notation::Block { step, list, quotes } => {
            let mut out = scalar(key, false, quotes);
            Block { step, list, quotes }.value(&mut out, value, 0);
            out
        }
        Notation::Flow { quotes } => format!("{}: {}", scalar(key, true, quotes), line(value, notation)),
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
        (Notation::Block { step, list, quotes }, Written::Map(entries)) => {
            Block { step, list, quotes }.entries(&mut out, entries, 0);
        }
        (Notation::Block { quotes, .. }, value) => out = line(value, Notation::Flow { quotes }),
        (Notation::JsonLines { step }, value) => json_lines(&mut out, value, 0, step),
        (Notation::Flow { .. } | Notation::Json, value) => out = line(value, notation),
    }
    out
}

/// Writes [`Notation::Block`].
#[derive(Clone, Copy)]
struct Block {
    step: usize,
    list: usize,
    quotes: Quotes,
}

impl Block {
    /// What follows a key: in the same line, or in the lines below.
    fn value(self, out: &mut String, value: &Written, indent: usize) {
        match value {
            Written::Map(entries) => {
                out.push_str(":\n");
                out.push_str(&" ".repeat(indent + self.step));
                self.entries(out, entries, indent + self.step);
            }
            Written::List(items) => {
                out.push(':');
                for item in items {
                    out.push('\n');
                    out.push_str(&" ".repeat(indent + self.list));
                    out.push_str("- ");
                    match item {
                        Written::Map(entries) => self.entries(out, entries, indent + self.list + 2),
                        other => out.push_str(&self.scalar(other)),
                    }
                }
            }
            other => {
                out.push_str(": ");
                out.push_str(&self.scalar(other));
            }
        }
    }

    fn entries(self, out: &mut String, entries: &[(String, Written)], indent: usize) {
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
            }
            out.push_str(&scalar(key, false, self.quotes));
            self.value(out, value, indent);
        }
    }

    /// A value in the line of its key or dash, outside of brackets.
    fn scalar(self, value: &Written) -> String {
        let flow = Notation::Flow { quotes: self.quotes };
        match value {
            Written::Text(text) => scalar(text, false, self.quotes),
            Written::Call(name, argument) => match argument.as_ref() {
                Written::Text(text) => format!("!{} {}", short(name), scalar(text, false, self.quotes)),
                other => format!("!{} {}", short(name), line(other, flow)),
            },
            other => line(other, flow),
        }
    }
}

/// A value in one line.
fn line(value: &Written, notation: Notation) -> String {
    let json = notation.is_json();
    let in_flow = |text: &str| match notation {
        Notation::Flow { quotes } | Notation::Block { quotes, .. } => scalar(text, true, quotes),
        Notation::Json | Notation::JsonLines { .. } => json_string(text),
    };
    match value {
        Written::Text(text) => in_flow(text),
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
            let entry = |(key, value): &(String, Written)| format!("{}: {}", in_flow(key), line(value, notation));
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

/// A YAML scalar: plain where that reads as the same string, else in quotes. `in_flow` is inside brackets.
fn scalar(text: &str, in_flow: bool, quotes: Quotes) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '*' | '/'))
        && !text.ends_with(':')
        // `a:b` is plain text everywhere, but inside brackets some readers stop at a colon.
        && !(in_flow && text.contains(':'))
        && !is_word(text);
    // In single quotes nothing is escaped but they themselves.
    let fits_single = !text.contains('\'') && !text.chars().any(char::is_control);
    match quotes {
        _ if plain => text.to_owned(),
        Quotes::Single if fits_single => format!("'{text}'"),
        _ => json_string(text),
    }
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
