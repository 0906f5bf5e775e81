// @ts-check
// Asks many questions at once, from the pod in which it runs, and prints an answer a line, as JSON, in the order in which
// they come: node ask.mjs '{"patience":8000,"each":1000,"questions":[{"id":0,"by":"http","host":"10.2.0.7","port":8080}]}'
// A server of the same pod does so too, where it is asked for /ask?q={"patience":…} (serve.mjs).
//
// http     GET / of a server that says who it is (serve.mjs)
// name     the same, at a name: it is looked up by DNS first
// udp      a datagram as large as the pod's interface takes, to be sent back as it is
// connect  a TCP connection, and nothing else
//
// With `rounds` and `every` each question is asked that many times, at fixed instants that many milliseconds apart, whatever
// became of the former ones; its line then tells how many were sent and lost, and the slowest: {"id":0,"sent":20,"lost":0,…}.
// Where this program itself was late, by more than LATE, what became of the request is not known, and it is counted as late alone.
// Else a question is asked again until it is answered, by the region and the pod that it names, or patience ends, in milliseconds;
// one that is to be shut, until no answer comes: what is new in the mesh takes a moment to be known everywhere. `each` is how
// long it waits each time.
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ id: number, by: 'http' | 'name' | 'udp' | 'connect', host: string, port: number, region?: string, pod?: string, shut?: boolean }} Question */
/** @typedef {{ id: number, ms?: number, from?: unknown, bytes?: number, failed?: string, tries: number }} Answer */
/** @typedef {{ from?: { region?: string, pod?: string }, bytes?: number }} Heard */

/** Milliseconds before a question is asked again. */
const PAUSE = 200;

/** Milliseconds: so late may this program send, or hear that the time is up. */
const LATE = 250;

/** What goes before the data of a datagram: an IPv4 header and that of UDP. */
const HEADERS = 28;

/** @typedef {{ patience: number, each: number, questions: Question[], rounds?: number, every?: number }} Asked */

/** Asks once, and waits that many milliseconds. @type {Record<Question['by'], (question: Question, each: number) => Promise<Heard>>} */
const ways = {
  http: ({ host, port }, each) => askServer(host, port, each),
  name: async ({ host, port }, each) => {
    // a datagram that is lost comes again after a second, as resolv.conf has it everywhere, if there is time
    const resolver = new Resolver({ timeout: Math.min(each, 1000), tries: Math.max(1, Math.floor(each / 2000)) });
    const [address] = await resolver.resolve4(host);
    if (address === undefined) throw new Error('no address');
    return askServer(address, port, each);
  },
  udp: ({ host, port }, each) => sendDatagram(host, port, each),
  connect: ({ host, port }, each) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port }, () => {
        socket.destroy();
        resolve({});
      });
      socket.once('error', reject);
      socket.setTimeout(each, () => socket.destroy(new Error('no answer')));
    }),
};

/** @param {string} host @param {number} port @param {number} each @returns {Promise<Heard>} */
function askServer(host, port, each) {
  return new Promise((resolve, reject) => {
    const request = get({ host, port, path: '/', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.once('end', () => {
        try {
          resolve({ from: JSON.parse(text) });
        } catch {
          reject(new Error(`something else answers: ${response.statusCode}`));
        }
      });
    });
    request.once('error', reject);
    const timer = setTimeout(() => request.destroy(new Error('no answer')), each);
    request.once('close', () => clearTimeout(timer));
  });
}

/** @param {string} host @param {number} port @param {number} each @returns {Promise<Heard>} */
function sendDatagram(host, port, each) {
  const bytes = Number(readFileSync('/sys/class/net/eth0/mtu', 'utf8')) - HEADERS;
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => done(new Error('no answer')), each);
    /** @param {Error} [error] */
    const done = (error) => {
      clearTimeout(timer);
      socket.close();
      if (error === undefined) resolve({ bytes });
      else reject(error);
    };
    socket.once('error', done);
    socket.once('message', (echo) =>
      done(echo.length === bytes ? undefined : new Error(`${echo.length} bytes came back`)),
    );
    socket.send(Buffer.alloc(bytes, 'probe'), port, host, (error) => {
      if (error) done(error);
    });
  });
}

/** @param {unknown} error */
function wordOf(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  return code ?? message;
}

/** @param {Question} question @param {Heard} heard */
function isMeant({ region, pod }, { from }) {
  if (from === undefined) return true;
  return (region ?? from.region) === from.region && (pod ?? from.pod) === from.pod;
}

/** Asks all of it, and tells each answer as a line. @param {Asked} asked @param {(line: string) => void} tell */
export async function askAll({ patience, each, questions, rounds, every = 0 }, tell) {
  const start = performance.now();
  const end = start + patience;

  /** @param {Question} question @returns {Promise<Answer>} */
  async function ask(question) {
    const { id, by, shut = false } = question;
    for (let tries = 1; ; tries++) {
      const sent = performance.now();
      /** @type {Heard | string} */
      const heard = await ways[by](question, each).catch(wordOf);
      const ms = Math.round((performance.now() - sent) * 10) / 10;
      const isOver = performance.now() + PAUSE > end;
      if (typeof heard === 'string') {
        if (shut || isOver) return { id, tries, failed: heard };
      } else if (isOver || (!shut && isMeant(question, heard))) return { id, tries, ms, ...heard };
      // of a Service somebody else answers at first: it is asked again at once
      else if (!shut) continue;
      await sleep(PAUSE);
    }
  }

  /** @param {Question} question @param {number} rounds */
  async function keepAsking(question, rounds) {
    const results = await Promise.all(
      Array.from({ length: rounds }, async (_, round) => {
        const due = start + round * every;
        await sleep(due - performance.now());
        const sent = performance.now();
        /** @type {Heard | string} */
        const heard = await ways[question.by](question, each).catch(wordOf);
        const failed =
          typeof heard === 'string' ? heard : isMeant(question, heard) ? undefined : 'somebody else answers';
        const ms = performance.now() - sent;
        return { failed, ms, isLate: sent > due + LATE || (failed !== undefined && ms > each + LATE) };
      }),
    );
    const known = results.filter(({ isLate }) => !isLate);
    const lost = known.filter(({ failed }) => failed !== undefined);
    const slowest = Math.round(Math.max(0, ...known.filter((one) => !lost.includes(one)).map(({ ms }) => ms)));
    const counts = { sent: rounds, late: rounds - known.length, lost: lost.length, slowest };
    return { id: question.id, ...counts, ...(lost[0] && { failed: lost[0].failed }) };
  }

  await Promise.all(
    questions.map(async (question) => {
      const said = rounds === undefined ? await ask(question) : await keepAsking(question, rounds);
      tell(JSON.stringify(said));
    }),
  );
}

// as a program of its own, and not where a server has loaded it
if (process.argv[1]?.endsWith('/ask.mjs')) await askAll(JSON.parse(process.argv[2] ?? '{}'), console.log);
