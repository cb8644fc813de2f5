import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { dataFolder, extractOnce, landedPages } from '../../support/extract.ts'
import { sandboxProvider, sandboxProviders, sandboxToken } from '../../support/extract-sandbox.ts'

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({ port: 0, connections: 4, today: '2026-01-15' })
})
afterAll(() => box[Symbol.asyncDispose]())

/** Ids at any depth under this name. */
function idsIn(value: unknown, name: string, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, inner] of Object.entries(value)) {
    if (key === name && (typeof inner === 'string' || typeof inner === 'number'))
      found.push(String(inner))
    idsIn(inner, name, found)
  }
  return found
}

describe.each(sandboxProviders)('%s', (provider) => {
  test('everything the person has is landed, whole pulls, and a second run asks for less', async () => {
    using data = dataFolder()
    const more = provider === 'flinks' ? {} : { pageSize: 50 }
    const options = {
      provider: sandboxProvider(box, provider, more),
      ...(provider === 'flinks'
        ? { loginId: box.logins()[0]?.loginId }
        : { token: sandboxToken(box, provider, 0) }),
    }
    const first = await extractOnce(data, options)
    expect(first).toMatchObject({ status: 'ok', code: '', retries: 0 })

    const pages = landedPages(data.paths)
    const truth = box.truth(provider, 0)
    const accounts = new Set(truth.accounts.map((account) => account.accountId))
    const accountPages = pages.filter((page) => /accounts|detail/.test(page.entity))
    const name = provider === 'flinks' ? 'Id' : 'accountId'
    const seen = new Set(accountPages.flatMap((page) => idsIn(page.body, name)))
    expect([...accounts].filter((id) => !seen.has(id))).toEqual([])
    for (const pull of Map.groupBy(pages, (page) => page.pull_id).values()) {
      expect(pull.map((page) => page.sequence)).toEqual(pull.map((_, i) => i + 1))
      expect(pull.map((page) => page.last)).toEqual(pull.map((_, i) => i === pull.length - 1))
    }

    const second = await extractOnce(data, options)
    expect(second.status).toBe('ok')
    expect(second.pages).toBeLessThanOrEqual(first.pages)
  })
})
