//! Looks at the plan again and again, as long as anybody wants to know.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::audience::Audience;
use super::plan::{Served, Told};

/// How far apart the looks are at least.
const EVERY: Duration = Duration::from_millis(500);

/// A look at a plan of millions of rows takes seconds: most of the time nobody looks.
const SHARE: u32 = 9;

/// Looks at the plan while somebody is there, and tells what is new.
pub(super) async fn watch(plan: Arc<Mutex<Served>>, audience: Audience, tell: watch::Sender<Option<Told>>) {
    loop {
        audience.wait().await;
        let look = {
            let plan = Arc::clone(&plan);
            let is_first = tell.borrow().is_none();
            spawn_blocking(move || {
                let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
                if is_first {
                    plan.forget();
                }
                let told = plan.look();
                (told, plan.took())
            })
        };
        // Only a look that panicked fails.
        let Ok((told, took)) = look.await else { return };
        if let Some(told) = told {
            tell.send_if_modified(|before| {
                let is_new = before.as_ref() != Some(&told);
                *before = Some(told);
                is_new
            });
        }
        sleep(EVERY.max(took * SHARE)).await;
        if audience.is_empty() {
            // Who comes later is not told what was true then.
            tell.send_replace(None);
        }
    }
}
