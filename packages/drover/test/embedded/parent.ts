// A process that starts a server and tells where. It ends by itself, or stays for tests to kill it.
const [launcher, ending, dataDirectory] = process.argv.slice(2)
const { startEmbedded } = (await import(launcher!)) as typeof import('../../src/embedded/index.ts')
const settings = { shared_buffers: '32MB' }
const server = await startEmbedded({ fsync: false, settings, ...(dataDirectory && { dataDirectory }) })
console.log(JSON.stringify({ port: server.port, url: server.url, dataDirectory: server.dataDirectory }))
if (ending === 'stays') setInterval(() => {}, 1000)
