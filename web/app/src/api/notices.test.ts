import { expect, test } from 'vitest'
import { attribution, noticesIn } from './notices'

const andorra = ['地图数据 © OpenStreetMap 贡献者，ODbL 1.0', 'Map data © OpenStreetMap contributors, ODbL 1.0']
const kunshan = ['真实：市界', '模拟：道路、建筑由程序生成', 'Real: the border', 'Made: streets and buildings']

test('notices are said in one language, or in the only one there is', () => {
  expect(noticesIn(andorra, 'en')).toEqual([andorra[1]])
  expect(noticesIn(kunshan, 'zh')).toEqual(kunshan.slice(0, 2))
  expect(noticesIn(['仅中文'], 'en')).toEqual(['仅中文'])
})

test('OpenStreetMap is named on the map in the words of its licence', () => {
  expect(attribution(andorra, 'made')).toBe('© OpenStreetMap contributors, ODbL')
})

test('a map that was made says so', () => {
  expect(attribution(kunshan, 'made')).toBe('made')
})
