//! What became of the files of a session.

use super::assembly::Manifest;
use super::read::ReadInput;
use crate::link::FileTies;
use crate::report::FileReport;

/// A file of the session.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) named: bool,
    /// Whether it is here for others only: those that deploy it, or that it says something of.
    pub(super) for_others: bool,
    pub(super) state: State,
}

impl Entry {
    /// The manifest of an assembly that it is.
    pub(super) fn manifest(&self) -> Option<&Manifest> {
        match &self.state {
            State::Assembly(manifest) => Some(manifest),
            _ => None,
        }
    }
}

/// What became of a file.
#[derive(Debug)]
pub(super) enum State {
    Read(Box<ReadInput>),
    /// It asks nothing of others, and was linted by itself; its text.
    Quiet(Box<str>),
    Done(Box<FileReport>),
    /// It says what is deployed from its folder.
    Assembly(Box<Manifest>),
    /// It is nothing to lint; why.
    Nothing(String),
}

/// A file that was read, to be [entered](super::Session::enter).
#[derive(Debug)]
pub struct Opened {
    pub(super) number: u32,
    pub(super) entry: Entry,
    pub(super) ties: Option<FileTies>,
    pub(super) alone: Option<FileReport>,
}

impl Opened {
    /// Its path as shown.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.entry.path
    }

    /// Its number in the session.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The same for another session in which the text is the same; `None` where other files were read for it.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        let state = match &self.entry.state {
            State::Quiet(text) => State::Quiet(text.clone()),
            State::Read(input) if !input.is_whole() => State::Read(input.clone()),
            State::Nothing(why) => State::Nothing(why.clone()),
            State::Read(_) | State::Done(_) | State::Assembly(_) => return None,
        };
        let entry = Entry { path: self.entry.path.clone(), state, ..self.entry };
        Some(Self { number: self.number, entry, ties: self.ties.clone(), alone: self.alone.clone() })
    }

    /// Why the file is nothing to lint.
    #[must_use]
    pub(crate) fn passed_over(&self) -> Option<&str> {
        match &self.entry.state {
            State::Nothing(why) => Some(why),
            _ => None,
        }
    }
}
