// The certified OpenID provider by which the tests sign in, set as ProConnect is: codes and tokens of a minute, signed userinfo,
// `acr`, `siret`. It prints the port on which it answers. What is posted to /test makes it anew: keys, people, levels; what it
// knew of sessions stays.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const CLAIMS = ['given_name', 'usual_name', 'email', 'siret'];
const ALGORITHMS = ['RS256', 'ES256', 'HS256'];
const cookieKeys = ['tests'];
let told = {};
let provider;
let handle;
let made = 0;

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer());
  if (url.pathname === '/test') {
    told = { ...told, ...JSON.parse(await body(request)) };
    make();
    response.end('{}');
  } else if (url.pathname.startsWith('/interaction/')) {
    await interact(request, response);
  } else {
    handle(request, response);
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

process.stdin.resume().on('end', () => process.exit());

function issuer() {
  // Not as Pli is called: to a browser, another site.
  return `http://localhost:${server.address().port}`;
}

async function body(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

function keys() {
  made += 1;
  const key = (type, options, alg) => {
    const { privateKey } = generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${made}` };
  };
  return [key('rsa', { modulusLength: 2048 }, 'RS256'), key('ec', { namedCurve: 'P-256' }, 'ES256')];
}

// Those whom it knows: `{ sub: { given_name, usual_name, email, siret } }`.
function account(sub) {
  return { accountId: sub, claims: () => ({ sub, ...told.people[sub] }) };
}

function make() {
  const policy = interactionPolicy.base();
  // It says at which level someone was identified, as ProConnect does, even when more was asked.
  policy.get('login').checks.remove('essential_acrs');
  provider = new Provider(issuer(), {
    clients: [{
      client_id: told.client_id,
      client_secret: told.client_secret,
      redirect_uris: [`${told.public_url}/connexion/proconnect/retour`],
      post_logout_redirect_uris: [`${told.public_url}/connexion`],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: told.alg,
      userinfo_signed_response_alg: told.alg,
    }],
    jwks: { keys: keys() },
    cookies: { keys: cookieKeys },
    claims: { openid: ['sub'], acr: null, sid: null, auth_time: null, iss: null, ...Object.fromEntries(CLAIMS.map((claim) => [claim, [claim]])) },
    scopes: ['openid', ...CLAIMS],
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS, userinfoSigningAlgValues: ALGORITHMS },
    acrValues: ['eidas0', 'eidas1', 'eidas2'],
    pkce: { required: () => true },
    ttl: { AuthorizationCode: 30, IdToken: 60, AccessToken: 60, Session: 43200, Interaction: 600, Grant: 600 },
    interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = page('Déconnexion du fournisseur', `${form}<button form="op.logoutForm" name="logout" value="yes">Confirmer</button>`); } },
    },
    findAccount: (_, sub) => (told.people[sub] ? account(sub) : undefined),
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(['openid', ...CLAIMS].join(' '));
      grant.addOIDCClaims(['acr', ...CLAIMS]);
      await grant.save();
      return grant;
    },
  });
  handle = provider.callback();
}

function page(title, content) {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1>${content}</main></body></html>`;
}

async function interact(request, response) {
  if (request.method === 'POST') {
    const form = new URLSearchParams(await body(request));
    const result = form.has('refuse')
      ? { error: 'access_denied', error_description: 'refus' }
      : { login: { accountId: form.get('sub'), acr: told.level, amr: ['pwd'] } };
    await provider.interactionFinished(request, response, result);
    return;
  }
  const names = Object.keys(told.people).map((sub) => `<button name="sub" value="${sub}">${sub}</button>`);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page('Fournisseur', `<form method="post">${names.join('')}<button name="refuse" value="1">Refuser</button></form>`));
}
