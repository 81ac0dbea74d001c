//! The two services as the suites see them: one suite, and a column of it for each.

use std::process::Command;

use fleetpurge_simulator::{Builder, RecordedRequest};

/// Runs these tests over both services: two tests each, so that a failure names its service.
#[allow(unused_macros, reason = "each test binary uses its part")]
macro_rules! over_both {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            use crate::common::Service;

            #[test]
            fn nexthink() {
                super::$test(Service::Nexthink);
            }

            #[test]
            fn ubidots() {
                super::$test(Service::Ubidots);
            }
        }
    )+};
}
#[allow(unused_imports, reason = "each test binary uses its part")]
pub(crate) use over_both;

/// What a deletion is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Nexthink,
    Ubidots,
}

impl Service {
    pub(crate) const ALL: [Self; 2] = [Self::Nexthink, Self::Ubidots];

    /// What `--service` calls it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Nexthink => "nexthink",
            Self::Ubidots => "ubidots",
        }
    }

    /// How many devices a whole batch has.
    pub(crate) const fn batch(self) -> usize {
        match self {
            Self::Nexthink => 100,
            Self::Ubidots => 300,
        }
    }

    /// So many devices, of which none is another service's.
    pub(crate) fn devices(self, count: usize) -> Vec<(String, String)> {
        (1..=count)
            .map(|number| (self.uid(number), self.name(number)))
            .collect()
    }

    pub(crate) fn uid(self, number: usize) -> String {
        match self {
            Self::Nexthink => format!("{number:08x}-0000-4000-8000-{number:012x}"),
            Self::Ubidots => format!("6e309da44fc8{number:012x}"),
        }
    }

    fn name(self, number: usize) -> String {
        match self {
            Self::Nexthink => format!("PC-{number}"),
            Self::Ubidots => format!("pump-{number}"),
        }
    }

    /// An export as the service would make it.
    pub(crate) fn csv(self, devices: &[(String, String)]) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(match self {
                Self::Nexthink => ["uid", "name"],
                Self::Ubidots => ["id", "label"],
            })
            .unwrap();
        for (uid, name) in devices {
            writer.write_record([uid, name]).unwrap();
        }
        writer.into_inner().unwrap()
    }

    /// Credentials that tokens are issued for: the simulator takes any.
    pub(crate) fn credentials(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Nexthink => command
                .env("NEXTHINK_CLIENT_ID", "id")
                .env("NEXTHINK_CLIENT_SECRET", "secret"),
            Self::Ubidots => command.env("UBIDOTS_API_KEY", "key"),
        }
    }

    /// A token that was given instead, and cannot be renewed.
    pub(crate) fn token<'a>(self, command: &'a mut Command, token: &str) -> &'a mut Command {
        match self {
            Self::Nexthink => command
                .env_remove("NEXTHINK_CLIENT_ID")
                .env_remove("NEXTHINK_CLIENT_SECRET")
                .env("NEXTHINK_TOKEN", token),
            Self::Ubidots => command.env_remove("UBIDOTS_API_KEY").env("UBIDOTS_TOKEN", token),
        }
    }

    /// What a refused login says to look at.
    pub(crate) const fn credentials_word(self) -> &'static str {
        match self {
            Self::Nexthink => "NEXTHINK_CLIENT_ID",
            Self::Ubidots => "UBIDOTS_API_KEY",
        }
    }

    /// The most devices that the service takes in a request.
    pub(crate) fn batch_limit(self, builder: Builder, devices: usize) -> Builder {
        match self {
            Self::Nexthink => builder.batch_limit(devices),
            Self::Ubidots => builder.ubidots_limits(Some(devices), Some(10_000)),
        }
    }

    pub(crate) const fn deletions(self) -> &'static str {
        match self {
            Self::Nexthink => "/api/v1/data-management/device/deletions",
            Self::Ubidots => "/api/v2.0/devices/_/bulk/delete/",
        }
    }

    pub(crate) const fn tokens(self) -> &'static str {
        match self {
            Self::Nexthink => "/oauth2/default/v1/token",
            Self::Ubidots => "/api/v1.6/auth/token",
        }
    }

    /// The code of a batch in which something is refused.
    pub(crate) const fn invalid(self) -> &'static str {
        match self {
            Self::Nexthink => "INVALID_REQUEST",
            Self::Ubidots => "400001",
        }
    }

    /// The replies after which a device may be received again: the service did not act. No test has a 503 without
    /// `Retry-After` sent again unnoticed: it names every request.
    pub(crate) const fn surely_not(self, status: u16) -> bool {
        match self {
            Self::Nexthink => matches!(status, 400 | 401 | 408 | 413 | 429 | 503),
            // 403 with a code that begins with 401.
            Self::Ubidots => matches!(status, 400 | 401 | 403 | 408 | 413 | 420 | 429 | 503),
        }
    }

    /// The device as the service is told of it: Ubidots an id, and nothing else.
    pub(crate) fn told(self, (uid, name): &(String, String)) -> (String, String) {
        match self {
            Self::Nexthink => (uid.clone(), name.clone()),
            Self::Ubidots => (uid.clone(), String::new()),
        }
    }

    /// Whatever happens, a request is as the service's page has it.
    #[track_caller]
    pub(crate) fn documents(self, request: &RecordedRequest, what: &str) {
        let what = format!("{what}: request {}", request.number);
        assert_eq!(
            (request.method.as_str(), request.uri.to_string()),
            ("POST", self.deletions().to_owned()),
            "{what}"
        );
        let has = |header| request.header(header).is_some();
        match self {
            Self::Nexthink => {
                assert!(has("x-request-id") && has("authorization"), "{what}");
                assert!(
                    request.devices.len() <= 100,
                    "{what}: {} devices",
                    request.devices.len()
                );
            }
            Self::Ubidots => {
                assert_eq!(request.header("x-bulk-operation"), Some("True"), "{what}");
                assert!(has("x-auth-token"), "{what}");
                assert!(
                    !has("authorization") && !has("x-ubidots-apikey") && !has("api-version"),
                    "{what}"
                );
            }
        }
        if !request.fully_read {
            return;
        }
        assert_eq!(request.header("content-type"), Some("application/json"), "{what}");
        if self == Self::Ubidots {
            assert!(request.body.len() <= 10_000, "{what}: {} bytes", request.body.len());
            // Never an empty list, which might mean every device, and never a label, which may be another device's.
            let keys: Vec<String> = serde_json::from_slice(&request.body).unwrap();
            assert!((1..=300).contains(&keys.len()), "{what}: {} keys", keys.len());
            for key in keys {
                let is_id = key.len() == 24 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(is_id, "{what}: {key:?} is no id");
            }
        }
    }
}

pub(crate) fn uid(number: usize) -> String {
    Service::Nexthink.uid(number)
}

/// Plain devices of Nexthink.
pub(crate) fn devices(count: usize) -> Vec<(String, String)> {
    Service::Nexthink.devices(count)
}

pub(crate) fn csv(devices: &[(String, String)]) -> Vec<u8> {
    Service::Nexthink.csv(devices)
}
