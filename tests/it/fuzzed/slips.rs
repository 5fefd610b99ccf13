//! Nothing slips through: where libyaml sees a bucket or a bucket policy in a file, it is judged, or something is said
//! about the file.

use bucketlint::frontend::{NoFiles, may_be_input};
use bucketlint::lint::{Input, Options, Outcome, lint};
use libyaml_safer::{Document, Node, NodeData, Parser};

const TYPES: [&str; 2] = ["AWS::S3::Bucket", "AWS::S3::BucketPolicy"];

/// What libyaml sees.
#[derive(Debug, Default)]
struct Seen {
    /// The logical ids of buckets that stand where buckets stand.
    buckets: Vec<String>,
    /// Whether a type of ours stands anywhere.
    anything: bool,
}

fn scalar(document: &Document, id: i32) -> Option<&str> {
    match &document.get_node(id)?.data {
        NodeData::Scalar { value, .. } => Some(value),
        _ => None,
    }
}

/// The value under a key; the last one, as in CloudFormation.
fn get<'d>(document: &'d Document, node: &'d Node, key: &str) -> Option<(i32, &'d Node)> {
    let NodeData::Mapping { pairs, .. } = &node.data else { return None };
    let pair = pairs.iter().rev().find(|pair| scalar(document, pair.key) == Some(key))?;
    Some((pair.value, document.get_node(pair.value)?))
}

fn look(document: &Document, seen: &mut Seen) {
    let is_type = |node: &Node| {
        get(document, node, "Type").and_then(|(id, _)| scalar(document, id)).filter(|kind| TYPES.contains(kind))
    };
    seen.anything |= document.nodes.iter().any(|node| is_type(node).is_some());
    let Some((_, resources)) = document.get_node(1).and_then(|root| get(document, root, "Resources")) else { return };
    let NodeData::Mapping { pairs, .. } = &resources.data else { return };
    for (at, pair) in pairs.iter().enumerate() {
        let Some(name) = scalar(document, pair.key) else { continue };
        // The last of two of one name counts.
        if pairs.iter().skip(at + 1).any(|later| scalar(document, later.key) == Some(name)) {
            continue;
        }
        if document.get_node(pair.value).and_then(is_type) == Some(TYPES[0]) {
            seen.buckets.push(name.to_owned());
        }
    }
}

/// What libyaml sees in a text that it accepts as a whole. libyaml-safer panics on some texts, which is no fault of ours.
fn seen(text: &[u8]) -> Option<Seen> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let seen = std::panic::catch_unwind(|| all_seen(text));
    std::panic::set_hook(hook);
    seen.ok()?
}

fn all_seen(text: &[u8]) -> Option<Seen> {
    let mut bytes = text;
    let mut parser = Parser::new();
    parser.set_input(&mut bytes);
    let mut seen = Seen::default();
    loop {
        let document = Document::load(&mut parser).ok()?;
        if document.nodes.is_empty() {
            return Some(seen);
        }
        look(&document, &mut seen);
    }
}

pub fn target(data: &[u8]) {
    let Some(seen) = seen(data).filter(|seen| seen.anything) else { return };
    assert!(may_be_input(data), "it would not even be read");
    let input = Input { path: "t.yaml".to_owned(), bytes: data.to_vec(), ..Input::default() };
    let Outcome::Linted(report) = lint(input, &Options::default(), &NoFiles) else {
        panic!("it is passed over: {seen:?}")
    };
    let incomplete = report.findings.iter().any(|finding| finding.rule == "incomplete-input");
    if !report.errors.is_empty() || incomplete || report.is_unread {
        return;
    }
    let told = !report.buckets.is_empty() || !report.orphans.is_empty() || !report.findings.is_empty();
    assert!(told || !seen.buckets.is_empty(), "nothing is said");
    for name in &seen.buckets {
        assert!(report.buckets.iter().any(|bucket| bucket.address == *name), "{name} is not judged: {report:?}");
    }
}
