import { dayOf, dayText, lastDay, monthOf } from './calendar.ts'
import type { Asked } from './fdx.ts'
import { fdxError } from './fdx-errors.ts'
import type { Answer } from './http.ts'
import { header, otherOrigin, redirect } from './http.ts'
import type { Account } from './invented/book.ts'
import type { JsonObject } from './json.ts'
import { statementPdf } from './statement-file.ts'
import type { Window } from './window.ts'

/** Months of statements that the bank keeps. */
const kept = 12

/** FDX `Statement` for each month that has ended. */
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
        status: inTheMaking(asked, account, statementId) ? 'PROCESSING' : 'AVAILABLE',
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
  if (
    inTheMaking(asked, account, id) ||
    tools.switches.strikes('statement_1300', about) !== undefined
  ) {
    asked.grant.statementsAsked.add(`${account.accountId}/${id}`)
    return fdxError(shape, 1300)
  }
  const elsewhere = tools.switches.strikes('statement_302', about) !== undefined
  if (elsewhere || account.key.index % 3 === 2) {
    return redirect(otherOrigin(tools.origin, `/files/${account.accountId}-${id}.pdf`))
  }
  return pdfAnswer(`Statement ${id} of account ${account.accountId}`)
}

/** The newest statement of every third account is made when it is first asked for. */
function inTheMaking({ tools, grant }: Asked, account: Account, id: string): boolean {
  const newest = `st-${dayText(lastDay(monthOf(dayOf(tools.options.today)) - 1)).slice(0, 7)}`
  const asked = grant.statementsAsked.has(`${account.accountId}/${id}`)
  return account.key.index % 3 === 1 && id === newest && !asked
}

/** A 200 with a PDF that says `title`. */
export function pdfAnswer(title: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body: statementPdf(title) }
}
