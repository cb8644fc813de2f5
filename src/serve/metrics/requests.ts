import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { DiagnosticsChannel } from 'undici'
import type { Provider } from '../../config/provider.ts'
import type { Metrics } from './registry.ts'

/**
 * Times what this process asks of others, wherever in it the request is made: undici tells of each (its
 * DiagnosticsChannel). A provider is known by its base URL or its token endpoint; the longest that fits counts.
 */
export function timeRequests(metrics: Metrics, providers: () => readonly Provider[]): Disposable {
  const started = new WeakMap<object, { readonly provider: string; readonly at: number }>()

  const nameOf = (url: string): string | undefined => {
    let best: { readonly name: string; readonly length: number } | undefined
    for (const provider of providers())
      for (const base of addressesOf(provider))
        if (url.startsWith(base) && base.length > (best?.length ?? 0))
          best = { name: provider.name, length: base.length }
    return best?.name
  }
  const end = (request: object, status: string) => {
    const begun = started.get(request)
    if (begun === undefined) return
    started.delete(request)
    metrics.answered(begun.provider, status, (performance.now() - begun.at) / 1_000)
  }
  const listeners = {
    'undici:request:create': ({ request }: DiagnosticsChannel.RequestCreateMessage) => {
      const provider = nameOf(`${request.origin}${request.path}`)
      if (provider !== undefined) started.set(request, { provider, at: performance.now() })
    },
    'undici:request:headers': (message: DiagnosticsChannel.RequestHeadersMessage) =>
      end(message.request, `${Math.floor(message.response.statusCode / 100)}xx`),
    'undici:request:error': ({ request }: DiagnosticsChannel.RequestErrorMessage) =>
      end(request, 'none'),
  }
  const all = Object.entries(listeners) as [string, (message: unknown) => void][]
  for (const [channel, listener] of all) subscribe(channel, listener)
  return {
    [Symbol.dispose]: () => {
      for (const [channel, listener] of all) unsubscribe(channel, listener)
    },
  }
}

function addressesOf(provider: Provider): string[] {
  if (provider.protocol === 'flinks') return [provider.baseUrl]
  const { tokenEndpoint, issuer } = provider.oauth
  return [provider.baseUrl, tokenEndpoint, issuer].filter((one) => one !== undefined)
}
