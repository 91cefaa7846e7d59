import type { Lang } from '@/live/protocol'

const chinese = /\p{Script=Han}/u

/** What must be said of the data, in the language in force where it is said in both. */
export function noticesIn(notices: readonly string[], lang: Lang): string[] {
  const mine = notices.filter((n) => chinese.test(n) === (lang === 'zh'))
  return mine.length > 0 ? mine : [...notices]
}

/** The short words that stand on the map itself: whose data it is, and that some of it is made. */
export function attribution(notices: readonly string[], madeWords: string): string {
  const parts: string[] = []
  if (notices.some((n) => n.includes('OpenStreetMap'))) parts.push('© OpenStreetMap contributors, ODbL')
  if (notices.some((n) => /^(模拟|示意|Made)/.test(n) || n.includes('示意'))) parts.push(madeWords)
  return parts.join(' · ')
}
