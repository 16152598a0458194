//! What stands in the tags of a template, before it is compiled.
//!
//! The compiler recurses into an expression as deep as its author likes, and a stack that overflows ends the process: so a tag
//! has a bounded number of parts, and a chain of `elif` a bounded length. What would let a text be taken for something else here
//! than by the compiler (maps in braces, `raw`) is refused; both are of no use in a template.

use super::wrong::Wrong;

/// How many names, signs and texts a tag may have.
const PARTS_MAX: usize = 100;
/// How many blocks a template may open.
const BLOCKS_MAX: usize = 100;

/// A word in a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// The line.
    pub(super) line: usize,
    /// The word.
    pub(super) text: &'t str,
    /// Whether it is the name of a filter.
    pub(super) is_filter: bool,
}

/// Returns the words of all tags, without those in quotes.
///
/// # Errors
/// A tag that is too long, is not closed, or has what templates have not.
pub(super) fn words(template: &str) -> Result<Vec<Word<'_>>, Wrong> {
    let mut scanner = Scanner { rest: template, line: 1, words: Vec::new() };
    let mut blocks = 0;
    while let Some(start) = scanner.rest.find('{') {
        scanner.skip(start);
        if scanner.rest.starts_with("{#") {
            let end = scanner.rest.find("#}").ok_or_else(|| scanner.wrong("has a comment that is not closed"))?;
            scanner.skip(end + 2);
        } else if scanner.rest.starts_with("{{") {
            scanner.skip(2);
            scanner.tag("}}")?;
        } else if scanner.rest.starts_with("{%") {
            scanner.skip(2);
            let first = scanner.words.len();
            scanner.tag("%}")?;
            blocks += 1;
            if scanner.words.get(first).is_some_and(|word| word.text == "raw") {
                return Err(scanner.wrong("has a block raw; write {{ '{{' }} where two braces are meant"));
            }
        } else {
            scanner.skip(1);
        }
    }
    if blocks > BLOCKS_MAX {
        let message = format!("has more than the {BLOCKS_MAX} blocks that a template may have; divide it");
        return Err(Wrong::Template { line: None, message });
    }
    Ok(scanner.words)
}

struct Scanner<'t> {
    rest: &'t str,
    line: usize,
    words: Vec<Word<'t>>,
}

impl<'t> Scanner<'t> {
    fn wrong(&self, message: &str) -> Wrong {
        Wrong::Template { line: Some(self.line), message: message.to_owned() }
    }

    /// Goes on by so many bytes.
    fn skip(&mut self, bytes: usize) -> &'t str {
        let (skipped, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += skipped.matches('\n').count();
        self.rest = rest;
        skipped
    }

    /// Goes on to the end of a tag.
    fn tag(&mut self, end: &str) -> Result<(), Wrong> {
        let is_part = |char: char| char.is_alphanumeric() || char == '_';
        let (mut parts, mut is_filter) = (0, false);
        while let Some(first) = self.rest.chars().next() {
            if self.rest.starts_with(end) {
                self.skip(end.len());
                return Ok(());
            }
            if first.is_whitespace() {
                self.skip(first.len_utf8());
                continue;
            }
            parts += 1;
            if parts > PARTS_MAX {
                return Err(self.wrong(&format!("has a tag of more than {PARTS_MAX} parts; divide it")));
            }
            match first {
                '"' | '\'' => self.quoted(first)?,
                '{' | '}' => return Err(self.wrong("has a brace in a tag; there are no maps")),
                first if is_part(first) => {
                    let length = self.rest.find(|char: char| !is_part(char)).unwrap_or(self.rest.len());
                    let (line, text) = (self.line, self.skip(length));
                    self.words.push(Word { line, text, is_filter });
                }
                other => {
                    self.skip(other.len_utf8());
                }
            }
            is_filter = first == '|';
        }
        Err(self.wrong("has a tag that is not closed"))
    }

    /// Goes on to the end of a text in quotes.
    fn quoted(&mut self, quote: char) -> Result<(), Wrong> {
        self.skip(1);
        while let Some(first) = self.rest.chars().next() {
            self.skip(first.len_utf8());
            if first == quote {
                return Ok(());
            }
            if first == '\\' {
                let escaped = self.rest.chars().next().map_or(0, char::len_utf8);
                self.skip(escaped);
            }
        }
        Err(self.wrong("has a text in quotes that is not closed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_with_their_line_and_what_they_are() {
        let found = words("a {{ b |\n upper }}{# {{ \" #}{% if c == '}} {{ d' %}{{ \"\\\"}}\" }}").unwrap_or_default();
        let found: Vec<_> = found.iter().map(|word| (word.line, word.text, word.is_filter)).collect();
        assert_eq!(found, [(1, "b", false), (2, "upper", true), (2, "if", false), (2, "c", false)]);
    }

    #[test]
    fn what_could_be_taken_for_something_else_is_refused() {
        for template in ["{{ {} }}", "{% raw %}{% endraw %}", "{%- raw -%}x", "{{ 'a }}", "{{ a", "{# a"] {
            assert!(words(template).is_err(), "{template}");
        }
        assert!(words(&format!("{{{{ 1{} }}}}", "+1".repeat(60))).is_err());
        assert!(words(&"{% if a %}{% endif %}".repeat(60)).is_err());
        assert!(words("{ a } }} %} { {").is_ok());
    }
}
