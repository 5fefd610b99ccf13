//! A document as it is if its policy is on a certain bucket.

use crate::model::{Data, Map, Piece, Symbol, Text, Value};

/// The document of a policy as it is if the policy is on the bucket called `name`: what is then known of its own name
/// is put in. A policy that would not enforce there makes no difference.
pub(super) fn if_on(document: &Value, own: &Value, name: &Text) -> Value {
    let assumed = own.scalar_text().and_then(|own| solved(&own, name)).map(|(symbol, text)| IfSo { symbol, text });
    assumed.and_then(|mut assumed| document.map(&mut assumed)).unwrap_or_else(|| document.clone())
}

/// What the one unknown of `own` is where `own` is `name`.
fn solved(own: &Text, name: &Text) -> Option<(Symbol, Text)> {
    let mut unknowns = own.symbols().filter(|symbol| !name.symbols().any(|other| other == *symbol));
    let symbol = unknowns.next()?.clone();
    if unknowns.next().is_some() {
        return None;
    }
    let at = own.pieces().iter().position(|piece| matches!(piece, Piece::Hole(other) if *other == symbol))?;
    let (before, after) = (own.pieces().get(..at)?, own.pieces().get(at + 1..)?);
    let mut head = Text::default();
    head.extend(before);
    let mut tail = Text::default();
    tail.extend(after);
    Some((symbol, name.between(&head, &tail)?))
}

/// Puts one text in for one symbol.
struct IfSo {
    symbol: Symbol,
    text: Text,
}

impl Map for IfSo {
    fn text(&mut self, text: &Text) -> Option<Data> {
        let concerned = text.symbols().any(|symbol| *symbol == self.symbol);
        concerned.then(|| Data::Text(text.substitute(&|symbol| (*symbol == self.symbol).then(|| self.text.clone()))))
    }
}
