//! What a text may hold before reading it stops with a located error.

/// How deep containers nest, aliases followed. IAM policies and templates nest less than 50 deep; 512 leaves room for
/// generated ones, and lets code that walks a tree recursively do so on the stack of any thread.
pub(super) const MAX_DEPTH: usize = 512;

/// How many nodes a tree holds, aliases followed. A CloudFormation template has at most 1 MB, so at most half a million
/// nodes; this many cost some 120 MB. Counting what aliases stand for bounds every walk over the tree, merge keys
/// included, however often aliases of aliases multiply.
pub(super) const MAX_NODES: usize = 1 << 22;

pub(super) const TOO_DEEP: &str = "this nests more than 512 levels deep";
pub(super) const TOO_MANY: &str = "the text holds more than 4,194,304 values, aliases counted with what they stand for";
