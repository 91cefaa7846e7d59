/**
 * What is wrong with how a page of the big screen is composed, in words; an
 * empty list is a page that a wall can show for a day: nothing scrolls but the
 * list of incidents, nothing is cut off, nothing lies on anything else.
 */
export const faults = (page) => page.evaluate(() => {
  const wrong = []
  const root = document.documentElement
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) {
    wrong.push(`the page is ${root.scrollWidth}×${root.scrollHeight} in a window of ${innerWidth}×${innerHeight}`)
  }
  const visible = (selector, inside = document) => [...inside.querySelectorAll(selector)].filter((e) => e.checkVisibility())
  const name = (e) => e.dataset?.testid ?? `${e.localName}.${e.className}`

  // A list of incidents is as long as it is; its own scroll bar is meant.
  const mayScroll = (e) => e.matches('[data-testid=triage] > ul')
  // Said in full elsewhere: in the card, in the footer's own sheet.
  const mayEnd = (e) => e.matches('[data-testid=incident] *, [data-testid=notices] > p:not(.sim)')
  // Shows as many as there is room for: each wholly or not at all.
  const sheds = (e) => e.matches('.weather, .beside')
  for (const e of visible('.weather, .beside')) {
    const room = e.getBoundingClientRect()
    for (const item of e.children) {
      const { top, bottom } = item.getBoundingClientRect()
      if (top < room.bottom - 1 && bottom > room.bottom + 1) wrong.push(`${name(e)} shows a part of ${item.innerText}`)
    }
  }
  for (const e of visible('[data-testid=screen], [data-testid=screen] *:not(svg *, canvas)')) {
    const { overflowX, overflowY } = getComputedStyle(e)
    if (e.closest('.chart, .sr-only') || mayScroll(e) || mayEnd(e) || sheds(e) || getComputedStyle(e).display === 'inline') continue
    const [x, y] = [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]
    // Without a box of its own to hold it, what sticks out is the neighbour's business: seen below.
    if (x > 1 && overflowX !== 'visible') wrong.push(`${name(e)} cuts off ${x} pixels of its width: ${e.innerText?.slice(0, 60)}`)
    if (y > 1 && overflowY !== 'visible') wrong.push(`${name(e)} cuts off ${y} pixels of its height: ${e.innerText?.slice(0, 60)}`)
  }

  const box = (e) => e.getBoundingClientRect()
  const apart = (group) => {
    group.forEach((a, i) => group.slice(i + 1).forEach((b) => {
      if (a.contains(b) || b.contains(a)) return
      const [p, q] = [box(a), box(b)]
      const [w, h] = [Math.min(p.right, q.right) - Math.max(p.left, q.left), Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top)]
      if (w > 1 && h > 1) wrong.push(`${name(a)} and ${name(b)} lie on each other`)
    }))
    for (const e of group) {
      const { left, top, right, bottom } = box(e)
      if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) wrong.push(`${name(e)} reaches out of the window`)
    }
  }
  const screen = document.querySelector('[data-testid=screen]')
  apart(visible('[data-testid=screen] > header, .kpi, [data-testid=triage], [data-testid=districts], [data-testid=map], article.card, [data-testid=notices]', screen))
  const floating = visible('[data-testid=legend], [data-testid=search], .tools, [data-testid=attribution]', screen)
  apart(floating)
  const map = box(screen.querySelector('[data-testid=map]'))
  for (const e of floating) {
    const { left, top, right, bottom } = box(e)
    if (left < map.left || top < map.top || right > map.right || bottom > map.bottom) wrong.push(`${name(e)} reaches out of the map`)
  }
  apart(visible('[data-testid=screen] > header > *, [data-testid=screen] > header > .links > *', screen))
  apart(visible('[data-testid=districts] > button', screen))
  return wrong
})
