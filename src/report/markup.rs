//! Untrusted text in XML, HTML and Markdown.

use super::escape::{is_hidden, line, starts_logging_command, starts_workflow_command};
use std::fmt::Write as _;

/// Text for XML: readers get it as it is, but for characters that XML 1.0 cannot hold, which are replaced. No hidden
/// character and no command of a CI system stands in it; line breaks do, outside of attributes.
pub(super) fn xml(text: &str) -> String {
    referenced(text, true)
}

/// The same, for an attribute: it is on one line, and keeps its line breaks.
pub(super) fn attribute(text: &str) -> String {
    referenced(text, false)
}

fn referenced(text: &str, keep_breaks: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or("");
        let before = text.get(..at).unwrap_or("");
        match character {
            '\n' if keep_breaks => out.push('\n'),
            '\n' | '\r' | '\t' | '&' | '<' | '>' | '"' | '\'' => reference(&mut out, character),
            ':' if starts_workflow_command(before, rest) => reference(&mut out, character),
            '#' if before.ends_with('#') && starts_logging_command(rest) => reference(&mut out, character),
            // Illegal even as a reference (https://www.w3.org/TR/xml/#charsets).
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ if is_hidden(character) => reference(&mut out, character),
            _ => out.push(character),
        }
    }
    out
}

fn reference(out: &mut String, character: char) {
    let name = match character {
        '&' => "amp",
        '<' => "lt",
        '>' => "gt",
        '"' => "quot",
        _ => {
            let _ = write!(out, "&#x{:X};", u32::from(character));
            return;
        }
    };
    let _ = write!(out, "&{name};");
}

/// Text for an HTML page, on one line. What is hidden is shown as `\u{…}`: a page is for people.
pub(super) fn html(text: &str) -> String {
    attribute(&line(text))
}

/// Text for HTML in which lines count.
pub(super) fn html_lines(text: &str) -> String {
    text.lines().map(html).collect::<Vec<_>>().join("\n")
}

/// Prose for Markdown, on one line, as GitHub and GitLab render it: nothing of it is markup, a link or somebody's
/// name, but what stands in backticks is code.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = line(text);
    let mut rest = text.as_str();
    while let Some((before, (inside, after))) = rest.split_once('`').and_then(|(a, b)| Some((a, b.split_once('`')?))) {
        plain(&mut out, before);
        code(&mut out, inside);
        rest = after;
    }
    plain(&mut out, rest);
    out
}

/// Code in a line of Markdown.
pub(super) fn markdown_code(text: &str) -> String {
    let mut out = String::new();
    code(&mut out, &line(text));
    out
}

fn code(out: &mut String, text: &str) {
    out.push_str("<code>");
    entities(out, text);
    out.push_str("</code>");
}

/// An `@` that stands alone in an element names nobody: readers look for names in whole texts.
fn plain(out: &mut String, text: &str) {
    for (index, part) in text.split('@').enumerate() {
        if index > 0 {
            out.push_str("<span>&#64;</span>");
        }
        entities(out, part);
    }
}

/// All that may be markup stands as a reference.
fn entities(out: &mut String, text: &str) {
    for character in text.chars() {
        if character.is_ascii_punctuation() && !matches!(character, '.' | ',' | ';' | '/' | '-' | '%' | '=' | '?') {
            let _ = write!(out, "&#{};", u32::from(character));
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a<b>&\"'\n]]>\r\t\u{0}\u{1b}[2J\u{202e}##[error]\n::warning::é";

    #[test]
    fn xml_keeps_the_text_and_holds_no_command() {
        let text = xml(NASTY);
        assert_eq!(
            text,
            "a&lt;b&gt;&amp;&quot;&#x27;\n]]&gt;&#xD;&#x9;\u{fffd}\u{fffd}[2J&#x202E;#&#x23;[error]\n&#x3A;:warning::é"
        );
        assert!(!attribute(NASTY).contains('\n'));
    }

    #[test]
    fn markdown_holds_no_markup() {
        assert_eq!(markdown("a `b*c` d"), "a <code>b&#42;c</code> d");
        assert_eq!(markdown("one ` only, @you"), "one &#96; only, <span>&#64;</span>you");
        for character in "<>&*_[]()#|!~\\`$".chars() {
            assert!(!markdown_code(&format!("x{character}y")).contains(&format!("x{character}y")), "{character}");
        }
    }
}
