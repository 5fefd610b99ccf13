use super::*;
use crate::finding::{Finding, Label, Severity as Level};
use crate::source::{Sources, Span};

/// A finding as people read it.
fn render(finding: &Finding, sources: &Sources, style: Style) -> String {
    super::finding(&FindingRecord::new(finding, sources), style)
}

fn sources(path: &str, text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add(path, text);
    sources
}

/// The place of `needle` in the first file.
fn place(sources: &Sources, needle: &str) -> Span {
    let file = sources.iter().next().unwrap();
    let start = file.text().find(needle).unwrap();
    Span::new(file.id(), start, start + needle.len())
}

fn example(sources: &Sources, primary: &str, related: &[(&str, &str)]) -> Finding {
    let label = |needle: &str, message: &str| Label::new(place(sources, needle), message);
    Finding {
        rule: "partial-deny",
        severity: Level::Error,
        message: "bucket Data accepts s3:ListBucket over plain HTTP".to_owned(),
        primary: label(primary, "this bucket"),
        related: related.iter().map(|(needle, message)| label(needle, message)).collect(),
        notes: vec!["anonymous `s3:ListBucket` on `arn:aws:s3:::data` over HTTP is denied by no statement".to_owned()],
        help: "add the bucket's own ARN to Resource:\n\n  Resource:\n    - !GetAtt Data.Arn\n    - !Sub ${Data.Arn}/*"
            .to_owned(),
        bucket: "Data".to_owned(),
        intents: Vec::new(),
        shuts_out: false,
    }
}

const TEMPLATE: &str = "\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Data:
    Type: AWS::S3::Bucket
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: !Sub '${Data.Arn}/*'
            Condition:
              Bool: {aws:SecureTransport: false}
";

#[test]
fn shows_the_bucket_the_policy_and_the_near_miss() {
    let sources = sources("storage.yaml", TEMPLATE);
    let related = [("DataPolicy", "its policy"), ("!Sub '${Data.Arn}/*'", "this Deny covers the objects only")];
    let text = render(&example(&sources, "Data", &related), &sources, Style::default());
    insta::assert_snapshot!(text);
}

#[test]
fn breaks_prose_on_a_narrow_terminal() {
    let sources = sources("storage.yaml", TEMPLATE);
    let text = render(&example(&sources, "Data", &[]), &sources, Style { color: false, width: 40 });
    insta::assert_snapshot!(text);
}

#[test]
fn colours_only_what_is_ours() {
    let sources = sources("storage.yaml", TEMPLATE);
    let finding = example(&sources, "Data", &[("DataPolicy", "its policy")]);
    let plain = render(&finding, &sources, Style::default());
    let coloured = render(&finding, &sources, Style { color: true, width: 100 });
    assert_ne!(plain, coloured);
    let mut parts = coloured.split('\u{1b}');
    let first = parts.next().unwrap().to_owned();
    let rest: String = parts.map(|part| part.split_once('m').unwrap().1).collect();
    assert_eq!(first + &rest, plain);
}

#[test]
fn windows_of_a_long_line_have_true_columns() {
    let text =
        format!("{{\"pad\":\"{}\",\"Data\":{{}},\"more\":\"{}\",\"Other\":1}}", "é".repeat(500), "x".repeat(500));
    let sources = sources("one-line.json", &text);
    let shown = render(&example(&sources, "\"Data\"", &[("\"Other\"", "and this")]), &sources, Style::default());
    insta::assert_snapshot!(shown);
}

#[test]
fn no_input_makes_a_finding_long() {
    let line = format!("{{\"a\": \"{}\", \"Data\": \"{}\"}}", "y".repeat(25_000_000), "é\u{202e}".repeat(5_000_000));
    let sources = sources(&"long/".repeat(1000), &line);
    let hostile = "\u{202e}数据\u{1b}[31m".repeat(2000);
    let mut finding = example(&sources, "\"Data\"", &[]);
    for index in 0..100 {
        let start = 30_000_000 + index * 40_001;
        let span = Span::new(finding.primary.span.file, start, start + 300_000);
        finding.related.push(Label::new(span, hostile.clone()));
    }
    finding.message.clone_from(&hostile);
    finding.primary.message.clone_from(&hostile);
    finding.notes = vec![hostile.clone(); 20];
    finding.help = hostile.replace('数', "\n");
    for width in [20, 80, 100_000] {
        let text = render(&finding, &sources, Style { color: false, width });
        assert!(text.len() <= LIMIT, "{width}: {}", text.len());
        assert!(text.contains("Data"), "{width}: {text}");
    }
}

#[test]
fn a_usual_finding_is_shown_whole() {
    let sources = sources("storage.yaml", TEMPLATE);
    let mut finding =
        example(&sources, "Data", &[("DataPolicy", "its policy"), ("Resource", "covers the objects only")]);
    finding.help = format!("add this:\n{}", "            - Effect: Deny and more of a usual line\n".repeat(12));
    let text = render(&finding, &sources, Style::default());
    assert!(!text.contains('…'), "{text}");
}

#[test]
fn hostile_text_is_escaped_everywhere() {
    let text = "Resources:\n  \u{1b}]0;owned\u{7}Data: ::error::x ##vso[task.complete] \u{202e}\n  B\u{9b}: 1\n";
    let sources = sources("\u{1b}[2J::error::a.yaml", text);
    let mut finding = example(&sources, "Data", &[("B\u{9b}", "::warning::\u{2066}")]);
    finding.message = "bucket \u{1b}[8m\n::error::x accepts".to_owned();
    finding.notes = vec!["\n::add-mask::x".to_owned(), "::set-output".to_owned()];
    finding.help = "write\n::stop-commands::x\n##[group]\u{85}".to_owned();
    let shown = render(&finding, &sources, Style::default());
    assert!(!shown.chars().any(|c| c != '\n' && escape::is_hidden(c)), "{shown}");
    assert!(!shown.contains("##vso[") && !shown.contains("##["), "{shown}");
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("::")), "{shown}");
    insta::assert_snapshot!(shown);
    let shown = error(&ErrorRecord::of_file("::error::x\u{1b}.yaml", "no \u{202e} file"), Style::default());
    assert_eq!(shown, "error: \\u{3a}:error::x\\u{1b}.yaml: no \\u{202e} file\n");
}

#[test]
fn places_at_the_edges_of_a_file_are_shown() {
    for text in ["", "\n", "a", "a\r\nb\r\n", "\u{feff}x: \"\u{0}\""] {
        let sources = sources("edge.yaml", text);
        let file = sources.iter().next().unwrap();
        for start in 0..=text.len() + 1 {
            for end in start..=text.len() + 1 {
                let span = Span::new(file.id(), start, end);
                let shown = error(&ErrorRecord::at("cannot be read", span, &sources), Style::default());
                assert!(shown.starts_with("error: cannot be read\n  ┌─ edge.yaml:"), "{text:?} {span:?} {shown}");
            }
        }
    }
}

#[test]
fn a_finding_in_two_files_shows_the_primary_one_first() {
    let mut sources = sources("plan.json", "{\"Policy\": 1}");
    let second = sources.add("main.tf", "resource \"aws_s3_bucket\" \"b\" {\n}\n");
    let mut finding = example(&sources, "\"Policy\"", &[]);
    finding
        .related
        .push(std::mem::replace(&mut finding.primary, Label::new(Span::new(second.id(), 0, 33), "this bucket")));
    insta::assert_snapshot!(render(&finding, &sources, Style::default()));
}

#[test]
fn a_span_over_many_lines_is_shown_by_its_first_telling_line() {
    let text = "{\n  \"resources\": [\n    {\n      \"address\": \"aws_s3_bucket.b\",\n      \"mode\": \"managed\"\n    }\n  ]\n}\n";
    let sources = sources("plan.json", text);
    let file = sources.iter().next().unwrap();
    let start = text.find("    {").unwrap() + 4;
    let end = text.find("    }").unwrap() + 5;
    let mut finding = example(&sources, "\"address\"", &[]);
    finding.primary.span = Span::new(file.id(), start, end);
    let shown = render(&finding, &sources, Style::default());
    assert!(shown.contains("plan.json:3:5\n"), "{shown}");
    assert!(shown.contains("4 │       \"address\": \"aws_s3_bucket.b\",\n  │       ^^^^"), "{shown}");
}
