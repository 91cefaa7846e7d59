import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { verdict, type Needs } from './session/guard'
import { needsOf } from './session/pages'
import { whoIsThere } from './session/session'

declare module 'vue-router' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface RouteMeta extends Needs {}
}

/** A page in the office's frame. */
function office(path: string, component: () => Promise<unknown>): RouteRecordRaw {
  return { path, name: path.slice(1), meta: { any: needsOf(path) }, component: component as never }
}

/** Each page is a bundle of its own: an embedded chart does not load the map. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/sign-in', name: 'sign-in', meta: { open: true }, component: () => import('./pages/signin/SignInPage.vue') },
    { path: '/', alias: '/screen', name: 'screen', meta: { any: needsOf('/') }, component: () => import('./pages/screen/ScreenPage.vue') },
    { path: '/command', name: 'command', meta: { any: needsOf('/command') }, component: () => import('./pages/command/CommandPage.vue') },
    { path: '/enforce', name: 'enforce', meta: { any: needsOf('/enforce') }, component: () => import('./pages/enforce/EnforcePage.vue') },
    // Opens without a line and without a session: the page itself finds out who is here.
    { path: '/field/:view?/:id?', name: 'field', meta: { open: true }, component: () => import('./pages/field/FieldPage.vue') },
    // Served to who shows an api_key too: the server decides.
    { path: '/embed/:widget', name: 'embed', meta: { open: true }, component: () => import('./pages/embed/EmbedPage.vue'), props: true },
    { path: '/district', name: 'district', meta: { any: needsOf('/district') }, component: () => import('./pages/district/DistrictPage.vue') },
    { path: '/district/brief', name: 'brief', meta: { any: needsOf('/district') }, component: () => import('./pages/district/BriefPage.vue') },
    {
      path: '/office', redirect: '/desk', component: () => import('./pages/office/OfficeFrame.vue'), children: [
        office('/desk', () => import('./pages/desk/DeskPage.vue')),
        office('/duty', () => import('./pages/duty/DutyPage.vue')),
        office('/orgs', () => import('./pages/orgs/OrgsPage.vue')),
        office('/people', () => import('./pages/people/PeoplePage.vue')),
        office('/roles', () => import('./pages/roles/RolesPage.vue')),
        office('/apps', () => import('./pages/apps/AppsPage.vue')),
        office('/alarms', () => import('./pages/alarms/AlarmsPage.vue')),
        office('/credentials', () => import('./pages/credentials/CredentialsPage.vue')),
        office('/audit', () => import('./pages/audit/AuditPage.vue')),
        office('/warnings', () => import('./pages/warnings/WarningsPage.vue')),
        office('/partners', () => import('./pages/partners/PartnersPage.vue')),
        office('/account', () => import('./pages/account/AccountPage.vue')),
        office('/evaluation', () => import('./pages/evaluation/EvaluationPage.vue')),
        office('/feeds', () => import('./pages/feeds/FeedsPage.vue')),
        office('/docs', () => import('./pages/docs/DocsPage.vue')),
      ],
    },
    { path: '/:rest(.*)*', name: 'missing', meta: { open: true }, component: () => import('./pages/MissingPage.vue') },
  ],
})

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const said = verdict(to.meta, await whoIsThere())
  if (said.go === 'sign-in') return { name: 'sign-in', query: { next: to.fullPath }, replace: true }
  // The screen is the address that everybody types: without the city there is still the desk.
  if (said.go === 'missing' && to.name === 'screen') return { path: '/desk', replace: true }
  // What else is missing the office's frame says in the page's place.
  return true
})
