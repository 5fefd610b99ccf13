//! Regular expressions: `regex`, `regexall`, and `replace` where it is given one.
//!
//! Terraform has those of Go (<https://github.com/google/re2/wiki/Syntax>). What ours reads otherwise is not evaluated:
//! set operations in brackets, and all that makes a difference in text that is not ASCII.

use super::super::evaluate::Evaluator;
use super::super::value::{Member, Val};
use crate::source::Span;
use regex_automata::meta::Regex;
use regex_automata::util::{captures::Captures, interpolate, syntax};

/// How many bytes an expression may take when it is compiled.
const SIZE: usize = 1 << 18;

impl Evaluator<'_> {
    pub(super) fn pattern_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let ("regex" | "regexall", [pattern, text]) = (name, arguments) else { return None };
        let (Some(pattern), Some(text)) = (pattern.as_literal(), text.as_literal()) else {
            return Some(self.needs(name, arguments, span));
        };
        let expression = match self.compiled(name, &pattern, &text, span) {
            Ok(expression) => expression,
            Err(unknown) => return Some(unknown),
        };
        let mut found =
            expression.captures_iter(&text).map(|captures| self.captured(&expression, &captures, &text, span));
        Some(match name {
            "regex" => {
                found.next().unwrap_or_else(|| self.failed(span, "the expression of `regex` is not in the string"))
            }
            _ => Val::list(span, found.collect()),
        })
    }

    /// `replace` by a regular expression.
    pub(super) fn replace_pattern(&self, text: &Val, pattern: &str, with: &Val, span: Span) -> Val {
        let (Some(written), Some(with)) = (text.as_literal(), with.as_literal()) else {
            return self.needs("replace", &[text.clone(), with.clone()], span);
        };
        let expression = match self.compiled("replace", pattern, &written, span) {
            Ok(expression) => expression,
            Err(unknown) => return unknown,
        };
        let (mut out, mut end) = (String::new(), 0);
        for captures in expression.captures_iter(&written) {
            let Some(whole) = captures.get_match() else { continue };
            out.push_str(written.get(end..whole.start()).unwrap_or(""));
            end = whole.end();
            let group = |index: usize, out: &mut String| {
                let group = captures.get_group(index).and_then(|group| written.get(group.range()));
                out.push_str(group.unwrap_or(""));
            };
            interpolate::string(
                &with,
                group,
                |name| captures.group_info().to_index(captures.pattern()?, name),
                &mut out,
            );
            if !self.spend(1 + out.len() / 64) {
                return self.too_large(span);
            }
        }
        out.push_str(written.get(end..).unwrap_or(""));
        Val::text(span, &out)
    }

    /// The expression for a search in the text.
    fn compiled(&self, function: &str, pattern: &str, text: &str, span: Span) -> Result<Regex, Val> {
        if !self.spend(text.len() / 4 + pattern.len().saturating_mul(text.len()) / 64) {
            return Err(self.too_large(span));
        }
        let config = Regex::config().nfa_size_limit(Some(SIZE)).onepass(false);
        let common = pattern.is_ascii() && text.is_ascii() && !has_set_operations(pattern);
        let build = |pattern: &str| {
            Regex::builder().syntax(syntax::Config::new().nest_limit(50)).configure(config).build(pattern).ok()
        };
        common.then_some(pattern).and_then(build).ok_or_else(|| {
            let cause = format!("the regular expression of `{function}` is not evaluated");
            self.unknown(span, cause, "write the value out, or run on the state after apply")
        })
    }

    /// What a match gives: the text, the groups by their places, or the groups by their names.
    fn captured(&self, expression: &Regex, captures: &Captures, text: &str, span: Span) -> Val {
        if !self.spend(captures.group_len()) {
            return self.too_large(span);
        }
        let part = |index: usize| {
            let group = captures.get_group(index).and_then(|group| text.get(group.range()));
            group.map_or_else(|| Val::null(span), |group| Val::text(span, group))
        };
        let groups: Vec<Option<&str>> = expression.group_info().all_names().map(|(_, _, name)| name).skip(1).collect();
        let names: Vec<&str> = groups.iter().copied().flatten().collect();
        let member =
            |(index, name): (usize, &&str)| Member { key: (*name).into(), key_span: span, value: part(index + 1) };
        match (groups.len(), names.len()) {
            (0, _) => part(0),
            (all, 0) => Val::list(span, (1..=all).map(part).collect()),
            (all, with_name) if all == with_name => Val::object(span, names.iter().enumerate().map(member).collect()),
            _ => self.failed(span, "the expression has groups with a name and groups without"),
        }
    }
}

/// Whether something stands in brackets that is one character after the other in Go, and an operation on sets here.
fn has_set_operations(pattern: &str) -> bool {
    let (mut inside, mut rest) = (false, pattern);
    while let Some(first) = rest.chars().next() {
        let two = rest.get(..2).unwrap_or("");
        let used = match first {
            '\\' => 2,
            '[' if inside && two == "[:" => rest.find(":]").map_or(1, |end| end + 2),
            '[' if inside => return true,
            '[' => {
                inside = true;
                1
            }
            ']' => {
                inside = false;
                1
            }
            _ if inside && ["&&", "--", "~~"].contains(&two) => return true,
            _ => 1,
        };
        rest = rest.get(used..).unwrap_or("");
    }
    false
}
