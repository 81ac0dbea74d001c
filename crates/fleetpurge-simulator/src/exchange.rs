//! A request of either service from its head to its end: recorded, read, answered, and interrupted if the script says
//! so.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::Request;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;

use crate::connection::Control;
use crate::faults::{Action, ActiveScript, CannedReply, Goaway, LastStream, Plan, RetryAfter, Seen, Stage};
use crate::frames::goaway;
use crate::link::Link;
use crate::log::{Arrival, Kind, Ticket};
use crate::reply::{Body, Reply};
use crate::request::{Correlation, Entry};
use crate::server::{Stamped, refuse_stream, stamp};
use crate::service::Service;
use crate::state::Shared;

/// No request of 100 devices comes near it.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A request in hand.
pub(crate) struct Exchange {
    pub(crate) shared: Arc<Shared>,
    pub(crate) script: Arc<ActiveScript>,
    link: Link,
    pub(crate) parts: Parts,
    pub(crate) correlation: Correlation,
    pub(crate) ticket: Ticket,
    service: Service,
    kind: Kind,
}

/// A whole request to an endpoint at which only the answer is its own: recorded, with these devices, and broken where
/// the script says so.
pub(crate) async fn carry_out(
    shared: Arc<Shared>,
    request: Request,
    service: Service,
    kind: Kind,
    devices: &[Entry<'_>],
    answer: impl FnOnce(&Shared, &Parts, &[u8]) -> Reply + Send,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::begin(shared, parts, service, kind);
    let script = Arc::clone(&exchange.script);
    if let Some(response) = exchange.upon_head(&script).await {
        return response;
    }
    let bytes = match exchange.read(body).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    exchange
        .ticket
        .received(&bytes, devices.iter().map(|device| (&*device.uid, &*device.name)));
    let plan = script.judge(Stage::Body, &exchange.seen(&[])).map(|fired| fired.plan);
    if let Some(plan) = plan {
        pause(plan.delay).await;
    }
    let reply = answer(&exchange.shared, &exchange.parts, &bytes);
    exchange.conclude(reply, plan).await
}

/// Whether the service acts on a request although its reply is tampered with.
pub(crate) fn applies(plan: &Plan) -> bool {
    plan.applied.unwrap_or(match &plan.action {
        Action::Goaway(goaway) => goaway.answer,
        Action::Reply(_) | Action::Unauthorized | Action::Hang | Action::End(_) | Action::RefusedStream => false,
        _ => true,
    })
}

impl Exchange {
    pub(crate) fn begin(shared: Arc<Shared>, mut parts: Parts, service: Service, kind: Kind) -> Self {
        // Every request comes through `server`, which puts it there.
        let link = parts.extensions.remove::<Link>().unwrap_or_else(|| Link {
            control: Arc::new(Control::new(0)),
            stream: None,
        });
        let correlation = Correlation::of(&parts.headers);
        let arrival = Arrival {
            connection: link.control.id,
            version: parts.version,
            method: &parts.method,
            uri: &parts.uri,
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
            service,
            kind,
        }
    }

    pub(crate) fn seen<'a>(&self, devices: &'a [Entry<'a>]) -> Seen<'a> {
        Seen {
            service: self.service,
            kind: self.kind,
            number: self.ticket.number,
            http2: self.link.stream.is_some(),
            devices,
        }
    }

    /// What happens before the body is read, if anything does.
    pub(crate) async fn upon_head(&mut self, script: &ActiveScript) -> Option<Response> {
        let fired = script.judge(Stage::Head, &self.seen(&[]))?;
        pause(fired.plan.delay).await;
        match &fired.plan.action {
            Action::End(end) => match self.link.end(*end).await {},
            _ => Some(refuse_stream()),
        }
    }

    /// The whole body, or what is answered without it.
    pub(crate) async fn read(&mut self, mut body: axum::body::Body) -> Result<Bytes, Response> {
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                // The client is gone or does not speak HTTP: there is no reply to note.
                return Err(self.respond(self.service.cut_short(), None));
            };
            let Ok(data) = frame.into_data() else { continue };
            if first.is_empty() && rest.is_empty() {
                // Small bodies come in one piece, which need not be copied.
                first = data;
                continue;
            }
            if first.len() + rest.len() + data.len() > BODY_LIMIT {
                return Err(self.send(self.service.too_large(), None));
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
    pub(crate) async fn conclude(mut self, faithful: Reply, plan: Option<&Plan>) -> Response {
        let Some(plan) = plan else {
            return self.send(faithful, None);
        };
        let reply = match &plan.action {
            Action::Reply(reply) => canned(reply, self.service),
            Action::Unauthorized => self.service.unauthorized(self.kind),
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
    pub(crate) fn send(&mut self, reply: Reply, plan: Option<&Plan>) -> Response {
        self.ticket.replied(reply.status.as_u16());
        self.respond(reply, plan)
    }

    fn respond(&self, mut reply: Reply, plan: Option<&Plan>) -> Response {
        let mut usual = HeaderMap::new();
        // Ubidots documents no such headers.
        if self.service == Service::Nexthink {
            stamp(&mut usual, &self.correlation);
        }
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

fn canned(reply: &CannedReply, service: Service) -> Reply {
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
        body: match &reply.error_code {
            Some(code) => Body::Full(service.error_body(code)),
            None => reply.body.clone(),
        },
    }
}

pub(crate) async fn pause(duration: Duration) {
    // Even a sleep of nothing would give way to the timer.
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
