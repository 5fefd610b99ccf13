//! Linking: which policy belongs to which bucket, by reference, by literal name and by expression.

use bucketlint::buckets;
use bucketlint::frontend::cloudformation::{self, Inputs};
use bucketlint::link::{Deployment, side_by_side};
use bucketlint::model::Date;
use bucketlint::source::Sources;
use bucketlint::syntax;
use std::fmt::Write as _;

fn main() {
    divan::main();
}

fn template(buckets: usize, name: impl Fn(usize) -> String, reference: impl Fn(usize) -> String) -> Deployment {
    let mut text = String::from("Parameters: {App: {Type: String}}\nResources:\n");
    for bucket in 0..buckets {
        let (name, reference) = (name(bucket), reference(bucket));
        let _ = write!(
            text,
            "  Data{bucket}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: {name}}}}}\n  Policy{bucket}: {{Type: \
             'AWS::S3::BucketPolicy', Properties: {{Bucket: {reference}, PolicyDocument: {{Version: '2012-10-17', \
             Statement: {{Effect: Deny, Principal: '*', Action: '*', Resource: '*', Condition: {{Bool: \
             {{'aws:SecureTransport': 'false'}}}}}}}}}}}}\n"
        );
    }
    let file = Sources::default().add("t.yaml", text);
    side_by_side(vec![cloudformation::read(&syntax::parse(&file), &Inputs::default())])
}

#[divan::bench(args = [10, 100, 1000])]
fn by_reference(bencher: divan::Bencher<'_, '_>, buckets: usize) {
    let deployment = template(buckets, |at| format!("data-{at}"), |at| format!("!Ref Data{at}"));
    bencher.bench(|| buckets::judge(&deployment, Date::default()));
}

#[divan::bench(args = [10, 100, 1000])]
fn by_literal_name(bencher: divan::Bencher<'_, '_>, buckets: usize) {
    let deployment = template(buckets, |at| format!("data-{at}"), |at| format!("data-{at}"));
    bencher.bench(|| buckets::judge(&deployment, Date::default()));
}

#[divan::bench(args = [10, 100, 1000])]
fn by_expression(bencher: divan::Bencher<'_, '_>, buckets: usize) {
    let name = |at: usize| format!("!Sub '${{App}}-{at}'");
    let deployment = template(buckets, name, name);
    bencher.bench(|| buckets::judge(&deployment, Date::default()));
}
