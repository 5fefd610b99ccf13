//! Numbers and their text. Terraform calculates with 512 bits; what is made of fractions that those cannot hold, such as
//! one tenth, is not known here.

use super::tree::Operator;
use std::cmp::Ordering;

/// No more digits than this are calculated with: ten to this power is an `i128`.
const DIGITS: u32 = 38;
/// Longer numbers may be rounded by Terraform.
const LONGEST: usize = 120;

/// The text that Terraform makes of a number: `2.50` is `2.5`, `1e1` is `10`. `None` for what is no number, and where the
/// text is not known.
pub(super) fn canonical(written: &str) -> Option<String> {
    let (negative, digits, scale) = read(written)?;
    let whole = usize::try_from(i64::try_from(digits.len()).ok()? - scale).unwrap_or(0);
    let missing = usize::try_from(scale - i64::try_from(digits.len()).ok()?).unwrap_or(0);
    let zeros = usize::try_from(-scale).unwrap_or(0);
    if whole.max(digits.len()) + missing > LONGEST || negative && digits.is_empty() {
        return None;
    }
    let (head, tail) = digits.split_at_checked(whole).unwrap_or((&digits, ""));
    let head = if head.is_empty() { "0" } else { head };
    let sign = if negative { "-" } else { "" };
    let point = if tail.is_empty() { "" } else { "." };
    let head_zeros = if digits.is_empty() { 0 } else { zeros };
    Some(format!("{sign}{head}{}{point}{}{tail}", "0".repeat(head_zeros), "0".repeat(missing)))
}

/// Sign, digits without zeros at either end, and how many of them stand after the point.
fn read(written: &str) -> Option<(bool, String, i64)> {
    let (negative, rest) = match written.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, written.strip_prefix('+').unwrap_or(written)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = digits.trim_end_matches('0');
    let scale = i64::try_from(fraction.len()).ok()? - i64::try_from(digits.len() - kept.len()).ok()?;
    let kept = kept.trim_start_matches('0').to_owned();
    Some(if kept.is_empty() { (negative, kept, 0) } else { (negative, kept, scale - i64::from(exponent)) })
}

/// A number that can be calculated with: so many of a power of one tenth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    size: i128,
    scale: u32,
}

impl Decimal {
    pub(super) fn read(written: &str) -> Option<Decimal> {
        let (negative, digits, scale) = read(written)?;
        let digits = if digits.is_empty() { "0" } else { &digits };
        let size: i128 = digits.parse().ok()?;
        let size = if negative { -size } else { size };
        if let Ok(scale) = u32::try_from(scale) {
            return (scale <= DIGITS).then_some(Decimal { size, scale });
        }
        let zeros = u32::try_from(scale.checked_neg()?).ok()?;
        Some(Decimal { size: size.checked_mul(10_i128.checked_pow(zeros)?)?, scale: 0 })
    }

    /// As Terraform writes it.
    pub(super) fn text(self) -> Option<String> {
        canonical(&format!("{}e-{}", self.size, self.scale))
    }

    /// Whether some power of two of it is whole, so that bits hold it as it is.
    fn is_binary(self) -> bool {
        5_i128.checked_pow(self.scale).is_some_and(|power| self.size % power == 0)
    }

    /// Both in the same fractions.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let in_scale = |number: Decimal| number.size.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        Some((in_scale(self)?, in_scale(other)?, scale))
    }

    pub(super) fn compare(self, other: Decimal) -> Option<Ordering> {
        self.aligned(other).map(|(one, two, _)| one.cmp(&two))
    }

    /// The result of a calculation; `None` where it is not known to the last digit.
    pub(super) fn calculated(self, operator: Operator, other: Decimal) -> Option<Decimal> {
        if !self.is_binary() || !other.is_binary() {
            return None;
        }
        let number = self.exactly(operator, other)?;
        // Terraform's zero has a sign.
        let is_signed_zero = number.size == 0 && (self.size < 0 || other.size < 0);
        (!is_signed_zero || matches!(operator, Operator::Plus | Operator::Minus)).then_some(number)
    }

    fn exactly(self, operator: Operator, other: Decimal) -> Option<Decimal> {
        let (one, two, scale) = self.aligned(other)?;
        let size = match operator {
            Operator::Plus => one.checked_add(two)?,
            Operator::Minus => one.checked_sub(two)?,
            Operator::Mul => {
                return Some(Decimal { size: self.size.checked_mul(other.size)?, scale: self.scale + other.scale });
            }
            Operator::Mod if two == 0 => one,
            Operator::Mod => one.checked_rem(two)?,
            Operator::Div => return quotient(one, two),
            _ => return None,
        };
        Some(Decimal { size, scale })
    }

    /// The largest whole number that is not larger, or the smallest that is not smaller.
    pub(super) fn whole(self, up: bool) -> Option<Decimal> {
        let unit = 10_i128.checked_pow(self.scale)?;
        let rest = i128::from(up && self.size.rem_euclid(unit) != 0);
        Some(Decimal { size: self.size.div_euclid(unit) + rest, scale: 0 })
    }

    /// -1, 0 or 1.
    pub(super) fn sign(self) -> i128 {
        self.size.signum()
    }

    pub(super) fn absolute(self) -> Option<Decimal> {
        Some(Decimal { size: self.size.checked_abs()?, ..self })
    }

    pub(super) fn whole_number(number: i128) -> Decimal {
        Decimal { size: number, scale: 0 }
    }
}

/// A quotient that ends.
fn quotient(one: i128, two: i128) -> Option<Decimal> {
    (0..DIGITS)
        .find_map(|scale| {
            let raised = one.checked_mul(10_i128.checked_pow(scale)?)?;
            (two != 0 && raised % two == 0).then(|| Decimal { size: raised / two, scale })
        })
        .filter(|quotient| quotient.is_binary())
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn numbers_have_one_text() {
        let cases = [
            ("1.0", "1"),
            ("2.50", "2.5"),
            ("1e1", "10"),
            ("1E-3", "0.001"),
            ("12.5e1", "125"),
            ("1.25e1", "12.5"),
            ("010", "10"),
            ("0", "0"),
            ("0.0", "0"),
            ("0e5", "0"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-1.50", "-1.5"),
            ("100", "100"),
            ("12345678901234567890", "12345678901234567890"),
        ];
        for (written, wanted) in cases {
            assert_eq!(canonical(written).as_deref(), Some(wanted), "{written}");
            assert_eq!(canonical(wanted).as_deref(), Some(wanted), "{wanted}");
        }
        for none in
            ["", ".", "-", " 1", "1 ", "0x10", "1_000", "Inf", "NaN", "1e", "1e999", "1e-999", "-0", "--1", "1.2.3"]
        {
            assert_eq!(canonical(none), None, "{none}");
        }
    }
}
