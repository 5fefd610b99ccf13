//! Source files, byte spans and line tables.
//!
//! A [`Span`] is a byte range in the text of one file. It is `Copy`, 12 bytes, and is turned into a line and a
//! column only at the edge (reports), through the file's [`SourceFile::position`].

mod decode;
mod edit;
mod file;
mod path;
mod span;
mod within;

pub use decode::decode;
pub use edit::{Edit, Together, apply, text_id};
pub use file::{LineColumn, SourceFile, Sources};
pub use path::{normal, relative};
pub use span::{FileId, Span};
pub use within::Within;
