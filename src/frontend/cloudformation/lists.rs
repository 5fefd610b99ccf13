//! Functions on lists: `Fn::Select`, `Fn::Split`, `Fn::Length`.

use super::call::Call;
use super::reader::Reader;
use crate::model::{Data, SymbolKind, Text, Unknown, Value};

impl<'a> Reader<'a> {
    /// `Fn::Select`.
    pub(super) fn select(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [index, list] = items.as_slice() else {
            return self.malformed(call, "takes an index and a list");
        };
        let index = self.value(*index);
        let number = index.scalar_text().and_then(|text| text.as_literal()?.trim().parse::<usize>().ok());
        let at = *list;
        let list = self.value(*list);
        if matches!(list.data, Data::Unknown(_))
            && let Some(text) = number.and_then(|number| self.item_of(at, number))
        {
            return Self::text_at(call, text);
        }
        self.lift(call, vec![index, list], &mut |reader, parts| {
            let [index, list] = parts.as_slice() else { return Value::new(call.span, Data::Absent) };
            let index = index.scalar_text();
            let index = index.as_ref().and_then(Text::as_literal).and_then(|text| text.trim().parse::<usize>().ok());
            match (index, &list.data) {
                (Some(index), Data::List(items)) => reader.select_item(call, index, items),
                (_, Data::Unknown(unknown)) => reader.opaque(call, SymbolKind::Free, Unknown::clone(unknown)),
                (None, Data::List(_)) => {
                    let unknown = Unknown::new("the index is not known", call.span, "select by a literal index");
                    reader.opaque(call, SymbolKind::Free, unknown)
                }
                _ => reader.malformed_text(call, "takes an index and a list"),
            }
        })
    }

    /// Items that may be left out move those behind them.
    fn select_item(&mut self, call: &Call<'a>, index: usize, items: &[Value]) -> Value {
        self.lift(call, items.to_vec(), &mut |reader, items| {
            let mut there = items.into_iter().filter(|item| item.data != Data::Absent);
            match there.nth(index) {
                Some(item) => item,
                None => reader.malformed_text(call, "selects an item that is not there"),
            }
        })
    }

    /// `Fn::Split`.
    pub(super) fn split(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [delimiter, source] = items.as_slice() else {
            return self.malformed(call, "takes a delimiter and a string");
        };
        let delimiter = self.value(*delimiter);
        let source = self.value(*source);
        self.lift(call, vec![delimiter, source], &mut |_, parts| {
            let [delimiter, source] = parts.as_slice() else { return Value::new(call.span, Data::Absent) };
            let delimiter = delimiter.scalar_text();
            let delimiter = delimiter.as_ref().and_then(Text::as_literal).filter(|text| !text.is_empty());
            let split = delimiter.zip(source.scalar_text()).and_then(|(delimiter, text)| text.cut(delimiter));
            let Some(texts) = split else {
                let cause = "it splits a string that is not known";
                return Value::unknown(Unknown::new(cause, call.span, "write the parts as a list"));
            };
            let item = |text| Value::new(call.span, Data::Text(text));
            Value::list(call.span, texts.into_iter().map(item).collect())
        })
    }

    /// `Fn::Length`.
    pub(super) fn length(&mut self, call: &Call<'a>) -> Value {
        let list = self.argument(call);
        self.lift(call, vec![list], &mut |reader, parts| {
            let Some(Data::List(items)) = parts.first().map(|part| &part.data) else {
                let unknown = Unknown::new("it counts a list that is not known", call.span, "write the number");
                return reader.opaque(call, SymbolKind::Attribute, unknown);
            };
            reader.lift(call, items.to_vec(), &mut |_, items| {
                let count = items.iter().filter(|item| item.data != Data::Absent).count();
                Value::new(call.span, Data::Number(count.to_string()))
            })
        })
    }
}
