//! Approved skills without a server: signed by a publisher of the test's own, and read back from a shelf.

use std::fs;

use jiff::Timestamp;
use registry::component::embed;
use registry::ledger::{Entry, Grants, Recorded, Scope, State};
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Approved, Declaration, Error, Package, Shelf, SkillFile, SkillName, Tenant};
use tempfile::TempDir;

/// Someone who signs whatever a test asks for, and an administrator who accepts it.
pub(crate) struct Authority {
    key: SigningKey,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self {
            key: SigningKey::generate().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The component as `guests/NAME`, approved for tenant `default` with these grants.
    ///
    /// # Errors
    /// What the registry has against it.
    pub(crate) fn approve(&self, name: &str, component: &[u8], wit: &str, grants: Grants) -> Result<Approved, Error> {
        let manifest = format!(
            "[skill]\nname = \"guests/{name}\"\nversion = \"1.0.0\"\nsummary = \"Misbehaves.\"\nlicense = \"Apache-2.0\"\n"
        );
        let words = SkillFile {
            path: "SKILL.md".to_owned(),
            content: format!("---\nname: {name}\ndescription: Misbehaves.\n---\n").into(),
        };
        let component = embed(component, &manifest, wit, &[words])?;
        let declaration = Declaration::read(&component)?;
        let package = Package::new(component, &declaration)?;
        let skill: SkillName = format!("guests/{name}").parse()?;
        self.shelve(&package, &skill);

        let mut state = self.trust();
        let pulled = Shelf::open(self.folder.path())?.get(&package.digest(), skill)?;
        let verified = pulled.verify(&state, Timestamp::now())?;
        let tenant: Tenant = "default".parse()?;
        let entry = verified.approve(grants, "a test".to_owned())?;
        state.apply(&recorded(9, Scope::Tenant(tenant.clone()), entry));
        verified.approved(&state, &tenant)
    }

    /// Writes what `publish` and a pull would leave on the host's disk.
    fn shelve(&self, package: &Package, skill: &SkillName) {
        let version = "1.0.0".parse().unwrap();
        let claim = Claim::new(
            "tester".parse().unwrap(),
            skill.clone(),
            version,
            package.digest(),
            Timestamp::now(),
        );
        let bundle = Statement::of_skill(&claim).sign(&self.key);
        let place = self.folder.path().join("sha256").join(package.digest().hex());
        fs::create_dir_all(place.join("bundles")).unwrap();
        fs::write(place.join("manifest.json"), package.manifest()).unwrap();
        fs::write(place.join("component.wasm"), package.component()).unwrap();
        let name = registry::Digest::of(&bundle).hex();
        fs::write(place.join("bundles").join(format!("{name}.json")), bundle).unwrap();
    }

    fn trust(&self) -> State {
        let public = self.key.public();
        let added = Entry::PublisherAdded {
            publisher: "tester".parse().unwrap(),
            namespaces: vec!["guests".parse().unwrap()],
        };
        let key = Entry::KeyAdded {
            publisher: "tester".parse().unwrap(),
            key: public.id(),
            public_key: public.to_pem().unwrap(),
        };
        State::fold(&[recorded(1, Scope::Host, added), recorded(2, Scope::Host, key)])
    }
}

fn recorded(seq: u64, scope: Scope, entry: Entry) -> Recorded {
    Recorded {
        seq,
        scope,
        at: Timestamp::now(),
        by: "test".to_owned(),
        entry,
    }
}
