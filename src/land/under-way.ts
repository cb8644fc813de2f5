/** Counts pages on their way to the disk, for all that read together. */
export interface UnderWay {
  /** A page of so many bytes sets out; call what is returned when it has arrived, or is lost. */
  begin(bytes: number): () => void
  /** Resolves when there is room for another. */
  room(): Promise<void>
}

export function openUnderWay(most: { readonly pages: number; readonly bytes: number }): UnderWay {
  let pages = 0
  let bytes = 0
  let waiting: (() => void)[] = []
  const isFull = () => pages >= most.pages || bytes >= most.bytes
  return {
    begin(size) {
      pages++
      bytes += size
      return () => {
        pages--
        bytes -= size
        if (isFull()) return
        const woken = waiting
        waiting = []
        for (const wake of woken) wake()
      }
    },
    async room() {
      while (isFull()) await new Promise<void>((wake) => waiting.push(wake))
    },
  }
}
