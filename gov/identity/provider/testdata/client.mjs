// A whole life of one sign-in with openid-client: discovery, code + PKCE, id
// token, userinfo, two renewals, reuse, introspection and revocation.
// Arguments: the module, issuer, client id, secret, how to show it, redirect.
import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'

const [module, issuer, id, secret, auth, redirect] = process.argv.slice(2)
const client = await import(pathToFileURL(module))

const shown = { basic: () => client.ClientSecretBasic(secret), post: () => client.ClientSecretPost(secret), none: () => client.None() }[auth]()
const config = await client.discovery(new URL(issuer), id, { id_token_signed_response_alg: 'ES256' }, shown, {
  execute: [client.allowInsecureRequests], // loopback
})
client.enableNonRepudiationChecks(config) // the id token's signature too, by the key set

// browse follows the way of a browser until it is led to the application.
async function browse(url) {
  for (let step = 0; step < 5; step++) {
    if (url.href.startsWith(redirect)) return url
    const answer = await fetch(url, { redirect: 'manual' })
    assert.ok(answer.status >= 300 && answer.status < 400, `${url} answers ${answer.status} ${await answer.text()}`)
    url = new URL(answer.headers.get('location'), url)
  }
  assert.fail('led in a circle')
}

async function signIn() {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const to = await browse(client.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: 'openid profile offline_access city', state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }))
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600, idTokenExpected: true }
  return { to, checks, tokens: await client.authorizationCodeGrant(config, to, checks) }
}

const refused = (promise, error) => assert.rejects(promise, (e) => e.error === error || assert.fail(`${e} (${e.error}), want ${error}`))

const first = await signIn()
const claims = first.tokens.claims()
const info = await client.fetchUserInfo(config, first.tokens.access_token, claims.sub)
assert.equal(info.preferred_username, 'city.officer')
assert.ok(info.org_path && info.region)
console.log('signed in', claims.sub)

const second = await client.refreshTokenGrant(config, first.tokens.refresh_token)
assert.notEqual(second.refresh_token, first.tokens.refresh_token)
assert.equal(second.claims().sub, claims.sub)
const third = await client.refreshTokenGrant(config, second.refresh_token)
await client.fetchUserInfo(config, third.access_token, claims.sub)

// A refresh token that comes twice ends the family.
await refused(client.refreshTokenGrant(config, first.tokens.refresh_token), 'invalid_grant')
await refused(client.refreshTokenGrant(config, third.refresh_token), 'invalid_grant')
await assert.rejects(client.fetchUserInfo(config, third.access_token, claims.sub))

// As does a code.
const again = await signIn()
await refused(client.authorizationCodeGrant(config, again.to, again.checks), 'invalid_grant')
await refused(client.refreshTokenGrant(config, again.tokens.refresh_token), 'invalid_grant')

// Revocation, seen by introspection where the client can prove itself.
const last = await signIn()
if (auth === 'basic') assert.equal((await client.tokenIntrospection(config, last.tokens.access_token)).active, true)
await client.tokenRevocation(config, last.tokens.refresh_token)
if (auth === 'basic') assert.equal((await client.tokenIntrospection(config, last.tokens.access_token)).active, false)
await refused(client.refreshTokenGrant(config, last.tokens.refresh_token), 'invalid_grant')
console.log('all refused')
