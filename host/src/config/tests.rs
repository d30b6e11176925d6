//! Configuration files, good and bad.

use std::path::Path;

use super::Config;
use crate::run::limits::RunLimits;

fn refused(text: &str) -> String {
    format!("{:#}", Config::parse(text).unwrap_err())
}

#[test]
fn an_empty_file_is_a_good_file() {
    let config = Config::parse("").unwrap();
    assert_eq!(config.runs.concurrent, None);
    assert!(config.registries.is_empty());
}

#[test]
fn what_is_not_known_is_refused() {
    insta::assert_snapshot!(refused("lisen = \"127.0.0.1:1\""), @r#"
    TOML parse error at line 1, column 1
      |
    1 | lisen = "127.0.0.1:1"
      | ^^^^^
    unknown field `lisen`, expected one of `listen`, `ceiling`, `runs`, `registry`, `trust-policy`, `registries`, `docker`, `proxy`, `prices`, `tenants`
    "#);
}

#[test]
fn a_secret_is_never_inline() {
    insta::assert_snapshot!(refused("[registries.\"r.example\"]\nusername = \"u\"\npassword = \"p\""), @r#"
    TOML parse error at line 3, column 12
      |
    3 | password = "p"
      |            ^^^
    invalid type: string "p", expected a secret's place: { file = "..." } or { env = "..." }
    "#);
}

#[test]
fn a_secret_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "s3cret\n").unwrap();
    let text = format!("[registries.\"r.example\"]\nusername = \"u\"\npassword = {{ file = {file:?} }}");
    let config = Config::parse(&text).unwrap();
    let registry = config.registries.get("r.example").unwrap();
    assert_eq!(registry.password.as_ref().unwrap().read().unwrap(), "s3cret");
}

#[test]
fn a_secret_has_one_place() {
    let text = "[registries.\"r.example\"]\nusername = \"u\"\npassword = { file = \"a\", env = \"B\" }";
    let config = Config::parse(text).unwrap();
    let registry = config.registries.get("r.example").unwrap();
    let error = registry.password.as_ref().unwrap().read().unwrap_err();
    insta::assert_snapshot!(error, @r#"a secret is written as { file = "..." } or as { env = "..." }"#);
}

#[test]
fn a_ceiling_only_lowers() {
    let (data, keys) = (Path::new("data"), Path::new("keys"));
    let ceiling = |text| Config::parse(text).unwrap().settings(data, keys, None).unwrap().ceiling;
    let own = RunLimits::ceiling();
    assert_eq!(ceiling(""), own);
    let lower = ceiling("[ceiling]\nmemory-mib = 32\ndeadline-ms = 4000000000");
    assert_eq!((lower.memory, lower.deadline), (32 << 20, own.deadline));
}

/// The operator's own prices are read when the configuration is.
#[test]
fn an_own_price_list_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let list = |input: &str| {
        let rates = format!("{{\"rates\": {{\"input\": {input}}}}}");
        let entry = format!("{{\"names\": [\"llama\"], \"source\": \"power\", \"terms\": [{rates}]}}");
        format!("{{\"date\": \"2026-11-30\", \"backends\": {{\"compatible\": [{entry}]}}}}")
    };
    for (name, content) in [
        ("good", list("\"0.1\"")),
        ("bad", list("0.1")),
        ("other", list("\"1\"").replace("compatible", "ollama")),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let settings = |name: &str| {
        let file = folder.path().join(name);
        let config = Config::parse(&format!("[prices]\nfile = {file:?}")).unwrap();
        config.settings(Path::new("data"), Path::new("keys"), None)
    };
    let version = settings("good").unwrap().prices.unwrap().version().to_owned();
    assert!(version.starts_with("operator-2026-11-30-"), "{version}");
    let told = ["none", "bad", "other"].map(|name| {
        let error = format!("{:#}", settings(name).unwrap_err());
        error.replace(folder.path().to_str().unwrap(), "DIR")
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    prices.file: cannot read DIR/none: No such file or directory (os error 2)
    prices.file: DIR/bad cannot be used: the price list cannot be read: invalid type: floating point `0.1`, expected a price between quotes, such as "0.125" at line 1 column 124
    prices.file: DIR/other cannot be used: the price list has the backend `ollama`, which is none; write one of openai, azure, bedrock, bedrock-mantle, vertex, anthropic, claude-aws, oci, compatible
    "#);
}

#[test]
fn a_namespace_is_given_its_room() {
    let text = "[registry]\nnamespace-mib = 2\nnamespace-manifests = 3";
    let settings = Config::parse(text)
        .unwrap()
        .settings(Path::new("data"), Path::new("keys"), None)
        .unwrap();
    let room = (settings.registry.namespace_bytes, settings.registry.namespace_manifests);
    assert_eq!(room, (2 << 20, 3));
}

/// A registry with everything that can be said of one, and the way to it.
#[test]
fn a_registry_outside_is_described() {
    let text = include_str!("tests/registries.toml");
    let settings = Config::parse(text).unwrap().registries().unwrap();
    assert_eq!(settings.authorities.len(), 1);
    assert!(settings.proxy.is_some());
    let told = (
        settings.mirrors,
        settings.plain_http,
        settings.token_hosts,
        settings.docker,
    );
    insta::assert_debug_snapshot!(told, @r#"
    (
        [
            Mirror {
                registry: "ghcr.io",
                place: "mirror.corp:5000/ghcr",
            },
            Mirror {
                registry: "registry.corp:5000",
                place: "mirror.corp:5000/first",
            },
            Mirror {
                registry: "registry.corp:5000",
                place: "mirror.corp:5000/second",
            },
        ],
        [
            "registry.corp:5000",
        ],
        [
            TokenHost {
                registry: "ghcr.io",
                host: "token.corp",
            },
        ],
        Some(
            DockerCredentials {
                file: "/etc/skillhost/docker.json",
                helpers: Some(
                    "/usr/libexec/skillhost",
                ),
            },
        ),
    )
    "#);
}

#[test]
fn a_registry_that_cannot_be_reached_as_described_is_refused() {
    let told = |text: &str| format!("{:#}\n", Config::parse(text).unwrap().registries().unwrap_err());
    let mut all = told("[registries.\"r.example\"]\nca = \"absent.pem\"");
    all += &told("[registries.\"r.example\"]\nca = \"src/config/tests/registries.toml\"");
    all += &told("[registries.\"r.example\"]\nmirrors = [\"https://mirror.example\"]");
    all += &told("[proxy]\nurl = \"socks5://127.0.0.1:1080\"");
    all += &told("[proxy]\nurl = \"http://proxy.example:3128\"\nusername = \"u\"");
    insta::assert_snapshot!(all, @r#"
    registries."r.example" cannot be used: cannot read absent.pem: No such file or directory (os error 2)
    registries."r.example" cannot be used: The settings of registries cannot be used: the certificates for `r.example` are no PEM, or none.
    registries."r.example" cannot be used: a mirror is `host[:port][/path]`: `https://mirror.example/namespace/name` is not a reference (invalid reference format): write `host[:port]/namespace/name[:tag][@sha256:digest]`.
    the proxy cannot be used: The settings of registries cannot be used: a proxy is written `http://host:port`, its user and password apart.
    the proxy cannot be used: a username and a password come together
    "#);
}
