import type { Provider } from '../../../config/provider.ts'
import { listProviders, readProvider } from '../../../config/read.ts'
import { FdxError, safeError } from '../../../errors.ts'
import { callbackPath } from '../../connect-attempts.ts'
import { type Context, field } from '../context.ts'
import { type Html, html } from '../html.ts'
import { csrfField, emptyNote, table, trouble } from '../layout.ts'
import { sentence } from '../next-step.ts'
import { toned } from '../words.ts'

export function addConnect(context: Context): void {
  const { app, connect, settings } = context

  app.get('/connect', (request, reply) =>
    context.show(request, reply, {
      title: 'Connect a bank',
      section: '/connect',
      body: html`<h1>Connect a bank</h1>${connect === undefined ? offText : providerList(context, request.session?.csrf)}`,
    }),
  )

  app.get<{ Params: { provider: string } }>('/connect/:provider', (request, reply) => {
    const { provider } = request.params
    const found = listProviders(settings.pipelinesDir).includes(provider)
    if (!found || connect === undefined) return reply.redirect('/connect', 303)
    return context.show(request, reply, {
      title: `Connect ${provider}`,
      section: '/connect',
      body: html`<h1>Connect a bank</h1>${form(provider, request.session?.csrf, true)}`,
    })
  })

  app.post<{ Params: { provider: string } }>('/connect/:provider', async (request, reply) => {
    const { provider } = request.params
    if (connect === undefined || !listProviders(settings.pipelinesDir).includes(provider))
      throw new FdxError('CONFIG_INVALID', `there is no provider file ${JSON.stringify(provider)}`)
    const relaunch = field(request, 'relaunch')
    const begun = await connect.begin({
      provider,
      port: request.socket.localPort ?? 0,
      label: field(request, 'label').trim().slice(0, 100),
      ...(relaunch !== '' && { relaunch }),
    })
    if ('connection' in begun) return reply.redirect(`/connections/${begun.connection.id}`, 303)
    return context.show(request, reply, {
      title: 'Go to the bank',
      section: '/connect',
      body: leave(readProvider(settings.pipelinesDir, provider, settings.env), begun.link),
    })
  })

  if (connect === undefined) return
  // Whoever comes back from the bank may be the person, not the operator: this page shows nothing of the data.
  app.get(callbackPath, { config: { open: true } }, async (request, reply) => {
    try {
      const connection = await connect.finish(request.url.split('?', 2)[1] ?? '')
      return context.show(request, reply, {
        title: 'Connected',
        body: html`<section class="note good"><h1>Connected</h1><p>The bank has given access. The next run reads the data. You can close this page.</p>
<p><a class="button" href="/connections/${connection.id}">See the connection</a></p></section>`,
      })
    } catch (error) {
      const text = error instanceof FdxError ? error.message : 'a fault of our own'
      if (!(error instanceof FdxError))
        request.log.error({ fault: safeError(error) }, 'console: callback')
      return context.show(request, reply.code(400), {
        title: 'Not connected',
        body: trouble('Not connected', sentence(text), html`<a href="/connect">Try again</a>`),
      })
    }
  })
}

const offText = html`<p>The callback is switched off in this server. Connect in a terminal: <code>fdx connect PROVIDER</code>.</p>`

/** Providers whose file is complete can be connected; the others say what is missing. */
function providerList({ settings }: Context, csrf: string | undefined): Html {
  const names = listProviders(settings.pipelinesDir)
  if (names.length === 0)
    return emptyNote(
      html`There is no provider file in <code>pipelines/providers/</code>: add one, then load this page again.`,
    )
  const read = names.map((name) => {
    try {
      return { name, provider: readProvider(settings.pipelinesDir, name, settings.env) }
    } catch (error) {
      if (!(error instanceof FdxError)) throw error
      return { name, problem: error.message }
    }
  })
  const ready = read.filter((one): one is { name: string; provider: Provider } => 'provider' in one)
  const not = read.filter((one): one is { name: string; problem: string } => 'problem' in one)
  return html`<p>The person is sent to the bank’s own page, gives consent there, and comes back. We never see a password.</p>
${
  ready.length === 0
    ? emptyNote('No provider is set up completely yet; see below for what is missing.')
    : table(
        'Providers',
        [{ name: 'Provider' }, { name: 'Protocol' }, { name: 'Connect' }],
        ready.map(({ name, provider }) => [
          html`${provider.title} <code class="quiet">${name}</code>`,
          provider.protocol === 'fdx' ? `FDX ${provider.version}` : 'Flinks',
          form(name, csrf, false),
        ]),
      )
}
${
  not.length > 0 &&
  html`<h2>Not set up yet</h2>${table(
    'Providers that are not set up yet',
    [{ name: 'Provider' }, { name: 'What is missing' }],
    not.map(({ name, problem }) => [
      html`<code>${name}</code>`,
      html`<ul class="plain-list">${problem.split('\n').map((line) => html`<li>${line.replace(/^.*?\.yaml: /, '')}</li>`)}</ul>`,
    ]),
  )}`
}`
}

const form = (provider: string, csrf: string | undefined, tall: boolean): Html =>
  html`<form class="${tall ? 'tall' : 'row'}" method="post" action="/connect/${provider}">${csrfField(csrf)}
<label><span class="${tall ? '' : 'hidden'}">Label for ${provider}</span> <input name="label" maxlength="100" placeholder="label (no personal data)"></label>
<button class="primary">Connect<span class="hidden"> ${provider}</span></button></form>`

/** Says where the link goes before it goes there. A form of ours may not end at a foreign page; a link may. */
function leave(provider: Provider, link: URL): Html {
  const scopes = provider.protocol === 'fdx' ? provider.oauth.scopes : []
  return html`<section class="note"><h1>Go to ${provider.title}</h1>
<p>The next page is at <strong>${link.host}</strong>. ${scopes.length > 0 && html`It will ask for: ${scopes.map((one) => html`<code>${one}</code> `)}`}</p>
<p><a class="button primary" id="leave" rel="noreferrer" href="${link.href}">Continue to the bank</a></p>
<details><summary>Another person consents, on another device</summary>
<p>Send them this link. It works once, within 15 minutes.</p>
<p><label>Link <input class="wide" readonly value="${link.href}"></label> <button type="button" data-copy="${link.href}">Copy</button></p></details>
<p>${toned('quiet', 'Afterwards')} <a href="/connections">look at the connections</a>.</p></section>`
}
