import cron from 'node-cron'

/** node-cron waits for a wall time; when the clock is put back, that may be days away. Milliseconds. */
const silenceMs = 90_000
const watchMs = 15_000

/**
 * Calls `onTick` at every full minute, in UTC: a cron line in a zone with daylight saving loses ticks
 * (facts/reliability-security.md 7.3). A tick that is overdue by the clock that nobody sets comes at once.
 */
export function startTick(onTick: () => void): Disposable {
  let lastTick = performance.now()
  const tick = () => {
    lastTick = performance.now()
    onTick()
  }
  const schedule = () =>
    cron.schedule('* * * * *', tick, {
      timezone: 'Etc/UTC',
      noOverlap: true,
      suppressMissedWarning: true,
    })
  let task = schedule()
  const watch = setInterval(() => {
    if (performance.now() - lastTick < silenceMs) return
    task.destroy()
    task = schedule()
    tick()
  }, watchMs)
  return {
    [Symbol.dispose]: () => {
      clearInterval(watch)
      task.destroy()
    },
  }
}
