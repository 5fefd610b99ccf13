//! Today's S3 actions and the kinds of resource each applies to.

use super::spans;
use std::ops::Range;
use std::sync::LazyLock;

/// The table as it is in the repository, with its source and date.
const TABLE: &str = include_str!("s3-actions.tsv");

/// One known action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Action {
    /// Its name without `s3:`, as AWS writes it.
    pub(crate) name: &'static str,
    /// Whether it applies to a bucket.
    pub(crate) on_bucket: bool,
    /// Whether it applies to an object.
    pub(crate) on_object: bool,
}

/// The same in lower case.
static LOWER: LazyLock<String> = LazyLock::new(|| TABLE.to_ascii_lowercase());

/// All known actions with their names in lower case, in the order of the table.
static ACTIONS: LazyLock<Vec<(&'static str, Action)>> = LazyLock::new(|| {
    let read = |span: Range<usize>| {
        let (row, lower) = (TABLE.get(span.clone())?, LOWER.get(span)?);
        let end = memchr::memchr(b'\t', row.as_bytes())?;
        let (name, kinds) = (row.get(..end)?, row.get(end + 1..)?);
        let (on_bucket, on_object) = (kinds.starts_with("bucket"), kinds.ends_with("object"));
        Some((lower.get(..end)?, Action { name, on_bucket, on_object }))
    };
    let mut actions = Vec::with_capacity(LOWER.len() / 16);
    actions.extend(spans(TABLE).filter_map(read));
    actions
});

/// All known actions, each with its name in lower case (without `s3:`), sorted by that.
pub(crate) fn all() -> &'static [(&'static str, Action)] {
    &ACTIONS
}

/// The action of that name (without `s3:`, in any case), where it is known.
pub(crate) fn lookup(name: &str) -> Option<Action> {
    let name = name.to_ascii_lowercase();
    let at = ACTIONS.binary_search_by(|(known, _)| (*known).cmp(&name)).ok()?;
    ACTIONS.get(at).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_actions_have_their_kinds() {
        let kinds = |name: &str| lookup(name).map(|action| (action.on_bucket, action.on_object));
        assert_eq!(kinds("GetObject"), Some((false, true)));
        assert_eq!(kinds("LISTBUCKET"), Some((true, false)));
        assert_eq!(kinds("ListAllMyBuckets"), Some((false, false)));
        assert_eq!(kinds("NewAction"), None);
    }

    #[test]
    fn every_row_is_read() {
        let rows: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(rows.len() > 150);
        assert_eq!(all().len(), rows.len());
        for row in rows {
            let kinds = row.split('\t').nth(1).unwrap();
            assert!(["bucket", "object", "bucket,object", "other"].contains(&kinds), "{row}");
        }
        assert!(all().iter().all(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        assert!(all().is_sorted_by(|(one, _), (two, _)| one < two), "the table is searched by halves");
    }
}
