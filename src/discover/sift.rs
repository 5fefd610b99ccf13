//! Tells from the bytes alone whether a file can be something to lint, so that the others are not parsed.

use memchr::memmem::Finder;
use std::sync::LazyLock;

static AWS: LazyLock<Finder> = LazyLock::new(|| Finder::new("AWS"));
static PLANNED: LazyLock<Finder> = LazyLock::new(|| Finder::new("planned_values"));
static MODULE: LazyLock<Finder> = LazyLock::new(|| Finder::new("root_module"));

/// False only where the file holds neither a CloudFormation template nor a Terraform plan or state, whatever its
/// escapes spell.
///
/// A template that concerns us names a type (`AWS::…`) or says what it is (`AWSTemplateFormatVersion`). A plan has the
/// key `planned_values`, a state the key `root_module`. Escapes can spell any of these in other bytes (`\u0041WS`, and
/// in YAML `\x41` or a line break after a backslash), and so can UTF-16.
#[must_use]
pub fn may_be_template(bytes: &[u8]) -> bool {
    speaks_of_aws(bytes)
        || PLANNED.find(bytes).is_some()
        || MODULE.find(bytes).is_some()
        || is_utf16(bytes)
        || memchr::memchr_iter(b'\\', bytes).any(|at| hides_letter(bytes.get(at + 1..).unwrap_or(&[])))
}

fn speaks_of_aws(bytes: &[u8]) -> bool {
    AWS.find_iter(bytes).any(|at| {
        let rest = bytes.get(at + 3..).unwrap_or(&[]);
        rest.starts_with(b"::") || rest.starts_with(b"TemplateFormatVersion")
    })
}

/// A byte-order mark, or a NUL among the first characters: every text that we look for starts in ASCII.
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.iter().take(4).any(|&byte| byte == 0)
}

/// Whether what follows a backslash can stand for one of the characters that are looked for, or for nothing.
fn hides_letter(escape: &[u8]) -> bool {
    let digits = match escape {
        [b'\n' | b'\r', ..] => return true,
        [b'x', digits @ ..] => digits.get(..2),
        [b'u', digits @ ..] => digits.get(..4),
        [b'U', digits @ ..] => digits.get(..8),
        _ => return false,
    };
    let Some(Ok(digits)) = digits.map(std::str::from_utf8) else { return false };
    let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    character.is_some_and(|character| character.is_ascii_alphabetic() || character == ':' || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_whatever_may_be_a_template() {
        let kept: [&[u8]; 13] = [
            b"Resources: {B: {Type: AWS::S3::Bucket}}",
            b"AWSTemplateFormatVersion: 2010-09-09",
            b"{\"planned_values\": {}}",
            b"{\"values\": {\"root_module\": {}}}",
            b"{\"Type\": \"\\u0041WS::S3::Bucket\"}",
            b"{\"Type\": \"AWS\\u003A:S3::Bucket\"}",
            b"Type: \"\\x41WS::S3::Bucket\"",
            b"Type: \"\\U00000041WS::S3::Bucket\"",
            b"Type: \"AW\\\nS::S3::Bucket\"",
            b"Type: \"AW\\\r\nS::S3::Bucket\"",
            b"{\"planned\\u005fvalues\": {}}",
            &[0xFF, 0xFE, b'{', 0],
            &[b'{', 0, b'"', 0],
        ];
        for bytes in kept {
            assert!(may_be_template(bytes), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn leaves_out_what_cannot_be_one() {
        let left: [&[u8]; 6] = [
            b"",
            b"{\"name\": \"AWS SDK\", \"text\": \"caf\\u00e9 \\u003cb\\u003e \\n \\\" \\\\\"}",
            b"apiVersion: v1\nkind: Pod\nresources: {}\n",
            b"region: AWS:us-east-1",
            b"\\x4",
            b"\\uZZZZ",
        ];
        for bytes in left {
            assert!(!may_be_template(bytes), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
