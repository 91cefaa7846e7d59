const browsers: readonly [RegExp, string][] = [
  [/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/MicroMessenger/, '微信 WeChat'], [/QQBrowser/, 'QQ'], [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari'],
]
const systems: readonly [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux'],
]

/** A browser as a person would call it: "Chrome · Windows"; what is unknown as it came. */
export function browserOf(agent: string): string {
  const named = [browsers, systems].map((list) => list.find(([sign]) => sign.test(agent))?.[1]).filter((n) => n !== undefined)
  return named.length > 0 ? named.join(' · ') : agent || '—'
}
