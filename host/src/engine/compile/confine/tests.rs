//! A compiler that is confined can open nothing and start nothing.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::thread;

use super::*;

/// The filter holds for the thread that asked for it, so that a thread stands for the process here.
#[test]
fn nothing_outside_can_be_touched() {
    let refused = thread::spawn(|| {
        deny().unwrap();
        [
            TcpStream::connect("127.0.0.1:1").err().map(|error| error.kind()),
            UdpSocket::bind("127.0.0.1:0").err().map(|error| error.kind()),
            UnixStream::pair().err().map(|error| error.kind()),
            Command::new("/bin/true").spawn().err().map(|error| error.kind()),
            File::open("/etc/hostname").err().map(|error| error.kind()),
            std::fs::create_dir("/nonexistent/folder")
                .err()
                .map(|error| error.kind()),
        ]
    });
    assert_eq!(refused.join().unwrap(), [Some(ErrorKind::PermissionDenied); 6]);
}

#[test]
fn computing_goes_on() {
    let computed = thread::spawn(|| {
        deny().unwrap();
        (0..1_000_000_u64).collect::<Vec<_>>().iter().sum::<u64>()
    });
    assert_eq!(computed.join().unwrap(), 499_999_500_000);
}
