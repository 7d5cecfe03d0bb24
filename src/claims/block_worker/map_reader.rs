//! Reads the cells of a row as `map` and `ignore_case` of their columns say.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::claims::block_worker::Worker;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::row_cells::RowCells;
use crate::plan::cell::{CellFault, Cells as _};
use crate::plan::cell_map::{CellChange, CellMap};
use crate::plan::{ColumnId, Plan, map_hints};

/// The maximum number of different cells of a column that are remembered.
const REMEMBERED: usize = 4096;

/// Reads rows. What the cells of a column with `ignore_case` are read as is computed once
/// for each different cell.
#[derive(Debug)]
pub(super) struct MapReader<'p> {
    columns: Vec<ColumnReader<'p>>,
    /// The cells of the last row that were read as other texts.
    changed: Vec<(ColumnId, CellChange)>,
}

#[derive(Debug)]
struct ColumnReader<'p> {
    map: &'p CellMap,
    /// Cells that were read before.
    known: HashMap<String, Option<(&'p str, CellChange)>, FixedState>,
}

impl<'p> MapReader<'p> {
    /// A reader, if the plan has maps.
    pub(super) fn new(plan: &'p Plan) -> Option<Self> {
        let reader = |(_, column): (_, &'p crate::plan::Column)| ColumnReader {
            map: &column.map,
            known: HashMap::with_hasher(FixedState::with_seed(0)),
        };
        plan.columns.have_maps().then(|| Self {
            columns: plan.columns.iter().map(reader).collect(),
            changed: Vec::new(),
        })
    }

    /// Writes the cells as the plan reads them.
    fn read(&mut self, written: &RowCells, cells: &mut RowCells) {
        cells.clear();
        cells.is_row_of(written);
        self.changed.clear();
        for (number, column) in self.columns.iter_mut().enumerate() {
            let cell = written.cell(ColumnId(number));
            match column.read(cell) {
                Some((text, change)) => {
                    self.changed.push((ColumnId(number), change));
                    cells.push_whole(text);
                }
                None => cells.push_whole(cell),
            }
        }
    }
}

impl<'p> ColumnReader<'p> {
    fn read(&mut self, cell: &str) -> Option<(&'p str, CellChange)> {
        let map = self.map;
        if !map.ignore_case {
            return map.read(cell);
        }
        if let Some(known) = self.known.get(cell) {
            return *known;
        }
        let read = map.read(cell);
        if self.known.len() < REMEMBERED {
            self.known.insert(cell.to_owned(), read);
        }
        read
    }
}

impl<C: ClaimClassifier> Worker<'_, C> {
    /// Lets `cells` be the cells as the plan reads them, and `written` those of the file,
    /// if the plan has maps.
    pub(super) fn read_as_mapped(&mut self) {
        if let Some(reader) = &mut self.map_reader {
            std::mem::swap(&mut self.cells, &mut self.written);
            reader.read(&self.written, &mut self.cells);
        }
    }

    /// The cells as they are in the file.
    pub(super) fn written(&self) -> &RowCells {
        match self.map_reader {
            Some(_) => &self.written,
            None => &self.cells,
        }
    }

    /// The class of an earlier row with equal cells in the file.
    pub(super) fn known_class(&mut self) -> Option<u32> {
        if !self.remembers {
            return None;
        }
        let written = match self.map_reader {
            Some(_) => &self.written,
            None => &self.cells,
        };
        self.memory.recall_cells(written)
    }

    /// The cells of the row that were read as other texts.
    pub(super) fn changed(&self) -> &[(ColumnId, CellChange)] {
        let reader = self.map_reader.as_ref();
        reader.map_or(&[], |reader| &reader.changed)
    }

    /// Counts the cells of a row that is not like a remembered one.
    pub(super) fn count_mapped(&mut self) {
        if let Some(reader) = &self.map_reader {
            self.counts.mapped.add(&reader.changed, 1);
        }
    }

    /// A fault of a cell, which says so if the cell was read as another text.
    pub(super) fn of_mapped(&self, fault: CellFault) -> CellFault {
        let changed = |column| {
            let mut changed = self.changed().iter();
            changed.any(|(known, change)| *known == column && *change == CellChange::Mapped)
        };
        let Some(column) = fault.column.filter(|column| changed(*column)) else {
            return fault;
        };
        let (written, text) = (self.written().cell(column), self.cells.cell(column));
        let name = self.plan.columns.name(column);
        let hint = map_hints::read_as(name, written, text, fault.message.hint.as_deref());
        CellFault {
            message: fault.message.hint(hint),
            ..fault
        }
    }
}
