//! How fast texts become trees, in bytes per second.

use bucketlint::source::{FileId, SourceFile};
use bucketlint::syntax::{parse_json, parse_yaml};
use divan::counter::BytesCount;
use std::fmt::Write;
use std::sync::Arc;

fn main() {
    divan::main();
}

/// A template of `count` buckets with their policies, as people write it.
fn yaml(count: usize) -> Arc<SourceFile> {
    let mut text = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n".to_owned();
    for index in 0..count {
        let _ = write!(
            text,
            "  # bucket {index}\n  Bucket{index}:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub \
             '${{AWS::StackName}}-{index}'\n  Policy{index}:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      \
             Bucket: !Ref Bucket{index}\n      PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n        \
             - Effect: Deny\n          Principal: '*'\n          Action: s3:*\n          Resource:\n            - !GetAtt \
             Bucket{index}.Arn\n            - !Sub \"${{Bucket{index}.Arn}}/*\"\n          Condition: {{Bool: \
             {{aws:SecureTransport: 'false'}}}}\n"
        );
    }
    Arc::new(SourceFile::new(FileId(0), "bench.yaml", text))
}

/// The same as JSON, on one line.
fn json(count: usize) -> Arc<SourceFile> {
    let resources: Vec<String> = (0..count)
        .map(|index| {
            format!(
                r#""Bucket{index}": {{"Type": "AWS::S3::Bucket"}}, "Policy{index}": {{"Type": "AWS::S3::BucketPolicy", "Properties": {{"Bucket": {{"Ref": "Bucket{index}"}}, "PolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["a\u0062c", {{"Fn::Sub": "${{Bucket{index}.Arn}}/*"}}], "Condition": {{"Bool": {{"aws:SecureTransport": false}}}}}}]}}}}}}"#
            )
        })
        .collect();
    Arc::new(SourceFile::new(FileId(0), "bench.json", format!("{{\"Resources\": {{{}}}}}", resources.join(", "))))
}

const COUNTS: [usize; 3] = [1, 100, 10_000];

#[divan::bench(args = COUNTS)]
fn yaml_tree(bencher: divan::Bencher<'_, '_>, count: usize) {
    let source = yaml(count);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| parse_yaml(&source));
}

#[divan::bench(args = COUNTS)]
fn json_tree(bencher: divan::Bencher<'_, '_>, count: usize) {
    let source = json(count);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| parse_json(&source));
}
