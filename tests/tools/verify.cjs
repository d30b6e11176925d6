// Verifies a Sigstore bundle with a public key in PEM: node verify.cjs BUNDLE KEY. The modules are found by NODE_PATH.
const { createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const [bundlePath, keyPath] = process.argv.slice(2);
const bundle = JSON.parse(readFileSync(bundlePath, "utf8"));
const rawBytes = createPublicKey(readFileSync(keyPath)).export({ type: "spki", format: "der" });
const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const hint = bundle.verificationMaterial.publicKey.hint;
const trusted = toTrustMaterial(nobody, { [hint]: { rawBytes } });
const thresholds = { tlogThreshold: 0, timestampThreshold: 0, ctlogThreshold: 0 };
new Verifier(trusted, thresholds).verify(toSignedEntity(bundleFromJSON(bundle)));
