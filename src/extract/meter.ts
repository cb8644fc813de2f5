/** What one connection's part of a run has cost and brought so far. */
export interface Meter {
  /** HTTP requests sent, retries included. */
  requests: number
  retries: number
  /** Pages that are durable on disk, and their bytes, decoded. */
  pages: number
  bytes: number
}

export const newMeter = (from?: Meter): Meter => ({
  requests: from?.requests ?? 0,
  retries: from?.retries ?? 0,
  pages: from?.pages ?? 0,
  bytes: from?.bytes ?? 0,
})
