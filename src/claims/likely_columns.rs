//! Columns that a layout reads and a file does not have: which columns of the file are
//! likely meant.

use crate::base::diagnostics::{Message, listing, literal};
use crate::claims::messages;
use crate::plan::Column;

/// The tests by which names are similar, the strictest first.
const SIMILAR: [fn(&str, &str) -> bool; 3] = [is_same, is_part, is_near];

/// The message about columns of a layout that a file does not have, with the options
/// that map them to other columns. `others` are the columns that are not read.
pub(super) fn missing(columns: &[&Column], others: &[&str]) -> Message {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let noun = if names.len() == 1 {
        "column"
    } else {
        "columns"
    };
    let message = messages::column_missing(&format!("{noun} {}", listing(&names)), "layout reads");
    let called = |column: &&Column| column.layout_name.clone().unwrap_or_default();
    let called: Vec<String> = columns.iter().map(called).collect();
    let wanted: Vec<[&str; 2]> = names
        .iter()
        .zip(&called)
        .map(|(name, called)| [*name, called.as_str()])
        .collect();
    let likely = likely(&wanted, others);
    let options = called.iter().zip(&likely).map(|(called, name)| {
        let name = name.map_or_else(|| "\"…\"".to_owned(), shell_word);
        format!("--rename {}={name}", shell_word(called))
    });
    let options: Vec<String> = options.collect();
    let mut hint = format!("add `{}`", options.join(" "));
    if likely.contains(&None) {
        hint += ", with a column of the file in place of each `…`";
        let others = others.iter().filter(|other| !likely.contains(&Some(other)));
        let others: Vec<&str> = others.copied().collect();
        if !others.is_empty() {
            hint += &format!("; it also has {}", listing(&others));
        }
    }
    message.hint(hint + "; or add the columns in another file, `--payees FILE`")
}

/// The message about a column whose name is almost that of an optional one, which the
/// file does not have.
pub(crate) fn near_miss(column: &Column, name: &str) -> Message {
    let message = messages::column_name_near(&literal(&column.name));
    message.hint(match &column.layout_name {
        Some(called) => format!(
            "if it is the same, add `--rename {}={}`; otherwise rename it in the file",
            shell_word(called),
            shell_word(name)
        ),
        None => format!(
            "name it {} in the file; if it is something else, give it another name",
            literal(&column.name)
        ),
    })
}

/// For each wanted column, known by two names, the only other column whose name is
/// similar. No column is taken twice.
pub(crate) fn likely<'n>(wanted: &[[&str; 2]], others: &[&'n str]) -> Vec<Option<&'n str>> {
    let mut found: Vec<Option<&str>> = vec![None; wanted.len()];
    for is_similar in SIMILAR {
        for (place, names) in wanted.iter().enumerate() {
            let is_free = |other: &&&str| !found.contains(&Some(**other));
            let is_it = |other: &&&str| names.iter().any(|name| is_similar(name, other));
            let mut similar = others.iter().filter(is_free).filter(is_it);
            let only = similar.next().filter(|_| similar.next().is_none()).copied();
            if let Some(slot) = found.get_mut(place).filter(|slot| slot.is_none()) {
                *slot = only;
            }
        }
    }
    found
}

/// True for names with the same letters and digits, like `address_1` and `Address 1`.
pub(crate) fn is_same(name: &str, other: &str) -> bool {
    let (name, other) = (words(name).concat(), words(other).concat());
    !name.is_empty() && name == other
}

/// True if words of the other name are the name, like `zip` in `Mailing Zip`, or
/// `email` in `E-mail Address`.
fn is_part(name: &str, other: &str) -> bool {
    let (name, words) = (words(name).concat(), words(other));
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| from..to));
    let mut runs = runs.filter_map(|run| words.get(run));
    !name.is_empty() && runs.any(|run| run.concat() == name)
}

/// True for names that differ by a typing error, but in no digit.
pub(crate) fn is_near(name: &str, other: &str) -> bool {
    let (name, other) = (words(name).concat(), words(other).concat());
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let length = name.chars().count().min(other.chars().count());
    length > 0
        && digits(&name) == digits(&other)
        && 4 * strsim::damerau_levenshtein(&name, &other) <= length
}

/// The words of a name in lower case: `ZIPCode`, `zip_code` and `Zip Code` have two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_alphanumeric() {
            let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
            let begins = !before.is_alphanumeric()
                || before.is_numeric() != c.is_numeric()
                || (c.is_uppercase() && (before.is_lowercase() || next_is_lower));
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

/// A text as a word of a command line.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else if text.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_word_by_word() {
        assert_eq!(words("MailingAddress1"), ["mailing", "address", "1"]);
        assert_eq!(words("ZIPCode / US"), ["zip", "code", "us"]);
        assert_eq!(words("__"), [""; 0]);
    }

    #[test]
    fn a_likely_column_is_the_only_similar_one() {
        let likely = |wanted: &[&str], others: &[&'static str]| {
            let wanted: Vec<[&str; 2]> = wanted.iter().map(|name| [*name, ""]).collect();
            likely(&wanted, others)
        };
        for (wanted, other) in [
            ("address_1", "Address 1"),
            ("address_1", "MAILING ADDRESS 1"),
            ("address_1", "adress1"),
            ("email", "E-mail Address"),
            ("zip", "ZIP Code"),
            ("payee", "payeee"),
        ] {
            assert_eq!(likely(&[wanted], &[other]), [Some(other)], "{wanted}");
        }
        for (wanted, other) in [
            ("address_1", "Address 2"),
            ("city", "Capacity"),
            ("payee", "paid"),
            ("state", "Statement"),
            ("payee", ""),
        ] {
            assert_eq!(likely(&[wanted], &[other]), [None], "{wanted}");
        }
        // Either could be meant.
        assert_eq!(likely(&["zip"], &["Home Zip", "Work Zip"]), [None]);
        // The same name comes first, and no column is taken twice.
        let names = likely(
            &["address", "mail_address"],
            &["Mail Address", "Street Address"],
        );
        assert_eq!(names, [Some("Street Address"), Some("Mail Address")]);
    }

    #[test]
    fn names_are_words_of_a_command_line() {
        for (name, word) in [
            ("zip", "zip"),
            ("Zip Code", "\"Zip Code\""),
            ("Payee's name", "\"Payee's name\""),
            ("cost $", "'cost $'"),
            ("a \"b\" 'c'", r#"'a "b" '\''c'\'''"#),
        ] {
            assert_eq!(shell_word(name), word);
        }
    }
}
