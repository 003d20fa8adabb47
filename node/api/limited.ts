import { Failure } from '../../src/index.ts'
import type { ApiContext } from './context.ts'
import type { ApiLimits } from './limits.ts'

/** Does something, unless as much of it as may be is under way at this API already. */
export type Limited = <T>(context: ApiContext, work: () => Promise<T>) => Promise<T>

/** Lets only so much of one kind happen at a time; more is refused with `rate-limited`. */
export function limited(what: string, mostOf: (limits: ApiLimits) => number): Limited {
  const underWay = new WeakMap<ApiContext, number>()
  return async (context, work) => {
    const count = underWay.get(context) ?? 0
    const most = mostOf(context.limits)
    if (count >= most) {
      throw new Failure('rate-limited', `${most} ${what} are under way; wait for one`)
    }
    underWay.set(context, count + 1)
    try {
      return await work()
    } finally {
      underWay.set(context, (underWay.get(context) ?? 1) - 1)
    }
  }
}
