//! What README and documentation tell is so: each fenced block is run, or written to the file that it stands for, in a
//! folder of the page's own, and each link leads somewhere.
//!
//! Comments right above a block say what to do with it, comments on their own set the scene:
//!
//! | comment | |
//! |---|---|
//! | `with: PATH` or `with: PATH as NAME` | a copy of that file or folder of the repository lies in the page's folder |
//! | `run: COMMAND` | is run there, out of the reader's sight |
//! | `file: NAME` | the block is the content of that file |
//! | `shell: PREFIX` | the lines that begin so are commands (`- run:` of a workflow, `sh '` of a pipeline) |
//! | `env: NAME=VALUE …` | what the CI system sets for them |
//! | `status: 1 0` | the exit statuses of the block's commands (else 0 each) |
//! | `try: NAME` | the block is run by a script of `packaging/` |
//! | `not run: REASON` | nobody can run it here |
//!
//! A `console` block shows commands (`$ `, further lines `> `) with their output, an `sh` block is a script. Other programs (`terraform`, …) are
//! stand-ins of `tests/it/docs/bin`, which fail on what they are not told here. `INSTA_UPDATE=always` writes the output anew.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

mod links;
mod page;
mod reference;
mod shell;

use page::{Block, Page, Step};
use shell::Folder;
use std::fs;
use std::path::{Path, PathBuf};

/// Whether what is out of date is to be written anew.
fn update() -> bool {
    std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always")
}

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files of a folder, sorted.
fn markdown(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

/// The pages whose blocks are run.
fn pages() -> Vec<PathBuf> {
    let mut pages = markdown("docs");
    pages.insert(0, root().join("README.md"));
    pages
}

#[test]
fn every_block_is_what_it_says() {
    let mut faults = Vec::new();
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let page = Page::read(&path, &text);
        let folder = Folder::new(&page.name);
        let mut fresh = text.clone();
        // From the end, so that what is written anew moves nothing that is yet to come.
        let mut written = Vec::new();
        for step in &page.steps {
            match step {
                Step::With { from, to } => folder.copy(&root().join(from), to),
                Step::Run(command) => folder.script(command, 0).unwrap_or_else(|fault| faults.push(fault)),
                Step::Block(block) => match carry_out(&folder, &page, block) {
                    Ok(Some(body)) if body != block.body => written.push((block, body)),
                    Ok(_) => {}
                    Err(fault) => faults.push(format!("{}:{}: {fault}", page.name, block.line)),
                },
            }
        }
        for (block, body) in written.into_iter().rev() {
            if update() {
                fresh.replace_range(block.range.clone(), &body);
            } else {
                let place = format!("{}:{}", page.name, block.line);
                faults.push(format!("{place}: the output is another:\n{body}\n(INSTA_UPDATE=always writes it)"));
            }
        }
        if fresh != text {
            fs::write(&path, fresh).unwrap();
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Does what the block asks for; a `console` block as it should be.
fn carry_out(folder: &Folder, page: &Page, block: &Block) -> Result<Option<String>, String> {
    if let Some(name) = block.mark("file") {
        folder.write(name, &block.body);
        return Ok(None);
    }
    if let Some(name) = block.mark("try") {
        let called = [format!("{} {name} ", page.name), format!("\"{}\", \"{name}\"", page.name)];
        return if called.iter().any(|call| scripts().contains(call)) {
            Ok(None)
        } else {
            Err(format!("no script of packaging/ runs the block `{name}` of this page"))
        };
    }
    if block.mark("not run").is_some() {
        return Ok(None);
    }
    if block.mark("shell").is_some() {
        return folder.lines(block).map(|()| None);
    }
    match block.language.as_str() {
        "console" => folder.console(block).map(Some),
        "sh" => folder.script(&block.body, block.statuses().next().unwrap_or(0)).map(|()| None),
        "text" => Ok(None),
        _ if block.body.contains("bucketlint check") => {
            Err("holds a command that nobody runs: say `file`, `shell`, `try` or `not run`".to_owned())
        }
        _ => Ok(None),
    }
}

/// The scripts of `packaging/`, one after another.
fn scripts() -> String {
    let entries = fs::read_dir(root().join("packaging")).unwrap().map(|entry| entry.unwrap().path());
    let scripts = entries.filter(|path| path.extension().is_some_and(|end| end == "sh" || end == "py"));
    scripts.map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut all = pages();
    all.extend(markdown("rules"));
    all.extend(["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root().join(name)));
    let faults: Vec<_> = all.iter().flat_map(|page| links::broken(page)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The site's rules are made from `rules/`.
#[test]
fn the_summary_names_every_page() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let pages = markdown("docs");
    let names = pages.iter().map(|page| page.file_name().unwrap().to_str().unwrap());
    let missing: Vec<_> =
        names.filter(|name| *name != "SUMMARY.md" && !summary.contains(&format!("({name})"))).collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md lacks {missing:?}");
}

#[test]
fn the_reference_of_settings_is_made_from_their_schema() {
    let schema = fs::read_to_string(root().join("bucketlint.schema.json")).unwrap();
    let page = fs::read_to_string(root().join("docs/settings.md")).unwrap();
    hold("docs/settings.md", &reference::written(&page, &serde_json::from_str(&schema).unwrap()));
}

#[test]
fn the_index_of_rules_is_made_from_their_documents() {
    hold("rules/README.md", &shell::output(&["rules", "--format", "markdown"]));
}

/// The file is as it is made, or written so.
fn hold(name: &str, made: &str) {
    let path = root().join(name);
    if update() {
        fs::write(path, made).unwrap();
    } else {
        assert_eq!(fs::read_to_string(path).unwrap(), made, "INSTA_UPDATE=always writes {name}");
    }
}

/// The project has one address: where it stands elsewhere, it is Cargo.toml's.
#[test]
fn one_address() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("repository = \"https://github.com/").unwrap();
    let (address, _) = rest.split_once('"').unwrap();
    let files = ["pyproject.toml", "SECURITY.md", "packaging/Dockerfile", "packaging/homebrew/bucketlint.rb.in"];
    for file in files {
        assert!(fs::read_to_string(root().join(file)).unwrap().contains(address), "{file} has another address");
    }
}

/// Every format that `check --help` tells of stands in the documentation of reports.
#[test]
fn every_format_is_documented() {
    let page = fs::read_to_string(root().join("docs/reports.md")).unwrap();
    let help = shell::output(&["check", "--help"]);
    let (_, after) = help.split_once("--format <FORMAT>").unwrap();
    let (values, _) = after.split_once("[default").unwrap();
    let formats: Vec<_> = values.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next()).collect();
    assert!(formats.len() > 10, "{formats:?}");
    for format in formats {
        assert!(page.contains(&format!("`{format}`")), "docs/reports.md lacks `{format}`");
    }
}

/// Every option that `check --help` tells of stands in the documentation of the command line.
#[test]
fn every_option_is_documented() {
    let page = fs::read_to_string(root().join("docs/command-line.md")).unwrap();
    let help = shell::output(&["check", "-h"]);
    let words = help.split_whitespace().filter(|word| word.starts_with("--"));
    let options: Vec<_> = words.map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())).collect();
    assert!(options.len() > 10, "{help}");
    for option in options.into_iter().filter(|option| *option != "--help") {
        let shown =
            [format!("`{option}"), format!("({option} "), format!("/{option}`")].iter().any(|form| page.contains(form));
        assert!(shown, "docs/command-line.md lacks `{option}`");
    }
}

/// CONTRIBUTING tells all places that a new rule has to be written in: none of the rest of the program names a rule, but for the
/// two that are not about buckets and that its own part finds.
#[test]
fn a_new_rule_touches_what_contributing_tells() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    for place in ["`rules/<name>.md`", "`src/rules/table.rs`", "`src/rules/<name>.rs`", "`src/rules/mod.rs`"] {
        assert!(page.contains(place), "CONTRIBUTING.md lacks {place}");
    }
    let rules: Vec<serde_json::Value> = serde_json::from_str(&shell::output(&["rules", "--format", "json"])).unwrap();
    let mut named = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.ends_with("src/rules") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("\nmod tests {").next().unwrap();
                let names = rules.iter().map(|rule| rule["name"].as_str().unwrap());
                let names = names.filter(|name| code.contains(&format!("\"{name}\"")));
                named.extend(names.map(|name| format!("{}: {name}", path.strip_prefix(root()).unwrap().display())));
            }
        }
    }
    named.sort();
    assert_eq!(named, ["src/lint/run.rs: incomplete-input", "src/lint/suppress.rs: unused-suppression"]);
}
