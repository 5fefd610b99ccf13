//! Functions that make text: `Fn::Sub`, `Fn::Join`, `Fn::Base64`, `Fn::ImportValue`.

use super::call::Call;
use super::reader::Reader;
use crate::model::{Data, Name, StackOutput, SymbolKind, Text, Unknown, Value};
use crate::syntax::{Kind, Node};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// A piece of the template of `Fn::Sub`, with its byte range in the text.
#[derive(Clone, Debug)]
pub(super) enum SubPiece {
    /// Text as it stands.
    Text { start: usize, end: usize },
    /// `${!Name}`: the text `${Name}`, of which `${` and the rest stand apart.
    Escaped { start: usize, end: usize },
    /// `${Name}`, with the name's own text.
    Variable { name: String, start: usize, end: usize },
}

/// Takes the template of `Fn::Sub` apart. A `${` that is never closed is text.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>.
pub(super) fn sub_pieces(text: &str) -> Vec<SubPiece> {
    let mut pieces = Vec::new();
    let mut done = 0usize;
    let mut from = 0usize;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find("${")).map(|at| from + at) {
        let Some(close) = text.get(open..).and_then(|rest| rest.find('}')).map(|at| open + at) else { break };
        if open > done {
            pieces.push(SubPiece::Text { start: done, end: open });
        }
        let name = text.get(open + 2..close).unwrap_or("");
        pieces.push(if name.starts_with('!') {
            SubPiece::Escaped { start: open, end: close + 1 }
        } else {
            SubPiece::Variable { name: name.to_owned(), start: open, end: close + 1 }
        });
        done = close + 1;
        from = done;
    }
    if done < text.len() {
        pieces.push(SubPiece::Text { start: done, end: text.len() });
    }
    pieces
}

/// The two arguments of `Fn::Sub`.
pub(super) struct SubTemplate<'a> {
    /// The node of the template.
    pub(super) node: Node<'a>,
    /// The template, loop variables filled in.
    pub(super) text: String,
    /// The variables of the second argument.
    pub(super) variables: BTreeMap<String, Value>,
}

impl<'a> Reader<'a> {
    /// The template and the variables of `Fn::Sub`; `None` where they cannot be read.
    pub(super) fn sub_template(&mut self, call: &Call<'a>) -> Option<SubTemplate<'a>> {
        let mut variables = BTreeMap::new();
        let node = if call.argument.kind() == Kind::Sequence {
            let items = call.items();
            let node = *items.first()?;
            if let Some(map) = items.get(1) {
                let entries = self.entries(*map);
                if entries.unknown.is_some() {
                    return None;
                }
                for entry in entries.list {
                    let key = entry.key().into_owned();
                    let value = self.within(entry.loops, |reader| reader.value(entry.value));
                    variables.insert(key, value);
                }
            }
            if Call::of(node, false).is_some() {
                return None;
            }
            node
        } else {
            call.argument
        };
        let text = self.scalar(node)?;
        Some(SubTemplate { node, text, variables })
    }

    /// The value of one variable of `Fn::Sub`.
    pub(super) fn sub_variable(&mut self, call: &Call<'a>, name: &str, variables: &BTreeMap<String, Value>) -> Value {
        let value = match variables.get(name) {
            Some(value) => value.clone(),
            None => match name.split_once('.') {
                Some((id, attribute)) => self.attribute_of(id, attribute, call.span),
                None => self.reference_to(name, call.span),
            },
        };
        self.as_text(value)
    }

    /// `Fn::Sub`.
    pub(super) fn sub(&mut self, call: &Call<'a>) -> Value {
        let Some(template) = self.sub_template(call) else {
            return self.malformed(call, "takes a string, and a mapping of variables where it is a list");
        };
        let mut parts = Vec::new();
        for piece in sub_pieces(&template.text) {
            if !self.spend(1) {
                return self.opaque(call, SymbolKind::Free, Self::too_large(call.span));
            }
            parts.push(match piece {
                SubPiece::Text { start, end } => {
                    let text = self.unmarked(template.text.get(start..end).unwrap_or_default());
                    Value::new(call.span, Data::Text(text))
                }
                SubPiece::Escaped { start, end } => {
                    let name = template.text.get(start + 3..end).unwrap_or_default();
                    Value::text(call.span, format!("${{{name}"))
                }
                SubPiece::Variable { name, .. } => self.sub_variable(call, &name, &template.variables),
            });
        }
        self.concatenate(call, parts)
    }

    /// Texts, one after the other.
    pub(super) fn concatenate(&mut self, call: &Call<'a>, parts: Vec<Value>) -> Value {
        self.lift(call, parts, &mut |reader, parts| {
            let mut text = Text::default();
            for part in parts {
                let part = reader.as_text(part);
                if let Data::Text(part) = &part.data {
                    text.push(part);
                }
            }
            reader.joined(call, text, SymbolKind::Free)
        })
    }

    /// `Fn::Join`.
    pub(super) fn join(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [delimiter, list] = items.as_slice() else {
            return self.malformed(call, "takes a delimiter and a list");
        };
        let delimiter = self.value(*delimiter);
        if let Some(text) = delimiter.scalar_text().and_then(|delimiter| self.joined_list(*list, &delimiter)) {
            return Self::text_at(call, text);
        }
        let list = self.value(*list);
        self.lift(call, vec![delimiter, list], &mut |reader, parts| {
            let [delimiter, list] = parts.as_slice() else { return Value::new(call.span, Data::Absent) };
            match (delimiter.scalar_text(), &list.data) {
                (Some(delimiter), Data::List(items)) => reader.join_items(call, &delimiter, items),
                (_, Data::Unknown(unknown)) => reader.opaque(call, SymbolKind::Free, Unknown::clone(unknown)),
                // A list parameter may stand here as the text that it is given as.
                _ => reader.malformed_text(call, "takes a delimiter and a list"),
            }
        })
    }

    fn join_items(&mut self, call: &Call<'a>, delimiter: &Text, items: &[Value]) -> Value {
        self.lift(call, items.to_vec(), &mut |reader, items| {
            let mut text = Text::default();
            let mut first = true;
            // `AWS::NoValue` among the items takes the item away, delimiter included.
            for item in items.into_iter().filter(|item| item.data != Data::Absent) {
                if !std::mem::take(&mut first) {
                    text.push(delimiter);
                }
                if let Data::Text(part) = &reader.as_text(item).data {
                    text.push(part);
                }
            }
            reader.joined(call, text, SymbolKind::Free)
        })
    }

    /// [`Reader::malformed`] in a place that takes text.
    pub(super) fn malformed_text(&mut self, call: &Call<'a>, why: &str) -> Value {
        let value = self.malformed(call, why);
        match value.data {
            Data::Unknown(unknown) => self.opaque(call, SymbolKind::Free, *unknown),
            _ => value,
        }
    }

    /// `Fn::Base64`.
    pub(super) fn base64(&mut self, call: &Call<'a>) -> Value {
        let value = self.argument(call);
        self.lift(call, vec![value], &mut |reader, parts| {
            let literal = parts.first().and_then(Value::scalar_text);
            let Some(text) = literal.as_ref().and_then(Text::as_literal) else {
                let unknown = Unknown::new("it encodes a string that is not known", call.span, "encode a literal");
                return reader.opaque(call, SymbolKind::Attribute, unknown);
            };
            reader.joined(call, Text::literal(STANDARD.encode(text)), SymbolKind::Attribute)
        })
    }

    /// `Fn::ImportValue`: named by the export's name, so that the template that exports it can be found among the
    /// other files.
    pub(super) fn import(&mut self, call: &Call<'a>) -> Value {
        let name = self.argument(call);
        self.lift(call, vec![name], &mut |reader, parts| {
            let Some(name) = parts.into_iter().next() else { return Value::new(call.span, Data::Absent) };
            let name = reader.as_text(name);
            let Data::Text(name) = &name.data else {
                return reader.malformed_text(call, "takes the name of an export");
            };
            let shown = name.shown();
            let unknown = Unknown::new(
                format!("the value of the export `{shown}` is imported from another stack"),
                call.span,
                "lint the template that exports it in the same run",
            );
            let name = Name::Import(name.clone());
            let symbol = reader.symbol(name, SymbolKind::Free, format!("${{ImportValue {shown}}}"), unknown);
            Value::new(call.span, Data::Text(Text::hole(symbol)))
        })
    }

    /// `Fn::GetStackOutput`: an output of another stack, by the stack's name.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html>.
    pub(super) fn stack_output(&mut self, call: &Call<'a>) -> Value {
        let (Some(stack), Some(output)) = (call.argument.get("StackName"), call.argument.get("OutputName")) else {
            return self.malformed_text(call, "takes `StackName` and `OutputName`");
        };
        let region = call.argument.get("Region");
        let by_role = call.argument.get("RoleArn").is_some();
        let parts = [Some(stack), Some(output), region].into_iter().flatten().map(|node| self.value(node)).collect();
        self.lift(call, parts, &mut |reader, parts| {
            let mut texts = parts.into_iter().map(|part| match reader.as_text(part).data {
                Data::Text(text) => Some(text),
                _ => None,
            });
            let (stack, output) = (texts.next().flatten(), texts.next().flatten());
            let region = texts.next();
            drop(texts);
            let (Some(stack), Some(output)) = (stack, output) else {
                return reader.malformed_text(call, "takes the names of a stack and of its output");
            };
            let shown = format!("{}.{}", stack.shown(), output.shown());
            let unknown = Unknown::new(
                format!("`{shown}` is an output of another stack"),
                call.span,
                "lint the other stack's template in the same run, as a CDK assembly that names the stacks",
            );
            let name = StackOutput { stack, output, region: region.flatten(), by_role };
            let name = Name::StackOutput(Box::new(name));
            let symbol = reader.symbol(name, SymbolKind::Free, format!("${{GetStackOutput {shown}}}"), unknown);
            Value::new(call.span, Data::Text(Text::hole(symbol)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_templates_come_apart() {
        let shown = |text: &str| {
            let piece = |piece: &SubPiece| match piece {
                SubPiece::Text { start, end } => format!("t:{}", text.get(*start..*end).unwrap()),
                SubPiece::Escaped { start, end } => format!("e:{}", text.get(*start..*end).unwrap()),
                SubPiece::Variable { name, .. } => format!("v:{name}"),
            };
            sub_pieces(text).iter().map(piece).collect::<Vec<_>>()
        };
        assert_eq!(shown("arn:${A.Arn}/*"), ["t:arn:", "v:A.Arn", "t:/*"]);
        assert_eq!(shown("${!aws:username}${B}"), ["e:${!aws:username}", "v:B"]);
        assert_eq!(shown("$5 ${open"), ["t:$5 ${open"]);
    }
}
