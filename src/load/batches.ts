import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedEntity } from './loaded.ts'
import type { Segment } from './segments.ts'
import { landedLines, type StagedPages, type StageOptions, stagePages } from './stage-pages.ts'

/** Segments of one entity. */
export interface Group {
  readonly entity: LoadedEntity
  readonly segments: Segment[]
}

/** Pages that one transaction loads, in a folder of their own. */
export interface Batch extends Group {
  readonly how: StageOptions
  readonly staged: StagedPages
}

/** Whether nothing is there to be loaded: of what was damaged, only that can be told. */
export const isEmpty = ({ bytes, lost, ended }: StagedPages) =>
  bytes + lost.length + ended.length === 0

/** Stages the groups batch by batch, each in a folder below `scratch`; the last batch of a group is empty. */
export async function* batchesOf(
  groups: Iterable<Group>,
  options: StageOptions,
): AsyncGenerator<Batch> {
  let nth = 0
  for (const group of groups) {
    const landed = landedLines(group.segments)
    for (let isLast = false; !isLast; ) {
      const how = { ...options, scratch: join(options.scratch, `batch-${++nth}`) }
      mkdirSync(how.scratch, { mode: 0o700 })
      const staged = await stagePages(landed, how)
      isLast = isEmpty(staged)
      yield { ...group, how, staged }
    }
  }
}

/** Gives each item while the next one is made. */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  const begin = () => {
    const next = items.next()
    // Whoever awaits it hears of a failure.
    next.catch(() => {})
    return next
  }
  let next = begin()
  try {
    for (let item = await next; !item.done; item = await next) {
      next = begin()
      yield item.value
    }
  } finally {
    await next.catch(() => {})
  }
}
