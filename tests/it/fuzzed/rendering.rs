//! Reports: whatever names, paths and reasons an input has, every format can be read by its readers.

use arbitrary::{Arbitrary, Unstructured};
use bucketlint::frontend::NoFiles;
use bucketlint::lint::{Input, Options, Outcome, lint};
use bucketlint::model::Date;
use bucketlint::report::{FORMATS, FileReport, Report, human};
use serde_json::{Value, json};

/// Texts that a stranger chooses.
#[derive(Debug, Arbitrary)]
struct Strangers {
    path: String,
    bucket: String,
    name: String,
    sid: String,
    action: String,
    value: String,
    reason: String,
    key: String,
}

impl Strangers {
    fn template(&self) -> String {
        let Self { bucket, name, sid, action, value, reason, key, .. } = self;
        let statement = json!({"Sid": sid, "Effect": "Deny", "Principal": {"AWS": value}, "Action": ["s3:Get*", action],
            "Resource": [{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": name}], "Condition": {"StringEquals": {key: value}}});
        let muted = json!({"bucketlint": {"ignore": [{"rule": "partial-deny", "reason": reason}]}});
        json!({"Resources": {
            bucket: {"Type": "AWS::S3::Bucket", "Metadata": muted, "Properties": {"BucketName": name}},
            "Other": {"Type": "AWS::S3::Bucket"},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": bucket},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}}
        }})
        .to_string()
    }
}

pub fn target(data: &[u8]) {
    let Ok(strangers) = Strangers::arbitrary(&mut Unstructured::new(data)) else { return };
    let options = Options { fixes: true, ..Options::default() };
    let bytes = strangers.template().into_bytes();
    let input = Input { path: strangers.path, named: true, bytes, ..Input::default() };
    if let Outcome::Linted(report) = lint(input, &options, &NoFiles) {
        check(&[*report]);
    }
}

/// Every format of a report is what its readers take.
pub fn check(files: &[FileReport]) {
    for color in [false, true] {
        let style = human::Style { color, width: 60 };
        let report = Report { files, include_suppressed: true, at: None, style, now: Date::default(), whole: color };
        for format in &FORMATS {
            let mut out = Vec::new();
            format.write(&report, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            readable(format.name, &text, color);
        }
    }
}

fn readable(format: &str, text: &str, color: bool) {
    match format {
        "json" | "sarif" | "gitlab" | "rdjson" => {
            serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{format}: {error}\n{text}"));
        }
        "github" => {
            // What a runner takes for a command is one of ours. It reads the older form anywhere in a line.
            let ours = ["::error ", "::warning ", "::notice "];
            let is_command = |line: &str| line.trim_start().starts_with("::");
            let fits = |line: &str| !is_command(line) || ours.iter().any(|start| line.starts_with(start));
            assert!(text.lines().all(fits) && !text.contains("##["), "{text}");
        }
        "junit" | "checkstyle" => {
            let legal = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
            assert!(text.chars().all(legal), "{text:?}");
            assert_eq!(text.matches('<').count(), text.matches('>').count(), "{text}");
        }
        _ => {}
    }
    // Nothing moves the cursor of a terminal, or turns the order of what is read.
    let moves = |character: char| {
        let allowed = matches!(character, '\n' | '\t') || color && format == "human" && character == '\u{1b}';
        let turns = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        character.is_control() && !allowed || turns
    };
    assert!(!text.contains(moves), "{format}: {text:?}");
}
