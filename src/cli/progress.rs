//! How far a run is, for people who wait: on a terminal, once it takes more than a second.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Nobody waits that long without asking.
const PATIENCE: Duration = Duration::from_secs(1);
const REFRESH: Duration = Duration::from_millis(100);

/// Counts files, and tells how many there were. What it wrote is gone when it is dropped.
#[derive(Debug)]
pub(super) struct Progress {
    files: Arc<AtomicUsize>,
    shown: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Tells where `wanted` and standard error is a terminal, else only counts.
    pub(super) fn new(wanted: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let files = Arc::new(AtomicUsize::new(0));
        if !wanted || dumb || !io::stderr().is_terminal() {
            return Self { files, shown: None };
        }
        let (end, ended) = mpsc::channel();
        let counted = Arc::clone(&files);
        let shown = thread::spawn(move || {
            let mut wait = PATIENCE;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = REFRESH;
                let _ = write!(io::stderr(), "\r\u{1b}[K{}", line(counted.load(Ordering::Relaxed)));
            }
            if wait == REFRESH {
                let _ = write!(io::stderr(), "\r\u{1b}[K");
            }
        });
        Self { files, shown: Some((end, shown)) }
    }

    /// One more file was looked at.
    pub(super) fn tick(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, shown)) = self.shown.take() {
            let _ = end.send(());
            let _ = shown.join();
        }
    }
}

fn line(files: usize) -> String {
    match files {
        0 => "linking and judging …".to_owned(),
        1 => "1 file read …".to_owned(),
        _ => format!("{files} files read …"),
    }
}
