import { afterEach, expect, test } from 'vitest'
import { setLang } from '@/i18n'
import { Refused, why } from './client'
import { inLang, itemWords } from './said'

afterEach(() => { setLang('zh') })

test('of what is said in both languages, the half of the reader is shown', () => {
  expect(inLang('请先登录 / sign in first', 'zh')).toBe('请先登录')
  expect(inLang('请先登录 / sign in first', 'en')).toBe('sign in first')
})

test('a stroke between words of one language divides nothing', () => {
  expect(inLang('读 / 写 / read / write', 'en')).toBe('read / write')
  expect(inLang('读 / 写', 'en')).toBe('读 / 写')
  expect(inLang('only English / here', 'zh')).toBe('only English / here')
})

test('a refusal names what is missing by its words, not by its code', () => {
  const no = new Refused(403, { status: 403, detail: '没有权限 / you may not do this: identity.org.edit' })
  expect(why(no)).toBe('您没有“维护机构”的权限')
  setLang('en')
  expect(why(no)).toBe('You may not: edit organisations')
})

test('a wrong field is named beside what is wrong with it', () => {
  expect(itemWords({ field: 'body/uscc', code: 'check', message: '校验码不符 / the check digit is wrong' })).toBe('统一社会信用代码校验码不符')
  const no = new Refused(422, { detail: '内容未通过校验 / it did not pass', errors: [{ field: 'name', message: '不能为空 / may not be empty' }] })
  expect(why(no)).toBe('内容未通过校验：名称不能为空')
})

test('a message that begins with its field is not given the name twice', () => {
  const item = { field: 'uscc', message: '统一社会信用代码不正确 / the unified social credit code is wrong' }
  expect(itemWords(item)).toBe('统一社会信用代码不正确')
})

test('an answer without words is told by its number', () => {
  expect(why(new Refused(502, {}))).toBe('HTTP 502')
})
