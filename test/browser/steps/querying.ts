import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { visit } from '../stage.ts'
import type { Step } from '../steps.ts'

async function ask(page: Page, sql: string): Promise<void> {
  await page.fill('#sql', sql)
  await page.press('#sql', 'Control+Enter')
}
const cells = (page: Page) => page.locator('#result tbody td').allInnerTexts()
/** A query that takes longer than anybody waits. */
const endless = 'select count(*) from range(1000000) as a, range(10000000) as b'

export const querying: readonly Step[] = [
  [
    'a query runs, with every digit, as table and as chart',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      await ask(
        page,
        `select 'a' as word, 12345678901234567890.123456789::decimal(38,9) as exact, null as nothing`,
      )
      await page.waitForSelector('#result table')
      deepEqual(await cells(page), ['a', '12,345,678,901,234,567,890.123456789', '∅'])
      await ask(
        page,
        'select account_kind, count(*) as accounts from mart.accounts group by 1 order by 1',
      )
      await page.locator('#result tbody tr').nth(1).waitFor()
      await page.click('[data-show=chart]')
      await page.waitForSelector('#result canvas[data-drawn=yes]')
      await page.selectOption('#result [name=kind]', 'across')
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'a named analysis is opened from the list and answers',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      await page.click('text=net worth')
      await page.waitForURL(/analysis=net_worth/)
      await page.click('#run')
      await page.waitForSelector('#result tbody tr')
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'the result is downloaded as CSV, safe for a spreadsheet',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      await page.fill(
        '#sql',
        `select i, '=1+1' as formula, -1.50::decimal(9,2) as amount from range(5000) as r(i) order by i`,
      )
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click('text=Download CSV'),
      ])
      const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
      equal(lines.length, 5001)
      equal(lines[0], 'i,formula,amount')
      equal(lines[1], "0,'=1+1,-1.50")
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'a fault in the query is told where it is, and the cursor stands there',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      await ask(page, 'select account_kind,\n  no_such_column\nfrom mart.accounts')
      await page.waitForSelector('#query-trouble:visible')
      const text = await page.innerText('#query-trouble')
      ok(/^Line 2, column 3: /.test(text), text)
      const chosen = await page.evaluate<string>(
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.querySelector('textarea'))",
      )
      equal(chosen, 'no_such_column')
      for (const sql of [
        'selec 1',
        'drop table mart.accounts',
        "copy (select 1) to '/tmp/x'",
        ';',
        "from read_csv('/etc/passwd')",
      ]) {
        await page.reload()
        await ask(page, sql)
        await page.waitForSelector('#query-trouble:visible')
        equal(await page.locator('#result table').count(), 0, sql)
      }
    },
  ],
  [
    'full account numbers are out of reach but for whoever asks for everything, and that is audited',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      const sql = 'select max(account_number) from fdx.deposit_accounts'
      await ask(page, sql)
      await page.locator('#result tbody td', { hasText: /^\W*\w{4}$/ }).waitFor()
      await page.check('[name=unmasked]')
      await ask(page, sql)
      await page.locator('#result tbody td', { hasText: /\w{5,}$/ }).waitFor()
      const noted = stage.flow.state.db
        .prepare(
          `select facts from audit where action = 'unmasked_query' order by seq desc limit 1`,
        )
        .get()
      ok(
        String(noted?.['facts']).includes('sha256') && !String(noted?.['facts']).includes('select'),
      )
    },
  ],
  [
    'a long query is cancelled, and the next one answers at once',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      await ask(page, endless)
      await page.waitForSelector('#cancel:enabled')
      await page.click('#cancel')
      await page.waitForSelector('text=Cancelled.')
      await ask(page, 'select 42 as answer')
      await page.waitForSelector('#result tbody td')
      deepEqual(await cells(page), ['42'])
    },
  ],
]
