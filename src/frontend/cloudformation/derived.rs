//! Parts of parameters: an item of a list, a list joined to a text, what stands between delimiters. Conditions compare
//! them, and whoever gives the parameter gives them too.

use super::call::{Call, Function};
use super::reader::Reader;
use crate::model::{Domain, Item, Name, Parameter, Part, Symbol, SymbolKind, Text, Unknown, Value};
use crate::syntax::{Kind, Node};

impl<'a> Reader<'a> {
    /// The list parameter that an expression is a reference to, where its value is not known.
    fn open_list(&mut self, node: Node<'a>) -> Option<String> {
        let call = Call::of(node, false).filter(|call| call.function == Function::Ref)?;
        let name = self.scalar(call.argument)?;
        let declaration = self.parameters.get(&name)?;
        let open = self.known(declaration).is_none() && self.argument_for(declaration).is_none();
        (declaration.is_list() && open && self.loop_variable(&name).is_none()).then_some(name)
    }

    /// The items of a list parameter, joined by a delimiter.
    pub(super) fn joined_list(&mut self, list: Node<'a>, delimiter: &Text) -> Option<Text> {
        let delimiter = delimiter.as_literal()?;
        let name = self.open_list(list)?;
        self.part(&name, Part::Joined(delimiter.to_owned()))
    }

    /// An item of a list parameter, or of what `Fn::Split` makes of a parameter.
    pub(super) fn item_of(&mut self, list: Node<'a>, index: usize) -> Option<Text> {
        if let Some(name) = self.open_list(list) {
            return self.part(&name, Part::Item(",".to_owned(), index));
        }
        if let Some(of) = self.handed_list(list) {
            return item_of_stack(of, ",".to_owned(), index, true);
        }
        let call = Call::of(list, false).filter(|call| call.function == Function::Split)?;
        let items = call.items();
        let [delimiter, source] = items.as_slice() else { return None };
        if delimiter.kind() == Kind::Mapping || delimiter.tag().is_some() {
            return None;
        }
        let delimiter = self.scalar(*delimiter).filter(|text| !text.is_empty())?;
        let source = self.value(*source).scalar_text()?;
        let symbol = source.as_symbol()?.clone();
        if symbol.name().is_of_a_stack() {
            return item_of_stack(symbol, delimiter, index, false);
        }
        let name = self.parameters.values().find(|one| self.parameter_symbol(one) == symbol)?.name().to_owned();
        self.part(&name, Part::Item(delimiter, index))
    }

    /// What a list parameter is handed that an expression is a reference to, where that is one unknown.
    fn handed_list(&self, node: Node<'a>) -> Option<Symbol> {
        let call = Call::of(node, false).filter(|call| call.function == Function::Ref)?;
        let declaration = self.parameters.get(&self.scalar(call.argument)?)?;
        let handed = self.argument_for(declaration).filter(|_| declaration.is_list())?;
        handed.scalar_text()?.as_symbol().cloned()
    }

    fn part(&mut self, name: &str, part: Part) -> Option<Text> {
        let declaration = self.parameters.get(name)?.clone();
        let (key, shown) = match &part {
            Part::Whole => return None,
            Part::Joined(delimiter) => (format!("{name}#joined by {delimiter}"), format!("${{{name}}}")),
            Part::Item(delimiter, index) => {
                (format!("{name}#{index} of split by {delimiter}"), format!("${{{name}[{index}]}}"))
            }
        };
        let mut unknown: Unknown = declaration.unknown();
        unknown.likely = None;
        let name_of_part = Name::Part(self.parameter_symbol(&declaration), key.as_str().into());
        let symbol = self.symbol(name_of_part, SymbolKind::Free, shown, unknown);
        let bounds = declaration.domain();
        let mut domain = Domain::default();
        match &part {
            Part::Item(..) if declaration.is_list() => domain = bounds.clone(),
            // What bounds the whole bounds its parts somehow.
            _ if declaration.is_looked_up() || *bounds == Domain::default() => {}
            Part::Item(..) if bounds.unread.is_none() && bounds.listed().is_some() => {
                let mut parts: Vec<String> =
                    bounds.listed().into_iter().flatten().filter_map(|whole| part.of(whole)).collect();
                parts.sort_unstable();
                parts.dedup();
                domain.allowed = Some(parts);
            }
            _ => {
                let cause = format!("what the bounds of parameter `{name}` say of a part of it is not worked out");
                let span = declaration.unknown().span;
                domain.unread = Some(Unknown::new(cause, span, "compare the whole parameter").into());
            }
        }
        if let Part::Item(delimiter, _) = &part
            && domain == Domain::default()
        {
            domain = without(delimiter);
        }
        let text = Text::hole(symbol.clone());
        let is_secret = declaration.is_secret();
        let parameter =
            Parameter { symbol, name: name.to_owned(), domain: domain.shared(), part, default: None, is_secret };
        self.derived.insert(key, parameter);
        Some(text)
    }

    /// A text in the place of a call.
    pub(super) fn text_at(call: &Call<'a>, text: Text) -> Value {
        Value::new(call.span, crate::model::Data::Text(text))
    }
}

/// The texts that hold no delimiter of one character: those that can be items.
fn without(delimiter: &str) -> Domain {
    let plain = |character: char| character.is_ascii_graphic() && !matches!(character, '\\' | ']' | '[' | '^');
    let mut characters = delimiter.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) if plain(one) => Domain::matching(&format!("[^{one}]*")),
        _ => Domain::default(),
    }
}

/// An item of what a stack gives, which is known once all templates are read.
fn item_of_stack(of: Symbol, delimiter: String, index: usize, of_list: bool) -> Option<Text> {
    let item = Item { of, delimiter: delimiter.into(), index, of_list };
    item.of.name().is_of_a_stack().then(|| Text::hole(item.symbol()))
}
