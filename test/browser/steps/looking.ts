import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Look } from '../stage.ts'
import { visit } from '../stage.ts'
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

export const looking: readonly Step[] = [
  ...looks.map(
    (look): Step => [
      `axe finds no serious fault, and nothing is wider than the screen: ${look.theme}, ${look.width} pixels`,
      async (stage) => {
        await using person = await stage.person(look)
        const { page } = person
        for (const [name, path] of allPages(stage)) {
          await visit(page, stage.url() + path)
          const shots = process.env['FDX_SHOTS']
          if (shots !== undefined)
            await page.screenshot({
              path: join(shots, `${name}-${look.theme}-${look.width}.png`),
              fullPage: true,
            })
          deepEqual(await faults(page), [], name)
          const over = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          ok(over <= 0, `${name} is ${over} pixels wider than the screen`)
        }
      },
    ],
  ),
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
