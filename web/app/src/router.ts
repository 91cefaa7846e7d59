import { createRouter, createWebHistory } from 'vue-router'

/** Each page is a bundle of its own: an embedded chart does not load the map. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', alias: '/screen', name: 'screen', component: () => import('./pages/screen/ScreenPage.vue') },
    { path: '/embed/:widget', name: 'embed', component: () => import('./pages/embed/EmbedPage.vue'), props: true },
    { path: '/feeds', alias: '/desk', name: 'feeds', component: () => import('./pages/feeds/FeedsPage.vue') },
    { path: '/docs', name: 'docs', component: () => import('./pages/docs/DocsPage.vue') },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/MissingPage.vue') },
  ],
})
