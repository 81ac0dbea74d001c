//! The devices of the account: found by id or label, removed in the background, created again by data.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::device::{UbidotsDevice, UbidotsValue, UbidotsVariable};
use super::keys::{Key, is_id};
use super::render::is_json;

/// The devices, in the order in which they were created.
#[derive(Debug, Default)]
struct Devices {
    created: u64,
    by_age: BTreeMap<u64, Arc<UbidotsDevice>>,
    /// In lower case: an id is a number.
    by_id: HashMap<String, u64>,
    by_label: HashMap<String, u64>,
    by_variable: HashMap<String, u64>,
}

impl Devices {
    fn add(&mut self, device: UbidotsDevice) -> Result<(), String> {
        let (id, label) = (device.id.to_ascii_lowercase(), device.label.clone());
        if !is_id(&id) {
            return Err(format!("{:?} is no id: 24 hexadecimal digits", device.id));
        }
        if label.is_empty() || self.by_id.contains_key(&id) || self.by_label.contains_key(&label) {
            return Err(format!(
                "the device {id} {label:?} has no label, or another device has its id or label"
            ));
        }
        if let Some(wrong) = wrong_json(&device) {
            return Err(format!(
                "the device {id} is to be served with {wrong:?}, which is no JSON"
            ));
        }
        self.created += 1;
        self.by_id.insert(id, self.created);
        self.by_label.insert(label, self.created);
        for variable in &device.variables {
            self.by_variable.insert(variable.id.clone(), self.created);
        }
        self.by_age.insert(self.created, Arc::new(device));
        Ok(())
    }

    fn age(&self, key: &Key) -> Option<u64> {
        match key {
            Key::Id(id) => self.by_id.get(&id.to_ascii_lowercase()).copied(),
            Key::Label(label) => self.by_label.get(label).copied(),
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Arc<UbidotsDevice>> {
        let device = self.by_age.remove(&self.age(key)?)?;
        self.by_id.remove(&device.id.to_ascii_lowercase());
        self.by_label.remove(&device.label);
        for variable in &device.variables {
            self.by_variable.remove(&variable.id);
        }
        Some(device)
    }
}

/// The first JSON of a device, its variables or their values that is none.
fn wrong_json(device: &UbidotsDevice) -> Option<&str> {
    let variables = device.variables.iter().flat_map(|variable| {
        let values = variable.values.iter().filter_map(|value| value.raw.as_deref());
        variable.raw.as_deref().into_iter().chain(values)
    });
    device
        .raw
        .as_deref()
        .into_iter()
        .chain(variables)
        .find(|text| !is_json(text))
}

/// Devices to be removed when their time has come.
type Task = (Instant, Vec<Key>);

/// The other end of the queue, for [`Account::work`].
pub(crate) type Queue = mpsc::UnboundedReceiver<Task>;

#[derive(Debug)]
pub(crate) struct Account {
    delay: Duration,
    devices: Mutex<Devices>,
    changed: Notify,
    queue: mpsc::UnboundedSender<Task>,
}

impl Account {
    /// An error says which device cannot be.
    pub(crate) fn new(all: Vec<UbidotsDevice>, delay: Duration) -> Result<(Self, Queue), String> {
        let (queue, receiver) = mpsc::unbounded_channel();
        let mut devices = Devices::default();
        for device in all {
            devices.add(device)?;
        }
        let account = Self {
            delay,
            devices: Mutex::new(devices),
            changed: Notify::new(),
            queue,
        };
        Ok((account, receiver))
    }

    fn devices(&self) -> MutexGuard<'_, Devices> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All devices, the oldest first.
    pub(crate) fn snapshot(&self) -> Vec<Arc<UbidotsDevice>> {
        self.devices().by_age.values().cloned().collect()
    }

    pub(crate) fn find(&self, key: &Key) -> Option<Arc<UbidotsDevice>> {
        let devices = self.devices();
        devices.by_age.get(&devices.age(key)?).cloned()
    }

    /// What a variable has measured; `None` without such a variable.
    pub(crate) fn values(&self, variable: &str) -> Option<Vec<UbidotsValue>> {
        let devices = self.devices();
        let device = devices.by_age.get(devices.by_variable.get(variable)?)?;
        let variable = device.variables.iter().find(|one| one.id == variable)?;
        Some(variable.values.clone())
    }

    /// Removes a device at once.
    pub(crate) fn remove(&self, key: &Key) -> Option<Arc<UbidotsDevice>> {
        let removed = self.devices().remove(key);
        self.changed.notify_waiters();
        removed
    }

    /// Creates a task that removes what these keys name *when it runs*.
    pub(crate) fn schedule(&self, keys: Vec<Key>) {
        // Without a worker the simulator is shutting down, and nothing is removed any more.
        let _ = self.queue.send((Instant::now() + self.delay, keys));
    }

    /// Runs the tasks that are due, until the account is gone. All wait equally long, so the queue is in order of time.
    pub(crate) async fn work(&self, mut queue: Queue) {
        while let Some((due, keys)) = queue.recv().await {
            tokio::time::sleep_until(due).await;
            let mut devices = self.devices();
            for key in &keys {
                // A label may by now be that of another device, created again by data: that one goes.
                devices.remove(key);
            }
            drop(devices);
            self.changed.notify_waiters();
        }
    }

    /// Data is sent to a label: the device takes it, and is created, with a new id, where there is none. Gives its id.
    pub(crate) fn send(&self, label: &str, data: Vec<(String, Vec<UbidotsValue>)>) -> String {
        let now = now();
        let mut devices = self.devices();
        let devices = &mut *devices;
        if !devices.by_label.contains_key(label) {
            let device = UbidotsDevice::new(new_id(), label).created_at(now);
            // Its id is fresh and its label free.
            let _ = devices.add(device);
        }
        let age = devices.by_label.get(label).copied().unwrap_or_default();
        let Some(device) = devices.by_age.get_mut(&age).map(Arc::make_mut) else {
            return String::new();
        };
        device.last_activity = Some(now);
        for (label, values) in data {
            let known = device.variables.iter().position(|variable| variable.label == label);
            let at = known.unwrap_or_else(|| {
                let variable = UbidotsVariable::new(new_id(), label);
                devices.by_variable.insert(variable.id.clone(), age);
                device.variables.push(variable);
                device.variables.len() - 1
            });
            device.variables[at].values.extend(values);
        }
        device.id.clone()
    }

    /// Until `gone` holds.
    pub(crate) async fn wait_until(&self, gone: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if gone(self) {
                return;
            }
            changed.await;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.devices().by_age.len()
    }
}

/// Now, in Unix milliseconds.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// An id nobody has: seconds and a random number, as such ids are made.
pub(crate) fn new_id() -> String {
    format!("{:08x}{:016x}", (now() / 1000) & 0xffff_ffff, fastrand::u64(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(devices: &[(&str, &str)]) -> Result<(Account, Queue), String> {
        let devices = devices
            .iter()
            .map(|(id, label)| UbidotsDevice::new(id.repeat(24), *label));
        Account::new(devices.collect(), Duration::ZERO)
    }

    #[test]
    fn an_account_with_a_device_twice_or_without_an_id_cannot_be() {
        assert!(account(&[("a", "x"), ("b", "y")]).is_ok());
        for wrong in [
            &[("a", "x"), ("A", "y")][..],
            &[("a", "x"), ("b", "x")],
            &[("g", "x")],
            &[("a", "")],
            &[("ab", "x")],
        ] {
            assert!(account(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_to_be_served_byte_for_byte_has_to_be_json() {
        let served = |device: &str, variable: &str, value: &str| {
            let values = [UbidotsValue::raw(1, value)];
            let variable = UbidotsVariable::new("b".repeat(24), "v").raw(variable).values(values);
            let device = UbidotsDevice::new("a".repeat(24), "x").raw(device).variable(variable);
            Account::new(vec![device], Duration::ZERO).is_ok()
        };
        assert!(served(r#"{"a":1,"a":1e400}"#, "{ }", "{\n}"));
        for (device, variable, value) in [("{", "{}", "{}"), ("{}", "", "{}"), ("{}", "{}", "{}{}")] {
            assert!(!served(device, variable, value), "{device} {variable} {value}");
        }
    }

    #[tokio::test]
    async fn a_label_is_looked_up_when_the_task_runs() {
        let (account, queue) = account(&[("a", "x"), ("b", "y")]).unwrap();
        account.schedule(vec![Key::Id("A".repeat(24)), Key::Label("y".to_owned())]);
        account.remove(&Key::Label("y".to_owned()));
        let again = account.send("y", Vec::new());
        assert_ne!(again, "b".repeat(24));
        let worked = tokio::time::timeout(
            Duration::from_secs(20),
            account.wait_until(|account| account.len() == 0),
        );
        tokio::select! {
            () = account.work(queue) => panic!("the queue has ended"),
            worked = worked => worked.expect("the label is still there"),
        }
        assert_eq!(account.find(&Key::Id(again)), None);
    }
}
