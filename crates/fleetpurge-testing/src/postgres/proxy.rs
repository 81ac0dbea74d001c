//! A way to a server on which connections and answers are lost.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

/// A way to a server on which connections and answers are lost.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The port of the server.
    server: AtomicU16,
    /// Whether the answer to the next commit is lost, and the connection with it.
    loses_commit: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A way to this port of this machine.
    #[must_use]
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        proxy.point_to(port);
        let state = Arc::clone(&proxy.state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                // Where nothing listens, the client finds its connection closed.
                let port = state.server.load(Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                let ends = [&client, &server].map(|end| end.try_clone().unwrap());
                state.open.lock().unwrap().extend(ends);
                let (to_server, from_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || pass(from_client, to_server, |_| true));
                let state = Arc::clone(&state);
                std::thread::spawn(move || {
                    let mut is_losing = false;
                    pass(server, client, |bytes| {
                        // The server says of every commit that it is done.
                        is_losing |= state.loses_commit.load(Ordering::SeqCst);
                        let is_commit = bytes.windows(7).any(|window| window == b"COMMIT\0");
                        if is_losing && is_commit {
                            state.loses_commit.store(false, Ordering::SeqCst);
                        }
                        !(is_losing && is_commit)
                    });
                });
            }
        });
        proxy
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Connections that are made from now on lead to this port.
    pub fn point_to(&self, port: u16) {
        self.state.server.store(port, Ordering::SeqCst);
    }

    /// The next commit is made, and its answer never arrives: the connection ends instead.
    pub fn lose_next_commit(&self) {
        self.state.loses_commit.store(true, Ordering::SeqCst);
    }

    /// Ends all connections.
    pub fn cut(&self) {
        for end in self.state.open.lock().unwrap().drain(..) {
            end.shutdown(Shutdown::Both).ok();
        }
    }
}

/// Passes bytes on as long as they may.
fn pass(mut from: TcpStream, mut to: TcpStream, mut may: impl FnMut(&[u8]) -> bool) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        let Some(read) = bytes.get(..read) else { break };
        if !may(read) || to.write_all(read).is_err() {
            break;
        }
    }
    for end in [from, to] {
        end.shutdown(Shutdown::Both).ok();
    }
}
