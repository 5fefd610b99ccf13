//! The fuzz targets, as the tests have them.

#[path = "../tests/it/fuzzed/mod.rs"]
pub mod fuzzed;

/// A fuzz target of that name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::fuzzed::run($name, data));
    };
}
