//! Colours, as ANSI escape sequences of our own.

use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::{GeneralWriteResult, WriteStyle};
use std::io::{self, Write};

const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const CYAN: &str = "\u{1b}[1;36m";
const BLUE: &str = "\u{1b}[34m";
const RESET: &str = "\u{1b}[0m";

/// Bytes with or without colours.
#[derive(Debug)]
pub(super) struct Painter {
    pub(super) bytes: Vec<u8>,
    pub(super) color: bool,
}

impl Painter {
    fn paint(&mut self, sequence: &str) -> GeneralWriteResult {
        if self.color { self.bytes.write_all(sequence.as_bytes()) } else { Ok(()) }
    }
}

impl Write for Painter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What stands before and after a border.
pub(super) fn border(color: bool) -> (&'static str, &'static str) {
    if color { (BLUE, RESET) } else { ("", "") }
}

fn of(severity: Severity) -> &'static str {
    match severity {
        Severity::Bug | Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note | Severity::Help => CYAN,
    }
}

impl WriteStyle for Painter {
    fn set_header(&mut self, severity: Severity) -> GeneralWriteResult {
        self.paint(of(severity))
    }

    fn set_header_message(&mut self) -> GeneralWriteResult {
        self.paint(RESET)?;
        self.paint(BOLD)
    }

    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.paint(BLUE)
    }

    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        self.paint(BLUE)
    }

    fn set_source_border(&mut self) -> GeneralWriteResult {
        self.paint(BLUE)
    }

    fn set_label(&mut self, severity: Severity, style: LabelStyle) -> GeneralWriteResult {
        self.paint(if style == LabelStyle::Primary { of(severity) } else { BLUE })
    }

    fn reset(&mut self) -> GeneralWriteResult {
        self.paint(RESET)
    }
}
