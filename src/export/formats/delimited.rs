//! Files of fields with a delimiter, such as CSV.

use anyhow::Result;
use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, Writer, WriterBuilder};

use crate::base::diagnostics::{Bug, literal};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::formats::rows::{self, RowLines};
use crate::export::layout::{FieldFault, FileRules, Layout, LineEnd, PaymentFormat, QuoteRule};

#[derive(Debug)]
pub(crate) struct Delimited;

impl PaymentFormat for Delimited {
    fn word(&self) -> &'static str {
        "delimited"
    }

    fn has_delimiter(&self) -> bool {
        true
    }

    fn check(&self, layout: &Layout) -> Result<()> {
        Ok(layout.check_rows()?)
    }

    fn check_text(&self, file: &FileRules, text: &str) -> Result<(), FieldFault> {
        if file.quote != QuoteRule::Never || !text.contains([char::from(file.delimiter), '"']) {
            return Ok(());
        }
        Err(FieldFault::new(
            format!(
                "{} needs quotes, but the layout does not write quotes",
                literal(text)
            ),
            "remove quotes and separators, or allow quotes in the layout: `quote = \"needed\"`",
        ))
    }

    fn files(
        &self,
        context: &ExportContext<'_>,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        rows::files::<DelimitedLines>(context, batch, problems)
    }
}

struct DelimitedLines(Writer<Vec<u8>>);

impl RowLines for DelimitedLines {
    fn new(file: &FileRules) -> Self {
        let mut builder = WriterBuilder::new();
        builder.flexible(true).delimiter(file.delimiter);
        builder.terminator(match file.line_end {
            LineEnd::Lf => Terminator::Any(b'\n'),
            LineEnd::CrLf => Terminator::CRLF,
        });
        builder.quote_style(match file.quote {
            QuoteRule::Needed => QuoteStyle::Necessary,
            QuoteRule::Always => QuoteStyle::Always,
            QuoteRule::Never => QuoteStyle::Never,
        });
        Self(builder.from_writer(Vec::new()))
    }

    fn add(&mut self, texts: &[String]) -> Result<()> {
        Ok(self.0.write_record(texts)?)
    }

    fn finish(self) -> Result<Vec<u8>> {
        let bytes = self.0.into_inner();
        bytes.map_err(|error| Bug::new(error.to_string()).into())
    }

    fn read(layout: &Layout, bytes: &[u8]) -> Result<Vec<Vec<String>>> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true);
        builder
            .delimiter(layout.file.delimiter)
            .quoting(layout.file.quote != QuoteRule::Never);
        let texts = |record: StringRecord| record.iter().map(str::to_owned).collect();
        let records = builder.from_reader(bytes).into_records();
        records.map(|record| Ok(texts(record?))).collect()
    }
}
