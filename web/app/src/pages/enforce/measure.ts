/** A length for people: metres to a hundred, then kilometres. */
export function distance(metres: number, lang: 'zh' | 'en'): string {
  if (metres < 995) return `${String(metres < 100 ? Math.round(metres) : Math.round(metres / 10) * 10)} ${lang === 'zh' ? '米' : 'm'}`
  return `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0)} ${lang === 'zh' ? '公里' : 'km'}`
}

/** A time on the road for people: whole minutes, at least one. */
export function travel(seconds: number, lang: 'zh' | 'en'): string {
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return lang === 'zh' ? `${String(minutes)} 分钟` : `${String(minutes)} min`
  return lang === 'zh' ? `${String(Math.floor(minutes / 60))} 小时 ${String(minutes % 60)} 分` : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`
}

export function spoken(way: { metres: number; seconds: number }, lang: 'zh' | 'en'): { d: string; t: string } {
  return { d: distance(way.metres, lang), t: travel(way.seconds, lang) }
}
