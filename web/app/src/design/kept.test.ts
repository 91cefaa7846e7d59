import { afterEach, expect, test, vi } from 'vitest'
import { keep, kept } from './kept'

afterEach(() => { vi.unstubAllGlobals() })

test('a choice is kept', () => {
  keep('colour', 'blue')
  expect(kept('colour')).toBe('blue')
  expect(kept('never chosen')).toBeNull()
})

test('where a browser keeps nothing, nothing is chosen and nothing fails', () => {
  const refuses = { getItem: () => { throw new DOMException('Access is denied') }, setItem: () => { throw new DOMException('Access is denied') } }
  vi.stubGlobal('localStorage', refuses)
  keep('colour', 'red')
  expect(kept('colour')).toBeNull()
})
