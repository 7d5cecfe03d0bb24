//! Cell styles: black on white, bold for headings and totals, red for
//! what to review before payment.

/// The namespace of sheets, workbooks and styles.
pub(crate) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// The maximum number of decimals of a number in a run.
const MOST_DECIMALS: usize = 28;

/// The first number format that is not built into the spreadsheet.
const FIRST_FORMAT: usize = 164;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellStyle {
    /// The name of the settlement.
    Title,
    /// A note next to the figures.
    Note,
    /// A heading of something to review before payment.
    Alert,
    /// A heading above text.
    Heading,
    /// A heading above numbers.
    HeadingOfNumbers,
    Text,
    /// Right-aligned text next to numbers.
    TextOfNumbers,
    /// Text to the right of a number.
    TextAfterNumbers,
    TotalLabel,
    /// A count, with thousands separators.
    Count,
    /// A row number.
    Row,
    /// A number with this number of decimals.
    Number(usize),
    /// The same, as a total.
    Total(usize),
}

impl CellStyle {
    /// The index in the list of [`xml`].
    pub(crate) fn number(self) -> usize {
        match self {
            Self::Title => 1,
            Self::Note => 2,
            Self::Alert => 3,
            Self::Heading => 4,
            Self::HeadingOfNumbers => 5,
            Self::Text => 6,
            Self::TextOfNumbers => 7,
            Self::TextAfterNumbers => 8,
            Self::TotalLabel => 9,
            Self::Count => 10,
            Self::Row => 11,
            Self::Number(decimals) => 12 + decimals.min(MOST_DECIMALS),
            Self::Total(decimals) => 13 + MOST_DECIMALS + decimals.min(MOST_DECIMALS),
        }
    }
}

/// The part of the workbook that lists all styles.
pub(crate) fn xml() -> String {
    let mut formats = String::new();
    let mut numbers = String::new();
    let mut totals = String::new();
    for decimals in 0..=MOST_DECIMALS {
        let format = FIRST_FORMAT + decimals;
        let point = if decimals == 0 { "" } else { "." };
        let zeros = "0".repeat(decimals);
        formats += &format!("<numFmt numFmtId=\"{format}\" formatCode=\"#,##0{point}{zeros}\"/>");
        numbers += &look(format, PLAIN, NO_LINE, "");
        totals += &look(format, BOLD, LINE_ABOVE, "");
    }
    let looks = [
        look(0, PLAIN, NO_LINE, ""),
        look(TEXT, LARGE, NO_LINE, ""),
        look(TEXT, GREY, NO_LINE, ""),
        look(TEXT, RED, NO_LINE, ""),
        look(TEXT, BOLD, LINE_BELOW, LEFT),
        look(TEXT, BOLD, LINE_BELOW, RIGHT),
        look(TEXT, PLAIN, NO_LINE, LEFT),
        look(TEXT, PLAIN, NO_LINE, RIGHT),
        look(TEXT, PLAIN, NO_LINE, INDENTED),
        look(TEXT, BOLD, LINE_ABOVE, LEFT),
        look(GROUPED, PLAIN, NO_LINE, ""),
        look(WHOLE, PLAIN, NO_LINE, ""),
        numbers,
        totals,
    ];
    let line = |inside: &str| format!("<border><left/><right/>{inside}<diagonal/></border>");
    let thin = "style=\"thin\"><color rgb=\"FF808080\"/>";
    format!(
        "<styleSheet xmlns=\"{}\">\
         <numFmts count=\"{}\">{formats}</numFmts>\
         <fonts count=\"5\">{}{}{}{}{}</fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill></fills>\
         <borders count=\"3\">{}{}{}</borders>\
         <cellStyleXfs count=\"1\">\
         <xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
         <cellXfs count=\"{}\">{}</cellXfs>\
         <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
         </styleSheet>",
        MAIN,
        MOST_DECIMALS + 1,
        font("", 11, ""),
        font("<b/>", 11, ""),
        font("<b/>", 16, ""),
        font("", 10, "FF595959"),
        font("<b/>", 11, "FFC00000"),
        line("<top/><bottom/>"),
        line(&format!("<top/><bottom {thin}</bottom>")),
        line(&format!("<top {thin}</top><bottom/>")),
        CellStyle::Total(MOST_DECIMALS).number() + 1,
        looks.concat(),
    )
}

// Fonts and borders by index in the lists above.
const PLAIN: usize = 0;
const BOLD: usize = 1;
const LARGE: usize = 2;
const GREY: usize = 3;
const RED: usize = 4;
const NO_LINE: usize = 0;
const LINE_BELOW: usize = 1;
const LINE_ABOVE: usize = 2;

// Text alignment; numbers are right-aligned by default.
const LEFT: &str = "horizontal=\"left\"";
const RIGHT: &str = "horizontal=\"right\"";
const INDENTED: &str = "horizontal=\"left\" indent=\"1\"";

// Formats that every spreadsheet has: `0`, `#,##0`, and text.
const WHOLE: usize = 1;
const GROUPED: usize = 3;
const TEXT: usize = 49;

fn look(format: usize, font: usize, line: usize, aligned: &str) -> String {
    let mut xml = format!(
        "<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"0\" borderId=\"{line}\" xfId=\"0\" \
         applyNumberFormat=\"1\" applyFont=\"1\" applyBorder=\"1\""
    );
    if aligned.is_empty() {
        xml += "/>";
    } else {
        xml += &format!(" applyAlignment=\"1\"><alignment {aligned}/></xf>");
    }
    xml
}

fn font(bold: &str, size: u32, colour: &str) -> String {
    let colour = if colour.is_empty() {
        String::new()
    } else {
        format!("<color rgb=\"{colour}\"/>")
    };
    format!(
        "<font>{bold}<sz val=\"{size}\"/>{colour}<name val=\"Calibri\"/><family val=\"2\"/></font>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_is_in_the_list() {
        let xml = xml();
        let looks = xml.matches(" xfId=\"0\" applyNumberFormat").count();
        assert_eq!(looks, CellStyle::Total(MOST_DECIMALS).number() + 1);
        assert_eq!(CellStyle::Row.number() + 1, CellStyle::Number(0).number());
        let last = CellStyle::Number(MOST_DECIMALS).number();
        assert_eq!(last + 1, CellStyle::Total(0).number());
    }
}
