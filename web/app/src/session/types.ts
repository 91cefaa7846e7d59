/** What the server tells somebody of themselves: GET /me. */
export interface Me {
  subject: string
  login: string
  name: string
  org?: { id: string; name: string; path: string; region?: string }
  post?: string
  roles: Held[]
  actions: string[]
  /** Codes of the roles that one may give. */
  gives: string[]
  /** The city's name, and its time zone (an IANA name). */
  city?: string
  zone?: string
  scope: Reach[]
  /** What must be done before anything else is served. */
  next: Step
  factors?: Factors
  session?: { id?: string; since: string; until: string }
}

/** `done`, or what is still asked for: a code, a new password, a second factor. */
export type Step = 'done' | 'totp' | 'password' | 'enrol'

/** A subtree of the regions or of the organisations; without code, all of it. */
export interface Node {
  axis: 'region' | 'org'
  code: string
  name?: string
}

export interface Held {
  code: string
  zh: string
  en: string
  on: Node
  until?: string
}

export interface Reach extends Node {
  layers?: string[] | null
  grade?: number
}

export interface Factors {
  totp: boolean
  passkeys: Passkey[] | null
  recovery?: number
  needed?: boolean
}

export interface Passkey {
  id: string
  name: string
  added: string
  used?: string
}

export interface Session {
  id: string
  from: string
  agent: string
  since: string
  seen?: string
  until: string
  strong?: boolean
}

/** A TOTP secret that waits for its first code. */
export interface Enrolment {
  secret: string
  uri: string
  qr_svg: string
}

/** A second factor newly set up; codes to be shown once, when there were none before. */
export interface Enrolled {
  recovery?: string[] | null
}
