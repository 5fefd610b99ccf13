//! The whole run, from bytes to records: parse, read, link, decide, report. Growth with the number of files, of
//! buckets and of statements.

use bucketlint::frontend::NoFiles;
use bucketlint::lint::{Input, Options, Outcome, lint};
use divan::counter::BytesCount;
use std::fmt::Write as _;

fn main() {
    divan::main();
}

/// A template of `buckets` buckets, each with a policy of `statements` statements.
fn template(buckets: usize, statements: usize) -> String {
    let mut text = String::from("AWSTemplateFormatVersion: '2010-09-09'\nResources:\n");
    for bucket in 0..buckets {
        let _ = write!(
            text,
            "  Data{bucket}:\n    Type: AWS::S3::Bucket\n  Data{bucket}Policy:\n    Type: AWS::S3::BucketPolicy\n    \
             Properties:\n      Bucket: !Ref Data{bucket}\n      PolicyDocument:\n        Version: '2012-10-17'\n        \
             Statement:\n"
        );
        for statement in 0..statements {
            let _ = write!(
                text,
                "          - Sid: Team{statement}\n            Effect: Allow\n            Principal: {{AWS: \
                 'arn:aws:iam::111122223333:role/team-{statement}'}}\n            Action: [s3:GetObject, \
                 s3:PutObject]\n            Resource: !Sub '${{Data{bucket}.Arn}}/team-{statement}/*'\n"
            );
        }
        let _ = write!(
            text,
            "          - Effect: Deny\n            Principal: '*'\n            Action: s3:*\n            Resource: [!GetAtt \
             Data{bucket}.Arn, !Sub '${{Data{bucket}.Arn}}/*']\n            Condition: {{Bool: \
             {{aws:SecureTransport: false}}}}\n"
        );
    }
    text
}

fn run(text: &str) -> usize {
    let input = Input { path: "t.yaml".to_owned(), named: true, bytes: text.as_bytes().to_vec(), ..Input::default() };
    match lint(input, &Options::default(), &NoFiles) {
        Outcome::Linted(report) => report.buckets.len(),
        Outcome::PassedOver(why) => unreachable!("{why}"),
    }
}

#[divan::bench(args = [1, 10, 100, 1000])]
fn buckets(bencher: divan::Bencher<'_, '_>, buckets: usize) {
    let text = template(buckets, 2);
    bencher.counter(BytesCount::of_str(&text)).bench(|| run(&text));
}

#[divan::bench(args = [10, 100, 1000])]
fn statements(bencher: divan::Bencher<'_, '_>, statements: usize) {
    let text = template(1, statements);
    bencher.counter(BytesCount::of_str(&text)).bench(|| run(&text));
}

#[divan::bench(args = [25, 250])]
fn files_of_a_thousand_lines(bencher: divan::Bencher<'_, '_>, files: usize) {
    let text = template(53, 1);
    bencher.counter(BytesCount::new(text.len() * files)).bench(|| (0..files).map(|_| run(&text)).sum::<usize>());
}
