const toleratedMs = 60_000

/**
 * Notices that the wall clock was set, or stood still in a sleep, against the monotonic one
 * (facts/reliability-security.md 7.6). Each call gives the number of jumps so far.
 */
export function clockJumps(wall: () => number, monotonic: () => number): () => number {
  let distance = wall() - monotonic()
  let jumps = 0
  return () => {
    const now = wall() - monotonic()
    if (Math.abs(now - distance) > toleratedMs) jumps += 1
    distance = now
    return jumps
  }
}
