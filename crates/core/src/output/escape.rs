//! How each format writes a value, so that its reader finds that value again; or why it cannot hold it.
//!
//! Where readers of a format differ (dotenv, INI, netrc), what is written is what all of them read alike, and what they would read
//! differently is refused.

use std::fmt::Write;

/// Why a format cannot hold a value: `has …, which … cannot hold`.
pub(super) type Refusal = &'static str;

/// Returns the value with everything but unreserved characters percent-encoded (RFC 3986).
pub(super) fn uri(text: &str) -> String {
    percent(text, b"-._~")
}

/// Returns the same, with slashes as they are: for paths, and for paths within a query.
pub(super) fn uri_path(text: &str) -> String {
    percent(text, b"-._~/")
}

fn percent(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Returns the value in quotes, with backslashes before quotes, backslashes and line breaks, and before what else `special`
/// escapes: it returns the escape of a character, or nothing for one that stands as it is.
fn quoted(text: &str, special: impl Fn(char) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            char => match special(char) {
                Some(escape) => out.push_str(&escape),
                None => out.push(char),
            },
        }
    }
    out.push('"');
    out
}

/// Returns the escape of a tab.
fn tab(char: char) -> Option<String> {
    (char == '\t').then(|| "\\t".to_owned())
}

/// Returns the value as a string of JSON with its quotes, which is a scalar of YAML too.
pub(super) fn json(text: &str) -> String {
    // What YAML does not take as it is, or takes for a line break.
    let is_odd = |char: char| {
        char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    quoted(text, |char| tab(char).or_else(|| is_odd(char).then(|| format!("\\u{:04x}", u32::from(char)))))
}

/// Returns the value as `java.util.Properties` reads it, from bytes of ISO 8859-1 or UTF-8.
pub(super) fn properties(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, char) in text.chars().enumerate() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            ' ' if index == 0 => out.push_str("\\ "),
            '=' | ':' | '#' | '!' => {
                out.push('\\');
                out.push(char);
            }
            ' '..='~' => out.push(char),
            char => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

/// Returns the value in quotes as the login modules of Java (JAAS) are configured with.
pub(super) fn jaas(text: &str) -> String {
    quoted(text, |_| None)
}

/// Returns the value in quotes as option files of MySQL and MariaDB have it.
pub(super) fn option_file(text: &str) -> Result<String, Refusal> {
    if text.contains('\0') {
        return Err("has a NUL, which an option file cannot hold");
    }
    let out = quoted(text, tab);
    // Lines are read into a buffer of 4,096 bytes.
    if out.len() > 4_000 { Err("is longer than the 4,000 bytes that a line of an option file holds") } else { Ok(out) }
}

/// Returns the value as a field of a `.pgpass` file.
pub(super) fn pgpass(text: &str) -> Result<String, Refusal> {
    if text.contains(['\n', '\r', '\0']) {
        return Err("has a line break, which .pgpass cannot hold");
    }
    Ok(text.replace('\\', "\\\\").replace(':', "\\:"))
}

/// Returns the value as it is where all readers of INI files find it again.
pub(super) fn ini(text: &str) -> Result<String, Refusal> {
    let comments = [" #", " ;", "\t#", "\t;"];
    if text.contains(|char: char| char.is_control() && char != '\t') {
        Err("has a line break or another control character, which an INI file cannot hold")
    } else if text.trim() != text {
        Err("begins or ends with white space, which an INI file cannot hold")
    } else if text.starts_with(['"', '\'', '#', ';']) || comments.iter().any(|sign| text.contains(sign)) {
        Err("begins with a quote or has a comment's sign, which readers of INI files take differently")
    } else {
        Ok(text.to_owned())
    }
}

/// Returns the value as a shell and the dotenv libraries of Python and Node read it alike.
pub(super) fn dotenv(text: &str) -> Result<String, Refusal> {
    if text.contains(['\0', '\r']) || text.contains("${") {
        return Err("has a carriage return, a NUL or ${, which readers of dotenv files take differently");
    }
    let single = !text.contains('\'') && !text.contains("\\\\") && !text.ends_with('\\');
    let double = !text.contains(['"', '$', '`', '\\', '!']);
    match (single, double) {
        (true, _) => Ok(format!("'{text}'")),
        (false, true) => Ok(format!("\"{text}\"")),
        (false, false) => Err("has quotes or backslashes that readers of dotenv files take differently"),
    }
}

/// Returns the value as text or an attribute of XML.
pub(super) fn xml(text: &str) -> Result<String, Refusal> {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A reader would make a space or a line feed of it.
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(char));
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                return Err("has a control character, which XML cannot hold");
            }
            char => out.push(char),
        }
    }
    Ok(out)
}

/// Returns the value as a word of a `.netrc` file, whose readers agree on words without quotes only.
pub(super) fn netrc(text: &str) -> Result<String, Refusal> {
    let odd = |char: char| char.is_whitespace() || char.is_control() || matches!(char, '"' | '\'' | '\\');
    if text.is_empty() || text.starts_with('#') || text.contains(odd) {
        return Err(
            "has white space, a quote or a backslash, or begins with #, which readers of .netrc take differently",
        );
    }
    Ok(text.to_owned())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the bytes in Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| (group << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (group >> (18 - 6 * place)) & 63;
            let letter = ALPHABET.get(index as usize).copied().unwrap_or(b'A');
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Returns the bytes that Base64 says, with or without padding; nothing where it is none.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(letters.len() / 4 * 3 + 2);
    for chunk in letters.as_bytes().chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut group = 0_u32;
        for letter in chunk {
            let index = ALPHABET.iter().position(|known| known == letter)?;
            group = (group << 6) | u32::try_from(index).ok()?;
        }
        group <<= 6 * (4 - chunk.len());
        out.extend(group.to_be_bytes().iter().skip(1).take(chunk.len() - 1));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648_and_is_read_back() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
            assert_eq!(from_base64(encoded).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
        assert_eq!(from_base64("not base64"), None);
        assert_eq!(from_base64("A"), None);
    }

    #[test]
    fn each_format_writes_what_its_readers_take_apart() {
        assert_eq!(uri("a:b/c@d?e#f%g ü~"), "a%3Ab%2Fc%40d%3Fe%23f%25g%20%C3%BC~");
        assert_eq!(json("a\"b\\c\n\u{1}\u{85}ü"), r#""a\"b\\c\n\u0001\u0085ü""#);
        assert_eq!(properties(" a=b:c#d!e\\f\ngü😀"), r" \ a\=b\:c\#d\!e\\f\ng\u00fc\ud83d\ude00".trim_start());
        assert_eq!(jaas("a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(option_file("a\"b\\c#d\n"), Ok(r#""a\"b\\c#d\n""#.to_owned()));
        assert_eq!(pgpass(r"a:b\c"), Ok(r"a\:b\\c".to_owned()));
        assert_eq!(xml("<a & 'b'>\n"), Ok("&lt;a &amp; &#39;b&#39;&gt;&#10;".to_owned()));
        assert_eq!(dotenv("a b$c"), Ok("'a b$c'".to_owned()));
        assert_eq!(dotenv("it's"), Ok("\"it's\"".to_owned()));
        assert_eq!(netrc("p#ss"), Ok("p#ss".to_owned()));
    }

    #[test]
    fn what_a_format_cannot_hold_is_refused() {
        for refused in
            [pgpass("a\nb"), ini("a\nb"), ini(" a"), ini("a #b"), ini("\"a"), dotenv("it's $5"), dotenv("${A}")]
        {
            assert!(refused.is_err());
        }
        for refused in [netrc("a b"), netrc("#a"), netrc("a\"b"), xml("\u{1}"), option_file("\0"), dotenv("a\\")] {
            assert!(refused.is_err());
        }
    }
}
