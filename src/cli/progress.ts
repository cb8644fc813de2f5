/** Off a terminal a line of progress stays, so it comes once in so many milliseconds. */
export const tellEveryMs = 10_000

type Clock = () => number
const sinceStart: Clock = () => performance.now()

/** Passes on what is going on, but not more often than once in `everyMs` and not at the very start. */
export function nowAndThen(
  everyMs: number,
  tell: (text: string) => void,
  now: Clock = sinceStart,
): (text: string) => void {
  let next = now() + everyMs
  return (text) => {
    if (now() < next) return
    next = now() + everyMs
    tell(text)
  }
}

/** Tells how many of something come in a second, of each name since it was first told of; empty in its first second. */
export function openRate(now: Clock = sinceStart): (name: string, count: number) => string {
  const first = new Map<string, { readonly at: number; readonly count: number }>()
  return (name, count) => {
    const from = first.get(name) ?? { at: now(), count }
    first.set(name, from)
    const seconds = (now() - from.at) / 1_000
    if (seconds < 1) return ''
    const rate = (count - from.count) / seconds
    return `${rate.toFixed(rate < 10 ? 1 : 0)}/s`
  }
}
