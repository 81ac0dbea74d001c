//! Rounds of a comparison: in each, every contender once, so that a slow moment of the machine is one for all.

use std::collections::BTreeMap;
use std::io::{Write, stderr};

use anyhow::Context;

use super::contender::{Contender, Plan, Round, round};
use super::finding::Measured;
use super::ground::Ground;
use super::regime::Regime;
use super::service::Service;
use super::statistics::Spread;

/// What came of a comparison.
pub(super) struct Comparison {
    rounds: BTreeMap<Contender, Vec<Round>>,
    regime: Regime,
    /// Contenders that could not be measured, and why.
    pub(super) missing: Vec<String>,
    /// What planning the devices has cost.
    pub(super) plan: Option<super::contender::Cost>,
}

impl Comparison {
    /// One regime.
    pub(super) fn run(ground: &Ground, regime: Regime, contenders: &[Contender], rounds: u32) -> anyhow::Result<Self> {
        let all = Self::interleaved(ground, vec![regime], contenders, rounds)?;
        all.into_iter().next().context("a regime has a comparison")
    }

    /// Several regimes, each in every round.
    pub(super) fn interleaved(
        ground: &Ground,
        regimes: Vec<Regime>,
        contenders: &[Contender],
        rounds: u32,
    ) -> anyhow::Result<Vec<Self>> {
        let mut taking_part = Vec::new();
        let mut missing = Vec::new();
        for contender in contenders {
            match contender.missing(ground) {
                Some(why) => missing.push(format!("{contender}: {why}")),
                None => taking_part.push(*contender),
            }
        }
        let mut all = Vec::new();
        for (number, regime) in regimes.into_iter().enumerate() {
            let service = Service::start(ground, &regime)?;
            let plan = contenders
                .contains(&Contender::Apply)
                .then(|| Plan::make(ground, &regime, &service.url, number))
                .transpose()?;
            let comparison = Self {
                rounds: BTreeMap::new(),
                plan: plan.as_ref().map(|plan| plan.cost),
                missing: missing.clone(),
                regime,
            };
            all.push((comparison, service, plan));
        }
        for number in 1..=rounds {
            for (comparison, service, plan) in &mut all {
                write!(stderr(), "\r  {}: round {number} of {rounds}  ", comparison.regime)?;
                for contender in &taking_part {
                    let one = round(ground, *contender, &comparison.regime, service, plan.as_ref())?;
                    comparison.rounds.entry(*contender).or_default().push(one);
                }
            }
        }
        writeln!(stderr())?;
        Ok(all.into_iter().map(|(comparison, ..)| comparison).collect())
    }

    /// What each round of a contender came to.
    pub(super) fn values(&self, contender: Contender, what: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.rounds.get(&contender).into_iter().flatten().map(what).collect()
    }

    /// What each round of a contender came to.
    pub(super) fn spread(&self, contender: Contender, what: impl Fn(&Round) -> f64) -> Option<Spread> {
        Spread::of(self.values(contender, what))
    }

    /// What each round of one came to, over what the same round of another did.
    pub(super) fn ratio(
        &self,
        contender: Contender,
        over: Contender,
        what: impl Fn(&Round) -> f64 + Copy,
    ) -> Option<Spread> {
        Spread::of_ratios(&self.values(contender, what), &self.values(over, what))
    }

    /// A line for each contender.
    pub(super) fn measured(&self) -> Vec<Measured> {
        let line = |(contender, rounds): (&Contender, &Vec<Round>)| {
            let spread = |what: fn(&Round) -> f64| Spread::of(rounds.iter().map(what));
            Some(Measured {
                regime: self.regime.to_string(),
                contender: contender.name(),
                rounds: rounds.len(),
                requests_per_second: spread(Round::requests_per_second)?,
                cpu_per_million: spread(Round::cpu_per_million)?,
                peak_mb: spread(|round| round.cost.peak_mb)?,
                seconds: spread(|round| round.cost.seconds)?,
            })
        };
        self.rounds.iter().filter_map(line).collect()
    }
}
