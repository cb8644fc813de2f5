import { sandboxCredentials } from './credentials.ts'
import { escapeHtml } from './http.ts'
import type { Misbehaviour } from './misbehaviours.ts'
import { misbehaviours } from './misbehaviours.ts'
import type { SandboxOptions } from './options.ts'

/** `GET /`: what is here and how to use it. */
export function frontPage(origin: string, options: SandboxOptions): string {
  const { clientId, clientSecret, flinksCustomerId, flinksAuthKey, flinksApiKey, webhookSecret } =
    sandboxCredentials
  const rows = Object.entries<Misbehaviour>(misbehaviours).map(
    ([name, { does, variants }]) =>
      `<tr><td><code>${name}</code><td>${escapeHtml(does)}<td>${escapeHtml((variants ?? []).join(', '))}`,
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>FDX and Flinks sandbox</title>
<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}code{background:#f3f3f3}
td,th{padding:.2rem .6rem;vertical-align:top;text-align:left}table{border-collapse:collapse}tr{border-top:1px solid #ddd}</style>
<h1>An FDX and Flinks provider in a box</h1>
<p>${options.connections} invented people at each provider; seed <code>${escapeHtml(options.seed)}</code>; data ends on
${options.today}. Nothing here is about anybody.</p>
<table><tr><th>path<th>what
<tr><td><code>/outbound</code><td>Flinks Outbound: FDX 5 at <code>/outbound/api/fdx/5</code>, tokens at <code>/outbound/api/v1/token</code>, refresh tokens stay
<tr><td><code>/rotating</code><td>an FDX 5 bank at <code>/rotating/fdx/v5</code>: PKCE, refresh tokens rotate and must not be used twice
<tr><td><code>/v6</code><td>an FDX 6 bank at <code>/v6/fdx/v6</code>: flat records, page keys, x-fapi-interaction-id on every request
<tr><td><code>/flinks</code><td>Flinks' native API at <code>/flinks/v3/${flinksCustomerId}/BankingServices</code>, Connect at <code>/flinks/v2/</code>
</table>
<h2>Credentials</h2><p>client <code>${clientId}</code> / <code>${clientSecret}</code> · Flinks customerId
<code>${flinksCustomerId}</code>, key <code>${flinksAuthKey}</code>, x-api-key <code>${flinksApiKey}</code>, webhook secret
<code>${webhookSecret}</code></p>
<h2>Control</h2><ul>
<li><a href="/admin/people?provider=outbound">GET /admin/people?provider=</a>, <a href="/admin/logins">/admin/logins</a>,
<a href="/admin/truth?provider=outbound&amp;person=0">/admin/truth?provider=&amp;person=</a>, <a href="/admin/requests">/admin/requests</a>,
<a href="/admin/elsewhere">/admin/elsewhere</a> (requests that were lured to another origin), <a href="/admin/misbehaviours">/admin/misbehaviours</a>
<li>POST /admin/misbehave <code>{"name":…,"provider"?,"person"?,"endpoint"?,"times"?,"after"?,"variant"?}</code>, /admin/behave
<li>POST /admin/grants <code>{"provider","person","scope"?}</code> gives a refresh token without a browser; /admin/withdraw ends a person's tokens
<li>POST /admin/today <code>{"today":"YYYY-MM-DD"}</code>, /admin/clock <code>{"seconds":…}</code>
<li>POST /admin/webhook <code>{"url","login"?,"type"?,"signature"?}</code></ul>
<p>Try it: <code>curl -X POST ${origin}/admin/misbehave -d '{"name":"rate_limited","provider":"outbound","times":3}'</code></p>
<h2>Misbehaviours</h2><table><tr><th>name<th>what it does<th>variants${rows.join('\n')}</table>`
}
