use super::*;
use std::fs;
use std::os::unix::fs::symlink;

/// A new folder, empty.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("bucketlint-{}-scope-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path.canonicalize().unwrap()
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn scopes(path: &Path) -> Scopes {
    Scopes::new(Start { paths: vec![path.to_owned()], ..Start::default() }).unwrap()
}

/// The rules that the settings nearest to a file ignore.
fn ignored(scopes: &Scopes, file: &Path) -> Vec<&'static str> {
    scopes.of_file(file).0.settings.ignore.iter().map(|rule| rule.0).collect()
}

#[test]
fn the_nearest_file_upwards_holds_alone() {
    let top = folder("nearest");
    write(
        &top,
        &[
            ("bucketlint.yaml", "ignore: [partial-deny]"),
            ("repository/.git/HEAD", ""),
            ("repository/.bucketlint.yml", "ignore: [orphan-policy]"),
            ("repository/a/b/bucketlint.yml", "select: [partial-deny]"),
            ("repository/a/b/c/x.yaml", ""),
            ("repository/inner/.git", "gitdir: elsewhere"),
            ("repository/inner/x.yaml", ""),
        ],
    );
    let scopes = scopes(&top.join("repository"));
    assert_eq!(ignored(&scopes, &top.join("repository/a/x.yaml")), ["orphan-policy"]);
    let (scope, relative) = scopes.of_file(&top.join("repository/a/b/c/x.yaml"));
    assert!(scope.settings.ignore.is_empty() && scope.settings.select.is_some());
    assert_eq!(relative, "c/x.yaml");
    assert!(ignored(&scopes, &top.join("repository/inner/x.yaml")).is_empty(), "a repository of its own");
    assert_eq!(scopes.met().len(), 2, "nothing above the repository was read");
}

#[test]
fn without_a_repository_nothing_above_what_is_linted_counts() {
    let top = folder("no-repository");
    write(&top, &[("bucketlint.yaml", "ignore: [partial-deny]"), ("linted/a/x.yaml", "")]);
    let none = scopes(&top.join("linted"));
    assert!(ignored(&none, &top.join("linted/a/x.yaml")).is_empty());
    assert_eq!(ignored(&scopes(&top), &top.join("linted/a/x.yaml")), ["partial-deny"]);
}

#[test]
fn two_files_side_by_side_are_an_error() {
    let top = folder("two");
    write(&top, &[(".bucketlint.yaml", ""), ("bucketlint.yml", ""), ("x.yaml", "")]);
    let scope = scopes(&top).of_file(&top.join("x.yaml")).0;
    assert!(scope.errors[0].message.starts_with("stands beside `bucketlint.yml`"), "{:?}", scope.errors);
}

#[test]
fn a_link_is_followed_no_further_than_the_repository_goes() {
    let top = folder("link");
    write(
        &top,
        &[("credentials", "aws_secret: AKIA"), ("r/.git/HEAD", ""), ("r/shared.yaml", "ignore: [partial-deny]")],
    );
    write(&top, &[("r/in/x.yaml", ""), ("r/out/x.yaml", ""), ("r/folder/bucketlint.yaml/x", "")]);
    symlink("../../credentials", top.join("r/out/bucketlint.yaml")).unwrap();
    symlink("../shared.yaml", top.join("r/in/bucketlint.yaml")).unwrap();
    let scopes = scopes(&top.join("r"));
    let (out, _) = scopes.of_file(&top.join("r/out/x.yaml"));
    assert_eq!(out.errors.len(), 1);
    assert!(out.errors[0].message.contains("a symbolic link that leads out"), "{:?}", out.errors);
    assert_eq!(out.sources.iter().count(), 0, "nothing of it was read");
    assert_eq!(ignored(&scopes, &top.join("r/in/x.yaml")), ["partial-deny"]);
    assert!(scopes.of_file(&top.join("r/folder/x.yaml")).0.errors.is_empty(), "a folder is no settings file");
}

#[test]
fn patterns_are_relative_to_their_file() {
    let top = folder("patterns");
    write(
        &top,
        &[("bucketlint.yaml", "exclude: [\"vendor/**\", \"*.yml\"]"), ("sub/bucketlint.yaml", "exclude: [vendor]")],
    );
    write(&top, &[("vendor/bucketlint.yaml", ""), ("sub/deep/vendor/x.yaml", "")]);
    let scopes = scopes(&top);
    assert!(scopes.folder(&top.join("vendor")).is_some(), "its own settings do not bring it back");
    assert!(scopes.folder(&top.join("sub/vendor")).is_some());
    assert!(scopes.folder(&top.join("sub/deep/vendor")).is_none());
    assert!(scopes.file(&top.join("a.yml")).is_some());
    assert!(scopes.file(&top.join("sub/a.yml")).is_none());
    assert!(scopes.named(&top.join("a.yml")).is_none(), "a named file is linted");
    let start = Start { paths: vec![top.clone()], force_exclude: true, ..Start::default() };
    let forced = Scopes::new(start).unwrap();
    assert!(forced.named(&top.join("a.yml")).is_some());
    assert!(forced.named(&top.join("sub/vendor/deep/a.yaml")).is_some());
}

#[test]
fn one_file_may_be_made_to_hold_for_all_or_none() {
    let top = folder("fixed");
    write(&top, &[("bucketlint.yaml", "ignore: [partial-deny]"), ("ci/lint.yaml", "ignore: [orphan-policy]")]);
    let with = |start: Start| Scopes::new(Start { paths: vec![top.clone()], ..start }).unwrap();
    let config = with(Start { config: Some(top.join("ci/lint.yaml")), ..Start::default() });
    assert_eq!(ignored(&config, &top.join("x.yaml")), ["orphan-policy"]);
    assert_eq!(config.of_file(&top.join("a/x.yaml")).1, "../a/x.yaml");
    assert!(ignored(&with(Start { isolated: true, ..Start::default() }), &top.join("x.yaml")).is_empty());
}
