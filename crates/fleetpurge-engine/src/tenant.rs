//! What several runs know together that delete from one tenant at the same time, so that together they are as careful as one.
//!
//! A run learns it when it begins an attempt, and adds to it when it settles one. A [`Journal`](crate::Journal) that several runs
//! write to keeps a [`TenantState`], changes it in the same transaction as its records, and answers with [`Begun`]. A journal of one
//! run alone answers [`Begun::alone`].

use std::time::Duration;

/// How long a run waits before it asks again whether the one attempt that may be under way has landed.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What a journal answers when an attempt is to begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It is recorded, and may be sent.
    Recorded(Company),
    /// It is not recorded, and must not be sent: what another run has met holds it up.
    Later(Later),
}

impl Begun {
    /// What the journal of a run answers that has the tenant for itself.
    #[must_use]
    pub const fn alone() -> Self {
        Self::Recorded(Company { runs: 1, rate: None })
    }
}

/// With how many a run shares the tenant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Company {
    /// How many runs send to the tenant now, this one among them. Each keeps to its share of the rate.
    pub runs: u32,
    /// How many requests a second the service was found to take from all of them, if that is known.
    pub rate: Option<f64>,
}

/// An attempt may not begin yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// How long to wait before it is tried again.
    pub wait: Duration,
    /// Why.
    pub hold: Hold,
    /// How many answers in a row, of all the runs, left open whether the service acted. From 1 on, nothing but one attempt of one
    /// device is under way in all of them. 0: the last answers were clear.
    pub unclear: u32,
    /// What happened, in a lowercase sentence.
    pub detail: Option<String>,
}

/// Why runs of a tenant start nothing for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The service asked one of them to wait.
    Throttled,
    /// An answer left open whether the service acted.
    Unclear,
}

impl Hold {
    /// The word by which it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unclear => "unclear",
        }
    }
}

/// What the result of an attempt says to the other runs of its tenant.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum Signal {
    /// Nothing: it did not reach the service, say.
    #[default]
    Nothing,
    /// The service answered clearly.
    Clear,
    /// The answer leaves open whether the service acted.
    Unclear {
        /// How long to wait after the first such answer; after each further one in a row twice as long.
        pause: Duration,
        /// The longest pause.
        longest: Duration,
    },
    /// The service asked to wait.
    Throttled {
        /// How long.
        wait: Duration,
        /// How many requests a second this run has found that the service takes from it, if it has.
        rate: Option<f64>,
    },
}

/// How far the runs of a tenant trust the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trial {
    /// They send what they have.
    #[default]
    Closed,
    /// One of them sends one device alone.
    Probing,
    /// One of them sends one batch.
    Trying,
}

impl Trial {
    /// The word by which it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Probing => "probing",
            Self::Trying => "trying",
        }
    }
}

/// What the runs of one tenant know together. `A` names an attempt.
///
/// ```
/// use std::time::Duration;
///
/// use fleetpurge_engine::tenant::{Signal, TenantState};
///
/// let mut tenant = TenantState::<u64>::default();
/// // The service asks one run to wait: the others wait, too.
/// let wait = Duration::from_secs(7);
/// tenant.settled(&1, &Signal::Throttled { wait, rate: None }, 2, "too many requests");
/// assert_eq!(tenant.may_begin(false).unwrap_err().wait, wait);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TenantState<A> {
    /// How much longer nothing starts, why, and what happened.
    pub hold: Option<(Duration, Hold)>,
    /// What the last answer was that held anything up.
    pub detail: Option<String>,
    /// How far the service is trusted.
    pub trial: Trial,
    /// How many answers in a row were unclear.
    pub answers: u32,
    /// How many batches were, with no clear one between them.
    pub batches: u32,
    /// The one attempt that may be under way while the service is not trusted. None: the next that may begin is it.
    pub turn: Option<A>,
    /// How many requests a second the service was found to take from all of them.
    pub rate: Option<f64>,
}

// By hand: an attempt has no default.
impl<A> Default for TenantState<A> {
    fn default() -> Self {
        Self {
            hold: None,
            detail: None,
            trial: Trial::Closed,
            answers: 0,
            batches: 0,
            turn: None,
            rate: None,
        }
    }
}

impl<A: PartialEq> TenantState<A> {
    /// Whether an attempt may begin: one of one device alone, which shows whether the service answers clearly again, or any other.
    ///
    /// # Errors
    ///
    /// It may not yet.
    pub fn may_begin(&self, is_probe: bool) -> Result<(), Later> {
        let unclear = match self.trial {
            Trial::Closed => 0,
            Trial::Probing | Trial::Trying => self.answers.max(self.batches),
        };
        let later = |wait, hold| Later {
            wait,
            hold,
            unclear,
            detail: self.detail.clone(),
        };
        if let Some((wait, hold)) = self.hold {
            return Err(later(wait, hold));
        }
        match self.trial {
            // One device is less than a batch.
            Trial::Probing if !is_probe => Err(later(Duration::ZERO, Hold::Unclear)),
            Trial::Probing | Trial::Trying if self.turn.is_some() => Err(later(ASK_AGAIN, Hold::Unclear)),
            Trial::Closed | Trial::Probing | Trial::Trying => Ok(()),
        }
    }

    /// The attempt begins. Whether that changes anything that the others have to know.
    pub fn begins(&mut self, attempt: A, is_probe: bool) -> bool {
        if self.trial == Trial::Closed {
            return false;
        }
        if is_probe {
            self.trial = Trial::Probing;
        }
        self.turn = Some(attempt);
        true
    }

    /// An attempt is settled, of one of so many `runs`. Whether that changes anything that the others have to know.
    pub fn settled(&mut self, attempt: &A, signal: &Signal, runs: u32, detail: &str) -> bool {
        let is_turn = self.turn.as_ref() == Some(attempt);
        if is_turn {
            self.turn = None;
        }
        match signal {
            Signal::Nothing => is_turn,
            Signal::Clear => self.is_clear(is_turn),
            Signal::Unclear { pause, longest } => self.is_unclear(is_turn, *pause, *longest, detail),
            Signal::Throttled { wait, rate } => {
                self.hold(*wait, Hold::Throttled, detail);
                if let Some(rate) = rate {
                    self.rate = Some(rate * f64::from(runs.max(1)));
                }
                true
            }
        }
    }

    /// The same steps as those of one run: one device, one batch, and then what it has.
    fn is_clear(&mut self, is_turn: bool) -> bool {
        match self.trial {
            Trial::Closed if self.answers == 0 && self.batches == 0 => false,
            Trial::Closed => {
                (self.answers, self.batches) = (0, 0);
                true
            }
            // It was sent before the fault was seen, and says nothing of the service after it.
            Trial::Probing | Trial::Trying if !is_turn => false,
            Trial::Probing => {
                self.answers = 0;
                self.trial = Trial::Trying;
                true
            }
            Trial::Trying => {
                (self.answers, self.batches) = (0, 0);
                self.trial = Trial::Closed;
                true
            }
        }
    }

    fn is_unclear(&mut self, is_turn: bool, pause: Duration, longest: Duration, detail: &str) -> bool {
        match self.trial {
            // What was under way together counts once: it met the same fault.
            Trial::Probing | Trial::Trying if !is_turn => return false,
            Trial::Probing => self.answers += 1,
            Trial::Closed | Trial::Trying => {
                self.answers += 1;
                self.batches += 1;
            }
        }
        self.trial = Trial::Probing;
        let doubled = pause.saturating_mul(2_u32.saturating_pow(self.answers.saturating_sub(1)));
        self.hold(doubled.min(longest), Hold::Unclear, detail);
        true
    }

    /// Nothing starts for so long, unless it is held longer already.
    fn hold(&mut self, wait: Duration, hold: Hold, detail: &str) {
        if self.hold.is_none_or(|(held, _)| held < wait) {
            self.hold = Some((wait, hold));
            self.detail = Some(detail.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);

    const UNCLEAR: Signal = Signal::Unclear {
        pause: PAUSE,
        longest: LONGEST,
    };

    /// After the pause.
    fn rested(mut tenant: TenantState<u8>) -> TenantState<u8> {
        tenant.hold = None;
        tenant
    }

    fn state(trial: Trial, answers: u32, batches: u32, turn: Option<u8>) -> TenantState<u8> {
        TenantState {
            trial,
            answers,
            batches,
            turn,
            ..TenantState::default()
        }
    }

    #[test]
    fn what_may_begin_follows_from_what_the_runs_have_met() {
        use Trial::{Closed, Probing, Trying};
        for (trial, turn, is_probe, expected) in [
            (Closed, None, false, Ok(())),
            (Closed, None, true, Ok(())),
            (Probing, None, true, Ok(())),
            (Probing, None, false, Err(Duration::ZERO)),
            (Probing, Some(1), true, Err(ASK_AGAIN)),
            (Probing, Some(1), false, Err(Duration::ZERO)),
            (Trying, None, false, Ok(())),
            (Trying, None, true, Ok(())),
            (Trying, Some(1), false, Err(ASK_AGAIN)),
            (Trying, Some(1), true, Err(ASK_AGAIN)),
        ] {
            let tenant = state(trial, 1, 2, turn);
            let may = tenant.may_begin(is_probe).map_err(|later| {
                assert_eq!((later.hold, later.unclear), (Hold::Unclear, 2), "{tenant:?}");
                later.wait
            });
            assert_eq!(may, expected, "{trial:?} {turn:?} {is_probe}");
        }
    }

    #[test]
    fn the_longest_hold_holds_all_and_says_why() {
        let mut tenant = TenantState::default();
        let wait = |seconds| Signal::Throttled {
            wait: Duration::from_secs(seconds),
            rate: None,
        };
        assert!(tenant.settled(&1, &wait(9), 1, "nine"));
        assert!(tenant.settled(&2, &wait(3), 1, "three"));
        let later = tenant.may_begin(false).unwrap_err();
        assert_eq!(
            later,
            Later {
                wait: Duration::from_secs(9),
                hold: Hold::Throttled,
                unclear: 0,
                detail: Some("nine".to_owned())
            }
        );
        assert_eq!(rested(tenant).may_begin(false), Ok(()));
    }

    #[test]
    fn what_one_run_takes_times_the_runs_is_what_the_service_takes() {
        let mut tenant = TenantState::default();
        let throttled = |rate| Signal::Throttled { wait: PAUSE, rate };
        tenant.settled(&1, &throttled(Some(4.0)), 3, "");
        assert_eq!(tenant.rate, Some(12.0));
        tenant.settled(&1, &throttled(None), 3, "");
        assert_eq!(tenant.rate, Some(12.0), "what was not measured changes nothing");
        tenant.settled(&1, &throttled(Some(5.0)), 0, "");
        assert_eq!(tenant.rate, Some(5.0), "there is always one");
    }

    #[test]
    fn a_fault_that_several_meet_at_once_counts_once() {
        let mut tenant = TenantState::default();
        assert!(tenant.settled(&1, &UNCLEAR, 3, "a"));
        assert!(!tenant.settled(&2, &UNCLEAR, 3, "b"));
        assert!(!tenant.settled(&3, &Signal::Clear, 3, ""), "it was sent before");
        assert_eq!((tenant.trial, tenant.answers, tenant.batches), (Trial::Probing, 1, 1));
        assert_eq!(tenant.hold, Some((PAUSE, Hold::Unclear)));
        assert_eq!(tenant.detail.as_deref(), Some("a"));
    }

    #[test]
    fn one_device_and_then_one_batch_show_that_the_service_answers_again() {
        let mut tenant = TenantState::default();
        tenant.settled(&1, &UNCLEAR, 2, "");
        let mut tenant = rested(tenant);
        assert!(tenant.begins(2, true));
        assert!(tenant.may_begin(true).is_err(), "one is under way");
        assert!(tenant.settled(&2, &Signal::Clear, 2, ""));
        assert_eq!((tenant.trial, tenant.answers, tenant.batches), (Trial::Trying, 0, 1));
        assert!(tenant.begins(3, false));
        assert!(tenant.may_begin(false).is_err(), "one is under way");
        assert!(tenant.settled(&3, &Signal::Clear, 2, ""));
        assert_eq!(
            rested(tenant),
            TenantState {
                detail: Some(String::new()),
                ..TenantState::default()
            }
        );
    }

    #[test]
    fn a_service_that_answers_for_one_device_and_breaks_on_a_batch_is_counted() {
        let mut tenant = TenantState::default();
        tenant.settled(&0, &UNCLEAR, 2, "");
        for batches in 1..5 {
            tenant = rested(tenant);
            tenant.begins(1, true);
            tenant.settled(&1, &Signal::Clear, 2, "");
            tenant.begins(2, false);
            tenant.settled(&2, &UNCLEAR, 2, "");
            assert_eq!((tenant.answers, tenant.batches), (1, batches + 1));
        }
        assert_eq!(tenant.may_begin(true).unwrap_err().unclear, 5);
    }

    #[test]
    fn the_pause_doubles_with_each_probe_that_is_unclear_up_to_the_longest() {
        let mut tenant = TenantState::default();
        tenant.settled(&0, &UNCLEAR, 2, "");
        for (answers, pause) in [(2, 1), (3, 2), (4, 4), (5, 8), (6, 16), (7, 30), (8, 30)] {
            tenant = rested(tenant);
            tenant.begins(1, true);
            tenant.settled(&1, &UNCLEAR, 2, "");
            assert_eq!((tenant.answers, tenant.batches), (answers, 1));
            assert_eq!(tenant.hold, Some((Duration::from_secs(pause), Hold::Unclear)));
        }
    }

    #[test]
    fn a_probe_of_another_run_does_not_stand_for_the_batch() {
        let mut tenant = state(Trial::Trying, 0, 1, None);
        assert!(tenant.begins(1, true));
        assert!(tenant.settled(&1, &Signal::Clear, 2, ""));
        assert_eq!(
            (tenant.trial, tenant.batches),
            (Trial::Trying, 1),
            "a batch may still break"
        );
    }

    #[test]
    fn an_attempt_that_says_nothing_gives_its_turn_back() {
        let mut tenant = state(Trial::Trying, 0, 1, Some(1));
        assert!(!tenant.settled(&2, &Signal::Nothing, 2, ""));
        assert!(tenant.settled(&1, &Signal::Nothing, 2, ""));
        assert_eq!(tenant, state(Trial::Trying, 0, 1, None));
        assert!(!tenant.clone().settled(&3, &Signal::Clear, 2, ""));
    }

    #[test]
    fn a_clear_answer_is_no_news_if_nothing_was_unclear() {
        let mut tenant = TenantState::default();
        assert!(!tenant.settled(&1, &Signal::Clear, 2, ""));
        assert!(!tenant.begins(2, false));
    }
}
