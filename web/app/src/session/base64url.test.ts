import { expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64url'

test.each([
  ['', []],
  ['Zg', [0x66]],
  ['Zm9v', [0x66, 0x6f, 0x6f]],
  ['-_8', [0xfb, 0xff]],
])('%j is the bytes %j, both ways', (text, bytes) => {
  expect(toBase64url(Uint8Array.from(bytes))).toBe(text)
  expect([...fromBase64url(text)]).toEqual(bytes)
})

test('all bytes come back', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  expect(fromBase64url(toBase64url(all))).toEqual(all)
  expect(fromBase64url(toBase64url(all.buffer))).toEqual(all)
})

test('padding is taken and never given', () => {
  expect([...fromBase64url('Zg==')]).toEqual([0x66])
})

test('what is not base64url is refused', () => {
  expect(() => fromBase64url('a+b/')).toThrow('not base64url')
  expect(() => fromBase64url('你好')).toThrow('not base64url')
})
