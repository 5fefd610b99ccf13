//! What AWS documents of requests to S3: condition keys, who carries them and on which actions, and the actions.
//!
//! The facts are data (`*.tsv`, beside this file), each row with the page that says so (`sources.tsv` has its address
//! and the day on which it was read). What no page says is free. Both evaluators read these tables, each in its own
//! way; they share no code.

pub mod actions;
pub mod keys;

use std::ops::Range;

pub use keys::{Asker, By, KeyFact, KeyKind, OnActions, Presence, Way, key};

/// The rows of a table: lines without comments, cut at tabs.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    spans(table).filter_map(|span| table.get(span)).map(cells)
}

/// Where the rows of a table stand.
fn spans(table: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let lines =
        memchr::memchr_iter(b'\n', table.as_bytes()).map(move |end| std::mem::replace(&mut start, end + 1)..end);
    lines.filter(|line| !line.is_empty() && table.as_bytes().get(line.start) != Some(&b'#'))
}

/// The cells of a row.
fn cells(row: &'static str) -> Vec<&'static str> {
    row.split('\t').collect()
}

/// A page that facts come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in the tables.
    pub id: &'static str,
    /// Its address.
    pub url: &'static str,
}

/// All pages.
pub fn sources() -> impl Iterator<Item = Source> {
    rows(include_str!("sources.tsv")).filter_map(|row| match row.as_slice() {
        [id, _taken, url, _title] => Some(Source { id, url }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row of every table names its pages, and each of them has an address and a day.
    #[test]
    fn no_fact_lacks_its_page() {
        let known: Vec<Source> = sources().collect();
        let written = include_str!("sources.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(known.len(), written, "a row of sources.tsv cannot be read");
        for row in rows(include_str!("sources.tsv")) {
            let [_, taken, url, title] = row[..] else { panic!("{row:?}") };
            assert!(url.starts_with("https://") && !title.is_empty(), "{row:?}");
            assert!(crate::model::Date::parse(taken).is_some(), "{row:?}");
        }
        for table in [include_str!("global-keys.tsv"), include_str!("s3-keys.tsv")] {
            for row in rows(table) {
                let pages: Vec<&str> = row.last().unwrap().split(' ').collect();
                assert_eq!(row.len(), 7, "{row:?}");
                for page in pages {
                    let id = page.split('#').next().unwrap();
                    assert!(known.iter().any(|source| source.id == id), "{row:?} names no page");
                }
            }
        }
        let tables = [include_str!("sources.tsv"), include_str!("global-keys.tsv")];
        for table in tables.into_iter().chain([include_str!("s3-keys.tsv"), include_str!("s3-actions.tsv")]) {
            assert!(table.ends_with('\n'), "a row ends with its line");
        }
        // Tables of which all rows have one page say so once.
        for table in [include_str!("s3-actions.tsv"), include_str!("s3-keys.tsv")] {
            assert!(table.contains("`sar-s3` in sources.tsv"));
        }
    }
}
