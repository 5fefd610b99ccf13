//! The table of what bounds work, in `src/limits.md`, names every such constant of the source with its value.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A constant: its file below `src`, and its name.
type Constant = (String, String);

/// What names of constants that bound work are made of.
const WORDS: [&str; 9] = ["MAX", "MOST", "LARGEST", "LONGEST", "DEEPEST", "DEPTH", "BUDGET", "STEPS", "NESTING"];

fn is_bound(name: &str) -> bool {
    name.split('_').any(|word| WORDS.contains(&word))
}

/// The numeric constants of the source, outside of its tests. How much a report shows bounds no work.
fn constants() -> BTreeMap<Constant, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let shows = ["report/", "rules/"].iter().any(|folder| file.starts_with(folder));
        if path.extension().is_none_or(|extension| extension != "rs") || shows || file.contains("tests") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((_, declared)) = line.split_once("const ") else { continue };
            let Some((name, rest)) = declared.split_once(": ") else { continue };
            let Some((kind, value)) = rest.split_once(" = ") else { continue };
            if ["usize", "u32", "u64"].contains(&kind) {
                let value = value.trim_end_matches(';').to_owned();
                found.insert((file.clone(), name.to_owned()), value);
            }
        }
    }
    found
}

/// The rows of the table: its constants with their values.
fn rows() -> BTreeMap<Constant, String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/limits.md")).unwrap();
    let plain = |cell: &str| cell.trim().trim_matches('`').to_owned();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        ((plain(cells[0]), plain(cells[1])), plain(cells[3]))
    };
    text.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[test]
fn every_constant_that_bounds_work_stands_in_the_table() {
    let (constants, rows) = (constants(), rows());
    assert!(constants.len() > 100 && rows.len() > 80, "{} constants, {} rows", constants.len(), rows.len());
    let missing: Vec<_> =
        constants.iter().filter(|((_, name), _)| is_bound(name)).filter(|(key, _)| !rows.contains_key(*key)).collect();
    assert!(missing.is_empty(), "src/limits.md lacks {missing:#?}");
    let wrong: Vec<_> = rows.iter().filter(|(key, value)| constants.get(*key) != Some(*value)).collect();
    assert!(wrong.is_empty(), "src/limits.md has what is not so: {wrong:#?}");
}
