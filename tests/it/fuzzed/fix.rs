//! Edits that are offered for any text: each fits the text and leaves the rest of it as it was, what comes of it
//! parses, and the bucket is enforced.

use bucketlint::frontend::NoFiles;
use bucketlint::lint::{Input, Options, Outcome, lint};
use bucketlint::report::{FileReport, FixRecord, Verdict};

fn linted(text: &str) -> Option<FileReport> {
    let options = Options { fixes: true, ..Options::default() };
    let input = Input { path: "t.yaml".to_owned(), named: true, bytes: text.as_bytes().to_vec(), ..Input::default() };
    match lint(input, &options, &NoFiles) {
        Outcome::Linted(report) => Some(*report),
        Outcome::PassedOver(_) => None,
    }
}

/// The text with the edits made by hand, back to front. They neither overlap nor leave the text.
fn made(text: &str, fixes: &[&FixRecord]) -> String {
    let mut edits: Vec<(usize, usize, &str)> = Vec::new();
    for (place, new) in fixes.iter().flat_map(|fix| &fix.edits) {
        let edit = (place.start.offset as usize, place.end.offset as usize, new.as_str());
        assert!(edit.0 <= edit.1 && text.get(edit.0..edit.1).is_some(), "{edit:?}");
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits.sort_unstable();
    assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{edits:?}");
    let mut after = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        after.replace_range(start..end, new);
    }
    after
}

pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(before) = linted(text) else { return };
    for finding in &before.findings {
        let (Some(fix), Some(bucket)) = (&finding.fix, &finding.bucket) else { continue };
        let edited = made(text, &[fix]);
        let after = linted(&edited).unwrap_or_else(|| panic!("it is no template any more:\n{edited}"));
        assert!(after.errors.len() <= before.errors.len(), "{:?}\n{edited}", after.errors);
        let mut same = after.buckets.iter().filter(|other| other.address == *bucket);
        assert!(same.all(|bucket| bucket.verdict == Verdict::Enforced), "{bucket} is not enforced:\n{edited}");
        assert_eq!(after.buckets.len(), before.buckets.len(), "{edited}");
    }
}
