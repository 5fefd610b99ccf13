//! Refuses files that would take the parser too long: the time that it takes for an object grows with the square of
//! the object's size.

/// How many bytes a file may have.
const BYTES: usize = 8 << 20;
/// How many members an object may have.
const MEMBERS: usize = 4_000;

/// Where a file goes past a limit. This looks at characters only and takes no care of heredocs: what it takes for
/// members is counted up to a number that no text in a heredoc has at one depth.
pub(super) fn find(text: &str) -> Option<usize> {
    if text.len() > BYTES {
        return Some(BYTES);
    }
    // For each open brace, how many members stand in it so far; `None` in a block.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut before = b' ';
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((offset, byte)) = bytes.next() {
        match byte {
            b'{' => open.push(b"=([,:?{".contains(&before).then_some(0)),
            b'}' => {
                open.pop();
            }
            b'"' => {
                while let Some((_, byte)) = bytes.next_if(|(_, byte)| *byte != b'"' && *byte != b'\n') {
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
                bytes.next_if(|(_, byte)| *byte == b'"');
            }
            b'=' | b':' => {
                if let Some(Some(members)) = open.last_mut() {
                    *members += 1;
                    if *members > MEMBERS {
                        return Some(offset);
                    }
                }
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_limited_and_blocks_are_not() {
        let members = |count: usize| (0..count).map(|n| format!("k{n} = \"{{\"\n")).collect::<Vec<_>>().concat();
        assert_eq!(find(&format!("a = {{\n{}}}\n", members(MEMBERS))), None);
        assert!(find(&format!("a = {{\n{}}}\n", members(MEMBERS + 1))).is_some());
        assert_eq!(find(&format!("locals {{\n{}}}\n", members(MEMBERS + 1))), None);
        assert_eq!(find(&format!("resource \"a\" \"b\" {{\n{}}}\n", members(MEMBERS + 1))), None);
        let objects = format!("a = {{\n{}}}\n", members(3_000)).repeat(3);
        assert_eq!(find(&objects), None, "each object counts for itself");
    }
}
