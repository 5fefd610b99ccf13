//! Functions on moments that are known. The time of the run is not: `timestamp` and `plantimestamp` are named.
//!
//! See <https://developer.hashicorp.com/terraform/language/functions/timeadd> and its neighbours.

use super::super::evaluate::Evaluator;
use super::super::value::Val;
use crate::model::Date;
use crate::source::Span;
use std::cmp::Ordering;

impl Evaluator<'_> {
    pub(super) fn time_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let value = match (name, arguments) {
            ("timeadd", [moment, duration]) => added(moment, duration).map(|moment| Val::text(span, &moment)),
            ("timecmp", [one, two]) => compared(one, two).map(|order| Val::number(span, &(order as i8).to_string())),
            ("formatdate", [pattern, moment]) => formatted(pattern, moment).map(|text| Val::text(span, &text)),
            _ => return None,
        };
        Some(value.unwrap_or_else(|| self.needs(name, arguments, span)))
    }
}

fn added(moment: &Val, by: &Val) -> Option<String> {
    Moment::of(moment)?.after(duration(&by.as_literal()?)?)?.shown()
}

fn compared(one: &Val, two: &Val) -> Option<Ordering> {
    Some(Moment::of(one)?.seconds.cmp(&Moment::of(two)?.seconds))
}

fn formatted(pattern: &Val, moment: &Val) -> Option<String> {
    Moment::of(moment)?.formatted(&pattern.as_literal()?)
}

/// A moment of RFC 3339, without fractions of a second.
struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    seconds: i64,
    /// How far its clock is ahead of UTC, in seconds.
    ahead: i64,
}

/// What clocks show.
struct Clock {
    day: Date,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Moment {
    fn of(value: &Val) -> Option<Self> {
        Self::parse(&value.as_literal()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (day, rest) = text.split_once('T')?;
        let (clock, zone) = rest.split_at_checked("00:00:00".len())?;
        let of_clock = |text: &str, parts: usize| {
            let numbers: Option<Vec<i64>> = text.split(':').map(two_digits).collect();
            numbers.filter(|numbers| numbers.len() == parts)
        };
        let clock = of_clock(clock, 3)?;
        let (&[hour, minute, second], true) = (clock.first_chunk()?, clock.len() == 3) else { return None };
        let ahead = match (zone.split_at_checked(1)?, zone) {
            (_, "Z") => 0,
            (("+", zone), _) => of_zone(&of_clock(zone, 2)?)?,
            (("-", zone), _) => -of_zone(&of_clock(zone, 2)?)?,
            _ => return None,
        };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = Date::parse(day)?.epoch_seconds() + hour * 3600 + minute * 60 + second - ahead;
        Some(Self { seconds, ahead })
    }

    fn after(&self, seconds: i64) -> Option<Self> {
        Some(Self { seconds: self.seconds.checked_add(seconds)?, ahead: self.ahead })
    }

    fn clock(&self) -> Option<Clock> {
        let local = self.seconds.checked_add(self.ahead)?;
        let of_day = local.rem_euclid(86_400);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        Some(Clock { day: Date::of_epoch_seconds(local)?, hour, minute, second })
    }

    fn zone(&self, colon: &str) -> String {
        let (sign, ahead) = if self.ahead < 0 { ('-', -self.ahead) } else { ('+', self.ahead) };
        format!("{sign}{:02}{colon}{:02}", ahead / 3600, ahead / 60 % 60)
    }

    fn shown(&self) -> Option<String> {
        let Clock { day, hour, minute, second } = self.clock()?;
        let zone = if self.ahead == 0 { "Z".to_owned() } else { self.zone(":") };
        Some(format!("{day}T{hour:02}:{minute:02}:{second:02}{zone}"))
    }

    /// By a pattern of letters; `None` for one that is not understood.
    fn formatted(&self, pattern: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            if let Some(quoted) = rest.strip_prefix('\'') {
                let (quoted, after) = super::quoted(quoted, '\'')?;
                out.push_str(&quoted);
                rest = after;
                continue;
            }
            let end = rest.find(|c| c != first).unwrap_or(rest.len());
            let (run, after) = rest.split_at_checked(end)?;
            let text = if first.is_ascii_alphabetic() { self.part(run)? } else { run.to_owned() };
            out.push_str(&text);
            rest = after;
        }
        Some(out)
    }

    /// What a run of one letter stands for. Names of months and days are not written.
    fn part(&self, run: &str) -> Option<String> {
        let Clock { day, hour, minute, second } = self.clock()?;
        let day = day.to_string();
        let twelve = (hour + 11) % 12 + 1;
        let short = |digits: &str| digits.trim_start_matches('0').to_owned();
        let part = |from: usize, to: usize| day.get(from..to);
        Some(match run {
            "YYYY" => part(0, 4)?.to_owned(),
            "YY" => part(2, 4)?.to_owned(),
            "MM" => part(5, 7)?.to_owned(),
            "M" => short(part(5, 7)?),
            "DD" => part(8, 10)?.to_owned(),
            "D" => short(part(8, 10)?),
            "hh" => format!("{hour:02}"),
            "h" => hour.to_string(),
            "HH" => format!("{twelve:02}"),
            "H" => twelve.to_string(),
            "AA" => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            "aa" => (if hour < 12 { "am" } else { "pm" }).to_owned(),
            "mm" => format!("{minute:02}"),
            "m" => minute.to_string(),
            "ss" => format!("{second:02}"),
            "s" => second.to_string(),
            "ZZZ" if self.ahead == 0 => "UTC".to_owned(),
            "Z" if self.ahead == 0 => "Z".to_owned(),
            "ZZZZZ" | "Z" => self.zone(":"),
            "ZZZZ" | "ZZZ" => self.zone(""),
            _ => return None,
        })
    }
}

fn of_zone(parts: &[i64]) -> Option<i64> {
    match *parts {
        [hour, minute] if hour < 24 && minute < 60 => Some(hour * 3600 + minute * 60),
        _ => None,
    }
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A duration as Go writes it, in whole seconds: `1h30m`, `-24h`.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut seconds = 0_i64;
    let mut is_empty = true;
    while !rest.is_empty() {
        let (digits, after) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
        let unit = after.chars().next()?;
        let worth = match unit {
            'h' => 3600,
            // Not `ms`.
            'm' if !after.starts_with("ms") => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(digits.parse::<i64>().ok()?.checked_mul(worth)?)?;
        rest = after.get(1..)?;
        is_empty = false;
    }
    (!is_empty).then_some(sign * seconds)
}
