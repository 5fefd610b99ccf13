//! Random templates and folders in all spellings: each edit that is offered enforces its bucket, makes nothing worse, and
//! can be undone; all of them made, nothing is left to make.
//!
//! With `BUCKETLINT_FIXED=FOLDER` the templates are written there, before and after, for other tools to compare.
#![allow(
    clippy::pedantic,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test stops at the first thing that it cannot do, and is read as prose"
)]

mod folders;
mod layout;
mod templates;

use crate::support::random::{Random, seed, times};
use bucketlint::frontend::{Files, frontend_of_folder, normal};
use bucketlint::lint::{OfSettings, Options, Session};
use bucketlint::report::{FileReport, FindingRecord, Verdict};
use bucketlint::source::{Edit, FileId, Span, Together, apply};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

type Texts = BTreeMap<String, String>;

/// What is linted: one template, or a folder of source.
struct Case {
    texts: Texts,
    is_folder: bool,
}

struct Memory<'a>(&'a Texts);

impl Files for Memory<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = self.0.get(normal(path).to_str().unwrap()).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.clone().into_bytes())
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = normal(folder);
        Ok(self.0.keys().map(PathBuf::from).filter(|path| path.parent() == Some(&folder)).collect())
    }
}

impl Case {
    fn lint(&self, texts: &Texts) -> Vec<FileReport> {
        let options = Options { fixes: true, ..Options::default() };
        let files = Memory(texts);
        let settings = |_: &Path| OfSettings::default();
        let mut session = Session::new(&options, settings, &files);
        if self.is_folder {
            let opened =
                session.read_folder(1, Path::new("."), frontend_of_folder(Path::new("main.tf")).unwrap()).unwrap();
            session.enter(vec![opened]);
            session.settle();
        } else {
            session.open(texts.keys().map(|path| (path.clone(), true)));
        }
        session.take_reports()
    }

    fn show(&self, texts: &Texts) -> String {
        texts.iter().map(|(path, text)| format!("--- {path}\n{text}\n")).collect()
    }
}

/// How bad each bucket is, and how often each rule fires on it.
#[derive(PartialEq)]
struct Standing {
    /// By file and address.
    verdicts: BTreeMap<(String, String), usize>,
    fired: BTreeMap<(String, String, &'static str), usize>,
}

impl Standing {
    fn of(reports: &[FileReport]) -> Self {
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Enforced => 0,
            Verdict::Undecided(_) => 1,
            Verdict::Exposed => 2,
        };
        let (mut verdicts, mut fired) = (BTreeMap::new(), BTreeMap::new());
        for report in reports {
            for bucket in &report.buckets {
                // One that is judged in several places counts with its worst verdict.
                let worst: &mut usize = verdicts.entry((report.path.clone(), bucket.address.clone())).or_default();
                *worst = rank(&bucket.verdict).max(*worst);
            }
            for finding in &report.findings {
                let bucket = finding.bucket.clone().unwrap_or_default();
                *fired.entry((report.path.clone(), bucket, finding.rule)).or_default() += 1;
            }
        }
        Self { verdicts, fired }
    }

    fn is_no_worse_than(&self, before: &Self) -> bool {
        self.verdicts.len() == before.verdicts.len()
            && self.verdicts.iter().all(|(key, rank)| before.verdicts.get(key).is_some_and(|old| rank <= old))
            && self.fired.iter().all(|(key, count)| before.fired.get(key).is_some_and(|old| count <= old))
    }
}

fn findings(reports: &[FileReport]) -> impl Iterator<Item = &FindingRecord> {
    reports.iter().flat_map(|report| &report.findings)
}

/// The edits of a fix, by file.
fn edits(finding: &FindingRecord) -> BTreeMap<String, Vec<Edit>> {
    let mut by_file: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    for (place, text) in finding.fix.iter().flat_map(|fix| &fix.edits) {
        let span = Span::new(FileId::default(), place.start.offset as usize, place.end.offset as usize);
        by_file.entry(place.file.to_string()).or_default().push(Edit::replace(span, text.as_str()));
    }
    by_file
}

/// The texts with edits made, which undone give the same texts again.
fn made(texts: &Texts, by_file: &BTreeMap<String, Vec<Edit>>) -> Texts {
    let mut after = texts.clone();
    for (path, edits) in by_file {
        let old = &texts[path];
        let new = apply(old, edits).expect("edits fit");
        assert_eq!(apply(&new, &undoing(old, edits)).as_ref(), Some(old), "{edits:?}");
        after.insert(path.clone(), new);
    }
    after
}

/// The edits that take edits back.
fn undoing(old: &str, edits: &[Edit]) -> Vec<Edit> {
    let mut sorted = edits.to_vec();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut moved = 0_isize;
    let undo = |edit: &Edit| {
        let start = edit.span.start as usize;
        let at = start.checked_add_signed(moved).unwrap();
        moved += edit.text.len() as isize - (edit.span.end as usize - start) as isize;
        Edit::replace(Span::new(FileId::default(), at, at + edit.text.len()), &old[edit.span.range()])
    };
    sorted.iter().map(undo).collect()
}

#[derive(Default)]
struct Tally {
    exposed: usize,
    fixed: usize,
    /// Why the others have no edit: how often, and the first of them.
    reasons: BTreeMap<String, (usize, String)>,
}

fn check(case: &Case, tally: &mut Tally) -> Texts {
    let reports = case.lint(&case.texts);
    let before = Standing::of(&reports);
    let shown = || case.show(&case.texts);
    let of_file = |report: &'_ FileReport| report.findings.len();
    let paths = reports.iter().flat_map(|report| std::iter::repeat_n(report.path.clone(), of_file(report)));
    for (path, finding) in paths.zip(findings(&reports)) {
        let is_error = finding.severity == bucketlint::finding::Severity::Error;
        tally.exposed += usize::from(is_error);
        let Some(_) = &finding.fix else {
            if is_error {
                let why = finding.help.split_once("(no edit is offered: ").map(|(_, why)| why);
                // What to do in another tool is its own reason.
                let why = why.or(Some(finding.help.as_str()).filter(|help| help.contains("enforceSSL")));
                let why = why.unwrap_or_else(|| panic!("no reason: {}\n{}", finding.help, shown()));
                let first = || format!("{}\n{}", finding.message, shown());
                tally.reasons.entry(why.to_owned()).or_insert_with(|| (0, first())).0 += 1;
            }
            continue;
        };
        tally.fixed += usize::from(is_error);
        let by_file = edits(finding);
        let texts = made(&case.texts, &by_file);
        let after = case.lint(&texts);
        let told = || format!("{}\n{}\n{}", finding.message, shown(), case.show(&texts));
        assert!(after.iter().all(|report| report.errors.is_empty()), "does not parse: {}", told());
        let after = Standing::of(&after);
        assert!(after.is_no_worse_than(&before), "something is worse: {}", told());
        let own = after.verdicts.get(&(path, finding.bucket.clone().unwrap()));
        assert_eq!(own, Some(&0), "not enforced: {}", told());
    }
    all_made(case)
}

/// The texts after all edits, made as far as they go together, until there are none.
fn all_made(case: &Case) -> Texts {
    let mut texts = case.texts.clone();
    for _ in 0..10 {
        let reports = case.lint(&texts);
        let mut together: BTreeMap<String, (Together, Vec<Edit>)> = BTreeMap::new();
        for finding in findings(&reports) {
            for (path, edits) in edits(finding) {
                let (fitting, all) = together.entry(path).or_default();
                if fitting.join(&edits) {
                    all.extend(edits.into_iter().filter(|edit| !all.contains(edit)).collect::<Vec<_>>());
                }
            }
        }
        if together.is_empty() {
            return texts;
        }
        texts = made(&texts, &together.into_iter().map(|(path, (_, edits))| (path, edits)).collect());
    }
    panic!("there is always something more to write: {}", case.show(&texts));
}

/// Known to `.ci/fixes/cfn_lint.py`, too.
const FEW: u64 = 30;

fn rate(tally: &Tally) {
    println!("{} of {} have an edit", tally.fixed, tally.exposed);
    for (why, (count, first)) in &tally.reasons {
        println!("{count}: {why}\n{first}");
    }
    assert!(tally.fixed * 100 >= tally.exposed * 95, "too few edits are offered");
}

#[test]
fn templates_in_all_spellings_are_fixed() {
    let mut random = Random::new(seed());
    let mut tally = Tally::default();
    for number in 0..times(FEW) {
        let (text, is_json) = templates::any(&mut random);
        let name = if is_json { "t.json" } else { "t.yaml" };
        let case = Case { texts: Texts::from([(name.to_owned(), text)]), is_folder: false };
        let fixed = check(&case, &mut tally);
        if let Some(folder) = std::env::var_os("BUCKETLINT_FIXED") {
            for (part, texts) in [("before", &case.texts), ("after", &fixed)] {
                let folder = Path::new(&folder).join(part);
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(format!("{number:05}-{name}")), &texts[name]).unwrap();
            }
        }
    }
    rate(&tally);
}

#[test]
fn folders_in_all_spellings_are_fixed() {
    let mut random = Random::new(seed() + 1);
    let mut tally = Tally::default();
    for _ in 0..times(FEW) {
        let case = Case { texts: folders::any(&mut random), is_folder: true };
        let fixed = check(&case, &mut tally);
        for (path, text) in fixed.iter().filter(|(path, _)| path.ends_with(".tf")) {
            assert!(hcl_edit::parser::parse_body(text).is_ok(), "{path}\n{text}");
        }
    }
    rate(&tally);
}

/// The files of a case of test data, by their names.
fn texts_of(case: &str) -> Texts {
    let parts = case.split("=== ").skip(1).filter_map(|part| part.split_once('\n'));
    // Settings are nothing to lint.
    parts
        .filter(|(name, _)| !["expect", "bucketlint.yaml"].contains(name))
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

#[test]
fn test_data_of_several_files_are_fixed() {
    let mut tally = Tally::default();
    for (folder, is_folder) in [("deployments", false), ("worlds", false), ("terraform", true)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
        let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        cases.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
        cases.sort();
        for path in cases {
            let texts = texts_of(&std::fs::read_to_string(&path).unwrap());
            // What Terraform's own files hold is read from the folder of a root module.
            let has_root = texts.keys().any(|name| !name.contains('/') && name.contains(".t"));
            if !is_folder || has_root {
                println!("{}", path.display());
                check(&Case { texts, is_folder }, &mut tally);
            }
        }
    }
    println!("{} of {} have an edit", tally.fixed, tally.exposed);
    tally.reasons.iter().for_each(|(why, (count, _))| println!("{count}: {why}"));
    // Others are made by tools, or hang on what other files carry.
    assert!(tally.fixed * 100 >= tally.exposed * 75, "too few edits are offered");
}
