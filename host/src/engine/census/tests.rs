//! Components with too much of something are refused before they are compiled.

use super::*;

fn told(wat: &str) -> String {
    match check(&wat::parse_str(wat).unwrap()) {
        Ok(()) => "taken".to_owned(),
        Err(error) => format!("{}: {}", error.code(), error.told()),
    }
}

#[test]
fn a_component_holds_only_so_much_of_anything() {
    let deep = format!("{}{}", "(component ".repeat(9), ")".repeat(9));
    let locals = format!("(component (core module (func (local {}))))", "i32 ".repeat(20_001));
    let parts = format!("(component {})", "(core module)".repeat(256));
    let types = format!("(component {})", "(type u8)".repeat(100_001));
    let body = format!("(component (core module (func {})))", "nop ".repeat(4 << 20));
    let cases = [
        "(component (core module (func)))",
        &deep,
        &locals,
        &parts,
        &types,
        &body,
    ];
    let told: Vec<String> = cases.iter().map(|wat| told(wat)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    taken
    component-too-complex: the component has more than 8 levels of components: make it simpler
    component-too-complex: the component has more than 20000 locals in a function: make it simpler
    component-too-complex: the component has more than 256 modules and components: make it simpler
    component-too-complex: the component has more than 100000 types: make it simpler
    component-too-complex: the component has more than 4194304 bytes in a function: make it simpler
    ");
}

#[test]
fn what_is_not_a_component_is_told_so() {
    for bytes in [&b""[..], b"\0asm", b"\0asm\x0d\0\x01\0\x07\xff\xff\xff\xff\x0f"] {
        let code = check(bytes).map_err(|error| error.code());
        assert_eq!(code, Err(Code::CompileFailed), "{bytes:?}");
    }
    assert_eq!(
        check(&vec![0; LARGEST + 1]).map_err(|error| error.code()),
        Err(Code::ComponentTooLarge)
    );
}
