//! Rules: what each one says, and the one table of them.

mod table;

pub use table::{Control, Document, DocumentError, RULES, Reference, Rule, find, index, suggest};
