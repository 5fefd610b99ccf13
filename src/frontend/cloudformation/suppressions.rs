//! What a template itself says of findings: in comments and in metadata.

use crate::frontend::mark::{self, Mark, Reach, Stand};
use crate::model::{Covers, Date, Peer, SuppressedBy, Suppression};
use crate::source::{SourceFile, Span};
use crate::syntax::{Kind, Node, Parse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeMap, HashSet};

/// So many suppressions of one template count.
const MAX_MARKS: usize = 10_000;
/// So deep loops nest in each other at most, as they are read elsewhere.
const MAX_LOOPS: usize = 8;

/// The rules of cdk-nag's packs for this control: of `AwsSolutions`, and, with this ending, of the others
/// (<https://github.com/cdklabs/cdk-nag/blob/main/RULES.md>).
const CDK_NAG: (&str, &str) = ("AwsSolutions-S10", "-S3BucketSSLRequestsOnly");
/// The rule of the Guard rules registry, and that of the control CT.S3.PR.8 of AWS Control Tower
/// (<https://docs.aws.amazon.com/controltower/latest/controlreference/s3-rules.html>).
const GUARD: [&str; 2] = ["S3_BUCKET_SSL_REQUESTS_ONLY", "s3_bucket_policy_ssl_requests_only_check"];

/// All suppressions of a template, in no particular order.
pub(super) fn suppressions(parse: &Parse) -> Vec<Suppression> {
    let Some(root) = parse.tree.root() else { return Vec::new() };
    let mut found = Vec::new();
    let file = parse.tree.source();
    let has = |word: &str| memchr::memmem::find(file.text().as_bytes(), word.as_bytes()).is_some();
    let resources = || resources(root);
    if ["bucketlint", "checkov", "cdk_nag", "SuppressedRules"].into_iter().any(has) {
        metadata(root, &Covers::Template, &mut found);
        for resource in resources() {
            metadata(resource.body, &Covers::Within(resource.span), &mut found);
        }
    }
    if mark::may_be_marked(file.text()) {
        comments(parse, root, &resources(), &mut found);
    }
    found.truncate(MAX_MARKS);
    found
}

/// An entry of `Resources`, or of a loop in it; in the order of the file.
struct Resource<'a> {
    /// From its name to its end.
    span: Span,
    body: Node<'a>,
}

fn resources(root: Node<'_>) -> Vec<Resource<'_>> {
    let mut open: Vec<(Node<'_>, usize)> = root.get("Resources").map(|section| (section, 0)).into_iter().collect();
    let mut found = Vec::new();
    while let Some((section, depth)) = open.pop() {
        for (key, body) in own_entries(section) {
            if key.text().is_some_and(|name| name.starts_with("Fn::ForEach")) && depth < MAX_LOOPS {
                open.extend(body.items().nth(2).map(|inner| (inner, depth + 1)));
            } else {
                found.push(Resource { span: key.span().to(body.span()), body });
            }
        }
    }
    found.sort_by_key(|resource| resource.span);
    found
}

/// The entries that are written in a mapping itself, those of merge keys left out.
fn own_entries(mapping: Node<'_>) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
    let whole = mapping.resolved().span();
    mapping.entries().filter(move |(key, _)| whole.start <= key.span().start && key.span().end <= whole.end)
}

/// What the metadata of a resource, or of the template, says.
fn metadata(body: Node<'_>, covers: &Covers, found: &mut Vec<Suppression>) {
    let Some(metadata) = body.get("Metadata") else { return };
    let peer = |peer: Peer, reason: &str, span: Span| Suppression {
        by: SuppressedBy::Peer(peer),
        rules: Vec::new(),
        reason: reason.to_owned(),
        until: None,
        covers: covers.clone(),
        span,
        problem: None,
    };
    if let Some((key, own)) = metadata.entry("bucketlint") {
        own_metadata(key, own, covers, found);
    }
    let skips = metadata.get("checkov").and_then(|checkov| checkov.get("skip"));
    for skip in skips.into_iter().flat_map(Node::items) {
        if skip.get("id").and_then(Node::text) == Some(mark::CHECKOV) {
            found.push(peer(Peer::Checkov, text(skip, "comment"), skip.span()));
        }
    }
    let nag = metadata.get("cdk_nag").and_then(|nag| nag.get("rules_to_suppress"));
    for rule in nag.into_iter().flat_map(Node::items) {
        if rule.get("id").and_then(Node::text).is_some_and(|id| id == CDK_NAG.0 || id.ends_with(CDK_NAG.1)) {
            found.push(peer(Peer::CdkNag, &nag_reason(rule), rule.span()));
        }
    }
    let guard = metadata.get("guard").and_then(|guard| guard.get("SuppressedRules"));
    for rule in guard.into_iter().flat_map(Node::items) {
        if rule.text().is_some_and(|name| GUARD.contains(&name)) {
            found.push(peer(Peer::Guard, "", rule.span()));
        }
    }
}

/// What cdk-nag cannot write in Latin letters it writes in base64, and says so
/// (<https://github.com/cdklabs/cdk-nag/blob/main/src/utils/nag-suppression-helper.ts>).
fn nag_reason(rule: Node<'_>) -> String {
    let reason = text(rule, "reason");
    let is_encoded = rule
        .get("is_reason_encoded")
        .is_some_and(|flag| flag.kind() == Kind::Bool(true) || flag.text() == Some("true"));
    let decoded = is_encoded.then(|| String::from_utf8(STANDARD.decode(reason).ok()?).ok()).flatten();
    decoded.unwrap_or_else(|| reason.to_owned())
}

fn text<'a>(entry: Node<'a>, key: &str) -> &'a str {
    entry.get(key).and_then(Node::text).unwrap_or("").trim()
}

/// What metadata of ours looks like.
const SHAPE: &str = "write `bucketlint: {ignore: [{rule: RULE, reason: REASON}]}`";

/// `bucketlint: {ignore: [{rule, reason, until}]}`
fn own_metadata(key: Node<'_>, own: Node<'_>, covers: &Covers, found: &mut Vec<Suppression>) {
    let broken = |span: Span, problem: &str| Suppression {
        by: SuppressedBy::Metadata,
        rules: Vec::new(),
        reason: String::new(),
        until: None,
        covers: covers.clone(),
        span,
        problem: Some(problem.to_owned()),
    };
    let Some(list) = own.get("ignore").filter(|list| list.kind() == Kind::Sequence) else {
        found.push(broken(key.span(), SHAPE));
        return;
    };
    for (name, _) in own.entries().filter(|(name, _)| name.text() != Some("ignore")) {
        found.push(broken(name.span(), SHAPE));
    }
    for entry in list.items().take(MAX_MARKS) {
        let known = |name: Node<'_>| matches!(name.text(), Some("rule" | "reason" | "until"));
        if let Some((name, _)) = entry.entries().find(|(name, _)| !known(*name)) {
            found.push(broken(name.span(), "an entry has a `rule`, a `reason` and perhaps `until`, and no other key"));
            continue;
        }
        found.push(entry_of_metadata(entry, covers));
    }
}

fn entry_of_metadata(entry: Node<'_>, covers: &Covers) -> Suppression {
    let rule = entry.get("rule");
    let names = rule.filter(|rule| rule.kind() != Kind::Sequence).into_iter();
    let names = names.chain(rule.into_iter().flat_map(Node::items));
    let rules: Vec<_> = names.filter_map(|name| Some((name.text()?.to_owned(), name.span()))).collect();
    let reason = text(entry, "reason").to_owned();
    let day = entry.get("until");
    let until = day.and_then(Node::text).and_then(Date::parse);
    let problem = match day {
        Some(_) if until.is_none() => Some("`until` is a day such as `2027-03-31`".to_owned()),
        _ => mark::problem(rules.is_empty(), &reason),
    };
    let span = rule.unwrap_or(entry).span();
    Suppression { by: SuppressedBy::Metadata, rules, reason, until, covers: covers.clone(), span, problem }
}

/// What comments say.
fn comments(parse: &Parse, root: Node<'_>, resources: &[Resource<'_>], found: &mut Vec<Suppression>) {
    let file = parse.tree.source();
    let spans: Vec<Span> = parse.comments.spans(file.id()).collect();
    let marks = spans.iter().map(|span| mark::read(file.slice(*span)));
    let mut heads = None;
    for ((mark, stand), span) in marks.zip(mark::stands(file, &spans)).zip(&spans) {
        let Some(mark) = mark else { continue };
        if found.len() >= MAX_MARKS {
            return;
        }
        let covers = match mark.reach {
            Reach::File => Covers::Template,
            Reach::Around => around(file, resources, *span),
            Reach::Beside => beside(heads.get_or_insert_with(|| heads_of(root)), stand, &mark),
        };
        found.push(mark.suppression(*span, covers));
    }
}

/// The resource that a comment stands in: the last that starts before it, if the comment is indented deeper.
fn around(file: &SourceFile, resources: &[Resource<'_>], comment: Span) -> Covers {
    let before = resources.partition_point(|resource| resource.span.start <= comment.start);
    let last = before.checked_sub(1).and_then(|last| resources.get(last));
    let column = |at: u32| file.position(at).column;
    let within =
        last.filter(|resource| comment.end <= resource.span.end || column(comment.start) > column(resource.span.start));
    within.map_or(Covers::Nothing("it stands in no resource"), |resource| Covers::Within(resource.span))
}

/// What starts on the line of a comment, or right below it.
fn beside(heads: &BTreeMap<u32, Option<Span>>, stand: Stand, mark: &Mark) -> Covers {
    let line = match stand {
        Stand::Above(_, false) if mark.by == SuppressedBy::Comment => {
            return Covers::Nothing("the line below it is blank, or indented otherwise");
        }
        Stand::Behind(line) | Stand::Above(line, _) => line,
    };
    match heads.get(&line) {
        Some(Some(span)) => Covers::Within(*span),
        Some(None) => Covers::Nothing("it is at no one resource; for all of a template, use its `Metadata`"),
        None => Covers::Nothing("no resource and no part of one starts there"),
    }
}

/// What starts on each line: the outermost entry or item, if it is a resource or a part of one; `None` where two resources
/// do, or a section of the template.
fn heads_of(root: Node<'_>) -> BTreeMap<u32, Option<Span>> {
    let file = root.tree().source();
    let line = |span: Span| file.position(span.start).line;
    let mut heads: BTreeMap<u32, Option<Span>> = BTreeMap::new();
    let section = root.get("Resources");
    let mut open: Vec<Node<'_>> = section.into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(node) = open.pop() {
        // What an alias stands for is written elsewhere.
        if node.is_alias() || !seen.insert(node.id()) {
            continue;
        }
        for (key, value) in own_entries(node) {
            let span = key.span().to(value.span());
            let is_resource = section.is_some_and(|section| section.id() == node.id());
            heads
                .entry(line(span))
                .and_modify(|head| if is_resource { *head = None } else { widen(head, span) })
                .or_insert(Some(span));
            open.push(value);
        }
        for item in node.items() {
            heads.entry(line(item.span())).and_modify(|head| widen(head, item.span())).or_insert(Some(item.span()));
            open.push(item);
        }
    }
    for (key, _) in own_entries(root) {
        heads.entry(line(key.span())).or_insert(None);
    }
    heads
}

/// Of what starts on one line, the outermost counts.
fn widen(head: &mut Option<Span>, span: Span) {
    if let Some(known) = head
        && span.start <= known.start
        && span.end >= known.end
    {
        *known = span;
    }
}
