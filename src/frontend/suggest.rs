//! Names that were probably meant.

/// The most names that a misspelt one is held against.
const MOST: usize = 1_000;
/// The longest name that is held against others.
const LONGEST: usize = 128;

/// The name that differs the least from `name`, where it does so by little: by case, or by one character in three.
pub(super) fn nearest<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > LONGEST {
        return None;
    }
    let distance = |other: &str| {
        if other.eq_ignore_ascii_case(name) { 0 } else { strsim::osa_distance(name, other) }
    };
    let length = name.chars().count();
    // Names differ by as much as they are longer, which is told faster.
    let may_be_near = |other: &&str| other.len() <= LONGEST && other.chars().count().abs_diff(length) * 3 <= length;
    let near = others.take(MOST).filter(may_be_near).map(|other| (distance(other), other));
    near.filter(|(distance, _)| distance * 3 <= length).min().map(|(_, other)| other)
}

/// Whether a name is another one but for case, and for what nobody sees or types in a name: white space, invisible
/// characters, quotes.
pub(super) fn is_spelled_like(name: &str, other: &str) -> bool {
    if name == other {
        return true;
    }
    // Nearly all names differ within their first characters, in ones that are plain.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_');
    let both = || name.bytes().zip(other.bytes());
    if let Some((one, two)) = both().find(|(one, two)| !one.eq_ignore_ascii_case(two) || !is_plain(*one))
        && is_plain(one)
        && is_plain(two)
    {
        return false;
    }
    let is_shown = |character: &char| character.is_alphanumeric() || matches!(character, ':' | '_');
    let shown = |text| str::chars(text).filter(is_shown).flat_map(char::to_lowercase);
    shown(name).eq(shown(other))
}

#[cfg(test)]
mod tests {
    use super::{is_spelled_like, nearest};

    #[test]
    fn case_and_white_space_spell_no_other_name() {
        for name in ["AWS::S3::Bucket", "AWS::S3::Bucket ", "\u{a0}aws::s3::bucket\n", "AWS::S3::\u{200b}Bucket"] {
            assert!(is_spelled_like(name, "AWS::S3::Bucket"), "{name:?}");
        }
        for name in
            ["AWS::S3::BucketPolicy", "AWS::S3::Bucke", "AWS::S3:\u{200b}:Buckets", "\u{200b}WS::S3::Bucket", ""]
        {
            assert!(!is_spelled_like(name, "AWS::S3::Bucket"), "{name:?}");
        }
    }

    #[test]
    fn only_what_is_near_is_meant() {
        let names = || ["Data", "DataPolicy", "Logs"].into_iter();
        assert_eq!(nearest("Dta", names()), Some("Data"));
        assert_eq!(nearest("logs", names()), Some("Logs"));
        assert_eq!(nearest("DataPolicies", names()), Some("DataPolicy"));
        assert_eq!(nearest("Vpc", names()), None);
        assert_eq!(nearest("", names()), None);
    }
}
