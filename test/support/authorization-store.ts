import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider'

/** Where one authorization server keeps its grants and tokens: in memory, and gone with it. */
export function authorizationStore(): AdapterConstructor {
  const kept = new Map<string, AdapterPayload>()
  return class Store implements Adapter {
    private readonly model: string
    constructor(model: string) {
      this.model = model
    }
    private key(id: string) {
      return `${this.model}:${id}`
    }
    private async first(holds: (payload: AdapterPayload) => boolean) {
      const ours = [...kept].find(([key, at]) => key.startsWith(`${this.model}:`) && holds(at))
      return ours?.[1]
    }
    async upsert(id: string, payload: AdapterPayload) {
      kept.set(this.key(id), payload)
    }
    async find(id: string) {
      return kept.get(this.key(id))
    }
    async findByUid(uid: string) {
      return this.first((payload) => payload.uid === uid)
    }
    async findByUserCode(userCode: string) {
      return this.first((payload) => payload.userCode === userCode)
    }
    async consume(id: string) {
      const payload = kept.get(this.key(id))
      if (payload) payload.consumed = Math.floor(Date.now() / 1000)
    }
    async destroy(id: string) {
      kept.delete(this.key(id))
    }
    async revokeByGrantId(grantId: string) {
      for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key)
    }
  }
}
