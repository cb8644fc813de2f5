import type { FdxTools } from './fdx.ts'
import { tokenRefused } from './fdx-errors.ts'
import type { Answer, Call } from './http.ts'
import { bearer, json } from './http.ts'
import { shapes } from './shape.ts'

/** `GET /api/v1/providers`: what this recipient is registered with. Opened by a client_credentials token. */
export function providersAnswer(call: Call, tools: FdxTools): Answer {
  const about = { provider: 'outbound', endpoint: 'providers', person: undefined } as const
  tools.count(about)
  if (!tools.grants.readAccess('outbound', bearer(call))) return tokenRefused(shapes.outbound)
  const country = call.url.searchParams.get('country')
  const list = [
    { id: 1000, name: 'Flinks Capital', country: 'CA', status: 'ACTIVE' },
    { id: 4013, name: '1st United CU', country: 'US', status: 'PENDING_ACTIVATION' },
  ]
  return json(200, { providers: list.filter((one) => country === null || one.country === country) })
}
