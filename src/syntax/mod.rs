//! One located tree for YAML, JSON and JSON inside strings.
//!
//! Parsing never fails: it gives a [`Parse`], which is a [`Tree`] of what could be read and a list of errors.

mod breaks;
mod duplicates;
pub mod embedded;
mod json;
mod limits;
mod tree;
mod yaml;

pub use breaks::matters as breaks_matter;
pub use json::{parse_json, parse_json_at};
pub use tree::{Comments, DuplicateKey, Kind, Node, NodeId, Parse, SyntaxError, Tree, TreeBuilder};

use crate::source::SourceFile;
use std::sync::Arc;

/// Reads a file as JSON or as YAML, whichever it is.
///
/// Text that starts with a bracket and is JSON is read as JSON: YAML reads it ten times slower, and not quite as JSON
/// means it. Comments and trailing commas in it are lapses: YAML takes `// a` for text, and the key behind it would be
/// gone. If it is not JSON it is taken for YAML, where `{Resources: {…}}` is well and good. If it is neither, the errors
/// are those of JSON where a double quote or a bracket follows the first bracket, as in any JSON text, and of YAML
/// elsewhere.
#[must_use]
pub fn parse(source: &Arc<SourceFile>) -> Parse {
    let text = source.text().trim_start_matches('\u{FEFF}').trim_ascii_start();
    let is_commented = text.starts_with("//") || text.starts_with("/*");
    let inner = text.strip_prefix(['{', '[']);
    if inner.is_none() && !is_commented {
        return parse_yaml(source);
    }
    let json = json::parse_lenient(source);
    let Some(inner) = inner else {
        return if json.errors.is_empty() { json } else { parse_yaml(source) };
    };
    let past_limit = |error: &SyntaxError| [limits::TOO_DEEP, limits::TOO_MANY].contains(&error.message.as_str());
    let commas_only = json.lapses.iter().all(|lapse| lapse.message == json::TRAILING_COMMA);
    // In YAML a trailing comma is fine.
    let may_be_yaml = commas_only && (json.lapses.is_empty() || is_named_yaml(source));
    if json.errors.is_empty() && (json.lapses.is_empty() || !may_be_yaml) || json.errors.iter().any(past_limit) {
        return json;
    }
    let yaml = parse_yaml(source);
    let speaks_json = inner.trim_ascii_start().starts_with(['"', '{', '[']);
    if speaks_json && (!yaml.errors.is_empty() || !commas_only) { json } else { yaml }
}

fn is_named_yaml(source: &SourceFile) -> bool {
    source.has_extension(&["yaml", "yml"])
}

#[cfg(feature = "internals")]
#[doc(hidden)]
pub use yaml::events as yaml_events;
pub use yaml::parse_yaml;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Parse {
        parse(&Arc::new(SourceFile::new(FileId(0), "a", text)))
    }

    #[test]
    fn the_reader_fits_the_text() {
        let pair = read(r#" {"a": "\uD834\uDD1E"}"#);
        assert_eq!(pair.errors, [], "YAML has no surrogate pairs");
        let flow = read("{Resources: {A: {Type: 'AWS::S3::Bucket'}}}");
        assert_eq!(flow.errors, []);
        assert_eq!(flow.tree.root().unwrap().get("Resources").unwrap().entries().count(), 1);
        let trailing = read("{\"a\": [1, 2,], # c\n}");
        assert_eq!(trailing.errors, []);
        assert_eq!(trailing.comments.spans(FileId(0)).count(), 1);
        let lapses = read("{\"a\": [1, // b\n 2,],\n/* c */ \"d\": 1,}");
        let told: Vec<_> = lapses.lapses.iter().map(|lapse| (lapse.message.as_str(), lapse.span.start)).collect();
        let comment = "JSON allows no comments";
        assert_eq!(told, [(comment, 10), (json::TRAILING_COMMA, 17), (comment, 21), (json::TRAILING_COMMA, 35)]);
        assert_eq!(lapses.errors, []);
        assert_eq!(lapses.tree.root().unwrap().entries().count(), 2);
        let before = read("// a\n/* b */ {\"c\": 1}");
        assert_eq!((before.errors.len(), before.lapses.len()), (0, 2));
        let open = read("{\"a\": 1 /* b\n}");
        assert_eq!((open.errors.len(), open.lapses.len()), (1, 1));
        let broken = read(r#"{"a": 1 "b": 2}"#);
        assert_eq!(broken.errors[0].message, "expected `,` or `}`, but found `\"`");
        let neither = read("{a: [b}");
        assert!(neither.errors[0].message.starts_with("while parsing"), "{:?}", neither.errors);
        assert_eq!(read(&"[".repeat(100_000)).errors[0].message, limits::TOO_DEEP);
    }
}
