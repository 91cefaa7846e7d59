import { expect, test } from 'vitest'
import { grantsOf, hasRedirects, hasSecret, lines, scopesOf } from './app'

test('an application that stays signed in may renew its tokens, and no other', () => {
  expect(grantsOf('web', ['openid', 'offline_access'])).toEqual(['authorization_code', 'refresh_token'])
  expect(grantsOf('spa', ['openid'])).toEqual(['authorization_code'])
})

test('a service acts for itself: no person comes back to it, and it asks only for the API', () => {
  expect(grantsOf('service', ['city'])).toEqual(['client_credentials'])
  expect(hasRedirects('service')).toBe(false)
  expect(scopesOf('service')).toEqual(['city'])
})

test('only what can keep a secret has one', () => {
  expect(['web', 'service', 'spa', 'native'].filter(hasSecret)).toEqual(['web', 'service'])
})

test('addresses stand one a line', () => {
  expect(lines(' https://a.example/cb \n\nhttps://b.example/cb\n')).toEqual(['https://a.example/cb', 'https://b.example/cb'])
})
