//! Where a setting comes from: a flag, else an environment variable, else the profile, else the default.

use std::fmt::Debug;
use std::path::PathBuf;

use fleetpurge_records::{Auto, ProfileConcurrency, ProfileValidation};

use crate::args::{
    AddressArgs, ApplyArgs, BackupArgs, Cli, Command, Concurrency, Given, PlanArgs, ReadingArgs, SelectArgs, Service,
};
use crate::args::{USUAL, Validation, VerifyArgs};
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::profiles::{Location, Profile, choose, read};
use crate::services::{address_of, service_of};

/// Fills what was not typed from the profile that is meant, if one is. Returns the profile, for its credentials.
pub(crate) fn fill(cli: &mut Cli) -> Result<Option<Profile>, Failure> {
    let named = match &cli.command {
        Command::Plan(args) => &args.profile,
        Command::Apply(args) => &args.profile,
        Command::Select(args) => &args.profile,
        Command::Backup(args) => &args.profile,
        Command::Verify(args) if args.inventory.is_none() => &args.profile,
        // `doctor` tells what is wrong with the file among its checks.
        _ => return Ok(None),
    };
    let Some(profile) = load(&Location::find(), named.profile.as_deref())? else {
        return Ok(None);
    };
    let filling = Filling {
        given: &cli.given,
        profile: &profile,
    };
    match &mut cli.command {
        Command::Plan(args) => filling.plan(args)?,
        Command::Apply(args) => filling.apply(args),
        Command::Select(args) => filling.select(args)?,
        Command::Backup(args) => filling.backup(args),
        Command::Verify(args) => filling.verify(args),
        _ => {}
    }
    Ok(Some(profile))
}

/// The profile that is meant, if one is.
pub(crate) fn load(location: &Location, named: Option<&str>) -> Result<Option<Profile>, Failure> {
    let profile = choose(read(location)?, named, location)?;
    if let Some(profile) = &profile {
        address_of(profile)?;
        tracing::info!(profile = profile.name, file = %profile.file.display(), "a profile is used");
    }
    Ok(profile)
}

/// The values of a profile, for what was not typed.
pub(crate) struct Filling<'a> {
    pub(crate) given: &'a Given,
    pub(crate) profile: &'a Profile,
}

impl Filling<'_> {
    fn plan(&self, args: &mut PlanArgs) -> Result<(), Failure> {
        self.address(&mut args.service, &mut args.address)?;
        let values = &self.profile.values;
        self.set("max_devices", &mut args.max_devices, values.max_devices);
        let validation = values.uid_validation.map(|validation| match validation {
            ProfileValidation::Strict => Validation::Strict,
            ProfileValidation::Warn => Validation::Warn,
        });
        self.set("uid_validation", &mut args.uid_validation, validation);
        // What is protected is protected, whoever says so: these come beside those that were typed.
        let protect: Vec<PathBuf> = values.protect.iter().map(|file| self.profile.path(file)).collect();
        for file in protect {
            self.told("protect", &file);
            args.protect.push(file);
        }
        Ok(())
    }

    fn apply(&self, args: &mut ApplyArgs) {
        let values = &self.profile.values;
        let concurrency = values.concurrency.map(|concurrency| match concurrency {
            ProfileConcurrency::Of(number) => Concurrency::Of(number),
            ProfileConcurrency::Word(Auto::Auto) => Concurrency::Auto,
        });
        self.set("concurrency", &mut args.concurrency, concurrency);
        self.set_some("rate", &mut args.rate, values.rate);
        self.set("timeout", &mut args.timeout, values.timeout);
        self.set("max_wait", &mut args.max_wait, values.max_wait);
    }

    fn select(&self, args: &mut SelectArgs) -> Result<(), Failure> {
        let mut service = args.service.unwrap_or(Service::Nexthink);
        self.address(&mut service, &mut args.address)?;
        args.service = Some(service);
        self.reading(&mut args.reading);
        Ok(())
    }

    fn backup(&self, args: &mut BackupArgs) {
        let concurrency = self.profile.values.concurrency.map(|concurrency| match concurrency {
            ProfileConcurrency::Of(number) => number,
            ProfileConcurrency::Word(Auto::Auto) => USUAL,
        });
        self.set("concurrency", &mut args.concurrency, concurrency);
        self.reading(&mut args.reading);
    }

    fn verify(&self, args: &mut VerifyArgs) {
        self.reading(&mut args.reading);
    }

    fn reading(&self, args: &mut ReadingArgs) {
        self.set("rate", &mut args.rate, self.profile.values.rate);
        self.set("timeout", &mut args.timeout, self.profile.values.timeout);
    }

    /// Whom to address. An instance that was typed is not looked for at the URL of the profile, and the other way round.
    pub(crate) fn address(&self, place: &mut Service, address: &mut AddressArgs) -> Result<(), Failure> {
        let values = &self.profile.values;
        let service = match service_of(self.profile) {
            fleetpurge_ledger::Service::Nexthink => Service::Nexthink,
            fleetpurge_ledger::Service::Ubidots => Service::Ubidots,
        };
        if self.given.has("service") && *place != service {
            return Err(Failure::new(
                Exit::USAGE,
                format!("profile `{}` is of the other service than --service", self.profile.name),
                SENT_NOTHING,
                next::instead(),
            ));
        }
        self.set("service", place, Some(service));
        let typed = |flags: &[&str]| flags.iter().any(|flag| self.given.has(flag));
        if !typed(&["base_url"]) {
            self.set_some("instance", &mut address.instance, values.instance.clone());
            self.set_some("region", &mut address.region, values.region.clone());
            if !typed(&["instance", "region"]) {
                self.set_some("base_url", &mut address.base_url, values.base_url.clone());
                self.set_some("token_url", &mut address.token_url, values.token_url.clone());
            }
        }
        Ok(())
    }

    pub(crate) fn set<T: Debug>(&self, name: &str, place: &mut T, value: Option<T>) {
        if let Some(value) = value.filter(|_| !self.given.has(name)) {
            self.told(name, &value);
            *place = value;
        }
    }

    fn set_some<T: Debug>(&self, name: &str, place: &mut Option<T>, value: Option<T>) {
        if let Some(value) = value.filter(|_| !self.given.has(name)) {
            self.told(name, &value);
            *place = Some(value);
        }
    }

    /// With `-v`, what comes from the profile.
    fn told(&self, name: &str, value: &dyn Debug) {
        tracing::info!(profile = self.profile.name, key = name, ?value, "from the profile");
    }
}
