import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's space of young objects at the size it has until what is returned is disposed of. By itself it doubles
 * each time that enough objects have outlived a collection, to twice 64 MB, and a run of very many small connections
 * gets there however little each of them leaves behind; nothing is faster for it. The value is read at each collection,
 * so it can be set while the program runs (on the command line V8 takes nothing below 2).
 */
export function holdYoungHeap(): Disposable {
  if (holders++ === 0) setFlagsFromString('--semi-space-growth-factor=1')
  return {
    [Symbol.dispose]: () => {
      if (--holders === 0) setFlagsFromString('--semi-space-growth-factor=2')
    },
  }
}

/** Runs under way in this process. */
let holders = 0
