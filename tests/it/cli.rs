//! The command as its users meet it: streams, exit statuses, errors.

use serde_json::Value;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const EXPOSED: &str = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n";

/// A new folder, empty.
fn folder(name: &str) -> PathBuf {
    crate::common::folder("cli", name)
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.current_dir(folder).args(arguments).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_exit_status_says_what_came_of_it() {
    let here = folder("status");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    fs::write(here.join("note.yaml"), "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n").unwrap();
    fs::write(here.join("broken.yaml"), "Resources:\n  Data: {Type: AWS::S3::Bucket\n").unwrap();
    fs::write(here.join("pod.yaml"), "kind: Pod\n").unwrap();
    let cases: [(&[&str], i32); 15] = [
        (&["check", "note.yaml"], 0),
        (&["check", "a.yaml"], 1),
        (&["check", "a.yaml", "--fail-on", "error"], 1),
        (&["check", "a.yaml", "--fail-on", "never"], 0),
        (&["check", "a.yaml", "--ignore", "missing-bucket-policy"], 0),
        (&["check", "a.yaml", "--select", "partial-deny,orphan-policy"], 0),
        (&["check", "a.yaml", "--select", "missing-bucket-policy"], 1),
        (&["check", "a.yaml", "none.yaml"], 2),
        (&["check", "broken.yaml"], 2),
        (&["check", "."], 2),
        (&["check", "pod.yaml"], 2),
        (&["check", "--no-such-flag"], 2),
        (&["check", "--select", "no-such-rule"], 2),
        (&["--help"], 0),
        (&["explain", "partial-deny"], 0),
    ];
    for (arguments, expected) in cases {
        let output = run(&here, arguments);
        assert_eq!(status(&output), expected, "{arguments:?}\n{}{}", out(&output), err(&output));
    }
}

#[test]
fn findings_go_to_standard_output_and_all_else_to_standard_error() {
    let here = folder("streams");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    let output = run(&here, &["check", "a.yaml", "none.yaml"]);
    assert!(out(&output).starts_with("error[missing-bucket-policy]: "), "{}", out(&output));
    assert!(out(&output).contains("a.yaml:2:3"));
    assert!(err(&output).starts_with("error: none.yaml: no such file or directory\n"), "{}", err(&output));
    assert!(err(&output).contains("1 file, 1 bucket: 1 exposed; 1 error\n"), "{}", err(&output));
    let output = run(&here, &["check", "-q", "a.yaml"]);
    assert_eq!(err(&output), "");
    let output = run(&here, &["check", "a.yaml", "--output", "report.txt"]);
    assert_eq!(out(&output), "");
    assert!(fs::read_to_string(here.join("report.txt")).unwrap().starts_with("error[missing-bucket-policy]: "));
    let output = run(&here, &["check", "a.yaml", "--output", "no/such/folder"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("no/such/folder"), "{}", err(&output));
}

#[test]
fn a_walk_passes_over_what_is_no_template_and_says_so_when_asked() {
    let here = folder("walk");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    fs::write(here.join("package.json"), "{\"name\": \"x\"}").unwrap();
    fs::write(here.join("chart.yaml"), "{{ if .Values.x }}\nkind: Pod\n").unwrap();
    fs::write(here.join("readme.json"), "{\"text\": \"about AWS::S3::Bucket\"}").unwrap();
    let output = run(&here, &["check", "--format", "json"]);
    assert_eq!(status(&output), 1, "{}", err(&output));
    assert_eq!(json(&output)["files"], serde_json::json!([{"path": "a.yaml", "kind": "cloudformation"}]));
    let output = run(&here, &["check", "-v"]);
    for passed in ["chart.yaml", "package.json", "readme.json"] {
        assert!(err(&output).contains(&format!("skipped: {passed}: ")), "{}", err(&output));
    }
    let empty = folder("empty");
    let output = run(&empty, &["check"]);
    assert_eq!((status(&output), out(&output).as_str()), (0, ""));
    let nothing = "warning: no template and no plan was found, so that nothing was linted\n";
    assert!(err(&output).contains(nothing));
    fs::create_dir(empty.join("live")).unwrap();
    fs::write(empty.join("live/terraform.tfstate"), "{\"version\": 4, \"lineage\": \"x\"}").unwrap();
    fs::write(empty.join("cdk.json"), "{\"app\": \"node bin/app.js\"}").unwrap();
    let output = run(&empty, &["check", "-q"]);
    assert_eq!(status(&output), 0);
    let told = err(&output);
    assert!(told.starts_with(nothing), "{told}");
    assert!(told.contains("live/terraform.tfstate is a raw state: lint what"), "{told}");
    assert!(told.contains("cdk.json is a CDK application: run `cdk synth`"), "{told}");
    let output = run(&empty, &["check", "cdk.json"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("this is a CDK application: run `cdk synth`"), "{}", err(&output));
    assert_eq!(status(&run(&empty, &["check", "--skip-unrecognized", "cdk.json"])), 0);
}

#[test]
fn what_is_not_read_although_it_holds_a_bucket_is_told() {
    let here = folder("unread");
    fs::write(here.join("a.yaml"), "Stacks:\n  One:\n    Resources:\n      B: {Type: AWS::S3::Bucket}\n").unwrap();
    fs::write(
        here.join("state.json"),
        "{\"version\": 4, \"lineage\": \"x\", \"resources\": [{\"type\": \"aws_s3_bucket\"}]}",
    )
    .unwrap();
    fs::write(
        here.join("b.yaml"),
        "Resources: {T: {Type: AWS::SNS::Topic}}\nMetadata: {Old: {Type: AWS::S3::Bucket}}\n",
    )
    .unwrap();
    let output = run(&here, &["check"]);
    assert_eq!(status(&output), 0);
    for (place, why) in [
        ("a.yaml:4:17", "it has no `Resources`"),
        ("b.yaml:2:24", "it is no resource of this template"),
        ("state.json:1:55", "it is a raw state"),
    ] {
        let told = err(&output).lines().any(|line| line.contains(&format!("{place}: ")) && line.contains(why));
        assert!(told, "{place}: {}", err(&output));
    }
    let output = run(&here, &["check", "--format", "json"]);
    assert_eq!(json(&output)["notices"].as_array().unwrap().len(), 3);
}

#[test]
fn pipes_are_no_input() {
    let here = folder("pipe");
    let made = Command::new("mkfifo").arg(here.join("a.yaml")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    assert_eq!(status(&run(&here, &["check"])), 0);
    let output = run(&here, &["check", "a.yaml"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("a pipe, a device or a socket"), "{}", err(&output));
}

#[test]
fn standard_input_is_linted_under_the_name_it_is_given() {
    let here = folder("stdin");
    let feed = |arguments: &[&str], text: &[u8]| {
        let mut child = command(&here, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = feed(&["check", "-", "--format", "json"], EXPOSED.as_bytes());
    assert_eq!(json(&output)["files"][0]["path"], "<stdin>");
    let output = feed(&["check", "-", "--stdin-filename", "x/y.yaml"], EXPOSED.as_bytes());
    assert_eq!(status(&output), 1);
    assert!(out(&output).contains("x/y.yaml:2:3"), "{}", out(&output));
    let output = feed(&["check", "-"], b"kind: Pod\n");
    assert_eq!(status(&output), 2);
    let output = feed(&["check", "-"], b"Resources:\n  A\xFF: 1\n");
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("<stdin>:2:4"), "{}", err(&output));
}

/// An editor's text is linted among the files that it belongs to, and takes the place of the one that is saved.
#[test]
fn standard_input_takes_the_place_of_its_file_in_the_context() {
    let here = folder("stdin-context");
    let store = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\nOutputs:\n  Name: {Value: !Ref Data, Export: {Name: shared}}\n";
    let guard = |bucket: &str| {
        format!(
            "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !ImportValue {bucket}\n      \
             PolicyDocument:\n        Statement: [{{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', Condition: \
             {{Bool: {{'aws:SecureTransport': 'false'}}}}}}]\n"
        )
    };
    fs::write(here.join("store.yaml"), store).unwrap();
    fs::write(here.join("guard.yaml"), guard("shared")).unwrap();
    fs::write(here.join("broken.yaml"), "Resources: {\n").unwrap();
    let feed = |arguments: &[&str], text: &str| {
        let arguments = [&["check", "--format", "json"], arguments].concat();
        let output = crate::common::feed(&mut command(&here, &arguments), text);
        assert_ne!(status(&output), 2, "{}", err(&output));
        json(&output)
    };
    let verdicts = |report: &Value| {
        let buckets = report["buckets"].as_array().unwrap();
        let files: Vec<_> = report["files"].as_array().unwrap().iter().map(|file| file["path"].clone()).collect();
        (files, buckets.iter().map(|bucket| bucket["verdict"].clone()).collect::<Vec<_>>())
    };
    for arguments in [&["-", "--stdin-filename", "./store.yaml", "."][..], &["--stdin-filename", "store.yaml"]] {
        let report = feed(arguments, store);
        assert_eq!(verdicts(&report), (vec!["store.yaml".into()], vec!["enforced".into()]), "{report:#}");
    }
    let report = feed(&["-", "--stdin-filename", "store.yaml"], store);
    assert_eq!(verdicts(&report).1, ["exposed"], "without context: {report:#}");
    let report = feed(&["-", "--stdin-filename", "guard.yaml", "."], &guard("other"));
    assert_eq!(verdicts(&report), (vec!["guard.yaml".into()], Vec::new()), "the bucket is no file's of the report");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let here = folder("closed-pipe");
    let buckets: String =
        (0..800).fold("Resources:\n".to_owned(), |out, n| out + &format!("  B{n}:\n    Type: AWS::S3::Bucket\n"));
    fs::write(here.join("a.yaml"), buckets).unwrap();
    for format in ["human", "json"] {
        let mut child = command(&here, &["check", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut start = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(status(&output), 1);
        assert!(!err(&output).contains("pipe") && !err(&output).contains("panicked"), "{}", err(&output));
    }
}

#[test]
fn the_json_report_has_the_promised_keys() {
    let here = folder("json");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    fs::write(here.join("b.yaml"), "Resources: {Data: {Type: 'AWS::S3::Bucket'}\n").unwrap();
    let output = run(&here, &["check", "--format", "json", "a.yaml", "b.yaml", "none.yaml"]);
    let report = json(&output);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&report), "buckets errors files findings format notices orphans summary tool");
    assert_eq!(report["format"], 1);
    assert_eq!(report["tool"]["name"], "bucketlint");
    let bucket = report["buckets"].as_array().unwrap().iter().find(|bucket| bucket["input"] == "a.yaml").unwrap();
    assert_eq!(keys(bucket), "address deployment file input leaning policies reason span verdict witness");
    assert_eq!(keys(&bucket["witness"]), "action assumptions context parameters principal resource");
    let span = serde_json::json!({
        "start": {"line": 2, "column": 3, "offset": 13}, "end": {"line": 2, "column": 7, "offset": 17}
    });
    assert_eq!(bucket["span"], span);
    let finding = &report["findings"][0];
    assert_eq!(
        keys(finding),
        "bucket file fingerprint fix help label message notes related related_omitted rule severity span suppressed"
    );
    assert_eq!(finding["span"], span);
    let none = report["errors"].as_array().unwrap().iter().find(|error| error["file"] == "none.yaml").unwrap();
    assert_eq!(keys(none), "file help message span");
    assert_eq!(none["span"], Value::Null);
    assert_eq!(keys(&report["summary"]), "baseline buckets enforced exposed files suppressed undecided");
}

/// Of an entry of a plan nothing is shown but its address: on its own line where the plan is pretty-printed, else in
/// words, with the place.
#[test]
fn a_plan_without_source_is_told_by_its_addresses() {
    let here = folder("plan-alone");
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plans/30-nested/plan.json");
    let plan = fs::read_to_string(plan).unwrap();
    let pretty: Value = serde_json::from_str(&plan).unwrap();
    fs::write(here.join("plan.json"), &plan).unwrap();
    fs::write(here.join("pretty.json"), format!("{pretty:#}\n")).unwrap();
    insta::assert_snapshot!("plan_on_one_line", out(&run(&here, &["check", "plan.json"])));
    insta::assert_snapshot!("plan_pretty_printed", out(&run(&here, &["check", "pretty.json"])));
}

#[test]
fn a_file_has_one_name_however_it_is_spelled() {
    let here = folder("spelling");
    fs::create_dir_all(here.join("sub")).unwrap();
    fs::write(here.join("sub/a.yaml"), EXPOSED).unwrap();
    let absolute = here.canonicalize().unwrap().join("sub/a.yaml");
    for path in ["./sub//a.yaml", "sub/./a.yaml", "sub/../sub/a.yaml", absolute.to_str().unwrap(), ".", "./sub/"] {
        let report = json(&run(&here, &["check", "--format", "json", path]));
        let finding = &report["findings"][0];
        let names = [&report["files"][0]["path"], &report["buckets"][0]["input"], &finding["file"]];
        assert_eq!(names, ["sub/a.yaml"; 3], "{path}");
    }
}

#[test]
fn what_is_known_of_orphans_and_notices_is_in_the_json_report() {
    let here = folder("orphans");
    let text = "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !ImportValue shared\n      \
                PolicyDocument: {Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', \
                Condition: {Bool: {'aws:SecureTransport': 'false'}}}]}\n  Q:\n    Type: AWS::S3::BucketPolicy\n    \
                Properties:\n      Bucket: !Ref Nothing\n      PolicyDocument: {Statement: []}\n";
    fs::write(here.join("a.yaml"), text).unwrap();
    let report = json(&run(&here, &["check", "--format", "json", "a.yaml"]));
    let orphans = report["orphans"].as_array().unwrap();
    let told: Vec<_> = orphans
        .iter()
        .map(|orphan| ["address", "bucket", "verdict"].map(|key| orphan[key].as_str().unwrap()))
        .collect();
    assert_eq!(told, [["P", "!ImportValue shared", "enforced"], ["Q", "!Ref Nothing", "exposed"]]);
    let notice = &report["notices"][0];
    assert!(notice["message"].as_str().unwrap().contains("`Nothing`"), "{report:#}");
    assert_eq!(notice["span"]["start"]["line"], 10, "{report:#}");
}

#[test]
fn fingerprints_outlive_edits_elsewhere_and_tell_copies_apart() {
    let here = folder("fingerprints");
    fs::create_dir_all(here.join("deep")).unwrap();
    let prints = |text: String, path: &str| {
        fs::write(here.join(path), text).unwrap();
        let report = json(&run(&here, &["check", "--format", "json", path]));
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = prints(format!("{EXPOSED}  Other:\n    Type: AWS::S3::Bucket\n"), "a.yaml");
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    let edited = format!("# new\n\nDescription: edited\n{EXPOSED}");
    assert_eq!(prints(edited.clone(), "a.yaml"), before[..1]);
    assert_ne!(prints(edited, "deep/a.yaml"), before[..1], "a copy is another finding");
}

#[test]
fn output_is_the_same_from_run_to_run_and_in_order() {
    let here = folder("order");
    for name in ["b", "a/z", "a/y", "c/d/e"] {
        let path = here.join(name).with_extension("yaml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{EXPOSED}  More:\n    Type: AWS::S3::Bucket\n")).unwrap();
    }
    let first = run(&here, &["check", "--format", "json"]);
    for _ in 0..5 {
        assert_eq!(out(&run(&here, &["check", "--format", "json"])), out(&first));
    }
    let report = json(&first);
    let paths: Vec<_> = report["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a/y.yaml", "a/z.yaml", "b.yaml", "c/d/e.yaml"]);
    let findings = report["findings"].as_array().unwrap();
    let places: Vec<_> = findings
        .iter()
        .map(|finding| (finding["file"].as_str().unwrap(), finding["span"]["start"]["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(places.len(), 8);
    assert!(places.is_sorted());
}

#[test]
fn the_configuration_file_counts_and_flags_win_over_it() {
    let here = folder("settings");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    let config = here.join(".bucketlint.yaml");
    let check = |text: &str, arguments: &[&str]| {
        fs::write(&config, text).unwrap();
        run(&here, &[&["check", "-q"], arguments].concat())
    };
    assert_eq!(status(&check("", &[])), 1);
    assert_eq!(status(&check("ignore: [missing-bucket-policy]\n", &[])), 0);
    assert_eq!(status(&check("ignore: [missing-bucket-policy]\n", &["--ignore", "orphan-policy"])), 1);
    assert_eq!(status(&check("fail-on: never\n", &[])), 0);
    assert_eq!(status(&check("fail-on: never\n", &["--fail-on", "note"])), 1);
    assert_eq!(status(&check("exclude: ['*.yaml']\n", &[])), 0);
    let output = check("ignore:\n  - missing-policy\n", &[]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("did you mean `missing-bucket-policy`?"), "{}", err(&output));
    assert!(err(&output).contains(".bucketlint.yaml:2:5"), "{}", err(&output));
    fs::write(here.join("bucketlint.yaml"), "").unwrap();
    let output = check("", &[]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("keep one of them"), "{}", err(&output));
    fs::write(here.join("other.yaml"), "fail-on: never\n").unwrap();
    assert_eq!(status(&check("", &["--config", "other.yaml", "a.yaml"])), 0);
    assert_eq!(status(&check("", &["--config", "none.yaml", "a.yaml"])), 2);
}

#[test]
fn settings_hold_below_their_folder_and_tell_what_they_switch_off() {
    let here = folder("nested-settings");
    for path in ["a.yaml", "quiet/b.yaml", "vendor/c.yaml"] {
        fs::create_dir_all(here.join(path).parent().unwrap()).unwrap();
        fs::write(here.join(path), EXPOSED).unwrap();
    }
    fs::create_dir_all(here.join(".git")).unwrap();
    fs::write(here.join("bucketlint.yaml"), "exclude: [vendor]\n").unwrap();
    fs::write(here.join("quiet/bucketlint.yml"), "ignore: [missing-bucket-policy]\nfail-on: never\n").unwrap();
    let output = run(&here, &["check"]);
    assert_eq!(status(&output), 1);
    let told = err(&output);
    assert!(told.contains("2 files, 2 buckets: 2 exposed; 1 finding ignored by settings\n"), "{told}");
    assert!(told.contains("note: quiet/bucketlint.yml:2:1: this has no effect: it is taken from"), "{told}");
    assert!(told.contains("left out: 1 file or folder that settings exclude (`--isolated` looks at it)\n"), "{told}");
    assert!(out(&run(&here, &["check", "--format", "json"])).contains("this has no effect: it is taken from"));
    let unmatched =
        "parameter-files: {\"prod/*\": none.json, \"a.*\": a.json}\ndeployments: {gone: [x.yaml], here: [a.yaml]}\n";
    fs::write(here.join("a.json"), "{}").unwrap();
    fs::write(here.join("bucketlint.yaml"), format!("exclude: [vendor]\n{unmatched}")).unwrap();
    let told = err(&run(&here, &["check"]));
    for at in ["2:29", "3:15"] {
        assert!(told.contains(&format!("note: bucketlint.yaml:{at}: this has no effect: it matches none")), "{told}");
    }
    assert_eq!(told.matches("matches none").count(), 2, "{told}");
    assert!(!err(&run(&here, &["check", "a.yaml"])).contains("matches none"), "the rest may have it");
    fs::write(here.join("bucketlint.yaml"), "exclude: [vendor]\n").unwrap();
    let output = run(&here, &["check", "--isolated"]);
    assert!(err(&output).contains("3 files, 3 buckets: 3 exposed\n"), "{}", err(&output));
    let output = run(&here, &["check", "--show-files"]);
    assert_eq!((out(&output).as_str(), status(&output)), ("a.yaml\nquiet/b.yaml\n", 0));
    assert_eq!(out(&run(&here, &["check", "--show-files", "--exclude", "{a,b}.yaml"])), "quiet/b.yaml\n");
    assert_eq!(out(&run(&here, &["check", "--show-files", "vendor/c.yaml"])), "vendor/c.yaml\n");
    assert_eq!(out(&run(&here, &["check", "--show-files", "vendor/c.yaml", "--force-exclude"])), "");
    let output = run(&here, &["check", "--exclude", "[", "."]);
    assert_eq!(status(&output), 2);
    let output = run(&here, &["check", "--show-settings", "--fail-on", "note", "quiet"]);
    assert_eq!(
        out(&output),
        "# quiet: settings file: quiet/bucketlint.yml\nignore: [\"missing-bucket-policy\"]  # quiet/bucketlint.yml\n\
         fail-on: note  # command line\n"
    );
    fs::write(here.join("quiet/bucketlint.yml"), "ignore: [missing-bucket]\n").unwrap();
    let output = run(&here, &["check"]);
    assert_eq!(status(&output), 2, "{}", err(&output));
    assert!(err(&output).contains("quiet/bucketlint.yml:1:10"), "{}", err(&output));
    assert!(!out(&output).contains("quiet/b.yaml"), "what it holds for is not linted");
}

#[test]
fn a_settings_file_shows_no_secret() {
    let here = folder("secret-settings");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    fs::write(here.join("bucketlint.yaml"), "parameters: {Password: hunter2, Other: {a: b}}\n").unwrap();
    let output = run(&here, &["check"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("bucketlint.yaml:1:40") && !err(&output).contains("hunter2"), "{}", err(&output));
    fs::remove_file(here.join("bucketlint.yaml")).unwrap();
    fs::create_dir_all(here.join("repository/.git")).unwrap();
    fs::write(here.join("credentials"), "[default]\naws_secret_access_key = hunter2\n").unwrap();
    std::os::unix::fs::symlink("../credentials", here.join("repository/bucketlint.yaml")).unwrap();
    fs::write(here.join("repository/a.yaml"), EXPOSED).unwrap();
    for arguments in
        [&["check"][..], &["check", "--config", "bucketlint.yaml"], &["check", "--parameters", "bucketlint.yaml"]]
    {
        let output = run(&here.join("repository"), arguments);
        assert_eq!(status(&output), 2);
        assert!(err(&output).contains("leads out of it") && !err(&output).contains("hunter2"), "{}", err(&output));
    }
}

#[test]
fn parameter_values_come_from_files() {
    let here = folder("parameters");
    let template = "Parameters: {Live: {Type: String}}\nConditions: {IsLive: !Equals [!Ref Live, 'yes']}\n\
                    Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Condition: IsLive\n";
    fs::write(here.join("a.yaml"), template).unwrap();
    fs::write(here.join("p.json"), "[{\"ParameterKey\": \"Live\", \"ParameterValue\": \"no\"}]").unwrap();
    fs::write(here.join("broken.json"), "{\"Live\": \"no\",\n}").unwrap();
    assert_eq!(status(&run(&here, &["check", "a.yaml"])), 1);
    let output = run(&here, &["check", "a.yaml", "--parameters", "p.json"]);
    assert_eq!(status(&output), 0, "the bucket does not exist: {}", out(&output));
    let output = run(&here, &["check", "a.yaml", "--parameters", "broken.json"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("broken.json:2:"), "{}", err(&output));
    fs::write(here.join("slips.yaml"), "Live: 'no'\nOther: {}\nLive: 'yes'\n").unwrap();
    let output = run(&here, &["check", "a.yaml", "--parameters", "slips.yaml"]);
    assert_eq!(status(&output), 2);
    assert!(err(&output).contains("slips.yaml:2:8") && err(&output).contains("slips.yaml:3:1"), "{}", err(&output));
}

#[test]
fn values_that_no_template_takes_are_told_where_they_are_given() {
    let here = crate::common::repository("cli", "misgiven");
    let template = "Parameters:\n  Env: {Type: String, AllowedValues: [dev, prod]}\n  Count: {Type: Number, MinValue: 1}\n  \
                    Pass: {Type: String, NoEcho: true, AllowedValues: [x]}\nResources:\n  Data: {Type: AWS::S3::Bucket}\n";
    fs::write(here.join("a.yaml"), template).unwrap();
    fs::write(here.join("b.yaml"), "Parameters: {Own: {Type: String}}\nResources: {}\n").unwrap();
    fs::write(here.join("p.yaml"), "Env: prd\nCount: 0\nPass: hunter2\nOwn: 1\nOnw: 1\nCuont: 1\nElse: 1\n").unwrap();
    let notes = |arguments: &[&str]| {
        let output = run(&here, arguments);
        assert_eq!(status(&output), 1);
        let notes =
            err(&output).lines().filter(|line| line.starts_with("note:")).map(str::to_owned).collect::<Vec<_>>();
        notes.join("\n")
    };
    assert_eq!(
        notes(&["check", "--parameters", "p.yaml", "a.yaml", "b.yaml"]),
        "note: p.yaml:1:1: parameter `Env` of `a.yaml` cannot have this value: it allows `dev`, `prod` only: did you mean \
         `prod`?\n\
         note: p.yaml:2:1: parameter `Count` of `a.yaml` cannot have this value: its bounds do not allow this value\n\
         note: p.yaml:5:1: no template that was linted has a parameter `Onw`\n\
         note: p.yaml:6:1: no template that was linted has a parameter `Cuont`\n\
         note: p.yaml:7:1: no template that was linted has a parameter `Else`"
    );
    // Settings may be about templates that are not linted now.
    fs::write(here.join("bucketlint.yaml"), "parameters: {Evn: dev, Else: 1}\n").unwrap();
    assert_eq!(
        notes(&["check", "a.yaml"]),
        "note: bucketlint.yaml:1:14: no template that was linted has a parameter `Evn`: did you mean `Env`?"
    );
    fs::write(here.join("main.tf"), "variable \"env\" {}\nresource \"aws_s3_bucket\" \"b\" {}\n").unwrap();
    fs::write(here.join("bucketlint.yaml"), "parameters: {evn: dev}\n").unwrap();
    assert!(notes(&["check", "main.tf"]).contains("`evn`: did you mean `env`?"));
}

#[test]
fn nothing_hostile_reaches_the_terminal_or_a_ci_system() {
    let here = folder("hostile");
    let name = "::error file=x::\u{1b}[2J\u{202e}.yaml";
    fs::write(here.join(name), "Resources:\n  \"D\\e[8m\u{202e}##vso[task.x]\":\n    Type: AWS::S3::Bucket\n").unwrap();
    fs::write(here.join("##[error].json"), "{\"Resources\": \"AWS::S3::Bucket\" ]").unwrap();
    fs::write(here.join("::warning::.json"), "{}").unwrap();
    for format in ["human", "json"] {
        let output = run(&here, &["check", "-v", "--format", format]);
        assert_eq!(status(&output), 2);
        for text in [out(&output), err(&output)] {
            assert!(!text.is_empty());
            assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{text:?}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
            assert!(!text.contains("##vso[") && !text.contains("##["), "{text}");
        }
        if format == "json" {
            let address = &json(&output)["buckets"][0]["address"];
            assert_eq!(address, "D\u{1b}[8m\u{202e}##vso[task.x]", "a reader of the JSON gets the text as it is");
        }
    }
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let here = folder("colours");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = command(&here, &[&["check", "a.yaml"], arguments].concat())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        out(&output).contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]), "standard output is no terminal");
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_long_line_is_never_printed() {
    let here = folder("long");
    let pad = "x".repeat(1_000_000);
    let text =
        format!("{{\"Description\": \"{pad}\", \"Resources\": {{\"Data\": {{\"Type\": \"AWS::S3::Bucket\"}}}}}}");
    fs::write(here.join("a.json"), text).unwrap();
    fs::write(here.join("b.json"), format!("{{\"Description\": \"{pad}\", \"Resources\": \"AWS::\" ]")).unwrap();
    let output = run(&here, &["check"]);
    assert_eq!(status(&output), 2, "{}", err(&output));
    assert!(out(&output).len() <= 2048 && out(&output).contains("a.json:1:1000035"), "{}", out(&output));
    assert!(err(&output).len() <= 4096 && err(&output).contains("b.json:1:"), "{}", err(&output));
}

#[test]
fn help_and_rules_read_as_they_are_meant() {
    let here = folder("help");
    for (name, arguments) in [
        ("help", ["--help"].as_slice()),
        ("help_check", &["check", "--help"]),
        ("rules", &["rules"]),
        ("explain_typo", &["explain", "partial-denny"]),
    ] {
        let output = run(&here, arguments);
        insta::assert_snapshot!(name, out(&output) + &err(&output));
    }
    let output = run(&here, &["rules", "--format", "json"]);
    let rules = json(&output);
    assert_eq!(rules.as_array().unwrap().len(), bucketlint::rules::RULES.len());
    assert_eq!(rules[0]["name"], "conditional-policy");
    for key in ["short", "full", "help", "help-uri", "tags", "precision", "problem-severity", "security-severity"] {
        assert!(rules.as_array().unwrap().iter().all(|rule| rule.get(key).is_some()), "{key}");
        assert!(!rules[0][key].is_null(), "{key}");
    }
    let output = run(&here, &["explain", "partial-deny"]);
    assert!(out(&output).starts_with("partial-deny (error, since 0.1.0): "), "{}", out(&output));
    assert!(out(&output).contains("\n## How to fix it\n"));
}

/// What is passed over unparsed is never something that would have been linted.
#[test]
fn no_template_of_the_test_data_is_passed_over_unparsed() {
    use bucketlint::discover::{Candidate, NoneExcluded, Targets};
    use bucketlint::frontend::{NoFiles, may_be_input};
    use bucketlint::lint::{Input, Options, Outcome, lint};
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut linted = 0;
    for candidate in Targets::new(&[root], &NoneExcluded).candidates() {
        let Candidate::Met(path) = candidate else { continue };
        let bytes = fs::read(&path).unwrap();
        let may_be = may_be_input(&bytes);
        let input = Input { path: path.display().to_string(), named: false, bytes, ..Input::default() };
        if let Outcome::Linted(..) = lint(input, &Options::default(), &NoFiles) {
            assert!(may_be, "{}", path.display());
            linted += 1;
        }
    }
    assert!(linted > 20, "the test data was not found");
}

#[test]
fn what_shells_and_manuals_want_is_printed() {
    let here = folder("shells");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&here, &["completions", shell]);
        assert!(status(&output) == 0 && out(&output).contains("diff-base"), "{shell}");
    }
    assert_eq!(status(&run(&here, &["completions", "tcsh"])), 2);
    let output = run(&here, &["man"]);
    assert!(out(&output).contains(".TH bucketlint") && out(&output).contains("\\-\\-diff\\-base"), "{}", out(&output));
}

#[test]
fn the_exit_status_can_be_waived_and_findings_counted() {
    let here = folder("waived");
    fs::write(here.join("a.yaml"), format!("{EXPOSED}  B:\n    Type: AWS::S3::Bucket\n")).unwrap();
    let output = run(&here, &["check", "--exit-zero", "--statistics"]);
    assert_eq!(status(&output), 0);
    assert!(err(&output).contains("      2  missing-bucket-policy  "), "{}", err(&output));
    let output = run(&here, &["check", "--exit-zero", "none.yaml"]);
    assert_eq!(status(&output), 2, "a run that failed still fails");
}

#[test]
fn reports_are_written_whole_and_through_no_link() {
    let here = folder("output");
    fs::write(here.join("a.yaml"), EXPOSED).unwrap();
    fs::write(here.join("precious"), "kept").unwrap();
    std::os::unix::fs::symlink("precious", here.join("link")).unwrap();
    let output = run(&here, &["check", "a.yaml", "--output", "link"]);
    assert!(status(&output) == 2 && err(&output).contains("link: is a symbolic link"), "{}", err(&output));
    assert_eq!(fs::read_to_string(here.join("precious")).unwrap(), "kept");
    let output = run(&here, &["check", "a.yaml", "--output", "/dev/full"]);
    assert_eq!(status(&output), 2, "{}", err(&output));
}

#[test]
fn buckets_that_are_not_general_purpose_are_told_by_kind_and_number() {
    let folder = folder("special-buckets");
    let template = "Resources:\n  D: {Type: 'AWS::S3Express::DirectoryBucket'}\n  \
        DP: {Type: 'AWS::S3Express::BucketPolicy', Properties: {Bucket: !Ref D, PolicyDocument: {Statement: []}}}\n  \
        T: {Type: 'AWS::S3Tables::TableBucket'}\n  U: {Type: 'AWS::S3Tables::TableBucket'}\n  \
        V: {Type: 'AWS::S3Vectors::VectorBucket'}\n  O: {Type: 'AWS::S3Outposts::Bucket'}\n";
    fs::write(folder.join("special.yaml"), template).unwrap();
    fs::create_dir_all(folder.join("root")).unwrap();
    fs::write(
        folder.join("root/main.tf"),
        "resource \"aws_s3_directory_bucket\" \"d\" {\n  bucket = \"d--use1-az4--x-s3\"\n}\n",
    )
    .unwrap();
    let output = run(&folder, &["check"]);
    let told = String::from_utf8(output.stderr).unwrap();
    for what in [
        "special.yaml:2:3: 1 directory bucket (S3 Express One Zone) is not checked",
        "special.yaml:3:3: 1 policy of a directory bucket is not checked",
        "special.yaml:4:3: 2 table buckets (S3 Tables) are not checked",
        "special.yaml:6:3: 1 vector bucket (S3 Vectors) is not checked",
        "special.yaml:7:3: 1 bucket on Outposts is not checked",
        "root/main.tf:1:1: 1 directory bucket (S3 Express One Zone) is not checked",
    ] {
        assert!(told.contains(what), "{what}: {told}");
    }
    assert_eq!(output.status.code(), Some(0), "nothing of them is a finding");
}
