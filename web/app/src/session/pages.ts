import type { MessageKey } from '@/i18n/messages'
import type { Me } from './types'
import { verdict } from './guard'

/** The pages that can be gone to, in the order of the bar, and what each asks for (any one of). */
export const places: readonly { path: string; title: MessageKey; any: readonly string[] }[] = [
  { path: '/desk', title: 'office.desk', any: [] },
  { path: '/duty', title: 'office.duty', any: ['incident.roster', 'incident.urge', 'incident.evaluate'] },
  { path: '/orgs', title: 'office.orgs', any: ['identity.org.view'] },
  { path: '/people', title: 'office.people', any: ['identity.person.view'] },
  { path: '/roles', title: 'office.roles', any: ['identity.binding.view'] },
  { path: '/apps', title: 'office.apps', any: ['identity.app.view'] },
  { path: '/alarms', title: 'office.alarms', any: ['incident.rule'] },
  { path: '/credentials', title: 'office.credentials', any: ['device.credential'] },
  { path: '/warnings', title: 'office.warnings', any: ['warning.issue'] },
  { path: '/partners', title: 'office.partners', any: ['incident.partner'] },
  { path: '/audit', title: 'office.audit', any: ['audit.view'] },
  { path: '/', title: 'top.screen', any: ['city.view'] },
  { path: '/command', title: 'office.command', any: ['incident.dispatch'] },
  { path: '/field', title: 'field.title', any: ['unit.send'] },
  { path: '/enforce', title: 'enforce.title', any: ['incident.handle'] },
  { path: '/district', title: 'office.district', any: ['incident.evaluate'] },
  { path: '/evaluation', title: 'office.evaluation', any: ['incident.evaluate'] },
  { path: '/feeds', title: 'top.feeds', any: ['feed.view', 'feed.deliver', 'deadletter.view'] },
  { path: '/docs', title: 'top.docs', any: [] },
]

/** Those that are open to somebody. */
export function placesOf(me: Me | null): typeof places {
  return places.filter((p) => verdict({ any: p.any }, me).go === 'in')
}

export function needsOf(path: string): readonly string[] {
  return places.find((p) => p.path === path)?.any ?? []
}
