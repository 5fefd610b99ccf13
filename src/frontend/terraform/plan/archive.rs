//! Binary plans: zip archives that hold the source of the root module and of all modules that it calls.
//!
//! The layout is Terraform's `planfile` package: `tfconfig/m-<key>/<file>` for each module, and a manifest
//! `tfconfig/modules.json` with each module's key and folder. Only what is needed of the zip format is read: see
//! APPNOTE, sections 4.3.7 (local headers), 4.3.12 (central directory), 4.3.16 (its end).

use serde::Deserialize;
use std::collections::BTreeMap;

/// No real configuration has more files.
const MAX_ENTRIES: usize = 20_000;
/// The largest source file that is unpacked, in bytes.
const MAX_FILE: usize = 8 << 20;
/// The most that is unpacked of one archive, in bytes.
const MAX_TOTAL: usize = 64 << 20;

const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

/// The source in a binary plan: for each module its key (`outer.inner`, empty for the root) and its files, each with
/// its path as seen from the root module's folder.
pub(crate) type Snapshot = Vec<(String, Vec<(String, String)>)>;

/// An entry of the manifest.
#[derive(Deserialize)]
struct Described {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir", default)]
    dir: String,
}

/// The source in a binary plan. `None` where the bytes are no such plan.
pub(crate) fn snapshot(bytes: &[u8]) -> Option<Snapshot> {
    let mut left = MAX_TOTAL;
    let mut manifest = None;
    let mut modules: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for entry in entries(bytes)? {
        let Some(path) = entry.name.strip_prefix("tfconfig/") else { continue };
        let content = unpack(bytes, &entry, left.min(MAX_FILE))?;
        left = left.checked_sub(content.len())?;
        // A file that is no text is none of Terraform's.
        let Ok(text) = String::from_utf8(content) else { continue };
        if path == "modules.json" {
            manifest = serde_json::from_str::<Vec<Described>>(&text).ok();
        } else if let Some((key, file)) = path.strip_prefix("m-").and_then(|path| path.split_once('/')) {
            modules.entry(key.to_owned()).or_default().push((file.to_owned(), text));
        }
    }
    let folders: BTreeMap<String, String> =
        manifest?.into_iter().map(|described| (described.key, described.dir)).collect();
    let located = modules.into_iter().map(|(key, files)| {
        let folder = folders.get(&key).map_or("", String::as_str);
        let files = files.into_iter().map(|(file, text)| (join(folder, &file), text)).collect();
        (key, files)
    });
    Some(located.collect())
}

fn join(folder: &str, file: &str) -> String {
    match folder.trim_start_matches("./").trim_end_matches('/') {
        "" | "." => file.to_owned(),
        folder => format!("{folder}/{file}"),
    }
}

/// An entry of the central directory.
struct Entry {
    name: String,
    method: u16,
    packed: usize,
    /// Where the local header stands.
    offset: usize,
}

fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    // The end record is followed by a comment of at most 65,535 bytes.
    let from = bytes.len().saturating_sub(22 + 0xFFFF);
    let end = from + memchr::memmem::rfind(bytes.get(from..)?, &END)?;
    let count = usize::from(u16_at(bytes, end + 10)?).min(MAX_ENTRIES);
    let mut at = usize::try_from(u32_at(bytes, end + 16)?).ok()?;
    let mut out = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != CENTRAL {
            return None;
        }
        let length = |offset: usize| u16_at(bytes, at + offset).map(usize::from);
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let name_at = at + 46;
        out.push(Entry {
            name: String::from_utf8_lossy(bytes.get(name_at..name_at + name)?).into_owned(),
            method: u16_at(bytes, at + 10)?,
            packed: usize::try_from(u32_at(bytes, at + 20)?).ok()?,
            offset: usize::try_from(u32_at(bytes, at + 42)?).ok()?,
        });
        at = name_at + name + extra + comment;
    }
    Some(out)
}

/// The content of an entry, of at most `limit` bytes.
fn unpack(bytes: &[u8], entry: &Entry, limit: usize) -> Option<Vec<u8>> {
    let name = usize::from(u16_at(bytes, entry.offset.checked_add(26)?)?);
    let extra = usize::from(u16_at(bytes, entry.offset + 28)?);
    let start = entry.offset + 30 + name + extra;
    let packed = bytes.get(start..start.checked_add(entry.packed)?)?;
    match entry.method {
        0 => (packed.len() <= limit).then(|| packed.to_vec()),
        8 => miniz_oxide::inflate::decompress_to_vec_with_limit(packed, limit).ok(),
        _ => None,
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let part = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(part.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let part = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(part.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &[u8] = include_bytes!("../../../../testdata/plans/registry-module/tfplan");

    #[test]
    fn a_binary_plan_holds_the_source_of_all_modules() {
        let snapshot = snapshot(PLAN).unwrap();
        let modules: Vec<_> = snapshot.iter().map(|(key, files)| (key.as_str(), files[0].0.as_str())).collect();
        let module = "modules/s3/main.tf";
        assert_eq!(
            modules,
            [("", "main.tf"), ("logs", module), ("many", module), ("plain", module), ("tls12_only", module)]
        );
        assert!(snapshot[1].1[0].1.contains("denyInsecureTransport"));
    }

    #[test]
    fn broken_archives_are_none() {
        for cut in [0, 3, 10, 22, PLAN.len() / 2, PLAN.len() - 30, PLAN.len() - 1] {
            assert!(snapshot(&PLAN[..cut]).is_none() || cut == PLAN.len() - 1, "{cut}");
        }
        let mut wrong = PLAN.to_vec();
        for at in (0..wrong.len()).step_by(7) {
            wrong[at] ^= 0xFF;
            let _ = snapshot(&wrong);
        }
    }
}
