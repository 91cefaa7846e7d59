import { cityZone } from '@/i18n/zone'

/** The greeting of the hour, in the city's zone. */
export function greeting(ms: number): 'desk.morning' | 'desk.noon' | 'desk.afternoon' | 'desk.evening' {
  const zone = cityZone.value
  const shape: Intl.DateTimeFormatOptions = { hour: 'numeric', hourCycle: 'h23' }
  const hour = Number(new Intl.DateTimeFormat('en-GB', zone ? { ...shape, timeZone: zone } : shape).format(ms))
  if (hour >= 5 && hour < 11) return 'desk.morning'
  if (hour >= 11 && hour < 13) return 'desk.noon'
  return hour >= 13 && hour < 18 ? 'desk.afternoon' : 'desk.evening'
}
