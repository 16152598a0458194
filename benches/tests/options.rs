//! The command line: defaults, order, and what is said of a wrong word.

use clap::ValueEnum;

use crate::cluster::options::{CaseName, Options};

fn read(line: &str) -> Result<Options, (String, u8)> {
    Options::read(std::iter::once("bench").chain(line.split_whitespace()).map(str::to_owned))
}

#[test]
fn no_arguments_mean_all_cases_with_a_thousand_credentials() {
    let options = read("--bench").unwrap();
    assert_eq!(options.cases, CaseName::value_variants());
    assert_eq!((options.n, options.targets, options.writers), (vec![1000], vec![1], 16));
    assert_eq!(read("--quick").unwrap().n, [100]);
    assert_eq!(read("--quick --n 200").unwrap().n, [200]);
}

#[test]
fn cases_run_in_their_own_order_and_once() {
    let options = read("edit cold edit --n 1000,5000 --targets 1,2 --bench").unwrap();
    assert_eq!(options.cases, [CaseName::Cold, CaseName::Edit]);
    assert_eq!((options.n, options.targets), (vec![1000, 5000], vec![1, 2]));
}

#[test]
fn an_unknown_word_is_reported_in_a_line_with_exit_code_2() {
    for line in ["hot", "--colour", "cold --n many", "--n 0", "--targets 9", "--from a.json cold"] {
        let (told, code) = read(line).unwrap_err();
        assert_eq!((code, told.lines().count()), (2, 1), "{line}: {told}");
        assert!(told.starts_with("error: "), "{told}");
    }
    assert!(read("hot").unwrap_err().0.contains("possible values: raw, kind, cold, memory"));
    let (help, code) = read("--help").unwrap_err();
    assert_eq!(code, 0);
    assert!(help.contains("Examples:") && !help.contains("--bench\n"), "{help}");
}
