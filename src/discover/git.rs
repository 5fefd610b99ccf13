//! A tree of files as git holds it, read through `git` itself: nothing is checked out, and no hook, filter, pager or
//! helper of the repository runs.

use super::repository;
use crate::frontend::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Why a tree cannot be read: lower case, no full stop.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct GitError(pub String);

/// Where the difference starts.
#[derive(Debug)]
pub enum Base {
    /// The files of a commit.
    Tree(GitTree),
    /// There is no commit yet: everything is new.
    Nothing,
}

/// The files of a commit.
#[derive(Debug)]
pub struct GitTree {
    /// The root of the work tree: a real path.
    root: PathBuf,
    /// Object ids by paths below the root.
    files: BTreeMap<String, Entry>,
    /// Hands out objects.
    reader: Mutex<CatFile>,
}

#[derive(Clone, Debug)]
struct Entry {
    object: String,
    is_link: bool,
}

/// A running `git cat-file --batch`.
#[derive(Debug)]
struct CatFile {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for CatFile {
    fn drop(&mut self) {
        // It ends with its input.
        self.asks = None;
        let _ = self.child.wait();
    }
}

/// `git` in a folder, with everything turned off that runs what a repository says.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(["--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        // A partial clone would fetch what it lacks, over the network.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What `git` prints; `None` where it ends with a failure.
fn asked(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, GitError> {
    let output = git(folder).args(arguments).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError("`git` is needed for this, and is not there".to_owned()),
        _ => GitError(format!("`git` cannot be run: {}", super::cause(&error))),
    })?;
    Ok(output.status.success().then_some(output.stdout))
}

/// One line that `git` prints.
fn line(folder: &Path, arguments: &[&str]) -> Result<Option<String>, GitError> {
    let printed = asked(folder, arguments)?;
    Ok(printed.map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}

/// The tree where the work tree in `folder` and `revision` were last the same.
///
/// # Errors
/// Where there is no repository, no `git`, or no such commit.
pub fn base(folder: &Path, revision: &str) -> Result<Base, GitError> {
    let told = |message: &str| GitError(message.to_owned());
    let folder = &super::real_folder(folder).map_err(|error| GitError(super::cause(&error)))?;
    let root = repository(folder).ok_or_else(|| told("this is no git repository"))?;
    let Some(_) = asked(folder, &["rev-parse", "--git-dir"])? else {
        return Err(told("`git` does not take this for a repository: does it belong to another user?"));
    };
    let head = line(folder, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
    let shallow = || Ok(line(folder, &["rev-parse", "--is-shallow-repository"])?.as_deref() == Some("true"));
    let shown: String = revision.chars().take(80).collect();
    // What starts with a dash would be an option.
    let named = if revision.starts_with('-') || revision.is_empty() {
        None
    } else {
        line(folder, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?
    };
    let commit = match (named, &head) {
        (Some(commit), _) => commit,
        (None, None) => return Ok(Base::Nothing),
        (None, Some(_)) if shallow()? => {
            return Err(GitError(format!("there is no commit `{shown}` in this shallow clone: {DEEPER}")));
        }
        (None, Some(_)) => return Err(GitError(format!("there is no commit `{shown}`"))),
    };
    let merged = match &head {
        Some(head) => line(folder, &["merge-base", head, &commit])?,
        None => Some(commit),
    };
    match merged {
        Some(commit) => GitTree::open(root, &commit).map(Base::Tree),
        None if shallow()? => {
            Err(GitError(format!("this shallow clone does not reach back to where `{shown}` and HEAD part: {DEEPER}")))
        }
        None => Err(GitError(format!("`{shown}` and HEAD have no commit in common"))),
    }
}

/// What to do about a shallow clone.
const DEEPER: &str = "fetch its history (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in GitLab)";

/// The name that git has for the content of a file, where the repository hashes by SHA-1.
#[must_use]
pub fn object_of(bytes: &[u8]) -> String {
    let mut hash = sha1_smol::Sha1::from(format!("blob {}\0", bytes.len()));
    hash.update(bytes);
    hash.digest().to_string()
}

impl GitTree {
    fn open(root: &Path, commit: &str) -> Result<Self, GitError> {
        let unread = || GitError("`git` cannot read the commit: is a part of it missing in this clone?".to_owned());
        let listed = asked(root, &["ls-tree", "-r", "-z", "--full-tree", commit])?.ok_or_else(unread)?;
        let entry = |record: &[u8]| {
            // `100644 blob <object>\t<path>`
            // What is not named in UTF-8 cannot be asked for, so it counts as new.
            let record = std::str::from_utf8(record).ok()?;
            let (about, path) = record.split_once('\t')?;
            let mut about = about.split(' ');
            let (mode, kind, object) = (about.next()?, about.next()?, about.next()?);
            let entry = Entry { object: object.to_owned(), is_link: mode == "120000" };
            (kind == "blob").then(|| (path.to_owned(), entry))
        };
        let files = listed.split(|byte| *byte == 0).filter_map(entry).collect();
        let mut child = git(root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| GitError(format!("`git` cannot be run: {}", super::cause(&error))))?;
        let (asks, answers) = (child.stdin.take(), child.stdout.take());
        let answers = BufReader::new(answers.ok_or_else(unread)?);
        let reader = Mutex::new(CatFile { child, asks, answers });
        Ok(Self { root: root.to_owned(), files, reader })
    }

    /// The root of the work tree.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The files whose paths below the root start with a text, in order; links are not among them.
    pub fn files(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let from = self.files.range(prefix.to_owned()..).take_while(move |(path, _)| path.starts_with(prefix));
        from.filter(|(_, entry)| !entry.is_link).map(|(path, _)| path.as_str())
    }

    /// The object that a file is, by its path below the root.
    #[must_use]
    pub fn object(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|entry| entry.object.as_str())
    }

    /// The bytes of a file, by its path below the root. A link counts as the file of the tree that it leads to.
    ///
    /// # Errors
    /// Where it is not in the tree, not in this clone, or larger than `limit` bytes.
    pub fn content(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut path = path.to_owned();
        for _ in 0..8 {
            let entry = self.files.get(&path).ok_or(io::ErrorKind::NotFound)?;
            let bytes = self.object_content(&entry.object, limit)?;
            if !entry.is_link {
                return Ok(bytes);
            }
            let target = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
            let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
            path = crate::frontend::normal(&folder.join(target)).to_string_lossy().into_owned();
        }
        Err(io::Error::other("is a symbolic link that leads to itself"))
    }

    fn object_content(&self, object: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let CatFile { asks, answers, .. } = &mut *reader;
        let asks = asks.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(asks, "{object}")?;
        asks.flush()?;
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        // `<object> blob <size>`, else `<object> missing`.
        let size = answer.trim_end().rsplit_once(" blob ").and_then(|(_, size)| size.parse::<u64>().ok());
        let Some(size) = size else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "is missing in this clone"));
        };
        if size > limit {
            io::copy(&mut answers.take(size + 1), &mut io::sink())?;
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {limit} bytes")));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        answers.take(size + 1).read_to_end(&mut bytes)?;
        if bytes.pop() != Some(b'\n') || bytes.len() as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// Which of some paths below the root git ignores.
    #[must_use]
    pub fn ignored<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> BTreeSet<String> {
        let asked: Vec<u8> = paths.into_iter().flat_map(|path| path.bytes().chain([0])).collect();
        if asked.is_empty() {
            return BTreeSet::new();
        }
        let child = git(&self.root).args(["check-ignore", "-z", "--stdin"]).stdin(Stdio::piped()).spawn();
        let answer = child.and_then(|mut child| {
            // It answers as it reads: somebody has to listen meanwhile.
            let asks = child.stdin.take();
            let asking = std::thread::spawn(move || asks.map(|mut asks| asks.write_all(&asked)));
            let output = child.wait_with_output();
            let _ = asking.join();
            output
        });
        let printed = answer.map(|output| output.stdout).unwrap_or_default();
        let ignored = printed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        ignored.map(|path| String::from_utf8_lossy(path).into_owned()).collect()
    }

    /// The path below the root of a path as the user gives it.
    #[must_use]
    pub(crate) fn below_root(&self, path: &Path) -> Option<String> {
        let here = super::real_folder(Path::new("")).ok()?;
        let whole = crate::frontend::normal(&here.join(path));
        let below = whole.strip_prefix(&self.root).ok()?;
        Some(below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
    }
}

/// The most bytes of a file that is read besides an input, as on disk.
const LARGEST_SOURCE: u64 = 16 * 1024 * 1024;

impl Files for GitTree {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let below = self.below_root(path).ok_or(io::ErrorKind::NotFound)?;
        self.content(&below, LARGEST_SOURCE)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let below = self.below_root(folder).ok_or(io::ErrorKind::NotFound)?;
        let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
        let inside =
            self.files.range(prefix.clone()..).map(|(path, _)| path).take_while(|path| path.starts_with(&prefix));
        let names: BTreeSet<&str> =
            inside.filter_map(|path| path.get(prefix.len()..)).filter(|name| !name.contains('/')).collect();
        if names.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names.into_iter().map(|name| folder.join(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn run(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
        let done = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("bucketlint-{}-git-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path.canonicalize().unwrap()
    }

    fn tree(folder: &Path, revision: &str) -> GitTree {
        match base(folder, revision).unwrap() {
            Base::Tree(tree) => tree,
            Base::Nothing => panic!("there is a commit"),
        }
    }

    #[test]
    fn a_tree_is_read_as_it_was() {
        let here = folder("tree");
        run(&here, &["init", "-q"]);
        assert!(matches!(base(&here, "HEAD"), Ok(Base::Nothing)), "before the first commit");
        fs::create_dir_all(here.join("a/b")).unwrap();
        for (path, text) in [("a/x.tf", "one"), ("a/ü y.tf", "two"), ("a/b/z.tf", ""), ("top.yaml", "three")] {
            fs::write(here.join(path), text).unwrap();
        }
        std::os::unix::fs::symlink("../top.yaml", here.join("a/link.yaml")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", here.join("a/out.yaml")).unwrap();
        run(&here, &["add", "."]);
        run(&here, &["commit", "-qm", "one"]);
        fs::write(here.join("a/x.tf"), "changed").unwrap();
        let tree = tree(&here, "HEAD");
        assert_eq!(tree.files("").collect::<Vec<_>>(), ["a/b/z.tf", "a/x.tf", "a/ü y.tf", "top.yaml"]);
        assert_eq!(tree.content("a/x.tf", 10).unwrap(), b"one");
        assert_eq!(tree.content("a/b/z.tf", 10).unwrap(), b"");
        assert_eq!(tree.content("a/link.yaml", 100).unwrap(), b"three");
        assert!(tree.content("a/out.yaml", 100).is_err(), "no link leads out of the tree");
        assert!(tree.content("top.yaml", 4).is_err());
        assert_eq!(tree.content("a/ü y.tf", 10).unwrap(), b"two", "after one that was too large");
        assert!(tree.content("none", 10).is_err());
        assert_eq!(tree.object("top.yaml"), Some(object_of(b"three").as_str()));
        let listed = tree.list(&here.join("a")).unwrap();
        assert_eq!(listed, ["link.yaml", "out.yaml", "x.tf", "ü y.tf"].map(|name| here.join("a").join(name)));
        assert!(tree.list(&here.join("none")).is_err());
    }

    #[test]
    fn the_base_is_where_histories_part() {
        let here = folder("merge-base");
        run(&here, &["init", "-q"]);
        let commit = |text: &str| {
            fs::write(here.join("a.yaml"), text).unwrap();
            run(&here, &["add", "."]);
            run(&here, &["commit", "-qm", text]);
        };
        commit("one");
        run(&here, &["checkout", "-qb", "feature"]);
        commit("two");
        run(&here, &["checkout", "-q", "main"]);
        commit("three");
        run(&here, &["checkout", "-q", "feature"]);
        assert_eq!(tree(&here, "main").content("a.yaml", 10).unwrap(), b"one");
        assert_eq!(tree(&here, "HEAD").content("a.yaml", 10).unwrap(), b"two");
        assert_eq!(base(&here, "none").unwrap_err().0, "there is no commit `none`");
        assert_eq!(base(&here, "--help").unwrap_err().0, "there is no commit `--help`");
        run(&here, &["checkout", "-q", "--orphan", "other"]);
        commit("four");
        assert_eq!(base(&here, "main").unwrap_err().0, "`main` and HEAD have no commit in common");
        let clone = folder("shallow");
        run(&clone, &["clone", "-q", "--depth", "1", "--branch", "main", &format!("file://{}", here.display()), "."]);
        assert!(base(&clone, "HEAD~1").unwrap_err().0.contains("fetch-depth: 0"));
        assert_eq!(base(&std::env::temp_dir(), "HEAD").unwrap_err().0, "this is no git repository");
    }

    /// A hook, a filter and a file system monitor that the repository names would leave a mark.
    #[test]
    fn nothing_of_the_repository_runs() {
        let here = folder("hooks");
        run(&here, &["init", "-q"]);
        fs::write(here.join(".gitattributes"), "*.yaml filter=evil diff=evil\n").unwrap();
        fs::write(here.join("a.yaml"), "one").unwrap();
        run(&here, &["add", "."]);
        run(&here, &["commit", "-qm", "one"]);
        let mark = here.join("mark");
        let script = format!("touch {}", mark.display());
        for key in ["filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor", "core.pager"] {
            run(&here, &["config", key, &script]);
        }
        fs::write(here.join("a.yaml"), "changed").unwrap();
        assert_eq!(tree(&here, "HEAD").content("a.yaml", 10).unwrap(), b"one");
        assert!(!mark.exists());
    }
}
