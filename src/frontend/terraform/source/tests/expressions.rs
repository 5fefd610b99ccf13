//! Expressions and functions, one by one.

use super::{Plan, eval, eval_in};
use crate::frontend::terraform::source::InstanceKey;
use crate::model::{Data, Text};

/// Expressions with what they come to.
fn check(cases: &[(&str, &str)]) {
    for (expression, wanted) in cases {
        assert_eq!(eval(expression), *wanted, "{expression}");
    }
}

#[test]
fn literals_templates_and_heredocs() {
    check(&[
        ("null", "null"),
        ("true", "true"),
        ("12", "12"),
        ("\"a\\tb $${x} %%{y}\"", r#""a\tb ${x} %{y}""#),
        ("\"a${1 + 1}b\"", "\"a2b\""),
        ("\"${[1, 2]}\"", "[1,2]"),
        ("\"%{ if true }yes%{ else }no%{ endif }\"", "\"yes\""),
        ("\"%{ for i, x in [\"a\", \"b\"] ~} ${i}${x} %{~ endfor }\"", "\"0a1b\""),
        ("<<EOT\n  a\n b\nEOT", r#""  a\n b\n""#),
        ("<<-EOT\n    a\n      ${1}\n  EOT", r#""a\n  1\n""#),
        ("<<EOT\na \\n ${\"x\"}\nEOT", r#""a \\n x\n""#),
    ]);
}

#[test]
fn operators_and_conditionals() {
    check(&[
        ("1 + 2 * 3", "7"),
        ("-(5 - 7)", "2"),
        ("7 % 4 / 2", "1.5"),
        ("1 / 0", "?(division by zero)"),
        ("!false && (1 < 2 || 1 > 2)", "true"),
        ("1 <= 1 && 2 >= 3", "false"),
        ("\"a\" == \"a\"", "true"),
        ("[1, \"x\"] != [1, \"x\"]", "false"),
        ("{ a = 1 } == { a = 2 }", "false"),
        ("null == null", "true"),
        ("\"a\" == null", "false"),
        ("true ? 1 : 2", "1"),
        ("1 == 2 ? 1 : 2", "2"),
        ("timestamp() == \"\" ? \"same\" : \"same\"", "\"same\""),
        ("false && timestamp() == \"\"", "false"),
        ("true || timestamp() == \"\"", "true"),
    ]);
    let unknown = eval("timestamp() == \"\" ? 1 : 2");
    assert_eq!(
        unknown,
        "?(the condition `timestamp() == \"\"` is not known: the function `timestamp` is not evaluated)"
    );
}

#[test]
fn collections_for_and_splats() {
    check(&[
        ("[1, 2][1]", "2"),
        ("{ a = 1, \"b\" = 2, (\"c\") = 3 }[\"c\"]", "3"),
        ("{ a = { b = 1 } }.a.b", "1"),
        ("{ a = 1 }.b", "?(the object has no attribute `b`)"),
        ("[1][7]", "?(the list has no item `7`)"),
        ("[for x in [1, 2, 3] : x * 2 if x > 1]", "[4,6]"),
        ("[for k, v in { a = 1 } : \"${k}${v}\"]", "[\"a1\"]"),
        ("{ for i, x in [\"a\", \"b\"] : x => i }", "{a:0,b:1}"),
        ("{ for x in [\"a\", \"b\", \"aa\"] : substr(x, 0, 1) => x... }", "{a:[\"a\",\"aa\"],b:[\"b\"]}"),
        ("[{ a = 1 }, { a = 2 }][*].a", "[1,2]"),
        ("[{ a = [1] }, { a = [2] }].*.a[0]", "[1]"),
        ("[{ a = [1] }, { a = [2] }][*].a[0]", "[1,2]"),
        ("null[*]", "[]"),
        ("{ a = 1 }[*].a", "[1]"),
    ]);
}

#[test]
fn functions_on_text() {
    check(&[
        ("format(\"%s-%d%%\", \"a\", 3)", "\"a-3%\""),
        ("formatlist(\"%s/*\", [\"a\", \"b\"])", "[\"a/*\",\"b/*\"]"),
        ("join(\",\", [\"a\", 1])", "\"a,1\""),
        ("lower(\"AbC\")", "\"abc\""),
        ("upper(\"AbC\")", "\"ABC\""),
        ("title(\"ab cd\")", "\"Ab Cd\""),
        ("trimspace(\" a \")", "\"a\""),
        ("trim(\"xax\", \"x\")", "\"a\""),
        ("trimprefix(\"xxa\", \"x\")", "\"xa\""),
        ("trimsuffix(\"axx\", \"x\")", "\"ax\""),
        ("replace(\"a.b.c\", \".\", \"-\")", "\"a-b-c\""),
        ("startswith(\"abc\", \"ab\")", "true"),
        ("endswith(\"abc\", \"ab\")", "false"),
        ("strcontains(\"abc\", \"b\")", "true"),
        ("split(\",\", \"a,b\")", "[\"a\",\"b\"]"),
        ("substr(\"hello\", 1, 3)", "\"ell\""),
        ("substr(\"hello\", -3, -1)", "\"llo\""),
        ("abs(-2)", "2"),
        ("max(1, 3, 2)", "3"),
    ]);
}

#[test]
fn functions_on_collections() {
    check(&[
        ("concat([1], [], [2])", "[1,2]"),
        ("concat([[1], [2]]...)", "[1,2]"),
        ("flatten([[1, [2]], 3])", "[1,2,3]"),
        ("compact([\"a\", \"\", null])", "[\"a\"]"),
        ("distinct([\"a\", \"b\", \"a\"])", "[\"a\",\"b\"]"),
        ("merge({ a = 1, b = 1 }, { b = 2 })", "{a:1,b:2}"),
        ("lookup({ a = 1 }, \"a\", 2)", "1"),
        ("lookup({ a = 1 }, \"b\", 2)", "2"),
        ("try({}.a, {}.b, 3)", "3"),
        ("try(bcrypt(\"a\"), 3)", "?(the function `bcrypt` is not evaluated)"),
        ("can({}.a)", "false"),
        ("can([1][0])", "true"),
        ("coalesce(null, \"\", \"a\")", "\"a\""),
        ("coalescelist([], [1])", "[1]"),
        ("element([1, 2], 3)", "2"),
        ("keys({ b = 1, a = 2 })", "[\"a\",\"b\"]"),
        ("values({ b = 1, a = 2 })", "[2,1]"),
        ("length([1, 2])", "2"),
        ("length(\"abc\")", "3"),
        ("contains([\"a\"], \"a\")", "true"),
        ("contains([\"a\"], \"b\")", "false"),
        ("setunion([\"b\"], [\"a\", \"b\"])", "[\"a\",\"b\"]"),
        ("setsubtract([\"a\", \"b\"], [\"a\"])", "[\"b\"]"),
        ("setintersection([\"a\", \"b\"], [\"a\"])", "[\"a\"]"),
        ("sort([\"b\", \"a\"])", "[\"a\",\"b\"]"),
        ("reverse([1, 2])", "[2,1]"),
        ("one([])", "null"),
        ("one([1])", "1"),
        ("range(3)", "[0,1,2]"),
        ("range(1, 6, 2)", "[1,3,5]"),
        ("zipmap([\"a\"], [1])", "{a:1}"),
        ("slice([1, 2, 3], 1, 2)", "[2]"),
        ("setproduct([\"a\", \"b\"], [1])", "[[\"a\",1],[\"b\",1]]"),
        ("anytrue([false, true])", "true"),
        ("alltrue([false, true])", "false"),
        ("[for x in toset([\"b\", \"a\", \"b\"]) : x]", "[\"a\",\"b\"]"),
    ]);
}

#[test]
fn conversions() {
    check(&[
        ("tostring(1)", "\"1\""),
        ("tobool(\"true\")", "true"),
        ("tobool(\"x\")", "?(the value is not a boolean)"),
        ("tonumber(\"2\")", "2"),
        ("tolist(toset([\"a\"]))", "[\"a\"]"),
        ("tomap({ a = 1 })", "{a:1}"),
        ("jsonencode({ a = [true, null] })", "json({a:[true,null]})"),
        ("jsondecode(\"{\\\"a\\\": [1, \\\"x\\\"]}\").a[1]", "\"x\""),
        ("jsondecode(jsonencode({ a = 1 })).a", "1"),
        ("jsondecode(\"{\")", &eval("jsondecode(\"{\")")),
    ]);
    assert!(eval("jsondecode(\"{\")").starts_with("?(the string is not valid JSON"));
}

#[test]
fn variables_have_values_defaults_and_types() {
    let declarations = r#"
        variable "flag" {
          type    = bool
          default = "true"
        }
        variable "given" { type = number }
        variable "absent" {}
        variable "secret" {
          default   = { key = "hunter2", flag = true }
          sensitive = true
        }
        variable "strict" {
          default  = "d"
          nullable = false
        }
        variable "shape" {
          type = object({ a = string, b = optional(bool, true), c = optional(list(string)) })
        }
    "#;
    let shape = Data::Map(
        [crate::model::Entry {
            key: "a".to_owned(),
            key_span: super::nowhere(),
            value: crate::model::Value::new(super::nowhere(), Data::Number("1".to_owned())),
        }]
        .into(),
    );
    let plan = || {
        Plan::default()
            .variable("given", Data::Text(Text::literal("7")))
            .variable("strict", Data::Null)
            .variable("shape", shape.clone())
    };
    let check = |expression: &str, wanted: &str| assert_eq!(eval_in(declarations, expression, &plan()), wanted);
    check("var.flag", "true");
    check("var.given", "7");
    check("var.strict", "\"d\"");
    check("var.shape", "{a:\"1\",b:true,c:null}");
    check("var.absent", "?(the value of variable `absent` is not known)");
    check("var.secret", "{key:\"${var.secret.key}\",flag:true}");
    check("var.secret.key == var.secret.key", "true");
    check("sensitive(\"s\")", "\"${sensitive(…)}\"");
    check("var.nothing", "?(`var.nothing` is not declared in the source)");
}

#[test]
fn resources_and_their_instances() {
    let declarations = r#"
        resource "aws_s3_bucket" "one" {}
        resource "aws_s3_bucket" "counted" { count = 2 }
        resource "aws_s3_bucket" "named" { for_each = toset(["k.1", "k.2"]) }
        resource "aws_s3_bucket" "open" { for_each = var.open }
        variable "open" {}
    "#;
    let check = |expression: &str, wanted: &str| {
        assert_eq!(eval_in(declarations, expression, &Plan::default()), wanted, "{expression}");
    };
    check("aws_s3_bucket.one.arn", "\"arn:aws:s3:::<aws_s3_bucket.one>\"");
    check("aws_s3_bucket.counted[1].id", "\"<aws_s3_bucket.counted[1]>\"");
    check("aws_s3_bucket.counted[*].id", "[\"<aws_s3_bucket.counted[0]>\",\"<aws_s3_bucket.counted[1]>\"]");
    check("try(aws_s3_bucket.counted[2].id, \"none\")", "\"none\"");
    check("aws_s3_bucket.named[\"k.1\"].id", "\"<aws_s3_bucket.named[\\\"k.1\\\"]>\"");
    check("[for k, b in aws_s3_bucket.named : k]", "[\"k.1\",\"k.2\"]");
    check("aws_s3_bucket.open[\"x\"].id", "\"<aws_s3_bucket.open[\\\"x\\\"]>\"");
    check("values(aws_s3_bucket.open)", &eval_in(declarations, "values(aws_s3_bucket.open)", &Plan::default()));
    check("aws_s3_bucket.gone.id", "?(`aws_s3_bucket.gone` is not declared in the source)");
    let plan = Plan::default().instances("aws_s3_bucket.open", &[InstanceKey::Text("x".into())]);
    assert_eq!(eval_in(declarations, "keys(aws_s3_bucket.open)", &plan), "[\"x\"]");
}

#[test]
fn equal_references_are_equal_unknowns() {
    let declarations =
        "data \"aws_region\" \"r\" {}\nresource \"aws_iam_role\" \"a\" {}\nresource \"aws_iam_role\" \"b\" {}";
    let check = |expression: &str, wanted: &str| {
        assert_eq!(eval_in(declarations, expression, &Plan::default()), wanted, "{expression}");
    };
    check("aws_iam_role.a.arn == aws_iam_role.a.arn", "true");
    check("aws_iam_role.a.arn == aws_iam_role.b.arn ? 1 : 1", "1");
    check("\"x-${data.aws_region.r.name}\" == \"x-${data.aws_region.r.name}\"", "true");
    check("distinct([aws_iam_role.a.arn, aws_iam_role.a.arn, aws_iam_role.b.arn])[1]", "\"${aws_iam_role.b.arn}\"");
    check("replace(\"x_NAME_\", \"_NAME_\", aws_iam_role.a.id)", "\"x${aws_iam_role.a.id}\"");
}

/// Each as the console of Terraform 1.11.4 shows it, or unknown.
#[test]
fn collections_are_of_one_type_where_terraform_makes_them_so() {
    check(&[
        ("setsubtract([\"1\", \"2\"], [2])", "[\"1\"]"),
        ("setsubtract([1, 2], [\"2\"])", "[\"1\"]"),
        ("setintersection([1, 2], [\"2\"], [2])", "[\"2\"]"),
        ("setintersection([true], [\"true\"])", "[\"true\"]"),
        ("compact([1, \"\", 2])", "[\"1\",\"2\"]"),
        ("compact([\"a\", null, true])", "[\"a\",\"true\"]"),
        ("concat([1], [\"a\"])", "[1,\"a\"]"),
        ("concat(tolist([1]), tolist([\"a\"]))", "[\"1\",\"a\"]"),
        ("lookup({ a = 1 }, \"b\", \"x\")", "\"x\""),
        ("lookup(tomap({ a = 1 }), \"b\", \"2\")", "2"),
        ("lookup(tomap({ a = \"x\" }), \"b\", 2)", "\"2\""),
        ("chunklist([1, \"a\"], 1)", "[[\"1\"],[\"a\"]]"),
        ("sort([2, \"1\", true])", "[\"1\",\"2\",\"true\"]"),
        ("sort(toset([3, 1]))", "[\"1\",\"3\"]"),
        ("matchkeys([1, 2], [\"1\", \"2\"], [2])", "[2]"),
        ("matchkeys([\"a\", \"b\"], [1, 2], [\"2\"])", "[\"b\"]"),
        ("setproduct([1, \"a\"], [true])", "[[\"1\",true],[\"a\",true]]"),
        ("contains([\"1\"], 1)", "false"),
    ]);
}

#[test]
fn markers_strip_their_own_line_only() {
    check(&[
        (
            "<<EOT\nx:\n%{ for a in [\"p\", \"q\"] ~}\n  - ${a}\n%{ endfor ~}\ny: 1\nEOT",
            "\"x:\\n  - p\\n  - q\\ny: 1\\n\"",
        ),
        ("<<-EOT\n    %{ for a in [\"p\"] ~}\n    - ${a}\n    %{ endfor ~}\n    EOT", "\"    - p\\n\""),
        (
            "<<-EOT\n    a\n    %{~ if true }\n      b\n    %{ endif ~}\n    c\n    EOT",
            "\"    a\\n\\n      b\\n        c\\n\"",
        ),
        ("<<EOT\na  \n%{~ if true }b%{ endif ~}  \n  c\nEOT", "\"ab  c\\n\""),
        ("<<-EOT\n    a\n  \n    b\n    EOT", "\"a\\n  \\nb\\n\""),
        ("\"a\\n ${~ 1 ~} \\n b\"", "\"a1b\""),
    ]);
}

#[test]
fn parts_of_paths_are_those_of_go() {
    for (path, folder, name) in [
        ("/a/b/", "/a/b", "b"),
        ("/a/b", "/a", "b"),
        ("/a", "/", "a"),
        ("/", "/", "/"),
        ("a", ".", "a"),
        ("a/", "a", "a"),
        ("a//b", "a", "b"),
        ("a/../b/c", "b", "c"),
        ("/../a/b", "/a", "b"),
        ("", ".", "."),
    ] {
        assert_eq!(eval(&format!("dirname(\"{path}\")")), format!("\"{folder}\""), "{path}");
        assert_eq!(eval(&format!("basename(\"{path}\")")), format!("\"{name}\""), "{path}");
    }
}

#[test]
fn types_order_and_numbers_are_those_of_terraform() {
    check(&[
        ("\"1\" == 1", "false"),
        ("true == \"true\"", "false"),
        ("1 == 1.0", "true"),
        ("(true ? 1 : \"x\") == 1", "false"),
        ("tolist([\"a\"]) == [\"a\"]", "false"),
        ("tomap({ a = \"x\" }) == { a = \"x\" }", "false"),
        ("split(\",\", \"a,b\") == tolist([\"a\", \"b\"])", "true"),
        ("contains([1], \"1\")", "false"),
        ("contains(toset([\"1\"]), 1)", "false"),
        ("coalesce(1, \"x\") == 1", "false"),
        ("[for k, v in { b = 1, a = 2 } : k]", "[\"a\",\"b\"]"),
        ("[for k, v in merge({ b = 1 }, { a = 2 }) : v]", "[2,1]"),
        ("[for x in toset([10, 9]) : x]", "[9,10]"),
        ("\"%{ for k, v in { b = 1, a = 2 } }${k}%{ endfor }\"", "\"ab\""),
        ("\"v${2.50}-${1e1}\"", "\"v2.5-10\""),
        ("tonumber(\"010\")", "10"),
        ("12345678901234567890 + 1", "12345678901234567891"),
        ("floor(-1.5)", "-2"),
        ("max(0.1, 0.2)", "0.2"),
        ("5 % 0", "5"),
        ("tobool(\"1\")", "true"),
        ("substr(\"abc\", 5, 1)", "\"\""),
        ("0.1 + 0.2", "?(the digits of this number are not known)"),
        ("true ? 1 : []", "?(the sides are of different types)"),
    ]);
}
