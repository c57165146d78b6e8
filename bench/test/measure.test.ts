import { expect, test } from 'vitest'
import { measure, medianPhases } from '../harness/measure.ts'
import { medianOf } from '../harness/median.ts'

test('the median is the middle, or the mean of the two in the middle, in whatever order', () => {
  expect(medianOf([3, 10, 1])).toBe(3)
  expect(medianOf([4, 1, 3, 100])).toBe(3.5)
  expect(medianOf([])).toBeNaN()
})

test('variants take turns, each prepared before and asked after, and rounds ahead do not count', async () => {
  const steps: string[] = []
  const variant = (name: string) => ({
    name,
    prepare: async () => void steps.push(`prepare ${name}`),
    run: async () => {
      steps.push(`run ${name}`)
      return undefined
    },
    result: async () => {
      steps.push(`ask ${name}`)
      return {}
    },
  })
  const measured = await measure([variant('a'), variant('b')], { rounds: 2, warmUp: 1 })
  const round = ['prepare a', 'run a', 'ask a', 'prepare b', 'run b', 'ask b']
  expect(steps).toEqual([...round, ...round, ...round])
  expect(measured.map(({ name, seconds }) => [name, seconds.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ])
})

test('two ways to the same result that differ are an error, which names what differs', async () => {
  const variant = (name: string, digest: string) => ({
    name,
    run: async () => undefined,
    result: async () => ({ rows: 'same', crosswalk: digest }),
  })
  await expect(measure([variant('a', '1'), variant('b', '2')], { rounds: 1 })).rejects.toThrow(
    'crosswalk differs: a made 1, b made 2.',
  )
})

test('what a variant measures of itself counts in place of the call, and phases have medians of their own', async () => {
  const seconds = [1, 5, 2]
  const run = async () => {
    const took = seconds.shift()!
    return { seconds: took, phases: { load: took / 2 } }
  }
  const [measured] = await measure([{ name: 'a', run }], { rounds: 3 })
  expect(measured!.seconds).toEqual([1, 5, 2])
  expect(medianPhases(measured!)).toEqual({ load: 1 })
})
