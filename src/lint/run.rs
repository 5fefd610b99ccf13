//! All inputs of a run, linked, judged and told of.

use super::assembly::{Manifest, assemble, left_over};
use super::fix::{FindingId, Mends, Wanted};
use super::over::{Edited, Texts};
use super::read::{ReadInput, given};
use super::suppress::{self, Muted};
use super::{Options, guard, located, records};
use crate::buckets::{self, Judged, Judgement, Orphan};
use crate::finding::Finding;
use crate::frontend::{self, Files, normal};
use crate::link::{self, Deployment, Group, Library, Member, Names};
use crate::model::{Body, Deployed, Template};
use crate::report::FileReport;
use crate::rules;
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::syntax::{self, Parse};
use crate::threads;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Fewer files than this are told of faster without threads.
const WORTH_THREADS: usize = 16;

/// Lints inputs together: a policy in one may be on a bucket in another. Gives a report for each of them. `again` gives
/// the same inputs once more, with edited texts in the place of some; edits are made for the findings that are wanted.
pub(super) fn lint_together(
    inputs: Vec<ReadInput>,
    manifests: &[Manifest],
    (options, wanted): (&Options, Wanted<'_>),
    files: &dyn Files,
    again: &dyn Fn(&Texts) -> Vec<ReadInput>,
) -> Vec<FileReport> {
    let run = Run::of(inputs, manifests, options, files);
    let with = |texts: &Texts| Run::of(again(texts), manifests, options, &Edited { texts, files });
    let mends = match wanted {
        Wanted::None => Mends::default(),
        _ => Mends::tried(&run, &with, wanted, options, files),
    };
    run.reports(&mends, options)
}

/// Inputs that were linted together.
pub(super) struct Run {
    /// In the order of the deployment's members.
    pub(super) inputs: Vec<ReadInput>,
    pub(super) sources: Sources,
    pub(super) deployment: Deployment,
    pub(super) judgement: Judgement,
    /// What is found in each template, with what mutes it.
    pub(super) findings: Vec<Vec<(Finding, Option<Muted>)>>,
}

impl Run {
    /// Links inputs, judges their buckets, and finds what there is to say.
    pub(super) fn of(inputs: Vec<ReadInput>, manifests: &[Manifest], options: &Options, files: &dyn Files) -> Self {
        let (mut deployment, mut shelf, mut sources) = linked(inputs, manifests, options, files);
        let inside = std::mem::take(shelf.inside.get_mut().unwrap_or_else(PoisonError::into_inner));
        sources.insert(inside.into_values());
        let judgement = buckets::judge(&deployment, options.now);
        tell_unfollowed(&mut deployment);
        let mut findings = rules::check(&deployment.templates, &judgement);
        for (place, findings) in deployment.places.iter().zip(&mut findings) {
            // A part that an error hides is told as that error.
            let errors = shelf.inputs.get(place.member).map_or(&[][..], |(input, _)| &input.errors);
            let told = |place: Span| errors.iter().any(|error| error.span == place);
            findings.retain(|one| one.rule != "incomplete-input" || !told(one.primary.span));
        }
        let mut muted = suppress::mute(&deployment.templates, &mut findings, options);
        mute_guarded(&mut deployment, &judgement, &mut sources, options, (&findings, &mut muted));
        deployment.templates.iter_mut().for_each(Template::forget_what_it_hangs_on);
        let both = findings.into_iter().zip(muted);
        let findings = both.map(|(findings, muted)| findings.into_iter().zip(muted).collect()).collect();
        let inputs = shelf.inputs.into_iter().map(|(input, _)| input).collect();
        Self { inputs, sources, deployment, judgement, findings }
    }

    /// The input that a template was read from.
    pub(super) fn input_of(&self, template: usize) -> Option<&ReadInput> {
        self.inputs.get(self.deployment.places.get(template)?.member)
    }

    /// A finding, by its template and its number there.
    pub(super) fn finding(&self, (template, number): FindingId) -> Option<&Finding> {
        self.findings.get(template)?.get(number).map(|(finding, _)| finding)
    }

    /// What is told of each file.
    fn reports(self, mends: &Mends, options: &Options) -> Vec<FileReport> {
        let Self { inputs, sources, deployment, judgement, findings } = self;
        let mut reports = Vec::new();
        let deployed: HashSet<usize> = deployment.places.iter().map(|place| place.member).collect();
        let telling = Telling { sources: &sources, deployment: &deployment, mends, options };
        let files = by_file(inputs, &deployment, judgement, findings);
        let (files, rest): (Vec<_>, Vec<_>) =
            files.into_iter().enumerate().partition(|(member, _)| deployed.contains(member));
        let files: Vec<Linted> = files.into_iter().map(|(_, file)| file).collect();
        let rest = rest.into_iter().filter(|(_, file)| !file.input.gathered);
        let rest = rest.map(|(_, Linted { input, .. })| (Span::at(input.file.id(), 0), input.path));
        reports.extend(rest.map(|(span, path)| left_over(path, span, &sources)));
        reports.extend(threads::each(files, WORTH_THREADS, |file| telling.report(file)));
        reports
    }
}

/// Links inputs: what they come to together, what it is read from, and the texts of it.
fn linked<'a>(
    mut inputs: Vec<ReadInput>,
    manifests: &[Manifest],
    options: &'a Options,
    files: &'a dyn Files,
) -> (Deployment, Shelf<'a>, Sources) {
    assemble(&mut inputs, manifests);
    inputs.sort_by(|one, two| one.path.cmp(&two.path));
    let mut sources = Sources::default();
    let (mut members, mut groups) = (Vec::new(), Groups::default());
    let mut shelf = Shelf { options, files, inputs: Vec::new(), inside: Mutex::default() };
    for mut input in inputs {
        members.push(Member {
            path: normal(Path::new(&input.path)),
            file: input.file.id(),
            template: input.take_template(),
            whole: !input.frontend.is_linked(),
            nested_only: input.nested_only,
            stacks: std::mem::take(&mut input.stacks),
            groups: input.deployments.iter().map(|name| groups.number(name)).collect(),
        });
        sources.extend(std::mem::take(&mut input.sources));
        shelf.inputs.push((input, OnceLock::new()));
    }
    (link::link(members, &shelf), shelf, sources)
}

/// What is said of names where inputs are deployed together, by the number of the one that is deployed by itself.
pub(super) fn names(
    inputs: Vec<ReadInput>,
    manifests: &[Manifest],
    options: &Options,
    files: &dyn Files,
) -> BTreeMap<u32, Names> {
    Names::in_deployment(&linked(inputs, manifests, options, files).0)
}

/// Lets a template without buckets say which stack of its could not be followed: there may be buckets in it, and nothing
/// else tells of it.
fn tell_unfollowed(deployment: &mut Deployment) {
    for unfollowed in &deployment.unfollowed {
        if let Some(template) = deployment.templates.get_mut(unfollowed.place).filter(|one| one.buckets.is_empty()) {
            template.incomplete.get_or_insert_with(|| unfollowed.unknown.clone());
        }
    }
}

/// Mutes findings about buckets that a policy of the organization and their own protect together.
fn mute_guarded(
    deployment: &mut Deployment,
    judgement: &Judgement,
    sources: &mut Sources,
    options: &Options,
    (findings, muted): (&[Vec<Finding>], &mut [Vec<Option<Muted>>]),
) {
    let guarded = guard::guarded(deployment, judgement, sources, options);
    if guarded.is_empty() {
        return;
    }
    for (template, (findings, muted)) in findings.iter().zip(muted).enumerate() {
        for (finding, muted) in findings.iter().zip(muted).filter(|(one, _)| rules::explains_verdict(one.rule)) {
            if let Some(guarded) = guarded.get(&(template, finding.bucket.clone())) {
                let reason = || guarded.reason.clone();
                muted.get_or_insert_with(|| Muted { by: "guarded-by", reason: reason(), span: guarded.statement });
            }
        }
    }
}

/// The groups of the settings, by number.
#[derive(Default)]
struct Groups(BTreeMap<String, Group>);

impl Groups {
    fn number(&mut self, name: &str) -> Group {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let group = || Group { number: next, name: name.into() };
        self.0.entry(name.to_owned()).or_insert_with(group).clone()
    }
}

/// The texts of a run, to read templates from once more: for each place that deploys them.
struct Shelf<'a> {
    options: &'a Options,
    files: &'a dyn Files,
    inputs: Vec<(ReadInput, OnceLock<Parse>)>,
    /// The templates that are written inside of inputs, by the input and the place.
    inside: Mutex<BTreeMap<(usize, Span), Arc<SourceFile>>>,
}

impl Shelf<'_> {
    /// The text of a body, as a file that knows where it is written.
    fn inside(&self, member: usize, body: &Body) -> Option<Arc<SourceFile>> {
        let (input, _) = self.inputs.get(member)?;
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let part = FIRST_INSIDE.saturating_add(u32::try_from(inside.len()).unwrap_or(u32::MAX));
        let file = || {
            let id = FileId::of(input.file.id().input(), part);
            Arc::new(SourceFile::inside(id, &input.file, body.text.as_str(), body.within.clone()))
        };
        Some(Arc::clone(inside.entry((member, body.within.whole())).or_insert_with(file)))
    }
}

/// Numbers from here on are those of texts inside of an input's files.
const FIRST_INSIDE: u32 = 1 << 31;

impl Library for Shelf<'_> {
    fn read_in(&self, member: usize, deployed: Deployed) -> Option<Template> {
        let (input, parse) = self.inputs.get(member)?;
        let parse = parse.get_or_init(|| syntax::parse(&input.file));
        input.frontend.read_in(parse, &given(self.options, input.values.as_deref(), self.files), deployed)
    }

    fn read_body(&self, member: usize, body: &Body, deployed: Deployed) -> Result<Template, String> {
        let file = self.inside(member, body).ok_or_else(|| "it is not at hand".to_owned())?;
        frontend::read_inside(&file, &given(self.options, None, self.files), deployed)
    }
}

/// An input with all that came of it.
struct Linted {
    input: ReadInput,
    judged: Vec<Judged>,
    orphans: Vec<Orphan>,
    /// With the template and the number of each.
    findings: Vec<(FindingId, Finding, Option<Muted>)>,
}

impl Linted {
    fn new(input: ReadInput) -> Self {
        Self { input, judged: Vec::new(), orphans: Vec::new(), findings: Vec::new() }
    }
}

/// What came of a deployment, by the files that it stands in.
fn by_file(
    inputs: Vec<ReadInput>,
    deployment: &Deployment,
    judgement: Judgement,
    findings: Vec<Vec<(Finding, Option<Muted>)>>,
) -> Vec<Linted> {
    let mut files: Vec<Linted> = inputs.into_iter().map(Linted::new).collect();
    let member = |template: usize| deployment.places.get(template).map(|place| place.member);
    for judged in judgement.buckets {
        if let Some(file) = member(judged.template).and_then(|member| files.get_mut(member)) {
            file.judged.push(judged);
        }
    }
    for orphan in judgement.orphans {
        if let Some(file) = member(orphan.policy.template()).and_then(|member| files.get_mut(member)) {
            file.orphans.push(orphan);
        }
    }
    unfit(&mut files, deployment);
    for (template, findings) in findings.into_iter().enumerate() {
        if let Some(file) = member(template).and_then(|member| files.get_mut(member)) {
            let numbered = findings.into_iter().enumerate();
            file.findings.extend(numbered.map(|(number, (finding, muted))| ((template, number), finding, muted)));
        }
    }
    files
}

/// Tells each file what it hands to templates that do not take it.
fn unfit(files: &mut [Linted], deployment: &Deployment) {
    let mut told = deployment.templates.iter().flat_map(|template| &template.unfit).peekable();
    if told.peek().is_none() {
        return;
    }
    let inputs: HashMap<u32, usize> =
        files.iter().enumerate().map(|(at, file)| (file.input.file.id().input(), at)).collect();
    for notice in told {
        let file = inputs.get(&notice.span.file.input()).and_then(|at| files.get_mut(*at));
        if let Some(file) = file.filter(|file| !file.input.notices.contains(notice)) {
            file.input.notices.push(notice.clone());
        }
    }
}

struct Telling<'a> {
    sources: &'a Sources,
    deployment: &'a Deployment,
    mends: &'a Mends,
    options: &'a Options,
}

impl Telling<'_> {
    fn report(&self, file: Linted) -> FileReport {
        let Linted { input, judged, orphans, findings } = file;
        if let Some(told) = input.told {
            return *told;
        }
        let (sources, templates) = (self.sources, &self.deployment.templates);
        let path: Arc<str> = input.path.as_str().into();
        let bucket = |judged: &Judged| records::bucket(&path, self.deployment, judged, sources);
        let finding = |(id, mut finding, muted): (FindingId, Finding, Option<Muted>)| {
            let template = id.0;
            let label = self.deployment.places.get(template).and_then(|place| place.label.as_deref());
            if let Some(label) = label {
                finding.notes.push(format!("this is so where `{label}` deploys it"));
            }
            let mut record = records::finding(&finding, muted.as_ref(), sources);
            record.deployment = label.map(str::to_owned);
            self.mends.tell(id, &mut record);
            record
        };
        let report = FileReport {
            path: input.path,
            kind: Some(input.template.format.name()),
            buckets: judged.iter().filter_map(bucket).collect(),
            orphans: orphans.iter().filter_map(|orphan| records::orphan(templates, orphan, sources)).collect(),
            findings: findings.into_iter().map(finding).collect(),
            errors: input.errors.into_iter().map(|error| located(error, sources)).collect(),
            notices: input.notices.iter().map(|notice| records::notice(notice, sources)).collect(),
            is_unread: input.is_unread,
            declared: input.declared,
            guards: guard::covering(self.deployment, &judged, &self.options.guards),
            ..FileReport::default()
        };
        let mut report = report.in_order();
        if self.options.forget_buckets {
            report.forget_buckets();
        }
        report
    }
}
