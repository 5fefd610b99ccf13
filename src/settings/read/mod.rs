//! Reads a settings file: first every value is held against the table of keys, then what is good is taken.

use super::key::{Key, SETTINGS, Shape};
use super::{ALL, Deployment, FailOn, Globs, GuardedBy, ParameterFile, RuleName, SEVERITIES, Settings, Suppress};
use crate::finding::Severity;
use crate::frontend::parameters;
use crate::model::Date;
use crate::rules;
use crate::source::{SourceFile, Span};
use crate::syntax::{self, Kind, Node, SyntaxError};
use std::sync::Arc;

/// So many errors of one file are told: nobody reads more.
const MAX_ERRORS: usize = 20;
/// The most entries of one list or mapping.
const MAX_ENTRIES: usize = 1_000;
/// The most bytes of a reason.
const LONGEST_REASON: usize = 1_000;

/// Reads a settings file.
///
/// # Errors
/// Where it does not parse, or a key or a value of it means nothing; each with its place, in order.
pub fn read(file: &Arc<SourceFile>) -> Result<Settings, Vec<SyntaxError>> {
    match syntax::breaks_matter(file, settings) {
        Some(error) => Err(vec![error]),
        None => settings(file),
    }
}

fn settings(file: &Arc<SourceFile>) -> Result<Settings, Vec<SyntaxError>> {
    let parse = syntax::parse(file);
    let wrong: Vec<_> = parse.errors.iter().chain(&parse.lapses).take(MAX_ERRORS).cloned().collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut checker = Checker { errors: Vec::new() };
    for twice in &parse.duplicates {
        checker.error(twice.second, format!("`{}` is defined twice", shown(&twice.key)));
    }
    let Some(root) = parse.tree.root().filter(|root| root.kind() != Kind::Null) else {
        return Ok(Settings::default());
    };
    checker.check(root, &SETTINGS, "a settings file");
    if !checker.errors.is_empty() {
        checker.errors.sort_by_key(|error| error.span);
        checker.errors.truncate(MAX_ERRORS);
        return Err(checker.errors);
    }
    taken(root).map_err(|error| vec![error])
}

struct Checker {
    errors: Vec<SyntaxError>,
}

impl Checker {
    fn error(&mut self, span: Span, message: String) {
        self.errors.push(SyntaxError::new(message, span));
    }

    /// Holds a value against its shape. `what` is what people call it. Goes no deeper than shapes do.
    fn check(&mut self, node: Node<'_>, shape: &'static Shape, what: &str) {
        if node.tag().is_some() {
            let tag = node.tag_span().unwrap_or_else(|| node.span());
            // Its name may be a part of a secret: only its mark is shown.
            let span = Span { end: tag.start + 1, ..tag };
            return self.error(span, "a tag means nothing in settings".to_owned());
        }
        match (shape, node.kind()) {
            (Shape::List(of) | Shape::OneOrMore(of), Kind::Sequence) => self.list(node, of, what),
            (Shape::Value, Kind::Sequence) => self.list(node, &Shape::Value, what),
            (Shape::OneOrMore(of), _) => self.check(node, of, what),
            (Shape::WordOr(word, _), _) if node.text() == Some(word) => {}
            (Shape::WordOr(_, other), Kind::Sequence) => self.check(node, other, what),
            (Shape::Map(key, value), Kind::Mapping) => self.map(node, key, value, what),
            (Shape::Object(keys), Kind::Mapping) => self.object(node, keys, what),
            (Shape::List(_) | Shape::WordOr(..) | Shape::Map(..) | Shape::Object(_), _) => {
                self.error(node.span(), format!("{what} must be {}, not {}", wanted(shape), kind(node)));
            }
            _ => {
                if let Err(message) = leaf(node, shape, what) {
                    self.error(node.span(), message);
                }
            }
        }
    }

    fn few(&mut self, node: Node<'_>, count: usize, what: &str) -> bool {
        if count > MAX_ENTRIES {
            self.error(node.span(), format!("{what} has more than {MAX_ENTRIES} entries"));
        }
        count <= MAX_ENTRIES
    }

    fn list(&mut self, node: Node<'_>, of: &'static Shape, what: &str) {
        let count = node.items().count();
        if count == 0 && !matches!(of, Shape::Value) {
            return self.error(node.span(), format!("{what} is an empty list: leave the key out"));
        }
        if self.few(node, count, what) {
            let what = format!("an entry of {what}");
            node.items().for_each(|item| match (of, item.kind()) {
                (Shape::Value, Kind::Sequence) => {
                    self.error(item.span(), format!("{what} must be a string or a number, not a list"));
                }
                _ => self.check(item, of, &what),
            });
        }
    }

    fn map(&mut self, node: Node<'_>, key: &'static Shape, value: &'static Shape, what: &str) {
        if self.few(node, node.entries().count(), what) {
            let key_of = format!("a key of {what}");
            for (name, entry) in node.entries() {
                self.check(name, key, &key_of);
                let name = name.text().map_or_else(|| what.to_owned(), |name| format!("`{}`", shown(name)));
                self.check(entry, value, &name);
            }
        }
    }

    fn object(&mut self, node: Node<'_>, keys: &'static [Key], what: &str) {
        if !self.few(node, node.entries().count(), what) {
            return;
        }
        for (name, value) in node.entries() {
            match keys.iter().find(|key| name.text() == Some(key.name)) {
                Some(key) => self.check(value, &key.shape, &format!("`{}`", key.name)),
                None => self.error(name.span(), unknown_key(name, keys)),
            }
        }
        for key in keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
            let place = node.entries().next().map_or_else(|| node.span(), |(name, _)| name.span());
            self.error(place, format!("{what} needs the key `{}`: {}", key.name, in_a_sentence(key.about)));
        }
    }
}

/// Holds a scalar against its shape.
fn leaf(node: Node<'_>, shape: &Shape, what: &str) -> Result<(), String> {
    let text = match node.kind() {
        Kind::Null | Kind::Sequence | Kind::Mapping => None,
        // `off` is a boolean to YAML, `yes` may be a name.
        Kind::Bool(_) if matches!(shape, Shape::Rule | Shape::Date | Shape::Account) => None,
        _ => node.text(),
    };
    let Some(text) = text else { return Err(format!("{what} must be {}, not {}", wanted(shape), kind(node))) };
    match shape {
        Shape::Flag if matches!(node.kind(), Kind::Bool(_)) => Ok(()),
        Shape::Flag | Shape::Date | Shape::Account | Shape::Severity | Shape::FailOn => word(text, shape, what),
        Shape::Rule => match (rules::find(text), rules::suggest(text)) {
            (Some(_), _) => Ok(()),
            (None, Some(rule)) => Err(format!("there is no rule `{}`: did you mean `{rule}`?", shown(text))),
            (None, None) => {
                Err(format!("there is no rule `{}`: `bucketlint rules` lists those that there are", shown(text)))
            }
        },
        Shape::Glob => Globs::new(&[text]).map(|_| ()),
        Shape::Address => Globs::of_addresses(&[text]).map(|_| ()),
        Shape::File if text.starts_with('/') => Err("files are named relative to the folder of this file".to_owned()),
        Shape::Text if text.len() > LONGEST_REASON => Err(format!("{what} is longer than {LONGEST_REASON} bytes")),
        Shape::Text | Shape::Name | Shape::File if text.trim().is_empty() => Err(format!("{what} is empty")),
        _ => Ok(()),
    }
}

/// Holds a text against the words that its shape allows.
fn word(text: &str, shape: &Shape, what: &str) -> Result<(), String> {
    let known = match shape {
        Shape::Severity => SEVERITIES.iter().any(|(name, _)| *name == text),
        Shape::FailOn => FailOn::NAMES.iter().any(|(name, _)| *name == text),
        Shape::Date => Date::parse(text).is_some(),
        Shape::Account => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    if known {
        return Ok(());
    }
    let hint = match shape {
        Shape::Severity if ["off", "none", "ignore", "never"].contains(&text) => {
            ": to switch a rule off, list it under `ignore`".to_owned()
        }
        Shape::Severity => did_you_mean(text, SEVERITIES.iter().map(|(name, _)| *name)),
        Shape::FailOn => did_you_mean(text, FailOn::NAMES.iter().map(|(name, _)| *name)),
        Shape::Flag => did_you_mean(text, ["true", "false"].into_iter()),
        _ => String::new(),
    };
    Err(format!("{what} must be {}, not `{}`{hint}", wanted(shape), shown(text)))
}

/// What a value must be, to end a sentence with.
fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Text | Shape::Name => "a string".to_owned(),
        Shape::Date => "a day such as `2027-03-31`".to_owned(),
        Shape::Rule => "the name of a rule".to_owned(),
        Shape::Severity => "`error`, `warning` or `note`".to_owned(),
        Shape::FailOn => "`error`, `warning`, `note` or `never`".to_owned(),
        Shape::Glob => "a pattern of paths such as `vendor/**`".to_owned(),
        Shape::Address => "a pattern of addresses such as `Data` or `module.logs.*`".to_owned(),
        Shape::File => "the path of a file".to_owned(),
        Shape::Account => "an account id of 12 digits".to_owned(),
        Shape::Value => "a string, a number, `true`, `false` or a list of them".to_owned(),
        Shape::List(Shape::Rule) => "a list of rules such as `[orphan-policy]`".to_owned(),
        Shape::List(Shape::Glob) => "a list of patterns such as `[\"vendor/**\"]`".to_owned(),
        Shape::List(Shape::Account) => "a list of account ids such as `[\"111122223333\"]`".to_owned(),
        Shape::List(_) => "a list".to_owned(),
        Shape::OneOrMore(of) => wanted(of),
        Shape::WordOr(word, other) => format!("`{word}` or {}", wanted(other)),
        Shape::Map(Shape::Rule, _) => "a mapping of rules to severities such as `{orphan-policy: warning}`".to_owned(),
        Shape::Map(Shape::Glob, _) => "a mapping of patterns to files such as `{\"prod/**\": prod.json}`".to_owned(),
        Shape::Map(_, Shape::Value) => "a mapping of names to values such as `{Env: prod}`".to_owned(),
        Shape::Map(..) => "a mapping of names to lists of patterns such as `{prod: [\"prod/**\"]}`".to_owned(),
        Shape::Object(keys) => {
            let example = keys.iter().map(|key| format!("`{}`", key.name)).collect::<Vec<_>>().join(", ");
            format!("a mapping with keys of {example}")
        }
    }
}

/// What a value is, to end a sentence with. Never shows it: it may be a secret in the wrong place.
fn kind(node: Node<'_>) -> &'static str {
    match node.kind() {
        Kind::Null => "empty",
        Kind::Bool(true) => "`true`",
        Kind::Bool(false) => "`false`",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Sequence => "a list",
        Kind::Mapping => "a mapping",
    }
}

fn unknown_key(name: Node<'_>, keys: &[Key]) -> String {
    let Some(text) = name.text() else { return format!("a key must be a string, not {}", kind(name)) };
    let hint = did_you_mean(&kebab(text), keys.iter().map(|key| key.name));
    let names = || keys.iter().map(|key| format!("`{}`", key.name)).collect::<Vec<_>>().join(", ");
    let hint = if hint.is_empty() { format!(": there are {}", names()) } else { hint };
    format!("there is no key `{}` here{hint}", shown(text))
}

/// `failOn` and `fail_on` as `fail-on`.
fn kebab(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars().take(64) {
        if character.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        out.push(if character == '_' || character == ' ' { '-' } else { character.to_ascii_lowercase() });
    }
    out
}

/// `: did you mean …?` where one of the names is close to a text, else nothing.
fn did_you_mean<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> String {
    let text: String = text.chars().take(64).collect();
    let best = names.map(|name| (strsim::jaro_winkler(&text, name), name)).max_by(|one, two| one.0.total_cmp(&two.0));
    let close = best.filter(|(likeness, _)| *likeness > 0.75);
    close.map_or_else(String::new, |(_, name)| format!(": did you mean `{name}`?"))
}

/// A text of the file, cut to what a message can hold.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let cut = text.chars().nth(LONGEST).is_some();
    text.chars().take(LONGEST).chain(cut.then_some('…')).collect()
}

/// A sentence as a part of another.
fn in_a_sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// The settings of a mapping that was found good.
fn taken(root: Node<'_>) -> Result<Settings, SyntaxError> {
    let list = |name: &str| root.get(name).into_iter().flat_map(Node::items);
    let entries = |name: &str| root.get(name).into_iter().flat_map(Node::entries);
    let rules = |name: &str| list(name).filter_map(Node::text).filter_map(rule).collect::<Vec<_>>();
    let mut parameters = parameters::Given::default();
    if let Some(section) = root.get("parameters") {
        let mut errors = Vec::new();
        parameters::section(section, &mut parameters, &mut errors);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
    }
    let parameter_files = entries("parameter-files").map(|(templates, file)| {
        let text = file.text().unwrap_or_default().to_owned();
        Ok(ParameterFile { templates: globs(templates)?, file: text, span: file.span() })
    });
    let deployments = entries("deployments").map(|(name, files)| {
        let text = name.text().unwrap_or_default().to_owned();
        Ok(Deployment { name: text, files: globs(files)?, span: name.span() })
    });
    let guarded_by = list("guarded-by").map(|entry| GuardedBy {
        file: text(entry, "file"),
        span: entry.get("file").unwrap_or(entry).span(),
        reason: text(entry, "reason"),
        accounts: entry.get("accounts").filter(|accounts| accounts.text() != Some(ALL)).map(texts),
    });
    let severity =
        entries("severity").filter_map(|(name, level)| Some((rule(name.text()?)?, severity(level.text()?)?)));
    let of_run = ["fail-on", "deployments", "guarded-by"];
    let mut settings = Settings {
        select: root.get("select").map(|_| rules("select")),
        ignore: rules("ignore"),
        severity: severity.collect(),
        fail_on: root.get("fail-on").and_then(Node::text).and_then(fail_on),
        exclude: root.get("exclude").map(globs).transpose()?.unwrap_or_default(),
        parameters,
        parameter_files: parameter_files.collect::<Result<_, _>>()?,
        assume_defaults: root.get("assume-defaults").map(|flag| flag.kind() == Kind::Bool(true)),
        deployments: deployments.collect::<Result<_, _>>()?,
        suppress: list("suppress").map(suppress).collect::<Result<_, _>>()?,
        guarded_by: guarded_by.collect(),
        of_run: of_run.iter().filter_map(|&name| Some((name, root.entry(name)?.0.span()))).collect(),
        idle: Vec::new(),
    };
    settings.idle = idle(root, &settings);
    Ok(settings)
}

fn suppress(entry: Node<'_>) -> Result<Suppress, SyntaxError> {
    let rules = entry.get("rule").map(texts).unwrap_or_default();
    let address = entry.get("address").map(|address| {
        Globs::of_addresses(&texts(address)).map_err(|message| SyntaxError::new(message, address.span()))
    });
    Ok(Suppress {
        rules: rules.iter().filter_map(|name| rule(name)).collect(),
        path: entry.get("path").map(globs).transpose()?,
        address: address.transpose()?,
        reason: text(entry, "reason"),
        until: entry.get("until").and_then(Node::text).and_then(Date::parse),
        span: entry.get("rule").unwrap_or(entry).span(),
    })
}

/// The patterns that stand in a node, one or a list.
fn globs(node: Node<'_>) -> Result<Globs, SyntaxError> {
    Globs::new(&texts(node)).map_err(|message| SyntaxError::new(message, node.span()))
}

/// The texts that stand in a node, one or a list.
fn texts(node: Node<'_>) -> Vec<String> {
    let one = (node.kind() != Kind::Sequence).then_some(node);
    one.into_iter().chain(node.items()).filter_map(Node::text).map(str::to_owned).collect()
}

fn text(entry: Node<'_>, key: &str) -> String {
    entry.get(key).and_then(Node::text).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn rule(name: &str) -> Option<RuleName> {
    rules::find(name).map(|rule| RuleName(rule.name))
}

fn severity(name: &str) -> Option<Severity> {
    SEVERITIES.iter().find(|(known, _)| *known == name).map(|(_, severity)| *severity)
}

fn fail_on(name: &str) -> Option<FailOn> {
    FailOn::NAMES.iter().find(|(known, _)| *known == name).map(|(_, level)| *level)
}

/// Keys and entries that have no effect beside the others of their file.
fn idle(root: Node<'_>, settings: &Settings) -> Vec<SyntaxError> {
    let off = |rule: RuleName| {
        let selected = settings.select.as_ref().is_none_or(|rules| rules.contains(&rule));
        settings.ignore.contains(&rule) || !selected
    };
    let mut idle = Vec::new();
    let mut tell = |node: Node<'_>, message: String| idle.push(SyntaxError::new(message, node.span()));
    for (name, _) in root.get("severity").into_iter().flat_map(Node::entries) {
        if let Some(rule) = name.text().and_then(rule).filter(|rule| off(*rule)) {
            tell(name, format!("this has no effect: `{}` is not applied", rule.0));
        }
    }
    for entry in root.get("suppress").into_iter().flat_map(Node::items) {
        let names = entry.get("rule").map(texts).unwrap_or_default();
        if !names.is_empty() && names.iter().filter_map(|name| rule(name)).all(off) {
            tell(entry.get("rule").unwrap_or(entry), "this has no effect: no such rule is applied".to_owned());
        }
    }
    if let Some(select) = &settings.select {
        for name in root.get("ignore").into_iter().flat_map(Node::items) {
            if let Some(rule) = name.text().and_then(rule).filter(|rule| !select.contains(rule)) {
                tell(name, format!("this has no effect: `{}` is not selected", rule.0));
            }
        }
    }
    idle
}

#[cfg(test)]
mod tests;
