import type { Terminal } from './terminal.ts'

/** One line of progress after another, by their labels; each goes, or stays with its total, when the next begins. */
export function progressLines(terminal: Terminal, unit: string, ending: 'clear' | 'finish' = 'clear') {
  let current: { label: string; line: ReturnType<Terminal['progress']> } | undefined
  const end = () => current?.line[ending]()
  return {
    update(label: string, done: number, total: number): void {
      if (current?.label !== label) {
        end()
        current = { label, line: terminal.progress({ label, unit }) }
      }
      current.line.update(done, total)
    },
    end,
  }
}
