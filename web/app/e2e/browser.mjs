import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

/**
 * Debian's Chromium, drawing WebGL in software: 2–4 frames a second. With a
 * proxy, all its traffic goes there, that to loopback too.
 */
export function browser(proxy) {
  const path = process.env.ONECITY_CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(path)) throw new Error(`${path}: no Chromium there; install it or set ONECITY_CHROMIUM`)
  return chromium.launch({
    executablePath: path,
    ...(proxy ? { proxy: { server: proxy, bypass: '<-loopback>' } } : {}),
    args: [
      '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
    ],
  })
}

/** Waits until the big screen has live data and the map has drawn what it has. */
export async function screenReady(page, timeout = 120_000) {
  await page.locator('[data-testid=screen][data-ready=true][data-idle=true]').waitFor({ timeout })
}
