//! A request from its head to its end: noted, judged, and broken where the script says so.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;

use crate::connection::Control;
use crate::deletions::{self, Asked, FAILED, SCHEDULED, Verdict, judge};
use crate::faults::{
    Action, ActiveScript, CannedReply, Fired, Goaway, LastStream, Plan, RetryAfter, Seen, Stage, edit,
};
use crate::frames::goaway;
use crate::log::{Arrival, Kind, Ticket};
use crate::reply::Reply;
use crate::request::{Batch, Correlation, Entry};
use crate::server::{Link, Stamped, refuse_stream, stamp};
use crate::state::Shared;
use crate::token::refusal;

/// No request of 100 devices comes near it.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A request in hand.
struct Exchange {
    shared: Arc<Shared>,
    script: Arc<ActiveScript>,
    link: Link,
    parts: Parts,
    correlation: Correlation,
    ticket: Ticket,
    kind: Kind,
}

/// `POST /api/v1/data-management/device/deletions`
pub(crate) async fn deletions(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::begin(shared, parts, Kind::Deletion);
    // A token is good or not when it arrives, however long the request takes.
    let authorized = exchange.shared.tokens.accepts(&exchange.parts.headers);
    let script = Arc::clone(&exchange.script);
    if let Some(response) = exchange.upon_head(&script).await {
        return response;
    }
    let bytes = match exchange.read(body).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let batch = Batch::parse(&bytes);
    let devices = batch
        .as_ref()
        .ok()
        .and_then(|batch| batch.devices.as_deref())
        .unwrap_or_default();
    exchange
        .ticket
        .received(&bytes, devices.iter().map(|device| (&*device.uid, &*device.name)));
    pause(exchange.shared.latency()).await;
    if let Err(throttled) = exchange.shared.admit() {
        return exchange.send(
            deletions::throttled(throttled.header(SystemTime::now()).as_deref()),
            None,
        );
    }
    let fired = script.judge(Stage::Body, &exchange.seen(devices));
    if let Some(fired) = fired {
        pause(fired.plan.delay).await;
    }
    let asked = Asked {
        authorized,
        headers: &exchange.parts.headers,
        correlation: &exchange.correlation,
        body: &bytes,
        batch: &batch,
    };
    let (verdict, edited) = overlaid(&asked, devices, &exchange.shared, &script, fired);
    let plan = fired.map(|fired| fired.plan);
    if let Verdict::Accepted(statuses) = &verdict
        && plan.is_none_or(applies)
    {
        let scheduled: Vec<_> = devices
            .iter()
            .zip(statuses)
            .filter(|(_, status)| **status == SCHEDULED)
            .map(|(device, _)| (device.uid.to_string(), device.name.to_string()))
            .collect();
        exchange.shared.schedule(scheduled.into_iter());
    }
    let reply = match (&verdict, edited) {
        (Verdict::Accepted(_), Some(edited)) => Reply::json(StatusCode::ACCEPTED, &edited, bytes.len() * 2),
        (Verdict::Accepted(statuses), None) => deletions::accepted(devices, statuses),
        (Verdict::Refused(status, code, message), _) => deletions::refused(*status, code, message),
        (Verdict::Unauthorized, _) => deletions::unauthorized(),
    };
    exchange.conclude(reply, plan).await
}

/// `POST /oauth2/default/v1/token`
pub(crate) async fn token(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::begin(shared, parts, Kind::Token);
    let script = Arc::clone(&exchange.script);
    if let Some(response) = exchange.upon_head(&script).await {
        return response;
    }
    let bytes = match exchange.read(body).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    exchange.ticket.received(&bytes, std::iter::empty());
    let plan = script.judge(Stage::Body, &exchange.seen(&[])).map(|fired| fired.plan);
    if let Some(plan) = plan {
        pause(plan.delay).await;
    }
    let reply = exchange.shared.tokens.answer(&exchange.parts.headers, &bytes);
    exchange.conclude(reply, plan).await
}

/// The verdict with what the script changes about it, and the 202 it is to be told with if that is no faithful one.
fn overlaid(
    asked: &Asked<'_>,
    devices: &[Entry<'_>],
    shared: &Shared,
    script: &ActiveScript,
    fired: Option<Fired<'_>>,
) -> (Verdict, Option<serde_json::Value>) {
    let settings = &shared.settings;
    let action = fired.map(|fired| &fired.plan.action);
    let limit = match action {
        Some(Action::BatchLimit(limit)) => *limit,
        _ => settings.batch_limit,
    };
    let verdict = judge(asked, settings, limit);
    let (Verdict::Accepted(statuses), Some(fired)) = (&verdict, fired) else {
        return (verdict, None);
    };
    let refused = |message: &str| Verdict::Refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message.to_owned());
    match &fired.plan.action {
        Action::Poison(_) => (refused("schema validation failed"), None),
        Action::RefuseEverything => (refused("everything is refused"), None),
        Action::Failed(failed) => {
            let failing = script.fail(fired, failed, devices);
            let word =
                |(status, fails): (&&'static str, bool)| if fails && *status == SCHEDULED { FAILED } else { *status };
            (
                Verdict::Accepted(statuses.iter().zip(failing).map(word).collect()),
                None,
            )
        }
        Action::Edit(steps) => {
            let edited = edit(statuses, devices, steps, fired.mix);
            (verdict, Some(edited))
        }
        _ => (verdict, None),
    }
}

/// Whether the service acts on a request although its reply is tampered with.
fn applies(plan: &Plan) -> bool {
    plan.applied.unwrap_or(match &plan.action {
        Action::Goaway(goaway) => goaway.answer,
        Action::Reply(_) | Action::Unauthorized | Action::Hang | Action::End(_) | Action::RefusedStream => false,
        _ => true,
    })
}

impl Exchange {
    fn begin(shared: Arc<Shared>, mut parts: Parts, kind: Kind) -> Self {
        // Every request comes through `server`, which puts it there.
        let link = parts.extensions.remove::<Link>().unwrap_or_else(|| Link {
            control: Arc::new(Control::new(0)),
            stream: None,
        });
        let correlation = Correlation::of(&parts.headers);
        let arrival = Arrival {
            connection: link.control.id,
            version: parts.version,
            headers: &parts.headers,
            request_id: &correlation.request_id,
        };
        let ticket = shared.log.arrived(kind, &arrival);
        let script = shared.faults();
        Self {
            shared,
            script,
            link,
            parts,
            correlation,
            ticket,
            kind,
        }
    }

    fn seen<'a>(&self, devices: &'a [Entry<'a>]) -> Seen<'a> {
        Seen {
            kind: self.kind,
            number: self.ticket.number,
            http2: self.link.stream.is_some(),
            devices,
        }
    }

    /// What happens before the body is read, if anything does.
    async fn upon_head(&mut self, script: &ActiveScript) -> Option<Response> {
        let fired = script.judge(Stage::Head, &self.seen(&[]))?;
        pause(fired.plan.delay).await;
        match &fired.plan.action {
            Action::End(end) => match self.link.end(*end).await {},
            _ => Some(refuse_stream()),
        }
    }

    /// The whole body, or what is answered without it.
    async fn read(&mut self, mut body: axum::body::Body) -> Result<Bytes, Response> {
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                // The client is gone or does not speak HTTP: there is no reply to note.
                return Err(self.respond(
                    deletions::refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "body cut short"),
                    None,
                ));
            };
            let Ok(data) = frame.into_data() else { continue };
            if first.is_empty() && rest.is_empty() {
                // Small bodies come in one piece, which need not be copied.
                first = data;
                continue;
            }
            if first.len() + rest.len() + data.len() > BODY_LIMIT {
                let reply = deletions::refused(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "INVALID_REQUEST",
                    "the body is too large",
                );
                return Err(self.send(reply, None));
            }
            if rest.is_empty() {
                rest.extend_from_slice(&first);
                first = Bytes::new();
            }
            rest.extend_from_slice(&data);
        }
        Ok(if rest.is_empty() { first } else { rest.freeze() })
    }

    /// Ends the exchange as the rule has it, or faithfully.
    async fn conclude(mut self, faithful: Reply, plan: Option<&Plan>) -> Response {
        let Some(plan) = plan else {
            return self.send(faithful, None);
        };
        let reply = match &plan.action {
            Action::Reply(reply) => canned(reply),
            Action::Unauthorized if self.kind == Kind::Deletion => deletions::unauthorized(),
            Action::Unauthorized => refusal(StatusCode::UNAUTHORIZED, "invalid_client", "so the fault script has it"),
            _ => faithful,
        };
        pause(plan.delay_reply).await;
        match &plan.action {
            Action::Hang => std::future::pending().await,
            Action::End(end) => match self.link.end(*end).await {},
            Action::RefusedStream => return refuse_stream(),
            Action::Goaway(goaway) => self.goaway(*goaway).await,
            _ => {}
        }
        self.send(reply, Some(plan))
    }

    /// Tells the client that the connection goes away. Returns when the stream is answered all the same.
    async fn goaway(&self, asked: Goaway) {
        let stream = self.link.stream.unwrap_or(0);
        let last = match asked.last_stream {
            LastStream::Below => stream.saturating_sub(2),
            LastStream::Above => stream,
        };
        // Below: the client turns its back on the stream and closes when the others are done.
        let close = asked.last_stream == LastStream::Above && !asked.answer;
        self.link.control.inject(goaway(last, asked.error_code), close);
        if !asked.answer {
            std::future::pending::<()>().await;
        }
    }

    /// Notes the status and hands the reply over.
    fn send(&mut self, reply: Reply, plan: Option<&Plan>) -> Response {
        self.ticket.replied(reply.status.as_u16());
        self.respond(reply, plan)
    }

    fn respond(&self, mut reply: Reply, plan: Option<&Plan>) -> Response {
        let mut usual = HeaderMap::new();
        stamp(&mut usual, &self.correlation);
        if let Some(Action::Reply(canned)) = plan.map(|plan| &plan.action) {
            canned.without.iter().for_each(|name| drop(usual.remove(name)));
        }
        for (name, value) in usual.into_iter().filter_map(|(name, value)| Some((name?, value))) {
            // What the script says about a header stands.
            reply.headers.entry(name).or_insert(value);
        }
        let (cut, close_idle) = plan.map_or((None, false), |plan| (plan.cut_body_after, plan.close_idle));
        let mut response = reply.send(&self.link, cut, close_idle);
        response.extensions_mut().insert(Stamped);
        response
    }
}

fn canned(reply: &CannedReply) -> Reply {
    let mut headers = reply.headers.clone();
    let value = reply.retry_after.as_ref().and_then(|retry_after| match retry_after {
        RetryAfter::Seconds(seconds) => Some(HeaderValue::from(*seconds)),
        RetryAfter::Verbatim(text) => HeaderValue::from_str(text).ok(),
        RetryAfter::Date { date_in_seconds } => {
            let offset = Duration::from_secs(date_in_seconds.unsigned_abs());
            let now = SystemTime::now();
            let then = if *date_in_seconds < 0 {
                now.checked_sub(offset)
            } else {
                now.checked_add(offset)
            };
            HeaderValue::from_str(&httpdate::fmt_http_date(then?)).ok()
        }
    });
    if let Some(value) = value {
        headers.insert(RETRY_AFTER, value);
    }
    Reply {
        status: reply.status,
        headers,
        body: reply.body.clone(),
    }
}

async fn pause(duration: Duration) {
    // Even a sleep of nothing would give way to the timer.
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
