//! The fuzzer: libFuzzer around one of the targets, which the environment variable `FUZZ_TARGET` names. `fuzz/run` sets it.

#![no_main]

mod mutate;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/pure/simulated.rs"]
mod simulated;
#[allow(dead_code, reason = "the folder of a corpus is for the tests")]
mod targets;

use std::sync::OnceLock;

use targets::Target;

/// The target that is run.
static TARGET: OnceLock<&'static Target> = OnceLock::new();

fn target() -> &'static Target {
    TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        targets::named(&name).unwrap_or_else(|| {
            let known: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
            eprintln!("FUZZ_TARGET names no target: {name:?}; there are {}", known.join(", "));
            std::process::exit(2);
        })
    })
}

libfuzzer_sys::fuzz_target!(init: { let _: &Target = target(); }, |data: &[u8]| {
    (target().run)(data);
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});
