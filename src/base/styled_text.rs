//! Text for people that remembers what its parts are, so that a terminal can
//! show them. The text itself is the same wherever it goes.

use std::ops::{AddAssign, Range};

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// A heading, or a total.
    Heading,
    /// Something holds.
    Good,
    /// Something to mind before money moves.
    Doubtful,
    /// Something does not hold.
    Bad,
}

/// A text and its marks.
#[derive(Debug, Clone, Default)]
pub struct StyledText {
    text: String,
    /// In the order of the text, and none within another.
    marks: Vec<(Range<usize>, TextStyle)>,
}

impl StyledText {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the next text will begin.
    pub fn end(&self) -> usize {
        self.text.len()
    }

    /// Adds text that is something.
    pub fn add(&mut self, mark: TextStyle, text: &str) {
        let start = self.end();
        self.text += text;
        self.mark(start..self.end(), mark);
    }

    /// Says what a part after all those marked is.
    pub fn mark(&mut self, part: Range<usize>, mark: TextStyle) {
        self.marks.push((part, mark));
    }

    /// The text in pieces, each marked as a whole or not at all.
    pub fn pieces(&self) -> Vec<(Option<TextStyle>, &str)> {
        let mut pieces = Vec::new();
        let mut done = 0;
        for (part, mark) in &self.marks {
            let before = self.text.get(done..part.start);
            pieces.push((None, before.unwrap_or_default()));
            let marked = self.text.get(part.clone());
            pieces.push((Some(*mark), marked.unwrap_or_default()));
            done = part.end;
        }
        pieces.push((None, self.text.get(done..).unwrap_or_default()));
        pieces
    }
}

impl AddAssign<&str> for StyledText {
    fn add_assign(&mut self, text: &str) {
        self.text += text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        let mut marked = StyledText::default();
        marked += "The ";
        marked.add(TextStyle::Heading, "fund");
        marked += ".\n";
        marked.add(TextStyle::Good, "It holds.\n");
        let pieces = marked.pieces();
        assert_eq!(pieces[1], (Some(TextStyle::Heading), "fund"));
        assert_eq!(pieces[3], (Some(TextStyle::Good), "It holds.\n"));
        let together: String = pieces.iter().map(|(_, piece)| *piece).collect();
        assert_eq!(together, marked.text());
        assert_eq!(marked.text(), "The fund.\nIt holds.\n");
    }
}
