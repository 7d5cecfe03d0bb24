//! Files of fields with a delimiter, such as CSV.

use anyhow::Result;
use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, Writer, WriterBuilder};

use crate::base::diagnostics::{Bug, Message, literal};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportFile, PaymentBatch};
use crate::export::formats::rows;
use crate::export::layout::{Field, FileRules, Layout, LineEnd, PaymentFormat, QuoteRule};
use crate::export::messages;

#[derive(Debug)]
pub(crate) struct Delimited;

impl PaymentFormat for Delimited {
    fn has_delimiter(&self) -> bool {
        true
    }

    fn check(&self, layout: &Layout) -> Result<()> {
        Ok(layout.check_rows()?)
    }

    fn encode(&self, file: &FileRules, _: &Field, text: String) -> Result<String, Message> {
        if file.quote != QuoteRule::Never || !text.contains([char::from(file.delimiter), '"']) {
            return Ok(text);
        }
        Err(messages::needs_quotes(&literal(&text)))
    }

    fn files(
        &self,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        let mut writer = writer(&batch.export.layout.file);
        rows::each_line(
            batch,
            problems,
            &mut |texts| Ok(writer.write_record(texts)?),
        )?;
        let bytes = writer.into_inner();
        let bytes = bytes.map_err(|error| Bug::new(error.to_string()))?;
        rows::proven(batch, problems, bytes, read)
    }
}

fn writer(file: &FileRules) -> Writer<Vec<u8>> {
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
    builder.from_writer(Vec::new())
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
