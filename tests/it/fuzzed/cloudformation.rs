//! Any text as a template: no panic, no endless work, no place outside of the file, the same model twice, and the
//! judgement of its twin: JSON for YAML, YAML for JSON.

use super::{twin, values};
use bucketlint::frontend::cloudformation::{Inputs, read};
use bucketlint::frontend::{detect, parameters};
use bucketlint::source::Sources;
use bucketlint::syntax::parse;

pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::default();
    let file = sources.add("template", text);
    let parsed = parse(&file);
    let _ = detect(&file);
    let _ = parameters::read(&file);
    let template = read(&parsed, &Inputs::default());
    for policy in &template.policies {
        values::check_place(policy.span, &sources);
        values::check(&policy.bucket, &sources);
        values::check(&policy.document, &sources);
    }
    template.outputs.iter().for_each(|output| values::check(&output.value, &sources));
    template.notices.iter().for_each(|notice| values::check_place(notice.span, &sources));
    let again = read(&parsed, &Inputs::default());
    assert_eq!(format!("{template:?}"), format!("{again:?}"));
    twin::check(&parsed);
}
