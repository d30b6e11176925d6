//! Components that keep a compiler busy for ever, or fill its memory. They are made here: as files they would be as
//! large as what they do.

use super::*;

/// A component whose only function has a body of this many bytes, all of it one sum.
fn long_function(bytes: usize) -> Vec<u8> {
    // `local.get 0`, `i32.const 1`, `i32.add`, `local.set 0`, and a call at times, so that nothing folds away.
    let step = [
        0x20, 0x00, 0x41, 0x01, 0x6a, 0x21, 0x00, 0x20, 0x00, 0x10, 0x01, 0x21, 0x00,
    ];
    let body = [&[0][..], &step.repeat(bytes / step.len()), &[0x20, 0x00, 0x0b]].concat();
    let small = [0x00, 0x20, 0x00, 0x0b];
    component(&[body, small.to_vec()])
}

/// A component with this many functions.
fn many_functions(count: usize) -> Vec<u8> {
    let small = vec![0x00, 0x20, 0x00, 0x41, 0x01, 0x6a, 0x0b];
    component(&vec![small; count])
}

/// A small component with a custom section of this many bytes.
fn padded(bytes: usize) -> Vec<u8> {
    let section = [&number(bytes + 2)[..], b"\x01x", &vec![0; bytes]].concat();
    [many_functions(1), vec![0], section].concat()
}

/// A module of functions from a number to a number (core spec 5.5), the first of which is the tool, in a component.
fn component(bodies: &[Vec<u8>]) -> Vec<u8> {
    let types = [&[1, 0x60, 1, 0x7f, 1, 0x7f][..]].concat();
    let functions = [number(bodies.len()), vec![0; bodies.len()]].concat();
    let exports = [&[1, 3][..], b"run", &[0, 0]].concat();
    let code = bodies.iter().fold(number(bodies.len()), |mut code, body| {
        code.extend(number(body.len()));
        code.extend(body);
        code
    });
    let sections = [(1, types), (3, functions), (7, exports), (10, code)];
    let module = sections
        .iter()
        .fold(b"\0asm\x01\0\0\0".to_vec(), |mut module, (id, content)| {
            module.push(*id);
            module.extend(number(content.len()));
            module.extend(content);
            module
        });
    // The rest of the component is the same for all, and written by the assembler around an empty module of this kind.
    let around = wat::parse_str(
        "(component (core module $m (func (export \"run\") (param i32) (result i32) local.get 0))
           (core instance $i (instantiate $m))
           (func (export \"run\") (param \"n\" u32) (result u32) (canon lift (core func $i \"run\"))))",
    )
    .unwrap();
    let (header, rest) = around.split_at(8);
    // Section 1 is the module: its size follows in one byte, as it is small.
    let after = &rest[2 + usize::from(rest[1])..];
    [header, &[1], &number(module.len()), &module, after].concat()
}

/// An unsigned number in LEB128 (core spec 5.2.2).
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

const WIT: &str = "package guests:bomb; world bomb { export run: func(n: u32) -> u32; }";

#[tokio::test]
async fn a_bomb_dies_in_the_compiler_and_the_host_does_not_grow() {
    let limits = CompileLimits {
        memory: 1 << 30,
        cpu: Duration::from_secs(3),
        wall: Duration::from_secs(20),
        ..CompileLimits::default()
    };
    let ground = Ground::new(limits);
    let good = ground.load("behaves").await.unwrap();
    let bombs = [
        ("long-function", long_function(4_000_000)),
        ("many-functions", many_functions(199_000)),
    ];
    for (name, bomb) in bombs {
        let before = most_resident();
        let (end, beside) = tokio::join!(
            ground.load_component(name, &bomb, WIT, Limits::default()),
            good.run(start(), None)
        );
        assert_eq!(end.err().as_deref(), Some("not loaded compile-limit"), "{name}");
        assert_eq!(beside.outcome, Outcome::Value(json!(42)), "beside {name}");
        let grown = most_resident().saturating_sub(before);
        // Other tests share this process, so that this is generous: the compiler was given a gigabyte.
        assert!(grown < 300 << 20, "{name}: the host grew by {grown} bytes");
    }
    let next = ground
        .load_component("next", &many_functions(10), WIT, Limits::default())
        .await;
    assert!(next.is_ok(), "a compiler that died stops no other");
}

#[tokio::test]
async fn what_is_too_much_is_not_even_compiled() {
    let ground = Ground::new(CompileLimits::default());
    let cases = [
        ("functions", many_functions(200_001), "not loaded component-too-complex"),
        ("body", long_function(5 << 20), "not loaded component-too-complex"),
        ("large", padded(33 << 20), "refused not-a-component"),
    ];
    for (name, bomb, expected) in cases {
        let end = ground.load_component(name, &bomb, WIT, Limits::default()).await;
        assert_eq!(end.err().as_deref(), Some(expected), "{name}");
    }
}

/// The most memory that this process ever had resident, in bytes.
fn most_resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes << 10
}
