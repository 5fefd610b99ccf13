//! Source that is out to hang or crash the evaluator.

use super::{Memory, Plan, eval, eval_in, load, shown};
use crate::frontend::terraform::source::Configuration;
use crate::source::Sources;
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn circles_end() {
    let declarations = "locals {\n  a = local.b\n  b = \"${local.a}x\"\n  c = { x = local.c }\n}";
    let circle = eval_in(declarations, "local.a", &Plan::default());
    assert_eq!(circle, "\"${…}x\"");
    assert_eq!(eval_in(declarations, "local.c", &Plan::default()), "{x:?(the value refers to itself)}");
    let module = "module \"m\" {\n  source = \"./\"\n}\nresource \"a\" \"b\" { value = module.m.x }\n\
                  output \"x\" { value = module.m.x }\n";
    let loaded = load(&[("infra/main.tf", module)]);
    assert!(shown(&loaded.argument("a.b", "value", &Plan::default())).starts_with("?("));
}

#[test]
fn growth_is_bounded() {
    let started = Instant::now();
    let doubling: String = (1..60)
        .map(|n| format!("  a{n} = \"${{local.a{}}}${{local.a{}}}\"\n", n - 1, n - 1))
        .collect::<Vec<_>>()
        .concat();
    let text = eval_in(&format!("locals {{\n  a0 = \"xx\"\n{doubling}}}"), "local.a59", &Plan::default());
    assert!(text.contains("too large") || text == "\"${…}${…}\"", "{}", text.len());
    let lists: String =
        (1..60).map(|n| format!("  a{n} = [local.a{}, local.a{}]\n", n - 1, n - 1)).collect::<Vec<_>>().concat();
    let text = eval_in(&format!("locals {{\n  a0 = [1]\n{lists}}}"), "local.a59", &Plan::default());
    assert!(text.contains("too large"));
    let text =
        eval_in(&format!("locals {{\n  a0 = [1]\n{lists}}}"), "local.a59 == flatten(local.a59)", &Plan::default());
    assert!(text.starts_with("?("), "{text}");
    let loops = "[for a in range(9999) : [for b in range(9999) : [for c in range(9999) : c]]]";
    assert!(eval(loops).contains("too large"));
    let chain: String = (1..5000).map(|n| format!("  a{n} = local.a{}\n", n - 1)).collect::<Vec<_>>().concat();
    let text = eval_in(&format!("locals {{\n  a0 = 1\n{chain}}}"), "local.a4999", &Plan::default());
    assert_eq!(text, "?(the expression is nested too deeply)");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn large_texts_cost_what_they_take() {
    let started = Instant::now();
    let big = "0123456789abcdef".repeat(4_000);
    let declarations = format!("locals {{\n  big = \"{big}\"\n  many = [for i in range(9999) : local.big]\n}}");
    for expression in [
        "[for i in range(9999) : local.big == \"${local.big}x\"]",
        "[for i in range(9999) : upper(local.big)]",
        "[for i in range(9999) : split(\"\", local.big)]",
        "[for i in range(9999) : { (local.big) = 1 }]",
        "[for i in range(9999) : { a = 1 }[local.big]]",
        "[for i in range(9999) : jsondecode(local.big)]",
        "replace(replace(local.big, \"0\", local.big), \"1\", local.big)",
        "contains(local.many, \"x\")",
        "distinct(local.many)",
        "join(local.big, local.many)",
        "formatlist(local.big, local.many)",
        "jsonencode(local.many)",
        "local.many",
    ] {
        let source = format!("{declarations}\nresource \"a\" \"b\" {{\n  value = {expression}\n}}\n");
        let loaded = load(&[("infra/main.tf", &source)]);
        // A small share of the budget tells as well what a step takes.
        loaded.configuration.steps.store(0, std::sync::atomic::Ordering::Relaxed);
        let text = shown(&loaded.argument("a.b", "value", &Plan::default()));
        assert!(text.len() < 2_000_000, "{expression}: {}", text.len());
        assert!(started.elapsed() < Duration::from_secs(60), "{expression}: {:?}", started.elapsed());
    }
}

#[test]
fn values_that_grow_deep_one_by_one_are_bounded() {
    let chain = (1..20_000).map(|n| format!("  a{n} = [local.a{}]\n", n - 1)).collect::<Vec<_>>().concat();
    let all = (0..20_000).map(|n| format!("local.a{n}, ")).collect::<Vec<_>>().concat();
    let declarations = format!("locals {{\n  a0 = 1\n{chain}  all = [{all}]\n}}");
    assert_eq!(eval_in(&declarations, "length(local.all)", &Plan::default()), "?(the value is nested too deeply)");
}

#[test]
fn deep_and_broken_files_are_notices() {
    let started = Instant::now();
    let many = |text: &str, count: usize| text.repeat(count);
    let broken = [
        format!("a = {}", many("(", 100_000)),
        format!("a = {}1{}", many("(", 60), many(")", 60)),
        format!("a = {}", many("[", 100_000)),
        format!("a = {}", many("{a=", 100_000)),
        format!("a = {}", many("\"${", 100_000)),
        format!("a = {}1", many("1+", 100_000)),
        format!("a = {}1", many("!", 100_000)),
        format!("a = {}1", many("-", 100_000)),
        format!("a = x{}", many(".a", 100_000)),
        format!("a = x{}", many("[0]", 100_000)),
        format!("a = x{}", many("[x", 100_000)),
        format!("a = {}", many("a ? b : ", 100_000)),
        format!("a = {}", many("f(", 100_000)),
        many("b {\n", 100_000),
        format!("a = {}", many("[for x in ", 100_000)),
        format!("a = <<E\n{}\nE\n", many("%{ if x }", 100_000)),
        format!("a = {}", many("{(", 30)),
        format!("a = {}", many("[for x in {", 30)),
        "\u{0}".to_owned(),
        format!("a = {{{}}}", (0..20_000).map(|n| format!("k{n} = 1, ")).collect::<Vec<_>>().concat()),
        (0..20_000).map(|n| format!("k{n} = 1\n")).collect::<Vec<_>>().concat(),
    ];
    for text in &broken {
        let files = Memory::of(&[("infra/main.tf", text), ("infra/ok.tf", "resource \"a\" \"b\" {}\n")]);
        let (configuration, _) = Configuration::load(&files, Path::new("infra"), &mut Sources::default()).unwrap();
        assert!(configuration.place("a.b").is_some());
        let start: String = text.chars().take(12).collect();
        assert!(started.elapsed() < Duration::from_secs(100), "{start}: {:?}", started.elapsed());
    }
}

#[test]
fn a_deep_expression_fits_the_stack() {
    let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let chain: String = (1..100)
        .map(|n| format!("  a{n} = try([for x in [local.a{}] : x][0], 1)\n", n - 1))
        .collect::<Vec<_>>()
        .concat();
    let declarations = format!("locals {{\n  a0 = {nested}\n{chain}}}");
    let text = eval_in(&declarations, "jsonencode(flatten(local.a99))", &Plan::default());
    assert!(text.contains("nested too deeply"), "{text}");
    let json = format!("{}{}", "[".repeat(140), "]".repeat(140));
    assert!(eval(&format!("jsondecode(\"{json}\")")).starts_with("[["));
}

/// Every place of a value, those of its unknowns included.
fn places(value: &crate::model::Value, out: &mut Vec<crate::source::Span>) {
    use crate::model::Data;
    out.push(value.span);
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| places(item, out)),
        Data::Map(entries) => entries.iter().for_each(|entry| {
            out.push(entry.key_span);
            places(&entry.value, out);
        }),
        Data::Json(inner) => places(inner, out),
        Data::Unknown(unknown) => out.push(unknown.span),
        _ => {}
    }
}

const WORDS: [&str; 62] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "%{ if ",
    "%{ else }",
    "%{ endif }",
    "%{ for x in ",
    "%{ endfor }",
    "~}",
    "<<-E\n",
    "\n  E\n",
    "<<E\n",
    "\nE\n",
    "\n",
    ",",
    ":",
    "=",
    "=>",
    "...",
    "?",
    ".",
    "[*]",
    ".*",
    "!",
    "-",
    "+",
    "==",
    "&&",
    "for x in ",
    "for k, v in ",
    " if ",
    "local.a",
    "var.v",
    "each.value",
    "count.index",
    "aws_s3_bucket.b",
    ".arn",
    "data.aws_iam_policy_document.d.json",
    "module.m.o",
    "path.module",
    "jsonencode(",
    "jsondecode(",
    "templatefile(",
    "replace(",
    "format(",
    "try(",
    "merge(",
    "concat(",
    "flatten(",
    "1",
    "null",
    "true",
    "\\\"",
    "\u{fc}",
    "a",
    "{\"a\":",
    "\"x\"",
];

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2026),
        ..proptest::test_runner::Config::default()
    })]
    #[test]
    fn no_expression_panics_or_leaves_its_files(words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..24)) {
        let soup = words.concat();
        for expression in [soup.clone(), format!("\"{soup}\""), format!("<<-E\n  {soup}\n  E"), format!("[{soup}]")] {
            let text = format!(
                "locals {{\n  a = {{ b = 1 }}\n}}\nvariable \"v\" {{\n  default = [1, \"x\"]\n}}\nresource \"aws_s3_bucket\" \"b\" {{}}\n\
                 resource \"x\" \"y\" {{\n  policy = {expression}\n}}\n"
            );
            let loaded = load(&[("infra/main.tf", &text), ("infra/t.tftpl", &soup)]);
            let Some(value) = loaded.configuration.argument("x.y", "policy", &Plan::default()) else { continue };
            let mut spans = Vec::new();
            places(&value, &mut spans);
            for span in spans.into_iter().filter(|span| *span != super::nowhere()) {
                let source = loaded.sources.get(span.file).expect("a file of the run");
                proptest::prop_assert!(span.range().end <= source.text().len());
                proptest::prop_assert!(source.text().get(span.range()).is_some(), "{span:?} of {text}");
            }
        }
    }
}

#[test]
fn what_terraform_refuses_is_told() {
    let bucket = "resource \"aws_s3_bucket\" \"b\" {}\n";
    for text in [
        "resource \"aws_s3_bucket\" {\n}\n".to_owned(),
        "resource \"aws_s3_bucket\" \"a\" \"b\" {\n}\n".to_owned(),
        "Resource \"aws_s3_bucket\" \"b\" {\n}\n".to_owned(),
        "resources \"aws_s3_bucket\" \"b\" {\n}\n".to_owned(),
        format!("{bucket}resource \"aws_s3_bucket\" \"b\" {{\n  count = 0\n}}\n"),
        "module \"m\" {\n  source = \"./m\"\n}\nmodule \"m\" {\n  source = \"./n\"\n}\n".to_owned(),
        "locals {\n  n = 1\n}\nlocals {\n  n = 0\n}\n".to_owned(),
        "variable \"n\" {}\nvariable \"n\" {}\n".to_owned(),
    ] {
        let loaded = load(&[("infra/main.tf", &text)]);
        assert!(loaded.configuration.broken().is_some(), "{text}");
        assert_eq!(loaded.notices.len(), 1, "{text}");
    }
    let json = load(&[("infra/main.tf.json", r#"{"Resource": {"aws_s3_bucket": {"b": {}}}}"#)]);
    assert!(json.configuration.broken().is_some());
    let other = "terraform {}\nprovider \"aws\" {}\nmoved {}\nimport {}\nremoved {}\ncheck \"c\" {}\n";
    let over = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x\"\n}\n";
    let loaded = load(&[("infra/main.tf", &format!("{bucket}{other}")), ("infra/x_override.tf", over)]);
    assert!(loaded.configuration.broken().is_none() && loaded.notices.is_empty());
}
