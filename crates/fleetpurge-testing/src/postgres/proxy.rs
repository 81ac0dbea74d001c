//! A way to a server on which connections and answers are lost.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
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
    lost_commits: AtomicUsize,
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
                let Some(server) = state.connect(&client) else { continue };
                let (to_server, from_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || pass(from_client, to_server, |_| true));
                let state = Arc::clone(&state);
                std::thread::spawn(move || {
                    pass(server, client, |bytes| {
                        // The server says of every commit that it is done.
                        let is_commit = bytes.windows(7).any(|window| window == b"COMMIT\0");
                        let is_lost = is_commit && state.loses_commit.swap(false, Ordering::SeqCst);
                        if is_lost {
                            state.lost_commits.fetch_add(1, Ordering::SeqCst);
                        }
                        !is_lost
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

    /// How many answers to commits were lost.
    #[must_use]
    pub fn lost_commits(&self) -> usize {
        self.state.lost_commits.load(Ordering::SeqCst)
    }

    /// Connections that are made from now on find nobody.
    pub fn point_nowhere(&self) {
        self.point_to(0);
    }

    /// Ends all connections.
    pub fn cut(&self) {
        for end in self.state.open.lock().unwrap().drain(..) {
            end.shutdown(Shutdown::Both).ok();
        }
    }
}

impl State {
    /// The other end of this connection. Where nothing listens, the client finds its connection closed.
    fn connect(&self, client: &TcpStream) -> Option<TcpStream> {
        // Whoever cuts meanwhile waits, and cuts this one, too.
        let mut open = self.open.lock().unwrap();
        let server = TcpStream::connect(("127.0.0.1", self.server.load(Ordering::SeqCst))).ok()?;
        open.extend([client, &server].map(|end| end.try_clone().unwrap()));
        Some(server)
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
