//! From TOML to a typed plan, section by section.
//!
//! Each reader returns `None` after noting what is wrong, so that the others
//! still get their turn and one run shows all problems.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;
use toml::de::{DeTable, DeValue};

use super::column::{Columns, column_name};
use super::condition::{Condition, Reader};
use super::format;
use super::formula::{Verb, read_brackets};
use super::raw::{Number, Problems, Span, Table, Value};
use super::{
    Base, ClaimRules, Deduction, DeductionKind, DeductionRound, DeductionRule, Exclude, FeeBracket,
    Formula, Fund, Part, Plan, Pool, Rows, Settlement, Source, StatusMeaning, StatusRule, Subclass,
    pool,
};
use crate::diagnostic::{PlanProblem, literal};
use crate::fund;
use crate::money::{Currency, Money};

/// Reads a whole plan.
pub fn plan(source: &Source) -> Result<Plan, Vec<PlanProblem>> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        return Err(errors
            .iter()
            .map(|error| syntax(error, &source.text))
            .collect());
    }
    let mut problems = Problems::default();
    let root = Table::new("the plan", 0..0, document.get_ref());
    let plan = sections(source, root, &mut problems);
    match plan {
        Some(plan) if problems.list.is_empty() => Ok(plan),
        _ => Err(problems.list),
    }
}

fn syntax(error: &toml::de::Error, text: &str) -> PlanProblem {
    let end = text.len();
    let mut span = error.span().unwrap_or(end..end);
    span.start = span.start.min(end);
    PlanProblem {
        span,
        message: format!("this is not TOML: {}", error.message().replace('\n', "; ")),
        hint: value_hint(error.message()),
        related: None,
    }
}

/// What to do when it is a value that TOML cannot read.
fn value_hint(message: &str) -> Option<String> {
    let of_value = ["float", "number", "integer", "quoted", "digit", "string"]
        .iter()
        .any(|word| message.contains(word));
    let hint = "texts stand in straight quotes; numbers are digits with at most one point, without `%`, `$` or commas";
    of_value.then(|| hint.to_owned())
}

fn sections(source: &Source, mut root: Table<'_>, problems: &mut Problems) -> Option<Plan> {
    let settlement = section(&mut root, "settlement", "[settlement]", problems);
    let class = root.take("class");
    let fund_table = section(&mut root, "fund", "[fund]", problems);
    let deductions = tables(&mut root, "deduction", "[[deduction]]", problems);
    let claims = root.take("claims");
    let columns_table = root.take("column");
    let excludes = tables(&mut root, "exclude", "[[exclude]]", problems);
    let subclasses = root.take("subclass");
    let pools = tables(&mut root, "pool", "[[pool]]", problems);
    let residual = root.take("residual");
    root.finish(problems);

    let settlement = settlement.and_then(|table| read_settlement(table, problems));
    let currency = settlement.as_ref().map_or(Currency::USD, |s| s.currency);
    let class_members = read_class(class.as_ref(), problems);
    let fund = fund_table.and_then(|table| read_fund(table, currency, problems));
    let mut warnings = idle_rounds(deductions.as_deref().unwrap_or_default());
    let deductions = read_deductions(deductions?, fund, currency, problems);
    let account = fund
        .zip(deductions.as_ref())
        .and_then(|(fund, deductions)| {
            fund::account(fund, deductions, currency)
                .map_err(|problem| problems.list.push(problem))
                .ok()
        });

    let mut columns = Columns::default();
    let claims = read_claims(claims.as_ref(), &mut columns, problems);
    read_columns(columns_table.as_ref(), &mut columns, problems);
    let excludes = read_excludes(excludes?, &mut columns, problems);
    let subclasses = read_subclasses(subclasses.as_ref(), &mut columns, problems);
    let keys: Vec<String> = subclass_keys(subclasses.as_ref());
    let place = pool::Place {
        currency,
        subclasses: &keys,
        text: &source.text,
    };
    let pools = pool::pools(pools?, &place, &mut columns, problems);
    let residual_to = read_residual(residual.as_ref(), problems);
    warnings.extend(impossible_texts(&columns));
    warnings.extend(idle_formulas(pools.as_deref().unwrap_or_default()));
    if let (
        Some(ClaimRules {
            rows: Rows::Sum, ..
        }),
        Some(pools),
    ) = (&claims, &pools)
    {
        check_added_columns(pools, &columns, problems);
    }
    Some(Plan {
        source: source.clone(),
        settlement: settlement?,
        class_members: class_members?,
        fund: fund?,
        deductions: deductions?,
        account: account?,
        claims: claims?,
        excludes: excludes?,
        subclasses: subclasses?,
        pools: pools?,
        residual_to: residual_to?,
        warnings,
        columns,
    })
}

/// With `rows = "sum"`, a column whose numbers are added up cannot be compared
/// with texts: a sum is none.
fn check_added_columns(pools: &[Pool], columns: &Columns, problems: &mut Problems) {
    for (id, column) in columns.iter() {
        let mut added = pools
            .iter()
            .flat_map(Pool::formulas)
            .flat_map(Formula::number_columns);
        if let (true, Some(span)) = (added.any(|added| added == id), column.text_span()) {
            let name = literal(&column.name);
            let message = format!(
                "column {name} is added up over a claimant's rows and cannot be compared with a text"
            );
            problems.add_hint(
                span,
                message,
                "compare another column, or leave `rows = \"sum\"` out",
            );
        }
    }
}

/// A table that must be there.
fn section<'p>(
    root: &mut Table<'p>,
    key: &'static str,
    what: &str,
    problems: &mut Problems,
) -> Option<Table<'p>> {
    let Some(value) = root.take(key) else {
        problems.add(&(0..0), format!("the plan lacks the table {what}"));
        return None;
    };
    if let DeValue::Array(_) = value.value {
        problems.add(
            &value.span,
            format!("there is one {what}, in single brackets"),
        );
        return None;
    }
    value.table(what, problems)
}

/// An array of tables, which may be empty.
fn tables<'p>(
    root: &mut Table<'p>,
    key: &'static str,
    what: &str,
    problems: &mut Problems,
) -> Option<Vec<Table<'p>>> {
    let Some(value) = root.take(key) else {
        return Some(Vec::new());
    };
    if let DeValue::Table(_) = value.value {
        let message = format!("{} is written with double brackets: {what}", literal(key));
        problems.add(&value.span, message);
        return None;
    }
    let elements = value.list(problems)?;
    elements
        .iter()
        .map(|element| element.table(what, problems))
        .collect()
}

fn read_settlement(mut table: Table<'_>, problems: &mut Problems) -> Option<Settlement> {
    let name = table.require("name", problems);
    let docket = optional_words(&mut table, "docket", problems);
    let currency = table.take("currency");
    let draft = optional_words(&mut table, "draft", problems);
    table.finish(problems);
    let name = name.and_then(|name| name.words(problems));
    let currency = match currency {
        Some(code) => read_currency(&code, problems),
        None => Some(Currency::USD),
    };
    Some(Settlement {
        name: name?,
        docket: docket?,
        currency: currency?,
        draft: draft?,
    })
}

fn read_currency(value: &Value<'_>, problems: &mut Problems) -> Option<Currency> {
    let code = value.text(problems)?;
    let currency = Currency::from_code(&code);
    if currency.is_none() {
        let message = format!(
            "{} is no currency with a minor unit in ISO 4217",
            literal(&code)
        );
        problems.add_hint(
            &value.span,
            message,
            "write its three capital letters, like `USD`",
        );
    }
    currency
}

/// `Some(None)` for a key that is left out, `None` for one that is wrong.
#[expect(
    clippy::option_option,
    reason = "absent and wrong are different things here"
)]
fn optional_words(
    table: &mut Table<'_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<Option<String>> {
    match table.take(key) {
        Some(value) => value.words(problems).map(Some),
        None => Some(None),
    }
}

#[expect(
    clippy::option_option,
    reason = "absent and wrong are different things here"
)]
fn read_class(value: Option<&Value<'_>>, problems: &mut Problems) -> Option<Option<u64>> {
    let Some(value) = value else {
        return Some(None);
    };
    let mut table = value.table("[class]", problems)?;
    let members = table.take("members");
    table.finish(problems);
    match members {
        Some(members) => members.whole(problems).map(Some),
        None => Some(None),
    }
}

fn read_fund(mut table: Table<'_>, currency: Currency, problems: &mut Problems) -> Option<Fund> {
    let amount = table.require("amount", problems);
    let interest = table.take("interest");
    table.finish(problems);
    let interest = match interest {
        Some(interest) => money(&interest, currency, problems),
        None => Some(Money::ZERO),
    };
    let value = amount?;
    let amount = money(&value, currency, problems)?;
    if amount == Money::ZERO {
        problems.add(&value.span, "`amount` of [fund] must be more than 0");
        return None;
    }
    Some(Fund {
        amount,
        interest: interest?,
    })
}

/// Reads an amount of money with no more decimals than the currency has.
pub fn money(value: &Value<'_>, currency: Currency, problems: &mut Problems) -> Option<Money> {
    let number = value.number(problems)?;
    let allowed = usize::try_from(currency.decimals()).unwrap_or(usize::MAX);
    let exact = currency.exact(number.value);
    if number.decimals > allowed || exact.is_none() {
        let decimals = match allowed {
            0 => "no decimals".to_owned(),
            _ => format!(
                "at most {}",
                crate::diagnostic::count(allowed, "decimal", "decimals")
            ),
        };
        let message = format!(
            "{}: an amount in {} has {decimals}",
            literal(&value.key),
            currency.code()
        );
        problems.add(&value.span, message);
        return None;
    }
    exact
}

/// Reads `percent`.
pub fn percent(value: &Value<'_>, problems: &mut Problems) -> Option<Part> {
    value.number(problems).map(|number| percent_part(&number))
}

fn percent_part(number: &Number) -> Part {
    Part {
        ratio: fund::percent(number.value),
        written: format!("{}%", crate::exact::text(number.value)),
    }
}

/// Reads `fraction = "1/3"`.
pub fn fraction(value: &Value<'_>, problems: &mut Problems) -> Option<Part> {
    let text = value.text(problems)?;
    let part = |digits: &str| {
        let number = crate::exact::parse(digits).ok()?;
        (!digits.contains('.'))
            .then(|| BigInt::from(number.mantissa()) * BigInt::from(10).pow(number.scale()))
    };
    let ratio = text
        .split_once('/')
        .and_then(|(above, below)| Some((part(above)?, part(below)?)))
        .filter(|(_, below)| !below.is_zero())
        .map(|(above, below)| Ratio::new(above, below));
    if ratio.is_none() {
        let message = format!("{} is not a fraction", literal(&text));
        problems.add_hint(
            &value.span,
            message,
            "write two whole numbers, like `\"1/3\"`",
        );
    }
    Some(Part {
        ratio: ratio?,
        written: text,
    })
}

const BASES: [(&str, Base); 3] = [
    ("amount", Base::Amount),
    ("gross", Base::Gross),
    ("remaining", Base::Remaining),
];

const DEDUCTION_ROUNDS: [(&str, DeductionRound); 3] = [
    ("nearest", DeductionRound::Nearest),
    ("down", DeductionRound::Down),
    ("up", DeductionRound::Up),
];

fn read_deductions(
    tables: Vec<Table<'_>>,
    fund: Option<Fund>,
    currency: Currency,
    problems: &mut Problems,
) -> Option<Vec<Deduction>> {
    let interest = fund.is_some_and(|fund| fund.interest > Money::ZERO);
    let deductions: Vec<Option<Deduction>> = tables
        .into_iter()
        .map(|table| read_deduction(table, interest, currency, problems))
        .collect();
    deductions.into_iter().collect()
}

fn read_deduction(
    mut table: Table<'_>,
    interest: bool,
    currency: Currency,
    problems: &mut Problems,
) -> Option<Deduction> {
    let span = table.span.clone();
    let name = table.require("name", problems);
    let kind = table.take("kind");
    let ways = table.present(&["amount", "percent", "fraction", "each", "brackets"]);
    let count = table.take("count");
    let of = table.take("of");
    let round = table.take("round");
    table.finish(problems);
    let name = name.and_then(|name| name.words(problems));
    let kind = match kind {
        Some(kind) => kind.one_of(&DeductionKind::WORDS, problems),
        None => Some(DeductionKind::Other),
    };
    let way = exactly_one(
        &ways,
        &span,
        "a deduction needs one of `amount`, `percent`, `fraction`, `each` with `count`, `brackets`",
        problems,
    )?;
    if let (Some(count), false) = (&count, way.key == "each") {
        let message = format!("`count` goes with `each`, not with `{}`", way.key);
        problems.add_pair(&count.key_span, message, &way.key_span, "the other key");
        return None;
    }
    let fixed = way.key == "amount" || way.key == "each";
    if let (Some(of), true) = (&of, fixed) {
        let message = format!(
            "`of` goes with `percent`, `fraction` or `brackets`, not with `{}`",
            way.key
        );
        problems.add_pair(&of.key_span, message, &way.key_span, "the other key");
        return None;
    }
    let round = match round {
        Some(round) => round.one_of(&DEDUCTION_ROUNDS, problems),
        None => Some(DeductionRound::Nearest),
    };
    let rule = match way.key.as_str() {
        "amount" => money(way, currency, problems).map(DeductionRule::Amount),
        "each" => each(way, count.as_ref(), currency, problems),
        _ => part_of_base(
            way,
            base(of.as_ref(), way, interest, problems),
            round,
            problems,
        ),
    };
    Some(Deduction {
        name: name?,
        kind: kind?,
        rule: rule?,
        span: way.span.clone(),
    })
}

/// Deductions whose `round` changes nothing, because they are whole amounts.
fn idle_rounds(tables: &[Table<'_>]) -> Vec<String> {
    let has = |table: &Table<'_>, key: &str| table.entries().iter().any(|entry| entry.key == key);
    let idle =
        |table: &&Table<'_>| has(table, "round") && (has(table, "amount") || has(table, "each"));
    let warning =
        |_: &Table<'_>| "`round` changes nothing in a deduction with `amount` or `each`".to_owned();
    tables.iter().filter(idle).map(warning).collect()
}

fn each(
    value: &Value<'_>,
    count: Option<&Value<'_>>,
    currency: Currency,
    problems: &mut Problems,
) -> Option<DeductionRule> {
    let each = money(value, currency, problems);
    let Some(count) = count else {
        problems.add(&value.key_span, "`each` needs `count`: of how many");
        return None;
    };
    let count = count.whole(problems);
    Some(DeductionRule::Each {
        each: each?,
        count: count?,
    })
}

/// What a percentage is of. Where there is interest, the plan has to say.
fn base(
    of: Option<&Value<'_>>,
    way: &Value<'_>,
    interest: bool,
    problems: &mut Problems,
) -> Option<Base> {
    if let Some(of) = of {
        return of.one_of(&BASES, problems);
    }
    if interest {
        let message = format!(
            "the fund has interest, so `{}` must say what it is of",
            way.key
        );
        let hint = "add `of = \"amount\"` (without interest), `\"gross\"` (with interest) or `\"remaining\"`";
        problems.add_hint(&way.span, message, hint);
        return None;
    }
    Some(Base::Amount)
}

fn part_of_base(
    way: &Value<'_>,
    of: Option<Base>,
    round: Option<DeductionRound>,
    problems: &mut Problems,
) -> Option<DeductionRule> {
    if way.key == "brackets" {
        let brackets = read_brackets(way, "percent", problems)?
            .into_iter()
            .map(|(to, percent)| FeeBracket {
                to: to.map(|to| to.value),
                part: percent_part(&percent),
            })
            .collect();
        return Some(DeductionRule::Brackets {
            brackets,
            of: of?,
            round: round?,
        });
    }
    let part = if way.key == "percent" {
        percent(way, problems)
    } else {
        fraction(way, problems)
    };
    Some(DeductionRule::Part {
        part: part?,
        of: of?,
        round: round?,
    })
}

/// The one value of a choice; more or fewer are a problem.
pub fn exactly_one<'v, 'p>(
    present: &'v [Value<'p>],
    span: &Span,
    missing: &str,
    problems: &mut Problems,
) -> Option<&'v Value<'p>> {
    match present {
        [only] => Some(only),
        [] => {
            problems.add(span, missing);
            None
        }
        [first, second, ..] => {
            let message = format!("`{}` and `{}` exclude each other", first.key, second.key);
            problems.add_pair(&second.key_span, message, &first.key_span, "the other key");
            None
        }
    }
}

const ROWS: [(&str, Rows); 2] = [("unique", Rows::Unique), ("sum", Rows::Sum)];

fn read_claims(
    value: Option<&Value<'_>>,
    columns: &mut Columns,
    problems: &mut Problems,
) -> Option<ClaimRules> {
    let Some(value) = value else {
        let id = columns.id("claimant_id");
        return Some(ClaimRules {
            id,
            status: StatusRule::Unsaid,
            rows: Rows::Unique,
        });
    };
    let mut table = value.table("[claims]", problems)?;
    let id = table.take("id");
    let status = table.take("status");
    let lists = [
        (table.take("pay"), StatusMeaning::Pay),
        (table.take("hold"), StatusMeaning::Hold),
        (table.take("deny"), StatusMeaning::Deny),
    ];
    let rows = table.take("rows");
    table.finish(problems);
    let id = match id {
        Some(id) => column_name(&id, problems)?,
        None => "claimant_id".to_owned(),
    };
    let id = columns.id(&id);
    let rows = match rows {
        Some(rows) => rows.one_of(&ROWS, problems),
        None => Some(Rows::Unique),
    };
    let status = read_status(status.as_ref(), &lists, columns, problems);
    Some(ClaimRules {
        id,
        status: status?,
        rows: rows?,
    })
}

fn read_status(
    status: Option<&Value<'_>>,
    lists: &[(Option<Value<'_>>, StatusMeaning)],
    columns: &mut Columns,
    problems: &mut Problems,
) -> Option<StatusRule> {
    let Some(status) = status else {
        return without_status(StatusRule::Unsaid, lists, problems);
    };
    match status.value {
        DeValue::Boolean(false) => return without_status(StatusRule::AllPayable, lists, problems),
        DeValue::String(_) => {}
        _ => {
            status.wrong_kind("the name of a column, or `false` for no status", problems);
            return None;
        }
    }
    let name = column_name(status, problems)?;
    let column = columns.id(&name);
    let mut meanings: Vec<(String, StatusMeaning)> = Vec::new();
    for (list, meaning) in lists {
        let Some(list) = list else { continue };
        let texts = list.texts(problems)?;
        columns.name_texts(column, &texts, problems);
        for (text, span) in texts {
            if meanings.iter().any(|(known, _)| *known == text) {
                problems.add(
                    &span,
                    format!("the status {} is named twice", literal(&text)),
                );
            } else {
                meanings.push((text, *meaning));
            }
        }
    }
    if !meanings
        .iter()
        .any(|(_, meaning)| *meaning == StatusMeaning::Pay)
    {
        let message = "`status` needs `pay`: the list of statuses that are paid";
        problems.add(&status.span, message);
        return None;
    }
    Some(StatusRule::Column { column, meanings })
}

fn without_status(
    rule: StatusRule,
    lists: &[(Option<Value<'_>>, StatusMeaning)],
    problems: &mut Problems,
) -> Option<StatusRule> {
    let Some(list) = lists.iter().find_map(|(list, _)| list.as_ref()) else {
        return Some(rule);
    };
    let message = format!(
        "`{}` needs `status`: the column whose values it lists",
        list.key
    );
    problems.add(&list.key_span, message);
    None
}

/// Reads the `[column.NAME]` tables.
fn read_columns(value: Option<&Value<'_>>, columns: &mut Columns, problems: &mut Problems) {
    let Some(tables) = value.and_then(|value| value.table("[column]", problems)) else {
        return;
    };
    for entry in tables.entries() {
        if !super::column::check_name(&entry.key, &entry.key_span, problems) {
            continue;
        }
        let Some(mut table) = entry.table(format!("[column.{}]", entry.key), problems) else {
            continue;
        };
        let values = table.take("values");
        let format = format::read(&mut table, problems);
        table.finish(problems);
        let id = columns.id(&entry.key);
        if let Some(column) = columns.get_mut(id) {
            column.format = format;
        }
        if let Some(values) = values.and_then(|values| Some((values.texts(problems)?, values))) {
            let (texts, values) = values;
            if texts.is_empty() {
                problems.add(&values.span, "`values` is empty");
            }
            for (position, (text, span)) in texts.iter().enumerate() {
                if texts
                    .iter()
                    .take(position)
                    .any(|(before, _)| before == text)
                {
                    problems.add(span, format!("{} is listed twice", literal(text)));
                }
            }
            columns.name_texts(id, &texts, problems);
            if let Some(column) = columns.get_mut(id) {
                column.values = Some(texts.into_iter().map(|(text, _)| text).collect());
            }
        }
    }
}

/// Formulas whose first step can do nothing but leave the 0 they start from.
fn idle_formulas(pools: &[Pool]) -> Vec<String> {
    let formulas = pools.iter().flat_map(Pool::formulas);
    formulas
        .filter_map(|formula| formula.steps.first())
        .filter(|step| matches!(step.verb, Verb::AtMost | Verb::Times))
        .map(|step| {
            let verb = step.verb.word();
            format!(
                "the step on line {} begins a formula with `{verb}`, but a formula starts from 0",
                step.line
            )
        })
        .collect()
}

/// Texts that the plan compares with a column whose `values` lack them.
fn impossible_texts(columns: &Columns) -> Vec<String> {
    let mut warnings = Vec::new();
    for (_, column) in columns.iter() {
        let Some(values) = &column.values else {
            continue;
        };
        for text in column.texts.iter().filter(|text| !values.contains(text)) {
            warnings.push(format!(
                "the plan compares column {} with {}, which its `values` do not list",
                literal(&column.name),
                literal(text)
            ));
        }
    }
    warnings
}

fn read_excludes(
    tables: Vec<Table<'_>>,
    columns: &mut Columns,
    problems: &mut Problems,
) -> Option<Vec<Exclude>> {
    let mut excludes = Vec::new();
    for mut table in tables {
        let reason = table.require("reason", problems);
        let when = table.require("when", problems);
        table.finish(problems);
        let reason = reason.and_then(|reason| reason.words(problems));
        let when = when.and_then(|when| {
            Reader {
                columns,
                subclasses: None,
            }
            .condition(&when, problems)
        });
        excludes.push(reason.zip(when).map(|(reason, when)| {
            columns.mark_on_every_row(when.columns());
            Exclude { reason, when }
        }));
    }
    excludes.into_iter().collect()
}

fn read_subclasses(
    value: Option<&Value<'_>>,
    columns: &mut Columns,
    problems: &mut Problems,
) -> Option<Vec<Subclass>> {
    let Some(value) = value else {
        return Some(Vec::new());
    };
    let tables = value.table("[subclass]", problems)?;
    let subclasses: Vec<Option<Subclass>> = tables
        .entries()
        .iter()
        .map(|entry| read_subclass(entry, columns, problems))
        .collect();
    subclasses.into_iter().collect()
}

fn read_subclass(
    entry: &Value<'_>,
    columns: &mut Columns,
    problems: &mut Problems,
) -> Option<Subclass> {
    let key = entry.key.clone();
    if key.trim() != key || key.is_empty() || key.contains(';') || key.chars().any(char::is_control)
    {
        let message = format!("{} cannot be the key of a subclass", literal(&key));
        problems.add_hint(&entry.key_span, message, "use letters, digits, `-` and `_`");
        return None;
    }
    let mut table = entry.table(format!("[subclass.{key}]"), problems)?;
    let name = optional_words(&mut table, "name", problems);
    let when = table.require("when", problems);
    table.finish(problems);
    let when = when?;
    let when: Option<Condition> = Reader {
        columns,
        subclasses: None,
    }
    .condition(&when, problems);
    Some(Subclass {
        name: name?.unwrap_or_else(|| key.clone()),
        when: when?,
        key,
    })
}

fn subclass_keys(subclasses: Option<&Vec<Subclass>>) -> Vec<String> {
    subclasses.map_or_else(Vec::new, |list| {
        list.iter().map(|s| s.key.clone()).collect()
    })
}

#[expect(
    clippy::option_option,
    reason = "absent and wrong are different things here"
)]
fn read_residual(value: Option<&Value<'_>>, problems: &mut Problems) -> Option<Option<String>> {
    let Some(value) = value else {
        return Some(None);
    };
    let mut table = value.table("[residual]", problems)?;
    let to = optional_words(&mut table, "to", problems);
    table.finish(problems);
    to
}
