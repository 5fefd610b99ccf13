//! What comments say of findings: our own grammar, and those of our peers as far as they are about our control.

use crate::model::{Covers, Date, Peer, SuppressedBy, Suppression};
use crate::source::{SourceFile, Span};
use std::collections::HashMap;
use std::ops::Range;

/// The id of the check in checkov (<https://www.checkov.io/5.Policy%20Index/terraform.html>).
pub(super) const CHECKOV: &str = "CKV_AWS_379";
/// The query of KICS, the same in CloudFormation and Terraform
/// (<https://docs.kics.io/latest/queries/cloudformation-queries/>).
pub(super) const KICS: &str = "38c64e76-c71e-4d92-a337-60174d1de1c9";

/// A comment that is about findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) by: SuppressedBy,
    /// Rules and where they stand in the comment.
    pub(super) rules: Vec<(String, Range<usize>)>,
    pub(super) reason: String,
    pub(super) until: Option<Date>,
    pub(super) problem: Option<String>,
    pub(super) reach: Reach,
}

/// What a comment is about, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// What starts on its line, else right below it.
    Beside,
    /// The resource that it stands in.
    Around,
    /// The whole file.
    File,
}

/// What our grammar looks like.
const GRAMMAR: &str = "write `bucketlint: ignore[RULE, …] REASON`";

/// Whether a text may hold a comment that is about findings: most do not, and are not looked at more closely.
pub(super) fn may_be_marked(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("bucketlint") || has("checkov:skip=") || has("kics-scan")
}

/// Reads a comment, from its `#` or `//` on.
pub(super) fn read(comment: &str) -> Option<Mark> {
    let text = comment.trim_start_matches(['#', '/', '*']);
    let start = comment.len() - text.len();
    let words = text.trim_start();
    let start = start + text.len() - words.len();
    if let Some(rest) = words.strip_prefix("bucketlint:") {
        return Some(own(rest, start + words.len() - rest.len()));
    }
    if is_nearly_ours(words) {
        return Some(broken(GRAMMAR));
    }
    checkov(words).or_else(|| kics(words))
}

fn mark(by: SuppressedBy, reason: &str, reach: Reach) -> Mark {
    Mark { by, rules: Vec::new(), reason: reason.trim().to_owned(), until: None, problem: None, reach }
}

fn broken(why: &str) -> Mark {
    Mark { problem: Some(why.to_owned()), ..mark(SuppressedBy::Comment, "", Reach::Beside) }
}

/// Whether somebody meant to suppress a finding and wrote it as other tools have it: that must not pass for a remark.
fn is_nearly_ours(words: &str) -> bool {
    const VERBS: [&str; 6] = ["ignore", "disable", "skip", "suppress", "allow", "noqa"];
    let Some(rest) = words.strip_prefix("bucketlint") else { return false };
    let verb = rest.trim_start_matches([' ', '-', '_', '.', '=', '/']);
    let is_word = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric());
    verb.len() < rest.len() && VERBS.iter().any(|word| verb.strip_prefix(word).is_some_and(is_word))
}

/// ` ignore[RULE, …] REASON until 2027-03-31`; `at` is where the text starts in the comment.
fn own(text: &str, at: usize) -> Mark {
    let words = text.trim_start();
    let inner = words.strip_prefix("ignore").map(str::trim_start).and_then(|rest| rest.strip_prefix('['));
    let Some((inner, (list, reason))) = inner.and_then(|inner| Some((inner, inner.split_once(']')?))) else {
        return broken(GRAMMAR);
    };
    let reason = reason.trim_end_matches("*/").trim();
    let mut rules = Vec::new();
    let mut from = at + text.len() - inner.len();
    for rule in list.split(',') {
        let name = rule.trim();
        let start = from + rule.len() - rule.trim_start().len();
        if !name.is_empty() {
            rules.push((name.to_owned(), start..start + name.len()));
        }
        from += rule.len() + 1;
    }
    let (reason, until) = match dated(reason) {
        Ok(found) => found,
        Err(why) => return Mark { rules, ..broken(&why) },
    };
    let mut mark = mark(SuppressedBy::Comment, reason, Reach::Beside);
    mark.problem = problem(rules.is_empty(), &mark.reason);
    Mark { rules, until, ..mark }
}

/// Where a comment stands among the lines of its file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stand {
    /// At the end of this line.
    Behind(u32),
    /// On lines of its own, right above this line, which starts in the same column or does not.
    Above(u32, bool),
}

/// Where each comment stands. They come in the order of the file.
pub(super) fn stands(file: &SourceFile, comments: &[Span]) -> Vec<Stand> {
    let mut targets: HashMap<u32, u32> = HashMap::new();
    let mut stands: Vec<Stand> = comments
        .iter()
        .rev()
        .map(|span| {
            let line = file.position(span.start).line;
            let Some(indent) = indent(file, line).filter(|indent| *indent == span.start) else {
                return Stand::Behind(line);
            };
            let next = file.position(span.end.max(span.start + 1) - 1).line + 1;
            // Comments of their own, one below the other, are all above the same line.
            let target = targets.get(&next).copied().unwrap_or(next);
            targets.insert(line, target);
            let column = |line, at: u32| text_of(file, line).map(|text| at - text.start);
            let below = self::indent(file, target).and_then(|at| column(target, at));
            Stand::Above(target, below.is_some() && below == column(line, indent))
        })
        .collect();
    stands.reverse();
    stands
}

/// A line without the byte-order mark that a file may start with.
fn text_of(file: &SourceFile, line: u32) -> Option<Span> {
    const MARK: char = '\u{FEFF}';
    let span = file.line_span(file.line_start(line)?);
    let mark = if file.slice(span).starts_with(MARK) { MARK.len_utf8() } else { 0 };
    Some(Span { start: span.start + u32::try_from(mark).unwrap_or(0), ..span })
}

/// The byte at which a line's text starts; `None` for a blank line.
fn indent(file: &SourceFile, line: u32) -> Option<u32> {
    let span = text_of(file, line)?;
    let text = file.slice(span);
    let blanks = text.len() - text.trim_start().len();
    (blanks < text.len()).then(|| span.start + u32::try_from(blanks).unwrap_or(0))
}

impl Mark {
    /// The suppression that the comment at a place stands for.
    pub(super) fn suppression(self, span: Span, covers: Covers) -> Suppression {
        let at = |range: &Range<usize>| Span {
            start: span.start + u32::try_from(range.start).unwrap_or(0),
            end: span.start + u32::try_from(range.end).unwrap_or(0),
            ..span
        };
        let rules = self.rules.iter().map(|(name, range)| (name.clone(), at(range))).collect();
        let Self { by, reason, until, problem, .. } = self;
        Suppression { by, rules, reason, until, covers, span, problem }
    }
}

/// What keeps a suppression from counting, if anything does.
pub(super) fn problem(no_rules: bool, reason: &str) -> Option<String> {
    if no_rules {
        return Some("it names no rule".to_owned());
    }
    reason.is_empty().then(|| "it gives no reason".to_owned())
}

/// A reason and the day that stands at its end.
fn dated(reason: &str) -> Result<(&str, Option<Date>), String> {
    let Some((before, day)) = reason.rsplit_once(char::is_whitespace) else { return Ok((reason, None)) };
    let before = before.trim_end();
    let Some(rest) = before.strip_suffix("until").filter(|rest| rest.is_empty() || rest.ends_with(char::is_whitespace))
    else {
        return Ok((reason, None));
    };
    // "until spring" is a part of the reason.
    if !day.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok((reason, None));
    }
    match Date::parse(day) {
        Some(date) => Ok((rest.trim_end().trim_end_matches([',', ';']), Some(date))),
        None => Err(format!("`{}` is no day such as `2027-03-31`", day.chars().take(20).collect::<String>())),
    }
}

/// `checkov:skip=CKV_AWS_379:reason`, in the resource that it is about.
fn checkov(words: &str) -> Option<Mark> {
    let rest = words.strip_prefix("checkov:skip=")?;
    let (ids, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let ids = ids.split(',').map(|id| id.split_whitespace().next().unwrap_or(""));
    ids.into_iter().any(|id| id == CHECKOV).then(|| mark(SuppressedBy::Peer(Peer::Checkov), reason, Reach::Around))
}

/// `kics-scan ignore-block` and `ignore-line`, above what they are about; `kics-scan ignore` and `disable=ID,…` for
/// the file.
fn kics(words: &str) -> Option<Mark> {
    let rest = words.strip_prefix("kics-scan")?.trim_start();
    let kics = |reach, reason: &str| Some(mark(SuppressedBy::Peer(Peer::Kics), reason.trim_start_matches(':'), reach));
    if let Some(ids) = rest.strip_prefix("disable=") {
        let ids = ids.split_whitespace().next().unwrap_or("");
        return if ids.split(',').any(|id| id == KICS) { kics(Reach::File, "") } else { None };
    }
    let word = rest.split([' ', '\t', ':']).next().unwrap_or("");
    let reason = rest.get(word.len()..).unwrap_or("");
    match word {
        "ignore-block" | "ignore-line" => kics(Reach::Beside, reason),
        "ignore" => kics(Reach::File, reason),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(comment: &str) -> (Vec<String>, String, Option<String>, Option<String>) {
        let mark = read(comment).unwrap();
        for (name, range) in &mark.rules {
            assert_eq!(comment.get(range.clone()), Some(name.as_str()), "{comment}");
        }
        let rules = mark.rules.into_iter().map(|(name, _)| name).collect();
        (rules, mark.reason, mark.until.map(|date| date.to_string()), mark.problem)
    }

    #[test]
    fn our_grammar() {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            own("# bucketlint: ignore[partial-deny] the proxy speaks TLS"),
            (list(&["partial-deny"]), text("the proxy speaks TLS"), None, None)
        );
        assert_eq!(
            own("//bucketlint: ignore [ a,b , é ] moves, until 2027-03-31 "),
            (list(&["a", "b", "é"]), text("moves"), Some(text("2027-03-31")), None)
        );
        assert_eq!(own("/* bucketlint: ignore[a] why */").1, "why");
        assert_eq!(own("# bucketlint: ignore[a] kept until spring").1, "kept until spring");
        assert_eq!(own("# bucketlint: ignore[a]").3.unwrap(), "it gives no reason");
        assert_eq!(own("# bucketlint: ignore[a] until 2027-03-31").3.unwrap(), "it gives no reason");
        assert_eq!(own("# bucketlint: ignore[ ] why").3.unwrap(), "it names no rule");
        assert_eq!(
            own("# bucketlint: ignore[a] why until 2027-3-31").3.unwrap(),
            "`2027-3-31` is no day such as `2027-03-31`"
        );
        for broken in [
            "# bucketlint: ignore a",
            "# bucketlint: disable[a] why",
            "# bucketlint:",
            "# bucketlint: ignore[a why",
            "# bucketlint ignore[a] why",
            "# bucketlint-disable a",
            "// bucketlint skip",
        ] {
            assert_eq!(own(broken).3.unwrap(), GRAMMAR, "{broken}");
        }
        for other in
            ["# bucketlint ignores policies", "# bucketlint says so", "# see bucketlint: ignore[a] why", "#", ""]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn peers() {
        let by = |comment: &str| read(comment).map(|mark| (mark.by, mark.reason, mark.reach));
        let peer = |peer, reason: &str, reach| Some((SuppressedBy::Peer(peer), reason.to_owned(), reach));
        assert_eq!(
            by("#checkov:skip=CKV_AWS_379: behind a proxy"),
            peer(Peer::Checkov, "behind a proxy", Reach::Around)
        );
        assert_eq!(by("# checkov:skip=CKV_AWS_18,CKV_AWS_379:x"), peer(Peer::Checkov, "x", Reach::Around));
        assert_eq!(by("# checkov:skip=CKV_AWS_379"), peer(Peer::Checkov, "", Reach::Around));
        assert_eq!(by("# checkov:skip=CKV_AWS_18:x"), None);
        assert_eq!(by("# kics-scan ignore-block"), peer(Peer::Kics, "", Reach::Beside));
        assert_eq!(by("// kics-scan ignore-block: why"), peer(Peer::Kics, "why", Reach::Beside));
        assert_eq!(by("# kics-scan ignore"), peer(Peer::Kics, "", Reach::File));
        assert_eq!(by(&format!("# kics-scan disable=a,{KICS}")), peer(Peer::Kics, "", Reach::File));
        assert_eq!(by("# kics-scan disable=a"), None);
        assert_eq!(by("# kics-scan enable=a"), None);
    }
}
