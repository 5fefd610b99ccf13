//! Files beside the source, and templates: `file`, `templatefile`, `templatestring`, and the provider's old
//! `template_file`.

use super::super::evaluate::{Evaluator, Scope};
use super::super::read;
use super::super::tree::{Located, Part};
use super::super::value::{Dat, Frag, Val};
use super::encoding::hashed;
use crate::frontend::normal;
use crate::source::{SourceFile, Span};
use crate::syntax::embedded::OffsetMap;
use std::path::Path;
use std::sync::Arc;

impl Evaluator<'_> {
    pub(super) fn file_function(&self, name: &str, arguments: &[Val], span: Span, scope: &Scope) -> Option<Val> {
        let value = match (name, arguments) {
            ("file", [path]) => match self.text_at(path, span, scope) {
                Ok(source) => whole_file(&source, span),
                Err(unknown) => unknown,
            },
            ("templatefile", [path, variables]) => match self.text_at(path, span, scope) {
                Ok(source) => self.render(&source, variables, span),
                Err(unknown) => unknown,
            },
            ("fileexists", [path]) => match self.text_at(path, span, scope) {
                Ok(_) => Val::bool(span, true),
                Err(unknown) => unknown,
            },
            ("templatestring", [template, variables]) => self.render_string(template, variables, span),
            (
                "filebase64" | "filemd5" | "filesha1" | "filesha256" | "filesha512" | "filebase64sha256"
                | "filebase64sha512",
                [path],
            ) => match self.text_at(path, span, scope) {
                Ok(source) => {
                    let of_bytes = name.trim_start_matches("file");
                    hashed(of_bytes, source.text().as_bytes())
                        .map_or_else(|| self.needs(name, arguments, span), |text| Val::text(span, &text))
                }
                Err(unknown) => unknown,
            },
            ("basename" | "dirname", [path]) => match path.as_literal() {
                Some(path) => Val::text(span, &part_of_path(name, &path)),
                None => self.needs(name, arguments, span),
            },
            ("pathexpand", [path]) if path.as_literal().is_some_and(|path| !path.starts_with('~')) => {
                path.clone().at(span)
            }
            _ => return None,
        };
        Some(value)
    }

    /// The file at a path, where it is one of those that were read with the module.
    fn text_at(&self, path: &Val, span: Span, scope: &Scope) -> Result<Arc<SourceFile>, Val> {
        let Some(text) = path.as_literal() else { return Err(self.needs("file", std::slice::from_ref(path), span)) };
        let found = scope.place.as_ref().and_then(|place| {
            // Terraform runs in the folder of the root module.
            let path = normal(&self.configuration.root.folder.join(Path::new(&text)));
            place.module.texts.get(&path).cloned()
        });
        found.ok_or_else(|| {
            let cause = "the file is not at hand, or lies outside of the folders of the modules";
            self.unknown(span, cause, "put it beside the source")
        })
    }

    fn render(&self, source: &SourceFile, variables: &Val, span: Span) -> Val {
        match read::template(source) {
            Ok(parts) => self.filled(&parts, variables, span),
            Err(notice) => self.unknown(notice.span, notice.message, "fix the template"),
        }
    }

    /// What a text makes of variables as a template.
    pub(in super::super) fn render_string(&self, template: &Val, variables: &Val, span: Span) -> Val {
        let Dat::Text(frags) = &template.data else {
            return self.needs("templatestring", std::slice::from_ref(template), span);
        };
        let [Frag::Literal(located)] = frags.as_ref() else {
            return match template.as_literal() {
                Some(text) => self.render_located(&Located::whole(&text, template.span), variables, span),
                None => self.not_known(template, span, "the template is not known"),
            };
        };
        self.render_located(located, variables, span)
    }

    fn render_located(&self, located: &Located, variables: &Val, span: Span) -> Val {
        if !self.spend(located.text.len() / 16) {
            return self.too_large(span);
        }
        let source = self.configuration.source(located.span.file);
        match source.and_then(|source| read::template_at(&source, located)) {
            Some(parts) => self.filled(&parts, variables, span),
            None => self.unknown(span, "the template cannot be read", "fix the template"),
        }
    }

    /// A template with its variables, which are all that it knows.
    fn filled(&self, parts: &[Part], variables: &Val, span: Span) -> Val {
        let Some(members) = variables.members() else {
            return self.not_known(variables, span, "the variables of the template are not known");
        };
        let mut scope = Scope::new(None);
        for member in members.iter() {
            scope = scope.with(&member.key, member.value.clone());
        }
        self.template(parts, span, &scope)
    }
}

/// The last part of a path, or all before its last slash, as Go's `path/filepath` has them (`Base`, `Dir`).
fn part_of_path(function: &str, path: &str) -> String {
    let some = |part: &str, none: &str| if part.is_empty() { none.to_owned() } else { part.to_owned() };
    if function == "basename" {
        let path = some(path, ".");
        let whole = path.trim_end_matches('/');
        return some(whole.rsplit('/').next().unwrap_or(whole), "/");
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = if path.starts_with('/') { "/" } else { "" };
    let clean = normal(Path::new(folder.trim_start_matches('/')));
    // There is nothing above the root.
    let below = clean.to_string_lossy();
    let below = if root.is_empty() { &*below } else { below.trim_start_matches("../").trim_start_matches("..") };
    some(&format!("{root}{below}"), ".")
}

/// The text of a file, each byte at its place.
fn whole_file(source: &SourceFile, place: Span) -> Val {
    let text = source.text().trim_start_matches('\u{feff}');
    let start = source.text().len() - text.len();
    let span = Span::new(source.id(), start, source.text().len());
    let map = Some(Arc::new(OffsetMap::verbatim(start, text.len())));
    Val::frags(place, vec![Frag::Literal(Located { text: text.into(), span, map })])
}
