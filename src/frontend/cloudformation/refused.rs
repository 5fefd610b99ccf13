//! What CloudFormation refuses in any template, whatever it would mean: keys that are no text, and nulls.
//!
//! A null is refused wherever it stands (`[/Resources/A/Properties] 'null' values are not allowed in templates`), so
//! that a template with one deploys nothing. It is told, as the reader may have meant something: `Null:` without
//! quotes is no key `Null`, and the condition under it would be gone.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html>.

use super::call::Call;
use super::loops;
use super::recognise::SECTIONS;
use super::transforms::{Macros, pasted};
use crate::frontend::suggest;
use crate::syntax::{Kind, Node, Parse, SyntaxError};

/// So many are told of a template. Nobody reads more.
const MAX_TOLD: usize = 100;

/// The errors, in the order of the text.
pub(super) fn refused(parse: &Parse) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    for node in parse.tree.written() {
        for (key, value) in node.entries() {
            errors.extend(key_error(key));
            if value.kind() == Kind::Null {
                let name = key.text().unwrap_or("this key");
                errors.push(error(format!("the value of `{name}` is null, which CloudFormation refuses"), value));
            }
        }
        let nulls = node.items().filter(|item| item.kind() == Kind::Null);
        errors.extend(
            nulls.map(|item| error("an item of this list is null, which CloudFormation refuses".to_owned(), item)),
        );
    }
    if let Some(root) = parse.tree.root().filter(|root| Macros::read(*root).rewritten.is_none()) {
        errors.extend(sections(root));
    }
    // Behind an error of syntax, what is missing is read as null.
    let cut = parse.errors.iter().map(|error| error.span.start).min().unwrap_or(u32::MAX);
    errors.retain(|error| error.span.end < cut);
    errors.sort_by_key(|error| error.span);
    errors.dedup();
    errors.truncate(MAX_TOLD);
    errors
}

/// The sections that hold what is named.
const OF_NAMES: [&str; 6] = ["Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules"];
/// Those of mappings that nobody else tells of where they are none: what is a resource or an output is told by its reader.
const OF_MAPPINGS: [&str; 3] = ["Mappings", "Parameters", "Rules"];

/// What is no section, and sections that do not hold what they should: nothing of one would be read.
fn sections(root: Node<'_>) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    for (key, section) in root.entries() {
        // A key that is no text has an error of its own.
        let Some(name) = key.text() else { continue };
        // What a macro puts in the place of a section, or at the top, is known to nobody.
        if pasted(section).is_some() || name.starts_with("Fn::") {
            continue;
        }
        if !SECTIONS.contains(&name) {
            errors.extend(misspelt(name, key));
            continue;
        }
        if OF_NAMES.contains(&name) {
            errors.extend(no_mapping(name, section));
        }
        if OF_MAPPINGS.contains(&name) {
            let of_template =
                section.entries().filter(|(key, _)| key.text().is_some_and(|key| !key.starts_with("Fn::")));
            errors.extend(of_template.filter_map(|(key, value)| no_mapping(key.text()?, value)));
        }
        errors.extend(parts_of(name).into_iter().flat_map(|parts| misnamed(section, parts)));
        if name == "Parameters" {
            let is_typeless = |entry: &Node<'_>| entry.kind() == Kind::Mapping && entry.get("Type").is_none();
            let typeless =
                section.entries().filter(|(_, entry)| is_typeless(entry) && Call::of(*entry, false).is_none());
            let named = typeless.filter(|(key, _)| key.text().is_some_and(|key| !key.starts_with("Fn::")));
            errors.extend(named.map(|(key, _)| error("this parameter has no `Type`".to_owned(), key)));
        }
        if name == "Rules" {
            errors.extend(section.entries().flat_map(|(key, rule)| without_assertion(key, rule)));
        }
        if name == "Outputs" {
            let exports = section.entries().filter_map(|(_, output)| output.entry("Export"));
            let nameless =
                exports.filter(|(_, export)| export.get("Name").is_none() && Call::of(*export, false).is_none());
            errors.extend(nameless.map(|(key, _)| error("this export has no `Name`".to_owned(), key)));
        }
    }
    errors
}

/// What an entry of a section is called, and what it may consist of.
type Parts = (&'static str, &'static [&'static str]);

/// What the entries of a section may consist of: CloudFormation refuses all else. Not those of mappings, of metadata and
/// of conditions, which are whatever they are.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>; `Connectors` and
/// `IgnoreGlobals` are SAM's.
fn parts_of(section: &str) -> Option<Parts> {
    Some(match section {
        "Outputs" => ("an output", &["Condition", "Description", "Export", "Value"]),
        "Parameters" => (
            "a parameter",
            &[
                "AllowedPattern",
                "AllowedValues",
                "ConstraintDescription",
                "Default",
                "Description",
                "MaxLength",
                "MaxValue",
                "MinLength",
                "MinValue",
                "NoEcho",
                "Type",
            ],
        ),
        "Resources" => (
            "a resource",
            &[
                "Condition",
                "Connectors",
                "CreationPolicy",
                "DeletionPolicy",
                "DependsOn",
                "IgnoreGlobals",
                "Metadata",
                "Properties",
                "Type",
                "UpdatePolicy",
                "UpdateReplacePolicy",
            ],
        ),
        "Rules" => ("a rule", &["Assertions", "RuleCondition"]),
        _ => return None,
    })
}

/// Parts of a section's entries that are called almost as they should be, and so are none. What other tools add for
/// themselves has names of its own.
fn misnamed(section: Node<'_>, parts: Parts) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    loops::each_written(section, 0, &mut |_, entry| {
        if Call::of(entry, false).is_none() {
            errors.extend(entry.entries().filter_map(|(key, _)| misnamed_part(key, parts)));
        }
    });
    errors
}

fn misnamed_part(key: Node<'_>, (whole, parts): Parts) -> Option<SyntaxError> {
    let name = key.text().filter(|name| !parts.contains(name))?;
    let near = suggest::nearest(name, parts.iter().copied())?;
    Some(error(format!("{whole} has no `{name}`: did you mean `{near}`?"), key))
}

/// The errors of a rule that asserts nothing, or in which something asserts nothing.
fn without_assertion(key: Node<'_>, rule: Node<'_>) -> Vec<SyntaxError> {
    const PARTS: Parts = ("an assertion", &["Assert", "AssertDescription"]);
    if key.text().is_some_and(|key| key.starts_with("Fn::")) || Call::of(rule, false).is_some() {
        return Vec::new();
    }
    let Some(assertions) = rule.get("Assertions") else {
        // What is no mapping at all has an error of its own.
        let lacks = rule.kind() == Kind::Mapping;
        return lacks.then(|| error("this rule has no `Assertions`".to_owned(), key)).into_iter().collect();
    };
    let is_written = |node: &Node<'_>| Call::of(*node, false).is_none() && node.kind() != Kind::Null;
    let mut errors = Vec::new();
    if is_written(&assertions) && assertions.kind() != Kind::Sequence {
        errors.push(error("`Assertions` is no list, so that CloudFormation refuses it".to_owned(), assertions));
    }
    for assertion in assertions.items().filter(is_written) {
        errors.extend(assertion.entries().filter_map(|(key, _)| misnamed_part(key, PARTS)));
        if assertion.get("Assert").is_none() {
            errors.push(error("this assertion has no `Assert`".to_owned(), assertion));
        }
    }
    errors
}

/// A key beside the sections that is one of them but for its spelling. Other keys are tools' own.
fn misspelt(name: &str, key: Node<'_>) -> Option<SyntaxError> {
    let near = suggest::nearest(name, SECTIONS.into_iter())?;
    Some(error(format!("a template has no section `{name}`: did you mean `{near}`?"), key))
}

/// The error of a value that should be a mapping. What a function gives is known to nobody; a null has its own.
fn no_mapping(name: &str, value: Node<'_>) -> Option<SyntaxError> {
    let may_be = matches!(value.kind(), Kind::Mapping | Kind::Null) || Call::of(value, false).is_some();
    (!may_be).then(|| error(format!("`{name}` is no mapping, so that CloudFormation refuses it"), value))
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

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::source::Sources;
    use crate::syntax;

    fn told(text: &str) -> Vec<String> {
        let parse = syntax::parse(&Sources::default().add("a.yaml", text));
        assert_eq!(parse.errors, [], "{text}");
        refused(&parse).into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn sections_that_cannot_be_read_are_told() {
        for text in [
            "Mappings: [C]",
            "Mappings: {M: a}",
            "Parameters: [C]",
            "Parameters: {C: String}",
            "Conditions: C",
            "Rules: {R: x}",
            "Resources: [a]",
            "Outputs: O",
        ] {
            assert!(matches!(&told(text)[..], [one] if one.contains("is no mapping")), "{text}: {:?}", told(text));
        }
        for text in ["Outputs: {O: {Value: x, Export: x}}", "Outputs: {O: {Value: x, Export: {name: x}}}"] {
            assert_eq!(told(text), ["this export has no `Name`"], "{text}");
        }
        for text in ["transform: AWS::LanguageExtensions", "Condition: {C: x}", "Paramters: {}"] {
            assert!(matches!(&told(text)[..], [one] if one.contains("did you mean")), "{text}");
        }
    }

    #[test]
    fn parts_with_other_names_are_told() {
        for text in [
            "Resources: {B: {Type: AWS::S3::Bucket, properties: {}}}",
            "Resources: {B: {Type: AWS::S3::Bucket, Conditions: C}}",
            "Resources: {Fn::ForEach::L: [X, [a], {B: {Type: AWS::S3::Bucket, condition: C}}]}",
            "Parameters: {P: {Type: String, noEcho: true}}",
            "Parameters: {P: {Type: String, AllowedValue: [a]}}",
            "Outputs: {O: {Value: x, export: {Name: x}}}",
            "Rules: {R: {ruleCondition: x, Assertions: []}}",
            "Rules: {R: {Assertions: [{Assert: x, assertDescription: x}]}}",
        ] {
            assert!(matches!(&told(text)[..], [one] if one.contains("did you mean")), "{text}: {:?}", told(text));
        }
        for (text, lacks) in [
            ("Rules: {R: {Assertions: [{AssertDescription: x}]}}", "this assertion has no `Assert`"),
            ("Rules: {R: {Assertions: [x]}}", "this assertion has no `Assert`"),
            ("Rules: {R: {Assertions: {Assert: x}}}", "`Assertions` is no list"),
            ("Rules: {R: {RuleCondition: x}}", "this rule has no `Assertions`"),
            ("Parameters: {P: {Default: x}}", "this parameter has no `Type`"),
        ] {
            assert!(matches!(&told(text)[..], [one] if one.starts_with(lacks)), "{text}: {:?}", told(text));
        }
    }

    #[test]
    fn what_something_else_makes_a_section_of_is_not_told() {
        for text in [
            "Mappings: !Transform {Name: AWS::Include}",
            "Mappings: {M: {Fn::Transform: {Name: AWS::Include}}}",
            "Parameters: {Fn::Transform: {Name: AWS::Include}}",
            "Resources: {Fn::ForEach::L: [X, [a], {}]}",
            "Transform: Own\nResources: [a]",
            "Resources: {B: {Type: AWS::S3::Bucket, Connectors: {}, x-team: a, Overrides: {}}}",
            "Rules: {R: {Assertions: [{Assert: x}, !If [C, {}, {}]]}, Fn::Transform: {Name: AWS::Include}}",
            "Fn::Transform: {Name: AWS::Include}",
            "x-common: {}\nModules: {}\nRain: {}\nGlobals: {}\nConstants: {}",
        ] {
            assert_eq!(told(text), [] as [String; 0], "{text}");
        }
    }
}
