use super::*;
use std::fs;
use std::os::unix::fs::symlink;

/// A new folder, empty.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("bucketlint-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn write(folder: &Path, names: &[&str]) {
    for name in names {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
}

/// Leaves out these paths.
struct Left(Vec<PathBuf>);

impl Exclude for Left {
    fn folder(&self, path: &Path) -> Option<Why> {
        self.0.iter().any(|left| left == path).then_some(Why::Plain("excluded"))
    }

    fn file(&self, path: &Path) -> Option<Why> {
        self.folder(path)
    }

    fn named(&self, _: &Path) -> Option<Why> {
        None
    }
}

/// The files that are linted, relative to `folder`, and what was skipped and why.
fn found(folder: &Path, paths: &[PathBuf], exclude: &[&str]) -> (Vec<String>, Vec<String>) {
    let exclude = Left(exclude.iter().map(|name| folder.canonicalize().unwrap().join(name)).collect());
    let name = |path: PathBuf| path.strip_prefix(folder).unwrap_or(&path).display().to_string();
    let (mut linted, mut passed) = (Vec::new(), Vec::new());
    for candidate in Targets::without_ignored(paths, &exclude).candidates() {
        match candidate {
            Candidate::Named(path) => linted.push(format!("{} (named)", name(path))),
            Candidate::Met(path) => linted.push(name(path)),
            Candidate::Passed(path, why) => passed.push(format!("{}: {}", name(path), why.text())),
            Candidate::Failed(path, why) => passed.push(format!("{}: failed: {why}", name(path))),
        }
    }
    linted.sort();
    passed.sort();
    (linted, passed)
}

#[test]
fn walks_to_everything_that_has_a_template_name() {
    let here = folder("names");
    write(&here, &["a.yaml", "b/c.YML", "b/d.json", "b/e.template", "f.txt", "g", ".hidden/h.yaml", "yaml"]);
    let (linted, passed) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted, [".hidden/h.yaml", "a.yaml", "b/c.YML", "b/d.json", "b/e.template"]);
    assert!(passed.is_empty());
}

#[test]
fn leaves_out_what_is_no_source() {
    let here = folder("skipped");
    write(&here, &["cdk.out/asset.1/a.yaml", "cdk.out/asset.2.json", "cdk.out/S.template.json", "asset.1/b.yaml"]);
    write(&here, &[".git/c.yaml", "x/node_modules/d.json", ".terraform/e.json"]);
    let (linted, passed) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted, ["asset.1/b.yaml", "cdk.out/S.template.json"]);
    assert_eq!(passed.len(), 5, "{passed:?}");
    let (linted, _) = found(&here, &[here.join("cdk.out")], &[]);
    assert_eq!(linted, ["cdk.out/S.template.json"], "also where the assembly itself is walked");
    let (linted, _) = found(&here, &[here.clone(), here.join("x/node_modules"), here.join(".git/c.yaml")], &[]);
    assert_eq!(
        linted,
        [".git/c.yaml (named)", "asset.1/b.yaml", "cdk.out/S.template.json", "x/node_modules/d.json"],
        "but what is named is linted"
    );
}

#[test]
fn links_lead_neither_out_nor_round_nor_twice() {
    let here = folder("links");
    write(&here, &["in/a.yaml", "in/b.j2", "out/secret.yaml"]);
    let root = here.join("in");
    symlink("..", root.join("up")).unwrap();
    symlink(".", root.join("loop")).unwrap();
    symlink("../out/secret.yaml", root.join("escape.yaml")).unwrap();
    symlink("a.yaml", root.join("again.yaml")).unwrap();
    symlink("b.j2", root.join("b.yaml")).unwrap();
    symlink("nothing", root.join("broken.yaml")).unwrap();
    let (linted, passed) = found(&here, std::slice::from_ref(&root), &[]);
    assert_eq!(linted, ["in/a.yaml", "in/b.yaml"]);
    assert_eq!(
        passed,
        [
            "in/again.yaml: a symbolic link to a file that is linted by itself",
            "in/broken.yaml: a symbolic link to nothing",
            "in/escape.yaml: a symbolic link out of the folder",
        ]
    );
    let (linted, _) = found(&here, &[root.join("escape.yaml")], &[]);
    assert_eq!(linted, ["in/escape.yaml (named)"]);
}

#[test]
fn nothing_is_linted_twice() {
    let here = folder("twice");
    write(&here, &["a.yaml", "b/c.yaml"]);
    let paths = [here.clone(), here.join("b"), here.join("a.yaml"), here.join("b/../a.yaml"), here.clone()];
    assert_eq!(found(&here, &paths, &[]).0, ["a.yaml (named)", "b/c.yaml"]);
}

#[test]
fn what_cannot_be_looked_at_is_told() {
    let here = folder("failed");
    let (linted, passed) = found(&here, &[here.join("none.yaml")], &[]);
    assert!(linted.is_empty());
    assert_eq!(passed, ["none.yaml: failed: no such file or directory"]);
}

#[test]
fn what_is_excluded_is_not_walked() {
    let here = folder("excluded");
    write(&here, &["a.yaml", "vendor/b.yaml", "x/vendor/c.yaml", "x/d-test.yaml", "x/e.yaml"]);
    let (linted, passed) = found(&here, std::slice::from_ref(&here), &["vendor", "x/d-test.yaml"]);
    assert_eq!(linted, ["a.yaml", "x/e.yaml", "x/vendor/c.yaml"]);
    assert_eq!(passed, ["vendor: excluded", "x/d-test.yaml: excluded"]);
}

#[test]
fn disk_gives_nothing_from_outside() {
    use crate::frontend::Files;
    let here = folder("disk");
    write(&here, &["in/main.tf", "in/sub/x.tf", "out/secret.tf"]);
    symlink("../out/secret.tf", here.join("in/link.tf")).unwrap();
    let disk = crate::discover::Disk::new([here.join("in").as_path()]);
    assert_eq!(disk.read(&here.join("in/main.tf")).unwrap(), b"x");
    assert_eq!(disk.read(&here.join("in/sub/../main.tf")).unwrap(), b"x");
    for outside in ["out/secret.tf", "in/link.tf", "in/../out/secret.tf"] {
        assert!(disk.read(&here.join(outside)).is_err(), "{outside}");
    }
    assert!(disk.read(&here.join("in/sub")).is_err(), "a folder is no file");
    assert!(disk.list(&here.join("out")).is_err());
    assert_eq!(disk.list(&here.join("in")).unwrap(), [here.join("in/link.tf"), here.join("in/main.tf")]);
}

#[test]
fn what_git_ignores_is_left_out_but_for_what_it_tracks() {
    let here = folder("ignored");
    write(
        &here,
        &["out/a.yaml", "out/kept/b.yaml", "c.gen.yaml", "d.yaml", "x/e.gen.yaml", "x/f.gen.yaml", "x/deep/g.yaml"],
    );
    fs::create_dir(here.join(".git")).unwrap();
    fs::write(here.join(".gitignore"), "out/\n*.gen.yaml\n").unwrap();
    fs::write(here.join("x/.gitignore"), "!f.gen.yaml\ndeep\n").unwrap();
    // What other tools leave out does not count.
    fs::write(here.join(".ignore"), "d.yaml\n").unwrap();
    let (linted, passed) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted, ["d.yaml", "x/f.gen.yaml"]);
    let ignored = ["c.gen.yaml", "out", "x/deep", "x/e.gen.yaml"].map(|name| format!("{name}: ignored by git"));
    assert_eq!(passed[1..], ignored);
    let index = crate::discover::index::tests::index(2, &["out/kept/b.yaml", "x/e.gen.yaml"]);
    fs::write(here.join(".git/index"), index).unwrap();
    let (linted, passed) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted, ["d.yaml", "out/kept/b.yaml", "x/e.gen.yaml", "x/f.gen.yaml"]);
    assert!(passed.contains(&"out/a.yaml: ignored by git".to_owned()), "{passed:?}");
    // Whoever names an ignored folder wants it looked at.
    let (linted, _) = found(&here, &[here.join("x/deep")], &[]);
    assert_eq!(linted, ["x/deep/g.yaml"]);
    fs::write(here.join(".git/index"), "DIRC but not as we know it").unwrap();
    let (linted, _) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted.len(), 7, "{linted:?}");
}

#[test]
fn an_assembly_is_looked_at_though_git_ignores_it() {
    let here = folder("assembly");
    write(&here, &["cdk.out/cdk.out", "cdk.out/manifest.json", "cdk.out/Stack.template.json", "other.out/a.json"]);
    fs::create_dir(here.join(".git")).unwrap();
    fs::write(here.join(".gitignore"), "*.out\n").unwrap();
    let (linted, _) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted, ["cdk.out/Stack.template.json", "cdk.out/manifest.json"]);
}

#[test]
fn copies_are_left_out_beside_their_source() {
    let here = folder("copies");
    let made = ["update", "create"].map(|step| format!("made/.serverless/cloudformation-template-{step}-stack.json"));
    write(
        &here,
        &[
            "sam/template.yaml",
            "sam/.aws-sam/build/template.yaml",
            "built/.aws-sam/build/template.yaml",
            "service/serverless.yml",
            "service/.serverless/cloudformation-template-update-stack.json",
            &made[0],
            &made[1],
            "live/.terragrunt-cache/x.json",
        ],
    );
    let (linted, passed) = found(&here, std::slice::from_ref(&here), &[]);
    assert_eq!(linted, ["built/.aws-sam/build/template.yaml", &made[0], "sam/template.yaml", "service/serverless.yml"]);
    assert_eq!(passed.len(), 4, "{passed:?}");
    let (linted, _) = found(&here, &[here.join(&made[1])], &[]);
    assert_eq!(linted, [format!("{} (named)", made[1])]);
}
