//! A page of documentation, read for what is to be done with it.

use std::ops::Range;
use std::path::Path;

pub(crate) struct Page {
    /// The path below the repository.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

pub(crate) enum Step {
    With { from: String, to: String },
    Run(String),
    Block(Block),
}

pub(crate) struct Block {
    /// Of the opening fence.
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) body: String,
    /// Where the body stands in the page.
    pub(crate) range: Range<usize>,
    marks: Vec<(String, String)>,
}

impl Block {
    /// What the comment of this name above the block says.
    pub(crate) fn mark(&self, name: &str) -> Option<&str> {
        self.marks.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The commands in it that another language holds: what follows the prefix, without the quotes around it.
    pub(crate) fn commands(&self) -> impl Iterator<Item = String> {
        let prefix = self.mark("shell").unwrap_or_default();
        self.body.lines().filter_map(move |line| {
            let rest = line.trim_start().strip_prefix(prefix)?.trim();
            Some(rest.trim_end_matches(['\'', '"', ',']).to_owned())
        })
    }

    /// What the CI system sets.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mark("env").unwrap_or_default().split(' ').filter_map(|pair| pair.split_once('='))
    }

    /// The exit statuses of its commands, as far as they are told.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = i32> {
        self.mark("status").unwrap_or_default().split(' ').filter_map(|status| status.parse().ok())
    }
}

impl Page {
    pub(crate) fn read(path: &Path, text: &str) -> Self {
        let name = path.strip_prefix(super::root()).unwrap().to_str().unwrap().to_owned();
        let mut steps = Vec::new();
        let mut marks = Vec::new();
        let mut open: Option<Block> = None;
        let mut offset = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let start = offset;
            offset += line.len();
            let place = format!("{name}:{}", index + 1);
            if let Some(block) = &mut open {
                if line.trim_end() == "```" {
                    block.range.end = start;
                    steps.extend(open.take().map(Step::Block));
                } else {
                    block.body.push_str(line);
                }
            } else if let Some(language) = line.strip_prefix("```") {
                open = Some(Block {
                    line: index + 1,
                    language: language.trim_end().to_owned(),
                    body: String::new(),
                    range: offset..offset,
                    marks: std::mem::take(&mut marks),
                });
            } else if let Some(mark) = comment(line) {
                marks.push(mark);
            } else {
                steps.extend(marks.drain(..).map(|mark| scene(&place, mark)));
                assert!(!line.trim_start().starts_with("```"), "{place}: a block that is indented is not seen");
            }
        }
        assert!(open.is_none() && marks.is_empty(), "{name}: ends too early");
        Self { name, steps }
    }
}

fn comment(line: &str) -> Option<(String, String)> {
    let (key, value) = line.strip_prefix("<!-- ")?.trim_end().strip_suffix(" -->")?.split_once(": ")?;
    Some((key.to_owned(), value.to_owned()))
}

fn scene(place: &str, (key, value): (String, String)) -> Step {
    match (key.as_str(), value.split_once(" as ")) {
        ("with", Some((from, to))) => Step::With { from: from.to_owned(), to: to.to_owned() },
        ("with", None) => Step::With { from: value.clone(), to: value },
        ("run", _) => Step::Run(value),
        _ => panic!("{place}: `{key}` stands above no block"),
    }
}
