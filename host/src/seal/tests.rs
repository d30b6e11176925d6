//! Sealed payloads: only the right key, for the right place.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::{HostKey, OpenError, Sealed};

#[test]
fn a_payload_comes_back_only_with_its_keys_and_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let host = HostKey::create(folder.path()).unwrap();
    let (tenant, wrapped_tenant) = host.tenant_key("acme");
    let (data, wrapped_data) = tenant.data_key("acme/run-1");
    let sealed = data.seal("acme/run-1/result", b"forty-two");

    let host = HostKey::load(folder.path()).unwrap();
    let tenant = host.open("acme", &wrapped_tenant).unwrap();
    let data = tenant.open("acme/run-1", &wrapped_data).unwrap();
    assert_eq!(data.open("acme/run-1/result", sealed.clone()).unwrap(), b"forty-two");

    assert_eq!(data.open("acme/run-1/arguments", sealed.clone()), Err(OpenError));
    assert_eq!(tenant.open("acme/run-2", &wrapped_data).err(), Some(OpenError));
    assert_eq!(host.open("other", &wrapped_tenant).err(), Some(OpenError));
    let (stranger, _) = tenant.data_key("acme/run-1");
    assert_eq!(stranger.open("acme/run-1/result", sealed), Err(OpenError));
}

#[test]
fn a_commitment_names_a_content_under_one_key_at_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let (tenant, _) = HostKey::create(folder.path()).unwrap().tenant_key("acme");
    let (data, wrapped) = tenant.data_key("acme/run-1");
    let name = data.commitment("acme/run-1", &[7; 32]);
    let again = tenant.open("acme/run-1", &wrapped).unwrap();
    assert_eq!(again.commitment("acme/run-1", &[7; 32]), name);

    let (stranger, _) = tenant.data_key("acme/run-1");
    for other in [
        data.commitment("acme/run-1", &[8; 32]),
        data.commitment("acme/run-2", &[7; 32]),
        stranger.commitment("acme/run-1", &[7; 32]),
        [7; 32],
    ] {
        assert_ne!(other, name);
    }
}

#[test]
fn every_changed_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (tenant, _) = HostKey::create(folder.path()).unwrap().tenant_key("acme");
    let (data, _) = tenant.data_key("acme/run-1");
    let sealed = data.seal("place", b"payload").into_bytes();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        *changed.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
        assert_eq!(data.open("place", Sealed::stored(changed)), Err(OpenError), "bit {bit}");
    }
    for size in 0..sealed.len() {
        let short = sealed.get(..size).unwrap().to_vec();
        assert_eq!(data.open("place", Sealed::stored(short)), Err(OpenError), "size {size}");
    }
}

#[test]
fn a_host_key_that_cannot_be_used_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HostKey::FILE);
    let told = || {
        let error = HostKey::load(folder.path()).err().unwrap();
        error.to_string().replace(path.to_str().unwrap(), "host.key")
    };
    insta::assert_snapshot!(told(), @"the host's key is missing: put it back at host.key, without it nothing in the data folder can be read");
    std::fs::write(&path, "not a key").unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    insta::assert_snapshot!(told(), @"host.key can be read by others: set its mode to 0600");
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    insta::assert_snapshot!(told(), @"host.key is not a host key: it must be one line of 64 hexadecimal digits");
    let exists = HostKey::create(folder.path()).err().unwrap().to_string();
    insta::assert_snapshot!(exists.replace(path.to_str().unwrap(), "host.key"), @"host.key exists already: a new key would make the data folder unreadable");
}
