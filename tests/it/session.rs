//! A session says after each edit what a fresh run says. `BUCKETLINT_SESSION=FILES,EDITS` sets the size.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::support::random;
use bucketlint::frontend::{Files, frontend_of_folder};
use bucketlint::lint::{OfSettings, Options, Session, Values};
use bucketlint::report::{FileReport, FindingRecord, Verdict};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Files in memory, and how often each was read.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<PathBuf, String>>, Mutex<BTreeMap<PathBuf, usize>>);

impl Memory {
    fn set(&self, path: &str, text: Option<String>) {
        let mut files = self.0.lock().unwrap();
        match text {
            Some(text) => files.insert(PathBuf::from(path), text),
            None => files.remove(Path::new(path)),
        };
    }

    fn paths(&self) -> Vec<(String, bool)> {
        self.0.lock().unwrap().keys().map(|path| (path.to_str().unwrap().to_owned(), false)).collect()
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        *self.1.lock().unwrap().entry(path.to_owned()).or_default() += 1;
        let files = self.0.lock().unwrap();
        files.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.lock().unwrap().keys().filter(|path| path.parent() == Some(folder)).cloned().collect())
    }
}

/// Random numbers of which several are asked for in one expression.
struct Random(RefCell<random::Random>);

impl Random {
    fn new(seed: u64) -> Self {
        Self(RefCell::new(random::Random::new(seed)))
    }

    fn below(&self, end: usize) -> usize {
        self.0.borrow_mut().below(end)
    }

    fn one<'a>(&self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// The text of one side of a pair: of a bucket, or of its policy. Names are mostly those of the pair's own number.
fn text(random: &Random, pair: usize, pairs: usize, is_store: bool, tame: bool) -> String {
    let other = if random.below(6) == 0 && !tame { random.below(pairs) } else { pair };
    let parameters = "Parameters: {Env: {Type: String, Default: dev}, Name: {Type: String}}\n\
                      Conditions: {Prod: !Equals [!Ref Env, prod]}\n";
    if random.below(20) == 0 && !tame {
        return random
            .one(&["kind: Pod\n", "Resources:\n  A: {Type: AWS::S3::Bucket\n", "", "Resources: {}\n"])
            .to_owned();
    }
    if is_store {
        let name = match random.below(if tame { 2 } else { 8 }) {
            0 => format!("data-{other}"),
            1 => format!("!Sub '${{Env}}-logs-{other}'"),
            2 => "!Ref Name".to_owned(),
            3 => format!("!If [Prod, data-{other}, !Sub '${{Env}}-logs-{other}']"),
            4 => format!("!ImportValue name-{other}"),
            _ => String::new(),
        };
        let name = if name.is_empty() { name } else { format!("    Properties: {{BucketName: {name}}}\n") };
        let fixed = format!("fixed-{other}");
        let export = if tame {
            "!Ref Data"
        } else {
            random.one(&["!Ref Data", "!Ref Data", "!Ref Data", "!Ref Name", "!Sub '${Env}-x'", &fixed])
        };
        let exported = if random.below(4) == 0 && !tame {
            format!("!Sub '${{Env}}-name-{other}'")
        } else {
            format!("name-{other}")
        };
        let nested = match random.below(5) {
            0 => format!(
                "  Guard:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: ./guard{other}.yaml, Parameters: \
                 {{Name: !Ref Data}}}}\n"
            ),
            _ => String::new(),
        };
        return format!(
            "{parameters}Resources:\n  Data:\n    Type: AWS::S3::Bucket\n{name}{nested}Outputs:\n  Name: {{Value: {export}, \
             Export: {{Name: {exported}}}}}\n"
        );
    }
    let bucket = match random.below(9) {
        _ if tame => format!("!ImportValue name-{other}"),
        0 => format!("data-{other}"),
        1 => format!("!Sub '${{Env}}-logs-{other}'"),
        2 => "!Ref Name".to_owned(),
        3 => format!("!ImportValue {{'Fn::Sub': '${{Env}}-name-{other}'}}"),
        4 => format!("!If [Prod, data-{other}, !ImportValue name-{other}]"),
        _ => format!("!ImportValue name-{other}"),
    };
    let effect = random.one(&["Deny", "Deny", "Deny", "Allow"]);
    format!(
        "{parameters}Resources:\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: {bucket}\n      \
         PolicyDocument:\n        Statement:\n          - {{Effect: {effect}, Principal: '*', Action: 's3:*', Resource: '*', \
         Condition: {{Bool: {{'aws:SecureTransport': 'false'}}}}}}\n"
    )
}

fn path(pair: usize, is_store: bool, pairs: usize) -> String {
    let folder = if pairs > 8 { format!("area{}/", pair % (pairs / 4)) } else { String::new() };
    format!("{folder}{}{pair}.yaml", if is_store { "store" } else { "guard" })
}

fn opened<'a>(memory: &'a Memory, options: &'a Options) -> Session<'a> {
    let mut session = Session::new(options, |_: &Path| OfSettings::default(), memory);
    session.open(memory.paths());
    session
}

/// `tame` keeps to pairs of which each imports what the other exports, as most repositories do.
fn edits(files: usize, edits: usize, seed: u64, tame: bool) -> (Duration, Duration) {
    let random = Random::new(seed);
    let (memory, options, pairs) = (Memory::default(), Options::default(), files / 2);
    for pair in 0..pairs {
        for is_store in [true, false] {
            memory.set(&path(pair, is_store, pairs), Some(text(&random, pair, pairs, is_store, tame)));
        }
    }
    let mut session = opened(&memory, &options);
    let (mut editing, mut fresh_runs) = (Duration::ZERO, Duration::ZERO);
    for edit in 0..edits {
        let (pair, is_store) = (random.below(pairs), random.below(2) == 0);
        let path = path(pair, is_store, pairs);
        let text = (tame || random.below(15) > 0).then(|| text(&random, pair, pairs, is_store, tame));
        memory.set(&path, text.clone());
        let before: BTreeMap<String, _> =
            session.reports().map(|report| (report.path.clone(), report.clone())).collect();
        let start = Instant::now();
        let told = session.update(&path, None);
        editing += start.elapsed();
        let start = Instant::now();
        let fresh = opened(&memory, &options);
        fresh_runs += start.elapsed();
        let (now, expected): (Vec<_>, Vec<_>) = (session.reports().collect(), fresh.as_one());
        for (one, two) in now.iter().zip(&expected) {
            assert_eq!(*one, two, "seed {seed}, edit {edit} of {path} to\n{}", text.as_deref().unwrap_or("nothing"));
        }
        assert_eq!(now.len(), expected.len(), "seed {seed}, edit {edit} of {path}");
        let changed: Vec<String> = before
            .keys()
            .chain(now.iter().map(|report| &report.path))
            .filter(|path| before.get(*path) != session.report(path))
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        assert_eq!(told, changed, "seed {seed}, edit {edit} of {path}");
    }
    (editing, fresh_runs)
}

#[test]
fn after_each_edit_a_session_says_what_a_fresh_run_says() {
    match std::env::var("BUCKETLINT_SESSION") {
        Ok(size) => {
            let (files, count) = size.split_once(',').unwrap();
            for tame in [true, false] {
                let (editing, fresh) = edits(files.parse().unwrap(), count.parse().unwrap(), random::seed(), tame);
                let share = 100.0 * editing.as_secs_f64() / fresh.as_secs_f64();
                eprintln!("tame {tame}: edits {editing:?}, fresh runs {fresh:?}: {share:.2} %");
            }
        }
        Err(_) => {
            let from = random::seed() * 1_000;
            for seed in from..from + random::times(2) {
                edits(8, 40, seed, false);
            }
            edits(60, 20, from, false);
            edits(60, 10, from, true);
        }
    }
}

/// A folder with a bucket, and with a policy on what is imported as `name-9`. Gives whether it is open whether that is on the
/// bucket.
fn area_guarded_by_an_import(memory: &Memory) -> impl Fn(&Session<'_>) -> bool {
    let guard = text(&Random::new(1), 9, 10, false, true).replace("Effect: Allow", "Effect: Deny");
    memory.set("area/guard.yaml", Some(guard));
    memory.set("area/store.yaml", Some("Resources:\n  Data: {Type: AWS::S3::Bucket}\n".to_owned()));
    |session| session.report("area/store.yaml").unwrap().counts.undecided == 1
}

/// A policy on an import that nobody exports may be on any bucket of its folder. Whoever exports it elsewhere says something
/// of that folder, too.
#[test]
fn an_export_elsewhere_says_where_a_policy_is_not() {
    let (memory, options) = (Memory::default(), Options::default());
    let is_undecided = area_guarded_by_an_import(&memory);
    let other = |export: &str| {
        let output = format!("Outputs:\n  Name: {{Value: !Ref Data, Export: {{Name: {export}}}}}\n");
        Some(format!("Resources:\n  Data: {{Type: AWS::S3::Bucket}}\n{output}"))
    };
    memory.set("other/store.yaml", other("name-1"));
    let mut session = opened(&memory, &options);
    assert!(is_undecided(&session));
    for (export, undecided) in [("name-9", false), ("name-1", true), ("name-9", false)] {
        memory.set("other/store.yaml", other(export));
        assert!(session.update("other/store.yaml", None).contains(&"area/store.yaml".to_owned()), "{export}");
        assert_eq!(is_undecided(&session), undecided, "{export}");
    }
}

/// The same where who exports it is open only for another file that deploys it, and is closed with that.
#[test]
fn an_export_that_is_closed_says_no_longer_where_a_policy_is_not() {
    let (memory, options) = (Memory::default(), Options::default());
    let is_undecided = area_guarded_by_an_import(&memory);
    let deploys =
        "Resources:\n  Inside: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./inside.yaml}}\n";
    memory.set("other/parent.yaml", Some(deploys.to_owned()));
    let mut session = Session::new(&options, |_: &Path| OfSettings::default(), &memory);
    let inputs = memory.paths();
    let output = "Outputs:\n  Name: {Value: !Ref Data, Export: {Name: name-9}}\n";
    memory.set("other/inside.yaml", Some(format!("Resources:\n  Data: {{Type: AWS::S3::Bucket}}\n{output}")));
    session.open(inputs);
    assert!(!is_undecided(&session));
    for (text, undecided) in [("Resources: {}\n", true), (deploys, false)] {
        memory.set("other/parent.yaml", Some(text.to_owned()));
        session.update("other/parent.yaml", None);
        assert_eq!(is_undecided(&session), undecided, "{text}");
    }
}

#[test]
fn a_text_that_is_not_saved_lies_over_the_file() {
    let (memory, options) = (Memory::default(), Options::default());
    memory.set("a.yaml", Some("Resources:\n  Data: {Type: AWS::S3::Bucket}\n".to_owned()));
    let mut session = opened(&memory, &options);
    let findings = |session: &Session<'_>, path: &str| session.report(path).map(|report| report.findings.len());
    assert_eq!(findings(&session, "a.yaml"), Some(1));
    assert_eq!(session.update("a.yaml", Some(b"Resources:\n  Topic: {Type: AWS::SNS::Topic}\n".to_vec())), ["a.yaml"]);
    assert_eq!(findings(&session, "a.yaml"), Some(0));
    assert_eq!(session.update("b.yaml", Some(b"Resources:\n  B: {Type: AWS::S3::Bucket}\n".to_vec())), ["b.yaml"]);
    assert_eq!(session.update("b.yaml", None), ["b.yaml"]);
    assert_eq!(findings(&session, "b.yaml"), None);
    assert_eq!(session.update("a.yaml", None), ["a.yaml"]);
    assert_eq!(findings(&session, "a.yaml"), Some(1));
    assert!(session.update("a.yaml", None).is_empty());
}

#[test]
fn edits_that_are_asked_for_later_are_those_that_are_made_at_once() {
    let random = Random::new(0x51_F1_5E);
    let (memory, pairs) = (Memory::default(), 30);
    for pair in 0..pairs {
        for is_store in [true, false] {
            memory.set(&path(pair, is_store, pairs), Some(text(&random, pair, pairs, is_store, false)));
        }
    }
    for number in 0..12 {
        let text = "Resources:\n  One:\n    Type: AWS::S3::Bucket\n  Two:\n    Type: AWS::S3::Bucket\n".to_owned();
        memory.set(&format!("plain{number}.yaml"), Some(text));
    }
    let at_once = Options { fixes: true, ..Options::default() };
    let expected: Vec<FileReport> = opened(&memory, &at_once).take_reports();
    let fixes = |reports: &[FileReport]| {
        reports.iter().flat_map(|report| &report.findings).filter(|finding| finding.fix.is_some()).count()
    };
    assert!(fixes(&expected) > 20);
    let later = Options::default();
    let mut session = opened(&memory, &later);
    let mut reports = session.take_reports();
    assert_eq!(fixes(&reports), 0);
    let all = reports.iter().flat_map(|report| &report.findings).map(FindingRecord::identity).collect();
    session.mend(&mut reports, &all);
    assert_eq!(reports, expected);
}

const DENIES: &str = "PolicyDocument: {Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', Condition: {Bool: \
                      {'aws:SecureTransport': 'false'}}}]}";

#[test]
fn no_file_is_read_twice() {
    let memory = Memory::default();
    let set = |path: &str, text: &str| memory.set(path, Some(text.to_owned()));
    set("plain.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: plain}}\n");
    set("broken.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket\n");
    set("other.yaml", "kind: Pod\n");
    let stack = |file: &str| format!("{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {file}}}}}");
    set("parent.yaml", &format!("Resources:\n  One: {}\n  Two: {}\n", stack("child.yaml"), stack("beside.txt")));
    set("child.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket}\n");
    set("beside.txt", "Resources:\n  Data: {Type: AWS::S3::Bucket}\n");
    let manifest = r#"{"version": "36.0.0", "artifacts": {"A": {"type": "aws:cloudformation:stack",
        "properties": {"templateFile": "A.template.json"}}, "A.assets": {"type": "cdk:asset-manifest",
        "properties": {"file": "A.assets.json"}}}}"#;
    set("cdk.out/manifest.json", manifest);
    set("cdk.out/A.assets.json", r#"{"version": "36.0.0", "files": {}}"#);
    set("cdk.out/A.template.json", r#"{"Resources": {"Data": {"Type": "AWS::S3::Bucket"}}}"#);
    set("stack/main.tf", "resource \"aws_s3_bucket\" \"data\" {}\nmodule \"guard\" { source = \"../guard\" }\n");
    set("guard/main.tf", "variable \"name\" {}\n");
    let options = Options { fixes: true, ..Options::default() };
    let mut session = Session::new(&options, |_: &Path| OfSettings::default(), &memory);
    let source = Path::new("stack/main.tf");
    let frontend = frontend_of_folder(source).unwrap();
    assert!(frontend.glance(Path::new("stack"), &session.files().read(source).unwrap()).concerns);
    let folder = session.read_folder(1, Path::new("stack"), frontend).unwrap();
    session.enter(vec![folder]);
    let inputs = memory.paths().into_iter().filter(|(path, _)| !path.ends_with(".tf") && !path.ends_with(".txt"));
    session.open(inputs);
    let buckets = |session: &Session<'_>| session.reports().map(|report| report.buckets.len()).sum::<usize>();
    assert_eq!(buckets(&session), 6);
    let not_once = |memory: &Memory| -> Vec<PathBuf> {
        let (files, reads) = (memory.0.lock().unwrap(), memory.1.lock().unwrap());
        files.keys().filter(|path| reads.get(*path) != Some(&1)).cloned().collect()
    };
    assert!(not_once(&memory).is_empty(), "{:?}", not_once(&memory));
    session.update("parent.yaml", None);
    assert_eq!(not_once(&memory), [PathBuf::from("parent.yaml")], "only what changed is read again");
}

#[test]
fn a_template_that_is_handed_other_values_than_given_ones_is_tied_by_those() {
    let memory = Memory::default();
    let set = |path: &str, text: &str| memory.set(path, Some(text.to_owned()));
    set(
        "parent.yaml",
        "Resources:\n  Store:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml, Parameters: \
         {Name: acme}}\n",
    );
    set(
        "child.yaml",
        "Parameters: {Name: {Type: String}}\nResources:\n  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub \
         '${Name}-logs'}}\n",
    );
    set(
        "guard.yaml",
        &format!(
            "Resources:\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: acme-logs\n      \
             {DENIES}\n"
        ),
    );
    let parameters = Arc::new(BTreeMap::from([("Name".to_owned(), "other".to_owned())]));
    let values = Arc::new(Values { parameters, assume_defaults: false });
    let options = Options { values, ..Options::default() };
    let session = opened(&memory, &options);
    let whole = session.as_one();
    assert_eq!(session.reports().collect::<Vec<_>>(), whole.iter().collect::<Vec<_>>());
    let verdicts: Vec<_> = whole.iter().flat_map(|report| &report.buckets).map(|bucket| bucket.verdict).collect();
    assert_eq!(verdicts, [Verdict::Enforced]);
}

#[test]
fn a_bucket_that_has_one_of_two_names_is_tied_by_each() {
    let memory = Memory::default();
    let names = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}\nResources:\n  Data: {Type: \
                 AWS::S3::Bucket, Properties: {BucketName: !If [Prod, acme-prod, acme-dev]}}\n";
    memory.set("area/store.yaml", Some(names.to_owned()));
    for name in ["acme-prod", "acme-dev"] {
        let policy = format!("{{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: {name}, {DENIES}}}}}");
        memory.set(&format!("{name}/guard.yaml"), Some(format!("Resources:\n  Policy: {policy}\n")));
    }
    let options = Options::default();
    let session = opened(&memory, &options);
    let whole = session.as_one();
    assert_eq!(session.reports().collect::<Vec<_>>(), whole.iter().collect::<Vec<_>>());
    let verdicts: Vec<_> = whole.iter().flat_map(|report| &report.buckets).map(|bucket| bucket.verdict).collect();
    assert_eq!(verdicts, [Verdict::Enforced]);
}
