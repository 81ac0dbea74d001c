//! Looks once, or again and again until every device is gone. What can be asked again is a [`Place`].

use std::time::Duration;

use fleetpurge_ledger::{Ledger, VerificationSource};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::keeping::Kept;
use super::round::Round;
use super::tally::{Evidence, Lines, Tally};
use crate::args::{VerifyArgs, VerifyFormat};
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT};
use crate::next;
use crate::output;
use crate::plan_file;
use crate::signals::{self, Asked};

/// How long is waited between two looks if nothing else was said.
const USUAL_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Where devices are looked for, and which can be asked again.
pub(super) trait Place {
    /// What is kept of it beside the findings.
    fn source(&self) -> VerificationSource;

    /// Looks for every device of the plan that may be deleted, and adds to the round what it finds. It drops the ledger
    /// as soon as it has read what it needs: an `apply` that begins waits for readers.
    ///
    /// It may be dropped at any await: what was added by then is kept.
    async fn look(&mut self, ledger: Ledger, round: &mut Round) -> Result<Answer, Failure>;

    /// What to type if devices remain.
    fn next(&self) -> String;
}

/// What a look rests on.
pub(super) struct Answer {
    pub(super) evidence: Evidence,
    /// How many devices or rows the place had, if it said so.
    pub(super) listed: Option<u64>,
}

/// A look that is over.
struct Finished {
    tally: Tally,
    evidence: Evidence,
    kept: Kept,
}

impl Finished {
    fn tell(self) -> Result<Exit, Failure> {
        self.tally.tell(&self.evidence, &self.kept)
    }
}

/// Looks, and goes on looking if `--wait` says so.
pub(super) async fn look<P: Place>(place: &mut P, ledger: Ledger, args: &VerifyArgs) -> Result<Exit, Failure> {
    let resume = next::same_command();
    let asked = signals::listen(|| {}, move || output::next_after(Exit::INTERRUPTED, &resume)).map_err(|error| {
        let why = format!("Ctrl-C cannot be listened for: {error}");
        Failure::new(Exit::ERROR, why, NOTHING_SENT, next::same_command())
    })?;
    let began = Instant::now();
    let until = args.wait.map(|wait| began + wait);
    let pause = args.every.unwrap_or(USUAL_PAUSE);
    let mut ledger = Some(ledger);
    let mut last = None;
    loop {
        let looked = match ledger.take().map_or_else(|| plan_file::open(&args.plan), Ok) {
            Ok(ledger) => once(place, ledger, args, &asked).await,
            Err(failure) => Looked::Failed(failure),
        };
        let time_is_up = until.is_none_or(|until| Instant::now() >= until);
        match looked {
            Looked::Finished(finished) => last = Some(finished),
            Looked::Interrupted(partly) => return interrupted(partly.or(last)),
            // A place that has answered once may be out of reach for a while.
            Looked::Failed(failure) if last.is_some() && !time_is_up => failure.tell_and_go_on(),
            Looked::Failed(failure) => return Err(failure),
        }
        let is_done = last.as_ref().is_some_and(|last| last.tally.exit() == Exit::DONE);
        let (Some(until), false) = (until.filter(|_| !time_is_up), is_done) else {
            return done(place, args, last);
        };
        let again = until.min(Instant::now() + pause);
        tell_of_wait(last.as_ref(), again);
        if signals::unless_asked(asked.clone(), tokio::time::sleep_until(again))
            .await
            .is_none()
        {
            return interrupted(last);
        }
    }
}

/// How one look ended.
enum Looked {
    Finished(Finished),
    /// With what was found before, if anything.
    Interrupted(Option<Finished>),
    Failed(Failure),
}

async fn once<P: Place>(place: &mut P, ledger: Ledger, args: &VerifyArgs, asked: &Asked) -> Looked {
    let lines = match (args.wait, args.format) {
        // Only those of the last look are the result.
        (Some(_), VerifyFormat::Ndjson) => Lines::held(),
        _ => Lines::Written,
    };
    let mut round = Round::begin(&ledger, &args.plan, args.format, lines);
    let answer = signals::unless_asked(asked.clone(), place.look(ledger, &mut round)).await;
    let source = place.source();
    match answer {
        Some(Err(failure)) => Looked::Failed(failure),
        Some(Ok(Answer { evidence, listed })) => {
            let (tally, kept) = round.keep(VerificationSource { listed, ..source });
            Looked::Finished(Finished { tally, evidence, kept })
        }
        None => {
            let (tally, kept) = round.keep(source);
            let partly = (!matches!(kept, Kept::Nothing)).then(|| Finished {
                tally,
                evidence: Evidence {
                    lines: vec!["interrupted before all devices were looked for".to_owned()],
                    sentence: "Interrupted before all devices were looked for.".to_owned(),
                },
                kept,
            });
            Looked::Interrupted(partly)
        }
    }
}

fn done<P: Place>(place: &P, args: &VerifyArgs, last: Option<Finished>) -> Result<Exit, Failure> {
    let Some(last) = last else { return Ok(Exit::DONE) };
    let exit = last.tell()?;
    if exit != Exit::DONE {
        if args.wait.is_some() {
            output::note("The time to wait is up.");
        }
        output::next(&place.next());
    }
    Ok(exit)
}

/// At once, with what is known by then.
fn interrupted(last: Option<Finished>) -> Result<Exit, Failure> {
    match last {
        Some(last) => drop(last.tell()?),
        None => output::note(&format!(
            "Interrupted before any device was found or missed. {NOTHING_SENT}"
        )),
    }
    output::next_after(Exit::INTERRUPTED, &next::same_command());
    Ok(Exit::INTERRUPTED)
}

fn tell_of_wait(last: Option<&Finished>, again: Instant) {
    let pause = again.saturating_duration_since(Instant::now());
    let at = SignedDuration::try_from(pause)
        .ok()
        .and_then(|pause| Timestamp::now().checked_add(pause).ok())
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default();
    if let Some(last) = last {
        last.kept.tell();
        output::note(&format!("{} The next look is at {at}.", last.tally.sentence()));
    }
}
