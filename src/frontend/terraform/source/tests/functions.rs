//! Every function of Terraform and OpenTofu: evaluated, or named in the reason.

use super::{eval, eval_in, load};
use crate::frontend::terraform::source::tests::{Plan, shown};

/// A function that is not evaluated: its result hangs on the machine, the time or chance, or no policy is made with it.
const NAMED: &str = "named";

/// The functions of the references (<https://developer.hashicorp.com/terraform/language/functions> and
/// <https://opentofu.org/docs/language/functions>), each with a call and what Terraform makes of it.
const FUNCTIONS: [(&str, &str, &str); 129] = [
    ("abs", "abs(-2)", "2"),
    ("abspath", r#"abspath("a")"#, NAMED),
    ("alltrue", "alltrue([true, false])", "false"),
    ("anytrue", "anytrue([true, false])", "true"),
    ("base64decode", r#"base64decode("Yco=")"#, "?(the string is not Base64 of UTF-8 text)"),
    ("base64encode", r#"base64encode("aö")"#, r#""YcO2""#),
    ("base64gunzip", r#"base64gunzip("a")"#, NAMED),
    ("base64gzip", r#"base64gzip("a")"#, NAMED),
    ("base64sha256", r#"base64sha256("a")"#, r#""ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=""#),
    ("base64sha512", r#"length(base64sha512("a"))"#, "88"),
    ("basename", r#"basename("a/b/c.txt")"#, r#""c.txt""#),
    ("bcrypt", r#"bcrypt("a")"#, NAMED),
    ("can", r#"can(regex("b", "a"))"#, "false"),
    ("ceil", "ceil(1.2)", "2"),
    ("chomp", r#"chomp("a\n")"#, r#""a""#),
    ("chunklist", r#"chunklist(["a", "b", "c"], 2)"#, r#"[["a","b"],["c"]]"#),
    ("cidrcontains", r#"cidrcontains("10.0.0.0/8", "10.1.1.1")"#, NAMED),
    ("cidrhost", r#"cidrhost("10.0.0.0/8", 2)"#, r#""10.0.0.2""#),
    ("cidrnetmask", r#"cidrnetmask("10.0.0.0/8")"#, r#""255.0.0.0""#),
    ("cidrsubnet", r#"cidrsubnet("10.0.0.0/8", 8, 2)"#, r#""10.2.0.0/16""#),
    ("cidrsubnets", r#"cidrsubnets("10.0.0.0/8", 8)"#, r#"["10.0.0.0/16"]"#),
    ("coalesce", r#"coalesce("", "b")"#, r#""b""#),
    ("coalescelist", r#"coalescelist([], ["b"])"#, r#"["b"]"#),
    ("compact", r#"compact(["a", null, ""])"#, r#"["a"]"#),
    ("concat", r#"concat(["a"], [1])"#, r#"["a",1]"#),
    ("contains", r#"contains(["a"], "a")"#, "true"),
    ("convert", r#"convert({ a = "1" }, object({ a = number, b = optional(string, "x") }))"#, r#"{a:1,b:"x"}"#),
    ("csvdecode", r#"csvdecode("a,b\n1,\"2,\"\"3\"\r\n\nx,\n")"#, r#"[{a:"1",b:"2,\"3"},{a:"x",b:""}]"#),
    ("dirname", r#"dirname("a/b/c.txt")"#, r#""a/b""#),
    ("distinct", r#"distinct(["a", "a"])"#, r#"["a"]"#),
    ("element", r#"element(["a", "b"], 3)"#, r#""b""#),
    ("endswith", r#"endswith("ab", "b")"#, "true"),
    ("ephemeralasnull", r#"ephemeralasnull("a")"#, NAMED),
    ("file", r#"file("a.txt")"#, r#""text\n""#),
    ("filebase64", r#"filebase64("a.txt")"#, r#""dGV4dAo=""#),
    ("filebase64sha256", r#"length(filebase64sha256("a.txt"))"#, "44"),
    ("filebase64sha512", r#"length(filebase64sha512("a.txt"))"#, "88"),
    ("fileexists", r#"fileexists("a.txt")"#, "true"),
    ("filemd5", r#"filemd5("a.txt")"#, r#""e1cbb0c3879af8347246f12c559a86b5""#),
    ("fileset", r#"fileset(path.module, "*.txt")"#, NAMED),
    ("filesha1", r#"filesha1("a.txt")"#, r#""aa785adca3fcdfe1884ae840e13c6d294a2414e8""#),
    ("filesha256", r#"length(filesha256("a.txt"))"#, "64"),
    ("filesha512", r#"length(filesha512("a.txt"))"#, "128"),
    ("flatten", r#"flatten(["a", ["b", []]])"#, r#"["a","b"]"#),
    ("floor", "floor(-0.5)", "-1"),
    (
        "format",
        r#"format("%05d|%5s|%-5s|%x|%X|%.2f|%+d|%[2]s", 3, "a", "b", 255, 255, 3.14159, 7)"#,
        r#""00003|    a|b    |ff|FF|3.14|+7|a""#,
    ),
    ("formatdate", r#"formatdate("YYYY", "2018-01-02T23:12:01Z")"#, r#""2018""#),
    ("formatlist", r#"formatlist("%s-%02d", ["a", "b"], 1)"#, r#"["a-01","b-01"]"#),
    ("indent", r#"indent(2, "a\nb")"#, r#""a\n  b""#),
    ("index", r#"index(["a", "b"], "b")"#, "1"),
    ("issensitive", r#"issensitive("a")"#, NAMED),
    ("join", r#"join(",", ["a"], ["b"])"#, r#""a,b""#),
    ("jsondecode", r#"jsondecode("{\"a\": [1]}")"#, "{a:[1]}"),
    ("jsonencode", "jsonencode({ a = 1 })", "json({a:1})"),
    ("keys", "keys({ b = 1, a = 2 })", r#"["a","b"]"#),
    ("length", r#"length("ö")"#, "1"),
    ("log", "log(16, 2)", "4"),
    ("lookup", r#"lookup({ a = 1 }, "b", 2)"#, "2"),
    ("lower", r#"lower("A")"#, r#""a""#),
    ("matchkeys", r#"matchkeys(["i1", "i2", "i3"], ["a", "b", "a"], ["a"])"#, r#"["i1","i3"]"#),
    ("max", "max(1, 3)", "3"),
    ("md5", r#"md5("a")"#, r#""0cc175b9c0f1b6a831c399e269772661""#),
    ("merge", "merge({ a = 1 }, null, { b = 2 })", "{a:1,b:2}"),
    ("min", "min(1, 3)", "1"),
    ("nonsensitive", r#"nonsensitive("a")"#, r#""a""#),
    ("one", r#"one(["a"])"#, r#""a""#),
    ("parseint", r#"parseint("-FF", 16)"#, "-255"),
    ("pathexpand", r#"pathexpand("~/a")"#, NAMED),
    ("plantimestamp", "plantimestamp()", NAMED),
    ("pow", "pow(3, 2)", "9"),
    ("provider::aws::arn_build", r#"provider::aws::arn_build("aws", "s3", "", "", "b/*")"#, r#""arn:aws:s3:::b/*""#),
    ("provider::aws::arn_parse", r#"provider::aws::arn_parse("arn:aws:s3:::b/a:c").resource"#, r#""b/a:c""#),
    ("provider::aws::trim_iam_role_path", r#"provider::aws::trim_iam_role_path("a")"#, NAMED),
    ("provider::aws::user_agent", r#"provider::aws::user_agent("a", "", "")"#, NAMED),
    ("provider::terraform::decode_tfvars", r#"provider::terraform::decode_tfvars("a = 1")"#, NAMED),
    ("provider::terraform::encode_expr", r#"provider::terraform::encode_expr("a")"#, NAMED),
    ("provider::terraform::encode_tfvars", "provider::terraform::encode_tfvars({})", NAMED),
    ("range", "range(5, 0, -2)", "[5,3,1]"),
    ("regex", r#"regex("(?P<year>\\d+)-(?P<m>\\d\\d)", "on 2019-02")"#, r#"{year:"2019",m:"02"}"#),
    ("regexall", r#"regexall("[a-z]+", "1234abcd5678efgh9")"#, r#"["abcd","efgh"]"#),
    ("replace", r#"replace("hello", "/(l)(l)/", "$2-$1x${1}y$$")"#, r#""hel-$o""#),
    ("reverse", r#"reverse(["a", "b"])"#, r#"["b","a"]"#),
    ("rsadecrypt", r#"rsadecrypt("a", "b")"#, NAMED),
    ("sensitive", r#"sensitive("a")"#, r#""${sensitive(…)}""#),
    ("setintersection", r#"setintersection(["a", "b"], ["b"], ["b", "c"])"#, r#"["b"]"#),
    ("setproduct", r#"setproduct(["a"], ["b", "c"])"#, r#"[["a","b"],["a","c"]]"#),
    ("setsubtract", r#"setsubtract(["a", "b"], ["b"])"#, r#"["a"]"#),
    ("setunion", r#"setunion(["a"], ["b"])"#, r#"["a","b"]"#),
    ("sha1", r#"sha1("a")"#, r#""86f7e437faa5a7fce15d1ddcb9eaeaea377667b8""#),
    ("sha256", r#"substr(sha256("a"), 0, 8)"#, r#""ca978112""#),
    ("sha512", r#"substr(sha512("a"), 0, 8)"#, r#""1f40fc92""#),
    ("signum", "signum(-3)", "-1"),
    ("slice", r#"slice(["a", "b"], 0, 1)"#, r#"["a"]"#),
    ("sort", r#"sort(["b", "a"])"#, r#"["a","b"]"#),
    ("split", r#"split(",", "")"#, r#"[""]"#),
    ("startswith", r#"startswith("ab", "a")"#, "true"),
    ("strcontains", r#"strcontains("ab", "b")"#, "true"),
    ("strrev", r#"strrev("ab")"#, r#""ba""#),
    ("substr", r#"substr("hello", -3, 2)"#, r#""ll""#),
    ("sum", "sum([1, 2.5])", "3.5"),
    ("templatefile", r#"templatefile("a.tftpl", { x = "y" })"#, r#""y!\n""#),
    ("templatestring", r#"templatestring(local.template, { x = "y" })"#, r#""y-${x}""#),
    ("textdecodebase64", r#"textdecodebase64("YQ==", "UTF-8")"#, r#""a""#),
    ("textencodebase64", r#"textencodebase64("a", "UTF-16LE")"#, NAMED),
    ("timeadd", r#"timeadd("2018-01-02T23:12:01Z", "1h")"#, r#""2018-01-03T00:12:01Z""#),
    ("timecmp", r#"timecmp("2018-01-02T23:12:01Z", "2018-01-02T23:12:01Z")"#, "0"),
    ("timestamp", "timestamp()", NAMED),
    ("title", r#"title("foo-bar BAZ")"#, r#""Foo-Bar BAZ""#),
    ("tobool", r#"tobool("true")"#, "true"),
    ("tolist", r#"tolist(["a"])"#, r#"["a"]"#),
    ("tomap", "tomap({ a = 1 })", "{a:1}"),
    ("tonumber", r#"tonumber("2")"#, "2"),
    ("toset", r#"toset(["b", "a", "b"])"#, r#"["a","b"]"#),
    ("tostring", "tostring(1)", r#""1""#),
    ("transpose", r#"transpose({ a = ["1", "2"], b = ["2"] })"#, r#"{1:["a"],2:["a","b"]}"#),
    ("trim", r#"trim("?!hello?!", "!?")"#, r#""hello""#),
    ("trimprefix", r#"trimprefix("ab", "a")"#, r#""b""#),
    ("trimspace", r#"trimspace(" a ")"#, r#""a""#),
    ("trimsuffix", r#"trimsuffix("ab", "b")"#, r#""a""#),
    ("try", "try({}.a, 1)", "1"),
    ("upper", r#"upper("a")"#, r#""A""#),
    ("urldecode", r#"urldecode("a+b%2F%C3%B6")"#, r#""a b/ö""#),
    ("urlencode", r#"urlencode("a b/ö*~")"#, r#""a+b%2F%C3%B6%2A~""#),
    ("uuid", "uuid()", NAMED),
    ("uuidv5", r#"uuidv5("dns", "a")"#, NAMED),
    ("values", "values({ b = 1, a = 2 })", "[2,1]"),
    ("yamldecode", r#"yamldecode("a: [1, '2', yes, ~]")"#, r#"{a:[1,"2",true,null]}"#),
    ("yamlencode", "yamldecode(yamlencode({ a = [1] })).a", "[1]"),
    // `zipmap` closes the list.
    ("zipmap", r#"zipmap(["a"], [1])"#, "{a:1}"),
];

fn evaluated(expression: &str) -> String {
    let main = format!(
        "locals {{\n  template = \"$${{x}}-$$${{x}}\"\n}}\nresource \"test\" \"it\" {{\n  value = {expression}\n}}\n"
    );
    let files = [("infra/main.tf", main.as_str()), ("infra/a.txt", "text\n"), ("infra/a.tftpl", "${x}!\n")];
    shown(&load(&files).argument("test.it", "value", &Plan::default()))
}

#[test]
fn every_function_is_evaluated_or_named() {
    for (name, call, wanted) in FUNCTIONS {
        assert!(call.contains(&format!("{name}(")), "{name} is not called by {call}");
        let wanted =
            if wanted == NAMED { format!("?(the function `{name}` is not evaluated)") } else { wanted.to_owned() };
        assert_eq!(evaluated(call), wanted, "{call}");
    }
    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    assert!(names.is_sorted(), "each once, in order");
}

#[test]
fn a_function_of_unknown_values_is_unknown_and_the_same_each_time() {
    let declarations = "resource \"random_id\" \"x\" {}\nresource \"random_id\" \"y\" {}";
    let same = |one: &str, two: &str| eval_in(declarations, &format!("{one} == {two} ? 1 : 2"), &Plan::default());
    for function in [
        "md5(X)",
        "regex(\"[a-z]+\", X)",
        "urlencode(X)",
        "format(\"%5s\", X)",
        "cidrhost(X, 1)",
        "replace(X, \"/a/\", \"b\")",
    ] {
        let of = |name: &str| function.replace('X', &format!("random_id.{name}.hex"));
        assert_eq!(same(&of("x"), &of("x")), "1", "{function}");
        assert!(same(&of("x"), &of("y")).starts_with("?(the condition"), "{function}");
    }
    assert!(same("uuid()", "uuid()").starts_with("?(the condition"));
}

#[test]
fn networks_and_moments_are_what_terraform_makes_of_them() {
    let check = |call: &str, wanted: &str| assert_eq!(eval(call), wanted, "{call}");
    // From the pages of the functions.
    check(r#"cidrhost("10.12.112.0/20", 16)"#, r#""10.12.112.16""#);
    check(r#"cidrhost("10.12.112.0/20", -1)"#, r#""10.12.127.255""#);
    check(r#"cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)"#, r#""fd00:fd12:3456:7890::22""#);
    check(r#"cidrnetmask("172.16.0.0/12")"#, r#""255.240.0.0""#);
    check(r#"cidrsubnet("172.16.0.0/12", 4, 2)"#, r#""172.18.0.0/16""#);
    check(r#"cidrsubnet("10.1.2.0/24", 4, 15)"#, r#""10.1.2.240/28""#);
    check(r#"cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)"#, r#""fd00:fd12:3456:7800:a200::/72""#);
    check(
        r#"cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)"#,
        r#"["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"]"#,
    );
    check(r#"timeadd("2017-11-22T00:00:00Z", "10m")"#, r#""2017-11-22T00:10:00Z""#);
    check(r#"timeadd("2024-02-29T23:30:00+02:00", "-24h45m")"#, r#""2024-02-28T22:45:00+02:00""#);
    check(r#"formatdate("DD.MM.YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z")"#, r#""02.01.2018 23:12 UTC""#);
    check(r#"formatdate("H'h'mAA", "2018-01-02T23:12:01-08:00")"#, r#""11h12PM""#);
    check(r#"timecmp("2017-11-22T00:00:00Z", "2017-11-22T01:00:00+01:30")"#, "1");
    for (name, call) in [
        ("cidrhost", r#"cidrhost("10.0.0.0/30", 4)"#),
        ("cidrhost", r#"cidrhost("10.0.0.0/33", 0)"#),
        ("cidrhost", r#"cidrhost("::ffff:0:0/96", 1)"#),
        ("cidrnetmask", r#"cidrnetmask("fd00::/8")"#),
        ("cidrsubnet", r#"cidrsubnet("::/0", 128, 0.5)"#),
        ("cidrsubnet", r#"cidrsubnet("10.0.0.0/8", 32, 0)"#),
        ("cidrsubnets", r#"cidrsubnets("10.0.0.0/31", 1, 1, 1)"#),
        ("timeadd", r#"timeadd("2017-11-22T00:00:00Z", "1.5h")"#),
        ("timeadd", r#"timeadd("2017-11-22", "1h")"#),
        ("timeadd", r#"timeadd("9999-12-31T23:00:00Z", "9223372036854775807s")"#),
        ("formatdate", r#"formatdate("EEEE", "2018-01-02T23:12:01Z")"#),
    ] {
        assert_eq!(eval(call), format!("?(the arguments of `{name}` cannot be used)"), "{call}");
    }
}

#[test]
fn encoded_values_come_back_with_their_unknown_parts() {
    let declarations = "resource \"random_id\" \"x\" {}";
    let check = |expression: &str, wanted: &str| {
        assert_eq!(eval_in(declarations, expression, &Plan::default()), wanted, "{expression}");
    };
    check("base64decode(base64encode(\"a-${random_id.x.hex}\"))", r#""a-${random_id.x.hex}""#);
    check("base64decode(base64encode(jsonencode({ a = random_id.x.hex })))", r#"json({a:"${random_id.x.hex}"})"#);
    check("yamldecode(yamlencode({ a = random_id.x.hex })).a", r#""${random_id.x.hex}""#);
    check("yamldecode(jsonencode({ a = random_id.x.hex })).a", r#""${random_id.x.hex}""#);
    check("yamldecode(\"a: x-${random_id.x.hex}/*\").a", r#""x-${random_id.x.hex}/*""#);
    check("yamldecode(\"a: ${jsonencode([1])}\").a", "[1]");
    check("\"a${base64encode(\"b${random_id.x.hex}\")}\"", r#""a${base64encode(…)}""#);
    check("jsondecode(yamlencode({}))", "?(an encoded value stands where a value is expected)");
}

#[test]
fn yaml_is_read_as_terraform_reads_it() {
    let check = |yaml: &str, wanted: &str| {
        assert_eq!(eval(&format!("yamldecode({yaml:?})")), wanted, "{yaml}");
    };
    check("Version: 2012-10-17", r#"{Version:"2012-10-17T00:00:00Z"}"#);
    check("Version: '2012-10-17'", r#"{Version:"2012-10-17"}"#);
    check("a: |\n  b\n", r#"{a:"b\n"}"#);
    check("a: [0755, 0x1F, .5, +1, 1_000, -2]", r#"{a:[755,31,0.5,1,"1_000",-2]}"#);
    check("[2012-1-7, 2012-10-17-x]", r#"["2012-01-07T00:00:00Z","2012-10-17-x"]"#);
    check("a: &x {k: y}\nb: {<<: *x, l: off}", "{a:{k:true},b:{k:true,l:false}}");
    check("a: !Ref b", "{a:?(the tag `!Ref` is not one that Terraform reads)}");
    assert!(eval("yamldecode(\"a: [\")").starts_with("?(the string is not valid YAML"));
}

#[test]
fn expressions_that_go_reads_otherwise_are_not_evaluated() {
    let check = |call: &str, wanted: &str| assert_eq!(eval(call), wanted, "{call}");
    check(r#"replace("a.b_c", "/[^a-z-]/", "-")"#, r#""a-b-c""#);
    check(r#"regex("(a)(b)?", "ac")"#, r#"["a",null]"#);
    check(r#"regex("[[:digit:]]+", "ab12")"#, r#""12""#);
    check(r#"regexall("x*", "axb")"#, r#"["","x",""]"#);
    check(r#"regex("[a&&b]", "b")"#, "?(the regular expression of `regex` is not evaluated)");
    check(r#"regex("\\w", "ö")"#, "?(the regular expression of `regex` is not evaluated)");
    check(r#"replace("a", "/(/", "")"#, "?(the regular expression of `replace` is not evaluated)");
    check(r#"regex("((a{500}){500}){500}", "a")"#, "?(the regular expression of `regex` is not evaluated)");
    check(r#"regex("(?P<a>a)(b)", "ab")"#, "?(the expression has groups with a name and groups without)");
}
