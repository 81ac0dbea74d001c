//! Which rows the protect lists keep, and which of their entries keep none.
//!
//! A list that protects nothing looks like one that works, so every entry is held against the rows, and those without a
//! row are told. Entries and their keys are SQLite's, outside memory; only patterns are held here.

use rusqlite::Connection;

use crate::draft::RowAt;
use crate::error::Error;
use crate::plan::Source;
use crate::rules::{self, Face, NoPattern, Pattern, Rules, Sent};
use crate::verify::number;
use crate::{findings, freeze};

/// How many of the rows that a pattern protects are carried.
const ROWS_SHOWN: usize = 3;

/// Devices that must stay: one entry of a protect list.
///
/// An entry is found in a row's uid or name: as equal UUIDs in whatever spelling, or, for anything else, without regard to
/// case (Unicode's full case folding), to outer space, to invisible characters, and to how accents are encoded. `*`, `?` and
/// `[..]` in it stand for any characters, any one, one of a set. A match too many is the safe mistake here. Of Ubidots,
/// `~label`, `{"id":"..."}` and every id within the entry match as well, and a device is protected in all rows that name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// A uid or a name, an id or a label, or a pattern; shown in messages.
    pub entry: String,
    /// What protects beside it: the name in the row of a table that has a uid as well.
    pub also: Vec<String>,
    /// The whole text where a comment was taken off it: a device that is called exactly so stays, too.
    pub whole: Vec<String>,
    /// Where that was read, for the reason: `protected by FILE`.
    pub file: String,
    /// Its line in that file, from 1; 0 where there are no lines.
    pub line: u64,
}

/// What becomes of a plan if an entry of a protect list protects no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmatchedProtect {
    /// It is refused: the entry may be misspelt, and the device that it means would be sent.
    #[default]
    Refuse,
    /// It is made, and the entries are told.
    Allow,
}

/// What the protect lists came to, held against the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Each list, in the order in which the first entry of each came.
    pub lists: Vec<ProtectList>,
    /// Each pattern, in the order in which they came.
    pub patterns: Vec<PatternMatches>,
    /// How many entries protect no row.
    pub unmatched: u64,
    /// The first few of them.
    pub unmatched_first: Vec<UnmatchedEntry>,
    /// How many entries look like a pattern, are none, and are no row's uid or name either: a `[` that is never closed.
    /// They refuse the plan, and are not among the unmatched.
    pub not_patterns: u64,
    /// The first few of them.
    pub not_patterns_first: Vec<UnmatchedEntry>,
}

/// What one protect list came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectList {
    /// Its file, as [`Protected::file`] names it.
    pub file: String,
    /// How many entries it has.
    pub entries: u64,
    /// How many rows of the inputs they match. A row that two lists name counts for both, and a row that is skipped for
    /// another reason, as a repeat is, counts, too.
    pub rows: u64,
}

/// What one pattern of a protect list came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternMatches {
    /// The file of its list.
    pub file: String,
    /// Its line in that file.
    pub line: u64,
    /// The pattern.
    pub pattern: String,
    /// How many rows it matches.
    pub rows: u64,
    /// The first few of them.
    pub rows_first: Vec<RowAt>,
}

/// An entry of a protect list that protects no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedEntry {
    /// The file of its list.
    pub file: String,
    /// Its line in that file.
    pub line: u64,
    /// The entry, with what protects beside it.
    pub entry: String,
    /// A row whose name differs from it only by a domain, a remark or its punctuation. A hint: the row is not protected.
    pub near: Option<RowAt>,
}

/// The lists of a draft. What is held against rows while they are matched, and no more, is in memory.
#[derive(Debug, Default)]
pub(crate) struct ProtectLists {
    lists: Vec<ProtectList>,
    patterns: Vec<Held>,
    /// What each entry that holds patterns came to.
    told: Vec<(i64, PatternMatches)>,
    entries: u64,
    names_labels: bool,
}

#[derive(Debug)]
struct Held {
    entry: i64,
    list: usize,
    pattern: Pattern,
}

/// What protecting needs of SQLite. `rows` counts those that an entry matches, `near` is the row of a hint.
pub(crate) fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE TEMP TABLE protect_entries (entry INTEGER PRIMARY KEY, list INTEGER NOT NULL, line INTEGER NOT NULL,
                                            text TEXT NOT NULL, is_pattern INTEGER NOT NULL, rows INTEGER NOT NULL,
                                            near INTEGER);
         CREATE TEMP TABLE protected (key TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (key, entry)) WITHOUT ROWID;
         CREATE TEMP TABLE skeletons (skeleton TEXT NOT NULL, entry INTEGER NOT NULL,
                                      PRIMARY KEY (skeleton, entry)) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// How `protect_entries.is_pattern` says what an entry is.
mod is_pattern {
    pub(super) const NO: i64 = 0;
    pub(super) const YES: i64 = 1;
    /// It looks like one and is none.
    pub(super) const BROKEN: i64 = 2;
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
        let list = match self.lists.iter().position(|list| list.file == protected.file) {
            Some(list) => list,
            None => {
                self.lists.push(ProtectList {
                    file: protected.file.clone(),
                    entries: 0,
                    rows: 0,
                });
                self.lists.len() - 1
            }
        };
        self.lists[list].entries += 1;
        self.entries += 1;
        let entry = self.entries.cast_signed();
        let texts = || std::iter::once(&protected.entry).chain(&protected.also);
        let mut kind = is_pattern::NO;
        for text in texts() {
            for spelling in rules.spellings(text) {
                match Pattern::parse(spelling) {
                    Ok(None) => {}
                    Ok(Some(pattern)) => {
                        if kind != is_pattern::YES {
                            kind = is_pattern::YES;
                            let told = PatternMatches {
                                file: protected.file.clone(),
                                line: protected.line,
                                pattern: text.clone(),
                                rows: 0,
                                rows_first: Vec::new(),
                            };
                            self.told.push((entry, told));
                        }
                        self.patterns.push(Held { entry, list, pattern });
                    }
                    Err(NoPattern) if kind == is_pattern::NO => kind = is_pattern::BROKEN,
                    Err(NoPattern) => {}
                }
            }
            self.names_labels |= rules.sent() == Sent::ById && !rules.is_well_formed(text.trim());
        }
        connection
            .prepare_cached(
                "INSERT INTO temp.protect_entries (entry, list, line, text, is_pattern, rows) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
            )?
            .execute((
                entry,
                list.cast_signed(),
                protected.line.cast_signed(),
                texts().map(String::as_str).collect::<Vec<_>>().join(", "),
                kind,
            ))?;
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO temp.protected (key, entry) VALUES (?1, ?2)")?;
        for text in texts().chain(&protected.whole) {
            for key in rules.protects(text) {
                insert.execute((key, entry))?;
            }
        }
        Ok(())
    }

    /// Adds the entries whose patterns match a row, with their lists.
    fn match_patterns(&self, uid: &str, name: &str, matched: &mut Vec<(i64, usize)>) {
        if self.patterns.is_empty() {
            return;
        }
        // A blank matches `*`, and is nothing to protect.
        let faces: Vec<Face<'_>> = [uid, name]
            .into_iter()
            .filter(|text| !rules::is_blank(text))
            .map(Face::of)
            .collect();
        for held in &self.patterns {
            if faces.iter().any(|face| held.pattern.matches(face)) {
                matched.push((held.entry, held.list));
            }
        }
    }

    /// Counts a row that these entries match, sorted, for their lists and patterns.
    fn count(&mut self, matched: &[(i64, usize)], row: impl Fn() -> Result<RowAt, Error>) -> Result<(), Error> {
        for (at, list) in self.lists.iter_mut().enumerate() {
            list.rows += u64::from(matched.iter().any(|(_, list)| *list == at));
        }
        for told in &mut self.told {
            if matched.binary_search_by_key(&told.0, |(entry, _)| *entry).is_err() {
                continue;
            }
            told.1.rows += 1;
            if told.1.rows_first.len() < ROWS_SHOWN {
                told.1.rows_first.push(row()?);
            }
        }
        Ok(())
    }
}

/// Protects a device by its id where an entry protects its label: the rows that name it may have no label, or another.
pub(crate) fn protect_likewise(
    connection: &Connection,
    lists: &ProtectLists,
    id: &str,
    label: &str,
) -> Result<(), Error> {
    let (id, key) = (rules::protect_key(id), rules::protect_key(label));
    if id.is_empty() || key.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO temp.protected (key, entry) SELECT ?1, entry FROM temp.protected WHERE key = ?2",
        )?
        .execute((&id, key))?;
    if !lists.patterns.is_empty() {
        let label = Face::of(label);
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO temp.protected (key, entry) VALUES (?1, ?2)")?;
        for held in lists.patterns.iter().filter(|held| held.pattern.matches(&label)) {
            insert.execute((&id, held.entry))?;
        }
    }
    Ok(())
}

/// A row without a label must not be sent because the label, and the protection with it, stands in another row of its id.
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

/// Leaves out every row that an entry matches, counts them, and says which entries matched none.
///
/// A row that is left out already keeps its reason, and its entry is matched: it is spelt as it should be.
pub(crate) fn protect_rows(
    connection: &Connection,
    rules: &dyn Rules,
    mut lists: ProtectLists,
    sources: &[Source],
) -> Result<Protection, Error> {
    if lists.is_empty() {
        return Ok(Protection::default());
    }
    if rules.sent() == Sent::ById {
        protect_whole_devices(connection, &lists)?;
    }
    match_rows(connection, &mut lists, sources)?;
    let told = |condition: &str| {
        freeze::count(
            connection,
            &format!("SELECT count(*) FROM temp.protect_entries WHERE {condition}"),
        )
    };
    let (unmatched, not_patterns) = (told(findings::UNMATCHED)?, told(findings::NOT_PATTERNS)?);
    if unmatched > 0 {
        look_for_near_rows(connection)?;
    }
    let first = |condition: &str| {
        let mut first = Vec::new();
        let more = findings::each_entry(connection, &lists.lists, condition, |entry| {
            findings::show(&mut first, entry)
        });
        findings::enough(more).map(|()| first)
    };
    Ok(Protection {
        unmatched_first: first(findings::UNMATCHED)?,
        not_patterns_first: first(findings::NOT_PATTERNS)?,
        unmatched,
        not_patterns,
        patterns: lists.told.into_iter().map(|(_, told)| told).collect(),
        lists: lists.lists,
    })
}

fn match_rows(connection: &Connection, lists: &mut ProtectLists, sources: &[Source]) -> Result<(), Error> {
    let mut rows = connection.prepare("SELECT row, uid, name, source, line FROM rows ORDER BY row")?;
    let mut by_key = connection.prepare(
        "SELECT p.entry, e.list FROM temp.protected p JOIN temp.protect_entries e ON e.entry = p.entry WHERE p.key = ?1",
    )?;
    let mut count = connection.prepare("UPDATE temp.protect_entries SET rows = rows + 1 WHERE entry = ?1")?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1 AND skipped IS NULL")?;
    let mut matched = Vec::new();
    let mut rows = rows.query(())?;
    while let Some(found) = rows.next()? {
        let row: i64 = found.get(0)?;
        let uid = found.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let name = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        matched.clear();
        for key in [uid, name].map(rules::protect_key) {
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
        let file = lists.lists.get(first).map_or("", |list| list.file.as_str());
        skip.execute((row, rules::protected(file)))?;
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
            "SELECT entry, text FROM temp.protect_entries WHERE {}",
            findings::UNMATCHED
        ))?;
        let mut insert =
            connection.prepare("INSERT OR IGNORE INTO temp.skeletons (skeleton, entry) VALUES (?1, ?2)")?;
        let mut unmatched = unmatched.query(())?;
        while let Some(entry) = unmatched.next()? {
            let text = entry.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            for skeleton in text.split(", ").filter_map(rules::skeleton) {
                insert.execute((skeleton, entry.get::<_, i64>(0)?))?;
            }
        }
    }
    let mut rows = connection.prepare("SELECT row, name FROM rows ORDER BY row")?;
    let mut note = connection.prepare(
        "UPDATE temp.protect_entries SET near = ?2
         WHERE near IS NULL AND entry IN (SELECT entry FROM temp.skeletons WHERE skeleton = ?1)",
    )?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(skeleton) = rules::skeleton(name) {
            note.execute((skeleton, row.get::<_, i64>(0)?))?;
        }
    }
    Ok(())
}
