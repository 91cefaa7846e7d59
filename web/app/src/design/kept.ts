/**
 * What a person chose on this browser. In another site's frame a browser may
 * keep nothing (it throws then): the choice lasts as long as the page.
 */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Not here.
  }
}
