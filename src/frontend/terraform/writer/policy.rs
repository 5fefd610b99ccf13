//! The statement, and the places where a policy takes it: an object in `jsonencode`, a document's data source, JSON in a
//! heredoc.

use super::{File, Found, Writer};
use crate::frontend::writing::{self, Refusal};
use crate::source::Edit;
use crate::syntax::embedded::{self, Fragment, OffsetMap};
use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, FuncCall, Object, ObjectKey};

/// A policy may be named through locals; longer chains are not followed.
const MAX_HOPS: u32 = 8;

/// The ARNs of a bucket and of its objects, as expressions, and as the text inside of a template.
pub(super) struct Arns {
    bucket: String,
    objects: String,
    in_template: String,
    /// The bucket, as it is referred to; empty where it is only named.
    reference: String,
}

impl Arns {
    /// Of a bucket that is referred to so (`aws_s3_bucket.logs[count.index]`).
    pub(super) fn of(reference: &str) -> Self {
        Self {
            bucket: format!("{reference}.arn"),
            objects: format!("\"${{{reference}.arn}}/*\""),
            in_template: format!("${{{reference}.arn}}"),
            reference: reference.to_owned(),
        }
    }

    /// The ARN of the bucket inside of a template.
    pub(super) fn in_template(&self) -> &str {
        &self.in_template
    }

    /// Of the bucket that a policy names by this expression.
    pub(super) fn of_reference(expression: &str) -> Result<Self, Refusal> {
        let inner = expression.strip_prefix("\"${").and_then(|rest| rest.strip_suffix("}\""));
        let expression = inner.filter(|inner| !inner.contains(['"', '}'])).map_or(expression, str::trim);
        if let Some(bucket) = expression.strip_suffix(".id").or_else(|| expression.strip_suffix(".bucket"))
            && bucket.starts_with("aws_s3_bucket.")
            && !bucket.contains([' ', '(', '"', '\n'])
        {
            return Ok(Self::of(bucket));
        }
        // Quotes may stand in what is put in: `"${module.store["logs"].name}"`.
        let quoted = expression.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let name = match quoted {
            Some(name) if !name.contains('\\') => name.to_owned(),
            None if !expression.contains(['\n', '<', '#']) => format!("${{{expression}}}"),
            _ => return Err(Refusal::NoArn),
        };
        let arn = format!("arn:aws:s3:::{name}");
        Ok(Self {
            bucket: format!("\"{arn}\""),
            objects: format!("\"{arn}/*\""),
            in_template: arn,
            reference: String::new(),
        })
    }
}

/// The statement as an object, in lines or in one.
pub(super) fn object(arns: &Arns, sid: &str, lines: bool) -> String {
    let Arns { bucket, objects, .. } = arns;
    let condition = "{ Bool = { \"aws:SecureTransport\" = \"false\" } }";
    if lines {
        format!(
            "{{\n  Sid       = \"{sid}\"\n  Effect    = \"Deny\"\n  Principal = \"*\"\n  Action    = \"s3:*\"\n  \
             Resource  = [{bucket}, {objects}]\n  Condition = {condition}\n}}"
        )
    } else {
        format!(
            "{{ Sid = \"{sid}\", Effect = \"Deny\", Principal = \"*\", Action = \"s3:*\", Resource = [{bucket}, \
             {objects}], Condition = {condition} }}"
        )
    }
}

/// The statement as a block of a document's data source.
fn block(arns: &Arns, sid: &str) -> String {
    let Arns { bucket, objects, .. } = arns;
    format!(
        "\nstatement {{\n  sid       = \"{sid}\"\n  effect    = \"Deny\"\n  actions   = [\"s3:*\"]\n  resources = \
         [{bucket}, {objects}]\n\n  principals {{\n    type        = \"*\"\n    identifiers = [\"*\"]\n  }}\n\n  \
         condition {{\n    test     = \"Bool\"\n    variable = \"aws:SecureTransport\"\n    values   = [\"false\"]\n  \
         }}\n}}"
    )
}

/// Joins the statement to the policy that `document`, an expression in the file of `found`, comes to.
pub(super) fn add(
    writer: &Writer,
    found: Found<'_>,
    document: &Expression,
    arns: &Arns,
    hops: u32,
) -> Result<Vec<Edit>, Refusal> {
    if hops > MAX_HOPS {
        return Err(Refusal::Computed("policy"));
    }
    match document {
        Expression::Parenthesis(inner) => add(writer, found, inner.inner(), arns, hops + 1),
        Expression::FuncCall(call) if is_call(call, "jsonencode") => match call.args.iter().next() {
            Some(Expression::Object(object)) => into_object(found.file, object, arns),
            Some(other) => add(writer, found, other, arns, hops + 1),
            None => Err(Refusal::Lacks("Statement")),
        },
        Expression::FuncCall(call) if is_call(call, "file") || is_call(call, "templatefile") => {
            into_file(writer, found, call, arns)
        }
        Expression::Object(object) => into_object(found.file, object, arns),
        Expression::Conditional(choice) => {
            let mut edits = add(writer, found, &choice.true_expr, arns, hops + 1)?;
            edits.extend(add(writer, found, &choice.false_expr, arns, hops + 1)?);
            Ok(edits)
        }
        Expression::HeredocTemplate(_) => into_heredoc(found, document, arns),
        Expression::Traversal(_) => {
            let text = found.text(document).ok_or(Refusal::Layout)?;
            if let Some(name) = text.strip_prefix("local.").filter(|name| is_name(name)) {
                let (file, value) = writer.local(name).ok_or(Refusal::Computed("policy"))?;
                return add(writer, Found { file, ..found }, value, arns, hops + 1);
            }
            let name = data_source(text).ok_or(Refusal::Computed("policy"))?;
            into_document(writer, name, arns)
        }
        _ => Err(Refusal::Computed("policy")),
    }
}

/// The name in `data.aws_iam_policy_document.NAME.json`, with or without an instance key.
pub(super) fn data_source(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("data.aws_iam_policy_document.")?.strip_suffix(".json")?;
    let name = rest.split('[').next()?;
    let key = rest.get(name.len()..)?;
    (is_name(name) && (key.is_empty() || key.ends_with(']'))).then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn is_call(call: &FuncCall, name: &str) -> bool {
    !call.name.is_namespaced() && call.name.name.as_str() == name
}

fn into_document(writer: &Writer, name: &str, arns: &Arns) -> Result<Vec<Edit>, Refusal> {
    let missing = || Refusal::NotWrittenOut(format!("data.aws_iam_policy_document.{name}"));
    let found = writer.block("data", &["aws_iam_policy_document", name]).ok_or_else(missing)?;
    let span = found.block.span().ok_or(Refusal::Layout)?;
    // Statements of other documents may be joined to its own.
    let joins = ["source_policy_documents", "override_policy_documents"].map(|name| found.argument(name).is_some());
    let policy = if joins.contains(&true) { writer.text() } else { found.file.text(span.clone()).to_owned() };
    Ok(vec![found.file.layout().at_end_of_block(span, &[block(arns, &writing::free_sid(&policy))])?])
}

fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Expression> {
    let is = |key: &ObjectKey| match key {
        ObjectKey::Ident(ident) => ident.as_str() == name,
        ObjectKey::Expression(expression) => expression.as_str() == Some(name),
    };
    object.iter().find(|(key, _)| is(key)).map(|(_, value)| value.expr())
}

fn into_object(file: &File, object: &Object, arns: &Arns) -> Result<Vec<Edit>, Refusal> {
    let statements = member(object, "Statement").ok_or(Refusal::Lacks("Statement"))?;
    let sid = writing::free_sid(file.text(object.span().ok_or(Refusal::Layout)?));
    into_statements(file, statements, &Statement { arns, sid: &sid })
}

/// The statement that is written.
struct Statement<'a> {
    arns: &'a Arns,
    sid: &'a str,
}

impl Statement<'_> {
    fn text(&self, lines: bool) -> String {
        object(self.arns, self.sid, lines)
    }
}

fn into_statements(file: &File, statements: &Expression, statement: &Statement<'_>) -> Result<Vec<Edit>, Refusal> {
    match statements {
        Expression::Array(array) => Ok(vec![into_array(file, array, statement)?]),
        Expression::Object(only) => around_object(file, only, statement),
        Expression::FuncCall(call) if is_call(call, "concat") => {
            match call.args.iter().find_map(Expression::as_array) {
                Some(array) => Ok(vec![into_array(file, array, statement)?]),
                None => joined(file, statements, statement),
            }
        }
        Expression::Traversal(_) | Expression::Variable(_) | Expression::Conditional(_) | Expression::ForExpr(_) => {
            joined(file, statements, statement)
        }
        _ => Err(Refusal::Computed("Statement")),
    }
}

/// Joins the statement to a list that an expression comes to.
fn joined(file: &File, statements: &Expression, statement: &Statement<'_>) -> Result<Vec<Edit>, Refusal> {
    let layout = file.layout();
    let span = statements.span().ok_or(Refusal::Layout)?;
    let written = file.text(span.clone());
    let end = span.start + written.trim_end().len();
    let start = end - file.text(span.start..end).trim_start().len();
    let text = layout.hanging(&statement.text(true), start);
    Ok(vec![layout.insert(start, "concat("), layout.insert(end, format!(", [{text}])"))])
}

fn into_array(file: &File, array: &Array, statement: &Statement<'_>) -> Result<Edit, Refusal> {
    let layout = file.layout();
    let Some(last) = array.iter().last() else {
        let start = array.span().ok_or(Refusal::Layout)?.start;
        return Ok(layout.insert(start + 1, statement.text(false)));
    };
    let span = last.span().ok_or(Refusal::Layout)?;
    let end = span.start + file.text(span.clone()).trim_end().len();
    let own_lines = layout.is_first(span.start);
    let several_lines = file.text(span.start..end).contains('\n');
    let text = layout.hanging(&statement.text(own_lines || several_lines), span.start);
    let before = if own_lines { layout.new_line(span.start) } else { " ".to_owned() };
    Ok(layout.insert(end, format!(",{before}{text}")))
}

/// Makes a list of the one statement that stands in its place, and adds another.
fn around_object(file: &File, only: &Object, statement: &Statement<'_>) -> Result<Vec<Edit>, Refusal> {
    let layout = file.layout();
    let span = only.span().ok_or(Refusal::Layout)?;
    let end = span.start + file.text(span.clone()).trim_end().len();
    let several_lines = file.text(span.start..end).contains('\n');
    let text = layout.hanging(&statement.text(several_lines), span.start);
    Ok(vec![layout.insert(span.start, "["), layout.insert(end, format!(", {text}]"))])
}

/// Into JSON in a file of its own. In a template, the ARN is what the call hands over of the bucket.
fn into_file(writer: &Writer, found: Found<'_>, call: &FuncCall, arns: &Arns) -> Result<Vec<Edit>, Refusal> {
    let computed = || Refusal::Computed("policy");
    let mut arguments = call.args.iter();
    let path = arguments.next().and_then(|path| found.text(path)).ok_or_else(computed)?;
    let source = writer.file(path).ok_or_else(computed)?;
    let handed = arguments.next().and_then(Expression::as_object);
    let arn = handed.and_then(|handed| of_variable(found, handed, arns));
    let arn = arn.or_else(|| writer.literal_arn(&arns.reference)).ok_or(Refusal::NoArn)?;
    let map = OffsetMap::verbatim(0, source.text().len());
    let parse = embedded::parse(source, &[Fragment::Text { text: source.text().to_owned(), map }]);
    let document = parse.tree.root().filter(|_| parse.errors.is_empty()).ok_or_else(computed)?;
    writing::add_to_json(source, document, (&arn, &format!("{arn}/*")), str::to_owned)
}

/// The ARN in the terms of a template that is handed the bucket's ARN, or its name.
fn of_variable(found: Found<'_>, handed: &Object, arns: &Arns) -> Option<String> {
    let bucket = &arns.reference;
    let of = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(name) => name.as_str()?,
        };
        let attribute = found.text(value.expr())?.strip_prefix(bucket.as_str())?;
        match attribute {
            ".arn" => Some(format!("${{{name}}}")),
            ".id" | ".bucket" => Some(format!("arn:aws:s3:::${{{name}}}")),
            _ => None,
        }
    };
    handed.iter().find_map(of)
}

fn into_heredoc(found: Found<'_>, document: &Expression, arns: &Arns) -> Result<Vec<Edit>, Refusal> {
    let source = &found.file.source;
    let span = document.span().ok_or(Refusal::Layout)?;
    let written = source.text().get(span.clone()).ok_or(Refusal::Layout)?;
    // `<<-EOF`, the lines, and `EOF` in a line of its own.
    let first = written.find('\n').ok_or(Refusal::Layout)? + 1;
    let last = written.trim_end().rfind('\n').filter(|&at| at >= first).ok_or(Refusal::Layout)?;
    let text = written.get(first..last).ok_or(Refusal::Layout)?;
    let map = OffsetMap::verbatim(span.start + first, text.len());
    let parse = embedded::parse(source, &[Fragment::Text { text: text.to_owned(), map }]);
    let document = parse.tree.root().filter(|_| parse.errors.is_empty()).ok_or(Refusal::Computed("policy"))?;
    let objects = format!("{}/*", arns.in_template);
    writing::add_to_json(source, document, (&arns.in_template, &objects), str::to_owned)
}
