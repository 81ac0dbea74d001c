//! Writes the cells of other formats as rows of a table, so that one reader has all the rules.

/// What cannot stand in a row of one line, and is a space there.
const BREAKS: [char; 3] = ['\n', '\r', '\0'];

/// Appends a row, with every cell in quotes and every break of a line as a space: a row is one line.
pub(crate) fn write<'a>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = &'a str>) {
    for (at, cell) in cells.into_iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
        for byte in cell.bytes() {
            match byte {
                b'"' => out.extend_from_slice(b"\"\""),
                byte if BREAKS.contains(&char::from(byte)) => out.push(b' '),
                byte => out.push(byte),
            }
        }
        out.push(b'"');
    }
    out.push(b'\n');
}

/// A cell as it stands in the row.
pub(crate) fn one_line(cell: &str) -> String {
    cell.replace(BREAKS, " ")
}

/// Whether a uid or name would change in a row that is one line.
pub(crate) fn breaks(cell: &str) -> bool {
    cell.contains(BREAKS)
}
