//! The comments of a Terraform file. The parser keeps none that it could be asked for.

use crate::source::{SourceFile, Span};

/// What the text is inside of.
enum Inside {
    /// Code, with so many open braces of its own.
    Code(usize),
    /// A quoted template.
    Quoted,
}

/// All comments, from their `#`, `//` or `/*` on, in the order of the file. What stands in strings and heredocs is none.
pub(super) fn comments(file: &SourceFile) -> Vec<Span> {
    let text = file.text().as_bytes();
    let mut found = Vec::new();
    let mut open = vec![Inside::Code(0)];
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match open.last_mut() {
            Some(Inside::Quoted) => match rest {
                [b'\\', ..] => at += 2,
                [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => at += 3,
                [b'$' | b'%', b'{', ..] => {
                    open.push(Inside::Code(0));
                    at += 2;
                }
                // A quoted template ends with its line at the latest.
                [b'"' | b'\n', ..] => {
                    open.pop();
                    at += 1;
                }
                _ => at += 1,
            },
            Some(Inside::Code(braces)) => match rest {
                [b'#', ..] | [b'/', b'/', ..] => {
                    let end = at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    found.push(Span::new(file.id(), at, end));
                    at = end;
                }
                [b'/', b'*', ..] => {
                    let inner = memchr::memmem::find(rest.get(2..).unwrap_or(&[]), b"*/");
                    let end = inner.map_or(text.len(), |inner| at + inner + 4);
                    found.push(Span::new(file.id(), at, end));
                    at = end;
                }
                [b'<', b'<', ..] => at += heredoc(rest),
                [b'"', ..] => {
                    open.push(Inside::Quoted);
                    at += 1;
                }
                [b'{', ..] => {
                    *braces += 1;
                    at += 1;
                }
                [b'}', ..] => {
                    if let Some(rest) = braces.checked_sub(1) {
                        *braces = rest;
                    } else if open.len() > 1 {
                        open.pop();
                    }
                    at += 1;
                }
                _ => at += 1,
            },
            None => break,
        }
    }
    found
}

/// How long a heredoc is, from its `<<` up to the end of its marker; 2 where it is none.
fn heredoc(text: &[u8]) -> usize {
    let body = text.get(2..).unwrap_or(&[]);
    let body = body.strip_prefix(b"-").unwrap_or(body);
    let line = memchr::memchr(b'\n', body).unwrap_or(body.len());
    let marker = body.get(..line).unwrap_or(&[]).trim_ascii();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-';
    if marker.is_empty() || !marker.iter().all(is_name) {
        return 2;
    }
    let mut at = text.len() - body.len() + line;
    while let Some(rest) = text.get(at + 1..).filter(|rest| !rest.is_empty()) {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        at += 1 + end;
        if rest.get(..end).is_some_and(|line| line.trim_ascii() == marker) {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn found(text: &str) -> Vec<String> {
        let file = Sources::default().add("main.tf", text);
        comments(&file).into_iter().map(|span| file.slice(span).to_owned()).collect()
    }

    #[test]
    fn comments_of_all_kinds() {
        assert_eq!(found("a = 1 # one\n// two\r\n/* three\n */ b = 2"), ["# one", "// two", "/* three\n */"]);
    }

    #[test]
    fn what_stands_in_text_is_none() {
        assert_eq!(found("a = \"# no\" # yes\n"), ["# yes"]);
        assert_eq!(found("a = \"x ${f(\"# no\", { b = \"}\" })} # no\" # yes\n"), ["# yes"]);
        assert_eq!(found("a = \"$${ # no\" # yes\nb = \"\\\" # no\" # yes"), ["# yes", "# yes"]);
        assert_eq!(found("a = <<EOT\n# no\n  EOT\n# yes\n"), ["# yes"]);
        assert_eq!(found("a = <<-E\n \"# no ${b}\n E\n# yes\nc = 1 << 2 # too"), ["# yes", "# too"]);
        assert_eq!(found("a = <<EOT\n# no"), [""; 0]);
        assert_eq!(found("/* open"), ["/* open"]);
        assert_eq!(found("}}} # yes"), ["# yes"]);
    }
}
