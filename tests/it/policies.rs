//! Every case under `testdata/policies`: one policy, requests, and what the documentation says of each.

use bucketlint::model::{Data, Entry, Symbol, SymbolKind, Text, Unknown, Value};
use bucketlint::policy::{Document, Evaluation, Principal, Request, Resource, evaluate, misses};
use bucketlint::source::{FileId, Span};
use std::collections::BTreeMap;
use std::path::Path;

fn unknown(name: &str) -> Unknown {
    Unknown::new(format!("`{name}` is not known"), Span::at(FileId(0), 0), "give its value")
}

/// Text with holes: `[[free:Name]]` is the unknown `Name`.
fn text(source: &str) -> Text {
    let mut out = Text::default();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("[[") {
        let (hole, next) = after.split_once("]]").expect("a hole ends");
        let (kind, name) = hole.split_once(':').expect("a hole has a kind");
        let kind = match kind {
            "free" => SymbolKind::Free,
            "partition" => SymbolKind::Partition,
            "pseudo" => SymbolKind::Pseudo,
            "bucket" => SymbolKind::BucketName,
            "attribute" => SymbolKind::Attribute,
            other => panic!("no kind of hole: {other}"),
        };
        out.push_str(before);
        out.push(&Text::hole(Symbol::new(name, kind, format!("${{{name}}}"), unknown(name))));
        rest = next;
    }
    out.push_str(rest);
    out
}

fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let span = Span::at(FileId(0), 0);
    let data = match json {
        Json::Null => Data::Null,
        Json::Bool(flag) => Data::Bool(*flag),
        Json::Number(number) => Data::Number(number.to_string()),
        Json::String(name) if name == "[[unknown]]" => Data::Unknown(Box::new(unknown("it"))),
        Json::String(name) if name == "[[absent]]" => Data::Absent,
        Json::String(source) => Data::Text(text(source)),
        Json::Array(items) => Data::List(items.iter().map(value).collect()),
        Json::Object(map) => Data::Map(
            map.iter().map(|(key, json)| Entry { key: key.clone(), key_span: span, value: value(json) }).collect(),
        ),
    };
    Value::new(span, data)
}

/// A principal as reports write it: `*` is anonymous.
fn principal(source: &str) -> Principal {
    match source.split_once('=') {
        Some(("service", name)) => Principal::Service(text(name)),
        Some(("federated", name)) => Principal::Federated(text(name)),
        Some(("canonical", name)) => Principal::CanonicalUser(text(name)),
        _ if source == "*" => Principal::Anonymous,
        _ => Principal::Arn(text(source)),
    }
}

/// Reads a request; what it leaves out is an anonymous `s3:GetObject` over plain HTTP.
fn request(json: &serde_json::Value) -> Request {
    let field = |key: &str, default: &str| json[key].as_str().unwrap_or(default).to_owned();
    let arn = field("resource", "arn:aws:s3:::amzn-s3-demo-bucket/key");
    let path = arn.strip_prefix("arn:aws:s3:::").expect("a resource is an ARN").to_owned();
    let (bucket, resource) = match path.split_once('/') {
        Some((bucket, key)) => (bucket, Resource::Object(key.to_owned())),
        None => (path.as_str(), Resource::Bucket),
    };
    let mut context = BTreeMap::from([("aws:securetransport".to_owned(), vec![Text::from("false")])]);
    for (key, json) in json["context"].as_object().into_iter().flatten() {
        let values = match json {
            serde_json::Value::Array(items) => items.iter().map(|item| text(item.as_str().unwrap())).collect(),
            item => vec![text(item.as_str().expect("a context value is a text"))],
        };
        context.insert(key.to_ascii_lowercase(), values);
    }
    Request {
        principal: principal(&field("principal", "*")),
        action: field("action", "s3:GetObject"),
        bucket: text(bucket),
        resource,
        context,
    }
}

/// The policy of a case, or the canonical Deny with the case's own parts in it.
fn policy(case: &serde_json::Value) -> serde_json::Value {
    if let Some(policy) = case.get("policy") {
        return policy.clone();
    }
    let mut statement = serde_json::json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"});
    for (key, part) in case["statement"].as_object().expect("a case has a policy or a statement") {
        let twin = key.strip_prefix("Not").map_or_else(|| format!("Not{key}"), str::to_owned);
        statement.as_object_mut().unwrap().remove(&twin);
        statement[key] = part.clone();
    }
    serde_json::json!({"Version": "2012-10-17", "Statement": statement})
}

/// A miss in one line: statement, element, what it is about, and the message.
fn told(miss: &bucketlint::policy::Miss) -> String {
    let about = match (miss.about_transport, miss.inverted) {
        (true, _) => " (transport)",
        (false, true) => " (inverted)",
        (false, false) => "",
    };
    format!("{} {:?}{about}: {}", miss.statement, miss.element, miss.message)
}

#[test]
fn every_request_gets_the_documented_decision() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policies");
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in file["cases"].as_array().expect("a file has cases") {
            let name = format!("{} / {}", path.file_name().unwrap().to_string_lossy(), case["name"]);
            // What is said of holes and of reasons is our own.
            let own = file["own"].as_bool() == Some(true);
            assert!(
                own || case["source"]
                    .as_str()
                    .or(file["source"].as_str())
                    .is_some_and(|url| url.starts_with("https://")),
                "{name} names its source"
            );
            let document = Document::read(&value(&policy(case)));
            let invalid = case["invalid"].as_str();
            if invalid.is_some() == document.problems.is_empty()
                || !document.problems.iter().all(|problem| problem.message.contains(invalid.unwrap_or("")))
            {
                wrong.push(format!("{name}: problems are {:?}", document.problems));
            }
            let requests = case["requests"].as_array();
            assert!(invalid.is_some() || requests.is_some_and(|all| !all.is_empty()), "{name} has requests");
            for json in requests.into_iter().flatten() {
                count += 1;
                let request = request(json);
                let evaluation = evaluate(&document, &request);
                if let (Some(expected), Evaluation::Denied { by }) = (json.get("by"), &evaluation) {
                    assert_eq!(&serde_json::json!(by), expected, "{name}: the statements that deny");
                }
                if let Some(expected) = json["misses"].as_array() {
                    let found = misses(&document, &request);
                    let told: Vec<String> = found.iter().map(told).collect();
                    if told != expected.iter().map(|miss| miss.as_str().unwrap()).collect::<Vec<_>>() {
                        wrong.push(format!("{name}: {json} misses {told:#?}"));
                    }
                    assert!(found.iter().all(|miss| miss.message.starts_with("this Deny") && miss.advice.is_some()));
                }
                let got = match &evaluation {
                    Evaluation::Denied { .. } => "denied",
                    Evaluation::NotDenied => "not-denied",
                    Evaluation::Maybe { because } => {
                        assert!(!because.is_empty(), "{name}: a maybe has causes");
                        "maybe"
                    }
                };
                let expected = json["expect"].as_str().expect("a request has an expectation");
                if got != expected {
                    wrong.push(format!("{name}: {json} is {evaluation:?}"));
                }
            }
        }
    }
    assert!(count > 0, "there are cases");
    assert!(wrong.is_empty(), "{} of {count} requests:\n{}", wrong.len(), wrong.join("\n"));
}
