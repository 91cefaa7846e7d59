/**
 * Collects names and asks for them together: what a frame says has changed is
 * read again in one question, and no faster than they are answered.
 */
export class Batch {
  private readonly waiting = new Set<string>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private asking = false
  private tries = 0
  private closed = false

  constructor(
    /** Asks for these; a rejection means that they are asked for again later. */
    private readonly ask: (ids: string[]) => Promise<void>,
    private readonly options: { /** ms that more are waited for. */ wait?: number; most?: number } = {},
  ) {}

  add(id: string): void {
    this.waiting.add(id)
    this.plan()
  }

  /** Nothing is asked any more. */
  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  private plan(): void {
    if (this.closed || this.asking || this.timer !== undefined || this.waiting.size === 0) return
    // After a failure more patiently, at most half a minute.
    const wait = (this.options.wait ?? 120) * 2 ** Math.min(8, this.tries)
    this.timer = setTimeout(() => { void this.go() }, wait)
  }

  private async go(): Promise<void> {
    this.timer = undefined
    this.asking = true
    const ids = [...this.waiting].slice(0, this.options.most ?? 100)
    for (const id of ids) this.waiting.delete(id)
    try {
      await this.ask(ids)
      this.tries = 0
    } catch {
      this.tries++
      for (const id of ids) this.waiting.add(id)
    }
    this.asking = false
    this.plan()
  }
}
