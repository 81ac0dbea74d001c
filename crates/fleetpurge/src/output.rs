//! Writes all output: the result to stdout, everything else to stderr.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use console::Term;

use crate::course;
use crate::exit::Exit;
use crate::next;

/// The result, buffered. To be flushed before the command ends.
pub(crate) fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// The result as a person reads it: buffered, and with nothing in it that a terminal would obey.
pub(crate) fn text() -> Escaping<BufWriter<io::StdoutLock<'static>>> {
    Escaping(stdout())
}

/// Shows what would be obeyed or would not be seen ([`shown`]), and passes line ends through. What is written to it comes
/// in whole characters, as `write!` does it.
#[derive(Debug)]
pub(crate) struct Escaping<W>(pub(crate) W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(lines(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a line of progress is on the screen. There is one screen, and whoever writes to it takes that line away first.
static PROGRESS: Mutex<bool> = Mutex::new(false);

/// Lines for the person on stderr, at a terminal with breaks between words. A closed stderr is not an error.
pub(crate) fn note(text: &str) {
    say(&wrapped(
        text,
        Term::stderr().size_checked().map(|(_, columns)| columns.into()),
    ));
}

/// Lines on stderr as they are.
fn say(text: &str) {
    let mut progress = PROGRESS.lock().unwrap_or_else(PoisonError::into_inner);
    take_away(&mut progress);
    let _ = writeln!(io::stderr().lock(), "{}", lines(text));
}

/// Draws the line of progress, which is made for the width that the terminal has now. The cursor stays at its beginning
/// and never moves up: however a terminal breaks the line when it is made narrower, all of it lies from the cursor on, and
/// nothing else does.
pub(crate) fn draw(line: impl FnOnce(usize) -> String) {
    let term = Term::buffered_stderr();
    let width = term.size_checked().map_or(80, |(_, columns)| columns.into());
    let mut progress = PROGRESS.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = term
        .clear_to_end_of_screen()
        .and_then(|()| term.write_str(&line(width)))
        .and_then(|()| term.write_str("\r"))
        .and_then(|()| term.flush());
    *progress = true;
}

/// Takes the line of progress away.
pub(crate) fn erase() {
    take_away(&mut PROGRESS.lock().unwrap_or_else(PoisonError::into_inner));
}

fn take_away(progress: &mut bool) {
    if std::mem::take(progress) {
        let _ = Term::stderr().clear_to_end_of_screen();
    }
}

/// Breaks lines between words. A word that is longer than a line is left whole, so that it can be copied.
fn wrapped(text: &str, width: Option<usize>) -> Cow<'_, str> {
    let Some(width) = width else {
        return Cow::Borrowed(text);
    };
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
            let options = textwrap::Options::new(width)
                .subsequent_indent(indent)
                .break_words(false)
                .word_separator(textwrap::WordSeparator::AsciiSpace)
                .word_splitter(textwrap::WordSplitter::NoHyphenation)
                .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
            textwrap::fill(line, options)
        })
        .collect();
    Cow::Owned(lines.join("\n"))
}

/// The next command to type, as the last line on stderr, after an end at which the same command would do no more.
pub(crate) fn next(command: &str) {
    next_after(Exit::ERROR, command);
}

/// The next command to type after an end with this exit code.
pub(crate) fn next_after(exit: Exit, command: &str) {
    pasteable(&next::after(exit, command));
}

/// The last line, as it is: it may be longer than the terminal is wide, and is pasted as one line.
pub(crate) fn pasteable(command: &str) {
    course::ends();
    say(&format!("next: {}", shown(command)));
}

/// A prompt on stderr that an answer follows on the same line.
pub(crate) fn prompt(text: &str) {
    erase();
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{}", lines(text));
    let _ = stderr.flush();
}

/// Whether a person sits at both ends of a question.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Text of unknown origin for a terminal: what would be obeyed, or would not be seen, is shown by its number.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// The same for text of several lines.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_hidden(c))
}

/// What the formatter of the log has written. Where it colours, the escapes are its own: it escapes those of others.
pub(crate) fn logged(text: &str, coloured: bool) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && !(coloured && c == '\u{1b}') && is_hidden(c))
}

fn escaped(text: &str, harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if harmful(c) {
            let _ = write!(safe, "{}", c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Whether a character has no shape of its own, or turns or breaks the text around it: controls, direction marks,
/// separators of lines and paragraphs, zero-width characters, spaces other than the usual one, soft hyphens, tags,
/// variation selectors, private and unassigned characters. Accents that combine with a letter are seen.
pub(crate) fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    // A blank pattern of Braille is a letter by its category, and not seen either.
    if c == '\u{2800}' || fleetpurge_text::is_invisible(c) {
        return true;
    }
    // The standard library knows what can be printed. After a letter it takes a combining mark for what it is.
    let mut pair = [b'a', 0, 0, 0, 0];
    let len = c.encode_utf8(&mut pair[1..]).len();
    std::str::from_utf8(&pair[..=len]).is_ok_and(|pair| pair.escape_debug().nth(1) == Some('\\'))
}

/// A count with its noun.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_no_word_is_broken() {
        let table = [
            ("one two three", 8, "one two\nthree"),
            ("  one two three", 8, "  one\n  two\n  three"),
            (
                "a https://industrial.api.ubidots.com/x b",
                10,
                "a\nhttps://industrial.api.ubidots.com/x\nb",
            ),
            ("--client-secret-file or so", 12, "--client-secret-file\nor so"),
            ("short\n\nlines", 40, "short\n\nlines"),
            ("\u{65e5}\u{672c} \u{8a9e}", 5, "\u{65e5}\u{672c}\n\u{8a9e}"),
        ];
        for (text, width, expected) in table {
            assert_eq!(wrapped(text, Some(width)), expected);
            assert_eq!(wrapped(text, None), text);
        }
    }

    #[test]
    fn what_would_move_the_cursor_or_turn_the_text_is_shown_instead() {
        let table = [
            ("PC-1 é 💻", "PC-1 é 💻"),
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("\u{202e}txt", "\\u{202e}txt"),
            (r"CORP\PC-1 'it' `x`", r"CORP\PC-1 'it' `x`"),
            // An accent of its own is seen, so it stays: `Bu` with two dots.
            ("Bu\u{308}ro \u{4f60} \u{fffd}", "Bu\u{308}ro \u{4f60} \u{fffd}"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn every_kind_of_character_that_is_obeyed_or_not_seen_is_shown_by_its_number() {
        for c in [
            '\0',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{2000}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{202f}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{206f}',
            '\u{2800}',
            '\u{3000}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffe}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e01ef}',
            '\u{10ffff}',
            '\u{378}',
        ] {
            let text = format!("a{c}b");
            assert_eq!(shown(&text), format!("a{}b", c.escape_default()));
            assert_eq!(lines(&text), shown(&text));
            // What is escaped once is text.
            assert_eq!(shown(&shown(&text)), shown(&text));
        }
        assert_eq!(lines("a\nb\r"), "a\nb\\r");
        assert_eq!(logged("\u{1b}[2m\u{202e}", true), "\u{1b}[2m\\u{202e}");
        assert_eq!(logged("\u{1b}[2m", false), "\\u{1b}[2m");
    }

    #[test]
    fn a_text_for_a_person_is_escaped_as_it_is_written() {
        let mut out = Escaping(Vec::new());
        let hidden = '\u{202e}';
        writeln!(out, "a{hidden}b c\u{1b}").unwrap();
        assert_eq!(out.0, b"a\\u{202e}b c\\u{1b}\n");
    }
}
