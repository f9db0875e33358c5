import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withSafeLinks } from './safe-links.ts'

const kept = [
  '<a href="https://a.test/?b=1&amp;c=2" title="x">',
  "<a href='mailto:a@b.test'>",
  '<a href=/orders/7>',
  '<img src="http://a.test/b.png" alt="javascript:no">',
  '<p title="javascript:alert(1)">1 < 2 and 3 > 2</p>',
  '<br/><hr class="a">',
  '<!-- [if mso] --><td background="https://a.test/b.png">',
  '<a href="#top">',
  'no tags at all',
  'a < b <',
]
for (const html of kept)
  test(`HTML without dangerous addresses stays as it is: ${html}`, () => {
    assert.equal(withSafeLinks(html), html)
  })

const dropped: [string, string][] = [
  ['<a href="javascript:alert(1)">x</a>', '<a href="#">x</a>'],
  ["<A HREF='JaVaScRiPt:alert(1)'>", '<A HREF="#">'],
  ['<a href=javascript:alert(1)>', '<a href="#">'],
  ['<a class="b" href = "javascript:x" id=c>', '<a class="b" href="#" id=c>'],
  ['<a/href="javascript:x">', '<a/href="#">'],
  ['<a ="b" href="javascript:x">', '<a ="b" href="#">'],
  ['<a href="java\tscript:x">', '<a href="#">'],
  ['<a href=" javascript:x">', '<a href="#">'],
  ['<a href="&#106;avascript:x">', '<a href="#">'],
  ['<a href="&#x6a;avascript&colon;x">', '<a href="#">'],
  ['<a href="java&Tab;script:x">', '<a href="#">'],
  ['<a href="//evil.test">', '<a href="#">'],
  ['<img src="data:text/html,x">', '<img src="#">'],
  [
    '<form action="javascript:x"><button formaction=javascript:y>',
    '<form action="#"><button formaction="#">',
  ],
  ['<svg><a xlink:href="javascript:x">', '<svg><a xlink:href="#">'],
  ['<a href="vbscript:x', '<a href="vbscript:x'],
]
for (const [html, safe] of dropped)
  test(`an address that leads nowhere good is dropped: ${JSON.stringify(html)}`, () => {
    assert.equal(withSafeLinks(html), safe)
  })

const long = ['<a ', '<', '<a href="', "<a b='", '<a =', '&#106;', '<a href="&#', '= ', '/ '].map(
  (piece) => piece.repeat(200_000),
)
test('however it is made, HTML is read in one go', () => {
  const startedMs = performance.now()

  for (const html of long) withSafeLinks(`<a ${html}`)

  assert.ok(performance.now() - startedMs < 5_000, `${performance.now() - startedMs} ms`)
})
