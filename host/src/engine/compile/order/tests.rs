//! Orders for the compiler read back as they were written.

use super::*;

#[test]
fn an_order_is_read_as_it_was_written() {
    let limits = CompileLimits {
        memory: 1 << 40,
        cpu: Duration::from_secs(7),
        wall: Duration::ZERO,
        output: 99,
    };
    let order = Order::new(12_345, limits);
    let written = order.write();
    assert_eq!(written.len(), Order::SIZE);
    assert_eq!(Order::read(&written[..]).unwrap(), order);
    assert_eq!(order.parent, process::id());
    let cut = Order::read(&written[1..]).map_err(|error| error.kind());
    assert_eq!(cut, Err(io::ErrorKind::UnexpectedEof));
}
