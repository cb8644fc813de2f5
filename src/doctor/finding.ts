/** What was looked at, how it stands, and what to do about it. */
export interface Finding {
  readonly area: Area
  /** `warn`: it works, and may not for long. `fail`: something does not work. */
  readonly level: 'ok' | 'warn' | 'fail'
  readonly says: string
  /** What a person can do; empty when nothing is to be done. */
  readonly todo: string
}

/** In the order in which they are looked at. */
export const areas = [
  'versions',
  'configuration',
  'key',
  'storage',
  'state',
  'warehouse',
  'locks',
  'clock',
  'providers',
] as const
export type Area = (typeof areas)[number]

export const ok = (area: Area, says: string): Finding => ({ area, level: 'ok', says, todo: '' })
export const warn = (area: Area, says: string, todo: string): Finding => ({
  ...{ area, level: 'warn', says, todo },
})
export const fail = (area: Area, says: string, todo: string): Finding => ({
  ...{ area, level: 'fail', says, todo },
})
