//! What the runs of one tenant know together, whatever plans they apply: the engine's rules, and a row that keeps it.
//!
//! It is read with every commit. Only what changes it takes the row, so that the commits of different plans do not wait for each
//! other as long as the service answers.

use std::time::Duration;

use fleetpurge_engine::tenant::{Begun, Company, Hold, Signal, TenantState, Trial};
use fleetpurge_postgres::Error as DatabaseError;
use fleetpurge_postgres::tokio_postgres::Row;

use super::link::{Link, field, number};
use super::texts::{restored, stored};
use crate::model::Error;
use crate::store::columns::altered;

/// An attempt: its plan, and its number there.
type AttemptKey = (i64, u64);

/// What is known of the tenant of a plan. What was learned of its rate is forgotten after some time: it may have changed.
pub(super) const LOOK: &str = "SELECT
         t.trial, t.answers, t.batches, t.hold, t.detail,
         extract(epoch FROM t.held_until - clock_timestamp())::double precision,
         o.plan, o.attempt,
         CASE WHEN t.rate_at > clock_timestamp() - interval '10 minutes' THEN t.rate END,
         (SELECT count(*) FROM fleetpurge.runs r JOIN fleetpurge.plans q USING (plan)
          WHERE q.service = t.service AND q.tenant = t.tenant
            AND r.ended_at IS NULL AND r.fenced_at IS NULL AND r.lease_until > clock_timestamp()
            AND EXISTS (SELECT FROM fleetpurge.chunks c WHERE c.plan = r.plan AND c.run = r.run))
     FROM fleetpurge.plans p
     JOIN fleetpurge.tenants t USING (service, tenant)
     LEFT JOIN LATERAL (
         SELECT o.plan, o.attempt FROM fleetpurge.open_rows o
         WHERE o.plan = t.turn_plan AND o.attempt = t.turn_attempt LIMIT 1
     ) o ON true
     WHERE p.plan = $1";

/// Takes the row, so that nobody else changes it before the transaction ends.
const TAKE: &str = "SELECT 1 FROM fleetpurge.plans p JOIN fleetpurge.tenants t USING (service, tenant)
     WHERE p.plan = $1 FOR UPDATE OF t";

const KEEP: &str = "UPDATE fleetpurge.tenants t
     SET trial = $2, answers = $3, batches = $4, hold = $5, detail = $6,
         held_until = clock_timestamp() + $7::double precision * interval '1 second',
         turn_plan = $8, turn_attempt = $9, rate = $10,
         rate_at = CASE WHEN $11 THEN clock_timestamp() ELSE t.rate_at END
     FROM fleetpurge.plans p WHERE p.plan = $1 AND t.service = p.service AND t.tenant = p.tenant";

/// A run of a plan begins. What runs that have ended knew of the service says nothing of it now, but for how fast it is.
const BEGIN: &str = "INSERT INTO fleetpurge.tenants AS t (service, tenant)
     SELECT service, tenant FROM fleetpurge.plans WHERE plan = $1
     ON CONFLICT (service, tenant) DO UPDATE
     SET trial = 'closed', answers = 0, batches = 0, hold = NULL, detail = NULL, held_until = NULL,
         turn_plan = NULL, turn_attempt = NULL
     WHERE NOT EXISTS (
         SELECT FROM fleetpurge.runs r JOIN fleetpurge.plans q USING (plan)
         WHERE q.service = t.service AND q.tenant = t.tenant AND (r.plan, r.run) <> ($1, $2)
           AND r.ended_at IS NULL AND r.fenced_at IS NULL AND r.lease_until > clock_timestamp()
     )";

/// What one transaction adds.
#[derive(Debug)]
enum News {
    Begins {
        attempt: AttemptKey,
        is_probe: bool,
    },
    Settled {
        attempt: AttemptKey,
        signal: Signal,
        detail: String,
    },
}

/// What the runs of the tenant know, and what a transaction adds to it.
#[derive(Debug)]
pub(super) struct Tenant {
    plan: i64,
    state: TenantState<AttemptKey>,
    runs: u32,
    is_taken: bool,
    /// What the others have to know.
    news: Vec<News>,
}

fn trial(word: &str) -> Result<Trial, Error> {
    [Trial::Closed, Trial::Probing, Trial::Trying]
        .into_iter()
        .find(|trial| trial.as_str() == word)
        .ok_or_else(|| altered("what is known of the tenant is not as it was written"))
}

fn hold(word: &str) -> Result<Hold, Error> {
    [Hold::Throttled, Hold::Unclear]
        .into_iter()
        .find(|hold| hold.as_str() == word)
        .ok_or_else(|| altered("what is known of the tenant is not as it was written"))
}

/// A number of seconds that a person may have changed.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

impl Tenant {
    /// What a row of [`LOOK`] says.
    pub(super) fn of(plan: i64, row: Option<&Row>) -> Result<Self, Error> {
        let mut tenant = Self {
            plan,
            state: TenantState::default(),
            runs: 1,
            is_taken: false,
            news: Vec::new(),
        };
        let Some(row) = row else { return Ok(tenant) };
        let few = |column| Ok::<_, Error>(u32::try_from(number(row, column)?).unwrap_or(u32::MAX));
        let left = field::<Option<f64>>(row, 5)?
            .map(seconds)
            .filter(|left| !left.is_zero());
        let held = field::<Option<&str>>(row, 3)?.map(hold).transpose()?;
        let turn = field::<Option<i64>>(row, 6)?.map(|plan| Ok::<_, Error>((plan, number(row, 7)?)));
        let detail = field::<Option<&str>>(row, 4)?;
        tenant.state = TenantState {
            hold: left.zip(held),
            detail: detail.map(restored).transpose()?.map(std::borrow::Cow::into_owned),
            trial: trial(field(row, 0)?)?,
            answers: few(1)?,
            batches: few(2)?,
            turn: turn.transpose()?,
            rate: field::<Option<f64>>(row, 8)?.filter(|rate| rate.is_finite() && *rate > 0.0),
        };
        tenant.runs = few(9)?.max(1);
        Ok(tenant)
    }

    async fn look(link: &Link, plan: i64) -> Result<Self, Error> {
        let row = link.row(LOOK, &[&plan]).await?;
        Self::of(plan, row.as_ref())
    }

    /// The same, after the row was taken.
    async fn take(link: &Link, plan: i64) -> Result<Self, Error> {
        link.run(TAKE, &[&plan]).await?;
        // A statement of its own: it sees what was committed while the row was waited for.
        let mut tenant = Self::look(link, plan).await?;
        tenant.is_taken = true;
        Ok(tenant)
    }

    /// While the service is not trusted, one attempt at a time is allowed to begin: that has to be decided by one after the other.
    pub(super) async fn taken_if_it_matters(self, link: &Link) -> Result<Self, Error> {
        if self.state.trial == Trial::Closed {
            Ok(self)
        } else {
            Self::take(link, self.plan).await
        }
    }

    /// Whether an attempt may begin. If so, it does.
    pub(super) fn begin(&mut self, attempt: u64, is_probe: bool) -> Begun {
        if let Err(later) = self.state.may_begin(is_probe) {
            return Begun::Later(later);
        }
        let attempt = (self.plan, attempt);
        if self.state.begins(attempt, is_probe) {
            self.news.push(News::Begins { attempt, is_probe });
        }
        Begun::Recorded(Company {
            runs: self.runs,
            rate: self.state.rate,
        })
    }

    pub(super) fn settled(&mut self, attempt: u64, signal: &Signal, detail: &str) {
        let attempt = (self.plan, attempt);
        if self.state.settled(&attempt, signal, self.runs, detail) {
            self.news.push(News::Settled {
                attempt,
                signal: signal.clone(),
                detail: detail.to_owned(),
            });
        }
    }

    /// Keeps what the transaction adds, if it adds anything.
    pub(super) async fn keep(self, link: &Link) -> Result<(), Error> {
        if self.news.is_empty() {
            return Ok(());
        }
        let is_measured = self.news.iter().any(|news| {
            matches!(
                news,
                News::Settled {
                    signal: Signal::Throttled { rate: Some(_), .. },
                    ..
                }
            )
        });
        let tenant = if self.is_taken {
            self
        } else {
            // Another plan's run may have changed it since it was looked at.
            let mut tenant = Self::take(link, self.plan).await?;
            for news in self.news {
                match news {
                    News::Begins { attempt, is_probe } => tenant.state.begins(attempt, is_probe),
                    News::Settled {
                        attempt,
                        signal,
                        detail,
                    } => tenant.state.settled(&attempt, &signal, tenant.runs, &detail),
                };
            }
            tenant
        };
        let state = &tenant.state;
        let detail = state.detail.as_deref().map(stored);
        link.run(
            KEEP,
            &[
                &tenant.plan,
                &state.trial.as_str(),
                &i64::from(state.answers),
                &i64::from(state.batches),
                &state.hold.map(|(_, hold)| hold.as_str()),
                &detail.as_deref(),
                &state.hold.map(|(wait, _)| wait.as_secs_f64()),
                &state.turn.map(|(plan, _)| plan),
                &state.turn.map(|(_, attempt)| attempt.cast_signed()),
                &state.rate,
                &is_measured,
            ],
        )
        .await?;
        Ok(())
    }
}

/// A run of the plan begins, in the transaction that records it.
pub(super) async fn begin_run(link: &Link, plan: i64, run: u64) -> Result<(), DatabaseError> {
    link.run(BEGIN, &[&plan, &run.cast_signed()]).await?;
    Ok(())
}
