import { dayOf, dayText, lastDay, monthOf } from './calendar.ts'
import type { Asked } from './fdx.ts'
import { fdxError } from './fdx-errors.ts'
import type { Answer } from './http.ts'
import { header } from './http.ts'
import type { Account } from './invented/book.ts'
import type { JsonObject } from './json.ts'
import { statementPdf } from './statement-file.ts'
import type { Window } from './window.ts'

/** Months of statements that the bank keeps. */
const kept = 12

/** FDX `Statement` for each month that has ended; the newest is still processing for every third account. */
export function statementsOf(asked: Asked, account: Account, window: Window): JsonObject[] {
  const { shape, tools } = asked
  const month = monthOf(dayOf(tools.options.today))
  return Array.from({ length: kept }, (_, back) => lastDay(month - 1 - back))
    .filter((day) => window({ day }))
    .map((day) => {
      const statementId = `st-${dayText(day).slice(0, 7)}`
      return {
        accountId: account.accountId,
        statementId,
        statementDate: dayText(day),
        description: `Statement of ${dayText(day)}`,
        links: [
          {
            href: `${shape.base}/accounts/${account.accountId}/statements/${statementId}`,
            action: 'GET',
          },
        ],
        status: 'AVAILABLE',
      }
    })
}

/** The file of one statement: a PDF; elsewhere (302) for every third account; 1300 while it is being made. */
export function statementAnswer(asked: Asked, account: Account, id: string): Answer {
  const { shape, call, tools, about } = asked
  const known = statementsOf(asked, account, () => true).some((one) => one['statementId'] === id)
  if (!known) return fdxError(shape, 1104)
  const accept = header(call, 'accept') ?? '*/*'
  if (!/application\/pdf|\*\/\*|application\/\*/.test(accept)) return fdxError(shape, 1203)
  if (tools.switches.strikes('statement_1300', about) !== undefined) return fdxError(shape, 1300)
  const elsewhere = tools.switches.strikes('statement_302', about) !== undefined
  if (elsewhere || account.key.index % 3 === 2) {
    // Another origin on the same machine, so that a client which forwards its bearer token there can be caught.
    const file = new URL(`/files/${account.accountId}-${id}.pdf`, tools.origin)
    file.hostname = 'localhost'
    return { status: 302, headers: { location: file.href } }
  }
  return pdfAnswer(`Statement ${id} of account ${account.accountId}`)
}

export function pdfAnswer(title: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body: statementPdf(title) }
}
