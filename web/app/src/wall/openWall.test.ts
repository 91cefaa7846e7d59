import { expect, test } from 'vitest'
import { featuresFor, wallScreen } from './openWall'

const screen = (availLeft: number, availWidth: number) => ({ availLeft, availTop: 0, availWidth, availHeight: 1080 })

test('the wall goes to the largest of the other screens', () => {
  const [desk, small, wall] = [screen(0, 1920), screen(1920, 1280), screen(3200, 3840)]
  expect(wallScreen([desk, small, wall], desk)).toBe(wall)
  expect(wallScreen([wall], wall)).toBeUndefined()
  expect(featuresFor(wall)).toBe('popup,left=3200,top=0,width=3840,height=1080')
})
