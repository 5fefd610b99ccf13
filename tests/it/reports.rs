//! Every report format, on one set of files whose names and ids hold whatever some format takes for its own. The
//! script `.ci/reports/validate.py` has the same read by other people's validators.

use crate::common::bucketlint;
use bucketlint::report::FORMATS;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

const NASTY: &str = "%0A::error::x, \"q\" 'a' ##[error]y ##vso[z] ]]> <b>&amp; `c` @you |p| é😀\u{202e}\u{1b}[2J end";

fn folder(name: &str) -> PathBuf {
    crate::common::repository("reports", name)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    bucketlint().current_dir(folder).arg("check").args(["--now", "2026-11-26"]).args(arguments).output().unwrap()
}

fn report(folder: &Path, format: &str) -> String {
    String::from_utf8(run(folder, &["-q", "--format", format]).stdout).unwrap()
}

fn nasty(name: &str) -> PathBuf {
    let here = folder(name);
    let bucket = json!({"Type": "AWS::S3::Bucket"});
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {"Fn::Sub": "${Data.Arn}/*"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let policy = |bucket: Value| {
        json!({"Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": bucket, "PolicyDocument": {"Statement": [deny]}}})
    };
    let mut resources = serde_json::Map::new();
    for part in [NASTY, "a\nb", "a\r\n::warning::", "]]>", "\u{7}", "[link](1)", "```", "-->"] {
        resources.insert(part.to_owned(), bucket.clone());
    }
    resources.insert("Data".to_owned(), bucket);
    resources.insert(format!("Policy{NASTY}"), policy(json!({"Ref": "Data"})));
    resources.insert(format!("Orphan{NASTY}"), policy(json!("elsewhere")));
    let text = json!({"Resources": resources}).to_string();
    fs::write(here.join("a, b%25 ##[x] 'q' é #1 &amp;<i>`c` ::error::.json"), text).unwrap();
    fs::write(here.join("line\nbreak.json"), json!({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}).to_string())
        .unwrap();
    fs::write(here.join("broken ]]> %.yaml"), "Resources:\n  Data: {Type: AWS::S3::Bucket\n").unwrap();
    here
}

/// A template of buckets without policy, and as many policies that deny everything.
fn many(here: &Path, exposed: usize, enforced: usize) {
    let mut text = "Resources:\n".to_owned();
    for index in 0..exposed {
        let _ = writeln!(text, "  Open{index}: {{Type: AWS::S3::Bucket}}");
    }
    for index in 0..enforced {
        let _ = write!(
            text,
            "  Shut{index}: {{Type: AWS::S3::Bucket}}\n  Policy{index}:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      \
             Bucket: !Ref Shut{index}\n      PolicyDocument: {{Statement: [{{Effect: Deny, Principal: '*', Action: 's3:*', \
             Resource: [!GetAtt Shut{index}.Arn, !Sub '${{Shut{index}.Arn}}/*'], Condition: {{Bool: \
             {{'aws:SecureTransport': 'false'}}}}}}]}}\n"
        );
    }
    fs::write(here.join("many.yaml"), text).unwrap();
}

#[test]
fn each_format_reads_well() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for format in FORMATS.iter().map(|format| format.name) {
        let output = run(root, &["-q", "--format", format, "testdata/sample"]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        // The rules' documents stand in a log whole; they have tests of their own.
        let text = if format == "sarif" { without_rules(&text) } else { text };
        insta::assert_snapshot!(format!("sample_{format}"), text);
    }
}

fn without_rules(text: &str) -> String {
    let mut log: Value = serde_json::from_str(text).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
    rules.retain(|rule| rule["id"] == "partial-deny");
    rules[0]["help"] = json!("…");
    format!("{log:#}")
}

#[test]
fn no_format_holds_a_command_or_hides_anything() {
    let here = nasty("commands");
    for format in FORMATS.iter().map(|format| format.name) {
        let text = report(&here, format);
        let hidden: BTreeSet<char> =
            text.chars().filter(|c| *c != '\n' && (c.is_control() || *c == '\u{202e}')).collect();
        assert!(hidden.is_empty(), "{format}: {hidden:?}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{format}");
        let commands: Vec<_> = text.lines().filter(|line| line.trim_start().starts_with("::")).collect();
        let levels = ["::error file=", "::warning file=", "::notice file="];
        let ours = commands.iter().all(|line| levels.iter().any(|level| line.starts_with(level)));
        assert!(if format == "github" { ours } else { commands.is_empty() }, "{format}: {commands:?}");
    }
}

#[test]
fn annotations_of_github_keep_to_their_form() {
    let text = report(&nasty("github"), "github");
    let (commands, last) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with("bucketlint: 13 findings (10 errors, 2 warnings, 1 note)"), "{last}");
    for line in commands.lines() {
        let (properties, message) = line.trim_start_matches(':').split_once("::").unwrap();
        let (_, properties) = properties.split_once(' ').unwrap();
        for property in properties.split(',') {
            let (name, _) = property.split_once('=').unwrap();
            assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&name), "{line}");
        }
        for escape in message.split('%').skip(1) {
            assert!(["25", "0A", "0D"].iter().any(|code| escape.starts_with(code)), "{line}");
        }
    }
    assert!(commands.contains("file=a%2C b%2525 "), "{commands}");
    assert!(commands.lines().next().unwrap().contains("broken ]]> %25.yaml"), "errors come first");
}

#[test]
fn a_sarif_log_is_one_that_github_takes() {
    let here = nasty("sarif");
    let log: Value = serde_json::from_str(&report(&here, "sarif")).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"][0]["level"], "error");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let properties = &rule["properties"];
        assert!(properties["tags"].as_array().unwrap().len() <= 20, "{rule:#}");
        assert!(properties.get("security-severity").is_none_or(Value::is_string), "{rule:#}");
        assert!(!rule["help"]["markdown"].as_str().unwrap().is_empty());
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 13);
    assert!(results.iter().any(|result| result.get("codeFlows").is_some()));
    for result in results {
        assert_eq!(rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"].as_object().unwrap().keys().collect::<Vec<_>>(), ["bucketlint/v1"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.contains([':', ' ', '\\', '\n']), "{uri}");
    }
    let levels: Vec<_> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
    let rank = |level: &str| ["error", "warning", "note"].iter().position(|one| *one == level);
    assert!(levels.is_sorted_by_key(|level| rank(level)), "{levels:?}");
}

#[test]
fn each_link_in_a_sarif_message_leads_somewhere() {
    let log: Value = serde_json::from_str(&report(&nasty("links"), "sarif")).unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let ids: Vec<u64> = result["relatedLocations"]
            .as_array()
            .map_or(Vec::new(), |related| related.iter().map(|place| place["id"].as_u64().unwrap()).collect());
        let text = result["message"]["text"].as_str().unwrap();
        let linked: Vec<u64> =
            text.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0.parse().unwrap()).collect();
        assert_eq!(linked, ids, "{text}");
    }
}

#[test]
fn past_what_a_reader_takes_the_worst_is_kept_and_the_rest_counted() {
    let here = folder("limits");
    many(&here, 600, 20);
    let chart = report(&here, "mermaid");
    let edges = chart.lines().filter(|line| line.contains("->")).count();
    assert!((400..=500).contains(&edges) && chart.chars().count() <= 50_000, "{edges} {}", chart.len());
    assert!(chart.contains(&format!("{} more buckets", 620 - edges)), "{edges}");
    let summary = report(&here, "markdown");
    assert!(summary.len() < 65_536, "{}", summary.len());
    assert!(summary.contains("are left out here"));
    assert!(report(&here, "github").ends_with("the log has all\n"));
}

#[test]
fn a_page_of_a_thousand_buckets_stays_small() {
    let here = folder("page");
    many(&here, 900, 100);
    let page = report(&here, "html");
    assert!(page.len() < 1_000_000, "{}", page.len());
    assert!(page.contains("are left out, so that the page stays small"));
    assert_eq!(page.matches("<article>").count(), 1000, "every bucket is there all the same");
}

#[test]
fn fingerprints_of_a_gitlab_report_are_unique() {
    let here = nasty("gitlab");
    fs::copy(here.join("line\nbreak.json"), here.join("copy.json")).unwrap();
    let issues: Value = serde_json::from_str(&report(&here, "gitlab")).unwrap();
    let issues = issues.as_array().unwrap();
    let prints: BTreeSet<_> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!((prints.len(), issues.len()), (15, 15));
    let clean = folder("clean");
    fs::write(clean.join("a.yaml"), "Resources: {T: {Type: AWS::SNS::Topic}}\n").unwrap();
    assert_eq!(report(&clean, "gitlab"), "[]\n");
}

#[test]
fn one_run_writes_several_reports() {
    let here = folder("several");
    fs::write(here.join("a.yaml"), "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n").unwrap();
    let all: Vec<String> = FORMATS.iter().map(|format| format!("{0}={0}.out", format.name)).collect();
    let flags: Vec<&str> = all.iter().flat_map(|one| ["--output", one]).collect();
    let output = run(&here, &[&["-q", "--format", "concise"], flags.as_slice()].concat());
    assert_eq!(output.status.code(), Some(1));
    let concise =
        "a.yaml:2:3: error[missing-bucket-policy] bucket Data has no bucket policy, so it accepts plain HTTP\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), concise);
    for format in FORMATS.iter().map(|format| format.name) {
        let alone = run(&here, &["-q", "a.yaml", "--format", format]);
        assert_eq!(fs::read(here.join(format!("{format}.out"))).unwrap(), alone.stdout, "{format}");
    }
    let output = run(&here, &["-q", "a.yaml", "--output", "main.txt", "--output", "concise=-"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), concise);
    assert!(fs::read_to_string(here.join("main.txt")).unwrap().starts_with("error["));
    for wrong in [
        &["--output", "a.txt", "--output", "b.txt"][..],
        &["--output", "json=-"],
        &["--output", "json=x", "--output", "sarif=x"],
        &["--output", "sarfi=x"],
        &["--output", "json=no/such/folder"],
    ] {
        assert_eq!(run(&here, &[&["a.yaml"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_finding_is_shown_at_the_bucket_or_at_its_cause() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = "testdata/cloudformation/err/objects-only.yaml";
    let line = |arguments: &[&str]| {
        let output = run(root, &[&["-q", file, "--format", "concise"], arguments].concat());
        String::from_utf8(output.stdout).unwrap().split(':').nth(1).unwrap().parse::<u32>().unwrap()
    };
    let (bucket, cause) = (line(&[]), line(&["--place", "cause"]));
    assert_eq!(line(&["--place", "bucket"]), bucket);
    assert_ne!(bucket, cause);
    let rdjson = |arguments: &[&str]| {
        let output = run(root, &[&["-q", file, "--format", "rdjson"], arguments].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["diagnostics"][0]["location"]["range"]["start"]["line"].as_u64().unwrap()
    };
    assert_eq!((rdjson(&[]), rdjson(&["--place", "bucket"])), (u64::from(cause), u64::from(bucket)));
}

/// Their readers stand at the root of the repository: an annotation with another path is shown nowhere.
#[test]
fn formats_of_code_hosts_name_files_from_the_root_of_the_repository() {
    let here = folder("rooted");
    fs::create_dir_all(here.join("infra/a b")).unwrap();
    many(&here.join("infra/a b"), 1, 0);
    fs::write(here.join("infra/broken.yaml"), "Resources:\n  Data: {Type: AWS::S3::Bucket\n").unwrap();
    let inside = here.join("infra");
    for (format, path, broken) in [
        ("github", "file=infra/a b/many.yaml,line=2,", "file=infra/broken.yaml,"),
        ("sarif", "\"uri\": \"infra/a%20b/many.yaml\"", "\"uri\": \"infra/broken.yaml\""),
        ("gitlab", "\"path\": \"infra/a b/many.yaml\"", "\"path\": \"infra/broken.yaml\""),
        ("rdjson", "\"path\": \"infra/a b/many.yaml\"", "\"path\": \"infra/broken.yaml\""),
        ("checkstyle", "<file name=\"infra/a b/many.yaml\">", "<file name=\"infra/broken.yaml\">"),
        ("markdown", "<code>infra/a b/many.yaml&#58;2</code>", "<code>infra/broken.yaml&#58;"),
    ] {
        let text = report(&inside, format);
        assert!(text.contains(path) && text.contains(broken), "{format}: {text}");
        assert_eq!(text, report(&here, format), "{format}: the same from everywhere");
    }
    for format in ["concise", "json", "junit", "html", "mermaid", "dot"] {
        let text = report(&inside, format);
        assert!(text.contains("a b/many") && !text.contains("infra"), "{format}: {text}");
    }
}

#[test]
fn a_summary_draws_what_is_new() {
    let here = folder("new");
    many(&here, 2, 1);
    assert_eq!(run(&here, &["--write-baseline", "known.json"]).status.code(), Some(0));
    let summary = |arguments: &[&str]| {
        let output = run(&here, &[&["-q", "--format", "markdown"], arguments].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    let text = summary(&["--baseline", "known.json"]);
    assert!(text.starts_with("## bucketlint: no new findings\n"), "{text}");
    assert!(text.contains("2 findings known before.") && !text.contains("mermaid"), "{text}");
    fs::write(here.join("more.yaml"), "Resources: {New: {Type: AWS::S3::Bucket}}").unwrap();
    let text = summary(&["--baseline", "known.json"]);
    assert!(text.starts_with("## bucketlint: 1 new finding\n") && text.contains("[(\"New<br/>exposed\")]"), "{text}");
    assert!(!text.contains("Open0"), "{text}");
    assert!(summary(&[]).contains("[(\"Open0<br/>exposed\")]"));
}

/// The page lets its own style in by the hash of it, and nothing else.
#[test]
fn the_policy_of_the_page_fits_its_style() {
    use sha2::{Digest as _, Sha256};
    let here = nasty("policy");
    let page = report(&here, "html");
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = base64(&Sha256::digest(style));
    assert!(page.contains(&format!("style-src 'sha256-{hash}'")), "write {hash} into src/report/html/mod.rs");
    for forbidden in ["<script", "<b>&amp;", "style=", "onload", "=\"http:", "src="] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().chain([&0, &0]).take(3).fold(0_usize, |sum, &byte| (sum << 8) | usize::from(byte));
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place)) & 63];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// One template that is deployed twice, once with its policy.
#[test]
fn a_finding_is_told_of_the_deployment_that_it_is_about() {
    let root = folder("of_one_deployment");
    let stacks = "Resources:
  Closed: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Guard: 'yes'}}}
  Open: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Guard: 'no'}}}
";
    let child = "Parameters: {Guard: {Type: String}}
Conditions: {Guarded: !Equals [!Ref Guard, 'yes']}
Resources:
  Data: {Type: AWS::S3::Bucket}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: Guarded
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: [!GetAtt Data.Arn, !Sub '${Data.Arn}/*']
            Condition: {Bool: {aws:SecureTransport: 'false'}}
";
    fs::write(root.join("root.yaml"), stacks).unwrap();
    fs::write(root.join("child.yaml"), child).unwrap();
    let told = |format: &str| report(&root, format);
    let json: Value = serde_json::from_str(&told("json")).unwrap();
    let verdicts = json["buckets"].as_array().unwrap().iter();
    let verdicts: Vec<_> = verdicts.map(|one| (one["deployment"].as_str().unwrap(), &one["verdict"])).collect();
    assert_eq!(verdicts, [("root.yaml#Closed", &json!("enforced")), ("root.yaml#Open", &json!("exposed"))]);
    let junit = told("junit");
    let case = |name: &str| junit.lines().find(|line| line.contains(&format!("name=\"{name}\""))).unwrap();
    assert!(case("Data in root.yaml#Closed").ends_with("/>"), "{junit}");
    assert!(case("Data in root.yaml#Open").contains("<failure"), "{junit}");
    assert_eq!(junit.matches("<failure").count(), 1);
    let html = told("html");
    assert_eq!(html.matches("this is so where").count(), 1, "{html}");
}
