import { loginIdOf, securityQuestion, temperOf } from './flinks-logins.ts'
import type { FlinksTools } from './flinks-state.ts'
import type { Answer, Call } from './http.ts'
import { escapeHtml, html, redirect } from './http.ts'
import { personOf } from './invented/person.ts'

/** People on the page; the others are reached with `login=` in the query. */
const shown = 20

/**
 * What stands for Flinks Connect: choose a login, answer its question, and be sent to `redirectUrl` with `loginId`.
 * `login=<number>` in the query answers at once, for tests. With `requestId` the question of that session is asked;
 * `answer=` answers it.
 */
export function connectAnswer(call: Call, tools: FlinksTools): Answer {
  const query = call.url.searchParams
  const target = query.get('redirectUrl') ?? ''
  const session = tools.state.sessions.get(query.get('requestId') ?? '')
  const answer = query.get('answer')
  const chosen = query.get('login') ?? (session && answer !== null ? String(session.login) : null)
  if (chosen === null) return html(200, page(call, tools, session?.login))
  const login = Number(chosen)
  if (!/^\d+$/.test(chosen) || login >= tools.options.connections)
    return html(400, `<p>There is no login ${escapeHtml(chosen)}.</p>`)
  if (answer !== null && answer !== securityQuestion.answer)
    return html(200, page(call, tools, login))
  if (answer !== null) tools.state.answered.add(login)
  const loginId = loginIdOf(tools.options.seed, login)
  if (!URL.canParse(target)) return html(200, `<p>Done. LoginId: <code>${loginId}</code></p>`)
  const url = new URL(target)
  url.searchParams.set('loginId', loginId)
  url.searchParams.set('institution', 'FlinksCapital')
  return redirect(url.href)
}

function page(call: Call, { options }: FlinksTools, asking: number | undefined): string {
  const hidden = [...call.url.searchParams]
    .filter(([name]) => name !== 'answer')
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join('')
  const choices =
    asking === undefined
      ? Array.from({ length: Math.min(shown, options.connections) }, (_, login) => {
          const { name } = personOf(options.seed, 'flinks', login)
          return `<button name="login" value="${login}">${login} · ${escapeHtml(name)} (${temperOf(login)})</button>`
        }).join('\n')
      : `<label>${securityQuestion.prompt} <input name="answer"></label> <button>Answer</button>
<p>The answer is ${securityQuestion.answer}.</p>`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox Flinks Connect</title>
<h1>Sandbox Flinks Connect</h1><p>All people here are invented.</p><form method="get">${hidden}${choices}</form>`
}
