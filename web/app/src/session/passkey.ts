import { fromBase64url, toBase64url } from './base64url'

/** What the server sends (WebAuthn Level 3, section 5.1.8), with binary as base64url. */
interface CreationJSON {
  publicKey: Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> & {
    challenge: string
    user: Omit<PublicKeyCredentialUserEntity, 'id'> & { id: string }
    excludeCredentials?: DescriptorJSON[]
  }
}
interface RequestJSON {
  publicKey: Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> & {
    challenge: string
    allowCredentials?: DescriptorJSON[]
  }
}
type DescriptorJSON = Omit<PublicKeyCredentialDescriptor, 'id'> & { id: string }

export type { CreationJSON, RequestJSON }

/**
 * Whether this browser can do it here: only on a page that came over TLS, or
 * from this machine, and by a name: a passkey belongs to a name, not to a number.
 */
export function havePasskeys(host = location.hostname): boolean {
  return typeof PublicKeyCredential !== 'undefined' && window.isSecureContext && !/^(\d+\.){3}\d+$|^\[/.test(host)
}

const descriptors = (list: DescriptorJSON[] | undefined) => (list ?? []).map((d) => ({ ...d, id: fromBase64url(d.id) }))

/** Asks the person for a new passkey; the answer is what the server wants to be sent. */
export async function createPasskey({ publicKey }: CreationJSON): Promise<unknown> {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: fromBase64url(publicKey.challenge),
      user: { ...publicKey.user, id: fromBase64url(publicKey.user.id) },
      excludeCredentials: descriptors(publicKey.excludeCredentials),
    },
  }) as PublicKeyCredential | null
  if (!made) throw new DOMException('no passkey was made', 'NotAllowedError')
  const response = made.response as AuthenticatorAttestationResponse
  return credential(made, {
    clientDataJSON: toBase64url(response.clientDataJSON),
    attestationObject: toBase64url(response.attestationObject),
    transports: response.getTransports(),
  })
}

/** Asks the person to show a passkey. */
export async function showPasskey({ publicKey }: RequestJSON): Promise<unknown> {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: fromBase64url(publicKey.challenge),
      allowCredentials: descriptors(publicKey.allowCredentials),
    },
  }) as PublicKeyCredential | null
  if (!shown) throw new DOMException('no passkey was shown', 'NotAllowedError')
  const response = shown.response as AuthenticatorAssertionResponse
  return credential(shown, {
    clientDataJSON: toBase64url(response.clientDataJSON),
    authenticatorData: toBase64url(response.authenticatorData),
    signature: toBase64url(response.signature),
    ...(response.userHandle ? { userHandle: toBase64url(response.userHandle) } : {}),
  })
}

function credential(c: PublicKeyCredential, response: object): unknown {
  return {
    id: c.id,
    rawId: toBase64url(c.rawId),
    type: c.type,
    ...(c.authenticatorAttachment ? { authenticatorAttachment: c.authenticatorAttachment } : {}),
    clientExtensionResults: c.getClientExtensionResults(),
    response,
  }
}

/** Whether an error only says that the person did not want to, or took too long. */
export function unwilling(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')
}
