/** What one connection's part of a run has cost and brought so far. */
export interface Meter {
  /** HTTP requests sent, retries included. */
  requests: number
  retries: number
  /** Pages that are durable on disk, and their bytes, decoded. */
  pages: number
  bytes: number
}

export const newMeter = (): Meter => ({ requests: 0, retries: 0, pages: 0, bytes: 0 })
