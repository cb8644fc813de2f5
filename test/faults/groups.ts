import { crowds } from './crowds.ts'
import { frozen } from './frozen.ts'
import { keyRotation } from './key-rotation.ts'
import { kills } from './kills.ts'
import { leaks } from './leaks.ts'
import { network } from './network.ts'
import type { FaultGroup } from './outcome.ts'
import { realServer } from './real-server.ts'
import { systemCalls } from './system-calls.ts'

/** Every family of faults. `npm run test:faults` runs them all. */
export const groups: Readonly<Record<string, FaultGroup>> = {
  'network and replies': network,
  'real server': realServer,
  'kill -9': kills,
  'system calls': systemCalls,
  'key rotation': keyRotation,
  crowds,
  'frozen holder': frozen,
  leaks,
}
