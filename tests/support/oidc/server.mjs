// A real OpenID provider on loopback. usage: node server.mjs KEY.pem CERTIFICATE.pem CERTIFICATE-KEY.pem
// It offers /resource, which says whose token it was shown, and DELETE /resource, which forgets the token; once as itself,
// and once, over TLS, as the directory contoso.example of Entra ID. It prints the addresses of both, and what a pod would show
// the latter.
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { SignJWT } from "jose";
import { Provider } from "oidc-provider";

const [pem, cert, certKey] = process.argv.slice(2).map((file) => readFileSync(file));
const key = createPrivateKey(pem);
const jwks = { keys: [{ ...createPublicKey(key).export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "first" }] };
const scope = "https://cognitiveservices.azure.com/.default";

const client = (client_id, token_endpoint_auth_method, more) => ({
  client_id,
  token_endpoint_auth_method,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  ...more,
});
const signs = { token_endpoint_auth_signing_alg: "RS256", jwks };

const itself = {
  clients: [
    // Both halves need the form encoding that comes before base64.
    client("basic:client/1", "client_secret_basic", { client_secret: "canary+s3cret %:&=1" }),
    client("post", "client_secret_post", { client_secret: "canary+s3cret %:&=2", scope: "read" }),
    client("signs", "private_key_jwt", signs),
  ],
  scopes: ["read", "write"],
};

const directory = {
  clients: [
    client("application", "client_secret_post", { client_secret: "canary+s3cret %:&=3", scope }),
    client("workload", "private_key_jwt", { ...signs, scope }),
  ],
  routes: { token: "/contoso.example/oauth2/v2.0/token" },
  scopes: [scope, "https://graph.microsoft.com/.default"],
};

function serve(server, issuer, settings) {
  const provider = new Provider(issuer, {
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    ttl: { ClientCredentials: 600 },
    ...settings,
  });
  provider.use(async (context, next) => {
    if (context.path !== "/resource") return next();
    const shown = /^Bearer (.+)$/.exec(context.headers.authorization ?? "");
    const token = shown && (await provider.ClientCredentials.find(shown[1]));
    if (!token) {
      context.status = 401;
      return;
    }
    if (context.method === "DELETE") await token.destroy();
    context.body = `${token.clientId} ${token.scope ?? ""}`;
  });
  server.on("request", provider.callback());
}

const listening = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

const plain = createServer();
const url = `http://127.0.0.1:${await listening(plain)}`;
serve(plain, url, itself);
const secure = createSecureServer({ cert, key: certKey });
const entra = `https://127.0.0.1:${await listening(secure)}`;
serve(secure, entra, directory);
console.log(url);
console.log(entra);
const assertion = new SignJWT()
  .setProtectedHeader({ alg: "RS256", kid: "first" })
  .setIssuer("workload")
  .setSubject("workload")
  .setAudience(entra)
  .setJti("pod")
  .setIssuedAt()
  .setExpirationTime("10m");
console.log(await assertion.sign(key));
// It ends with whoever started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit());
