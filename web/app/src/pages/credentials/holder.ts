/** A device or unit, and whether it has a password. */
export interface Holder {
  id: string
  name?: string
  type?: string
  kind?: string
  region?: string
  has: boolean
  since?: string
  seen?: string
}
