//! How far a run is, for people who wait: on a terminal, once it takes more than a second.

use std::io::{self, IsTerminal as _, Write};
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
        if !wanted || dumb || !io::stderr().is_terminal() {
            return Self { files: Arc::default(), shown: None };
        }
        Self::on(io::stderr(), PATIENCE)
    }

    /// Tells on a terminal, once `patience` is over.
    fn on(mut terminal: impl Write + Send + 'static, patience: Duration) -> Self {
        let files = Arc::new(AtomicUsize::new(0));
        let (end, ended) = mpsc::channel();
        let counted = Arc::clone(&files);
        let shown = thread::spawn(move || {
            let mut wait = patience;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = REFRESH;
                let _ = write!(terminal, "\r\u{1b}[K{}", line(counted.load(Ordering::Relaxed)));
                let _ = terminal.flush();
            }
            if wait == REFRESH {
                let _ = write!(terminal, "\r\u{1b}[K");
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<u8>>>);

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Terminal {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn a_long_run_tells_how_far_it_is_and_leaves_nothing() {
        let terminal = Terminal::default();
        let progress = Progress::on(terminal.clone(), Duration::ZERO);
        progress.tick();
        progress.tick();
        while !terminal.text().contains("2 files read …") {
            thread::sleep(Duration::from_millis(5));
        }
        drop(progress);
        assert!(terminal.text().ends_with("\r\u{1b}[K"), "{:?}", terminal.text());
    }

    #[test]
    fn a_short_run_tells_nothing() {
        let terminal = Terminal::default();
        drop(Progress::on(terminal.clone(), Duration::from_secs(600)));
        assert_eq!(terminal.text(), "");
    }
}
