use super::*;

fn number(text: &str) -> Decimal {
    parse(text).expect(text)
}

#[test]
fn plain_decimals_are_read_from_their_digits() {
    for (written, value) in [
        ("0", "0"),
        ("007", "7"),
        ("33.33", "33.33"),
        ("1.50", "1.5"),
        (
            "0.0000000000000000000000000001",
            "0.0000000000000000000000000001",
        ),
        (
            "9999999999999999999999999999",
            "9999999999999999999999999999",
        ),
    ] {
        assert_eq!(text(number(written)), value);
    }
}

#[test]
fn numbers_are_written_without_zeros_at_the_end() {
    for text in [
        "0",
        "6",
        "0.5",
        "12.05",
        "0.0000000000000000000000000001",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999999999999",
    ] {
        for number in [number(text), -number(text)] {
            let mut written = "x".to_owned();
            push_text(&mut written, number);
            assert_eq!(written, format!("x{}", super::text(number)));
        }
    }
    let mut padded = String::new();
    push_text(&mut padded, Decimal::new(1500, 3));
    assert_eq!(padded, "1.5");
}

#[test]
fn a_product_past_128_bits_is_held_if_it_ends_with_zeros() {
    // 5^38 and 2^40, of which 38 digits are zeros.
    let product = product(
        number("363797880709171.295166015625"),
        number("1099511627776"),
    );
    assert_eq!(
        product.map(text).as_deref(),
        Some("400000000000000000000000000")
    );
}

#[test]
fn short_numbers_are_read_quickly() {
    let read = ["0", "15", "1.50", "0.05", "999999999999999999"].map(short);
    let digits = [
        (0, 0),
        (15, 0),
        (150, 2),
        (5, 2),
        (999_999_999_999_999_999, 0),
    ];
    assert_eq!(read, digits.map(Some));
    for other in [
        "",
        ".",
        ".5",
        "5.",
        "1.2.3",
        "1x5",
        ":",
        "1:",
        "1/",
        "-1",
        "1000000000000000000",
    ] {
        assert_eq!(short(other), None, "{other}");
    }
}

#[test]
fn groups_have_three_digits_but_the_first() {
    for (written, value) in [
        ("500", "500"),
        ("0", "0"),
        ("0.5", "0.5"),
        ("1,234", "1234"),
        ("12,345.678", "12345.678"),
        ("123,456,789.01", "123456789.01"),
    ] {
        assert_eq!(parse_grouped(written, ','), Ok(number(value)), "{written}");
    }
    for written in [
        "0,500",
        "1234,567",
        "1234",
        "1,23",
        "1,2345",
        ",123",
        "1,",
        "1,,234",
        "1,234.5,6",
        "1.234,5",
    ] {
        let read = parse_grouped(written, ',');
        assert_eq!(read, Err(NumberFault::BadGroups), "{written}");
    }
}

#[test]
fn decimals_are_counted_as_written() {
    let counted = ["15", "15.", "1.5", "1.50", ".5"].map(decimals_written);
    assert_eq!(counted, [0, 0, 1, 2, 1]);
}

#[test]
fn anything_else_is_refused_with_its_reason() {
    use NumberFault as P;
    for (written, problem) in [
        ("", P::Blank),
        ("-1", P::Sign),
        ("+1", P::Sign),
        ("(5)", P::Sign),
        ("1e3", P::Exponent),
        ("1E+05", P::Exponent),
        ("1,234.56", P::Separator),
        ("1_000", P::Separator),
        ("1 000", P::Separator),
        ("$5", P::CurrencySign),
        (".5", P::BarePoint),
        ("5.", P::BarePoint),
        (".", P::NotANumber),
        ("inf", P::NotANumber),
        ("1.2.3", P::Date),
        ("2021-09-30", P::Date),
        ("٣", P::NotANumber),
        ("10000000000000000000000000000", P::TooManyDigits),
        ("20000000000000000000000000001", P::TooManyDigits),
        ("0.00000000000000000000000000001", P::TooManyDecimals),
        (":", P::NotANumber),
        ("5x5", P::NotANumber),
    ] {
        assert_eq!(parse(written), Err(problem), "{written}");
    }
}

#[test]
fn units_are_rounded_both_ways() {
    assert_eq!(units(number("1.5"), 2), Some((150, 150)));
    assert_eq!(units(number("1.501"), 2), Some((150, 151)));
    assert_eq!(units(Decimal::new(1500, 3), 2), Some((150, 150)));
    assert_eq!(units(number("0.009"), 0), Some((0, 1)));
}

#[test]
fn sums_and_products_are_exact_or_none() {
    let tiny = number("0.0000000000000000000000000001");
    let huge = number("9999999999999999999999999999");
    assert_eq!(sum(tiny, huge), None);
    assert_eq!(product(tiny, tiny), None);
    assert_eq!(product(huge, huge), None);
    assert_eq!(
        product(huge, tiny).map(text).as_deref(),
        Some("0.9999999999999999999999999999")
    );
    let a = number("0.00000000000000000000000005");
    let b = number("2000000000000000000000000000");
    assert_eq!(product(a, b).map(text).as_deref(), Some("100"));
    assert_eq!(sum(number("0.1"), number("0.2")), Some(number("0.3")));
    assert_eq!(difference(number("1"), number("1")), Some(Decimal::ZERO));
}
