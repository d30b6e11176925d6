// A real OpenID provider on loopback. usage: node server.mjs KEY.pem
// It prints its port, and offers /resource, which says whose token it was shown, and DELETE /resource, which forgets the token.
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const key = createPublicKey(createPrivateKey(readFileSync(process.argv[2]))).export({ format: "jwk" });
const client = (client_id, token_endpoint_auth_method, more) => ({
  client_id,
  token_endpoint_auth_method,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  ...more,
});
const clients = [
  // Both halves need the form encoding that comes before base64.
  client("basic:client/1", "client_secret_basic", { client_secret: "canary+s3cret %:&=1" }),
  client("post", "client_secret_post", { client_secret: "canary+s3cret %:&=2", scope: "read" }),
  client("signs", "private_key_jwt", {
    token_endpoint_auth_signing_alg: "RS256",
    jwks: { keys: [{ ...key, use: "sig", alg: "RS256", kid: "first" }] },
  }),
];

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients,
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    scopes: ["read", "write"],
    ttl: { ClientCredentials: 600 },
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
  console.log(port);
});
// It ends with whoever started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit());
