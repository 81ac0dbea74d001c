//! One connection: requests one after the other, as HTTP/1.1 has them.

use std::rc::Rc;
use std::time::{Instant, SystemTime};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::reply;
use super::request::{Request, What, parse};
use super::state::Service;

pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    service: Rc<Service>,
) -> std::io::Result<()> {
    service.counts.borrow_mut().connections += 1;
    let mut bytes = BytesMut::with_capacity(32 * 1024);
    let (mut out, mut scratch) = (Vec::with_capacity(32 * 1024), Vec::with_capacity(32 * 1024));
    loop {
        let Some(request) = parse(&bytes)? else {
            bytes.reserve(16 * 1024);
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            continue;
        };
        answer(&service, request, &bytes, &mut out, &mut scratch).await;
        stream.write_all(&out).await?;
        stream.flush().await?;
        out.clear();
        bytes.advance(request.end);
    }
}

async fn answer(service: &Service, request: Request, bytes: &[u8], out: &mut Vec<u8>, scratch: &mut Vec<u8>) {
    match request.what {
        What::Token => reply::token(out),
        What::Counts => reply::counts(out, &service.counts.take()),
        What::Page(page) => {
            service.work().await;
            reply::page(out, page, service.listed, scratch);
        }
        What::Nexthink | What::Ubidots => {
            let now = Instant::now();
            let is_counted = service.counts_now(now);
            if is_counted {
                let mut counts = service.counts.borrow_mut();
                counts.deletions += 1;
                counts.first.get_or_insert_with(SystemTime::now);
            }
            let is_refused = service
                .limit
                .borrow_mut()
                .as_mut()
                .is_some_and(|limit| !limit.allows(now));
            service.work().await;
            let devices = if is_refused {
                reply::refuse(out);
                0
            } else {
                let id = request.id.map(|(start, end)| &bytes[start..end]);
                let mut failures = service.failures.borrow_mut();
                let body = &bytes[request.body..request.end];
                reply::accept(out, request.what, id, body, scratch, || failures.is_due())
            };
            if is_counted {
                let mut counts = service.counts.borrow_mut();
                counts.last = Some(SystemTime::now());
                counts.refused += u64::from(is_refused);
                counts.devices += devices;
            }
        }
    }
}
