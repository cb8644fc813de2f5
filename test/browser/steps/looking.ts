import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { listConnections } from '../../../src/state/connections.ts'
import type { Look } from '../stage.ts'
import { settled, visit } from '../stage.ts'
import type { Step } from '../steps.ts'
import { allPages } from './pages.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const looks: readonly Required<Look>[] = [
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 360 },
  { theme: 'dark', width: 360 },
]

interface Fault {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Serious and critical faults that axe finds (WCAG 2.2 A and AA, and its best practices). */
async function faults(page: Page): Promise<string[]> {
  // As a debugger would, so that the page's own policy stays as it is.
  await page.evaluate(axe)
  const found = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )) as Fault[]
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
}

/** Lets axe look at the page, and takes a picture of it where they are wanted. */
async function look(page: Page, name: string, { theme, width }: Required<Look>): Promise<void> {
  const shots = process.env['FDX_SHOTS']
  if (shots !== undefined)
    await page.screenshot({ path: join(shots, `${name}-${theme}-${width}.png`), fullPage: true })
  deepEqual(await faults(page), [], name)
  const over = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  ok(over <= 0, `${name} is ${over} pixels wider than the screen`)
}

/** Presses Tab until the focus is on what has that name, and sees that it shows. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab')
    const { text, outline } = await page.evaluate<{ text: string; outline: string }>(
      `(({ labels, textContent }, style) => ({
        text: ((labels && labels[0]) || { textContent }).textContent.trim().replace(/\\s+/g, ' '),
        outline: style.outlineStyle,
      }))(document.activeElement, getComputedStyle(document.activeElement))`,
    )
    seen.push(text)
    if (typeof name === 'string' ? text !== name : !name.test(text)) continue
    ok(outline !== 'none', `the focus on ${text} is not seen`)
    return
  }
  throw new Error(`no ${name} by Tab; there are: ${[...new Set(seen)].join(' | ')}`)
}

export const looking: readonly Step[] = [
  ...looks.map(
    (options): Step => [
      `axe finds no serious fault, and nothing is wider than the screen: ${options.theme}, ${options.width} pixels`,
      async (stage) => {
        await using person = await stage.person(options)
        const { page } = person
        for (const [name, path] of allPages(stage)) {
          await visit(page, stage.url() + path)
          await look(page, name, options)
        }
        await visit(page, `${stage.url()}/connect/sandbox-v6`)
        await look(page, 'connect-one', options)
        await page.click('main button')
        await page.waitForSelector('#leave')
        await look(page, 'leave', options)
        await page.goto(`${stage.url()}/callback?state=unknown`)
        await look(page, 'not-connected', options)
        await page.goto(`${stage.url()}/nothing-here`)
        await look(page, 'not-found', options)
        await page.click('text=Sign out')
        await page.waitForURL(/\/sign-in/)
        await look(page, 'sign-in', options)
        await page.fill('#token', 'wrong')
        await page.click('main button')
        await page.waitForSelector('#wrong')
        await look(page, 'sign-in-wrong', options)
      },
    ],
  ),
  [
    'with the keyboard alone a bank is connected: Tab and Enter, from the overview to its connection',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const before = listConnections(stage.flow.state).length
      await visit(page, stage.url())
      await tabTo(page, 'Connect a bank')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/connect$/)
      await tabTo(page, 'Label for sandbox-v6')
      await page.keyboard.type('by keyboard')
      await tabTo(page, 'Connect sandbox-v6')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/connect\/sandbox-v6$/)
      await tabTo(page, 'Continue to the bank')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${stage.sandbox.url}/**`)
      await tabTo(page, /^5 · /) // a person who is not connected yet
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/callback\?/)
      await tabTo(page, 'See the connection')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/connections\/c_/)
      await settled(page)
      equal(await page.locator('#facts .badge').first().innerText(), '● active')
      ok((await page.locator('h1').innerText()).startsWith('by keyboard'))
      equal(listConnections(stage.flow.state).length, before + 1)
    },
  ],
  [
    'with the keyboard alone: skip link, sections, a query, a table that scrolls; the focus is seen',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()')
      await page.keyboard.press('Tab')
      equal(await focused(), 'Skip to content')
      await page.keyboard.press('Enter')
      equal(await page.evaluate<string>('document.activeElement.id'), 'main')
      await page.focus('#sql')
      await page.keyboard.press('Control+Enter')
      await page.waitForSelector('#result table')
      await page.focus('#result .scroll')
      const outline = await page.evaluate<string>(
        'getComputedStyle(document.activeElement).outlineStyle',
      )
      ok(outline !== 'none', outline)
      deepEqual(person.wrong(), [])
    },
  ],
]
