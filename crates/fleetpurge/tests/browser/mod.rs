//! A headless Chromium, driven by the `DevTools` protocol over a pipe: neither a port nor a library is needed.
//!
//! See <https://chromedevtools.github.io/devtools-protocol/>.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Names the browser to test with.
pub(crate) const CHROMIUM: &str = "FLEETPURGE_TEST_CHROMIUM";

/// A folder for screenshots, to look at.
const SCREENSHOTS: &str = "FLEETPURGE_TEST_SCREENSHOTS";

/// A page in a browser.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    session: Option<String>,
    /// What went wrong on the page: exceptions, and what the console says.
    pub(crate) complaints: Vec<String>,
    /// What the page has asked for, itself aside.
    pub(crate) requests: Vec<String>,
    loads: u64,
    _profile: TempDir,
}

impl Browser {
    /// `None` where no browser is named, which is said so that nobody takes the test for passed.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let Some(binary) = std::env::var_os(CHROMIUM) else {
            // Past the test harness, which shows what a test prints only if it fails.
            let _ = writeln!(
                std::io::stderr(),
                "LEFT OUT: {test}: set {CHROMIUM} to a Chromium, e.g. /usr/bin/chromium"
            );
            return None;
        };
        let profile = TempDir::new().unwrap();
        // The protocol has descriptors 3 and 4. The time limit ends a browser that answers nothing.
        let mut child = Command::new("timeout")
            .args(["--foreground", "180", "sh", "-c"])
            .arg(r#"exec "$@" 3<&0 4>&1 >/dev/null 2>/dev/null </dev/null"#)
            .arg("sh")
            .arg(binary)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut browser = Self {
            child,
            to,
            from,
            calls: 0,
            session: None,
            complaints: Vec::new(),
            requests: Vec::new(),
            loads: 0,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// One call, and what happens on the page until it is answered.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method});
        message["params"] = parameters;
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        self.to.flush().unwrap();
        loop {
            let message = self.message();
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn message(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser has ended");
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        let what = &message["params"];
        match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(what["exceptionDetails"].to_string()),
            Some("Log.entryAdded") => self.complaints.push(what["entry"].to_string()),
            Some("Runtime.consoleAPICalled") => self.complaints.push(what.to_string()),
            Some("Page.loadEventFired") => self.loads += 1,
            Some("Network.requestWillBeSent") => {
                let url = what["request"]["url"].as_str().unwrap_or_default();
                self.requests.push(url.to_owned());
            }
            _ => {}
        }
        message
    }

    /// Opens a file of this machine.
    pub(crate) fn open(&mut self, page: &Path) {
        self.visit(&format!("file://{}", page.display()));
    }

    /// Opens an address.
    pub(crate) fn visit(&mut self, url: &str) {
        let loads = self.loads;
        self.call("Page.navigate", json!({"url": url}));
        while self.loads == loads {
            self.message();
        }
        self.requests.retain(|request| request != url);
    }

    /// The size of the window, and whether the system is dark.
    pub(crate) fn look(&mut self, width: u32, height: u32, scheme: &str) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}),
        );
        self.call(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
    }

    /// What an expression comes to, after the page was drawn.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        // Two frames: what waits for the first is done in the second.
        let expression = format!(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done({expression}))))"
        );
        let result = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Clicks with the mouse on the middle of an element, which has to be in view.
    pub(crate) fn click(&mut self, selector: &str) {
        let at = self.value(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{block: 'nearest'}}); \
             const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1}),
            );
        }
    }

    /// Types into what has the keyboard.
    pub(crate) fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let c = c.to_string();
            self.call(
                "Input.dispatchKeyEvent",
                json!({"type": "keyDown", "text": c, "key": c}),
            );
            self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": c}));
        }
    }

    /// Presses a key that types nothing.
    pub(crate) fn press(&mut self, key: &str) {
        let mut event = json!({"type": "keyDown", "key": key, "code": key});
        if key == "Enter" {
            event["text"] = "\r".into();
        }
        if key == "Tab" {
            event["windowsVirtualKeyCode"] = 9.into();
        }
        if key == "Escape" {
            event["windowsVirtualKeyCode"] = 27.into();
        }
        self.call("Input.dispatchKeyEvent", event);
        self.call(
            "Input.dispatchKeyEvent",
            json!({"type": "keyUp", "key": key, "code": key}),
        );
    }

    /// Keeps a picture, if somebody wants to look at it.
    pub(crate) fn keep(&mut self, name: &str, method: &str, parameters: Value) {
        if let Some(folder) = std::env::var_os(SCREENSHOTS) {
            use base64::Engine as _;
            let data = self.call(method, parameters)["data"].clone();
            let data = base64::engine::general_purpose::STANDARD
                .decode(data.as_str().unwrap())
                .unwrap();
            std::fs::write(Path::new(&folder).join(name), data).unwrap();
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when nobody is at the other end of the pipe; this is for one that does not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
