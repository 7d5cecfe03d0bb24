//! Reads `[trades]`.

use std::collections::BTreeSet;

use crate::base::diagnostics::literal;
use crate::base::exact::Exact;
use crate::plan::claim_rules::ColumnKeys;
use crate::plan::column::{Column, ColumnUse, column_name};
use crate::plan::column_maps::read_maps;
use crate::plan::columns::Columns;
use crate::plan::document::{Place, TomlValue};
use crate::plan::kinds::{AnyText, AnyTexts, Choice as _, ColumnName, OneOf, Tables, Words, kinds};
use crate::plan::lot_names::{LotColumn, LotNames};
use crate::plan::messages;
use crate::plan::table::keys;
use crate::plan::time_span::reader::Day;
use crate::plan::trades::{Matching, SecurityRule, Split, TradeColumns, TradeKind, TradeRules};

keys! {
    struct TradesKeys<'p>: "[trades]", "trades" {
        id: ColumnName, Or("the column of ids of [claims]"), "the column of claimant ids in the trades file";
        kind: ColumnName, Or("\"kind\""), "the column that says what each row is";
        date: ColumnName, Or("\"date\""), "the column of days";
        quantity: ColumnName, Or("\"quantity\""), "the column of quantities";
        price: ColumnName, Or("\"price\""), "the column of prices, each for one unit";
        amount: ColumnName, Or("prices are for one unit"), "the column of amounts for whole trades, from which prices are computed";
        security: SecurityName, Or("everything is the same security"), "the column of securities; `false` if everything is the same security";
        matching as "match": OneOf<Matching>, Or("nothing is matched, and each trade is a lot"), "the lot that is closed first: the one opened first, or last";
        opening: AnyTexts, Or("none"), "the texts of the column `kind` for holdings at the beginning";
        purchase: AnyTexts, Or("none"), "the texts for purchases";
        sale: AnyTexts, Or("none"), "the texts for sales";
        receipt: AnyTexts, Or("none"), "the texts for units that came in other than by purchase";
        delivery: AnyTexts, Or("none"), "the texts for units that went out other than by sale";
        closing: AnyTexts, Or("none"), "the texts for holdings at the end of a day, or of all";
        ignore: AnyTexts, Or("none"), "the texts of rows that are no trades";
        split: Tables<SplitKeys<'p>>, Or("none"), "new units for old ones";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        Without("price", &["amount"], "");
    }

    struct SplitKeys<'p>: "[[trades.split]]", "trades_split" {
        on: Day, Required, "the first day of trading in new units";
        ratio: SplitRatio, Required, "the number of new units for an old one: `7`, or `\"1/10\"`";
        security: AnyText, Or("every security"), "the security";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
}

kinds! {<'p>
    SecurityName(SecurityKey): "name of a column, or `false`",
        { "anyOf": [{ "const": false }, { "type": "string", "minLength": 1 }] },
        security_name;
    SplitRatio(Exact): "number or fraction, more than 0", { "$ref": "#/$defs/exact" }, ratio;
}

/// The key `security`.
#[derive(Debug)]
pub(crate) enum SecurityKey {
    Column(String),
    One,
}

fn security_name(value: &TomlValue<'_>) -> Option<SecurityKey> {
    match value.value {
        toml::de::DeValue::Boolean(false) => Some(SecurityKey::One),
        toml::de::DeValue::String(_) => column_name(value).map(SecurityKey::Column),
        _ => {
            let kinds = "the name of a column, or `false` if everything is the same security";
            value.wrong_kind(kinds).none()
        }
    }
}

fn ratio(value: &TomlValue<'_>) -> Option<Exact> {
    let ratio = crate::plan::kinds::exact_number(value)?;
    if ratio.is_zero() {
        return value.fault(messages::amount_zero).none();
    }
    Some(ratio)
}

/// `[trades]` before the values are read: the names that they may use.
pub(crate) struct NamedTrades<'k, 'p> {
    keys: &'k TradesKeys<'p>,
    id: String,
    kinds: Vec<(String, TradeKind)>,
    /// The columns of lots, in which values per lot are read.
    pub lots: Columns,
}

impl<'k, 'p> NamedTrades<'k, 'p> {
    /// Reads the names of columns and kinds; `columns` are those of claims.
    pub(crate) fn new(keys: &'k TradesKeys<'p>, columns: &Columns) -> Self {
        let of_claims = columns.claimant_id.map(|id| columns.name(id).to_owned());
        let of_claims = of_claims.unwrap_or_else(|| "claimant_id".to_owned());
        let id = keys.id.value.clone().unwrap_or(of_claims);
        let kinds = kinds_of(keys);
        if let (Some(at), true) = (&keys.matching.at, !has_list(keys)) {
            let message = messages::match_without_lists();
            at.key_place.problem(message).add();
        }
        let mut named = Self {
            keys,
            id,
            kinds,
            lots: columns.of_lots(),
        };
        named.lots.lots = Some(named.names());
        named.check_names();
        named
    }

    fn names(&self) -> LotNames {
        let named = self.columns_named().into_iter();
        LotNames {
            matched: self.keys.matching.is_present(),
            has_security: matches!(self.keys.security.value, Some(SecurityKey::Column(_))),
            named: named.map(|(name, key, _)| (name, key)).collect(),
            kinds: self.kinds.iter().map(|(text, _)| text.clone()).collect(),
        }
    }

    /// The columns that `[trades]` names, each with its key, and its place if the plan
    /// states it.
    fn columns_named(&self) -> Vec<(String, &'static str, Option<Place<'p>>)> {
        let keys = self.keys;
        let place = |at: &Option<TomlValue<'p>>| at.as_ref().map(|at| at.place.clone());
        let mut named = vec![(self.id.clone(), "id", place(&keys.id.at))];
        let of = [
            ("kind", &keys.kind),
            ("date", &keys.date),
            ("quantity", &keys.quantity),
        ];
        for (key, named_by) in of {
            let name = named_by.value.clone().unwrap_or_else(|| key.to_owned());
            named.push((name, key, place(&named_by.at)));
        }
        named.push(if let Some(amount) = &keys.amount.value {
            (amount.clone(), "amount", place(&keys.amount.at))
        } else {
            let price = keys.price.value.clone();
            let price = price.unwrap_or_else(|| "price".to_owned());
            (price, "price", place(&keys.price.at))
        });
        if let Some(SecurityKey::Column(name)) = &keys.security.value {
            named.push((name.clone(), "security", place(&keys.security.at)));
        }
        named
    }

    /// Reports a column that two keys name.
    fn check_names(&self) {
        let named = self.columns_named();
        for (number, (name, key, place)) in named.iter().enumerate() {
            let mut before = named.iter().take(number);
            let Some((_, other, first)) = before.find(|(other, ..)| other == name) else {
                continue;
            };
            if let Some(place) = place.as_ref().or(first.as_ref()) {
                let message = messages::trades_column_named_twice(&literal(name), other, key);
                place.problem(message).add();
            }
        }
    }

    /// The rules, once all values are read.
    pub(crate) fn finish(
        self,
        described: &[(TomlValue<'_>, Option<ColumnKeys<'_>>)],
    ) -> Option<TradeRules> {
        let splits = self.splits();
        let keys = self.keys;
        let mut file = Columns::described_by(&self.lots);
        file.read_for(ColumnUse::Trades);
        let id = file.id(&self.id);
        file.claimant_id = Some(id);
        let names: Vec<String> = self
            .columns_named()
            .into_iter()
            .map(|(name, ..)| name)
            .collect();
        let ids: Vec<_> = names.iter().map(|name| file.id(name)).collect();
        let [_, kind, date, quantity, price, security @ ..] = ids.as_slice() else {
            return None;
        };
        let is_of_kind = |lot: &LotColumn| matches!(lot, LotColumn::Kind | LotColumn::ClosedBy);
        let reads_kind = !self.kinds.is_empty() || self.reads(is_of_kind);
        let places = TradeColumns {
            id,
            kind: Some(*kind),
            date: *date,
            quantity: *quantity,
            price: *price,
            is_amount: keys.amount.is_present(),
            security: match (security, &keys.security.value) {
                ([security, ..], _) => SecurityRule::Column(*security),
                ([], Some(_)) => SecurityRule::One,
                ([], None) => SecurityRule::Unsaid,
            },
            others: Vec::new(),
        };
        let mut rules = TradeRules {
            file,
            places,
            kinds: self.kinds,
            matching: keys.matching.value,
            splits: splits?,
            lots: self.lots,
            values: Vec::new(),
            source: keys.source.value.clone(),
        };
        if let (true, true) = (reads_kind, rules.kinds.is_empty()) {
            // Without lists, the kind is a text like any other.
            rules.places.others.push(*kind);
        }
        rules.add_others();
        rules.mark_optional(reads_kind);
        rules.name_texts();
        read_maps(described, None, &mut rules.file);
        keys.toml.is_sound().then_some(rules)
    }

    fn reads(&self, is_it: impl Fn(&LotColumn) -> bool) -> bool {
        let mut columns = self.lots.iter();
        columns.any(|(_, column)| column.lot.as_ref().is_some_and(&is_it))
    }

    /// Reads the splits. Two of one security on one day are a problem.
    fn splits(&self) -> Option<Vec<Split>> {
        let tables = self.keys.split.value.as_deref().unwrap_or_default();
        let mut splits: Vec<Split> = Vec::new();
        for keys in tables {
            let (on, ratio) = (keys.on.value?, keys.ratio.value.clone()?);
            let security = keys.security.value.clone();
            let has_column = matches!(self.keys.security.value, Some(SecurityKey::Column(_)));
            if let (Some(at), false) = (&keys.security.at, has_column) {
                return at.problem(messages::split_without_securities()).none();
            }
            let meets = |other: &Split| {
                other.on == on
                    && (other.security == security
                        || other.security.is_none()
                        || security.is_none())
            };
            if let (Some(at), true) = (&keys.on.at, splits.iter().any(meets)) {
                let message = messages::two_splits_on_a_day(&on.to_string());
                return at.problem(message).none();
            }
            splits.push(Split {
                on,
                ratio,
                security,
                source: keys.source.value.clone(),
            });
        }
        Some(splits)
    }
}

/// True if the plan lists what trades are.
fn has_list(keys: &TradesKeys<'_>) -> bool {
    lists(keys).iter().any(|(list, kind)| {
        let has_texts = list.is_some_and(|list| !list.is_empty());
        has_texts && *kind != TradeKind::Ignored
    })
}

type TextList<'k, 'p> = Option<&'k Vec<(String, Place<'p>)>>;

fn lists<'k, 'p>(keys: &'k TradesKeys<'p>) -> [(TextList<'k, 'p>, TradeKind); 7] {
    [
        (keys.opening.value.as_ref(), TradeKind::Opening),
        (keys.purchase.value.as_ref(), TradeKind::Purchase),
        (keys.sale.value.as_ref(), TradeKind::Sale),
        (keys.receipt.value.as_ref(), TradeKind::Receipt),
        (keys.delivery.value.as_ref(), TradeKind::Delivery),
        (keys.closing.value.as_ref(), TradeKind::Closing),
        (keys.ignore.value.as_ref(), TradeKind::Ignored),
    ]
}

/// The lists without a text.
fn written<'k, 'p>(keys: &'k TradesKeys<'p>) -> impl Iterator<Item = &'k TomlValue<'p>> {
    let lists = [
        &keys.opening,
        &keys.purchase,
        &keys.sale,
        &keys.receipt,
        &keys.delivery,
        &keys.closing,
        &keys.ignore,
    ];
    let empty = lists
        .into_iter()
        .filter(|list| list.value.as_ref().is_some_and(Vec::is_empty));
    empty.filter_map(|list| list.at.as_ref())
}

/// The texts of all lists. One that is in two is a problem.
fn kinds_of(keys: &TradesKeys<'_>) -> Vec<(String, TradeKind)> {
    let mut kinds: Vec<(String, TradeKind)> = Vec::new();
    let name = keys.kind.value.as_deref().unwrap_or("kind");
    let mut column = Column::named(name);
    for at in written(keys) {
        at.fault(messages::nothing_listed).add();
    }
    for (list, kind) in lists(keys) {
        for (text, place) in list.into_iter().flatten() {
            match kinds.iter().find(|(known, _)| known == text) {
                Some((_, other)) if *other == kind => {
                    place.problem(messages::listed_twice(literal(text))).add();
                }
                Some((_, other)) => {
                    let message =
                        messages::kind_in_two_lists(&literal(text), other.word(), kind.word());
                    place.problem(message).add();
                }
                None => {
                    column.name_text(text, place);
                    kinds.push((text.clone(), kind));
                }
            }
        }
    }
    kinds
}

impl TradeRules {
    /// Adds the other columns of the file that values read.
    fn add_others(&mut self) {
        let mut names = Vec::new();
        for (_, column) in self.lots.iter() {
            if let Some(LotColumn::Other { name, .. }) = &column.lot
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        }
        let others = names.iter().map(|name| self.file.id(name));
        self.places.others.extend(others);
    }

    /// A column that nothing reads need not be in the file.
    fn mark_optional(&mut self, reads_kind: bool) {
        let matched = self.matching.is_some();
        let splits = !self.splits.is_empty();
        let reads = |columns: &[LotColumn]| self.read(|lot| columns.contains(lot));
        let quantities = [
            LotColumn::Quantity,
            LotColumn::OpenedQuantity,
            LotColumn::ClosedQuantity,
        ];
        let is_price_read = reads(&[LotColumn::Paid, LotColumn::Received, LotColumn::Price]);
        let is_required = [
            (
                self.places.date,
                matched || splits || reads(&[LotColumn::Bought, LotColumn::Sold, LotColumn::Date]),
            ),
            (
                self.places.quantity,
                matched || splits || reads(&quantities) || (is_price_read && self.places.is_amount),
            ),
            (self.places.price, is_price_read),
            (self.places.kind.unwrap_or(self.places.id), reads_kind),
        ];
        let security = match self.places.security {
            SecurityRule::Column(id) => {
                Some((id, matched || splits || reads(&[LotColumn::Security])))
            }
            SecurityRule::One | SecurityRule::Unsaid => None,
        };
        for (id, is_required) in is_required.into_iter().chain(security) {
            if let Some(column) = self.file.get_mut(id) {
                column.optional = !is_required;
            }
        }
    }

    /// Records the texts with which the plan compares cells, for maps of columns.
    fn name_texts(&mut self) {
        let of_kinds = self.kinds.iter().map(|(text, _)| text.clone());
        let mut texts: Vec<_> = of_kinds.map(|text| (self.places.kind, text)).collect();
        let of_splits = self
            .splits
            .iter()
            .filter_map(|split| split.security.clone());
        if let SecurityRule::Column(id) = self.places.security {
            texts.extend(of_splits.map(|text| (Some(id), text)));
        }
        for (_, column) in self.lots.iter() {
            let Some(lot) = &column.lot else { continue };
            let of_kind = *lot == LotColumn::Kind && self.kinds.is_empty();
            if of_kind || matches!(lot, LotColumn::Other { .. } | LotColumn::Security) {
                let id = self.file_column(lot);
                texts.extend(column.texts.iter().map(|text| (Some(id), text.clone())));
            }
        }
        let mut seen = BTreeSet::new();
        for (id, text) in texts {
            if let Some(column) = id.and_then(|id| self.file.get_mut(id))
                && seen.insert((id, text.clone()))
            {
                column.know_text(&text);
            }
        }
    }
}
