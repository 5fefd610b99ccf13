//! Any policy document: reading, deciding and evaluating never panic, and the two evaluators agree. The input is the
//! document in JSON, intrinsic functions and unknown parameters included.

use bucketlint::frontend::cloudformation::{Inputs, read};
use bucketlint::model::{Date, Text};
use bucketlint::policy::{
    Context, Decision, Document, Evaluation, Principal, Request, Resource, decide, evaluate, misses,
};
use bucketlint::source::Sources;
use bucketlint::syntax::parse_json;

pub fn target(data: &[u8]) {
    if let Ok(document) = std::str::from_utf8(data) {
        check(document);
    }
}

/// Holds the decision on a document, in JSON, against the plain evaluator. Gives it where the document is valid.
pub fn check(document: &str) -> Option<Decision> {
    let text = format!(
        r#"{{"Parameters": {{"P": {{"Type": "String"}}}}, "Resources": {{"B": {{"Type": "AWS::S3::BucketPolicy", "Properties": {{"Bucket": "data", "PolicyDocument": {document}}}}}}}}}"#
    );
    let file = Sources::default().add("policy", text);
    let template = read(&parse_json(&file), &Inputs::default());
    let policy = template.policies.first()?;
    let document = Document::read(&policy.document);
    if !document.problems.is_empty() {
        return None;
    }
    let bucket = Text::literal("data");
    let decision = decide(&document, &bucket, Date::default());
    match &decision {
        Decision::Exposed { witness, misses } => {
            assert_eq!(evaluate(&document, witness), Evaluation::NotDenied, "{witness:?}");
            assert!(misses.iter().all(|miss| miss.statement < document.statements.len()));
        }
        Decision::Enforced { by } => {
            assert!(!by.is_empty());
            for request in simple_requests(&bucket) {
                // (It may hang on a key that is always there and that these requests do not give.)
                assert!(evaluate(&document, &request) != Evaluation::NotDenied, "{request:?}");
            }
        }
        Decision::Undecided { because, .. } => assert!(!because.is_empty()),
    }
    for request in simple_requests(&bucket) {
        let _ = misses(&document, &request);
    }
    Some(decision)
}

/// Insecure requests that every proof has to cover.
fn simple_requests(bucket: &Text) -> Vec<Request> {
    let resources = [
        ("s3:ListBucket", Resource::Bucket),
        ("s3:GetObject", Resource::Object("k".to_owned())),
        ("s3:Zz9", Resource::Object("a/b*?${x}".to_owned())),
    ];
    let principals = [
        Principal::Anonymous,
        Principal::Arn(Text::literal("arn:aws:iam::111122223333:role/r")),
        Principal::Service(Text::literal("logging.s3.amazonaws.com")),
    ];
    let mut requests = Vec::new();
    for (action, resource) in &resources {
        for principal in &principals {
            requests.push(Request {
                principal: principal.clone(),
                action: (*action).to_owned(),
                bucket: bucket.clone(),
                resource: resource.clone(),
                context: Context::from([("aws:securetransport".to_owned(), vec![Text::literal("false")])]),
            });
        }
    }
    requests
}
