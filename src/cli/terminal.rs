//! The streams and what is known of them.

use super::arguments::Color;
use crate::report::human::Style;
use std::env::var_os;
use std::io::{self, IsTerminal, Write};

/// How to write to a stream that is, or is not, a terminal.
pub(super) fn style(color: Color, is_terminal: bool) -> Style {
    let set = |name| var_os(name).is_some_and(|value| !value.is_empty());
    let auto = || {
        let forced = var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
        let dumb = var_os("TERM").is_some_and(|value| value == "dumb");
        !set("NO_COLOR") && (forced || is_terminal && !dumb)
    };
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => auto(),
    };
    let width = terminal_size::terminal_size().filter(|_| is_terminal).map(|(width, _)| usize::from(width.0));
    Style { color, width: width.unwrap_or(Style::default().width) }
}

/// Standard output, for a report.
pub(super) fn standard_output(color: Color) -> Style {
    style(color, io::stdout().is_terminal())
}

/// Writes text to standard output; whether that worked. A reader that went away is no failure.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    reader_may_go(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes text to standard error. Where that fails, nobody is left to be told.
pub(super) fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Takes a broken pipe for success.
pub(super) fn reader_may_go(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
