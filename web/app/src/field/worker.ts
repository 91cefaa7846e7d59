/** Lets a page for outdoors open without a line; a browser that cannot just needs one. */
export async function workOffline(scope: '/field' | '/enforce'): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  try {
    await navigator.serviceWorker.register('/sw.js', { scope })
  } catch (error) {
    console.warn('no service worker:', error)
  }
}

/** Resolves when the page is looked after by the worker. */
export async function lookedAfter(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false
  if (navigator.serviceWorker.controller) return true
  return new Promise((done) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => { done(true) }, { once: true })
    setTimeout(() => { done(navigator.serviceWorker.controller !== null) }, 15_000)
  })
}
