import type { Stage } from './stage.ts'

/** What is tried, in the order in which it is; each throws when something is not as it must be. */
export type Step = readonly [name: string, run: (stage: Stage) => Promise<void>]

export { badInput } from './steps/bad-input.ts'
export { connecting } from './steps/connecting.ts'
export { looking } from './steps/looking.ts'
export { pages } from './steps/pages.ts'
export { querying } from './steps/querying.ts'
export { signingIn } from './steps/signing-in.ts'
export { watching } from './steps/watching.ts'
