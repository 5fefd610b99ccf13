//! Writes one template in many layouts: YAML or JSON, any indentation, quotes, comments, ends of lines.

use crate::support::random::Random;
use std::fmt::Write as _;

/// What a template holds.
#[derive(Clone)]
pub enum Node {
    Text(String),
    /// A text that is JSON: written as a block scalar or in quotes.
    Json(String),
    /// A function with its argument.
    Call(&'static str, Box<Node>),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

pub fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

pub fn call(name: &'static str, argument: Node) -> Node {
    Node::Call(name, Box::new(argument))
}

pub fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// How it is written.
pub struct Layout {
    pub json: bool,
    /// `None` for one line.
    margin: Option<&'static str>,
    list: usize,
    gap: usize,
    newline: &'static str,
    ends_line: bool,
    comments: bool,
    blank_lines: bool,
    quote: char,
}

impl Layout {
    pub fn any(random: &mut Random) -> Self {
        let json = random.chance(30);
        let margins: &[Option<&'static str>] =
            if json { &[Some("  "), Some("    "), Some("\t"), None] } else { &[Some("  "), Some("    "), Some("   ")] };
        let margin = *random.pick(margins);
        let step = margin.map_or(0, str::len);
        Self {
            json,
            margin,
            list: *random.pick(&[0, step]),
            gap: *random.pick(&[1, 1, 3]),
            newline: *random.pick(&["\n", "\n", "\r\n"]),
            ends_line: random.chance(80),
            comments: random.chance(50),
            blank_lines: random.chance(50),
            quote: *random.pick(&['\'', '"']),
        }
    }

    /// The text of a template.
    pub fn write(&self, template: &Node, random: &mut Random) -> String {
        let mut out = if self.json {
            let mut out = String::new();
            self.json(template, "", &mut out);
            out
        } else {
            let mut lines = Vec::new();
            self.entries(template, 0, random, &mut lines);
            lines.join("\n")
        };
        if self.ends_line {
            out.push('\n');
        }
        out.replace('\n', self.newline)
    }

    fn json(&self, node: &Node, margin: &str, out: &mut String) {
        match node {
            Node::Text(text) | Node::Json(text) => out.push_str(&quoted(text)),
            Node::Call("Fn::GetAtt", argument) => {
                let Node::Text(path) = argument.as_ref() else { panic!("an attribute is named by text") };
                let (id, attribute) = path.split_once('.').unwrap();
                let _ = write!(out, "{{\"Fn::GetAtt\": [\"{id}\", \"{attribute}\"]}}");
            }
            Node::Call(name, argument) => {
                let _ = write!(out, "{{{}: ", quoted(name));
                self.json(argument, margin, out);
                out.push('}');
            }
            Node::List(items) => {
                let items = items.iter().map(|item| (None, item));
                self.brackets(['[', ']'], items.collect(), margin, out);
            }
            Node::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (Some(key.as_str()), value));
                self.brackets(['{', '}'], entries.collect(), margin, out);
            }
        }
    }

    fn brackets(&self, [open, close]: [char; 2], parts: Vec<(Option<&str>, &Node)>, margin: &str, out: &mut String) {
        let inner = format!("{margin}{}", self.margin.unwrap_or(""));
        out.push(open);
        let is_empty = parts.is_empty();
        for (index, (key, value)) in parts.into_iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if self.margin.is_some() {
                let _ = write!(out, "\n{inner}");
            } else if index > 0 {
                out.push(' ');
            }
            if let Some(key) = key {
                let _ = write!(out, "{}: ", quoted(key));
            }
            self.json(value, &inner, out);
        }
        if self.margin.is_some() && !is_empty {
            let _ = write!(out, "\n{margin}");
        }
        out.push(close);
    }

    /// The entries of a mapping, in lines.
    fn entries(&self, node: &Node, depth: usize, random: &mut Random, lines: &mut Vec<String>) {
        let Node::Map(entries) = node else { panic!("a mapping has entries") };
        let step = self.margin.map_or(2, str::len);
        for (key, value) in entries {
            if self.comments && random.chance(10) && !lines.is_empty() {
                lines.push("# of its own: \"é\" [".to_owned());
            }
            if self.blank_lines && depth == 1 && !lines.is_empty() {
                lines.push(String::new());
            }
            let mut inner = Vec::new();
            let mut head = format!("{}:", self.scalar(key));
            match value {
                Node::Map(parts) if !parts.is_empty() && !self.in_flow(depth, random) => {
                    self.entries(value, depth + 1, random, &mut inner);
                    indent(&mut inner, step);
                }
                Node::List(items) if !items.is_empty() && !self.in_flow(depth, random) => {
                    self.items(items, depth + 1, random, &mut inner);
                    indent(&mut inner, self.list);
                }
                Node::Json(json) if random.chance(60) => self.block(&mut head, json, &mut inner),
                Node::Call(name, argument) => match argument.as_ref() {
                    Node::Json(json) if random.chance(60) => {
                        let _ = write!(head, " !{}", name.trim_start_matches("Fn::"));
                        self.block(&mut head, json, &mut inner);
                    }
                    _ => head = format!("{head} {}", self.inline(value)),
                },
                _ => head = format!("{head} {}", self.inline(value)),
            }
            if self.comments && random.chance(20) && !head.ends_with('|') {
                head.push_str(" # beside");
            }
            lines.push(head);
            lines.extend(inner);
        }
    }

    fn items(&self, items: &[Node], depth: usize, random: &mut Random, lines: &mut Vec<String>) {
        for item in items {
            let mut inner = Vec::new();
            match item {
                Node::Map(_) if !self.in_flow(depth, random) => self.entries(item, depth + 1, random, &mut inner),
                _ => inner.push(self.inline(item)),
            }
            let gap = " ".repeat(self.gap);
            for (index, line) in inner.into_iter().enumerate() {
                let line = if index == 0 { format!("-{gap}{line}") } else { format!(" {gap}{line}") };
                lines.push(if line.trim().is_empty() { String::new() } else { line });
            }
        }
    }

    /// Deep parts are now and then written in brackets.
    fn in_flow(&self, depth: usize, random: &mut Random) -> bool {
        depth > 2 && random.chance(12)
    }

    fn block(&self, head: &mut String, json: &str, lines: &mut Vec<String>) {
        head.push_str(" |");
        lines.extend(json.lines().map(str::to_owned));
        indent(lines, self.margin.map_or(2, str::len));
    }

    fn inline(&self, node: &Node) -> String {
        match node {
            Node::Text(text) => self.scalar(text),
            Node::Json(text) if self.quote == '"' => quoted(text),
            Node::Json(text) => format!("'{}'", text.replace('\'', "''").replace('\n', " ")),
            Node::Call(name, argument) => {
                format!("!{} {}", name.trim_start_matches("Fn::"), self.inline(argument))
            }
            Node::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.inline(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Node::Map(entries) => {
                let entry = |(key, value): &(String, Node)| format!("{}: {}", self.scalar(key), self.inline(value));
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    fn scalar(&self, text: &str) -> String {
        let plain = text.starts_with(char::is_alphabetic) && text.chars().all(|c| c.is_alphanumeric() || c == '_');
        match self.quote {
            _ if plain && !["true", "false"].contains(&text) => text.to_owned(),
            '"' => quoted(text),
            _ => format!("'{}'", text.replace('\'', "''")),
        }
    }
}

fn indent(lines: &mut [String], by: usize) {
    for line in lines.iter_mut().filter(|line| !line.is_empty()) {
        line.insert_str(0, &" ".repeat(by));
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
