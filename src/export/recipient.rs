//! Recipients of `PayPal` Payouts: one email address, telephone number or payer id;
//! for Venmo, also a handle.

use crate::base::diagnostics::{Message, literal};
use crate::export::messages;

/// The maximum length of an address for `PayPal`.
const LONGEST: usize = 127;

/// Validates a recipient.
pub(crate) fn check(text: &str, venmo: bool) -> Result<(), Message> {
    let good = if text.contains('@') && !(venmo && text.starts_with('@')) {
        is_address(text)
    } else {
        is_telephone(text) || is_payer(text) || (venmo && is_handle(text))
    };
    if good {
        return Ok(());
    }
    let handle = if venmo { ", Venmo handle" } else { "" };
    Err(messages::not_a_recipient(&literal(text), handle))
}

/// One local part, one `@`, and a domain of at least two labels.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let of_local = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let is_label = |label: &str| {
        let ends = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && !ends && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = domain.rsplit_once('.').map(|(_, last)| last);
    text.len() <= LONGEST
        && !local.is_empty()
        && local.chars().all(of_local)
        && domain.split('.').all(is_label)
        && last.is_some_and(|last| last.chars().count() >= 2 && last.contains(char::is_alphabetic))
}

/// Ten digits as in the United States, or more with a country code.
fn is_telephone(text: &str) -> bool {
    let national = text.strip_prefix('+');
    let rest = national.unwrap_or(text);
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let of_number = |c: char| c.is_ascii_digit() || "-.()".contains(c);
    let first = rest.chars().find(char::is_ascii_digit);
    rest.chars().all(of_number)
        && match (national, digits) {
            (Some(_), 8..=15) | (None, 10) => true,
            (None, 11) => first == Some('1'),
            _ => false,
        }
}

/// Thirteen digits and capital letters.
fn is_payer(text: &str) -> bool {
    const LENGTH: usize = 13;
    let of_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() == LENGTH
        && text.bytes().all(of_id)
        && text.contains(|c: char| c.is_ascii_uppercase())
}

/// Five to thirty letters, digits, hyphens and underscores, with or without a leading
/// `@`.
fn is_handle(text: &str) -> bool {
    let name = text.strip_prefix('@').unwrap_or(text);
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (5..=30).contains(&name.len())
        && name.bytes().all(of_name)
        && name.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use crate::export::recipient::check;

    #[test]
    fn one_address_number_or_id_is_a_recipient() {
        for text in [
            "a@example.com",
            "dev.prasad+x@mail.example.co.uk",
            "o'neil@example.org",
            "m_a@xn--bcher-kva.example",
            "5551234567",
            "15551234567",
            "555-123-4567",
            "(555)123-4567",
            "+447911123456",
            "+1-555-123-4567",
            "7E7MGXCWTTKK2",
            "jos\u{e9}@example.com",
        ] {
            assert_eq!(check(text, false), Ok(()), "{text}");
        }
        for text in ["@ana-smith", "ana_smith", "5551234567", "a@example.com"] {
            assert_eq!(check(text, true), Ok(()), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "200",
            "none",
            "12345678",
            "a@x.com;b@x.com",
            "a@x.com,b@x.com",
            "a@x.com b@x.com",
            "a@x.com/b@x.com",
            "a@@x.com",
            "a@x",
            "@x.com",
            "a@",
            "a@x.com.",
            "a@.com",
            "Ana <a@x.com>",
            "mailto:a@x.com",
            "a at x.com",
            "ana",
            "@ana-smith",
            "ana_smith",
            "21234567890",
            "example.com",
            "a@x.c",
            "a b@x.com",
            "a@-x.com",
            "a@1.2.3.4",
            "1234567890123",
        ] {
            assert!(check(text, false).is_err(), "{text}");
        }
        for text in ["@ana", "200", "@a@x.com", "ana smith", "12345678"] {
            assert!(check(text, true).is_err(), "{text}");
        }
    }
}
