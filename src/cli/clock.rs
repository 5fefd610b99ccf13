//! The date of the run.

use crate::model::Date;
use std::time::{SystemTime, UNIX_EPOCH};

/// Holds the date of a build that is to be reproduced (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub(super) const VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The date that was asked for, else that of the environment, else today in UTC.
pub(super) fn now(asked: Option<Date>) -> Result<Date, String> {
    match (asked, std::env::var_os(VARIABLE)) {
        (Some(date), _) => Ok(date),
        (None, Some(value)) => of_variable(&value.to_string_lossy()),
        (None, None) => {
            let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
            let today = i64::try_from(seconds).ok().and_then(Date::of_epoch_seconds);
            today.ok_or_else(|| "the clock is past the year 9999: name the date with `--now`".to_owned())
        }
    }
}

fn of_variable(value: &str) -> Result<Date, String> {
    let seconds = value.parse::<i64>().ok().filter(|seconds| *seconds >= 0);
    seconds
        .and_then(Date::of_epoch_seconds)
        .ok_or_else(|| format!("`{value}` is no number of seconds since 1970-01-01T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_counts_seconds() {
        assert_eq!(of_variable("1806537599").unwrap().to_string(), "2027-03-31");
        for broken in ["", "soon", "-1", "1.5", "99999999999999", "2027-03-31"] {
            assert!(of_variable(broken).is_err(), "{broken}");
        }
    }
}
