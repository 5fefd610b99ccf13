//! Mutes findings that the files themselves say are accepted, and tells of suppressions that mute nothing.
//!
//! A muted finding is still there, and the verdict stays what it is.

use super::Options;
use crate::finding::{Finding, Label, Role};
use crate::model::{Covers, SuppressedBy, Suppression, Template};
use crate::report::{FileReport, Place};
use crate::rules;
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The rule for suppressions that mute nothing.
const UNUSED: &str = "unused-suppression";

/// Why a finding is muted.
#[derive(Clone, Debug)]
pub(super) struct Muted {
    /// How reports call it.
    pub(super) by: &'static str,
    pub(super) reason: String,
    pub(super) span: Span,
}

/// For each finding of each template what mutes it. Findings about suppressions are added to `findings`.
pub(super) fn mute(
    templates: &[Template],
    findings: &mut [Vec<Finding>],
    options: &Options,
) -> Vec<Vec<Option<Muted>>> {
    let suppressions = Suppressions::new(templates, options);
    let mut used = Used::default();
    let mut muted: Vec<Vec<Option<Muted>>> = findings
        .iter()
        .enumerate()
        .map(|(template, found)| found.iter().map(|finding| suppressions.of(template, finding, &mut used)).collect())
        .collect();
    for (template, finding) in suppressions.idle(&used, options) {
        if let (Some(findings), Some(muted)) = (findings.get_mut(template), muted.get_mut(template)) {
            findings.push(finding);
            muted.push(None);
        }
    }
    muted
}

/// Suppressions that muted something: their place, and which of their rules.
type Used = BTreeSet<(Span, usize)>;

struct Suppressions<'a> {
    /// With the index of their template.
    all: Vec<(usize, &'a Suppression)>,
    /// Those about a range, by its file: disjoint ranges in order, each with the suppressions in it.
    ranges: BTreeMap<FileId, Vec<(Span, Vec<usize>)>>,
    /// Those about a whole template, or about modules, by the template.
    others: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Suppressions<'a> {
    fn new(templates: &'a [Template], options: &Options) -> Self {
        let counts = |suppression: &Suppression| match suppression.by {
            SuppressedBy::Peer(peer) => options.honor.contains(&peer),
            SuppressedBy::Comment | SuppressedBy::Metadata => true,
        };
        let each = templates.iter().enumerate();
        let each = each.flat_map(|(index, template)| template.suppressions.iter().map(move |one| (index, one)));
        let all: Vec<_> = each.filter(|(_, one)| counts(one) && !options.no_inline_suppressions).collect();
        let mut spans = Vec::new();
        let mut others: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, (template, suppression)) in all.iter().enumerate() {
            match suppression.covers {
                Covers::Within(span) if can_mute(suppression, options) => spans.push((span, index)),
                Covers::Template | Covers::Module(_) if can_mute(suppression, options) => {
                    others.entry(*template).or_default().push(index);
                }
                _ => {}
            }
        }
        spans.sort_by_key(|(span, index)| (span.file, span.start, std::cmp::Reverse(span.end), *index));
        let mut ranges: BTreeMap<FileId, Vec<(Span, Vec<usize>)>> = BTreeMap::new();
        for (span, index) in spans {
            let of_file = ranges.entry(span.file).or_default();
            match of_file.last_mut() {
                // What nests is nested in full: both are parts of one tree.
                Some((range, inside)) if span.start < range.end => {
                    *range = range.to(span);
                    inside.push(index);
                }
                _ => of_file.push((span, vec![index])),
            }
        }
        Self { all, ranges, others }
    }

    /// What mutes a finding; every suppression that would is marked as used.
    fn of(&self, template: usize, finding: &Finding, used: &mut Used) -> Option<Muted> {
        let mut found = BTreeSet::new();
        for anchor in anchors(finding) {
            let ranges = self.ranges.get(&anchor.file).map_or(&[][..], Vec::as_slice);
            let before = ranges.partition_point(|(range, _)| range.start <= anchor.start);
            let inside = before.checked_sub(1).and_then(|last| ranges.get(last)).map(|(_, inside)| inside);
            let holds = |index: &&usize| match self.all.get(**index) {
                Some((_, Suppression { covers: Covers::Within(span), .. })) => within(anchor, *span),
                _ => false,
            };
            found.extend(inside.into_iter().flatten().filter(holds));
        }
        for index in self.others.get(&template).into_iter().flatten() {
            let covers = self.all.get(*index).map(|(_, suppression)| &suppression.covers);
            if match covers {
                Some(Covers::Module(module)) => is_below(&finding.bucket, module),
                covers => covers == Some(&Covers::Template),
            } {
                found.insert(index);
            }
        }
        let mut muted = None;
        for (_, suppression) in found.into_iter().filter_map(|index| self.all.get(*index)) {
            let Some(rule) = position(suppression, finding.rule) else { continue };
            used.insert((suppression.span, rule));
            let Suppression { by, reason, span, .. } = suppression;
            muted.get_or_insert_with(|| Muted { by: called(*by), reason: reason.clone(), span: *span });
        }
        muted
    }

    /// A finding for each suppression of ours, or rule of one, that mutes nothing, with the index of its template.
    fn idle(&self, used: &Used, options: &Options) -> Vec<(usize, Finding)> {
        let mut told = BTreeSet::new();
        let mut findings = Vec::new();
        for (template, suppression) in &self.all {
            // A template that is deployed twice has each of its suppressions twice.
            if matches!(suppression.by, SuppressedBy::Peer(_)) || !told.insert(suppression.span) {
                continue;
            }
            let mut tell = |span, message: String| {
                findings.extend(rules::of_idle_suppression(span, message).map(|finding| (*template, finding)));
            };
            if let Some(problem) = &suppression.problem {
                tell(suppression.span, format!("this suppression does not count: {problem}"));
                continue;
            }
            if let Covers::Nothing(why) = suppression.covers {
                tell(suppression.span, format!("this suppression mutes nothing: {why}"));
                continue;
            }
            for (index, (name, span)) in suppression.rules.iter().enumerate() {
                if rules::find(name).is_none() {
                    let hint = rules::suggest(name).map(|rule| format!(": did you mean `{rule}`?"));
                    let name: String = name.chars().take(60).collect();
                    tell(*span, format!("there is no rule `{name}`{}", hint.unwrap_or_default()));
                } else if let Some(until) = suppression.until.filter(|until| *until < options.now) {
                    tell(suppression.span, format!("this suppression ended on {until}"));
                    break;
                } else if !used.contains(&(suppression.span, index)) {
                    tell(*span, format!("no `{name}` finding is here to suppress"));
                }
            }
        }
        findings
    }
}

/// How reports call what mutes.
fn called(by: SuppressedBy) -> &'static str {
    match by {
        SuppressedBy::Comment => "comment",
        SuppressedBy::Metadata => "metadata",
        SuppressedBy::Peer(peer) => peer.name(),
    }
}

fn can_mute(suppression: &Suppression, options: &Options) -> bool {
    suppression.problem.is_none() && suppression.until.is_none_or(|until| until >= options.now)
}

/// Which of its rules, by position, a suppression mutes a finding of `rule` with.
fn position(suppression: &Suppression, rule: &str) -> Option<usize> {
    match suppression.by {
        SuppressedBy::Peer(_) => rules::explains_verdict(rule).then_some(0),
        SuppressedBy::Comment | SuppressedBy::Metadata => suppression.rules.iter().position(|(name, _)| name == rule),
    }
}

/// Where a person may say that a finding is accepted: its bucket, its policies, the elements at fault.
fn anchors(finding: &Finding) -> impl Iterator<Item = Span> {
    let telling = |label: &&Label| matches!(label.role, Role::Bucket | Role::Policy | Role::Cause);
    std::iter::once(finding.primary.span).chain(finding.related.iter().filter(telling).map(|label| label.span))
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

/// Whether an address is that of an instance below a module, whatever the keys of both.
fn is_below(address: &str, module: &str) -> bool {
    let (mut plain, mut depth, mut quoted) = (String::new(), 0_u32, false);
    let mut characters = address.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => {
                characters.next();
            }
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'))
}

/// Leaves of what is told of suppressions that mute nothing what is so everywhere, once: a module's files may be read for
/// several root modules.
pub fn tell_once(reports: &mut [FileReport]) {
    let mut used: Vec<(Place, usize)> = Vec::new();
    for (index, report) in reports.iter().enumerate() {
        let places = report.findings.iter().filter_map(|finding| finding.suppressed.as_ref()?.place.clone());
        used.extend(places.map(|place| (place, index)));
    }
    let used: BTreeSet<(Place, usize)> = used.into_iter().collect();
    let mut told = BTreeSet::new();
    for (index, report) in reports.iter_mut().enumerate() {
        let is_used_elsewhere = |place: &Place| {
            let holds = |(other, by): &&(Place, usize)| *by != index && other.holds(place);
            used.iter().any(|one| holds(&one))
        };
        report.findings.retain(|one| {
            one.rule != UNUSED
                || !is_used_elsewhere(&one.place) && told.insert((one.place.clone(), one.message.clone()))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_below_its_modules() {
        assert!(is_below(r#"module.a["x.y]"].module.b.aws_s3_bucket.this[0]"#, "module.a"));
        assert!(is_below(r#"module.a["x"].module.b.aws_s3_bucket.this[0]"#, "module.a.module.b"));
        assert!(!is_below("module.ab.aws_s3_bucket.this", "module.a"));
        assert!(!is_below("aws_s3_bucket.this", "module.a"));
    }
}
