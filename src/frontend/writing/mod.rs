//! What the writers of all formats share: why they refuse, where an entry or an item goes into YAML or JSON, and the
//! statement as JSON text.

mod place;
mod written;

pub(super) use place::Layout;
pub(super) use written::{Written, json_string};

use crate::finding::Change;
use crate::source::{Edit, SourceFile, Sources, Span};
use crate::syntax::{Kind, Node};

/// The name of the statement that is written.
pub(super) const SID: &str = "DenyInsecureTransport";

/// Why nothing can be written here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The resource is not written out in the file: a loop or a macro makes it.
    #[error("`{0}` is not written out in a file that can be edited: a loop, a macro or another tool makes it")]
    NotWrittenOut(String),
    /// The file comes out of another tool. Says what to change there.
    #[error("this file is generated: {0}")]
    Generated(String),
    /// One text serves several places.
    #[error("the policy is shared through an alias, so a change would reach other policies too")]
    Shared,
    /// A function chooses or makes the part that would have to be changed.
    #[error("the policy's `{0}` comes from elsewhere, or from a function")]
    Computed(&'static str),
    /// What would have to be changed does not stand where it counts.
    #[error("`{0}` comes from elsewhere")]
    Elsewhere(String),
    /// The policy has no part where the statement could go.
    #[error("the policy has no `{0}`")]
    Lacks(&'static str),
    /// A condition would be left over.
    #[error("the condition `{0}`, which nothing else uses, would be left over")]
    LastUse(String),
    /// The condition is not the policy's own.
    #[error("the policy has no condition of its own: what deploys it, or what it names its bucket by, has")]
    Carried,
    /// The policy is a text that is not what it should be.
    #[error("the policy's string is no JSON")]
    NoJson,
    /// The bucket's name cannot be written in the policy's own terms.
    #[error("the bucket's ARN cannot be written at this place")]
    NoArn,
    /// The text is laid out in a way that is not understood.
    #[error("the file is laid out in a way that cannot be edited safely")]
    Layout,
}

/// Words that become others, each the only one of its kind in its element.
pub(super) fn replaced(sources: &Sources, changes: &[Change]) -> Result<Vec<Edit>, Refusal> {
    let replaced = |Change { place, from, to }: &Change| {
        let source = sources.get(place.file).ok_or(Refusal::Layout)?;
        let mut places = source.slice(*place).match_indices(from.as_str()).map(|(at, _)| place.start as usize + at);
        match (places.next(), places.next()) {
            (Some(at), None) => Ok(Edit::replace(Span::new(place.file, at, at + from.len()), to.as_str())),
            // The value comes from elsewhere.
            _ => Err(Refusal::Elsewhere(from.clone())),
        }
    };
    changes.iter().map(replaced).collect()
}

/// Everybody as the principal of a statement, before its first entry. It is written as that is: with quotes or not, with
/// a colon or `=`.
pub(super) fn add_principal(sources: &Sources, statement: Span) -> Result<Vec<Edit>, Refusal> {
    let source = sources.get(statement.file).ok_or(Refusal::Layout)?;
    let written = source.slice(statement);
    let (inner, in_braces) = written.strip_prefix('{').map_or((written, false), |inner| (inner, true));
    let entry = inner.trim_start();
    let blanks = inner.get(..inner.len() - entry.len()).unwrap_or("");
    let (name, after) = match entry.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((_, after)) => ("\"Principal\"", after),
        None => ("Principal", entry.trim_start_matches(|c: char| c.is_ascii_alphanumeric())),
    };
    let everybody = match after.trim_start().chars().next() {
        Some(':') => format!("{name}: \"*\""),
        Some('=') => format!("{name} = \"*\""),
        // JSON in quotes, or an empty one.
        _ => return Err(Refusal::Layout),
    };
    let start = statement.start as usize + written.len() - entry.len();
    let line = source.text().get(source.line_span(statement.start).start as usize..start).unwrap_or("");
    let set_off = match blanks.rfind('\n') {
        // The next entry stands below, as it did below the bracket.
        Some(at) => {
            let newline = if blanks.contains('\r') { "\r\n" } else { "\n" };
            let comma = if after.trim_start().starts_with('=') { "" } else { "," };
            format!("{comma}{newline}{}", blanks.get(at + 1..).unwrap_or(""))
        }
        None if in_braces => ", ".to_owned(),
        // A block of YAML, perhaps after a dash.
        None if line.chars().all(|c| c == ' ' || c == '-') => {
            let newline = if source.text().contains("\r\n") { "\r\n" } else { "\n" };
            format!("{newline}{}", " ".repeat(line.len()))
        }
        None => return Err(Refusal::Layout),
    };
    Ok(vec![Edit::insert(source.id(), start, everybody + &set_off)])
}

/// A statement id that does not stand in the text of the policy.
pub(super) fn free_sid(policy: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric();
    let is_taken = |sid: &str| {
        policy.match_indices(sid).any(|(at, _)| {
            let rest = policy.get(at + sid.len()..).unwrap_or("");
            let before = policy.get(..at).unwrap_or("");
            !before.ends_with(is_part) && !rest.starts_with(is_part)
        })
    };
    free_name([SID.to_owned()], SID, is_taken)
}

/// The first of some names that is free, or else the stem with the first number that makes it free.
pub(super) fn free_name(
    names: impl IntoIterator<Item = String>,
    stem: &str,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    let numbered = (2..).map(|number: u32| format!("{stem}{number}"));
    names.into_iter().chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// Joins the statement that denies every insecure request to a policy in JSON text, whose tree points into the file that
/// holds the text. `escaped` writes JSON as the text around it is written.
pub(super) fn add_to_json(
    source: &SourceFile,
    document: Node<'_>,
    arns: (&str, &str),
    escaped: impl Fn(&str) -> String,
) -> Result<Vec<Edit>, Refusal> {
    let statements = document.get("Statement").ok_or(Refusal::Lacks("Statement"))?;
    let sid = free_sid(source.slice(document.span()));
    let place = statements.span();
    let insert = |offset: u32, text: &str| Edit::insert(source.id(), offset as usize, text);
    let beside = |sibling: Node<'_>| {
        let lines = Lines::of(source, sibling.span());
        format!(",{}{}", lines.before, statement(&sid, arns, lines.within.as_deref(), &escaped))
    };
    match (statements.kind(), statements.items().last()) {
        (Kind::Sequence, Some(last)) => Ok(vec![insert(last.span().end, &beside(last))]),
        (Kind::Sequence, None) => Ok(vec![insert(place.start + 1, &statement(&sid, arns, None, &escaped))]),
        (Kind::Mapping, _) => Ok(vec![insert(place.start, "["), insert(place.end, &(beside(statements) + "]"))]),
        _ => Err(Refusal::Lacks("Statement")),
    }
}

/// How a statement is set off from its neighbour, and laid out.
struct Lines {
    /// What stands before it: a blank, or a new line with its margin.
    before: String,
    /// The new line before its last bracket, where it takes several.
    within: Option<String>,
}

impl Lines {
    /// As its neighbour is.
    fn of(source: &SourceFile, sibling: Span) -> Self {
        let text = source.text();
        let start = source.line_span(sibling.start).start as usize;
        let head = text.get(start..sibling.start as usize).unwrap_or("");
        let line = text.get(start..).unwrap_or("");
        let margin = line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or("");
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let start_of_line = format!("{newline}{margin}");
        let several = source.slice(sibling).contains('\n');
        Self {
            before: if head.trim().is_empty() && start > 0 { start_of_line.clone() } else { " ".to_owned() },
            within: several.then_some(start_of_line),
        }
    }
}

/// The statement as JSON text: in one line, or in lines of which the last starts as `within` says.
fn statement(
    sid: &str,
    (arn, objects): (&str, &str),
    within: Option<&str>,
    escaped: impl Fn(&str) -> String,
) -> String {
    let entries = [
        format!("\"Sid\": \"{sid}\""),
        "\"Effect\": \"Deny\"".to_owned(),
        "\"Principal\": \"*\"".to_owned(),
        "\"Action\": \"s3:*\"".to_owned(),
        format!("\"Resource\": [\"{arn}\", \"{objects}\"]"),
        "\"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}".to_owned(),
    ];
    let entries = entries.map(|entry| escaped(&entry));
    match within {
        Some(end) => {
            let inner = format!("{end}  ");
            format!("{{{inner}{}{end}}}", entries.join(&format!(",{inner}")))
        }
        None => format!("{{{}}}", entries.join(", ")),
    }
}
