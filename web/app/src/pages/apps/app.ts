/** An application 应用 of the city's sign-in. */
export interface App {
  id: string
  zh: string
  en: string
  org: string
  org_name: string
  region?: string
  contact: string
  kind: string
  redirects: string[] | null
  post_logout_redirects: string[] | null
  scopes: string[] | null
  grants: string[] | null
  state: string
  secrets: { made: string; until?: string }[] | null
  test?: { at: string; by: string }
  version: number
}

export const kinds = ['web', 'spa', 'native', 'service'] as const
/** What one of a kind may ask for. */
export const scopesOf = (kind: string) => (kind === 'service' ? ['city'] : ['openid', 'profile', 'offline_access', 'city'])
/** How it comes by its tokens, which follows from what it asks for. */
export function grantsOf(kind: string, scopes: readonly string[]): string[] {
  if (kind === 'service') return ['client_credentials']
  return scopes.includes('offline_access') ? ['authorization_code', 'refresh_token'] : ['authorization_code']
}
/** What can be asked for with a secret: a page and a program in the hand cannot keep one. */
export const hasSecret = (kind: string) => kind === 'web' || kind === 'service'
/** Whether it signs people in, and so must say where they come back to. */
export const hasRedirects = (kind: string) => kind !== 'service'

/** The lines of a text, without empty ones. */
export function lines(text: string): string[] {
  return text.split('\n').map((l) => l.trim()).filter((l) => l !== '')
}
