// Markdown of e-mails: values in it cost no more time than they are long.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convert } from 'html-to-text'
import { compileText } from './liquid.ts'
import { markdownToHtml, shortRuns } from './markdown.ts'

// Each took seconds to minutes: mail addresses were looked for from every place of it anew.
const runs: [string, string, string][] = [
  ['{{ x }}', 'a.'.repeat(30_000) + '@', ''],
  ['{{ x }}', 'a'.repeat(60_000) + '@', ''],
  ['{{ x }}@', 'a.'.repeat(30_000), '@'],
  ['{{ x }}@example.com', 'a'.repeat(60_000), '@example.com'],
  ['{{ x }}@', 'a/'.repeat(30_000), '@'],
]
for (const [source, x, rest] of runs)
  test(`a long value does not hold everything up: ${source}, ${x.slice(0, 4)}…${x.at(-1)}`, () => {
    const started = process.cpuUsage().user

    const html = markdownToHtml(compileText(source, 'markdown').render({ x }))

    assert.ok(process.cpuUsage().user - started < 500_000, 'half a second of the processor')
    assert.equal(convert(html, { wordwrap: false }).replaceAll(/\s/g, ''), x + rest)
  })

test('a long direct message does not hold everything up either', () => {
  const text = 'a.'.repeat(30_000) + '@'
  const started = process.cpuUsage().user

  const html = markdownToHtml(shortRuns(text))

  assert.ok(process.cpuUsage().user - started < 500_000, 'half a second of the processor')
  assert.equal(convert(html, { wordwrap: false }).replaceAll(/\s/g, ''), text)
})

test('Markdown that cannot be read says so in our words', () => {
  const deep = '>'.repeat(30_000)

  assert.throws(() => markdownToHtml(deep), { message: 'the Markdown is nested too deeply' })
})

test('web addresses stay links, however long they are', () => {
  const url = `https://example.com/${'path/'.repeat(30)}?id=1`

  assert.ok(markdownToHtml(shortRuns(`See ${url} now`)).includes(`href="${url}"`))
  assert.ok(
    markdownToHtml(compileText('See {{ url }} now', 'markdown').render({ url })).includes(url),
  )
})
