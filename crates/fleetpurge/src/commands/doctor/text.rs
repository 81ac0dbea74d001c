//! The checks as a person reads them.

use std::io::{self, Write};

use fleetpurge_records::{CheckVerdict, Doctor};

use crate::output::counted;

pub(super) fn write(out: &mut impl Write, doctor: &Doctor) -> io::Result<()> {
    for check in &doctor.checks {
        let of = match &check.host {
            Some(host) => format!("{host}: "),
            None => String::new(),
        };
        let (verdict, name) = (word(check.verdict), check.check.as_str());
        writeln!(out, "{verdict:<11}  {name:<13}  {of}{}", check.found)?;
        if let Some(advice) = &check.advice {
            writeln!(out, "{:<11}  {:<13}  {advice}", "", "")?;
        }
    }
    writeln!(
        out,
        "\n{} wrong, {}, {} not checked. Nothing was deleted.",
        doctor.wrong,
        counted(doctor.warnings, "warning", "warnings"),
        doctor.not_checked
    )
}

const fn word(verdict: CheckVerdict) -> &'static str {
    match verdict {
        CheckVerdict::Ok => "ok",
        CheckVerdict::Warning => "warning",
        CheckVerdict::Wrong => "wrong",
        CheckVerdict::NotChecked => "not checked",
    }
}
