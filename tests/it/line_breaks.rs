//! Characters that are line breaks to some readers of YAML only: where they make a template another one, it is an error.

use bucketlint::frontend::NoFiles;
use bucketlint::lint::{Input, Options, Outcome, lint};
use bucketlint::report::FileReport;

const POLICY: &str = "  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref A
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: '*', Action: '*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'false'}}}
";

fn report(text: &str) -> FileReport {
    // As it is met on a walk.
    let input = Input { path: "t.yaml".to_owned(), bytes: text.as_bytes().to_vec(), ..Input::default() };
    match lint(input, &Options::default(), &NoFiles) {
        Outcome::Linted(report) => *report,
        Outcome::PassedOver(why) => panic!("{why}: {text:?}"),
    }
}

#[test]
fn what_only_some_readers_see_is_an_error() {
    let bucket = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n";
    for character in ['\u{85}', '\u{2028}', '\u{2029}'] {
        for text in [
            // A resource, the policy, a condition of it, and the whole template, behind a comment.
            format!("{bucket}  # x{character}  B: {{Type: AWS::S3::Bucket}}\n{POLICY}"),
            format!("{bucket}  # x{character}{POLICY}"),
            format!("{bucket}{POLICY}    # x{character}    Condition: C\n"),
            format!("# x{character}{}", bucket.replace('\n', &character.to_string())),
            // A name.
            format!("{bucket}    Properties: {{BucketName: \"a{character}b\"}}\n{POLICY}"),
            // Text to the one, a broken line to the other.
            format!("Description: a{character}b\n{bucket}{POLICY}"),
        ] {
            let report = report(&text);
            let error = report.errors.first().unwrap_or_else(|| panic!("{text:?}: {report:?}"));
            assert!(error.message.contains(&format!("U+{:04X}", u32::from(character))), "{text:?}: {error:?}");
            assert_eq!(error.place().unwrap().start.offset as usize, text.find(character).unwrap(), "{text:?}");
        }
    }
}

#[test]
fn elsewhere_they_are_text() {
    let text = "Description: \"a\u{2028}b\" # c\u{85}# d\nResources:\n  A: {Type: AWS::S3::Bucket}\n  F:\n    Type: AWS::Lambda::Function\n    \
                Properties: {Code: {ZipFile: 'x\u{2029}y'}}\n";
    let report = report(&format!("{text}{POLICY}"));
    assert_eq!(report.errors, []);
    assert_eq!(report.counts.enforced, 1);
}
