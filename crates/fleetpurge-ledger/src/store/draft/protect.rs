//! Which rows the protect lists match, and which of their entries match none.
//!
//! A list that protects nothing looks like one that works, so every entry is compared with the rows, and entries without a
//! row are reported. Entries and their keys are in SQLite, outside memory; only patterns are in memory.

use rusqlite::Connection;

use crate::model::{Error, Listed, PatternMatches, ProtectList, Protected, Protection, RowAt, Source};
use crate::rules::{
    Haystack, InvalidPattern, PROTECTED, Pattern, Rules, Sent, is_blank, protect_key, protected, skeleton,
};
use crate::store::columns::{self, number};
use crate::store::draft::{listing, protect_entries};

/// How many rows of a pattern are reported with their names.
const ROWS_SHOWN: usize = 3;

/// The lists of a draft. Memory grows with the patterns, not with the other entries.
#[derive(Debug, Default)]
pub(crate) struct ProtectLists {
    lists: Vec<ProtectList>,
    patterns: Vec<Held>,
    /// What the patterns of each entry matched.
    matches: Vec<(i64, PatternMatches)>,
    entries: u64,
    names_labels: bool,
}

#[derive(Debug)]
struct Held {
    entry: i64,
    list: usize,
    pattern: Pattern,
}

/// What protecting needs of SQLite. `rows` counts those that an entry protects, `skipped` those that it matches and that are
/// skipped already, `near` is the row of a hint.
pub(crate) fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE TEMP TABLE protect_entries (entry INTEGER PRIMARY KEY, list INTEGER NOT NULL, line INTEGER NOT NULL,
                                            text TEXT NOT NULL, kind TEXT NOT NULL, rows INTEGER NOT NULL,
                                            skipped INTEGER NOT NULL, near INTEGER);
         CREATE TEMP TABLE protected (key TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (key, entry)) WITHOUT ROWID;
         CREATE TEMP TABLE skeletons (skeleton TEXT NOT NULL, entry INTEGER NOT NULL,
                                      PRIMARY KEY (skeleton, entry)) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// What an entry is, in `protect_entries.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Pattern,
    /// A pattern that cannot be read. It may still be the name of a row.
    InvalidPattern,
    /// A row of a table that has neither uid nor name.
    Unnamed,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Pattern => "pattern",
            Self::InvalidPattern => "invalid pattern",
            Self::Unnamed => protect_entries::UNNAMED,
        }
    }
}

impl ProtectLists {
    pub(crate) const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Whether an entry may be a label, so that only the account knows which device it means.
    pub(crate) const fn names_labels(&self) -> bool {
        self.names_labels
    }

    pub(crate) fn add(
        &mut self,
        connection: &Connection,
        rules: &dyn Rules,
        protected: &Protected,
    ) -> Result<(), Error> {
        let (list, entry) = self.number(&protected.file);
        let texts = || std::iter::once(&protected.entry).chain(&protected.also);
        let mut kind = Kind::Plain;
        for text in texts() {
            for spelling in rules.spellings(text) {
                match Pattern::parse(spelling) {
                    Ok(Some(pattern)) => {
                        if kind != Kind::Pattern {
                            kind = Kind::Pattern;
                            self.matches.push((entry, no_matches(protected, text)));
                        }
                        self.patterns.push(Held { entry, list, pattern });
                    }
                    Err(InvalidPattern) if kind == Kind::Plain => kind = Kind::InvalidPattern,
                    Ok(None) | Err(InvalidPattern) => {}
                }
            }
            self.names_labels |= rules.sent() == Sent::ById && !rules.is_well_formed(text.trim());
        }
        let text = texts().map(String::as_str).collect::<Vec<_>>().join(", ");
        insert_entry(connection, entry, list, protected.line, &text, kind)?;
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO temp.protected (key, entry) VALUES (?1, ?2)")?;
        for text in texts().chain(&protected.whole) {
            for key in rules.protects(text) {
                insert.execute((key, entry))?;
            }
        }
        Ok(())
    }

    /// Adds an entry that names no device, and so protects nothing.
    pub(crate) fn add_unnamed(
        &mut self,
        connection: &Connection,
        file: &str,
        line: u64,
        text: &str,
    ) -> Result<(), Error> {
        let (list, entry) = self.number(file);
        insert_entry(connection, entry, list, line, text, Kind::Unnamed)
    }

    /// The place of a list, and the number of its next entry.
    fn number(&mut self, file: &str) -> (usize, i64) {
        let list = self.list(file);
        self.lists[list].entries += 1;
        self.entries += 1;
        (list, self.entries.cast_signed())
    }

    /// The place of a list, by its file.
    fn list(&mut self, file: &str) -> usize {
        if let Some(list) = self.lists.iter().position(|list| list.file == file) {
            return list;
        }
        self.lists.push(ProtectList {
            file: file.to_owned(),
            entries: 0,
            rows: 0,
        });
        self.lists.len() - 1
    }

    /// Whether an entry matches what a row itself says.
    pub(crate) fn protects(&self, connection: &Connection, uid: &str, name: &str) -> Result<bool, Error> {
        let mut by_key = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM temp.protected WHERE key = ?1)")?;
        for key in [uid, name].map(protect_key) {
            if !key.is_empty() && by_key.query_row([key], |row| row.get(0))? {
                return Ok(true);
            }
        }
        let mut matched = Vec::new();
        self.match_patterns(uid, name, &mut matched);
        Ok(!matched.is_empty())
    }

    /// Adds the entries whose patterns match a row, with their lists.
    fn match_patterns(&self, uid: &str, name: &str, matched: &mut Vec<(i64, usize)>) {
        if self.patterns.is_empty() {
            return;
        }
        // A blank matches `*`, and is nothing to protect.
        let haystacks: Vec<Haystack<'_>> = [uid, name]
            .into_iter()
            .filter(|text| !is_blank(text))
            .map(Haystack::of)
            .collect();
        for held in &self.patterns {
            if haystacks.iter().any(|haystack| held.pattern.matches(haystack)) {
                matched.push((held.entry, held.list));
            }
        }
    }

    /// Counts a row that these entries match, sorted, for their lists and patterns.
    fn count(&mut self, matched: &[(i64, usize)], row: impl Fn() -> Result<RowAt, Error>) -> Result<(), Error> {
        for (at, list) in self.lists.iter_mut().enumerate() {
            list.rows += u64::from(matched.iter().any(|(_, list)| *list == at));
        }
        for (pattern, matches) in &mut self.matches {
            if matched.binary_search_by_key(pattern, |(entry, _)| *entry).is_err() {
                continue;
            }
            matches.rows += 1;
            if matches.rows_first.len() < ROWS_SHOWN {
                matches.rows_first.push(row()?);
            }
        }
        Ok(())
    }
}

fn insert_entry(
    connection: &Connection,
    entry: i64,
    list: usize,
    line: u64,
    text: &str,
    kind: Kind,
) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO temp.protect_entries (entry, list, line, text, kind, rows, skipped)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)",
        )?
        .execute((entry, list.cast_signed(), line.cast_signed(), text, kind.as_str()))?;
    Ok(())
}

fn no_matches(protected: &Protected, pattern: &str) -> PatternMatches {
    PatternMatches {
        file: protected.file.clone(),
        line: protected.line,
        pattern: pattern.to_owned(),
        rows: 0,
        rows_first: Vec::new(),
    }
}

/// Protects a device by its id if an entry protects its label: the rows of the device may have no label, or another one.
pub(crate) fn protect_likewise(
    connection: &Connection,
    lists: &ProtectLists,
    id: &str,
    label: &str,
) -> Result<(), Error> {
    let (id, key) = (protect_key(id), protect_key(label));
    if id.is_empty() || key.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO temp.protected (key, entry) SELECT ?1, entry FROM temp.protected WHERE key = ?2",
        )?
        .execute((&id, key))?;
    if !lists.patterns.is_empty() {
        let label = Haystack::of(label);
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO temp.protected (key, entry) VALUES (?1, ?2)")?;
        for held in lists.patterns.iter().filter(|held| held.pattern.matches(&label)) {
            insert.execute((&id, held.entry))?;
        }
    }
    Ok(())
}

/// A row without a label is protected by the label in another row of its id.
fn protect_whole_devices(connection: &Connection, lists: &ProtectLists) -> Result<(), Error> {
    let mut rows = connection.prepare("SELECT uid, name FROM rows WHERE skipped IS NULL")?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let uid = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        protect_likewise(connection, lists, uid, name)?;
    }
    Ok(())
}

/// Skips every row that an entry matches, counts them, and finds the entries that protect none.
///
/// A row that is skipped already (blank, commented out, without a device) keeps its reason, and its entry protects nothing by
/// it: the device that the entry means may be in another row, under a name that the entry misses.
pub(crate) fn protect_rows(
    connection: &Connection,
    rules: &dyn Rules,
    mut lists: ProtectLists,
    sources: &[Source],
    listed: Listed,
) -> Result<Protection, Error> {
    if lists.is_empty() {
        return Ok(Protection::default());
    }
    if rules.sent() == Sent::ById {
        protect_whole_devices(connection, &lists)?;
    }
    match_rows(connection, &mut lists, sources)?;
    let count = |condition: &str| {
        columns::count(
            connection,
            &format!("SELECT count(*) FROM temp.protect_entries WHERE {condition}"),
        )
    };
    let (unmatched, invalid_patterns) = (
        count(protect_entries::UNMATCHED)?,
        count(protect_entries::INVALID_PATTERNS)?,
    );
    if unmatched > 0 {
        look_for_near_rows(connection)?;
    }
    let first = |condition: &str, listed: Listed| {
        let mut first = Vec::new();
        let more = protect_entries::each_entry(connection, &lists.lists, condition, |entry| match listed {
            Listed::First => listing::show(&mut first, entry),
            Listed::All => {
                first.push(entry);
                Ok(())
            }
        });
        listing::enough(more).map(|()| first)
    };
    Ok(Protection {
        unmatched_first: first(protect_entries::UNMATCHED, listed)?,
        invalid_patterns_first: first(protect_entries::INVALID_PATTERNS, Listed::First)?,
        unmatched,
        invalid_patterns,
        patterns: lists.matches.into_iter().map(|(_, matches)| matches).collect(),
        lists: lists.lists,
    })
}

fn match_rows(connection: &Connection, lists: &mut ProtectLists, sources: &[Source]) -> Result<(), Error> {
    let mut rows =
        connection.prepare("SELECT row, uid, name, source, line, skipped IS NOT NULL FROM rows ORDER BY row")?;
    let mut by_key = connection.prepare(
        "SELECT p.entry, e.list FROM temp.protected p JOIN temp.protect_entries e ON e.entry = p.entry WHERE p.key = ?1",
    )?;
    let mut count = connection.prepare("UPDATE temp.protect_entries SET rows = rows + 1 WHERE entry = ?1")?;
    let mut pass_over = connection.prepare("UPDATE temp.protect_entries SET skipped = skipped + 1 WHERE entry = ?1")?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut matched = Vec::new();
    let mut rows = rows.query(())?;
    while let Some(found) = rows.next()? {
        let row: i64 = found.get(0)?;
        let uid = found.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let name = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        matched.clear();
        for key in [uid, name].map(protect_key) {
            if key.is_empty() {
                continue;
            }
            let mut entries = by_key.query([key])?;
            while let Some(entry) = entries.next()? {
                let list = usize::try_from(number(entry, 1)?).unwrap_or(usize::MAX);
                matched.push((entry.get::<_, i64>(0)?, list));
            }
        }
        lists.match_patterns(uid, name, &mut matched);
        matched.sort_unstable();
        matched.dedup();
        let Some(&(_, first)) = matched.first() else { continue };
        if found.get(5)? {
            for (entry, _) in &matched {
                pass_over.execute([entry])?;
            }
            continue;
        }
        let file = lists.lists.get(first).map_or("", |list| list.file.as_str());
        skip.execute((row, protected(file)))?;
        for (entry, _) in &matched {
            count.execute([entry])?;
        }
        lists.count(&matched, || {
            Ok(RowAt {
                row: row.unsigned_abs(),
                source: source_name(sources, number(found, 3)?),
                line: number(found, 4)?,
                uid: uid.to_owned(),
                name: name.to_owned(),
            })
        })?;
    }
    Ok(())
}

/// The name of an input by its number, from 1.
pub(crate) fn source_name(sources: &[Source], source: u64) -> String {
    usize::try_from(source)
        .ok()
        .and_then(|source| sources.get(source.checked_sub(1)?))
        .map_or_else(String::new, |source| source.name.clone())
}

/// Finds for each unmatched entry the first row whose name is nearly the same.
fn look_for_near_rows(connection: &Connection) -> Result<(), Error> {
    {
        let mut unmatched = connection.prepare(&format!(
            "SELECT entry, text FROM temp.protect_entries WHERE {} AND kind <> '{}'",
            protect_entries::UNMATCHED,
            Kind::Unnamed.as_str()
        ))?;
        let mut insert =
            connection.prepare("INSERT OR IGNORE INTO temp.skeletons (skeleton, entry) VALUES (?1, ?2)")?;
        let mut unmatched = unmatched.query(())?;
        while let Some(entry) = unmatched.next()? {
            let text = entry.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            for skeleton in text.split(", ").filter_map(skeleton) {
                insert.execute((skeleton, entry.get::<_, i64>(0)?))?;
            }
        }
    }
    // Rows that are skipped for another reason are no devices to point at; an entry may even match them.
    let mut rows = connection.prepare(&format!(
        "SELECT row, name FROM rows WHERE skipped IS NULL OR skipped LIKE '{PROTECTED}%' ORDER BY row"
    ))?;
    // Rows after the first of a skeleton give its entries no other hint: without it, each would be compared with all of them.
    let mut hinted = connection.prepare("DELETE FROM temp.skeletons WHERE skeleton = ?1")?;
    let mut note = connection.prepare(
        "UPDATE temp.protect_entries SET near = ?2
         WHERE near IS NULL AND entry IN (SELECT entry FROM temp.skeletons WHERE skeleton = ?1)",
    )?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(skeleton) = skeleton(name) {
            note.execute((&skeleton, row.get::<_, i64>(0)?))?;
            hinted.execute([&skeleton])?;
        }
    }
    Ok(())
}
