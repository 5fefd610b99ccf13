//! Where the JSON of a plan starts in a text, and whether a text is a plan at all.

use memchr::memmem;

/// How much of the JSON tells which command printed it.
const HEAD: usize = 4096;

/// How far into a text its JSON may start: lines of a CI wrapper stand before it.
const PREFACE: usize = 64 * 1024;

/// Whether a text speaks like the output of `terraform show -json` (or `tofu show -json`): a plan or a state. It
/// searches for key names, and parses nothing.
#[must_use]
pub fn looks_like_plan(text: &str) -> bool {
    let Some(json) = json_start(text).and_then(|start| text.get(start..)) else {
        return false;
    };
    let bytes = json.as_bytes();
    let has = |name: &str| memmem::find(bytes, name.as_bytes()).is_some();
    // An empty state is nothing but its version.
    let empty_state = json.len() < 256;
    // The other thing that has a version of this kind: `terraform providers schema -json`.
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let schemas = memmem::find(head, b"\"provider_schemas\"").is_some();
    let names = ["\"planned_values\"", "\"terraform_version\"", "\"resource_changes\""];
    has("\"format_version\"") && !schemas && (empty_state || names.into_iter().any(has))
}

/// The byte offset at which the JSON object starts: at once, or on a line of its own after the lines of a wrapper
/// (`[command]/usr/bin/terraform show -json`).
pub(super) fn json_start(text: &str) -> Option<usize> {
    let body = text.trim_start_matches('\u{feff}').trim_start();
    let mut offset = text.len() - body.len();
    if body.starts_with('{') {
        return Some(offset);
    }
    for line in body.split_inclusive('\n') {
        if line.trim_start().starts_with('{') {
            return Some(offset + line.len() - line.trim_start().len());
        }
        offset += line.len();
        if offset > PREFACE {
            return None;
        }
    }
    None
}

/// Whether bytes are a zip archive, as a binary plan is.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_starts_after_a_wrapper_line() {
        assert_eq!(json_start("  {}"), Some(2));
        assert_eq!(json_start("\u{feff}{}"), Some(3));
        assert_eq!(json_start("[command]/usr/bin/terraform show -json plan\n{}\n"), Some(44));
        assert_eq!(json_start("no JSON"), None);
        assert_eq!(json_start(""), None);
    }

    #[test]
    fn plans_and_states_are_told_from_other_json() {
        assert!(looks_like_plan(r#"{"format_version":"1.2","planned_values":{}}"#));
        assert!(looks_like_plan(r#"{"format_version":"1.0"}"#), "an empty state");
        assert!(looks_like_plan(r#"{"tfplan":{"format_version":"0.1","resource_changes":[]}}"#));
        assert!(!looks_like_plan(r#"{"Resources":{}}"#));
        assert!(!looks_like_plan(r#"{"format_version":"1.0","provider_schemas":{}}"#));
    }
}
