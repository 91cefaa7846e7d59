/** Reading tokens.css from where CSS does not reach: map, charts, canvas. */

export type Token =
  | 'ground' | 'surface' | 'raised' | 'pressed' | 'hairline' | 'edge'
  | 'ink-1' | 'ink-2' | 'ink-3'
  | 'accent' | 'good' | 'late' | 'sim'
  | `severity-${1 | 2 | 3 | 4}`
  | `ramp-${0 | 1 | 2 | 3 | 4}`
  | `series-${1 | 2 | 3 | 4 | 5 | 6}`
  | 'sans' | 'figures'

export type Tokens = Record<Token, string>

const names: Token[] = [
  'ground', 'surface', 'raised', 'pressed', 'hairline', 'edge', 'ink-1', 'ink-2', 'ink-3',
  'accent', 'good', 'late', 'sim', 'severity-1', 'severity-2', 'severity-3', 'severity-4',
  'ramp-0', 'ramp-1', 'ramp-2', 'ramp-3', 'ramp-4',
  'series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6', 'sans', 'figures',
]

/** The values in force now; read again after the theme changed. */
export function readTokens(): Tokens {
  return tokensOf(document.documentElement)
}

/** The values of the dark theme, whichever is in force: what the server draws its charts with. */
export function readDarkTokens(): Tokens {
  const probe = document.createElement('i')
  probe.dataset['theme'] = 'dark'
  probe.hidden = true
  document.body.append(probe)
  const tokens = tokensOf(probe)
  probe.remove()
  return tokens
}

function tokensOf(element: Element): Tokens {
  const style = getComputedStyle(element)
  return Object.fromEntries(names.map((n) => [n, style.getPropertyValue('--' + n).trim()])) as Tokens
}

/** Pixels of that many rem: the wall's type grows with its height. */
export function rem(n: number): number {
  return n * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16)
}

export function severityToken(severity: number): Token {
  return severity <= 1 ? 'severity-1' : severity === 2 ? 'severity-2' : severity === 3 ? 'severity-3' : 'severity-4'
}
