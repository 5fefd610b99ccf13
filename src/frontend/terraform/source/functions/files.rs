//! Files beside the source: `file`, `templatefile`, and the provider's old `template_file`.

use super::super::evaluate::{Evaluator, Scope};
use super::super::read;
use super::super::tree::{Located, Map};
use super::super::value::{Frag, Val};
use crate::frontend::normal;
use crate::source::{SourceFile, Span};
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
            let given = normal(Path::new(&text));
            place.module.texts.get(&given).or_else(|| place.module.texts.get(&path)).cloned()
        });
        found.ok_or_else(|| {
            let cause = "the file is not at hand, or lies outside of the folders of the modules";
            self.unknown(span, cause, "put it beside the source")
        })
    }

    fn render(&self, source: &SourceFile, variables: &Val, span: Span) -> Val {
        let Some(members) = variables.members() else {
            return self.needs("templatefile", std::slice::from_ref(variables), span);
        };
        match read::template(source) {
            Ok(parts) => {
                let mut scope = Scope::new(None);
                for member in members.iter() {
                    scope = scope.with(&member.key, member.value.clone());
                }
                self.template(&parts, span, &scope)
            }
            Err(notice) => self.unknown(notice.span, notice.message, "mend the template"),
        }
    }
}

impl Evaluator<'_> {
    /// The text of a file as a template: what `template_file` makes of its `template`.
    pub(in super::super) fn render_text(&self, located: &Located, variables: &Val, span: Span) -> Val {
        match self.configuration.source(located.map.span.file) {
            Some(source) if source.text().trim_start_matches('\u{feff}') == &*located.text => {
                self.render(&source, variables, span)
            }
            _ => self.unknown(span, "only a template that is a file of its own is evaluated", "use `templatefile`"),
        }
    }
}

/// The text of a file, each byte at its place.
fn whole_file(source: &SourceFile, span: Span) -> Val {
    let text = source.text();
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let place = Span::new(source.id(), start, text.len());
    let map = Map { span: place, runs: Arc::new([(0, place.start)]) };
    Val::frags(span, vec![Frag::Literal(Located { text: text.trim_start_matches('\u{feff}').into(), map })])
}
