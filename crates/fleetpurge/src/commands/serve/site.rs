//! Answers requests.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::audience::{Audience, Viewer};
use super::door::{self, Asked};
use super::plan::{Served, Told};
use super::token::Token;
use crate::commands::report::page;
use crate::signals;

/// How often a browser is told that nothing is new: one that has gone without a word is noticed then.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// How long a browser waits before it tries again to reach a page that it has lost.
const RETRY: Duration = Duration::from_secs(2);

/// All that requests are answered from.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) token: Token,
    pub(super) plan: Arc<Mutex<Served>>,
    pub(super) audience: Audience,
    pub(super) told: watch::Receiver<Option<Told>>,
    /// `serve` was asked to end.
    pub(super) ending: signals::Asked,
    pub(super) policy: HeaderValue,
}

/// Answers every request by itself: there is nothing that a path could lead to by mistake.
pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new().fallback(answer).with_state(site)
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let mut response = match door::admit(&parts, &site.token) {
        Ok(Asked::Page) => page(&site).await,
        Ok(Asked::Events) => events(&site),
        Err(status) => refusal(status),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, site.policy.clone());
    response
}

/// What every reply has: it stays in no cache, in no other page, and its address goes nowhere.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The same words to all: whether there is a plan is not said.
fn refusal(status: StatusCode) -> Response {
    let text = status.canonical_reason().unwrap_or_default();
    let mut response = (status, format!("{text}\n")).into_response();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

async fn page(site: &Site) -> Response {
    let plan = Arc::clone(&site.plan);
    let made = spawn_blocking(move || plan.lock().unwrap_or_else(PoisonError::into_inner).page()).await;
    let html = |status: StatusCode, body: Body| {
        (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
    };
    match made {
        Ok(Ok(bytes)) => html(StatusCode::OK, bytes.into()),
        Ok(Err(why)) => html(StatusCode::SERVICE_UNAVAILABLE, page::absent(&why).into()),
        Err(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What one browser is told.
struct Listening {
    told: watch::Receiver<Option<Told>>,
    ending: signals::Asked,
    has_ended: bool,
    _viewer: Viewer,
}

fn events(site: &Site) -> Response {
    let mut told = site.told.clone();
    told.mark_changed();
    let listening = Listening {
        told,
        ending: site.ending.clone(),
        has_ended: false,
        _viewer: site.audience.join(),
    };
    let events = stream::unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok::<_, Infallible>(event), listening))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE))
        .into_response()
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        while !self.has_ended {
            tokio::select! {
                biased;
                () = self.ending.clone().wait() => {
                    self.has_ended = true;
                    return Some(Event::default().event("end").data(
                        "fleetpurge serve has ended. What this page shows is of the time that stands under Now.",
                    ));
                }
                changed = self.told.changed() => changed.ok()?,
            }
            let told = self.told.borrow_and_update().clone();
            match told {
                // A browser that is slow is told the newest, and not all that it has missed.
                Some(Told::Moment(html)) => return Some(Event::default().retry(RETRY).data(html)),
                Some(Told::Absent(why)) => return Some(Event::default().event("absent").data(why)),
                None => {}
            }
        }
        None
    }
}
