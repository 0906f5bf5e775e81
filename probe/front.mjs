// @ts-check
// A front end without any state: each GET writes a visit of this region into the database, and answers with the visits of
// all regions: {"region":…,"pod":…,"node":…,"visits":{"region-b":3}}. It speaks as much of PostgreSQL's protocol (version 3)
// as that takes. /healthz is about this process alone.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const { REGION: region = '', POD: pod, NODE: node, PORT = '8080' } = process.env;
const { DATABASE_HOST = 'database', DATABASE_PORT = '5432' } = process.env;

/** Milliseconds that the database, or a client that does not finish its request, is given. */
const PATIENCE = 3000;

const visit = `INSERT INTO visits (region) VALUES ('${region.replaceAll("'", "''")}');
SELECT region, count(*) FROM visits GROUP BY region ORDER BY region`;

const server = createServer(({ method, url }, response) => {
  // a connection that is kept alive ends with this answer
  if (!server.listening) response.shouldKeepAlive = false;
  const answer = (/** @type {number} */ status, /** @type {object} */ more) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ region, pod, node, ...more })}\n`);
  };
  if (method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
  else if (url === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  else
    query(visit).then(
      (rows) => {
        answer(200, { visits: Object.fromEntries(rows.map(([name, count]) => [name, Number(count)])) });
      },
      (/** @type {Error} */ { message }) => {
        answer(503, { error: `${DATABASE_HOST}: ${message}` });
      },
    );
});

/**
 * Asks the database, over a connection of its own.
 * @param {string} sql @returns {Promise<(string | null)[][]>} the rows, as text
 */
function query(sql) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(DATABASE_PORT), DATABASE_HOST);
    const fail = (/** @type {string} */ message) => {
      socket.destroy();
      reject(new Error(message));
    };
    const timer = setTimeout(fail, PATIENCE, `no answer within ${PATIENCE / 1000} s`);
    /** @type {(string | null)[][]} */
    const rows = [];
    let isAsked = false;
    let buffer = Buffer.alloc(0);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
    });
    socket.on('error', ({ message }) => {
      fail(message);
    });
    socket.on('connect', () => socket.write(message('', 196608, 'user\0lab\0database\0lab\0\0')));
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      // a type, a length that counts itself, and the rest
      while (buffer.length >= 5 && buffer.length >= 1 + buffer.readInt32BE(1)) {
        const length = 1 + buffer.readInt32BE(1);
        const [type, body] = [buffer.toString('latin1', 0, 1), buffer.subarray(5, length)];
        buffer = buffer.subarray(length);
        if (type === 'E') fail(errorOf(body));
        else if (type === 'R' && body.readInt32BE(0) !== 0) fail('it asks for a password');
        else if (type === 'D') rows.push(rowOf(body));
        else if (type === 'Z' && !isAsked) {
          isAsked = true;
          socket.write(message('Q', undefined, `${sql}\0`));
        } else if (type === 'Z') {
          socket.end(message('X', undefined, ''));
          resolve(rows);
        }
      }
    });
  });
}

/** A message to the database. @param {string} type @param {number | undefined} number @param {string} text */
function message(type, number, text) {
  const start = Buffer.alloc(number === undefined ? 4 : 8);
  const body = Buffer.from(text);
  start.writeInt32BE(start.length + body.length);
  if (number !== undefined) start.writeInt32BE(number, 4);
  return Buffer.concat([Buffer.from(type), start, body]);
}

/** The values of a row: each with its length before it, -1 for none. @param {Buffer} body */
function rowOf(body) {
  /** @type {(string | null)[]} */
  const values = [];
  for (let at = 2; at < body.length;) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return values;
}

/** What the database says is wrong: the field M of the fields that end in NUL each. @param {Buffer} body */
function errorOf(body) {
  const fields = body.toString('utf8').split('\0');
  return fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'it refuses';
}

server.listen(Number(PORT), () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`${pod} in ${region} listens on ${port}`);
});

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => {
    server.closeAllConnections();
  }, PATIENCE);
});
