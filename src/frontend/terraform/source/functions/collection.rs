//! Functions on lists, sets and maps.

use super::super::equal::Typing;
use super::super::evaluate::{Evaluator, put};
use super::super::number::Decimal;
use super::super::tree::Operator;
use super::super::value::{Dat, Frag, Member, Val};
use super::tables::either;
use crate::model::{SymbolKind, Truth};
use crate::source::Span;
use std::cmp::Ordering;

/// How many numbers `range` may give.
const NUMBERS: usize = 10_000;

impl Evaluator<'_> {
    pub(super) fn collection_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let value = match (name, arguments) {
            ("concat", lists) => self.concat(lists, span),
            ("flatten", [list]) => self.flatten(list, span),
            ("compact", [list]) => self.compact(list, span),
            ("distinct", [list]) => self.distinct(list, span),
            ("merge", maps) => self.merge(maps, span),
            ("lookup", [map, key, rest @ ..]) => self.lookup(map, key, rest.first(), span),
            ("coalesce", values) => self.coalesce(values, span),
            ("coalescelist", lists) => self.coalesce_list(lists, span),
            ("element", [list, index]) => self.element(list, index, span),
            ("keys" | "values", [map]) => self.keys_or_values(name, map, span),
            ("length", [value]) => self.length(value, span),
            ("contains", [list, value]) => self.contains(list, value, span),
            ("setunion", lists) => match self.concat(lists, span) {
                Val { data: Dat::List(items), .. } => self.set(&items, span),
                open => open,
            },
            // Whatever order the items come in, they are there.
            ("reverse" | "sort", [list]) if matches!(list.data, Dat::Open(_)) => list.clone().at(span),
            ("setsubtract", [one, two]) => self.set_operation(true, one, two, span),
            ("setintersection", [first, rest @ ..]) => {
                rest.iter().fold(first.clone(), |sum, set| self.set_operation(false, &sum, set, span))
            }
            ("chunklist", [list, size]) => self.chunks(list, size, span),
            ("index", [list, value]) => self.place_in(list, value, span),
            ("matchkeys", [values, keys, wanted]) => self.matching(values, keys, wanted, span),
            ("transpose", [map]) => self.transposed(map, span),
            ("sort", [list]) => self.sort(list, span),
            ("reverse", [list]) => match list.items() {
                Some(items) => Val::list(span, items.iter().rev().cloned().collect()),
                None => self.needs(name, arguments, span),
            },
            ("one", [list]) => self.one(list, span),
            ("range", numbers) => self.range(numbers, span),
            ("zipmap", [keys, values]) => self.zipmap(keys, values, span),
            ("slice", [list, start, end]) => self.slice(list, start, end, span),
            ("setproduct", [_, ..]) => self.product(arguments, span),
            ("anytrue" | "alltrue", [list]) => self.quantified(name == "alltrue", list, span),
            _ => return None,
        };
        Some(value)
    }

    fn concat(&self, lists: &[Val], span: Span) -> Val {
        let mut all = Vec::new();
        let mut open = false;
        for list in lists {
            open |= list.items().is_none();
            match list.open_items() {
                Some(items) => all.extend(items.iter().cloned()),
                None if may_be_list(list) => all.push(self.not_known(list, span, "the list is not known")),
                None => return self.needs("concat", std::slice::from_ref(list), span),
            }
        }
        // Lists make a list, whose items are of one type; a tuple among them makes a tuple of items as they are.
        let of = |typing: Typing| lists.iter().all(|list| list.typing == typing);
        match (self.spend(all.len()), open) {
            (false, _) => self.too_large(span),
            (true, true) => Val::new(span, Dat::Open(all.into())),
            (true, false) if of(Typing::Uniform) => Val::list(span, self.uniform(&all, span)).typed(Typing::Uniform),
            (true, false) => Val::list(span, all),
        }
    }

    fn flatten(&self, list: &Val, span: Span) -> Val {
        let Some(items) = list.open_items() else { return self.needs("flatten", std::slice::from_ref(list), span) };
        let mut out = Vec::new();
        let mut unknown = false;
        let mut open: Vec<Val> = items.iter().rev().cloned().collect();
        while let Some(item) = open.pop() {
            if !self.spend(1) {
                return self.too_large(span);
            }
            match &item.data {
                Dat::List(items) | Dat::Set(items) | Dat::Open(items) => {
                    if !self.spend(items.len()) {
                        return self.too_large(span);
                    }
                    open.extend(items.iter().rev().cloned());
                }
                Dat::Unknown(missing) if missing.failed => return item,
                Dat::Unknown(_) => {
                    unknown = true;
                    out.push(item);
                }
                Dat::Choice(choice) => match Self::items_of_choice(choice) {
                    Some(items) if self.spend(items.len()) => open.extend(items.into_iter().rev()),
                    Some(_) => return self.too_large(span),
                    None => out.push(item),
                },
                _ => out.push(item),
            }
        }
        if unknown || out.iter().any(Val::may_be_absent) { Val::open_list(span, out) } else { Val::list(span, out) }
    }

    fn compact(&self, list: &Val, span: Span) -> Val {
        let Some(items) = list.open_items() else { return self.needs("compact", std::slice::from_ref(list), span) };
        let open = matches!(list.data, Dat::Open(_));
        let kept = |item: &Val| match may_be_empty(item) {
            Truth::Maybe if open && item.missing().is_some() => item.clone(),
            Truth::Yes => Val::new(item.span, Dat::Absent),
            Truth::No => self.as_string(item, span),
            Truth::Maybe => self.not_known(item, span, "it is not known whether an item is empty"),
        };
        let mut out = Vec::new();
        for item in items.iter().map(|item| self.each_side(item, &kept)) {
            match &item.data {
                Dat::Absent => {}
                Dat::Unknown(_) if !open => return item,
                _ => out.push(item),
            }
        }
        Val::open_list(span, out)
    }

    fn distinct(&self, list: &Val, span: Span) -> Val {
        if matches!(list.data, Dat::Open(_)) {
            return list.clone().at(span);
        }
        let Some(items) = list.items() else { return self.needs("distinct", std::slice::from_ref(list), span) };
        let items = self.uniform(items, span);
        let mut seen = std::collections::BTreeSet::new();
        let mut others: Vec<&Val> = Vec::new();
        let mut out = Vec::new();
        for item in &items {
            if let Some(text) = item.as_literal() {
                if seen.insert(text) {
                    out.push(item.clone());
                }
                continue;
            }
            if !self.spend(others.len() + 1) {
                return self.too_large(span);
            }
            if item.missing().is_some() {
                return self.not_known(item, span, "");
            }
            if !others.iter().any(|other| self.same(item, other) == Truth::Yes) {
                others.push(item);
                out.push(item.clone());
            }
        }
        Val::list(span, out)
    }

    fn merge(&self, maps: &[Val], span: Span) -> Val {
        let mut out = Vec::new();
        for map in maps {
            match &map.data {
                Dat::Null => {}
                Dat::Object(members) => {
                    if !self.spend(members.len().saturating_mul(1 + out.len() / 8)) {
                        return self.too_large(span);
                    }
                    members.iter().for_each(|member| put(&mut out, member.clone()));
                }
                _ => return self.needs("merge", std::slice::from_ref(map), span),
            }
        }
        Val::object(span, out)
    }

    fn lookup(&self, map: &Val, key: &Val, default: Option<&Val>, span: Span) -> Val {
        let (Some(_), Some(key)) = (map.members(), key.as_literal()) else {
            return self.needs("lookup", &[map.clone(), key.clone()], span);
        };
        match (map.member(&key), default) {
            (Some(value), _) => value.clone(),
            // What is looked up in a map has the type of its items.
            (None, Some(default)) => match (map.typing, map.members().and_then(|members| members.first())) {
                (Typing::Seen, _) => default.clone(),
                (Typing::Uniform, Some(member)) => self.as_type_of(default, &member.value, span),
                (_, Some(member)) => self.unified(default, &member.value, span),
                (_, None) => self.unsure(default),
            },
            (None, None) => self.failed(span, format!("the map holds nothing under `{key}`")),
        }
    }

    fn coalesce(&self, values: &[Val], span: Span) -> Val {
        for value in values {
            match may_be_empty(value) {
                Truth::Yes => {}
                Truth::No => {
                    return values.iter().fold(value.clone(), |value, other| self.unified(&value, other, span));
                }
                Truth::Maybe => return self.not_known(value, span, "it is not known whether an argument is empty"),
            }
        }
        self.failed(span, "every argument of `coalesce` is empty")
    }

    fn coalesce_list(&self, lists: &[Val], span: Span) -> Val {
        for list in lists {
            if let Dat::Open(items) = &list.data
                && items.iter().any(|item| item.missing().is_none())
            {
                return list.clone();
            }
            match (list.items(), list.members()) {
                (Some(items), _) if items.is_empty() => {}
                (None, Some(members)) if members.is_empty() => {}
                (None, None) if list.is_null() => {}
                (None, None) => return self.needs("coalescelist", std::slice::from_ref(list), span),
                _ => return list.clone(),
            }
        }
        self.failed(span, "every argument of `coalescelist` is empty")
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
    fn element(&self, list: &Val, index: &Val, span: Span) -> Val {
        let (Some(items), Some(index)) = (list.items(), index.as_number()) else {
            return self.needs("element", &[list.clone(), index.clone()], span);
        };
        let length = items.len();
        if length == 0 {
            return self.failed(span, "`element` of an empty list");
        }
        let wrapped = if index < 0.0 {
            length.saturating_sub((-index) as usize % length) % length
        } else {
            index as usize % length
        };
        items.get(wrapped).cloned().unwrap_or_else(|| Val::null(span))
    }

    fn keys_or_values(&self, name: &str, map: &Val, span: Span) -> Val {
        let Some(members) = map.members() else { return self.needs(name, std::slice::from_ref(map), span) };
        let item = |member: &Member| match name {
            "keys" => Val::text(member.key_span, &member.key),
            _ => member.value.clone(),
        };
        Val::list(span, Val::ordered(members).into_iter().map(item).collect())
    }

    fn length(&self, value: &Val, span: Span) -> Val {
        let text = value.as_literal().filter(|_| matches!(value.data, Dat::Text(_)));
        let length = match (value.items(), value.members(), text) {
            (Some(items), _, _) => items.len(),
            (_, Some(members), _) => members.len(),
            (_, _, Some(text)) => text.chars().count(),
            _ => return self.needs("length", std::slice::from_ref(value), span),
        };
        Val::number(span, &length.to_string())
    }

    fn contains(&self, list: &Val, value: &Val, span: Span) -> Val {
        let Some(items) = list.open_items() else { return self.needs("contains", std::slice::from_ref(list), span) };
        let mut maybe = None;
        for item in items.iter() {
            match self.equal(item, value) {
                Truth::Yes => return Val::bool(span, true),
                Truth::Maybe => maybe = Some(item),
                Truth::No => {}
            }
        }
        match maybe {
            None => Val::bool(span, false),
            Some(item) if item.as_literal().is_none() => self.not_known(item, span, "an item is not known"),
            Some(_) => self.not_known(value, span, "it is not known whether the list holds the value"),
        }
    }

    fn set_operation(&self, subtract: bool, one: &Val, two: &Val, span: Span) -> Val {
        let (Some(items), Some(others)) = (one.items(), two.items()) else {
            return self.needs("setsubtract", &[one.clone(), two.clone()], span);
        };
        if !self.spend(items.len().saturating_mul(others.len())) {
            return self.too_large(span);
        }
        let (items, others) = self.of_one_type(items, others, span);
        let mut out = Vec::new();
        for item in &items {
            let found = others.iter().map(|other| self.equal(item, other));
            match (found.fold(Truth::No, either), subtract) {
                (Truth::Maybe, _) => {
                    return self.not_known(item, span, "it is not known whether an item is in the set");
                }
                (Truth::Yes, false) | (Truth::No, true) => out.push(item.clone()),
                _ => {}
            }
        }
        self.set(&out, span)
    }

    /// Every way of taking one item of each list.
    fn product(&self, lists: &[Val], span: Span) -> Val {
        let mut rows: Vec<Vec<Val>> = vec![Vec::new()];
        for list in lists {
            let Some(items) = list.items() else { return self.needs("setproduct", std::slice::from_ref(list), span) };
            let items = self.uniform(items, span);
            if !self.spend(rows.len().saturating_mul(items.len()).saturating_mul(lists.len())) {
                return self.too_large(span);
            }
            let with = |row: &Vec<Val>| {
                items.iter().map(|item| [row.as_slice(), std::slice::from_ref(item)].concat()).collect()
            };
            rows = rows.iter().flat_map(|row| -> Vec<Vec<Val>> { with(row) }).collect();
        }
        Val::list(span, rows.into_iter().map(|row| Val::list(span, row)).collect())
    }

    fn sort(&self, list: &Val, span: Span) -> Val {
        let sorted = list.items().and_then(|items| {
            let known: Option<Vec<(String, Val)>> =
                items.iter().map(|item| Some((item.as_literal()?, self.as_string(item, span)))).collect();
            known
        });
        let Some(mut sorted) = sorted else { return self.needs("sort", std::slice::from_ref(list), span) };
        sorted.sort_by(|one, two| one.0.cmp(&two.0));
        Val::list(span, sorted.into_iter().map(|(_, item)| item).collect()).typed(Typing::Uniform)
    }

    fn one(&self, list: &Val, span: Span) -> Val {
        match list.items().map(|items| &items[..]) {
            Some([]) => Val::null(span),
            Some([item]) => item.clone(),
            Some(_) => self.failed(span, "`one` of a list of several items"),
            None => self.needs("one", std::slice::from_ref(list), span),
        }
    }

    fn range(&self, numbers: &[Val], span: Span) -> Val {
        let known: Option<Vec<Decimal>> = numbers.iter().map(Val::as_decimal).collect();
        let zero = Decimal::whole_number(0);
        let toward = |start: Decimal, end: Decimal| {
            Decimal::whole_number(if end.compare(start) == Some(Ordering::Less) { -1 } else { 1 })
        };
        let (start, end, step) = match known.as_deref() {
            Some(&[end]) => (zero, end, toward(zero, end)),
            Some(&[start, end]) => (start, end, toward(start, end)),
            Some(&[start, end, step]) => (start, end, step),
            _ => return self.needs("range", numbers, span),
        };
        let up = step.compare(zero);
        let mut out = Vec::new();
        let mut number = start;
        while up != Some(Ordering::Equal) && end.compare(number) == up {
            if out.len() >= NUMBERS || !self.spend(1) {
                return self.too_large(span);
            }
            let Some(next) = number.calculated(Operator::Plus, step) else { return self.number(None, span) };
            out.push(self.number(Some(number), span));
            number = next;
        }
        Val::list(span, out).typed(Typing::Uniform)
    }

    fn zipmap(&self, keys: &Val, values: &Val, span: Span) -> Val {
        let (Some(names), Some(items)) = (keys.items(), values.items()) else {
            return self.needs("zipmap", &[keys.clone(), values.clone()], span);
        };
        let mut members = Vec::new();
        for (name, item) in names.iter().zip(items.iter()) {
            if !self.spend(1 + members.len() / 8) {
                return self.too_large(span);
            }
            let Some(key) = name.as_literal() else { return self.not_known(name, span, "a key is not known") };
            put(&mut members, Member { key: key.into(), key_span: name.span, value: item.clone() });
        }
        Val::object(span, members)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
    fn slice(&self, list: &Val, start: &Val, end: &Val, span: Span) -> Val {
        let (Some(items), Some(start), Some(end)) = (list.items(), start.as_number(), end.as_number()) else {
            return self.needs("slice", &[list.clone(), start.clone(), end.clone()], span);
        };
        match items.get(start as usize..end as usize) {
            Some(items) => Val::list(span, items.to_vec()),
            None => self.failed(span, "`slice` reaches past the list"),
        }
    }

    fn quantified(&self, all: bool, list: &Val, span: Span) -> Val {
        let Some(items) = list.items() else { return self.needs("alltrue", std::slice::from_ref(list), span) };
        let mut unknown = None;
        for item in items.iter() {
            match item.as_bool().or(item.is_null().then_some(false)) {
                Some(flag) if flag != all => return Val::bool(span, flag),
                Some(_) => {}
                None => unknown = Some(item),
            }
        }
        match unknown {
            Some(item) => self.not_known(item, span, "an item is not known"),
            None => Val::bool(span, all),
        }
    }
}

/// Whether a value is null or an empty text.
fn may_be_empty(value: &Val) -> Truth {
    match &value.data {
        Dat::Null | Dat::Absent => Truth::Yes,
        Dat::Unknown(_) => Truth::Maybe,
        Dat::Choice(choice) => match (may_be_empty(&choice.then), may_be_empty(&choice.otherwise)) {
            (one, two) if one == two => one,
            _ => Truth::Maybe,
        },
        Dat::Text(frags) => {
            let mut sum = Truth::Yes;
            for frag in frags.iter() {
                match frag {
                    Frag::Literal(located) if located.text.is_empty() => {}
                    Frag::Symbol(symbol) if *symbol.kind() == SymbolKind::Free => sum = Truth::Maybe,
                    _ => return Truth::No,
                }
            }
            sum
        }
        _ => Truth::No,
    }
}

/// Whether a value that is no list may turn out to be one.
fn may_be_list(value: &Val) -> bool {
    let symbol = |frags: &[Frag]| matches!(frags, [Frag::Symbol(_)]);
    match &value.data {
        Dat::Unknown(missing) => !missing.failed,
        Dat::Instances(_) => true,
        Dat::Text(frags) => symbol(frags),
        _ => false,
    }
}
