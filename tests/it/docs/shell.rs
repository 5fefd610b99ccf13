//! A folder in which a page's commands are run.

use super::page::Block;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder for the page of this name.
    pub(crate) fn new(page: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs").join(page.replace('/', "-"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("project")).unwrap();
        Self(path)
    }

    fn project(&self) -> PathBuf {
        self.0.join("project")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn copy(&self, from: &Path, to: &str) {
        copy(from, &self.project().join(to));
    }

    /// The block, with the output that its commands have.
    pub(crate) fn console(&self, block: &Block) -> Result<String, String> {
        let mut shown = String::new();
        let mut statuses = block.statuses();
        let mut lines = block.body.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("$ ") else { continue };
            let mut command = first.to_owned();
            while let Some(line) = lines.next_if(|line| line.starts_with("> ")) {
                write!(command, "\n{}", line.strip_prefix("> ").unwrap_or_default()).unwrap();
            }
            let (status, output) = self.run(&command);
            expect(&command, statuses.next().unwrap_or(0), status, &output)?;
            if output.lines().any(|line| line.starts_with("```")) {
                return Err(format!("the output of `{command}` would end the block"));
            }
            writeln!(shown, "$ {}\n{}", command.replace('\n', "\n> "), output.trim_end_matches('\n')).unwrap();
        }
        Ok(shown.replace("\n\n$ ", "\n$ "))
    }

    /// Runs the commands that a block of another language holds.
    pub(crate) fn lines(&self, block: &Block) -> Result<(), String> {
        let mut statuses = block.statuses();
        let exports: String = block.environment().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
        let mut any = false;
        for command in block.commands() {
            any = true;
            self.script(&format!("{exports}{command}"), statuses.next().unwrap_or(0))?;
        }
        if any { Ok(()) } else { Err("no line begins with the prefix".to_owned()) }
    }

    /// Runs a script that must end with this status.
    pub(crate) fn script(&self, script: &str, status: i32) -> Result<(), String> {
        let (ended, output) = self.run(script);
        expect(script, status, ended, &output)
    }

    fn run(&self, script: &str) -> (i32, String) {
        let log = self.0.join("output");
        let output = fs::File::create(&log).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_bucketlint")).parent().unwrap();
        let stand_ins = super::root().join("tests/it/docs/bin");
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("sh");
        command.args(["-e", "-c", script]).current_dir(self.project()).stdin(Stdio::null());
        command.stdout(output.try_clone().unwrap()).stderr(output);
        command.env("PATH", format!("{}:{}:{path}", stand_ins.display(), program.display())).env("HOME", &self.0);
        for name in ["CLICOLOR_FORCE", "GITHUB_ACTIONS", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("TESTDATA", super::root().join("testdata"));
        let status = command.status().unwrap();
        (status.code().unwrap_or(-1), fs::read_to_string(log).unwrap())
    }
}

/// What the program prints for these arguments.
pub(crate) fn output(arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_bucketlint")).args(arguments).output().unwrap();
    String::from_utf8(run.stdout).unwrap()
}

fn expect(command: &str, wanted: i32, status: i32, output: &str) -> Result<(), String> {
    if status == wanted {
        return Ok(());
    }
    Err(format!("`{command}` ends with status {status}, not {wanted}:\n{output}"))
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}
