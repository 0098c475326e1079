// A Bluesky network of @atproto/dev-env, on 127.0.0.1 alone: left to itself it listens on every address.
// Run as `node network.cjs FOLDER_OF_DEV_ENV READY_FILE`; the ready file then holds the addresses of its PDS and its AppView.
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const url = require('node:url')

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  if (typeof given[0] === 'number' && typeof given[1] !== 'string') given.splice(1, 0, '127.0.0.1')
  else if (given[0] && typeof given[0] === 'object' && given[0].port !== undefined && !given[0].host) {
    given[0] = { ...given[0], host: '127.0.0.1' }
  }
  return listen.apply(this, given)
}

async function main([folder, ready]) {
  const entry = path.join(folder, 'node_modules/@atproto/dev-env/dist/index.js')
  const { TestNetwork, mockMailer } = await import(url.pathToFileURL(entry).href)
  const network = await TestNetwork.create({ dbPostgresSchema: 'redshank', pds: { inviteRequired: false } })
  mockMailer(network.pds)
  fs.writeFileSync(`${ready}.new`, `${network.pds.url} ${network.bsky.url}`)
  fs.renameSync(`${ready}.new`, ready)
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error)
  process.exit(1)
})
