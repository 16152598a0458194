//! Values that a format could take for something of its own: a fixed table, and generated ones that are the same in every run.

/// Values of which each was once read differently by some client.
const TABLE: [&str; 72] = [
    "plain",
    "true",
    "007",
    "\"",
    "'",
    "\\",
    "`",
    "`id`",
    "$",
    "$HOME",
    "${HOME}",
    "$(id)",
    "$$",
    "it's $5",
    "a\"b'c",
    "\\n",
    "\\\\",
    "\\\"",
    "a\\",
    "\\u0041",
    "@",
    "a@b:c",
    ":",
    "/",
    "//",
    "a/b/../c",
    "%",
    "%41",
    "%zz",
    "%00",
    "#",
    "a#b",
    "a #b",
    "#a",
    ";",
    "a ;b",
    "?",
    "a?b=c&d",
    "+",
    "a+b",
    "=",
    "a=b",
    "==",
    "!",
    "!!",
    "*",
    "~",
    "-",
    "-rf",
    "--help",
    " ",
    " a",
    "a ",
    "a b",
    "\t",
    "a\tb",
    "a\nb",
    "\n",
    "a\n",
    "a\r\nb",
    "\r",
    "[client]",
    "{{ a }}",
    "{a}",
    "<a&b>",
    "ü",
    "日本語",
    "😀",
    "\u{a0}a\u{2028}b",
    "\u{85}",
    "\u{feff}a",
    "a\u{1}\u{1b}\u{7f}",
];

/// What generated values are made of, each as likely as any other.
const PIECES: [&str; 48] = [
    "a", "B", "7", "n", "u", "x", "\"", "'", "\\", "`", "$", "{", "}", "(", ")", "[", "]", "@", ":", "/", "%", "#",
    "?", "&", "+", "=", ";", ",", "!", "*", "~", "-", "_", ".", "|", "<", ">", "^", " ", "  ", "\t", "\n", "\r", "ü",
    "語", "😀", "\u{a0}", "\u{2028}",
];

/// Returns this many values: the table, then generated ones.
pub(crate) fn hostile(count: usize) -> Vec<String> {
    let mut random = Random(0x0a99_c4ed);
    let generated = std::iter::repeat_with(|| {
        let length = 1 + random.below(24);
        (0..length).map(|_| PIECES[random.below(PIECES.len())]).collect()
    });
    TABLE.iter().map(|&value| value.to_owned()).chain(generated).take(count).collect()
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

#[test]
fn values_are_the_same_in_every_run_and_all_different_in_kind() {
    let values = hostile(300);
    assert_eq!(values, hostile(300));
    assert!(values[..TABLE.len()] == TABLE && values.len() == 300);
    for piece in PIECES {
        assert!(values[TABLE.len()..].iter().any(|value| value.contains(piece)), "{piece:?}");
    }
}
