//! Random YAML, held against two other parsers: what both read the same, we read the same.
//!
//! `BUCKETLINT_SEED` sets another row of texts. Where `BUCKETLINT_YAML_READINGS` names a file, the texts and our readings
//! are written to it: `.ci/pyyaml.py` holds them against PyYAML's.
#![allow(
    clippy::pedantic,
    clippy::print_stdout,
    clippy::explicit_auto_deref,
    clippy::manual_is_multiple_of,
    unreachable_pub,
    reason = "a test stops at the first thing that it cannot do, and is read as prose"
)]

mod generator;

use crate::support::random::{Random, seed, times};
use crate::support::yaml::{Reading, Seen, What, difference, granit, libyaml, ours};
use serde_json::json;
use std::io::Write as _;

/// So many problems are told.
const MOST_PROBLEMS: usize = 60;

/// The events without their places.
fn whats(reading: &Reading) -> Vec<&What> {
    reading.events.iter().map(|event| &event.what).collect()
}

/// What is wrong with our reading of a text that the others read alike; `None` also where they do not.
fn problem(text: &str) -> Option<String> {
    let theirs = granit(text).ok()?;
    // libyaml-safer panics on some texts that end without a line break.
    let other = std::panic::catch_unwind(|| libyaml(text)).ok()?.ok()?;
    if whats(&theirs) != whats(&other) {
        return None;
    }
    let found = match ours(text, true) {
        Err(error) => Some(format!("only we reject it: {error}")),
        Ok(reading) if reading.corrections > 0 => Some(format!("the cursor went astray {} times", reading.corrections)),
        Ok(reading) if reading.comments != theirs.comments => {
            Some(format!("comments {:?}, not {:?}", reading.comments, theirs.comments))
        }
        Ok(reading) => difference(text, &reading, &theirs, "granit"),
    };
    Some(found.unwrap_or_default())
}

/// A part of the text that has a problem still, and no part of it that is one line or one character shorter has.
fn smallest(text: &str) -> String {
    let mut text = text.to_owned();
    let is_wrong = |text: &str| problem(text).is_some_and(|problem| !problem.is_empty());
    let mut size = text.len();
    while size > 0 {
        let mut at = 0;
        while at < text.len() {
            let end = (at + size).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                let shorter = format!("{}{}", &text[..at], &text[end..]);
                if is_wrong(&shorter) {
                    text = shorter;
                    continue;
                }
            }
            at += size;
        }
        size /= 2;
    }
    text
}

/// A text with our reading of it, as a line of JSON; `null` for one that we reject.
fn line(text: &str) -> String {
    let event = |seen: &Seen| match &seen.what {
        What::Document => json!(["document"]),
        What::Alias(anchor) => json!(["alias", anchor]),
        What::Scalar { text, style, tag, anchor } => json!(["scalar", text, format!("{style:?}"), tag, anchor]),
        What::Start { mapping, flow, tag, anchor } => {
            json!([if *mapping { "mapping" } else { "sequence" }, flow, tag, anchor])
        }
        What::End { mapping } => json!(["end", mapping]),
    };
    let events = ours(text, true).ok().map(|reading| reading.events.iter().map(event).collect::<Vec<_>>());
    format!("{}\n", json!([text, events]))
}

#[test]
fn what_others_read_the_same_is_read_the_same() {
    let seed = seed();
    let texts = times(2_000);
    std::panic::set_hook(Box::new(|_| {}));
    let (mut common, mut problems) = (0u64, Vec::new());
    let mut readings = std::env::var_os("BUCKETLINT_YAML_READINGS").map(|path| std::fs::File::create(path).unwrap());
    for number in 0..texts {
        let text = generator::text(&mut Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number)));
        if let Some(readings) = &mut readings {
            readings.write_all(line(&text).as_bytes()).unwrap();
        }
        let Some(found) = problem(&text) else { continue };
        common += 1;
        if !found.is_empty() {
            let text = smallest(&text);
            let found = problem(&text).unwrap_or_default();
            problems.push(format!("text {number}: {text:?}: {found}"));
        }
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    let _ = std::panic::take_hook();
    println!("{texts} texts, {common} read alike by granit and libyaml");
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
    assert!(common * 3 > texts, "the generator writes too little YAML: {common} of {texts}");
}
