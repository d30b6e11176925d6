//! The bindings of `skillhost:skill`, generated once, so that every crate of a skill shares their types.
#![expect(missing_docs, reason = "generated from the WIT")]

wit_bindgen::generate!({
    world: "skill",
    path: "wit",
    generate_unused_types: true,
    additional_derives: [PartialEq],
});
