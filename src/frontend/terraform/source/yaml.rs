//! What Terraform's `yamldecode` makes of scalars without quotes, where it is not what CloudFormation makes of them.
//!
//! See <https://developer.hashicorp.com/terraform/language/functions/yamldecode>.

/// A scalar without quotes that is neither a number nor one of the usual words.
pub(super) enum Plain {
    Flag(bool),
    /// A date becomes a point in time.
    Time(String),
    Text,
}

/// What such a scalar is.
pub(super) fn plain(written: &str) -> Plain {
    match written {
        "y" | "Y" => Plain::Flag(true),
        "n" | "N" => Plain::Flag(false),
        _ => date(written).map_or(Plain::Text, Plain::Time),
    }
}

/// A number in decimal digits; `None` for what is a text to Terraform.
pub(super) fn number(written: &str) -> Option<String> {
    if let Some(digits) = written.strip_prefix("0x") {
        return Some(u32::from_str_radix(digits, 16).ok()?.to_string());
    }
    let _: f64 = written.parse().ok()?;
    written.ends_with(|last: char| last.is_ascii_digit() || last == '.').then(|| written.to_owned())
}

/// The point in time that a date becomes.
fn date(written: &str) -> Option<String> {
    let parts: Vec<&str> = written.split('-').collect();
    let digits = |text: &str, most: usize| text.len() <= most && text.parse::<u16>().is_ok() && !text.starts_with('+');
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            Some(format!("{year}-{month:0>2}-{day:0>2}T00:00:00Z"))
        }
        _ => None,
    }
}
