import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import * as x509 from '@peculiar/x509';

/** How a site answers one request. */
export type Answer = (request: IncomingMessage, answer: ServerResponse) => void;

/** A site of this machine, one answer after the other, the last one again and again. */
export interface Site {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** `GET /file bytes=4-`, in the order in which they came. */
  readonly asked: string[];
  answers: readonly Answer[];
  close(): Promise<void>;
}

/** @param tls key and certificate in PEM; without them it is plain HTTP */
export async function openSite(tls?: { key: string; cert: string }): Promise<Site> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  let answered = 0;
  const listener: RequestListener = (request, answer) => {
    const { method = '', url = '', headers } = request;
    asked.push([method, url, ...(headers.range === undefined ? [] : [headers.range])].join(' '));
    // a connection that one test has broken is not the next one's
    answer.setHeader('connection', 'close');
    const next = site.answers[Math.min(answered++, site.answers.length - 1)];
    next?.(request, answer);
  };
  const server = tls === undefined ? createPlain(listener) : createSecure(tls, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let answers: readonly Answer[] = [];
  const site: Site = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get answers() {
      return answers;
    },
    set answers(given) {
      answers = given;
      answered = 0;
      asked.length = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return site;
}

/** Key and certificate of a site that nobody knows. */
export async function selfSigned(): Promise<{ key: string; cert: string }> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const extensions = [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: 'CN=site', signingAlgorithm, keys, extensions },
    webcrypto as Crypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

/** The whole file, or what is asked for of it. */
export const whole =
  (bytes: Buffer): Answer =>
  ({ headers }, answer) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (from >= bytes.length) answer.writeHead(416).end();
    else if (from === 0) answer.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else {
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      answer.writeHead(206, { 'content-range': range }).end(bytes.subarray(from));
    }
  };

/** So many bytes of it, and then the connection breaks. */
export const cut =
  (bytes: Buffer, at: number): Answer =>
  (_, answer) => {
    answer.writeHead(200, { 'content-length': bytes.length });
    answer.write(bytes.subarray(0, at), () => setTimeout(() => answer.destroy(), 200));
  };

/** So many bytes of it, and then nothing more. */
export const stuck =
  (bytes: Buffer, at: number): Answer =>
  (_, answer) => {
    answer.writeHead(200, { 'content-length': bytes.length });
    answer.write(bytes.subarray(0, at));
  };

export const silent: Answer = () => undefined;

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, answer) => {
    answer.writeHead(code, headers).end('no');
  };
