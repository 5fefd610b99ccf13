//! Makes text from a template safe to print.
//!
//! Nothing that comes from an input may move the cursor, change what is already on the screen, turn text around, or be
//! read as a command by a CI system that watches the output.

use std::fmt::Write as _;

/// The text as one line: control, bidirectional and other format characters stand as `\u{…}`, line breaks as `\n`.
#[must_use]
pub fn line(text: &str) -> String {
    escaped(text, false)
}

/// The text with its line breaks; everything else as in [`line()`].
#[must_use]
pub fn lines(text: &str) -> String {
    escaped(text, true)
}

/// At most `limit` bytes of a text, cut at a character, with `…` where something was cut.
#[must_use]
pub(crate) fn clip(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub('…'.len_utf8());
    let end = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or(""))
}

fn escaped(text: &str, keep_breaks: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or("");
        match character {
            '\n' if keep_breaks => out.push('\n'),
            '\n' => out.push_str("\\n"),
            '\r' if rest.starts_with("\r\n") => {}
            '\t' => out.push_str("    "),
            ':' if starts_workflow_command(&out, rest) => out.push_str("\\u{3a}"),
            _ => push(&mut out, character, rest),
        }
    }
    out
}

/// Appends one character, escaped where it must be. `rest` starts with the character.
pub(super) fn push(out: &mut String, character: char, rest: &str) {
    if is_hidden(character) || (character == '#' && out.ends_with('#') && starts_logging_command(rest)) {
        let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
    } else {
        out.push(character);
    }
}

/// GitHub Actions takes `::name …::` as a command where only blanks stand before it on its line. Wherever a blank or
/// nothing stands before, the text may come to stand at the start of a line.
pub(super) fn starts_workflow_command(before: &str, rest: &str) -> bool {
    rest.starts_with("::") && !before.ends_with(|last: char| !last.is_whitespace())
}

/// `##vso[…]` (Azure Pipelines), `##[…]` (both) and `##teamcity[…]` are commands, the first two anywhere in a line.
/// `rest` starts with the second `#`.
pub(super) fn starts_logging_command(rest: &str) -> bool {
    let word = rest.bytes().skip(1).take_while(u8::is_ascii_alphabetic).take(32).count();
    rest.as_bytes().get(1 + word) == Some(&b'[')
}

/// Control characters, and characters that are not seen or that change how others are seen (Unicode general
/// categories Cc, Cf, Zl and Zp, and the invisible letters that pass as blanks).
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2 | 0x115F..=0x1160
            | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF
            | 0xFFA0 | 0xFFF0..=0xFFFB | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_turns_text_around() {
        assert_eq!(line("a\u{1b}[2Jb\u{7}"), "a\\u{1b}[2Jb\\u{7}");
        assert_eq!(line("a\u{202e}b\u{2066}c\u{9b}"), "a\\u{202e}b\\u{2066}c\\u{9b}");
        assert_eq!(line("one\r\ntwo\rthree"), "one\\ntwo\\u{d}three");
        assert_eq!(lines("one\n\ttwo"), "one\n    two");
        assert_eq!(line("Größe 数据 AWS::S3::Bucket"), "Größe 数据 AWS::S3::Bucket");
    }

    #[test]
    fn no_text_is_a_command_of_a_ci_system() {
        assert_eq!(line("::error::x"), "\\u{3a}:error::x");
        assert_eq!(lines("a\n  ::stop-commands::t"), "a\n  \\u{3a}:stop-commands::t");
        assert_eq!(line("\n::error::x"), "\\n::error::x", "the escaped line break stands before it");
        assert_eq!(line("x ##vso[task.setvariable]"), "x #\\u{23}vso[task.setvariable]");
        assert_eq!(line("##[error]"), "#\\u{23}[error]");
        assert_eq!(line("## Buckets ###"), "## Buckets ###");
    }

    #[test]
    fn clipping_keeps_characters_whole() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("ééééé", 8), "éé…");
    }
}
