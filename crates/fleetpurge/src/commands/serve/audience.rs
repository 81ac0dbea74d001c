//! Counts the browsers that show the page.

use std::sync::Arc;

use tokio::sync::watch;

/// How many browsers show the page.
#[derive(Clone, Debug)]
pub(super) struct Audience(Arc<watch::Sender<usize>>);

/// One of them, until it goes away.
#[derive(Debug)]
pub(super) struct Viewer(Audience);

impl Audience {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// One more.
    pub(super) fn join(&self) -> Viewer {
        self.0.send_modify(|count| *count += 1);
        tracing::info!(browsers = *self.0.borrow(), "a browser shows the page");
        Viewer(self.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        *self.0.borrow() == 0
    }

    /// Returns once somebody is there.
    pub(super) async fn wait(&self) {
        // The sender lives as long as this: it never fails.
        let _ = self.0.subscribe().wait_for(|count| *count > 0).await;
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count = count.saturating_sub(1));
        tracing::info!(browsers = *self.0.0.borrow(), "a browser has gone away");
    }
}
