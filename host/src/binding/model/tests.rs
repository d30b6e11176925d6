//! Configurations of model bindings, good and bad.

use tempfile::TempDir;

use crate::binding::Outside;
use crate::config::Config;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("key", "canary-credential-4711\n"),
        ("short", "seven77"),
        ("script.toml", "[[answers]]\ntext = 'Hello.'\n"),
        ("typo.toml", "[[answer]]\ntext = 'Hello.'\n"),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// What the binding is, or why it cannot be.
fn opened(folder: &TempDir, text: &str) -> String {
    let path = folder.path().to_str().unwrap();
    let text = format!("[tenants.default.model.default]\n{}", text.replace("DIR", path));
    let config: Config = match toml::from_str(&text) {
        Ok(config) => config,
        Err(error) => return format!("unreadable: {}", error.message()),
    };
    let outside = match Outside::open(&config.tenants, &[7; 32]) {
        Ok(outside) => outside,
        Err(error) => return error.to_string().replace(path, "DIR"),
    };
    let binding = gate::Binding {
        kind: "model".to_owned(),
        name: "default".to_owned(),
    };
    let bound = outside.bindings.find("default", &binding).unwrap();
    format!("{:?} {:?} {:?}", bound.rules, bound.timeout, bound.retry)
}

const KEY: &str = "credential = { api-key = { file = \"DIR/key\" } }";

#[test]
fn every_provider_can_be_configured() {
    let folder = folder();
    let backends = [
        format!("name = \"openai\"\nprovider = {{ kind = \"openai\", geo = \"eu\" }}\nmodel = \"gpt-6.1-sol\"\n{KEY}"),
        format!("name = \"azure\"\nprovider = {{ kind = \"azure\", resource = \"acme\" }}\nmodel = \"ours\"\n{KEY}"),
        format!("name = \"bedrock\"\nprovider = {{ kind = \"bedrock\", region = \"eu-central-1\" }}\nmodel = \"eu.anthropic.claude-opus-5-5\"\n{KEY}"),
        format!("name = \"vertex\"\nprovider = {{ kind = \"vertex\", project = \"p\", location = \"eu\" }}\nmodel = \"gemini-3.8-flash\"\n{KEY}"),
        format!("name = \"anthropic\"\nprovider = {{ kind = \"anthropic\" }}\nmodel = \"claude-opus-5-5\"\nsnapshot = {{ model = \"claude-opus-5-5-20260901\", otherwise = \"warn\" }}\n{KEY}"),
        format!("name = \"claude-aws\"\nprovider = {{ kind = \"claude-aws\", region = \"us-west-2\", workspace = \"w\" }}\nmodel = \"claude-opus-5-5\"\n{KEY}"),
        format!("name = \"oracle\"\nprovider = {{ kind = \"oracle\", region = \"eu-frankfurt-1\" }}\nmodel = \"openai.gpt-oss-120b\"\n{KEY}"),
        "name = \"local\"\nprovider = { kind = \"compatible\", url = \"http://127.0.0.1:11434/v1\" }\nmodel = \"llama\"\nplain-http = true\nprivate-networks = [\"127.0.0.1/32\"]\nstream = false\nweight = 3\ncan = { images = false }\nprice = { input = \"0.10\", output = \"0.10\", cache-read = \"0\" }".to_owned(),
        "name = \"signed\"\nprovider = { kind = \"bedrock\", region = \"eu-central-1\" }\nmodel = \"eu.amazon.nova-pro-v1:0\"\ncredential = { aws = { id = \"AKIAEXAMPLE\", secret = { file = \"DIR/key\" } } }".to_owned(),
        "name = \"chain\"\nprovider = { kind = \"bedrock\", region = \"eu-central-1\", mantle = true }\nmodel = \"openai.gpt-6.1-sol\"\ncredential = { aws = { profile = \"models\", api-key = true, token-hosts = [\"http://169.254.169.254\"] } }".to_owned(),
        "name = \"entra\"\nprovider = { kind = \"azure\", resource = \"acme\" }\nmodel = \"ours\"\ncredential = { entra = { tenant = \"t\", client = \"c\", secret = { file = \"DIR/key\" } } }".to_owned(),
        "name = \"pod\"\nprovider = { kind = \"azure\", resource = \"acme\" }\nmodel = \"ours\"\ncredential = { entra = {} }".to_owned(),
        "name = \"script\"\nprovider = { kind = \"recorded\", file = \"DIR/script.toml\" }".to_owned(),
    ];
    let all = backends
        .map(|backend| format!("[[tenants.default.model.default.backends]]\n{backend}\n"))
        .concat();
    let text = format!(
        "order = \"cheapest\"\ntimeout = \"5m\"\nsendings = 1\nlongest-pause = \"1s\"\nprovisional = false\n{all}"
    );
    insta::assert_snapshot!(opened(&folder, &text), @"Model(ModelRules { provisional: false }) 301s Retry { sendings: 1, pause: 200ms, longest: 1s }");
}

#[test]
fn a_script_answers_from_wherever_it_must() {
    let text = "residency = \"eu\"\nin-region = true\n[[tenants.default.model.default.backends]]\nname = \"script\"\n\
                provider = { kind = \"recorded\", file = \"DIR/script.toml\" }\n";
    let opened = opened(&folder(), text);
    assert!(opened.starts_with("Model("), "{opened}");
}

#[test]
fn what_cannot_hold_says_what_to_change() {
    let folder = folder();
    let one = |backend: &str| format!("[[tenants.default.model.default.backends]]\nname = \"a\"\n{backend}\n");
    let openai = "provider = { kind = \"openai\" }\nmodel = \"gpt-6.1-sol\"";
    let mut shown = Vec::new();
    for text in [
        "backends = []".to_owned(),
        format!("{}{}", one(openai), one(openai)),
        format!("timeout = \"1ms\"\n{}", one(openai)),
        format!("residency = \"eu\"\n{}", one(openai)),
        format!(
            "residency = \"eu\"\nin-region = true\n{}",
            one("provider = { kind = \"openai\", geo = \"eu\" }\nmodel = \"m\"")
        ),
        format!("order = \"best\"\n{}", one(openai)),
        one("provider = { kind = \"openai\", geo = \"moon\" }\nmodel = \"m\""),
        one("provider = { kind = \"openai\" }\nmodel = \"m\"\nformat = \"messages\""),
        one(&format!(
            "{openai}\ncredential = {{ api-key = {{ file = \"DIR/none\" }} }}"
        )),
        one(&format!(
            "{openai}\ncredential = {{ api-key = {{ file = \"DIR/short\" }} }}"
        )),
        one("provider = { kind = \"compatible\", url = \"http://127.0.0.1:1/v1\" }\nmodel = \"m\""),
        one("provider = { kind = \"recorded\", file = \"DIR/none.toml\" }"),
        one("provider = { kind = \"recorded\", file = \"DIR/typo.toml\" }"),
        one("provider = { kind = \"telepathy\" }"),
        one(
            "provider = { kind = \"bedrock\", region = \"eu-central-1\" }\nmodel = \"m\"\nsnapshot = { model = \"m\" }",
        ),
        one(&format!("{openai}\nprice = {{ input = 2.5 }}")),
        one(&format!("{openai}\nprice = {{ input = \"2,50\" }}")),
        one(&format!("{openai}\nprice = {{ output = \"10\" }}")),
        one(&format!("{openai}\nprice = {{ input = \"1\", read = \"1\" }}")),
        one("provider = { kind = \"recorded\", file = \"DIR/script.toml\" }\nprice = { input = \"1\" }"),
        one(&format!("{openai}\ncredential = {{ aws = {{}} }}")),
        one(&format!("{openai}\ncredential = {{ google = {{}} }}")),
        one(
            "provider = { kind = \"bedrock\", region = \"eu-central-1\" }\nmodel = \"m\"\ncredential = { aws = { id = \"a\" } }",
        ),
        one(
            "provider = { kind = \"vertex\", project = \"p\", location = \"eu\" }\nmodel = \"m\"\ncredential = { google = { key = { file = \"DIR/key\" } } }",
        ),
        one(
            "provider = { kind = \"azure\", resource = \"a\" }\nmodel = \"m\"\ncredential = { entra = { secret = { file = \"DIR/key\" } } }",
        ),
        one(
            "provider = { kind = \"oracle\", region = \"r\" }\nmodel = \"m\"\ncredential = { oracle = { tenancy = \"t\", user = \"u\", fingerprint = \"f\", key = { file = \"DIR/key\" } } }",
        ),
    ] {
        shown.push(opened(&folder, &text));
    }
    insta::assert_snapshot!(shown.join("\n"));
}
