//! The reader of `terraform show -json` and `tofu show -json` output: plans and states.
//!
//! A plan may be of a hundred megabytes on one line, and hardly anything in it concerns buckets. So it is walked
//! through once, as it streams past; only the entries of our types are kept, as places in the text, and only those
//! are ever read into a tree. See <https://developer.hashicorp.com/terraform/internals/json-format>.

pub(crate) mod archive;
mod configuration;
mod index;
mod skeleton;
mod stream;
pub(super) mod view;

pub(crate) use configuration::{Call, Module};
pub(crate) use skeleton::{Element, Kind, Skeleton};

use crate::frontend::detect::{both, is_epilogue, json_start};
use crate::source::{SourceFile, Span};
use crate::syntax::SyntaxError;
use skeleton::{RootReader, Scope, Searches};
use stream::Entries;

/// Why a text cannot be read as a plan.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do about it, as an instruction.
    pub help: String,
    /// False where the text is something else altogether, which the message tells.
    pub is_plan: bool,
}

/// Whether bytes are a zip archive, as a binary plan is.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// What to do about a file that is none of Terraform's own making.
pub(crate) const REMAKE: &str = "make the file with `terraform show -json PLANFILE`";

/// What is wrong with a plan that can be read otherwise.
pub(crate) fn faults(source: &SourceFile, skeleton: &Skeleton) -> Vec<SyntaxError> {
    let unreadable = skeleton.unreadable.map(|place| {
        let message = "this entry may be a bucket or a bucket policy, and its address or its type cannot be read";
        SyntaxError { help: REMAKE.to_owned(), ..SyntaxError::new(message, Span::at(place.file, place.start as usize)) }
    });
    nothing_left(source, skeleton).into_iter().chain(unreadable).collect()
}

/// The error of a plan of which nothing is left to look at.
fn nothing_left(source: &SourceFile, skeleton: &Skeleton) -> Option<SyntaxError> {
    let start = json_start(source.text()).unwrap_or(0);
    let message = "nothing of a plan is left in this file that could be looked at: it has neither `planned_values` nor \
                   `resource_changes`";
    let nothing = !skeleton.has_content && !skeleton.is_empty_state();
    nothing.then(|| SyntaxError { help: REMAKE.to_owned(), ..SyntaxError::new(message, Span::at(source.id(), start)) })
}

/// The skeleton of a plan.
///
/// # Errors
/// Where the text is no JSON object, is nested too deeply, or is of a later major version of the format.
pub(crate) fn skeleton(source: &SourceFile) -> Result<Skeleton, PlanError> {
    let (text, file) = (source.text(), source.id());
    let start = json_start(text).ok_or_else(|| no_json(source))?;
    let json = text.get(start..).unwrap_or("");
    let mut out = Skeleton::default();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let mut reader = RootReader { scope: Scope { text, file }, searches: &Searches::new(), out: &mut out };
    let walked = serde::de::DeserializeSeed::deserialize(Entries(&mut reader), &mut deserializer);
    if let Some(what) = out.what_else() {
        return Err(PlanError {
            message: format!("it is {what}: lint what `terraform show -json` prints"),
            span: Span::at(file, start),
            help: REMAKE.to_owned(),
            is_plan: false,
        });
    }
    if let Some(span) = out.foreign {
        let SyntaxError { message, span, help } = both(span);
        return Err(PlanError { message, span, help, is_plan: true });
    }
    // Lines of a CI wrapper may follow.
    let ended = walked.and_then(|()| match deserializer.end() {
        Err(error) if is_epilogue(json, offset(json, &error)) => Ok(()),
        other => other,
    });
    ended.map_err(|error| PlanError {
        message: format!("the plan cannot be read: {}", without_place(&error)),
        span: Span::at(file, start + offset(json, &error)),
        help: REMAKE.to_owned(),
        is_plan: true,
    })?;
    known_version(&out, Span::at(file, start))?;
    Ok(out)
}

fn no_json(source: &SourceFile) -> PlanError {
    let binary = is_archive(source.text().as_bytes());
    PlanError {
        message: if binary { "this is a binary plan, not its JSON" } else { "no JSON object is in this file" }
            .to_owned(),
        span: Span::at(source.id(), 0),
        help: if binary { "run `terraform show -json PLANFILE` and check its output" } else { REMAKE }.to_owned(),
        is_plan: true,
    }
}

/// Every minor version of 0 and 1 is known: Terraform adds to the format without a new major version.
fn known_version(skeleton: &Skeleton, span: Span) -> Result<(), PlanError> {
    let Some(version) = &skeleton.format_version else {
        return Err(PlanError {
            message: "no `format_version` is in this file".to_owned(),
            span,
            help: REMAKE.to_owned(),
            is_plan: true,
        });
    };
    match version.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err(PlanError {
            message: format!("the plan's format version `{version}` is not known"),
            span,
            help: "use a later release of bucketlint, or an earlier one of Terraform".to_owned(),
            is_plan: true,
        }),
    }
}

/// The byte at which an error stands: `serde_json` counts lines from 1, and columns in bytes.
fn offset(json: &str, error: &serde_json::Error) -> usize {
    let before = match error.line().checked_sub(2) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', json.as_bytes()).nth(nth).map_or(0, |at| at + 1),
    };
    let mut at = (before + error.column().saturating_sub(1)).min(json.len());
    while !json.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The message of an error without the line and column, which the span tells, and without what was met: that may be a
/// secret, and its type tells enough.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
    match text.rsplit_once(", expected") {
        Some((met, wanted)) => {
            let kind = met.split(['"', '`']).next().unwrap_or("").trim_end();
            format!("{kind}, expected{wanted}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn skeleton_of(text: &str) -> Result<Skeleton, PlanError> {
        skeleton(&Sources::default().add("plan.json", text))
    }

    /// The message of the error, and what follows its place.
    fn error(text: &str) -> (String, String) {
        let error = skeleton_of(text).unwrap_err();
        (error.message, text.get(error.span.start as usize..).unwrap().chars().take(6).collect())
    }

    #[test]
    fn wrappers_are_looked_through() {
        let plan = r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":[
            {"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket"}]}}}"#;
        let wrapped = [
            plan.to_owned(),
            format!("\u{feff}{plan}"),
            format!("[command]/usr/bin/terraform show -json plan\n{plan}\n\n::debug::exited with code 0.\n"),
            format!(r#"{{"tfplan":{plan}}}"#),
            format!(r#"{{"mock":1,"tfplan":{plan}}}"#),
        ];
        for text in wrapped {
            let skeleton = skeleton_of(&text).unwrap();
            assert_eq!(skeleton.instances.len(), 1, "{text}");
            let span = skeleton.instances[0].span;
            let entry = text.get(span.range()).unwrap();
            assert!(entry.starts_with(r#"{"address":"#) && entry.ends_with('}'));
        }
    }

    #[test]
    fn errors_are_located() {
        assert_eq!(
            error("{\"format_version\":\"1.0\",\n\"values\": nope}"),
            ("the plan cannot be read: expected ident".to_owned(), "ope}".to_owned())
        );
        assert_eq!(error("{} {}").1, "{}");
        for secret in [r#""s, expected at line 1""#, "2.5"] {
            let text = format!(r#"{{"format_version":"1.0","planned_values":{secret}}}"#);
            let message = error(&text).0;
            let ends = ["type: string, expected an object", "type: floating point, expected an object"];
            assert!(ends.iter().any(|end| message.ends_with(end)), "{message}");
        }
        assert_eq!(error("{").0, "the plan cannot be read: EOF while parsing an object");
        assert_eq!(error("PK\u{3}\u{4}").0, "this is a binary plan, not its JSON");
        assert_eq!(error("hello").0, "no JSON object is in this file");
        assert_eq!(error("{}").0, "no `format_version` is in this file");
        assert_eq!(error(r#"{"format_version":"2.0"}"#).0, "the plan's format version `2.0` is not known");
        for version in ["0.1", "0.2", "1.0", "1.99"] {
            assert!(skeleton_of(&format!(r#"{{"format_version":"{version}"}}"#)).is_ok());
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        let values = r#"{"root_module":{"resources":[]}}"#;
        for text in [
            format!(r#"{{"format_version":"1.0","planned_values":{values},"planned_values":{{}}}}"#),
            format!(r#"{{"format_version":"1.0","planned_values":{values},"planned\u005fvalues":{{}}}}"#),
            r#"{"format_version":"1.0","values":{"root_module":{"resources":[],"resources":[]}}}"#.to_owned(),
            r#"{"format_version":"1.0","values":{"root_module":{"child_modules":[{"a":1,"a":1}]}}}"#.to_owned(),
            r#"{"format_version":"1.0","configuration":{"root_module":{"module_calls":{"a":{},"a":{}}}}}"#.to_owned(),
        ] {
            let (message, at) = error(&text);
            assert!(message.ends_with("is defined twice in this object"), "{text}: {message}");
            assert!(at.starts_with(['"', ':']), "{text}: {at}");
        }
    }

    #[test]
    fn depth_is_an_error_where_it_matters_and_nothing_elsewhere() {
        let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(skeleton_of(&format!(r#"{{"format_version":"1.0","values":{{}},"checks":{open}{close}}}"#)).is_ok());
        let modules = |depth: usize| {
            let (open, close) = (r#"{"child_modules":["#.repeat(depth), "]}".repeat(depth));
            format!(r#"{{"format_version":"1.0","values":{{"root_module":{open}{close}}}}}"#)
        };
        assert!(skeleton_of(&modules(20)).is_ok());
        assert_eq!(error(&modules(100_000)).0, "the plan cannot be read: recursion limit exceeded");
        let calls = r#"{"module_calls":{"a":{"module":"#.repeat(100_000);
        let text = format!(r#"{{"format_version":"1.0","configuration":{{"root_module":{calls}"#);
        assert_eq!(error(&text).0, "the plan cannot be read: recursion limit exceeded");
    }

    #[test]
    fn entries_are_told_apart_by_mode_and_type() {
        let entry = |mode: &str, kind: &str, more: &str| {
            format!(r#"{{"change":{{"type":"x"}},"address":"{kind}.a","mode":"{mode}",{more}"type":"{kind}"}}"#)
        };
        let usual = |kind: &str| {
            format!(r#"{{ "address": "{kind}.a[\"type\"]", "mode": "managed", "type": "{kind}", "change": {{}} }}"#)
        };
        let changes = [
            usual("aws_s3_bucket_policy"),
            usual("aws_instance"),
            entry("managed", "aws_s3_bucket", ""),
            entry("data", "aws_s3_bucket", ""),
            entry("managed", "aws_s3_bucket", r#""deposed":"0123","#),
            entry("managed", "aws_s3_bucket_versioning", ""),
            entry("managed", "aws_s3_directory_bucket", ""),
            "7".to_owned(),
            entry("MANAGED", "awscc_s3_bucket", ""),
        ];
        let text = format!(r#"{{"format_version":"1.0","resource_changes":[{}]}}"#, changes.join(","));
        let kinds: Vec<Kind> = skeleton_of(&text).unwrap().changes.iter().map(|element| element.kind).collect();
        assert_eq!(kinds, [Kind::Policy, Kind::Bucket, Kind::OtherBucket, Kind::Bucket]);
    }

    #[test]
    fn entries_that_do_not_say_what_they_are_are_told() {
        let places = ["planned_values", "prior_state", "resource_changes", "deferred_changes"];
        for (entry, told) in [
            (r#"{"mode":"managed","type":"aws_s3_bucket"}"#, true),
            (r#"{"address":7,"mode":"managed","type":"aws_s3_bucket"}"#, true),
            (r#"{"address":"?","type":null,"x":"aws_s3_bucket"}"#, true),
            (r#"{"mode":"managed","type":"\u0061ws_\u00733_bucket"}"#, true),
            (r#"{"address":"?","mode":"managed","type":"aws_s3_bucket"}"#, true),
            (r#"{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","type":"x"}"#, true),
            (r#"{"address":"aws_s3_bucket.b","mode":"managed","type":"x","values":{},"type" : "aws_s3_bucket"}"#, true),
            (r#"{"address":"a.b","mode":"managed","type":"x","t\u0079pe":"aws_s3_bucket"}"#, true),
            (r#"{"address":"a.b","mode":"managed","type":"x","values":{"type":"aws_s3_bucket","c":"\u003e"}}"#, false),
            (r#"{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket"}"#, false),
            (r#"{"mode":"managed","type":"aws_instance"}"#, false),
        ] {
            for place in places {
                let content = match place {
                    "planned_values" => format!(r#"{{"root_module":{{"child_modules":[{{"resources":[{entry}]}}]}}}}"#),
                    "prior_state" => format!(r#"{{"values":{{"root_module":{{"resources":[{entry}]}}}}}}"#),
                    "resource_changes" => format!("[{entry}]"),
                    _ => format!(r#"[{{"resource_change":{entry}}}]"#),
                };
                let text = format!(r#"{{"format_version":"1.0","{place}":{content},"values":null}}"#);
                let source = Sources::default().add("plan.json", text.as_str());
                let faults = faults(&source, &skeleton(&source).unwrap());
                assert_eq!(!faults.is_empty(), told, "{text}");
                let at = |fault: &SyntaxError| text.get(fault.span.start as usize..).unwrap().starts_with(entry);
                assert!(faults.iter().all(at), "{text}: {faults:?}");
            }
        }
    }
}
