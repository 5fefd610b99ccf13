//! A grammar of YAML, written out at random: block and flow collections in each other, all styles of scalars, tags,
//! anchors, aliases, comments, and indentation that is only just enough.
//!
//! Not all that it writes is YAML. Whether a text is, the other parsers say.

use crate::support::random::Random;

/// The deepest nesting.
const DEPTH: usize = 5;

const WORDS: &[&str] = &[
    "a",
    "b1",
    "Ref",
    "Key",
    "x y",
    "a:b",
    "a#b",
    "http://x/y",
    "-1",
    "1.5",
    "null",
    "Null",
    "~",
    "yes",
    "é",
    "日本",
    "𝄞",
    "a-b",
    "-a",
    "?a",
    ":a",
    "a b  c",
    "${A}",
    "a'b",
    "a\"b",
    "a\\b",
    "<<",
    "=",
    "a&b",
    "a*b",
    "a!b",
    "a|b",
    "a>b",
    "a%b",
    "2012-10-17",
    "s3:*",
    "arn:aws:s3:::b/*",
    "*",
    "[",
    "{}",
    "a,b",
    "a]",
    "@a",
    "`",
    "%a",
    "|",
    ">",
    "!",
    "&",
    "",
];
const PLAIN: &[&str] = &[
    "a",
    "b1",
    "Ref",
    "Key",
    "x y",
    "a:b",
    "a#b",
    "http://x/y",
    "-1",
    "1.5",
    "null",
    "~",
    "yes",
    "é",
    "日本",
    "𝄞",
    "a-b",
    "-a",
    "?a",
    ":a",
    "a'b",
    "a\"b",
    "a\\b",
    "<<",
    "a&b",
    "a*b",
    "a!b",
    "2012-10-17",
    "s3:*",
    "arn:aws:s3:::b",
    "$",
    "a|b",
];
const TAGS: &[&str] = &["!Ref", "!Sub", "!GetAtt", "!!str", "!!map", "!", "!a.b", "!<tag:x,1:y>", "!FindInMap"];

/// A random text.
pub fn text(random: &mut Random) -> String {
    let breaks = *random.pick(&["\n", "\n", "\n", "\n", "\r\n", "\r"]);
    let mut writer = Writer { out: String::new(), random, anchors: 0 };
    writer.document();
    writer.out.replace('\n', breaks)
}

struct Writer<'r> {
    out: String,
    random: &'r mut Random,
    anchors: usize,
}

impl Writer<'_> {
    fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn document(&mut self) {
        if self.chance(3) {
            self.push("\u{FEFF}");
        }
        if self.chance(5) {
            self.push("# first\n");
        }
        if self.chance(4) {
            self.push("%YAML 1.1\n---\n");
        } else if self.chance(15) {
            self.push("---\n");
        } else if self.chance(5) {
            self.push("--- ");
            self.flow(1, 0);
            self.push("\n");
            return;
        }
        match self.random.below(10) {
            0 => {
                self.flow(0, 0);
                self.push("\n");
            }
            1 => self.block_sequence(0, 0),
            _ => self.block_mapping(0, 0),
        }
        if self.chance(5) {
            self.push("...\n");
        }
        if self.chance(5) {
            self.push("# last");
        }
    }

    /// White space before a value.
    fn blank(&mut self) {
        let white = if self.chance(4) { *self.random.pick(&["\t", " \t", "\t ", "\t\t"]) } else { " " };
        self.push(white);
    }

    /// White space and a comment up to the end of the line.
    fn end_line(&mut self) {
        if self.chance(8) {
            self.blank();
        }
        if self.chance(8) {
            self.push(" # c: [x");
        }
        self.push("\n");
        if self.chance(4) {
            self.push("\n");
        }
        if self.chance(3) {
            self.push("  # between\n");
        }
    }

    fn indent(&mut self, columns: usize) {
        for _ in 0..columns {
            self.out.push(' ');
        }
    }

    fn properties(&mut self) {
        if self.chance(10) {
            let tag = *self.random.pick(TAGS);
            self.push(tag);
            self.push(" ");
        }
        if self.chance(5) {
            self.anchors += 1;
            let anchor = format!("&n{} ", self.anchors);
            self.push(&anchor);
        }
    }

    /// Entries at column `indent`; the first stands where the text ends.
    fn block_mapping(&mut self, indent: usize, depth: usize) {
        for entry in 0..1 + self.random.below(4) {
            if entry > 0 {
                self.indent(indent);
            }
            if self.chance(4) {
                self.push("?");
                self.blank();
                self.flow(indent + 2, depth + 3);
                self.end_line();
                self.indent(indent);
                self.push(":");
            } else {
                self.key(entry);
                self.push(":");
            }
            self.block_value(indent, depth, true);
        }
    }

    fn key(&mut self, number: usize) {
        self.properties();
        match self.random.below(12) {
            0 => self.push(&format!("'k {number}'")),
            1 => self.push(&format!("\"k\\x41{number}\" ")),
            2 => {
                let word = *self.random.pick(PLAIN);
                self.push(&format!("{word}{number}"));
            }
            3 if self.anchors > 0 => {
                let anchor = 1 + self.random.below(self.anchors);
                self.push(&format!("*n{anchor} "));
            }
            4 => self.push(&format!("[k, {number}]")),
            _ => self.push(&format!("Key{number}")),
        }
    }

    fn block_sequence(&mut self, indent: usize, depth: usize) {
        for entry in 0..1 + self.random.below(3) {
            if entry > 0 {
                self.indent(indent);
            }
            self.push("-");
            self.block_value(indent, depth, false);
        }
    }

    /// What follows `key:` (`in_mapping`) or `-`, the end of its line included.
    fn block_value(&mut self, indent: usize, depth: usize, in_mapping: bool) {
        let kinds = if depth >= DEPTH { 6 } else { 12 };
        match self.random.below(kinds) {
            0 => self.end_line(),
            1 | 2 => {
                self.blank();
                self.properties();
                self.scalar(indent + 1, false);
                self.end_line();
            }
            3 => {
                self.push(" ");
                self.properties();
                self.block_scalar(indent);
            }
            4 | 5 => {
                self.blank();
                self.properties();
                self.flow(indent + 1, depth);
                self.end_line();
            }
            6..=8 => {
                let step = 1 + self.random.below(4);
                if !in_mapping && self.chance(70) {
                    self.indent(step);
                    return self.block_mapping(indent + 1 + step, depth + 1);
                }
                self.push(" ");
                self.properties();
                self.end_line();
                self.indent(indent + step);
                self.block_mapping(indent + step, depth + 1);
            }
            _ => {
                let step = self.random.below(4) + usize::from(!in_mapping);
                if !in_mapping && self.chance(50) {
                    self.indent(step);
                    return self.block_sequence(indent + 1 + step, depth + 1);
                }
                self.push(" ");
                self.properties();
                self.end_line();
                self.indent(indent + step);
                self.block_sequence(indent + step, depth + 1);
            }
        }
    }

    fn block_scalar(&mut self, indent: usize) {
        let header = *self.random.pick(&["|", ">", "|-", ">-", "|+", ">+", "|2", ">1-"]);
        self.push(header);
        self.end_line();
        let step = match header.as_bytes().get(1) {
            Some(b'2') => 2,
            Some(b'1') => 1,
            _ => 1 + self.random.below(3),
        };
        for line in 0..self.random.below(4) {
            if line > 0 && self.chance(15) {
                self.push("\n");
                continue;
            }
            self.indent(indent + step);
            if line > 0 && self.chance(15) {
                self.push("  ");
            }
            let word =
                *self.random.pick(&["a", "b: c", "# no comment", "é 日", "- x", "{\"format_version\":\"1\"}", "x  y "]);
            self.push(word);
            self.push("\n");
        }
    }

    /// A scalar on one line or several, those after the first indented by `indent` at least.
    fn scalar(&mut self, indent: usize, flow: bool) {
        match self.random.below(10) {
            0 | 1 => {
                self.push("'");
                let word = self.random.pick(WORDS).replace('\'', "''");
                self.push(&word);
                self.fold(indent);
                self.push("'");
            }
            2 | 3 => {
                self.push("\"");
                let word = *self
                    .random
                    .pick(&["a", "\\\"", "\\\\", "\\n", "\\x41", "\\u00e9", "a b", "{}", "", "# x", "[", "\\ ", "é"]);
                self.push(word);
                self.fold(indent);
                if self.chance(10) {
                    self.push("\\\n");
                    self.indent(indent);
                    self.push("c");
                }
                self.push("\"");
            }
            4 if self.anchors > 0 => {
                let anchor = 1 + self.random.below(self.anchors);
                self.push(&format!("*n{anchor}"));
                if flow {
                    self.push(" ");
                }
            }
            _ => {
                let word = *self.random.pick(PLAIN);
                self.push(word);
                self.fold(indent);
            }
        }
    }

    /// Line breaks inside of a scalar.
    fn fold(&mut self, indent: usize) {
        while self.chance(6) {
            self.push("\n");
            if self.chance(20) {
                self.push("\n");
            }
            let less = self.random.below(2).min(indent);
            let columns = indent + self.random.below(3) - less;
            self.indent(columns);
            let word = *self.random.pick(&["more", "x y", "z-", "é", "w"]);
            self.push(word);
        }
    }

    /// White space between the tokens of a flow collection.
    fn gap(&mut self, indent: usize) {
        if self.chance(10) {
            if self.chance(20) {
                self.push(" # in brackets ]");
            }
            self.push("\n");
            let less = self.random.below(3).min(indent);
            let columns = indent + self.random.below(3) - less;
            self.indent(columns);
        } else if self.chance(50) {
            self.blank();
        }
    }

    fn flow(&mut self, indent: usize, depth: usize) {
        let kinds = if depth >= DEPTH { 2 } else { 6 };
        match self.random.below(kinds) {
            0 | 1 => self.scalar(indent, true),
            2 | 3 => {
                self.push("[");
                self.gap(indent);
                let count = self.random.below(5);
                for item in 0..count {
                    self.item(indent, depth + 1);
                    self.comma(indent, item + 1 == count);
                }
                self.push("]");
            }
            _ => {
                self.push("{");
                self.gap(indent);
                let count = self.random.below(4);
                for entry in 0..count {
                    self.pair(indent, depth + 1, entry);
                    self.comma(indent, entry + 1 == count);
                }
                self.push("}");
            }
        }
    }

    fn comma(&mut self, indent: usize, last: bool) {
        if !last || self.chance(5) {
            self.push(",");
        }
        self.gap(indent);
    }

    /// An item of a flow sequence: a node, or a pair without braces.
    fn item(&mut self, indent: usize, depth: usize) {
        if self.chance(25) {
            let number = self.random.below(9);
            return self.pair(indent, depth, number);
        }
        self.properties();
        self.flow(indent, depth);
    }

    fn pair(&mut self, indent: usize, depth: usize, number: usize) {
        if self.chance(8) {
            self.push("?");
            self.blank();
        }
        match self.random.below(8) {
            0 => {
                self.push(&format!("\"k{number}\""));
                if self.chance(40) {
                    // No blank is needed behind such a key.
                    self.push(":");
                    return self.flow(indent, depth);
                }
            }
            1 => self.push(&format!("'k{number}'")),
            2 => {
                self.properties();
                self.push(&format!("k{number}"));
            }
            3 => self.flow(indent, depth + 2),
            4 if self.chance(30) => {}
            _ => self.push(&format!("Key{number}")),
        }
        if self.chance(6) {
            return;
        }
        if self.chance(20) {
            self.push(" ");
        }
        self.push(":");
        if self.chance(5) {
            return;
        }
        if self.chance(10) {
            self.gap(indent);
        }
        self.blank();
        self.properties();
        self.flow(indent, depth);
    }
}
