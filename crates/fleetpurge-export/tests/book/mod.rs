//! Writes small XLSX workbooks.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

/// A ZIP archive of these files.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A sheet: its name, and its XML.
pub(crate) fn sheet(name: &str, rows: &[String]) -> (String, String) {
    let xml = format!("<worksheet {MAIN}><sheetData>{}</sheetData></worksheet>", rows.concat());
    (name.to_owned(), xml)
}

const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of these sheets.
pub(crate) fn book(sheets: &[(String, String)]) -> Vec<u8> {
    let mut list = String::new();
    let mut relations = String::new();
    let mut files = Vec::new();
    for (at, (name, xml)) in sheets.iter().enumerate() {
        let at = at + 1;
        list.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>"));
        relations.push_str(&format!(
            "<Relationship Id=\"rId{at}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>"
        ));
        files.push((format!("xl/worksheets/sheet{at}.xml"), xml.clone()));
    }
    relations.push_str(&format!(
        "<Relationship Id=\"rId99\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/>"
    ));
    files.push((
        "xl/workbook.xml".to_owned(),
        format!("<workbook {MAIN} xmlns:r=\"{RELATIONS}\"><sheets>{list}</sheets></workbook>"),
    ));
    files.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}</Relationships>"),
    ));
    files.push((
        "_rels/.rels".to_owned(),
        format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
    ));
    // The second format is that of a date.
    files.push((
        "xl/styles.xml".to_owned(),
        format!(
            "<styleSheet {MAIN}><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
        ),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    archive(&files)
}

pub(crate) fn row(number: u32, cells: &[String]) -> String {
    row_with(number, "", cells)
}

/// A row with these attributes.
pub(crate) fn row_with(number: u32, attributes: &str, cells: &[String]) -> String {
    format!("<row r=\"{number}\" {attributes}>{}</row>", cells.concat())
}

/// A row of text cells, from column A.
pub(crate) fn text_row(number: u32, texts: &[&str]) -> String {
    let cells: Vec<String> = ('A'..)
        .zip(texts)
        .map(|(letter, text)| inline(&format!("{letter}{number}"), text))
        .collect();
    row(number, &cells)
}

pub(crate) fn inline(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

pub(crate) fn cell(at: &str, kind: &str, value: &str) -> String {
    format!("<c r=\"{at}\" t=\"{kind}\"><v>{value}</v></c>")
}

pub(crate) fn number(at: &str, value: &str) -> String {
    format!("<c r=\"{at}\"><v>{value}</v></c>")
}

pub(crate) fn date(at: &str, value: &str) -> String {
    format!("<c r=\"{at}\" s=\"1\"><v>{value}</v></c>")
}

pub(crate) fn formula(at: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("<c r=\"{at}\" t=\"str\"><f>A1</f><v>{value}</v></c>"),
        None => format!("<c r=\"{at}\"><f>A1</f></c>"),
    }
}
