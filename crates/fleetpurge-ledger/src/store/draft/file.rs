//! The file of a draft.

use std::path::{Path, PathBuf};

use crate::model::{Error, ErrorKind, Plan};
use crate::rules::Rules;
use crate::store::database::{self, Database};
use crate::store::draft::{plan_head, tables};
#[cfg(feature = "postgres")]
use crate::store::postgres::scratch::Scratch;
use crate::store::schema;

/// The file of a draft: gone when this is dropped, unless it was given its name.
#[derive(Debug)]
pub(crate) struct DraftFile {
    /// Before `path`: closed first.
    connection: Option<Database>,
    path: PathBuf,
    /// The folder that was made for it, if it was. It goes last.
    #[cfg(feature = "postgres")]
    pub(crate) scratch: Option<Scratch>,
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        drop(self.connection.take());
        // Renamed already, or nothing that could be done about it.
        std::fs::remove_file(&self.path).ok();
    }
}

impl DraftFile {
    /// Makes the file, with the tables that planning needs.
    pub(crate) fn create(path: PathBuf, rules: &'static dyn Rules) -> Result<Self, Error> {
        let mut file = Self {
            connection: None,
            path,
            #[cfg(feature = "postgres")]
            scratch: None,
        };
        let connection = database::draft(&file.path)?;
        schema::create(&connection)?;
        tables::prepare(&connection, rules)?;
        connection.execute_batch("BEGIN")?;
        file.connection = Some(connection);
        Ok(file)
    }

    /// Writes the head of the plan and closes the file, which is whole now and has no name yet.
    pub(crate) fn freeze(&mut self, plan: &Plan) -> Result<(), Error> {
        let connection = self.connection()?;
        schema::complete(connection)?;
        plan_head::write_head(connection, plan)?;
        connection.execute_batch("COMMIT")?;
        self.connection.take().map_or(Ok(()), Database::close)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn connection(&self) -> Result<&Database, Error> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::Closed, "the draft is closed"))
    }
}
