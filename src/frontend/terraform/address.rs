//! Addresses of resources and modules, tokenized: a key may hold dots, quotes and brackets, so that nothing here
//! is ever split at a dot.
//!
//! The form is that of <https://developer.hashicorp.com/terraform/cli/state/resource-addressing>.

use std::fmt;

/// The key of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstanceKey {
    /// The block has neither `count` nor `for_each`.
    None,
    /// `count`.
    Int(i64),
    /// `for_each`.
    Text(String),
    /// The one that stands for all instances of a `count` that is not known.
    AnyIndex,
    /// The same for `for_each`.
    AnyKey,
    /// The same in Terraform's own words, in what a plan defers: it is not known how many there are.
    Any,
}

impl InstanceKey {
    /// Whether it stands for all instances.
    #[must_use]
    pub(crate) fn is_any(&self) -> bool {
        matches!(self, InstanceKey::AnyIndex | InstanceKey::AnyKey | InstanceKey::Any)
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceKey::None => Ok(()),
            InstanceKey::Int(index) => write!(out, "[{index}]"),
            InstanceKey::Text(key) => write!(out, "[\"{}\"]", escaped(key)),
            InstanceKey::AnyIndex => out.write_str("[count.index]"),
            InstanceKey::AnyKey => out.write_str("[each.key]"),
            InstanceKey::Any => out.write_str("[*]"),
        }
    }
}

/// A module call with the key of its instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleStep {
    /// The name of the call.
    pub name: String,
    /// Which instance of it.
    pub key: InstanceKey,
}

/// A resource or data source, with the key of its instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceStep {
    /// True for `data.…`.
    pub data: bool,
    /// The type (`aws_s3_bucket`).
    pub kind: String,
    /// The name of the block.
    pub name: String,
    /// Which instance of it.
    pub key: InstanceKey,
}

/// An address: a module path, and mostly a resource in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The module calls from the root; empty for the root module.
    pub modules: Vec<ModuleStep>,
    /// The resource; `None` for the address of a module.
    pub resource: Option<ResourceStep>,
}

impl Address {
    /// Reads an address. `None` where the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Address> {
        if text.is_empty() {
            return Some(Address::default());
        }
        let mut steps = tokenize(text)?.into_iter().peekable();
        let mut modules = Vec::new();
        while steps.peek().is_some_and(|step| step.name == "module" && step.key == InstanceKey::None) {
            steps.next();
            let Step { name, key } = steps.next()?;
            modules.push(ModuleStep { name, key });
        }
        let Some(mut first) = steps.next() else {
            return Some(Address { modules, resource: None });
        };
        let data = first.name == "data" && first.key == InstanceKey::None;
        if data {
            first = steps.next()?;
        }
        let second = steps.next()?;
        if first.key != InstanceKey::None || steps.next().is_some() {
            return None;
        }
        let resource = ResourceStep { data, kind: first.name, name: second.name, key: second.key };
        Some(Address { modules, resource: Some(resource) })
    }

    /// The names of the module calls without keys, as a binary plan's manifest writes them (`outer.inner`).
    #[must_use]
    pub(crate) fn module_names(&self) -> Vec<String> {
        self.modules.iter().map(|step| step.name.clone()).collect()
    }

    /// The address of the block: every key left out.
    #[must_use]
    pub(crate) fn without_keys(&self) -> Address {
        let bare = |step: &ModuleStep| ModuleStep { name: step.name.clone(), key: InstanceKey::None };
        Address {
            modules: self.modules.iter().map(bare).collect(),
            resource: self.resource.clone().map(|resource| ResourceStep { key: InstanceKey::None, ..resource }),
        }
    }

    /// The address without its last key: what `count` or `for_each` is written on.
    #[must_use]
    pub(crate) fn without_last_key(&self) -> Address {
        let mut address = self.clone();
        if let Some(resource) = &mut address.resource {
            resource.key = InstanceKey::None;
        } else if let Some(module) = address.modules.last_mut() {
            module.key = InstanceKey::None;
        }
        address
    }

    /// The key of the last step.
    #[must_use]
    pub(crate) fn last_key(&self) -> &InstanceKey {
        match (&self.resource, self.modules.last()) {
            (Some(resource), _) => &resource.key,
            (None, Some(module)) => &module.key,
            (None, None) => &InstanceKey::None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, module) in self.modules.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(out, "{dot}module.{}{}", module.name, module.key)?;
        }
        if let Some(resource) = &self.resource {
            let dot = if self.modules.is_empty() { "" } else { "." };
            let data = if resource.data { "data." } else { "" };
            write!(out, "{dot}{data}{}.{}{}", resource.kind, resource.name, resource.key)?;
        }
        Ok(())
    }
}

/// A name with its key: what an address, or a reference, is made of.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) key: InstanceKey,
}

/// The steps of an address or a reference. `None` where the text is neither.
pub(super) fn tokenize(text: &str) -> Option<Vec<Step>> {
    let mut rest = text;
    let mut steps = Vec::new();
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = rest.get(..end)?;
        if name.is_empty() || name.contains([']', '"']) {
            return None;
        }
        rest = rest.get(end..)?;
        let mut key = InstanceKey::None;
        if let Some(inside) = rest.strip_prefix('[') {
            (key, rest) = read_key(inside)?;
        }
        steps.push(Step { name: name.to_owned(), key });
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(steps),
            None => return None,
        }
    }
}

/// Reads a key after its `[`; gives it and what follows its `]`.
fn read_key(inside: &str) -> Option<(InstanceKey, &str)> {
    let Some(quoted) = inside.strip_prefix('"') else {
        let (key, rest) = inside.split_once(']')?;
        let key = match key {
            "count.index" => InstanceKey::AnyIndex,
            "each.key" => InstanceKey::AnyKey,
            "*" => InstanceKey::Any,
            number => InstanceKey::Int(number.parse().ok()?),
        };
        return Some((key, rest));
    };
    let mut key = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let rest = quoted.get(at + 1..)?.strip_prefix(']')?;
                return Some((InstanceKey::Text(key.replace("$${", "${").replace("%%{", "%{")), rest));
            }
            '\\' => key.push(match characters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            other => key.push(other),
        }
    }
    None
}

/// A key as Terraform quotes it.
fn escaped(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for character in key.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_hold_dots_quotes_and_brackets() {
        let text = r#"module.outer["k.1"].module.inner["a\"].b"].aws_s3_bucket.this[0]"#;
        let address = Address::parse(text).unwrap();
        assert_eq!(address.modules[0].key, InstanceKey::Text("k.1".into()));
        assert_eq!(address.modules[1].key, InstanceKey::Text("a\"].b".into()));
        let resource = address.resource.as_ref().unwrap();
        assert_eq!((resource.kind.as_str(), resource.name.as_str()), ("aws_s3_bucket", "this"));
        assert_eq!(resource.key, InstanceKey::Int(0));
        assert_eq!(address.to_string(), text, "what is read is written the same");
        assert_eq!(address.without_keys().to_string(), "module.outer.module.inner.aws_s3_bucket.this");
    }

    #[test]
    fn data_sources_modules_and_the_root() {
        let data = Address::parse("data.aws_iam_policy_document.tls").unwrap();
        assert!(data.resource.unwrap().data);
        let module = Address::parse("module.a[1]").unwrap();
        assert_eq!(module.resource, None);
        assert_eq!(module.last_key(), &InstanceKey::Int(1));
        assert_eq!(module.without_last_key().to_string(), "module.a");
        assert_eq!(Address::parse("").unwrap(), Address::default());
    }

    #[test]
    fn one_instance_stands_for_all() {
        for text in ["a.b[count.index]", "module.m[each.key].a.b"] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), text);
        }
        assert!(Address::parse("a.b[each.key]").unwrap().last_key().is_any());
        assert!(!Address::parse("a.b[\"each.key\"]").unwrap().last_key().is_any());
        assert!(Address::parse("module.m[*].a.b[*]").unwrap().last_key().is_any());
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["a", "a.b.c", "module", "a.b[", "a.b[x]", "a.b[\"x]", "a..b", ".a.b", "a.b]", "a.b[0]c", "a[0].b"]
        {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }
}
