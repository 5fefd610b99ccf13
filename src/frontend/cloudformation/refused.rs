//! What CloudFormation refuses in any template, whatever it would mean: keys that are no text, and nulls.
//!
//! A null is refused wherever it stands (`[/Resources/A/Properties] 'null' values are not allowed in templates`), so
//! that a template with one deploys nothing. It is told, as the reader may have meant something: `Null:` without
//! quotes is no key `Null`, and the condition under it would be gone.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html>.

use crate::syntax::{Kind, Node, Parse, SyntaxError};

/// So many are told of a template. Nobody reads more.
const MAX_TOLD: usize = 100;

/// The errors, in the order of the text.
pub(super) fn refused(parse: &Parse) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    let mut left: Vec<Node<'_>> = parse.tree.root().into_iter().collect();
    while let Some(node) = left.pop() {
        // What an alias stands for is looked at where it is written.
        if node.is_alias() {
            continue;
        }
        left.extend(node.items());
        for (key, value) in node.entries() {
            errors.extend(key_error(key));
            if value.kind() == Kind::Null {
                let name = key.text().unwrap_or("this key");
                errors.push(error(format!("the value of `{name}` is null, which CloudFormation refuses"), value));
            }
            left.push(value);
        }
        errors.extend(
            node.items()
                .filter(|item| item.kind() == Kind::Null)
                .map(|item| error("an item of this list is null, which CloudFormation refuses".to_owned(), item)),
        );
    }
    // Behind an error of syntax, what is missing is read as null.
    let cut = parse.errors.iter().map(|error| error.span.start).min().unwrap_or(u32::MAX);
    errors.retain(|error| error.span.end < cut);
    errors.sort_by_key(|error| error.span);
    errors.dedup();
    errors.truncate(MAX_TOLD);
    errors
}

fn key_error(key: Node<'_>) -> Option<SyntaxError> {
    let message = match key.kind() {
        Kind::Null => {
            let written = key.tree().source().slice(key.resolved().span());
            match written {
                "" => "a key is missing here".to_owned(),
                written => format!("the key `{written}` is read as null: put it in quotes"),
            }
        }
        Kind::Sequence | Kind::Mapping => "a key must be a string, not a list or a mapping".to_owned(),
        Kind::Bool(_) | Kind::Number | Kind::String => return None,
    };
    Some(error(message, key))
}

fn error(message: String, node: Node<'_>) -> SyntaxError {
    SyntaxError::new(message, node.span())
}
