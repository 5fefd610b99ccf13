//! Front ends: what each format means, turned into the [model](crate::model). The last place that knows a format.
//!
//! A format is one folder with a [`Frontend`] in it, and one row of `FRONTENDS`. The walk asks the table for
//! extensions, the prefilter for words, [`detect`] for whose a text is, reports for the names of kinds; nobody else
//! knows the list.

mod body;
mod cdk;
pub mod cloudformation;
pub(crate) mod detect;
mod document;
mod files;
mod generated;
mod mark;
pub mod parameters;
mod parts;
mod sam;
mod special;
mod stack_sets;
mod suggest;
pub mod terraform;
mod top;
mod unread;
mod writing;

pub use crate::source::normal;
pub use cdk::Assembly;
pub use detect::{Detected, detect, has_input_extension, instead, is_no_text, may_be_input, may_start_input, speaks};
pub use document::Document;
#[cfg(any(test, feature = "internals"))]
pub use files::NoFiles;
pub use files::{Files, spelled};
pub use generated::written_by_a_tool;
pub use parts::{Glance, assembly, frontend_of_folder, is_read_for_another, manifest_beside};
pub use writing::Refusal;

use crate::finding::Intent;
use crate::model::{Deployed, Notice, Template, Value};
use crate::source::{Edit, SourceFile, Sources};
use crate::syntax::{self, Node, Parse, SyntaxError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All formats. Where two could claim a document, the earlier one counts.
pub(crate) static FRONTENDS: &[&dyn Frontend] = &[&cloudformation::CloudFormation, &terraform::Terraform];

/// A format that bucketlint reads.
pub trait Frontend: Sync {
    /// The extensions of the names that its inputs have, in lower case.
    fn extensions(&self) -> &'static [&'static str];

    /// Words of which each of its inputs holds one at least, and few other files do. Those that only tell that a file
    /// is meant for somebody else's reader, and concerns buckets, belong here too: such a file is told of.
    fn words(&self) -> &'static [&'static str];

    /// Keys that stand at the top of its inputs and of no other front end's. The first of them in a JSON object
    /// decides whose it is, where [`Frontend::is_streamed`].
    fn keys(&self) -> &'static [&'static str];

    /// Keys that tell, at the top of a text that cannot be read, that it was meant for this front end.
    fn sure_keys(&self) -> &'static [&'static str];

    /// Whether its inputs may be too large for a tree. They are JSON, and recognised by their keys alone.
    fn is_streamed(&self) -> bool {
        false
    }

    /// Whether its inputs hold secrets in clear: no excerpt shows more than the token that is meant.
    fn is_confidential(&self) -> bool {
        false
    }

    /// Recognises bytes that are no text; says what they are and what to do with them.
    fn no_text(&self, bytes: &[u8]) -> Option<&'static str> {
        let _ = bytes;
        None
    }

    /// Keys and the types under them of what this front end looks for, wherever they stand.
    fn types(&self) -> (&'static str, &'static [&'static str]);

    /// What to do about a file of that name, which is no input, but from which one can be made.
    fn instead(&self, name: &str) -> Option<&'static str> {
        let _ = name;
        None
    }

    /// Whether files of that name are read a folder at a time.
    fn is_of_folder(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// What a text of `folder` tells without being parsed, of files that are read a folder at a time.
    fn glance(&self, folder: &Path, text: &[u8]) -> Glance {
        let _ = (folder, text);
        Glance::default()
    }

    /// Reads a folder. `None` where nothing in it is to be read.
    fn read_folder(&self, folder: &Path, inputs: &Inputs<'_>, sources: &mut Sources) -> Option<Read> {
        let _ = (folder, inputs, sources);
        None
    }

    /// Whether files of that name are read for another file that names them, and are no inputs.
    fn is_read_for_another(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// The name of the file that may say, beside an input of that name, what is deployed from their folder.
    fn manifest_beside(&self, name: &str) -> Option<&'static str> {
        let _ = name;
        None
    }

    /// Reads a file that says what is deployed from its folder; `None` for one that is something else.
    fn assembly(&self, path: &Path, text: &str) -> Option<Assembly> {
        let _ = (path, text);
        None
    }

    /// Recognises a document by what stands at its top.
    fn recognise(&self, root: Node<'_>) -> Recognised;

    /// Reads a document that it recognised, or whose key it claimed. Files that are read beside it are added to
    /// `sources`.
    ///
    /// # Errors
    /// Where it turns out to be something else after all, or nothing of it can be read.
    fn read(&self, document: Document, inputs: &Inputs<'_>, sources: &mut Sources) -> Result<Read, ReadError>;

    /// Reads a document anew for a place that deploys it. `None` for formats whose inputs nothing deploys: each is a
    /// whole deployment by itself.
    fn read_in(&self, parse: &Parse, inputs: &Inputs<'_>, deployed: Deployed) -> Option<Template> {
        let _ = (parse, inputs, deployed);
        None
    }

    /// What is to be written for each of `intents`, all of them about files of `sources`, as edits of the original
    /// texts. Whether they help is not its business.
    fn edits(&self, sources: &Sources, intents: &[&Intent]) -> Vec<Result<Vec<Edit>, Refusal>> {
        let _ = sources;
        intents.iter().map(|_| Err(Refusal::Layout)).collect()
    }

    /// Whether its inputs are deployed by others, or deploy others: [`Frontend::read_in`] reads them.
    fn is_linked(&self) -> bool {
        false
    }
}

/// Reads the template that is written inside of another file, as it is in one place.
///
/// # Errors
/// Says why it is no template that a stack can be made of.
pub(crate) fn read_inside(file: &Arc<SourceFile>, inputs: &Inputs<'_>, deployed: Deployed) -> Result<Template, String> {
    match detect(file) {
        Detected::Input(frontend, document) => {
            let parse = document.into_parse();
            let given = Inputs { parameters: &Arc::default(), assume_defaults: false, ..*inputs };
            let template = frontend.read_in(&parse, &given, deployed);
            template.ok_or_else(|| "a plan is no template that a stack can be made of".to_owned())
        }
        Detected::Broken { errors, .. } => {
            let first = errors.first().map_or("it cannot be read", |error| error.message.as_str());
            Err(format!("its template does not parse: {first}"))
        }
        Detected::Other { reason, .. } => Err(format!("its template is none: {reason}")),
    }
}

/// A JSON text as a value, each part at its place.
///
/// # Errors
/// Where it is no JSON.
pub fn json_value(file: &Arc<SourceFile>) -> Result<Value, Vec<SyntaxError>> {
    let parse = syntax::parse_json(file);
    match parse.tree.root() {
        Some(root) if parse.errors.is_empty() => Ok(terraform::plain_json(root)),
        _ => Err(parse.errors),
    }
}

/// What a front end makes of the top of a document.
#[derive(Clone, Debug)]
pub enum Recognised {
    /// It is an input of this front end.
    Mine,
    /// It is none, but the front end knows what it is: a clause, and what to do, "it is a raw state; lint what
    /// `terraform show -json` prints".
    Told(String),
    /// It is unknown to the front end.
    No,
}

/// What is given besides the document.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Values of parameters, by name.
    pub parameters: &'a Arc<BTreeMap<String, String>>,
    /// Whether a parameter that is not given has its default.
    pub assume_defaults: bool,
    /// The files that may be read besides.
    pub files: &'a dyn Files,
    /// The folder of the source of a plan, where the user named it.
    pub terraform_dir: Option<&'a Path>,
    /// The binary plan, where the user named it.
    pub terraform_plan: Option<&'a Path>,
    /// Files with the values of Terraform variables.
    pub var_files: &'a [PathBuf],
}

/// A document that was read.
#[derive(Debug)]
pub struct Read {
    /// What it says.
    pub template: Template,
    /// What of it could not be read, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// The folder of source that a plan speaks for.
    pub covers: Option<PathBuf>,
    /// What it holds without any of it being read.
    pub unread: Option<Notice>,
}

/// Why nothing was read.
#[derive(Debug)]
pub enum ReadError {
    /// It is something else.
    NotMine {
        /// What, as a clause.
        reason: String,
        /// What it holds without any of it being read.
        unread: Option<Notice>,
    },
    /// It is broken.
    Broken {
        /// What is wrong with it.
        errors: Vec<SyntaxError>,
        /// What it holds without any of it being read.
        unread: Option<Notice>,
    },
}
