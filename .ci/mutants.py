#!/usr/bin/env python3
"""Breaks what always holds, one way at a time, in a copy of the checkout; the compiler or a test must object each time.

    python3 .ci/mutants.py [NAME …]        all of them, or those named; takes some ten minutes

A mutant whose text is no longer there is an error too: mend the mutant with the code.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEALED = "cargo clippy --locked -q -- -D warnings -A clippy::all -A clippy::pedantic -A unfulfilled-lint-expectations"
CLIPPY = "cargo clippy --locked -q --lib --all-features -- -D warnings"
ARCHITECTURE = "cargo test --locked -q --test it architecture::"


def test(name):
    return f"cargo test --locked -q {name}"


END = None  # where an edit has no text to replace, its text goes to the end of the file

# Name, edits (file, what stands there, what stands there instead), the command that must fail, what it must say.
MUTANTS = [
    ("import-policy", [("src/policy/plain.rs", END, "\npub type Forbidden<'a> = crate::syntax::Node<'a>;\n")],
     ARCHITECTURE, "policy/plain.rs names crate::syntax"),
    ("import-rules", [("src/rules/words.rs", END, "\npub type Forbidden = crate::frontend::NoFiles;\n")],
     ARCHITECTURE, "rules/words.rs names crate::frontend"),
    # Below `#[cfg(test)]`, where a test that cuts a file at the first of them sees nothing.
    ("import-below-tests", [("src/report/human/mod.rs", END,
                             "\n#[cfg(test)]\nmod more {}\n\npub type Forbidden = crate::buckets::Never;\n")],
     ARCHITECTURE, "report/human/mod.rs names crate::buckets"),
    ("unread-bucket", [("src/rules/words.rs", "if let Some(made_at) = bucket.made_at {",
                        "if let Some(made_at) = None {")], SEALED, "`made_at`"),
    ("unread-asset", [("src/link/locate.rs", "wanted.extend(stack.asset.as_deref()", "wanted.extend(None::<&str>"),
                      ("src/link/locate.rs", "let noted = stack.asset.as_deref()", "let noted = None::<&str>")],
     SEALED, "`asset`"),
    ("unread-suppression", [("src/lint/suppress.rs", "if let Some(problem) = &suppression.problem {",
                             "if let Some(problem) = None::<String> {"),
                            ("src/lint/suppress.rs", "suppression.problem.is_none() && ", "")], SEALED, "`problem`"),
    ("hash-order", [("src/report/summary.rs", END, """
/// Rules in any order.
pub fn by_rule(counts: &std::collections::HashMap<String, usize>) -> String {
    let mut out = String::new();
    for (rule, count) in counts {
        out.push_str(rule);
        out.push_str(&count.to_string());
    }
    out
}
""")], CLIPPY, "unordered hash-based"),
    ("outside-read", [("src/settings/mod.rs", END, """
/// Whether a file is there.
#[must_use]
pub fn is_there(path: &std::path::Path) -> bool {
    path.exists()
}
""")], CLIPPY, "disallowed method"),
    ("dropped-type", [("src/frontend/cloudformation/resources.rs",
                       """            unknown.get_or_insert_with(|| Unknown::new(cause, span, "write the `Type` as a string"));
""", """            let _ = (cause, span);
""")], test("--lib --test it"), "FAILED"),
    ("dropped-principal", [("src/policy/document/principal.rs", """        problems.push(Problem {
            message: format!("`{}` is no kind of principal", entry.key),
            span: entry.key_span,
            help: HELP.to_owned(),
            instead: None,
        });
        return;
""", "        return;\n")], test("--lib --test it"), "FAILED"),
    ("rule-without-document", [("src/rules/table.rs", '    "orphan-policy" Note Other orphan_policy,\n',
                                '    "orphan-policy" Note Other orphan_policy,\n    "osprey-policy" Note Other orphan_policy,\n')],
     "cargo check --locked -q", "osprey-policy.md"),
    ("rule-without-example", [("rules/conditional-policy.md", "format=sam expect=clean", "of=sam")],
     test("--test it rule_documents::"), "conditional-policy"),
]


def copy(to):
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                           check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, files):
        source = ROOT / name
        if source.is_file() or source.is_symlink():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to / name, follow_symlinks=False)


def edited(folder, edits):
    """Makes the edits; what the files held before, by path."""
    before = {}
    for name, old, new in edits:
        path = folder / name
        text = path.read_text()
        before.setdefault(path, text)
        if old is END:
            text += new
        else:
            assert text.count(old) == 1, f"{name} holds {text.count(old)} times: {old}"
            text = text.replace(old, new)
        path.write_text(text)
    return before


def lives(folder, mutant):
    """Why the mutant is not found out; empty where it is."""
    name, edits, command, says = mutant
    before = edited(folder, edits)
    try:
        run = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    finally:
        for path, text in before.items():
            path.write_text(text)
    out = run.stdout + run.stderr
    if run.returncode == 0:
        return f"`{command}` passes"
    return "" if says in out else f"`{command}` fails without a word of {says!r}:\n{out[-3000:]}"


def main(wanted):
    unknown = set(wanted) - {name for name, *_ in MUTANTS}
    if unknown:
        sys.exit(f"no such mutant: {', '.join(sorted(unknown))}")
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        folder = pathlib.Path(folder)
        copy(folder)
        target = ROOT / "target" / "mutants"
        target.mkdir(parents=True, exist_ok=True)
        (folder / "target").symlink_to(target)
        for mutant in MUTANTS:
            if wanted and mutant[0] not in wanted:
                continue
            why = lives(folder, mutant)
            survivors += bool(why)
            print(f"{mutant[0]}: {'LIVES: ' + why if why else 'found out'}", flush=True)
    sys.exit(f"{survivors} live" if survivors else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
