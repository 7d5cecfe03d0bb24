//! Warnings about payees to look at before money moves: e-mail addresses, accounts and
//! addresses that several payees share, and those that cannot be right.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hasher as _};

use anyhow::Result;
use foldhash::fast::FixedState;

use crate::base::diagnostics::{ClaimProblem, count, quotable};
use crate::base::money::{Currency, group};
use crate::claims::problem_list::ProblemList;
use crate::export::context::ExportContext;
use crate::export::overlay::PayeeCells;
use crate::plan::ColumnId;

/// The number of payees that a warning names.
const NAMED: usize = 5;

/// The warnings, with every payee whom they concern in a list.
pub(crate) fn of(context: &ExportContext<'_>, list: &mut ProblemList) -> Result<Vec<String>> {
    if !context.layout.pays.has_payments() {
        return Ok(Vec::new());
    }
    let columns = PayeeColumns::of(context);
    let mut warnings = Vec::new();
    for (what, wanted) in [
        (["e-mail address", "e-mail addresses"], &columns.email),
        (["account", "accounts"], &columns.account),
        (["address", "addresses"], &columns.address),
    ] {
        warnings.extend(shared(context, what, wanted, list)?);
    }
    let is_odd = |cells: &PayeeCells<'_>| {
        let email = columns.email.first().map(|column| cells.text(*column));
        email.is_some_and(|email| !email.is_empty() && !has_domain(email))
    };
    let what = [
        "e-mail address has no domain",
        "e-mail addresses have no domain",
    ];
    let column = columns.email.first().copied();
    warnings.extend(listed(context, what, column, is_odd, list)?);
    let is_odd = |cells: &PayeeCells<'_>| {
        let text = |column: Option<ColumnId>| column.map(|column| cells.text(column).trim());
        let country = text(columns.country).unwrap_or_default();
        let postcode = text(columns.postcode).filter(|postcode| !postcode.is_empty());
        let currency = context.run.plan.settlement.currency;
        postcode.is_some_and(|postcode| !fits(postcode, country, currency))
    };
    let what = [
        "postal code does not have the form of its country",
        "postal codes do not have the form of their country",
    ];
    warnings.extend(listed(context, what, columns.postcode, is_odd, list)?);
    Ok(warnings)
}

/// The columns of the layout, by what they hold.
#[derive(Debug, Default)]
struct PayeeColumns {
    email: Vec<ColumnId>,
    account: Vec<ColumnId>,
    address: Vec<ColumnId>,
    postcode: Option<ColumnId>,
    country: Option<ColumnId>,
}

impl PayeeColumns {
    fn of(context: &ExportContext<'_>) -> Self {
        let mut columns = Self::default();
        let mut has_account = false;
        let mut has_street = false;
        for &id in &context.layout.reads {
            let Some(column) = context.run.plan.columns.get(id) else {
                continue;
            };
            let name = column.layout_name.as_ref().unwrap_or(&column.name);
            let name = name.to_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
            if has(&["email", "e-mail"]) {
                columns.email.push(id);
            } else if has(&["account", "iban"]) && !has(&["type", "name"]) {
                has_account = true;
                columns.account.push(id);
            } else if has(&["routing", "transit", "bsb", "sort_code", "bic"]) {
                columns.account.push(id);
            } else if has(&["address", "street"]) {
                has_street = true;
                columns.address.push(id);
            } else if has(&["zip", "postal", "postcode"]) {
                columns.postcode = Some(id);
                columns.address.push(id);
            } else if has(&["city", "town"]) {
                columns.address.push(id);
            } else if has(&["country"]) {
                columns.country = Some(id);
            }
        }
        if !has_account {
            columns.account.clear();
        }
        if !has_street {
            columns.address.clear();
        }
        columns
    }
}

/// A warning about texts that several payees have.
fn shared(
    context: &ExportContext<'_>,
    [one, several]: [&str; 2],
    columns: &[ColumnId],
    list: &mut ProblemList,
) -> Result<Option<String>> {
    let Some(&column) = columns.first() else {
        return Ok(None);
    };
    let mut hashes = Vec::with_capacity(context.payments.len());
    each(context, |cells| {
        hashes.extend(key(cells, columns).map(|key| hash(&key)));
    })?;
    hashes.sort_unstable();
    let twice = hashes.windows(2).filter_map(|pair| match pair {
        [one, two] if one == two => Some(*one),
        _ => None,
    });
    let twice: HashSet<u64> = twice.collect();
    if twice.is_empty() {
        return Ok(None);
    }
    let mut payees: HashMap<String, Vec<String>> = HashMap::new();
    let mut order = Vec::new();
    each(context, |cells| {
        let Some(key) = key(cells, columns).filter(|key| twice.contains(&hash(key))) else {
            return;
        };
        let id = cells.text(context.run.plan.claims.id).to_owned();
        let known = payees.entry(key.clone()).or_default();
        if known.is_empty() {
            order.push(key);
        }
        known.push(id);
    })?;
    payees.retain(|_, ids| ids.len() > 1);
    each(context, |cells| {
        if key(cells, columns).is_some_and(|key| payees.contains_key(&key)) {
            let words = format!("another payee has the same {one}");
            list.list_only(&warning(context, cells, column, words));
        }
    })?;
    let groups = order.iter().filter_map(|key| payees.get(key));
    let groups: Vec<&Vec<String>> = groups.collect();
    let number = groups.iter().map(|ids| ids.len()).sum::<usize>();
    let ids = groups.iter().flat_map(|ids| ids.iter());
    Ok((number > 0).then(|| {
        format!(
            "{} shared by {} payees {}",
            count(
                groups.len(),
                &format!("{one} is"),
                &format!("{several} are")
            ),
            group(&number),
            first(&ids.take(NAMED).cloned().collect::<Vec<_>>(), number)
        )
    }))
}

/// A warning about payees whose cells are odd.
fn listed(
    context: &ExportContext<'_>,
    [one, several]: [&str; 2],
    column: Option<ColumnId>,
    is_odd: impl Fn(&PayeeCells<'_>) -> bool,
    list: &mut ProblemList,
) -> Result<Option<String>> {
    let Some(column) = column else {
        return Ok(None);
    };
    let (mut number, mut ids) = (0_usize, Vec::new());
    each(context, |cells| {
        if is_odd(cells) {
            number += 1;
            let words = format!("the {one}");
            list.list_only(&warning(context, cells, column, words));
            if ids.len() < NAMED {
                ids.push(cells.text(context.run.plan.claims.id).to_owned());
            }
        }
    })?;
    Ok((number > 0).then(|| {
        let what = count(number, one, several);
        format!("{what} {}", first(&ids, number))
    }))
}

/// A line of the list of warnings.
fn warning(
    context: &ExportContext<'_>,
    cells: &PayeeCells<'_>,
    column: ColumnId,
    words: String,
) -> ClaimProblem {
    let mut warning = ClaimProblem::default();
    warning.kind.text = words;
    cells.problem(context.run, column, warning)
}

fn each(context: &ExportContext<'_>, mut visit: impl FnMut(&PayeeCells<'_>)) -> Result<()> {
    for payment in context.payments {
        visit(&PayeeCells::of(context.run, context.overlays, payment.row)?);
    }
    Ok(())
}

/// `(first: a, b)`, or `(a, b)` if that is all.
fn first(ids: &[String], number: usize) -> String {
    let names: Vec<String> = ids.iter().map(|id| quotable(id)).collect();
    let word = if number > ids.len() { "first: " } else { "" };
    format!("({word}{})", names.join(", "))
}

/// The cells without differences of case and white space; `None` if one is blank.
fn key(cells: &PayeeCells<'_>, columns: &[ColumnId]) -> Option<String> {
    let mut key = String::new();
    for column in columns {
        let text = cells.text(*column);
        for word in text.split_whitespace() {
            key.push_str(&word.to_lowercase());
            key.push(' ');
        }
        key.push('\n');
    }
    (!key.starts_with('\n')).then_some(key)
}

fn hash(text: &str) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

fn has_domain(email: &str) -> bool {
    let Some((name, domain)) = email.trim().rsplit_once('@') else {
        return false;
    };
    let labels = domain.split('.');
    !name.is_empty() && labels.clone().count() > 1 && labels.into_iter().all(|one| !one.is_empty())
}

/// True for a postal code that the country has, or if its form is not known here.
fn fits(postcode: &str, country: &str, currency: Currency) -> bool {
    let country = country.to_lowercase();
    let country = match country.as_str() {
        "" => currency.code().get(..2).unwrap_or_default().to_lowercase(),
        "usa" | "united states" | "united states of america" => "us".to_owned(),
        "canada" | "can" => "ca".to_owned(),
        "australia" | "aus" => "au".to_owned(),
        other => other.to_owned(),
    };
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    match country.as_str() {
        "us" => {
            let (zip, more) = postcode.split_once('-').unwrap_or((postcode, "0000"));
            digits(zip, 5) && digits(more, 4)
        }
        "ca" => {
            let code: Vec<char> = postcode.chars().filter(|c| *c != ' ').collect();
            let is_right = |(place, c): (usize, &char)| match place % 2 {
                0 => c.is_ascii_alphabetic(),
                _ => c.is_ascii_digit(),
            };
            code.len() == 6 && code.iter().enumerate().all(is_right)
        }
        "au" => digits(postcode, 4),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_have_the_form_of_their_country() {
        let usd = Currency::USD;
        for (postcode, country, right) in [
            ("60601", "", true),
            ("60601-1234", "US", true),
            ("6060", "usa", false),
            ("60601-12", "US", false),
            ("K1A 0B1", "CA", true),
            ("k1a0b1", "Canada", true),
            ("60601", "CA", false),
            ("2000", "AU", true),
            ("SW1A 1AA", "GB", true),
        ] {
            assert_eq!(fits(postcode, country, usd), right, "{postcode} {country}");
        }
    }

    #[test]
    fn addresses_have_a_domain() {
        for (email, right) in [
            ("a@b.example", true),
            ("a@b", false),
            ("n/a", false),
            ("@b.example", false),
            ("a@b.", false),
        ] {
            assert_eq!(has_domain(email), right, "{email}");
        }
    }
}
