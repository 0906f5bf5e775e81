// @ts-check
// A server that says who it is. A GET of any path is answered with {"region":…,"pod":…,"node":…}, as the environment has
// them; that of /healthz with ok. UDP on the same port gives each datagram back as it came. After SIGTERM nothing new
// begins, and what has begun is finished.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const { REGION: region, POD: pod, NODE: node, PORT = '8080' } = process.env;
const identity = `${JSON.stringify({ region, pod, node })}\n`;

/** Milliseconds after which a client that does not finish its request is given up. */
const PATIENCE = 5000;

const server = createServer(({ method, url }, response) => {
  // a connection that is kept alive ends with this answer
  if (!server.listening) response.shouldKeepAlive = false;
  if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
  else if (url === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(identity);
});
const echo = createSocket('udp4', (datagram, { address, port }) => {
  // one that cannot be sent is lost, as any datagram may be
  echo.send(datagram, port, address, () => undefined);
});

server.listen(Number(PORT), () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  echo.bind(port, () => {
    console.log(`${pod} in ${region} listens on ${port}`);
  });
});

process.on('SIGTERM', () => {
  echo.close();
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => {
    server.closeAllConnections();
  }, PATIENCE);
});
