import { expect, test } from 'vitest'
import { treeOf, type Org } from './identity'

const org = (id: string, parent?: string, gaps: string[] = []): Org => ({ id, name: id, kind: 'gov', path: id, region: '', uscc: '', people: 0, version: 1, updated: '', gaps, ...(parent ? { parent } : {}) })

test('organisations are hung below their parents', () => {
  const [root] = treeOf([org('a'), org('b', 'a'), org('c', 'b', ['leader'])])
  expect(root?.children[0]?.children[0]?.id).toBe('c')
  expect(root?.gap).toBe(false)
  expect(root?.children[0]?.children[0]?.gap).toBe(true)
})

test('one whose parent may not be seen is a root', () => {
  expect(treeOf([org('b', 'out-of-sight'), org('c', 'b')]).map((n) => n.id)).toEqual(['b'])
})
