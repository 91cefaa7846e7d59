/** One screen of several, as the Window Management API tells of it. */
interface ScreenDetailed {
  availLeft: number
  availTop: number
  availWidth: number
  availHeight: number
  isPrimary: boolean
}

interface WithScreens {
  getScreenDetails?: () => Promise<{ screens: ScreenDetailed[]; currentScreen: ScreenDetailed }>
  screen: Screen & { isExtended?: boolean }
}

/** The features that put a window on a screen. */
export function featuresFor(s: Pick<ScreenDetailed, 'availLeft' | 'availTop' | 'availWidth' | 'availHeight'>): string {
  return `popup,left=${String(s.availLeft)},top=${String(s.availTop)},width=${String(s.availWidth)},height=${String(s.availHeight)}`
}

/** The largest of the other screens. */
export function wallScreen<S extends Pick<ScreenDetailed, 'availWidth' | 'availHeight'>>(screens: readonly S[], current: S): S | undefined {
  return screens.filter((s) => s !== current).toSorted((a, b) => b.availWidth * b.availHeight - a.availWidth * a.availHeight)[0]
}

/**
 * Opens the wall in a window of its own, on the largest other screen where the
 * browser knows of one. False: the browser let no window open.
 */
export async function openWall(): Promise<boolean> {
  const w = window as unknown as WithScreens
  let features = ''
  if (w.screen.isExtended === true && w.getScreenDetails) {
    const details = await w.getScreenDetails().catch(() => null)
    const there = details ? wallScreen(details.screens, details.currentScreen) : undefined
    if (there) features = featuresFor(there)
  }
  return window.open('/', 'onecity-wall', features) !== null
}
