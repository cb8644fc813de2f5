import { fatal } from '../pg-error.ts'

/** Log-ins that failed lately, by user and address: whoever guesses passwords has to wait; others do not. */
export interface Throttle {
  /** @throws PgError 28P01 for a user and an address with too many; the password is not looked at */
  check(user: string, address: string): void
  failed(user: string, address: string): void
  passed(user: string, address: string): void
}

/** So many may fail at once; from then on one more each `recoverMs`. */
const burst = 10
const recoverMs = 6_000
/** Users and addresses that are remembered; the one that failed longest ago is forgotten first. */
const most = 10_000
/** As PostgreSQL's names; a longer one is nobody's. */
const longestName = 63

/** @param now milliseconds, never going back */
export function openThrottle(now: () => number = () => performance.now()): Throttle {
  const known = new Map<string, { readonly failures: number; readonly at: number }>()
  const keyOf = (user: string, address: string) => `${address} ${user.slice(0, longestName)}`
  const failures = (key: string) => {
    const found = known.get(key)
    return found ? Math.max(0, found.failures - (now() - found.at) / recoverMs) : 0
  }
  return {
    check(user, address) {
      if (failures(keyOf(user, address)) <= burst - 1) return
      throw fatal('28P01', `password authentication failed for user "${user}"`, {
        hint: 'Too many log-ins of this user have failed from this address; try again in a minute.',
      })
    },
    failed(user, address) {
      const key = keyOf(user, address)
      const count = failures(key) + 1
      known.delete(key)
      known.set(key, { failures: count, at: now() })
      if (known.size > most) known.delete(known.keys().next().value ?? '')
    },
    passed: (user, address) => void known.delete(keyOf(user, address)),
  }
}
