//! What the validation rules of variables ask: other values are deployed by nobody.
//!
//! See <https://developer.hashicorp.com/terraform/language/validate#input-variable-validation>.

use super::evaluate::{DEPTH, Evaluator, Place, Scope};
use super::tree::{Block, Expr, Kind, Operator, Step};
use crate::model::{Condition, Domain, Symbol, Unknown};
use crate::source::Span;

/// What one rule asks of the variables that have no value.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The variable of the root module that the rule stands in; `None` for one of another module.
    pub variable: Option<String>,
    /// Where the module is called.
    pub exists: Condition,
    /// What holds there; `None` where that is not understood.
    pub parts: Option<Vec<Part>>,
    /// Where the rule stands.
    pub span: Span,
}

/// One part of what a rule asks: all of them hold.
#[derive(Clone, Debug)]
pub enum Part {
    /// A condition.
    Holds(Condition),
    /// A variable has one of these values.
    Within(Symbol, Domain),
}

impl Part {
    /// The values that it lists of a variable, where it does nothing else.
    #[must_use]
    pub fn listed(&self) -> Option<(&Symbol, Domain)> {
        let Self::Holds(holds) = self else { return None };
        let equal = match holds {
            Condition::Any(parts) => parts,
            one => std::slice::from_ref(one),
        };
        let equal: Option<Vec<(&Symbol, &str)>> = equal.iter().map(equal_literal).collect();
        let equal = equal?;
        let symbol = equal.first()?.0;
        let allowed = Some(equal.iter().map(|(_, value)| (*value).to_owned()).collect());
        let same = equal.iter().all(|(other, _)| *other == symbol);
        same.then(|| (symbol, Domain { allowed, ..Domain::default() }))
    }

    fn says_something(&self) -> bool {
        match self {
            Self::Holds(holds) => !holds.symbols().is_empty(),
            Self::Within(..) => true,
        }
    }
}

impl Asked {
    /// That the rule may keep out any value.
    #[must_use]
    pub fn unknown(&self) -> Unknown {
        let cause = "which values the validation rule of a variable lets in is not known";
        Unknown::new(cause, self.span, "give the values of the variables with `--var-file`")
    }
}

/// What a condition compares with a literal, where it does nothing else.
fn equal_literal(condition: &Condition) -> Option<(&Symbol, &str)> {
    let Condition::Equals(one, two) = condition else { return None };
    match (one.as_symbol(), two.as_symbol()) {
        (Some(symbol), None) => Some((symbol, two.as_literal()?)),
        (None, Some(symbol)) => Some((symbol, one.as_literal()?)),
        _ => None,
    }
}

impl Evaluator<'_> {
    /// What the rules of a module's variables ask, where `exists` says when the module is called.
    ///
    /// A rule of a module that is not understood is left out: what is handed to the module is made of the values of the
    /// root module's variables, each of which most such rules let in.
    pub(super) fn asked(&self, place: &Place, exists: &Condition) -> Vec<Asked> {
        let is_root = place.path.modules.is_empty();
        let scope = Scope::new(Some(place.clone()));
        let mut found = Vec::new();
        for (name, block) in &place.module.variables {
            for rule in block.body.blocks.iter().filter(|inner| inner.kind == "validation") {
                let Some(condition) = rule.body.get("condition") else { continue };
                let mut parts = Vec::new();
                let parts = self.parts(condition, &scope, 0, &mut parts).map(|()| {
                    // Where a value is given that a rule keeps out, Terraform says so by itself.
                    parts.retain(Part::says_something);
                    parts
                });
                if is_root || parts.is_some() {
                    let variable = is_root.then(|| name.clone());
                    found.push(Asked { variable, exists: exists.clone(), parts, span: condition.span });
                }
            }
        }
        found
    }

    /// What holds where an expression is true.
    fn parts(&self, expression: &Expr, scope: &Scope, depth: u32, out: &mut Vec<Part>) -> Option<()> {
        if depth >= DEPTH {
            return None;
        }
        if let Some(condition) = self.condition(expression, scope) {
            out.push(Part::Holds(condition));
            return Some(());
        }
        let (value, domain) = match &expression.kind {
            Kind::Binary(Operator::And, two) => {
                let [left, right] = &**two;
                self.parts(left, scope, depth + 1, out)?;
                return self.parts(right, scope, depth + 1, out);
            }
            Kind::Binary(operator, two) => self.compared(*operator, two, scope)?,
            Kind::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
                ("can", [Expr { kind: Kind::Call(inner), .. }]) if inner.name == "regex" => {
                    let [pattern, value] = inner.arguments.as_slice() else { return None };
                    (value, Domain::containing(&self.eval(pattern, scope).as_literal()?)?)
                }
                ("startswith", [value, start]) => (value, affix(&self.eval(start, scope).as_literal()?, true)?),
                ("endswith", [value, end]) => (value, affix(&self.eval(end, scope).as_literal()?, false)?),
                _ => return None,
            },
            _ => return None,
        };
        let text = self.eval(value, scope).as_text()?;
        out.extend(text.as_symbol().map(|symbol| Part::Within(symbol.clone(), domain)));
        (text.as_symbol().is_some() || text.as_literal().is_some()).then_some(())
    }

    /// What a comparison of a number, or of the length of a string, lets in.
    fn compared<'e>(&self, operator: Operator, two: &'e [Expr; 2], scope: &Scope) -> Option<(&'e Expr, Domain)> {
        let number = |side: &Expr| self.eval(side, scope).as_number();
        let [left, right] = two;
        let (value, operator, number) = match (number(left), number(right)) {
            (None, Some(number)) => (left, operator, number),
            (Some(number), None) => (right, turned(operator)?, number),
            _ => return None,
        };
        match &value.kind {
            Kind::Call(call) if call.name == "length" => {
                let [text] = call.arguments.as_slice() else { return None };
                is_string(text, scope).then_some(())?;
                Some((text, of_length(operator, number)?))
            }
            Kind::Traversal(..) => {
                let range = match operator {
                    Operator::GreaterEq => (Some(number), None),
                    Operator::LessEq => (None, Some(number)),
                    _ => return None,
                };
                Some((value, Domain { number: Some(range), ..Domain::default() }))
            }
            _ => None,
        }
    }
}

/// Whether an expression is a variable whose type is `string`: the length of a list is another thing.
fn is_string(expression: &Expr, scope: &Scope) -> bool {
    let Kind::Traversal(root, steps) = &expression.kind else { return false };
    let (Kind::Variable(root), [Step::Attribute(name, _)]) = (&root.kind, steps.as_slice()) else { return false };
    let declared = scope.place.as_ref().filter(|_| root == "var");
    let declared = declared.and_then(|place| place.module.variables.get(name));
    let kind = declared.and_then(|block: &Block| block.body.get("type"));
    kind.is_some_and(|kind| matches!(&kind.kind, Kind::Variable(name) if name == "string"))
}

/// The operator with its sides changed over.
fn turned(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Less => Operator::Greater,
        Operator::LessEq => Operator::GreaterEq,
        Operator::Greater => Operator::Less,
        Operator::GreaterEq => Operator::LessEq,
        Operator::Eq => Operator::Eq,
        _ => return None,
    })
}

/// The strings whose length compares so with a number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
fn of_length(operator: Operator, number: f64) -> Option<Domain> {
    let (low, high) = (number.ceil().max(0.0) as usize, number.floor().max(0.0) as usize);
    let above = if number < 0.0 { 0 } else { high.saturating_add(1) };
    let mut domain = Domain::default();
    match operator {
        Operator::GreaterEq => domain.shortest = low,
        Operator::Greater => domain.shortest = above,
        Operator::LessEq if number >= 0.0 => domain.longest = Some(high),
        Operator::Less if number > 0.0 => domain.longest = Some(low.saturating_sub(1)),
        Operator::Eq if number >= 0.0 && low == high => (domain.shortest, domain.longest) = (low, Some(low)),
        _ => return None,
    }
    Some(domain)
}

/// The strings that begin, or end, with some text.
fn affix(text: &str, is_start: bool) -> Option<Domain> {
    let escaped = regex_syntax::escape(text);
    Domain::containing(&if is_start { format!("^{escaped}") } else { format!("{escaped}$") })
}
