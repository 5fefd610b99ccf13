//! What the front ends make of a file: S3 buckets, bucket policies and the values in them, with every reference
//! resolved, or unknown with a cause and a place. No format reaches past this module.

mod condition;
mod date;
mod domain;
pub(crate) mod partition;
mod suppression;
mod symbol;
mod template;
mod text;
mod unknown;
mod value;
mod verdict;
mod walk;

pub use condition::Condition;
pub use date::Date;
pub use domain::{Domain, Other, is_canonical};
pub use suppression::{Covers, Peer, SuppressedBy, Suppression};
pub use symbol::{Item, Name, Pseudo, Scope, StackOutput, Symbol, SymbolKind};
pub use template::{
    Assertion, Body, Bucket, BucketPolicy, BucketSettings, Declared, Deployed, Format, Home, ModuleSwitch, NestedStack,
    Notice, Output, Parameter, Part, Reach, Template, Words,
};
pub use text::{Piece, Text, Truth};
pub use unknown::Unknown;
pub use value::{Data, Entry, Hop, Value};
pub use verdict::{Leaning, Verdict};
pub use walk::{Map, Met};
