import { expect, test } from 'vitest'
import { Alarm } from '../../src/alarm.ts'
import { timerMsMax, timerMsMin } from '../../src/limits.ts'

/** A clock whose timers are only told of. */
function alarm(now: number): { alarm: Alarm; waits: number[]; open: () => number } {
  const waits: number[] = []
  let open = 0
  const clock = {
    now: () => now,
    after: (ms: number) => {
      waits.push(ms)
      open += 1
      return () => {
        open -= 1
      }
    },
  }
  return { alarm: new Alarm(clock, () => {}), waits, open: () => open }
}

test('waits within what timers are set for, and for one time only', () => {
  const { alarm: one, waits, open } = alarm(1_000_000)
  one.set(1_000_000 + 5_000)
  one.set(0)
  one.set(1_000_000 + 2 * timerMsMax)
  one.after(20)
  expect(waits).toEqual([5_000, timerMsMin, timerMsMax, 20])
  expect(open()).toBe(1)
})

test('waits for nothing that never comes', () => {
  const { alarm: one, waits, open } = alarm(0)
  one.after(20)
  one.set(Infinity)
  one.clear()
  expect(waits).toEqual([20])
  expect(open()).toBe(0)
})
