//! Any text as a template: no panic, no endless work, no place outside of the file, and the same model twice.

#![no_main]

use bucketlint::frontend::cloudformation::{Inputs, read};
use bucketlint::frontend::{detect, parameters};
use bucketlint::model::{Data, Value};
use bucketlint::s3;
use bucketlint::source::{SourceFile, Sources, Span};
use bucketlint::syntax::parse;
use libfuzzer_sys::fuzz_target;

fn inside(span: Span, file: &SourceFile) {
    assert!(span.file == file.id() && span.start <= span.end && span.end as usize <= file.text().len());
}

/// Every place of a value lies in the file. Values are nested no deeper than evaluation goes.
fn check(value: &Value, file: &SourceFile) {
    inside(value.span, file);
    value.hops.iter().for_each(|hop| inside(hop.span, file));
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| check(item, file)),
        Data::Map(entries) => entries.iter().for_each(|entry| {
            inside(entry.key_span, file);
            check(&entry.value, file);
        }),
        Data::Json(inner) => check(inner, file),
        Data::Choice { then, otherwise, .. } => {
            check(then, file);
            check(otherwise, file);
        }
        Data::Unknown(unknown) => inside(unknown.span, file),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Absent => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = Sources::default().add("template", text);
    let parsed = parse(&file);
    let _ = detect(&file);
    let _ = parameters::read(&file);
    let template = read(&parsed, &Inputs::default());
    for policy in &template.policies {
        inside(policy.span, &file);
        check(&policy.bucket, &file);
        check(&policy.document, &file);
    }
    template.exports.iter().for_each(|export| check(&export.value, &file));
    template.notices.iter().for_each(|notice| inside(notice.span, &file));
    let again = read(&parsed, &Inputs::default());
    assert_eq!(format!("{template:?}"), format!("{again:?}"));
    let defaults = Inputs { assume_defaults: true, ..Inputs::default() };
    let _ = s3::judge(&[read(&parsed, &defaults)]);
    let _ = s3::judge(&[template]);
});
