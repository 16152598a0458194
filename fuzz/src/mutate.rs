//! How an input is changed: as a document, mostly. Bytes that are flipped at random are no JSON any more, and say nothing
//! about the code behind the parser.

use std::sync::OnceLock;

use appcredential_api::crd;
use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Value, json};

/// Values that have gone wrong somewhere before.
fn odd_values() -> Vec<Value> {
    let mut out = vec![Value::Null, json!(true), json!(false), json!({}), json!([]), json!([[]])];
    out.extend([0, 1, -1, 2, 65_535, 65_536, i64::from(i32::MAX), i64::MAX, i64::MIN].map(|number| json!(number)));
    out.push(json!(1.5e300));
    let texts = [
        "",
        " ",
        ".",
        "..",
        "...",
        "-",
        "a",
        "app",
        "team",
        "other",
        "default",
        "true",
        "no",
        "0",
        "1e3",
        "0x1f",
        "a.b",
        "a/b",
        "a//b",
        "a:b@c",
        "amqp://u:p@h",
        "//",
        "://",
        "@",
        "?password=x",
        "example.com/team",
        "x.k8s.io/y",
        "9223372036854775807",
        "2147483647",
        "-1",
        "+1",
        "é",
        "\u{0}",
        "\n",
        "\u{202e}",
        "ca.crt",
        "type",
        "environment",
        "auth-type",
        "Basic",
        "OAuth2",
        "None",
        "ServiceBinding",
        "Retain",
        "uid-of-app",
        "team/app",
        "Secret/other/app",
        "2026-01-02T03:04:05Z",
    ];
    out.extend(texts.map(|text| json!(text)));
    out.extend([63, 64, 253, 254, 1025].map(|length| json!("a".repeat(length))));
    out
}

/// The names of all fields of the kinds, and of the inputs that the targets have of their own.
fn fields() -> &'static [String] {
    static FIELDS: OnceLock<Vec<String>> = OnceLock::new();
    FIELDS.get_or_init(|| {
        let mut out = Vec::new();
        for (_, definition) in crd::all().unwrap_or_default() {
            collect(&json!(definition), &mut out);
        }
        let own = "metadata annotations labels data binaryData type immutable ownerReferences controller uid name namespace \
                   deletionTimestamp resourceVersion revision same deleting foreign known stop in objects detached wanted";
        out.extend(own.split_whitespace().map(str::to_owned));
        out.extend(["owner-uid", "output", "revision", "extra-labels"].map(|name| format!("appcredential.io/{name}")));
        out.sort();
        out.dedup();
        out
    })
}

fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            out.extend(map.get("properties").and_then(Value::as_object).into_iter().flat_map(|it| it.keys().cloned()));
            map.values().for_each(|value| collect(value, out));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, out)),
        _ => {}
    }
}

/// A generator of small numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// Changes an input in place; returns how long it is then.
pub(crate) fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) << 1 | 1);
    dice.below(2);
    let document = data.get(..size).and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let Some(mut document) = document.filter(|_| dice.below(20) != 0) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=dice.below(3) {
        change(&mut document, &mut dice);
    }
    let text = document.to_string();
    match data.get_mut(..text.len()).filter(|_| text.len() <= max_size) {
        Some(room) => {
            room.copy_from_slice(text.as_bytes());
            text.len()
        }
        None => fuzzer_mutate(data, size, max_size),
    }
}

/// The places of a document, as JSON pointers.
fn places(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                places(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                places(value, format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
    out.push(at);
}

/// One change at one place.
fn change(document: &mut Value, dice: &mut Dice) {
    let mut all = Vec::new();
    places(document, String::new(), &mut all);
    let Some(place) = dice.pick(&all).cloned() else { return };
    let other = dice.pick(&all).and_then(|other| document.pointer(other)).cloned().unwrap_or_default();
    let odd = odd_values();
    let odd = dice.pick(&odd).cloned().unwrap_or_default();
    let Some(value) = document.pointer_mut(&place) else { return };
    match (dice.below(6), value) {
        (0, value) => *value = odd,
        (1, value) => *value = other,
        (2, Value::Object(map)) => {
            let field = dice.pick(fields()).cloned().unwrap_or_default();
            map.insert(field, if dice.below(2) == 0 { odd } else { other });
        }
        (3, Value::Object(map)) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let gone = dice.pick(&keys).and_then(|key| map.remove(key));
            // Now and then it comes back under another name.
            if let (Some(gone), 0) = (gone, dice.below(3)) {
                let name = dice.pick(fields()).cloned().unwrap_or_default();
                map.insert(name, gone);
            }
        }
        (2, Value::Array(list)) => list.insert(dice.below(list.len() + 1), other),
        (3, Value::Array(list)) if !list.is_empty() => drop(list.remove(dice.below(list.len()))),
        (4, Value::Array(list)) if !list.is_empty() => {
            let twice = dice.pick(list).cloned().unwrap_or_default();
            list.push(twice);
        }
        (_, Value::String(text)) => *text = changed(text, dice),
        (_, value) => *value = odd,
    }
}

/// A text with a letter or a piece more, less or other than before.
fn changed(text: &str, dice: &mut Dice) -> String {
    const LETTERS: &[&str] =
        &["a", "A", "0", "-", "_", ".", "/", ":", "@", "?", "=", "&", ";", " ", "%", "#", "é", "\u{7f}", "\n"];
    let letters: Vec<char> = text.chars().collect();
    let (from, to) = (dice.below(letters.len() + 1), dice.below(letters.len() + 1));
    let (from, to) = (from.min(to), from.max(to));
    let part = |range: std::ops::Range<usize>| letters.get(range).unwrap_or_default().iter().collect::<String>();
    let (head, piece, tail) = (part(0..from), part(from..to), part(to..letters.len()));
    let letter = dice.pick(LETTERS).copied().unwrap_or_default();
    match dice.below(5) {
        0 => format!("{head}{letter}{piece}{tail}"),
        1 => format!("{head}{tail}"),
        2 => format!("{head}{letter}{tail}"),
        3 => format!("{head}{piece}{piece}{tail}"),
        _ => format!("{piece}{letter}{head}{tail}"),
    }
}
