//! A text that is to be recognised, and then read.

use crate::source::SourceFile;
use crate::syntax::{self, Parse};
use std::cell::OnceCell;
use std::sync::Arc;

/// A text with its tree, which is made when somebody first asks for it, and only once.
#[derive(Debug)]
pub struct Document {
    file: Arc<SourceFile>,
    parse: OnceCell<Parse>,
}

impl Document {
    /// The document of a file.
    #[must_use]
    pub fn new(file: &Arc<SourceFile>) -> Self {
        Self { file: Arc::clone(file), parse: OnceCell::new() }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// What parsing the text gives.
    pub fn parse(&self) -> &Parse {
        self.parse.get_or_init(|| syntax::parse(&self.file))
    }

    /// What parsing the text gives, to keep.
    #[must_use]
    pub(crate) fn into_parse(self) -> Parse {
        let Self { file, parse } = self;
        parse.into_inner().unwrap_or_else(|| syntax::parse(&file))
    }
}
