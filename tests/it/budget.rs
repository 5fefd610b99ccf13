//! One budget for a deployment: a heavy bucket is `undecided`, says so, and leaves all others alone.

use crate::common::{bucket, lint_text};
use serde_json::{Map, Value, json};

/// How many conditions and patterns make a policy heavy.
const MANY: usize = 15;

fn deny(bucket: &str, resource: (&str, Value)) -> Value {
    let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let (element, value) = resource;
    statement[element] = value;
    // A policy is on its own bucket only.
    assert!(statement.to_string().contains(bucket), "{statement}");
    statement
}

fn plain(bucket: &str) -> Value {
    let arns = json!([{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": format!("${{{bucket}.Arn}}/*")}]);
    deny(bucket, ("Resource", arns))
}

/// Statements on patterns that overlap, each under a condition of its own, and one on all that none of them matches.
fn patterns(bucket: &str) -> Vec<Value> {
    let letter = |at: usize| char::from(b'a' + u8::try_from(at % 26).unwrap());
    let pattern = |at: usize| json!({"Fn::Sub": format!("${{{bucket}.Arn}}/*{}*{}*", letter(at), letter(at * 7 + 3))});
    let optional = |at: usize| {
        let statement = deny(bucket, ("Resource", pattern(at)));
        json!({"Fn::If": [format!("C{at}"), statement, {"Ref": "AWS::NoValue"}]})
    };
    let mut all: Vec<Value> = (0..MANY).map(optional).collect();
    all.push(deny(bucket, ("Resource", json!({"Fn::GetAtt": [bucket, "Arn"]}))));
    all.push(deny(bucket, ("NotResource", (0..MANY).map(pattern).collect())));
    all
}

fn guarded(bucket: &str, statements: &[Value]) -> [(String, Value); 2] {
    let policy = json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": bucket},
        "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}});
    [(bucket.to_owned(), json!({"Type": "AWS::S3::Bucket"})), (format!("{bucket}Policy"), policy)]
}

fn template(resources: Vec<[(String, Value); 2]>) -> String {
    let each = |make: &dyn Fn(usize) -> (String, Value)| (0..MANY).map(make).collect::<Map<_, _>>();
    let parameters = each(&|at| (format!("P{at}"), json!({"Type": "String"})));
    let conditions = each(&|at| (format!("C{at}"), json!({"Fn::Equals": [{"Ref": format!("P{at}")}, "yes"]})));
    let resources: Map<_, _> = resources.into_iter().flatten().collect();
    json!({"Parameters": parameters, "Conditions": conditions, "Resources": resources}).to_string()
}

#[test]
fn a_heavy_bucket_leaves_others_alone() {
    let covered: Vec<Value> = [plain("Covered")].into_iter().chain(patterns("Covered")).collect();
    let text = template(vec![
        guarded("Heavy", &patterns("Heavy")),
        guarded("Light", &[plain("Light")]),
        guarded("Covered", &covered),
    ]);
    let report = lint_text("t.json", &text, &["--isolated"]);
    let heavy = bucket(&report, "Heavy");
    assert_eq!(heavy["verdict"], "undecided", "{heavy:#}");
    assert!(heavy["reason"].as_str().unwrap().contains("more combinations"), "{heavy:#}");
    for address in ["Light", "Covered"] {
        assert_eq!(bucket(&report, address)["verdict"], "enforced", "{address}");
    }
}

/// Each of so many policies is on each of so many buckets: together they are more than one bucket's steps. What is said of one
/// is said of all, and each is told at its own place: with a name that is written out, one that is a parameter's value, and
/// under a condition.
#[test]
fn buckets_of_one_name_are_judged_as_one() {
    for (name, condition, count) in [
        (json!("same"), json!(null), 2000),
        (json!({"Ref": "P0"}), json!(null), 500),
        (json!("same"), json!("C1"), 500),
        (json!({"Fn::Sub": "${P0}-x"}), json!("C1"), 500),
    ] {
        let arns = |end: &str| json!({"Fn::Sub": [format!("arn:aws:s3:::${{Name}}{end}"), {"Name": name}]});
        let pair = |at: usize| {
            let statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": [arns(""), arns("/*")], "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
            let mut policy = json!({"Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statement}}});
            let mut bucket = json!({"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}});
            if !condition.is_null() {
                policy["Condition"] = condition.clone();
                bucket["Condition"] = condition.clone();
            }
            [(format!("B{at}"), bucket), (format!("Policy{at}"), policy)]
        };
        let report = lint_text("t.json", &template((0..count).map(pair).collect()), &["--isolated"]);
        let buckets = report["buckets"].as_array().unwrap();
        assert_eq!(buckets.len(), count);
        let alike = |one: &Value| one["verdict"] == "enforced" && one["policies_omitted"] == count - 20;
        assert!(buckets.iter().all(alike), "{name} {condition}: {:#}", buckets[0]["reason"]);
        let places: std::collections::BTreeSet<u64> =
            buckets.iter().filter_map(|bucket| bucket["span"]["start"]["offset"].as_u64()).collect();
        assert_eq!(places.len(), count);
        assert_eq!(report["orphans"], json!([]));
    }
}

/// A policy on an unknown bucket matters where its Deny can deny everything on a bucket of that name, in a deployment in
/// which there is one.
#[test]
fn a_policy_that_may_be_anywhere_matters_where_it_could_deny() {
    let statement = |action: &str, resource: Value| {
        json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    };
    let of = |bucket: &str| json!([{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": format!("${{{bucket}.Arn}}/*")}]);
    let own = json!([{"Fn::Sub": "arn:aws:s3:::${P1}"}, {"Fn::Sub": "arn:aws:s3:::${P1}/*"}]);
    let chosen = json!({"Fn::If": ["C0", statement("s3:*", json!("*")), statement("s3:GetObject", json!("*"))]});
    let mut all_but = statement("s3:*", json!(null));
    all_but.as_object_mut().unwrap().remove("Resource");
    all_but["NotResource"] = json!("arn:aws:s3:::elsewhere/*");
    for (statement, condition, want) in [
        (statement("s3:*", of("Data")), json!(null), "undecided"),
        (statement("s3:*", of("Other")), json!(null), "exposed"),
        (statement("s3:*", json!("arn:aws:s3:::written-out*")), json!(null), "undecided"),
        (statement("s3:*", json!("arn:aws:s3:::written-out/*")), json!(null), "exposed"),
        (statement("s3:*", json!("*")), json!(null), "undecided"),
        (statement("s3:GetObject", json!("*")), json!(null), "exposed"),
        (statement("s3:*", json!("arn:aws:s3:::*/*")), json!(null), "exposed"),
        (statement("s3:*", own.clone()), json!(null), "undecided"),
        (statement("s3:*", own[1].clone()), json!(null), "exposed"),
        (statement("s3:*", json!({"Fn::If": ["C0", of("Other"), of("Data")]})), json!(null), "exposed"),
        (statement("s3:*", json!({"Fn::If": ["C0", of("Data"), of("Other")]})), json!("C0"), "undecided"),
        (all_but, json!(null), "undecided"),
        (chosen.clone(), json!(null), "exposed"),
        (chosen, json!("C0"), "undecided"),
    ] {
        let mut data = json!({"Type": "AWS::S3::Bucket"});
        if !condition.is_null() {
            data["Condition"] = condition;
        }
        let policy = json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "P1"},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}});
        let other = json!({"Type": "AWS::S3::Bucket"});
        let unused = json!({"Type": "AWS::SNS::Topic"});
        let resources = vec![
            [("Data".to_owned(), data), ("Policy".to_owned(), policy)],
            [("Other".to_owned(), other), ("Unused".to_owned(), unused)],
        ];
        let report = lint_text("t.json", &template(resources), &["--isolated"]);
        assert_eq!(bucket(&report, "Data")["verdict"], want, "{statement:#}");
    }
}

/// Parameters that a condition asks together are told apart together, so that what their names are does not matter.
#[test]
fn pairs_of_parameters_take_few_steps() {
    const PAIRS: usize = 24;
    let both = |at: usize| {
        let is = |name: String| json!({"Fn::Equals": [{"Ref": name}, "yes"]});
        json!({"Fn::And": [is(format!("A{at}")), is(format!("B{at}"))]})
    };
    let names = (0..PAIRS).flat_map(|at| [format!("A{at}"), format!("B{at}")]);
    let parameters: Map<_, _> = names.map(|name| (name, json!({"Type": "String"}))).collect();
    // At most ten conditions stand in one `Fn::Or`.
    let pairs: Vec<Value> = (0..PAIRS).map(both).collect();
    let groups: Vec<Value> = pairs.chunks(8).map(|some| json!({"Fn::Or": some})).collect();
    let text = json!({"Parameters": parameters, "Conditions": {"Any": {"Fn::Or": groups}}, "Resources": {
        "Data": {"Type": "AWS::S3::Bucket", "Condition": "Any"}}});
    let report = lint_text("t.json", &text.to_string(), &["--isolated"]);
    assert_eq!(bucket(&report, "Data")["verdict"], "exposed");
}
