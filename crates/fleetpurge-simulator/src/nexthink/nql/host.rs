//! The other host, on a port of its own: it serves files to whoever has a good URL, and records what came.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http_body::Frame;
use tokio::net::TcpListener;

use super::exports::{Exports, File};
use super::file_request::FileRequest;

/// Serves files until it is aborted.
pub(crate) async fn serve(listener: TcpListener, exports: Arc<Exports>) {
    let router = Router::new().route("/exports/{id}", get(file)).with_state(exports);
    // Without a listener there is nothing to serve; a client notices.
    let _ = axum::serve(listener, router).await;
}

async fn file(State(exports): State<Arc<Exports>>, Path(id): Path<String>, request: Request) -> Response {
    exports.note(FileRequest {
        uri: request.uri().clone(),
        headers: request.headers().clone(),
    });
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let signature = query.into_iter().find(|(name, _)| name == "X-Amz-Signature");
    let signature = signature
        .map(|(_, signature)| signature.into_owned())
        .unwrap_or_default();
    let reply = Response::builder().header(CONTENT_TYPE, "text/csv");
    let reply = match exports.file(&id, &signature) {
        File::Whole(bytes) => reply.body(Body::from(bytes)),
        File::Cut(bytes) => {
            let half = bytes.slice(..bytes.len() / 2);
            reply.header(CONTENT_LENGTH, bytes.len()).body(Body::new(Ending {
                piece: Some(half),
                is_cut: true,
                has_left: false,
            }))
        }
        File::Short(bytes) => reply.body(Body::new(Ending {
            piece: Some(bytes),
            is_cut: false,
            has_left: false,
        })),
        File::Redirect => reply
            .status(StatusCode::TEMPORARY_REDIRECT)
            .header(LOCATION, "/exports/elsewhere")
            .body(Body::empty()),
        File::Status(status) => reply
            .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .body(Body::empty()),
        File::Expired => reply.status(StatusCode::FORBIDDEN).body(Body::from(
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        )),
    };
    reply.unwrap_or_default()
}

/// A body of one piece, which may end with the connection.
struct Ending {
    piece: Option<Bytes>,
    is_cut: bool,
    /// Whether the piece has had the time to leave before the connection ends.
    has_left: bool,
}

impl http_body::Body for Ending {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.piece.take() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.is_cut && !self.has_left => {
                self.has_left = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None if self.is_cut => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into()))),
            None => Poll::Ready(None),
        }
    }
}
