// Runs before `npm start`, `npm test` and `npm run check`: makes sure that what they need is
// installed, and built where browsers run it. No static import and no syntax newer than 2018, so that an old Node can read this file
// and answer with a sentence instead of a syntax error.

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error('Belfry needs Node 20 or newer to install itself; this is ' + process.version + '.')
  process.exit(1)
}

import('./dependencies.js')
  .then(function (dependencies) {
    return dependencies.prepare()
  })
  .then(function () {
    return import('../inbox/scripts/embed.js')
  })
  .then(function (embed) {
    return embed.prepareEmbed()
  })
  .catch(function (error) {
    console.error(error.message)
    process.exitCode = 1
  })
