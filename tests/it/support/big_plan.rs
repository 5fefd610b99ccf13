//! A generated plan on one line, the same from run to run: as big as wanted, and hardly anything in it concerns
//! buckets, as in real ones.

use std::fmt::Write as _;

/// A plan of `resources` resources; every hundredth is a bucket with a policy known only after apply, whose document
/// is deferred. 50,000 resources make some 170 MB.
#[must_use]
pub(crate) fn big_plan(resources: usize) -> String {
    let mut planned = String::new();
    let mut changes = String::new();
    let mut blocks = String::new();
    for index in 0..resources {
        let comma = if index == 0 { "" } else { "," };
        for out in [&mut planned, &mut changes, &mut blocks] {
            out.push_str(comma);
        }
        if index % 100 == 0 {
            bucket(index, &mut planned, &mut changes, &mut blocks);
        } else {
            other(index, &mut planned, &mut changes, &mut blocks);
        }
    }
    format!(
        "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"planned_values\":{{\"root_module\":\
         {{\"resources\":[{planned}]}}}},\"resource_changes\":[{changes}],\"configuration\":{{\"root_module\":\
         {{\"resources\":[{blocks}]}}}},\"complete\":true,\"errored\":false}}"
    )
}

fn head(kind: &str, mode: &str, index: usize) -> String {
    let data = if mode == "data" { "data." } else { "" };
    format!("\"address\":\"{data}{kind}.r{index}\",\"mode\":\"{mode}\",\"type\":\"{kind}\",\"name\":\"r{index}\"")
}

fn other(index: usize, planned: &mut String, changes: &mut String, blocks: &mut String) {
    let head = head("aws_instance", "managed", index);
    let mut values =
        format!("\"ami\":\"ami-{index:08x}\",\"instance_type\":\"t3.large\",\"tags\":{{\"Owner\":\"team\"}}");
    for field in 0..36 {
        let _ = write!(values, ",\"attribute_{field:02}\":\"value {field} of \\\"{index}\\\"\"");
    }
    let _ = write!(planned, "{{{head},\"values\":{{{values}}},\"sensitive_values\":{{\"tags\":{{}}}}}}");
    let _ = write!(
        changes,
        "{{{head},\"change\":{{\"actions\":[\"create\"],\"before\":null,\"after\":{{{values}}},\"after_unknown\":\
         {{\"arn\":true,\"id\":true,\"network_interface\":[{{}},{{}}]}},\"after_sensitive\":{{\"tags\":{{}}}}}}}}"
    );
    let _ = write!(
        blocks,
        "{{{head},\"expressions\":{{\"ami\":{{\"references\":[\"var.ami\"]}},\"instance_type\":{{\"constant_value\":\
         \"t3.large\"}}}},\"schema_version\":1}}"
    );
}

fn bucket(index: usize, planned: &mut String, changes: &mut String, blocks: &mut String) {
    let name = format!("\"bucket\":\"bucket-{index}\"");
    let (bucket, policy, document) = (
        head("aws_s3_bucket", "managed", index),
        head("aws_s3_bucket_policy", "managed", index),
        head("aws_iam_policy_document", "data", index),
    );
    let statement = "\"statement\":[{\"actions\":[\"s3:*\"],\"condition\":[{\"test\":\"Bool\",\"values\":[\"false\"],\
                     \"variable\":\"aws:SecureTransport\"}],\"effect\":\"Deny\",\"principals\":[{\"identifiers\":\
                     [\"*\"],\"type\":\"*\"}],\"resources\":[null,null]}]";
    let _ = write!(
        planned,
        "{{{bucket},\"values\":{{{name},\"tags\":null}},\"sensitive_values\":{{}}}},{{{policy},\"sensitive_values\":\
         {{}}}},{{{document},\"values\":{{{statement}}}}}"
    );
    let _ = write!(
        changes,
        "{{{bucket},\"change\":{{\"actions\":[\"create\"],\"after\":{{{name}}},\"after_unknown\":{{\"arn\":true,\
         \"id\":true}}}}}},{{{policy},\"change\":{{\"actions\":[\"create\"],\"after\":{{}},\"after_unknown\":\
         {{\"bucket\":true,\"policy\":true}}}}}},{{{document},\"change\":{{\"actions\":[\"read\"],\"after\":\
         {{{statement}}},\"after_unknown\":{{\"json\":true,\"statement\":[{{\"resources\":[true,true]}}]}}}}}}"
    );
    let refers = |attribute: &str| {
        let bucket = format!("aws_s3_bucket.r{index}");
        format!("{{\"references\":[\"{bucket}.{attribute}\",\"{bucket}\"]}}")
    };
    let json = format!("data.aws_iam_policy_document.r{index}");
    let _ = write!(
        blocks,
        "{{{bucket},\"expressions\":{{\"bucket\":{{\"constant_value\":\"bucket-{index}\"}}}}}},{{{policy},\
         \"expressions\":{{\"bucket\":{},\"policy\":{{\"references\":[\"{json}.json\",\"{json}\"]}}}}}},{{{document},\
         \"expressions\":{{\"statement\":[{{\"resources\":{}}}]}}}}",
        refers("id"),
        refers("arn")
    );
}
