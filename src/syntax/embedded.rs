//! JSON text inside a string.

/// The character that a hole is written with in the text of a node. See [`pieces`].
pub(super) const MARK: char = '\u{10FFFF}';
/// Its first byte in UTF-8.
pub(super) const MARK_LEAD: u8 = 0xF4;
/// What ends the number of a hole.
const HOLE_END: char = ';';

/// Writes hole `index` into the text of a node.
pub(super) fn push_hole(text: &mut String, index: usize) {
    text.push(MARK);
    text.push_str(&index.to_string());
    text.push(HOLE_END);
}

/// Writes a [`MARK`] that stands for itself.
pub(super) fn push_mark(text: &mut String) {
    text.push(MARK);
    text.push(MARK);
}
