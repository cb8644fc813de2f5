import { sandboxCredentials } from './credentials.ts'
import type { Answer, Call } from './http.ts'
import { escapeHtml, html, redirect } from './http.ts'
import { personOf } from './invented/person.ts'
import type { OauthTools } from './oauth.ts'
import { openGrant } from './oauth.ts'
import type { Shape } from './shape.ts'

/** People on the consent page; the others are reached by their number. */
const shown = 40

/**
 * The browser's part (RFC 6749 4.1.1): a page to choose a person and allow or refuse. `approve=<person>` or `deny=1` in
 * the query answers at once, for tests and the demo. A request that cannot be trusted ends here, not in a redirect.
 */
export function authorizeAnswer(
  shape: Shape,
  call: Call,
  origin: string,
  tools: OauthTools,
): Answer {
  const query = call.url.searchParams
  const target = query.get('redirect_uri')
  if (query.get('client_id') !== sandboxCredentials.clientId || !target || !URL.canParse(target))
    return html(400, '<p>client_id or redirect_uri is missing or unknown.</p>')
  const problem = problemOf(shape, query)
  if (problem) return back(shape, query, target, origin, problem)
  if (query.has('deny'))
    return back(shape, query, target, origin, {
      error: 'access_denied',
      error_description: 'The person refused.',
    })
  const approve = query.get('approve')
  if (approve === null) return html(200, consentPage(shape, query, tools))
  const person = Number(approve)
  if (!/^\d+$/.test(approve) || person >= tools.options.connections)
    return html(400, `<p>There is no person ${escapeHtml(approve)}.</p>`)
  const scope = query.get('scope') ?? Object.values(shape.oauth.scopes).join(' ')
  const grant = openGrant(shape, person, scope, tools)
  const challenge = query.get('code_challenge') ?? undefined
  return back(shape, query, target, origin, { code: tools.grants.code(grant, target, challenge) })
}

function problemOf(shape: Shape, query: URLSearchParams): Record<string, string> | undefined {
  const method = query.get('code_challenge_method')
  if (query.get('response_type') !== 'code') return { error: 'unsupported_response_type' }
  if (query.has('code_challenge') && method !== 'S256')
    return { error: 'invalid_request', error_description: 'Use S256.' }
  if (shape.oauth.pkceRequired && !query.has('code_challenge'))
    return { error: 'invalid_request', error_description: 'PKCE is required.' }
  return undefined
}

/** To the client, with `state`, and with `iss` where the provider has metadata (RFC 9207). */
function back(
  shape: Shape,
  query: URLSearchParams,
  target: string,
  origin: string,
  members: Record<string, string>,
): Answer {
  const url = new URL(target)
  for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value)
  const state = query.get('state')
  if (state !== null) url.searchParams.set('state', state)
  if (shape.oauth.metadata) url.searchParams.set('iss', `${origin}${shape.oauth.metadata}`)
  return redirect(url.href)
}

function consentPage(shape: Shape, query: URLSearchParams, { options }: OauthTools): string {
  const hidden = [...query]
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join('')
  const people = Array.from({ length: Math.min(shown, options.connections) }, (_, number) => {
    const { name } = personOf(options.seed, shape.provider, number)
    return `<button name="approve" value="${number}">${number} · ${escapeHtml(name)}</button>`
  }).join('\n')
  const scopes = (query.get('scope') ?? 'everything')
    .split(' ')
    .map((word) => `<li>${escapeHtml(word)}</li>`)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox bank ${shape.provider}</title>
<style>body{font:16px system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}button{margin:.2rem;padding:.5rem}</style>
<h1>Sandbox bank “${shape.provider}”</h1>
<p>An application asks for your data. All people here are invented. It asks for:</p><ul>${scopes.join('')}</ul>
<form method="get" action="${shape.oauth.authorize}">${hidden}
<p>Allow as:</p>${people}
<p>Or refuse: <button name="deny" value="1">Refuse</button></p></form>`
}
