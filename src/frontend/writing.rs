//! What the writers of all formats share: why they refuse, and the statement as JSON text.

use crate::source::{Edit, FileId, SourceFile, Span};
use crate::syntax::{Kind, Node};

/// The name of the statement that is written.
pub(super) const SID: &str = "DenyInsecureTransport";

/// Why nothing can be written here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The resource is not written out in the file: a loop or a macro makes it.
    #[error("`{0}` is made by a loop, a macro or another file")]
    NotWrittenOut(String),
    /// The file comes out of another tool. Says what to change there.
    #[error("this file is generated: {0}")]
    Generated(String),
    /// One text serves several places.
    #[error("the policy is shared through an alias, so a change would reach other policies too")]
    Shared,
    /// A function chooses or makes the part that would have to be changed.
    #[error("the policy's `{0}` is made by a function")]
    Computed(&'static str),
    /// The policy has no part where the statement could go.
    #[error("the policy has no `{0}`")]
    Lacks(&'static str),
    /// The bucket's name cannot be written in the policy's own terms.
    #[error("the bucket's ARN cannot be written at this place")]
    NoArn,
    /// The text is laid out in a way that is not understood.
    #[error("the file is laid out in a way that cannot be edited safely")]
    Layout,
}

/// The one place of a word in an element, replaced.
pub(super) fn replaced(source: &SourceFile, span: Span, from: &str, to: &str) -> Result<Vec<Edit>, Refusal> {
    let mut places = source.slice(span).match_indices(from).map(|(at, _)| span.start as usize + at);
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(vec![Edit::replace(Span::new(span.file, at, at + from.len()), to)]),
        // The value comes from elsewhere.
        _ => Err(Refusal::Computed("Condition")),
    }
}

/// A statement id that the policy does not have.
pub(super) fn free_sid(taken: &[&str]) -> String {
    let numbered = (2..).map(|number: u32| format!("{SID}{number}"));
    std::iter::once(SID.to_owned()).chain(numbered).find(|sid| !taken.contains(&sid.as_str())).unwrap_or_default()
}

/// Joins the statement that denies every insecure request to a policy in JSON text, whose tree points into the file that
/// holds the text. `escaped` writes JSON as the text around it is written.
pub(super) fn add_to_json(
    file: FileId,
    document: Node<'_>,
    (arn, objects): (&str, &str),
    escaped: impl Fn(&str) -> String,
) -> Result<Vec<Edit>, Refusal> {
    let statements = document.get("Statement").ok_or(Refusal::Lacks("Statement"))?;
    let taken: Vec<&str> = match statements.kind() {
        Kind::Sequence => statements.items().filter_map(|item| item.get("Sid").and_then(Node::text)).collect(),
        _ => statements.get("Sid").and_then(Node::text).into_iter().collect(),
    };
    let sid = free_sid(&taken);
    let statement = format!(
        "{{\"Sid\": \"{sid}\", \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \
         [\"{arn}\", \"{objects}\"], \"Condition\": {{\"Bool\": {{\"aws:SecureTransport\": \"false\"}}}}}}"
    );
    let place = statements.span();
    let insert = |offset: u32, text: &str| Edit::insert(file, offset as usize, escaped(text));
    match (statements.kind(), statements.items().last()) {
        (Kind::Sequence, Some(last)) => Ok(vec![insert(last.span().end, &format!(", {statement}"))]),
        (Kind::Sequence, None) => Ok(vec![insert(place.start + 1, &statement)]),
        (Kind::Mapping, _) => Ok(vec![insert(place.start, "["), insert(place.end, &format!(", {statement}]"))]),
        _ => Err(Refusal::Lacks("Statement")),
    }
}
