//! The layering of `src/`: which room may name which.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The import column of the architecture: a room, and the rooms that it may name with `crate::…`.
const ROOMS: &[(&str, &[&str])] = &[
    ("threads", &[]),
    ("source", &[]),
    ("syntax", &["source"]),
    ("model", &["source"]),
    ("frontend", &["finding", "source", "syntax", "model"]),
    ("policy", &["source", "model"]),
    ("link", &["source", "model"]),
    ("buckets", &["threads", "source", "model", "policy", "link"]),
    ("finding", &["source"]),
    ("rules", &["source", "model", "policy", "link", "buckets", "finding"]),
    ("report", &["threads", "source", "model", "finding", "rules"]),
    ("settings", &["rules", "finding", "model", "frontend", "source", "syntax", "discover"]),
    ("discover", &["frontend", "source"]),
];

/// The files that may name every room.
const FREE: &[&str] = &["lint", "cli", "lib", "main"];

/// A file of the crate, unit tests taken out.
struct Code {
    /// Relative to `src`.
    path: PathBuf,
    /// How many modules stand between the file's items and the root of the crate.
    depth: usize,
    /// All of it.
    text: String,
    paths: Vec<Vec<String>>,
    /// Each with whether it is a field or a method.
    idents: Vec<(String, bool)>,
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files that the roots of the crate lead to, test modules left out, by following `mod`.
fn crate_code() -> &'static [Code] {
    static FILES: OnceLock<Vec<Code>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut files = Vec::new();
        for root in ["lib.rs", "main.rs"] {
            follow(Path::new(root), Path::new(""), 0, &mut files);
        }
        assert!(files.len() > 100, "the sources were not found");
        files
    })
}

fn follow(path: &Path, folder: &Path, depth: usize, files: &mut Vec<Code>) {
    let text = fs::read_to_string(src().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Sealed or open, a room is one.
    let mut modules = BTreeSet::new();
    without_tests(&mut file.items, &mut modules);
    let tokens: TokenStream = file.items.iter().map(|item| item.to_token_stream()).collect();
    let mut all = Vec::new();
    idents(tokens.clone(), &mut all);
    files.push(Code { path: path.to_owned(), depth, text, paths: paths(tokens), idents: all });
    for module in modules {
        let (flat, nested) = (folder.join(format!("{module}.rs")), folder.join(&module).join("mod.rs"));
        let found = if src().join(&flat).is_file() { flat } else { nested };
        follow(&found, &folder.join(&module), depth + 1, files);
    }
}

/// Takes out what is compiled for tests only, and gives the modules that stand in files of their own.
fn without_tests(items: &mut Vec<syn::Item>, modules: &mut BTreeSet<String>) {
    items.retain(|item| !attributes(item).iter().any(is_for_tests));
    for item in items {
        match item {
            syn::Item::Mod(module) => match &mut module.content {
                Some((_, inner)) => without_tests(inner, &mut BTreeSet::new()),
                None => {
                    modules.insert(module.ident.to_string());
                }
            },
            syn::Item::Impl(block) => block.items.retain(|item| match item {
                syn::ImplItem::Fn(function) => !function.attrs.iter().any(is_for_tests),
                _ => true,
            }),
            _ => {}
        }
    }
}

fn is_for_tests(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.meta.to_token_stream().to_string().replace(' ', "") == "cfg(test)"
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// All paths that the tokens hold, groups of `use` written out: `a::{b, c::{d}}` is `a::b` and `a::c::d`. What stands
/// in macros counts too.
fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    walk(&tokens.into_iter().collect::<Vec<_>>(), &[], &mut found);
    found
}

fn walk(tokens: &[TokenTree], prefix: &[String], found: &mut Vec<Vec<String>>) {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let mut path: Vec<String> = prefix.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Ident(ident) => path.push(ident.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let behind_colon = at >= 2 && is_colon(tokens.get(at - 2));
                let of_use = group.delimiter() == Delimiter::Brace && behind_colon;
                walk(&inner, if of_use { &path } else { &[] }, found);
                path = prefix.to_vec();
                continue;
            }
            _ => {
                path = prefix.to_vec();
                continue;
            }
        }
        if is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1)) {
            at += 2;
        } else {
            found.push(std::mem::replace(&mut path, prefix.to_vec()));
        }
    }
}

/// The rooms that a file names: by `crate::room…`, or by as many `super` as lead to the root.
fn named(paths: &[Vec<String>], depth: usize) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for path in paths {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let room = match path.first().map(String::as_str) {
            Some("crate") => path.get(1),
            // Unit tests are left out, so that only modules in files of their own count.
            Some("super") if supers >= depth => path.get(supers),
            _ => None,
        };
        rooms.extend(room.filter(|room| *room != "self").cloned());
    }
    rooms
}

fn room(path: &Path) -> String {
    path.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn groups_macros_and_supers_are_seen() {
    let of = |text: &str, depth| named(&paths(text.parse().unwrap()), depth);
    let rooms = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(of("use crate::{a::{x, y::{z}}, b, c::d};", 1), rooms(&["a", "b", "c"]));
    assert_eq!(of("fn f() { g!(crate::a::B, 1) }", 1), rooms(&["a"]));
    assert_eq!(of("use super::super::{a::x, b};", 2), rooms(&["a", "b"]));
    assert_eq!(of("use super::sibling;", 2), rooms(&[]));
    let outside = paths("use std::{io::{self, stdin}, fs};".parse().unwrap());
    assert!(outside.contains(&["std", "fs"].map(str::to_owned).to_vec()), "{outside:?}");
    let text =
        "mod a;\n#[cfg(test)]\nmod t;\nimpl A { #[cfg(test)] fn x() {} fn y() {} }\nmod b { #[cfg(test)] fn z() {} }";
    let mut file = syn::parse_file(text).unwrap();
    // Sealed or open, a room is one.
    let mut modules = BTreeSet::new();
    without_tests(&mut file.items, &mut modules);
    assert_eq!(modules, ["a".to_owned()].into());
    let left = file.to_token_stream().to_string();
    assert!(left.contains("fn y") && !left.contains("fn x") && !left.contains("fn z"), "{left}");
}

#[test]
fn every_file_belongs_to_the_crate() {
    let code: BTreeSet<&Path> = crate_code().iter().map(|code| code.path.as_path()).collect();
    let mut folders = vec![src()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(src()).unwrap();
            if below.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let of_tests = below.iter().any(|part| part == "tests" || part == "tests.rs");
            assert!(code.contains(below) || of_tests, "{} is part of nothing", below.display());
        }
    }
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let mut wrong = Vec::new();
    for code in crate_code() {
        let room = room(&code.path);
        if FREE.contains(&room.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: room `{room}` is not in the architecture", code.path.display()));
            continue;
        };
        for other in named(&code.paths, code.depth) {
            let known = ROOMS.iter().any(|(name, _)| *name == other) || FREE.contains(&other.as_str());
            if other != room && known && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{} names crate::{other}", code.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether one of the paths holds these parts, one after the other.
fn holds(found: &[Vec<String>], wanted: &str) -> bool {
    let wanted: Vec<&str> = wanted.split("::").collect();
    found.iter().any(|path| path.windows(wanted.len()).any(|window| window == wanted))
}

/// Clippy refuses what touches the file system, the clock, the environment and the streams (`clippy.toml`), but where a room
/// is excused.
#[test]
fn only_discover_and_cli_touch_the_outside() {
    let excused = |code: &&Code| {
        let excuses = code.text.lines().filter(|line| line.contains("clippy::disallowed_methods"));
        excuses.filter(|line| !line.starts_with("#![cfg_attr(test, ")).count() > 0
    };
    let found: Vec<&Path> = crate_code().iter().filter(excused).map(|code| code.path.as_path()).collect();
    assert_eq!(found, ["cli/mod.rs", "discover/mod.rs", "main.rs"].map(Path::new));
}

/// The idents of tokens, each with whether it is a field or a method.
fn idents(tokens: TokenStream, found: &mut Vec<(String, bool)>) {
    let mut after_dot = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push((ident.to_string(), after_dot)),
            TokenTree::Group(group) => idents(group.stream(), found),
            TokenTree::Punct(punct) => {
                after_dot = punct.as_char() == '.';
                continue;
            }
            TokenTree::Literal(_) => {}
        }
        after_dot = false;
    }
}

/// Behind `link` there is one deployment: who decides and who explains asks nobody in which file something stood. What
/// tells people where a parameter is from (`guard.yaml#Env`) does.
#[test]
fn behind_link_nobody_asks_for_files() {
    let asks = |(ident, of): &(String, bool)| match ident.as_str() {
        "FileId" | "file_of" => true,
        "file" | "member" | "paths" => *of,
        _ => false,
    };
    let behind = |code: &&Code| ["policy", "buckets", "rules"].contains(&room(&code.path).as_str());
    let asking = crate_code().iter().filter(behind).filter(|code| code.idents.iter().any(asks));
    let asking: Vec<&Path> = asking.map(|code| code.path.as_path()).collect();
    assert_eq!(asking, [Path::new("buckets/tell.rs")]);
}

#[test]
fn internal_types_are_not_serializable() {
    for code in crate_code() {
        if !["report", "settings", "rules", "frontend", "cli"].contains(&room(&code.path).as_str()) {
            assert!(!holds(&code.paths, "serde"), "{} names serde", code.path.display());
        }
    }
}

#[test]
fn nothing_is_left_open() {
    for code in crate_code() {
        for word in ["todo!", "unimplemented!", "TODO", "FIXME"] {
            assert!(!code.text.contains(word), "{} holds {word}", code.path.display());
        }
    }
}
