//! Today's S3 actions and the kinds of resource each applies to.

use super::rows;
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

/// All known actions with their names in lower case, sorted by those.
static ACTIONS: LazyLock<Vec<(String, Action)>> = LazyLock::new(|| {
    let read = |row: Vec<&'static str>| match *row {
        [name, kinds] => {
            let has = |kind: &str| kinds.split(',').any(|one| one == kind);
            Some((name.to_ascii_lowercase(), Action { name, on_bucket: has("bucket"), on_object: has("object") }))
        }
        _ => None,
    };
    let mut actions: Vec<(String, Action)> = rows(TABLE).filter_map(read).collect();
    actions.sort_by(|one, two| one.0.cmp(&two.0));
    actions
});

/// All known actions, each with its name in lower case (without `s3:`), sorted by that.
pub(crate) fn all() -> &'static [(String, Action)] {
    &ACTIONS
}

/// The action of that name (without `s3:`, in any case), where it is known.
pub(crate) fn lookup(name: &str) -> Option<Action> {
    let name = name.to_ascii_lowercase();
    let at = ACTIONS.binary_search_by(|(known, _)| known.as_str().cmp(&name)).ok()?;
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
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert!(rows > 150);
        assert_eq!(all().len(), rows);
        let names_are_plain = |(name, _): &(String, Action)| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(all().iter().all(names_are_plain));
    }
}
