// A real OpenID provider (oidc-provider) on a free port. It says its issuer in one line of JSON;
// each line of JSON that it reads is its one client from then on, with nobody logged in.
// Anybody may log in under any name: the tests are about the relying party.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const say = (what) => console.log(JSON.stringify(what));
const jwk = (kid, alg, ...kind) => ({
  ...generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig',
});
const keys = [
  jwk('of-rsa', 'RS256', 'rsa', { modulusLength: 2048 }),
  jwk('of-ec', 'ES256', 'ec', { namedCurve: 'P-256' }),
];

function configured(issuer, client) {
  const provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys },
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: ['for tests only'] },
    // The provider keeps off addresses of this machine; the office under test has one.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });
  provider.on('backchannel.error', (_, error) => console.error(`logout: ${error.message}`));
  provider.on('server_error', (_, error) => console.error(`error: ${error.stack}`));
  return provider;
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  createInterface({ input: process.stdin }).on('line', (line) => {
    server.removeAllListeners('request');
    server.on('request', configured(issuer, JSON.parse(line)).callback());
    say({ ready: true });
  });
  say({ issuer });
});
