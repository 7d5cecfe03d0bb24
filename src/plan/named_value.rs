//! Named values, `[value.NAME]`: amounts with a name, computed for each row or each
//! claim, which formulas and conditions read like columns.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use crate::base::diagnostics::{literal, subject};
use crate::plan::cell::{ColumnId, ValueId, ValueScope};
use crate::plan::columns::Columns;
use crate::plan::condition::ConditionReader;
use crate::plan::document::{Span, TomlDocument, TomlValue, all};
use crate::plan::formula::reader::FormulaContext;
use crate::plan::kinds::{FormulaSteps, OneOf, When, Words, words};
use crate::plan::known_rules::KnownRules;
use crate::plan::lot_names::is_reserved;
use crate::plan::table::keys;
use crate::plan::table_names::is_key;
use crate::plan::{Condition, Formula, Pool, Portion, Subclass, messages};

keys! {
    struct ValueKeys<'p>: "[value.NAME]", "named_value" {
        name: Words, Or("the key"), "the name that people read";
        per: OneOf<ValueScope>, Or("computed for each claim"), "`\"row\"`: computed for each row of a claimant, and added up; `\"lot\"`: for each lot of the claimant's trades";
        when: When, Or("always"), "where the value is not 0";
        steps: FormulaSteps, Required, "the formula of the value";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
}

words! {
    ValueScope { "row" Row, "lot" Lot }
}

/// A named value.
#[derive(Debug, Clone)]
pub struct NamedValue {
    /// The name in the plan.
    pub key: String,
    /// The name that people read.
    pub name: String,
    /// The scope in which it is computed, and then added up over the claimant; `None` for
    /// the claim itself.
    pub(crate) per: Option<ValueScope>,
    /// The value is 0 where this does not hold.
    pub when: Condition,
    pub formula: Formula,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
    /// The place of the key in the plan.
    pub span: Span,
}

impl NamedValue {
    /// The values that its condition and its formula may read.
    pub(crate) fn values(&self) -> impl Iterator<Item = ValueId> {
        self.when.values().into_iter().chain(self.formula.values())
    }

    fn subclasses(&self) -> impl Iterator<Item = usize> {
        let of_condition = self.when.subclasses().into_iter();
        of_condition.chain(self.formula.subclasses())
    }

    /// True if it is computed for each row and added up over a claimant's rows.
    pub(crate) fn is_per_row(&self) -> bool {
        self.per == Some(ValueScope::Row)
    }

    /// True if it is computed for each lot and added up over a claimant's lots.
    pub(crate) fn is_per_lot(&self) -> bool {
        self.per == Some(ValueScope::Lot)
    }

    /// True if it is computed for the claim itself.
    pub(crate) fn is_of_claim(&self) -> bool {
        self.per.is_none()
    }

    /// The columns that its condition and its formula may read: those of the claims
    /// file, or those of lots.
    pub(crate) fn columns(&self) -> impl Iterator<Item = ColumnId> {
        self.when
            .columns()
            .into_iter()
            .chain(self.formula.columns())
    }

    /// True if it reads the column and is computed after rows are added up.
    pub(crate) fn reads_of_claim(&self, id: ColumnId) -> bool {
        self.is_of_claim() && self.columns().any(|column| column == id)
    }
}

type ValueTables<'t, 'p> = &'t [(TomlValue<'p>, Option<ValueKeys<'p>>)];

/// Makes the names known, so that they can be distinguished from names of columns.
pub(super) fn name_values(tables: ValueTables<'_, '_>, has_trades: bool, columns: &mut Columns) {
    for (entry, keys) in tables {
        let reserved = matches!(entry.key, "any" | "in" | "prior");
        if reserved {
            let message = messages::value_name_reserved(entry.key);
            entry.key_place.problem(message).add();
        } else if !is_key(entry.key) {
            let message = messages::value_key_invalid(&subject(entry.key));
            entry.key_place.problem(message).add();
        } else if has_trades && is_reserved(entry.key) {
            let message = messages::value_name_of_trades(&literal(entry.key));
            entry.key_place.problem(message).add();
        }
        let per = keys.as_ref().and_then(|keys| keys.per.value);
        columns.name_value(entry.key, per);
    }
}

/// Reads all values, in plan order.
pub(super) fn read_values(
    tables: ValueTables<'_, '_>,
    subclasses: &[&str],
    columns: &mut Columns,
    mut lots: Option<&mut Columns>,
) -> Option<Vec<NamedValue>> {
    let mut read = |(entry, keys): &(TomlValue<'_>, Option<ValueKeys<'_>>)| {
        let keys = keys.as_ref()?;
        let per = keys.per.value;
        let columns = match (per, &mut lots) {
            (Some(ValueScope::Lot), Some(lots)) => &mut **lots,
            (Some(ValueScope::Lot), None) => {
                let at = keys.per.at.as_ref()?;
                return at.problem(messages::lots_without_trades()).none();
            }
            _ => &mut *columns,
        };
        let mut reader = ConditionReader {
            columns,
            subclasses: Some(subclasses).filter(|_| per.is_none()),
            of_rows: per.is_some(),
        };
        let when = reader.optional(&keys.when);
        let mut context = FormulaContext {
            reader: &mut reader,
            award: false,
            pools: None,
        };
        let formula = context.formula(keys.steps.value.as_ref()?)?;
        let name = keys.name.value.clone();
        Some(NamedValue {
            key: entry.key.to_owned(),
            name: name.unwrap_or_else(|| entry.key.to_owned()),
            per,
            when,
            formula,
            source: keys.source.value.clone(),
            span: entry.key_place.span.clone(),
        })
    };
    all(tables.iter().map(&mut read))
}

/// Reports values that refer to themselves, also through other values and subclasses:
/// the first of each circle, with the place that refers back to it.
pub(super) fn check_circles(
    values: &[NamedValue],
    subclasses: &[Subclass],
    document: &TomlDocument<'_>,
) {
    let mut reported = BTreeSet::new();
    for (number, value) in values.iter().enumerate() {
        let id = ValueId(number);
        let through = reached(id, values, subclasses);
        let Some(back) = through.get(&id) else {
            continue;
        };
        if reported.insert(id) {
            let message = messages::value_refers_to_itself(&literal(&value.key));
            let report = document.at(&value.span).problem(message);
            report.other(back, "which refers back to it").add();
        }
        // The other values of the circle would only repeat it.
        let in_circle = through
            .keys()
            .filter(|other| reached(**other, values, subclasses).contains_key(&id));
        reported.extend(in_circle);
    }
}

/// The values that a value reads, directly and through others, each with the place of
/// the value or subclass that names it.
fn reached(
    start: ValueId,
    values: &[NamedValue],
    subclasses: &[Subclass],
) -> BTreeMap<ValueId, Span> {
    let (mut open, mut found) = (vec![start], BTreeMap::new());
    while let Some(id) = open.pop() {
        let Some(value) = values.get(id.0) else {
            continue;
        };
        let direct = value.values().map(|read| (read, &value.span));
        let subclasses = value
            .subclasses()
            .filter_map(|number| subclasses.get(number));
        let through = subclasses.flat_map(|subclass| {
            let read = subclass.when.values();
            read.into_iter().map(|read| (read, &subclass.span))
        });
        for (read, place) in direct.chain(through) {
            if let Entry::Vacant(entry) = found.entry(read) {
                entry.insert(place.clone());
                open.push(read);
            }
        }
    }
    found
}

/// The values per row, or per lot, that anything above the rows and lots names: they
/// are computed on every accepted row, or every lot, of a payable or held claim.
pub(super) fn read_above(scope: ValueScope, rules: &KnownRules<'_>) -> Vec<ValueId> {
    let KnownRules {
        subclasses,
        values,
        pools,
        portions,
        payment_drop,
        columns: _,
        lots: _,
    } = *rules;
    let of_values = values.iter().filter(|value| value.is_of_claim());
    let of_values = of_values.flat_map(NamedValue::values);
    let of_subclasses = subclasses
        .iter()
        .flat_map(|subclass| subclass.when.values());
    let of_pools = pools.iter().flat_map(Pool::values);
    let of_portions = portions.iter().flat_map(Portion::values);
    let of_drop = payment_drop.iter().flat_map(|drop| drop.when.values());
    let of_claims = of_values.chain(of_subclasses).chain(of_pools);
    let read: BTreeSet<ValueId> = of_claims.chain(of_portions).chain(of_drop).collect();
    let is_of_scope = |id: &ValueId| {
        values
            .get(id.0)
            .is_some_and(|value| value.per == Some(scope))
    };
    read.into_iter().filter(is_of_scope).collect()
}

/// The columns that a condition on single rows reads through values.
pub(super) fn columns_through_values(when: &Condition, values: &[NamedValue]) -> Vec<ColumnId> {
    let mut columns = Vec::new();
    let (mut open, mut seen) = (when.values(), BTreeSet::new());
    while let Some(id) = open.pop() {
        if let (true, Some(value)) = (seen.insert(id), values.get(id.0)) {
            columns.extend(value.columns());
            open.extend(value.values());
        }
    }
    columns
}

/// Reports names of values that the plan also reads as columns.
pub(super) fn check_names(values: &[NamedValue], columns: &Columns, document: &TomlDocument<'_>) {
    for (id, _) in columns.values_read_as_columns() {
        if let Some(value) = values.get(id.0) {
            let message = messages::value_is_column(&literal(&value.key));
            document.at(&value.span).problem(message).add();
        }
    }
}

/// Warnings about values that nothing reads.
pub(super) fn unread(values: &[NamedValue], columns: &Columns) -> Vec<String> {
    let unread = (0..).map(ValueId).zip(values);
    let unread = unread.filter(|(id, _)| !columns.is_value_read(*id));
    let warning = |(_, value): (ValueId, &NamedValue)| {
        format!("nothing in the plan reads [value.{}]", value.key)
    };
    unread.map(warning).collect()
}

#[cfg(test)]
mod tests {
    use crate::plan::PlanSource;
    use crate::plan::cell::ValueId;
    use crate::plan::parse::load;

    /// A value per row is computed on rows, whichever rule of claims reads it.
    #[test]
    fn every_rule_of_claims_has_its_row_values_computed() {
        for (rule, pool) in [
            ("[subclass.s]\nwhen = { work = { from = 1 } }", "shares = 1"),
            (
                "[value.total]\nsteps = [ { add = { column = \"work\" } } ]",
                "shares = 1",
            ),
            (
                "[payment]\ndrop = { below = 1, method = \"all-at-once\", when = { work = { from = 1 } } }",
                "shares = 1",
            ),
            (
                "[[portion]]\nname = \"fee\"\namount = [ { add = { column = \"work\" } } ]\nto = \"Counsel\"\n[[portion]]\nname = \"rest\"",
                "shares = 1",
            ),
            ("", "when = { work = { from = 1 } }\nshares = 1"),
            ("", "shares = [ { add = { column = \"work\" } } ]"),
            ("", "award = 9\nless = [ { add = { column = \"work\" } } ]"),
            (
                "",
                "award = 9\nat_most = [ { add = { column = \"work\" } } ]",
            ),
            (
                "",
                "shares = 1\ndrop = { below = 1, method = \"all-at-once\", when = { work = { from = 1 } } }",
            ),
        ] {
            let text = format!(
                "[settlement]\nname = \"Rows\"\n[fund]\namount = 9\n[claims]\nrows = \"sum\"\n[value.work]\nper = \"row\"\nsteps = [ {{ add = {{ column = \"hours\" }} }} ]\n{rule}\n[[pool]]\nname = \"a\"\n{pool}\n"
            );
            let plan = load(&PlanSource {
                text,
                ..PlanSource::default()
            });
            let values = plan.map(|plan| plan.row_values).map_err(|bad| bad.problems);
            assert_eq!(values.ok(), Some(vec![ValueId(0)]), "{rule}\n{pool}");
        }
    }
}
