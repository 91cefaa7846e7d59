/** A device or unit, and whether it has a password. */
export interface Holder {
  id: string
  kind: 'device' | 'unit'
  name: string
  region?: string
  has: boolean
}
