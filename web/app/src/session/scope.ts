import type { Reach } from './types'

/** A region's code in full holds its district's in the first 9 digits. */
const districtDigits = 9

/** Whether something of the region may be seen: of it, of what it lies in, or of what lies in it. */
export function reaches(scope: readonly Reach[], code: string): boolean {
  return scope.some((r) => r.axis === 'region' && r.layers !== null && (code.startsWith(r.code) || r.code.startsWith(code)))
}

/**
 * The district in which all lies that somebody may see of the city, and so
 * where their screen begins; undefined when they see more, or nothing.
 */
export function districtOf(scope: readonly Reach[]): string | undefined {
  const codes = scope.filter((r) => r.axis === 'region' && (r.layers === undefined || (r.layers?.length ?? 0) > 0)).map((r) => r.code)
  if (codes.length === 0 || codes.some((c) => c.length < districtDigits)) return undefined
  const districts = new Set(codes.map((c) => c.slice(0, districtDigits)))
  return districts.size === 1 ? [...districts][0] : undefined
}
