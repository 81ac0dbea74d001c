//! A connection that can be broken on purpose: closed, reset, or given a frame that no HTTP library would send.
//!
//! [`FaultyIo`] lies between the socket and hyper. A handler holds the [`Control`] of the connection its request came
//! over and says what is to happen to it; the frames of HTTP/2 are followed so that it happens between two of them.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::frames::{DATA, Frame, Frames, HEADERS, PREFACE};

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With FIN, as far as the peer has left nothing unread.
    Close,
    /// With RST.
    Reset,
}

/// What an HTTP/2 stream must have sent before its connection is closed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sent {
    /// Its head and so many bytes of its body.
    Bytes(u64),
    /// All of its reply.
    All,
}

#[derive(Debug)]
struct Watch {
    stream: u32,
    until: Sent,
    head: bool,
    bytes: u64,
    reached: bool,
}

#[derive(Debug)]
struct Injection {
    bytes: Vec<u8>,
    written: usize,
    then_close: bool,
}

#[derive(Debug, Default)]
struct State {
    end: Option<End>,
    newest: u32,
    arrived: VecDeque<u32>,
    watch: Option<Watch>,
    injection: Option<Injection>,
    waker: Option<Waker>,
}

/// What a handler can do to the connection its request came over.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) id: u64,
    state: Mutex<State>,
    /// HTTP/1.1: close after the next flush.
    close_after_flush: AtomicBool,
    injecting: AtomicBool,
    ended: Notify,
}

impl Control {
    pub(crate) fn new(id: u64) -> Self {
        Self {
            id,
            state: Mutex::default(),
            close_after_flush: AtomicBool::new(false),
            injecting: AtomicBool::new(false),
            ended: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connection now. The first word counts.
    pub(crate) fn end(&self, end: End) {
        self.state().end.get_or_insert(end);
        self.ended.notify_one();
    }

    /// Until the connection is to end.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }

    /// HTTP/1.1: ends the connection once all that is buffered has been written.
    pub(crate) fn close_after_flush(&self) {
        self.close_after_flush.store(true, Ordering::Release);
    }

    /// HTTP/2: ends the connection once this stream has sent that much.
    pub(crate) fn close_after(&self, stream: u32, until: Sent) {
        self.state().watch = Some(Watch {
            stream,
            until,
            head: false,
            bytes: 0,
            reached: false,
        });
    }

    /// HTTP/2: puts a frame between two others, and closes the connection after it if asked to.
    pub(crate) fn inject(&self, bytes: Vec<u8>, then_close: bool) {
        let mut state = self.state();
        state.injection = Some(Injection {
            bytes,
            written: 0,
            then_close,
        });
        self.injecting.store(true, Ordering::Release);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// HTTP/2: the id of the stream whose request is handled next. hyper hands requests over in the order of their
    /// HEADERS, but keeps the id to itself.
    pub(crate) fn next_stream(&self) -> u32 {
        self.state().arrived.pop_front().unwrap_or(0)
    }

    fn came(&self, frame: Frame) {
        if frame.kind == HEADERS {
            let mut state = self.state();
            if frame.stream > state.newest {
                state.newest = frame.stream;
                state.arrived.push_back(frame.stream);
            }
        }
    }

    fn went(state: &mut State, frame: Frame) {
        if let Some(watch) = state.watch.as_mut().filter(|watch| watch.stream == frame.stream) {
            watch.head |= frame.kind == HEADERS;
            if frame.kind == DATA {
                watch.bytes += frame.len as u64;
            }
            watch.reached |= match watch.until {
                Sent::Bytes(bytes) => watch.head && watch.bytes >= bytes,
                Sent::All => frame.ends_stream(),
            };
        }
    }
}

/// The socket itself.
#[derive(Debug)]
pub(crate) enum Socket {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Socket {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    fn read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }

    fn write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[derive(Debug)]
enum Protocol {
    /// Too few bytes yet to tell.
    Unknown(Vec<u8>),
    Http1,
    Http2 {
        incoming: Frames,
        outgoing: Frames,
    },
}

/// A socket under the hand of a [`Control`].
#[derive(Debug)]
pub(crate) struct FaultyIo {
    socket: Socket,
    control: std::sync::Arc<Control>,
    protocol: Protocol,
}

impl FaultyIo {
    pub(crate) fn new(socket: Socket, control: std::sync::Arc<Control>) -> Self {
        Self {
            socket,
            control,
            protocol: Protocol::Unknown(Vec::new()),
        }
    }

    fn came(&mut self, bytes: &[u8]) {
        match &mut self.protocol {
            Protocol::Http1 => {}
            Protocol::Http2 { incoming, .. } => incoming.pass(bytes, |frame| self.control.came(frame)),
            Protocol::Unknown(seen) => {
                seen.extend_from_slice(bytes);
                // "PUT" and "POST" differ from "PRI" within its three bytes.
                if seen.len() >= 3 {
                    let seen = std::mem::take(seen);
                    if !PREFACE.starts_with(&seen[..3]) {
                        self.protocol = Protocol::Http1;
                        return;
                    }
                    let mut incoming = Frames::after(PREFACE.len());
                    incoming.pass(&seen, |frame| self.control.came(frame));
                    self.protocol = Protocol::Http2 {
                        incoming,
                        outgoing: Frames::after(0),
                    };
                }
            }
        }
    }

    fn went(&mut self, bytes: &[u8]) {
        if let Protocol::Http2 { outgoing, .. } = &mut self.protocol {
            let mut state = self.control.state();
            outgoing.pass(bytes, |frame| Control::went(&mut state, frame));
        }
    }

    /// Writes the frame to be put in, as soon as it may. Pending only half-way through it.
    fn inject(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Protocol::Http2 { outgoing, .. } = &self.protocol else {
            return Poll::Ready(Ok(()));
        };
        if !self.control.injecting.load(Ordering::Acquire) || !outgoing.at_boundary() {
            return Poll::Ready(Ok(()));
        }
        let mut state = self.control.state();
        let Some(injection) = &mut state.injection else {
            return Poll::Ready(Ok(()));
        };
        while injection.written < injection.bytes.len() {
            injection.written += ready!(self.socket.write(cx, &injection.bytes[injection.written..]))?;
        }
        ready!(self.socket.flush(cx))?;
        let then_close = injection.then_close;
        state.injection = None;
        drop(state);
        self.control.injecting.store(false, Ordering::Release);
        if then_close {
            self.control.end(End::Close);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for FaultyIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.protocol, Protocol::Http2 { .. }) {
            this.control.state().waker = Some(cx.waker().clone());
            if let Poll::Ready(Err(error)) = this.inject(cx) {
                return Poll::Ready(Err(error));
            }
        }
        let before = buf.filled().len();
        ready!(this.socket.read(cx, buf))?;
        this.came(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for FaultyIo {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.inject(cx))?;
        let written = ready!(this.socket.write(cx, bytes))?;
        this.went(&bytes[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.inject(cx))?;
        ready!(this.socket.flush(cx))?;
        let reached = match this.protocol {
            Protocol::Http2 { .. } => this.control.state().watch.as_ref().is_some_and(|watch| watch.reached),
            _ => this.control.close_after_flush.load(Ordering::Acquire),
        };
        if reached {
            this.control.end(End::Close);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().socket.shutdown(cx)
    }
}

impl Drop for FaultyIo {
    fn drop(&mut self) {
        match self.control.state().end {
            // Bytes left unread would turn the FIN into an RST.
            Some(End::Close) => {
                let mut scratch = [0; 4096];
                for _ in 0..64 {
                    if !matches!(self.socket.tcp().try_read(&mut scratch), Ok(1..)) {
                        break;
                    }
                }
            }
            // A socket that is gone already has nothing left to reset.
            Some(End::Reset) => drop(self.socket.tcp().set_zero_linger()),
            None => {}
        }
    }
}
