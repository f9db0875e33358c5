// Server-sent events out of the text of an answer, as the HTML standard has them. Its own few lines:
// the libraries for it are a tenth of what the whole inbox may weigh.

export type StreamEvent = { id: string | null; event: string; data: string }

/** `feed` takes the text as it comes, in any pieces. Comments and `retry` are passed over. */
export function createEventReader(onEvent: (event: StreamEvent) => void) {
  let rest = ''
  let fields: Record<string, string> = {}

  function readLine(line: string): void {
    if (line === '') {
      const { id = null, event = 'message', data } = fields
      fields = {}
      if (data !== undefined) onEvent({ id, event, data })
      return
    }
    const { name, value } = /^(?<name>[^:]*):? ?(?<value>.*)$/s.exec(line)!.groups as {
      name: string
      value: string
    }
    const isMore = name === 'data' && fields[name] !== undefined
    fields[name] = isMore ? `${fields[name]}\n${value}` : value
  }

  return {
    feed(text: string): void {
      // A carriage return at the end may be half of a line's end.
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) readLine(line)
    },
  }
}
