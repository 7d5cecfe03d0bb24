//! The fund, what is deducted from it, and what is left for the class.

use num_bigint::BigInt;
use num_traits::Zero;

use super::document::{Node, Table};
use super::formula::Brackets;
use super::number::{Number, down, half_up, ten_to, up, whole};
use super::refused::Refused;

type Result<T> = std::result::Result<T, Refused>;

#[derive(Clone, Debug)]
pub(super) struct Currency {
    pub code: String,
    /// Decimals of the minor unit.
    pub places: usize,
}

const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";
const TWO_DECIMALS: &str = "AED ARS AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR MXN MYR NOK NZD PHP PLN \
                            RON SAR SEK SGD THB TRY TWD USD ZAR";

impl Currency {
    pub(super) fn read(node: Option<Node>) -> Result<Currency> {
        let Some(node) = node else {
            return Ok(Currency {
                code: "USD".to_string(),
                places: 2,
            });
        };
        let code = node.text()?;
        let among = |list: &str| list.split(' ').any(|known| known == code);
        let places = match () {
            () if among(NO_DECIMALS) => 0,
            () if among(TWO_DECIMALS) => 2,
            () if among(THREE_DECIMALS) => 3,
            () => return Err(node.refuse("is no currency")),
        };
        Ok(Currency { code, places })
    }

    /// An amount in currency, counted in minor units.
    pub(super) fn minor(&self, amount: &Number) -> Number {
        amount * whole(ten_to(self.places))
    }

    /// An amount of money, which has no more decimals than the currency.
    pub(super) fn money(&self, node: &Node) -> Result<BigInt> {
        let minor = self.minor(&node.number()?);
        if !minor.is_integer() {
            return Err(node.refuse("has more decimals than the currency"));
        }
        Ok(minor.to_integer())
    }
}

/// What comes in, what goes off, what is left: all in minor units.
#[derive(Debug)]
pub(super) struct Fund {
    pub amount: BigInt,
    pub interest: BigInt,
    pub deductions: Vec<Deduction>,
}

#[derive(Debug)]
pub(super) struct Deduction {
    pub name: String,
    pub kind: String,
    pub amount: BigInt,
}

impl Fund {
    pub(super) fn read(fund: &Node, deductions: Option<Node>, currency: &Currency) -> Result<Fund> {
        let mut table = fund.table()?;
        let amount = currency.money(&table.need("amount")?)?;
        let interest = table
            .maybe("interest", |node| currency.money(node))?
            .unwrap_or_default();
        table.done()?;
        if amount.is_zero() {
            return Err(fund.refuse("holds nothing"));
        }
        let mut fund = Fund {
            amount,
            interest,
            deductions: Vec::new(),
        };
        let deductions = deductions
            .map(|node| node.list())
            .transpose()?
            .unwrap_or_default();
        for node in deductions {
            let deduction = fund.deduction(node.table()?, currency)?;
            fund.deductions.push(deduction);
            if fund.net() < BigInt::zero() {
                return Err(node.refuse("takes more than the fund holds"));
            }
        }
        Ok(fund)
    }

    pub(super) fn gross(&self) -> BigInt {
        &self.amount + &self.interest
    }

    pub(super) fn net(&self) -> BigInt {
        self.gross()
            - self
                .deductions
                .iter()
                .map(|deduction| &deduction.amount)
                .sum::<BigInt>()
    }

    fn deduction(&self, mut table: Table, currency: &Currency) -> Result<Deduction> {
        let name = table.need("name")?.text()?;
        let kinds = [
            "fees",
            "costs",
            "service",
            "administration",
            "tax",
            "reserve",
            "other",
        ]
        .map(|kind| (kind, kind));
        let kind = table.word("kind", &kinds)?.unwrap_or("other").to_string();
        let roundings = [
            ("nearest", half_up as fn(&Number) -> BigInt),
            ("down", down),
            ("up", up),
        ];
        let rounded = table.word("round", &roundings)?.unwrap_or(half_up);
        let (key, value) = table.one_of(&["amount", "percent", "fraction", "each", "brackets"])?;
        let exact = match key {
            "amount" => whole(currency.money(&value)?),
            "each" => whole(currency.money(&value)? * table.need("count")?.whole_number()?),
            "percent" => self.base(&mut table)? * value.number()? / whole(100.into()),
            "fraction" => self.base(&mut table)? * value.fraction()?,
            _ => self.bracketed(&value, &mut table, currency)?,
        };
        table.done()?;
        Ok(Deduction {
            name,
            kind,
            amount: rounded(&exact),
        })
    }

    /// Marginal percentages; their limits are amounts in currency.
    fn bracketed(&self, value: &Node, table: &mut Table, currency: &Currency) -> Result<Number> {
        let base = self.base(table)? / whole(ten_to(currency.places));
        Ok(currency.minor(&Brackets::read(value, "percent")?.of(&base)) / whole(100.into()))
    }

    /// What a part is a part of: has to be said where there is interest.
    fn base(&self, table: &mut Table) -> Result<Number> {
        let words = [
            ("amount", self.amount.clone()),
            ("gross", self.gross()),
            ("remaining", self.net()),
        ];
        match table.word("of", &words)? {
            Some(base) => Ok(whole(base)),
            None if self.interest.is_zero() => Ok(whole(self.amount.clone())),
            None => Err(table.refuse("needs `of`, because there is interest")),
        }
    }
}
