//! Whether a request's body was handed out, and what has come back so far.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use tokio::task::JoinHandle;

use crate::chunks::Chunks;

/// Records whether the body of one request was handed out, and gives it out at most once.
///
/// A [`Transport`](crate::transport::Transport) gets one with each request. The client asks it after a failure whether the
/// service may have acted. A transport that does nothing with it is believed to have sent the body. A transport that
/// calls [`guard`](Self::guard) proves the opposite: as long as nobody has polled or [taken](HeldBody::take) the guarded
/// body, the request was certainly not sent, and may be sent again.
///
/// Clones record the same request. Of several bodies that were guarded with them, only the first is handed out, so that a
/// wrapper that repeats a request cannot repeat a deletion.
#[derive(Clone)]
pub struct Sent(Arc<Record>);

struct Record {
    body: AtomicU8,
    reply_limit: usize,
    head: OnceLock<(StatusCode, HeaderMap)>,
    read: Mutex<Chunks>,
}

/// The transport does not have the request yet.
const KEPT: u8 = 0;
/// The transport has the request, and has not guarded its body: it may have sent it.
const ENTRUSTED: u8 = 1;
/// The transport has guarded the body.
const HELD: u8 = 2;
/// The body was handed out.
const HANDED_OUT: u8 = 3;
/// The attempt was over before the body was handed out. It never is now.
const WITHDRAWN: u8 = 4;

impl Sent {
    pub(crate) fn new(reply_limit: usize) -> Self {
        Self(Arc::new(Record {
            body: AtomicU8::new(KEPT),
            reply_limit,
            head: OnceLock::new(),
            read: Mutex::default(),
        }))
    }

    /// Guards the body of a request: whoever sends it has to take it out of the [`HeldBody`], which records that.
    ///
    /// An empty body cannot show that it was sent. A request without one is therefore believed to have been sent as soon as
    /// the transport has it.
    #[must_use]
    pub fn guard(&self, request: Request<Bytes>) -> Request<HeldBody> {
        if !request.body().is_empty() {
            self.moves(ENTRUSTED, HELD);
        }
        request.map(|bytes| HeldBody {
            bytes: Some(bytes),
            turn: None,
            sent: self.clone(),
        })
    }

    /// How many bytes of the reply's body are used. A transport may stop reading after one byte more: a longer reply counts
    /// as not understood in any case.
    #[must_use]
    pub fn reply_limit(&self) -> usize {
        self.0.reply_limit
    }

    /// Whether the transport may have the request now. False: the attempt is over.
    pub(crate) fn entrusts(&self) -> bool {
        self.moves(KEPT, ENTRUSTED)
    }

    /// Whether the body was handed out or withdrawn: sending the request once more has no purpose.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(self.0.body.load(Ordering::Acquire), HANDED_OUT | WITHDRAWN)
    }

    /// Whether the body was, or may have been, handed out. Ask once the attempt is over: a body that was not is withdrawn
    /// now, and never will be. A service may answer before it has the request, and the HTTP client would go on sending
    /// it; without a body it cannot act.
    pub(crate) fn was_handed_out(&self) -> bool {
        let is_withdrawn = self.moves(KEPT, WITHDRAWN) || self.moves(HELD, WITHDRAWN);
        !is_withdrawn && self.0.body.load(Ordering::Acquire) != WITHDRAWN
    }

    fn moves(&self, from: u8, to: u8) -> bool {
        let moved = self
            .0
            .body
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
        moved.is_ok()
    }

    /// Whether the body may be handed out now. Once true, never again.
    fn hands_out(&self) -> bool {
        self.moves(HELD, HANDED_OUT)
    }

    /// Status and headers of the reply, once they have come.
    pub(crate) fn head(&self) -> Option<&(StatusCode, HeaderMap)> {
        self.0.head.get()
    }

    /// Keeps status and headers as soon as they have come: the rest of the reply may not come.
    pub(crate) fn keep_head(&self, status: StatusCode, headers: HeaderMap) {
        // A request has one reply; a second head would change nothing.
        let _ = self.0.head.set((status, headers));
    }

    /// Keeps a part of the reply's body, and returns how much there is now.
    pub(crate) fn keep(&self, chunk: Bytes) -> usize {
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.push(chunk);
        read.len()
    }

    /// The parts of the body that were kept.
    pub(crate) fn take_read(&self) -> Bytes {
        std::mem::take(&mut *self.0.read.lock().unwrap_or_else(PoisonError::into_inner)).into_bytes()
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = match self.0.body.load(Ordering::Acquire) {
            KEPT => "kept",
            ENTRUSTED => "entrusted",
            HELD => "held",
            HANDED_OUT => "handed out",
            _ => "withdrawn",
        };
        f.debug_struct("Sent").field("body", &body).finish_non_exhaustive()
    }
}

/// A request body that records when it is handed out: with its first poll as an [`http_body::Body`], or by
/// [`take`](Self::take).
///
/// Polled, it first waits for one turn of the runtime's I/O driver: only then can an HTTP client notice that the service
/// has closed a pooled connection meanwhile, and it does before it asks again. A task of its own waits, because the
/// client may ask several times without giving way to the driver.
pub struct HeldBody {
    bytes: Option<Bytes>,
    turn: Option<JoinHandle<()>>,
    sent: Sent,
}

impl HeldBody {
    /// The bytes, for a transport that does not poll: from now on they may have been sent. `None` if the attempt is over
    /// or the body was handed out before; then nothing may be sent.
    #[must_use]
    pub fn take(mut self) -> Option<Bytes> {
        let bytes = self.bytes.take()?;
        (bytes.is_empty() || self.sent.hands_out()).then_some(bytes)
    }

    /// Whether there are no bytes to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }
}

impl fmt::Debug for HeldBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldBody")
            .field("length", &self.bytes.as_ref().map(Bytes::len))
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

/// The attempt is over, or the body was handed out before: it is not sent (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn;

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the attempt is over, or the request was sent before: it is not sent now")
    }
}

impl std::error::Error for Withdrawn {}

impl http_body::Body for HeldBody {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let turn = self.turn.get_or_insert_with(|| tokio::spawn(tokio::task::yield_now()));
        // It fails only if its runtime ends, and then nothing is sent any more.
        let _ = ready!(Pin::new(turn).poll(cx));
        let bytes = self.bytes.take();
        if !self.sent.hands_out() {
            return Poll::Ready(Some(Err(Withdrawn)));
        }
        Poll::Ready(bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::*;

    async fn first_frame(body: &mut HeldBody) -> Option<Result<Bytes, Withdrawn>> {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
        frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default()))
    }

    fn guarded(sent: &Sent, body: &'static [u8]) -> HeldBody {
        sent.guard(Request::new(Bytes::from_static(body))).into_body()
    }

    #[tokio::test]
    async fn a_body_is_handed_out_once_or_withdrawn_for_good() {
        let sent = Sent::new(0);
        assert!(sent.entrusts());
        let mut body = guarded(&sent, b"[]");
        assert!(matches!(first_frame(&mut body).await, Some(Ok(bytes)) if bytes == "[]"));
        assert!(sent.was_handed_out());
        assert!(first_frame(&mut body).await.is_none());

        let sent = Sent::new(0);
        assert!(sent.entrusts());
        let mut body = guarded(&sent, b"[]");
        assert!(!sent.was_handed_out());
        assert!(matches!(first_frame(&mut body).await, Some(Err(Withdrawn))));
        assert!(!sent.was_handed_out());
        assert!(first_frame(&mut body).await.is_none());
    }

    #[test]
    fn a_taken_body_was_handed_out_and_a_withdrawn_one_cannot_be_taken() {
        let sent = Sent::new(0);
        assert!(sent.entrusts());
        assert_eq!(guarded(&sent, b"[]").take().as_deref(), Some(&b"[]"[..]));
        assert!(sent.was_handed_out());
        assert_eq!(guarded(&sent, b"[]").take(), None, "a second time");

        let sent = Sent::new(0);
        assert!(sent.entrusts());
        let body = guarded(&sent, b"[]");
        assert!(!sent.was_handed_out());
        assert_eq!(body.take(), None);
    }

    #[test]
    fn a_transport_that_guards_nothing_is_believed_to_have_sent() {
        let sent = Sent::new(0);
        assert!(sent.entrusts());
        assert!(sent.was_handed_out());

        let sent = Sent::new(0);
        assert!(sent.entrusts());
        drop(guarded(&sent, b""));
        assert!(sent.was_handed_out(), "a request without a body");
    }

    #[test]
    fn a_request_that_no_transport_has_was_not_sent_and_never_will_be() {
        let sent = Sent::new(0);
        assert!(!sent.was_handed_out());
        assert!(!sent.entrusts());
        assert!(!sent.was_handed_out());
    }
}
