//! The section `Outputs`: names given to other templates.

use super::reader::Reader;
use crate::model::{Data, Export, Text, Value};
use crate::syntax::Node;

impl<'a> Reader<'a> {
    /// What the template exports.
    pub(super) fn exports(&mut self) -> Vec<Export> {
        let Some(section) = self.root.get("Outputs") else { return Vec::new() };
        let mut exports = Vec::new();
        for entry in self.entries(section).list {
            let export = self.within(entry.loops, |reader| reader.export(entry.value));
            exports.extend(export);
        }
        exports
    }

    fn export(&mut self, output: Node<'a>) -> Option<Export> {
        let name = output.get("Export")?.get("Name")?;
        let value = output.get("Value")?;
        let name = self.value(name);
        let name = self.as_text(name);
        let name: Text = match &name.data {
            Data::Text(text) => text.clone(),
            _ => return None,
        };
        let value: Value = self.value(value);
        let value = self.finished(value);
        Some(Export { name, value, exists: self.exists(output) })
    }
}
