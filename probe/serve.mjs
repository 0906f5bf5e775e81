// @ts-check
// A server that says who it is. A GET of any path is answered with {"region":…,"pod":…,"node":…}, as the environment has
// them; that of /healthz with ok; that of /ask?q=QUESTIONS with the answers of ask.mjs, or 404 where that does not lie beside it.
// UDP on the same port gives each datagram back as it came. PORT may name a second port for HTTP, as "8080 8081". After SIGTERM
// nothing new begins, and what has begun is finished.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const { REGION: region, POD: pod, NODE: node, PORT = '8080' } = process.env;
const identity = `${JSON.stringify({ region, pod, node })}\n`;

/** Milliseconds after which a client that does not finish its request is given up. */
const PATIENCE = 5000;

const [first, ...others] = PORT.split(' ').map(Number);

/** @type {import('node:http').RequestListener} */
const answer = ({ method, url }, response) => {
  // a connection that is kept alive ends with this answer
  if (isGoing) response.shouldKeepAlive = false;
  if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
  else if (url === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  else if (url?.startsWith('/ask?')) void ask(new URL(url, 'http://probe').searchParams.get('q') ?? '', response);
  else response.writeHead(200, { 'content-type': 'application/json' }).end(identity);
};

/** @param {string} asked @param {import('node:http').ServerResponse} response */
async function ask(asked, response) {
  try {
    const { askAll } = await import('./ask.mjs');
    await askAll(JSON.parse(asked), (line) => response.write(`${line}\n`));
    response.end();
  } catch {
    // whoever asked sees that the answer is not whole
    if (response.headersSent) response.destroy();
    else response.writeHead(404).end();
  }
}

let isGoing = false;
const server = createServer(answer);
const servers = [server, ...others.map((port) => createServer(answer).listen(port))];
const echo = createSocket('udp4', (datagram, { address, port }) => {
  // one that cannot be sent is lost, as any datagram may be
  echo.send(datagram, port, address, () => undefined);
});

server.listen(first, () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  echo.bind(port, () => {
    console.log(`${pod} in ${region} listens on ${port}`);
  });
});

process.on('SIGTERM', () => {
  isGoing = true;
  echo.close();
  let left = servers.length;
  for (const each of servers) {
    each.close(() => {
      if (--left === 0) process.exit(0);
    });
    each.closeIdleConnections();
  }
  setTimeout(() => {
    for (const each of servers) each.closeAllConnections();
  }, PATIENCE);
});
