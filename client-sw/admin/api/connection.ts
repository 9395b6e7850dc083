// Requests to the API of the server that this page came from, each with the token.

import { NoAnswer, readProblem } from './problem.ts';

export interface Asked {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Blob;
  readonly signal?: AbortSignal | undefined;
}

export class Connection {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** Sends one request. Throws what the server refuses as an `ApiProblem`, and silence as `NoAnswer`. */
  async ask(address: string, { method = 'GET', headers = {}, body, signal }: Asked = {}): Promise<Response> {
    const url = new URL(address, location.origin);
    // The token goes to this server and to no other, whatever an answer names.
    if (url.origin !== location.origin) throw new Error(`${address} is an address of another server.`);
    const response = await send(url, {
      method,
      headers: { ...headers, authorization: `Bearer ${this.#token}` },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
    if (response.ok) return response;
    throw readProblem(response.status, await read(response), response.headers.get('retry-after'));
  }

  async get<Document>(address: string, signal?: AbortSignal): Promise<Document> {
    return (await this.ask(address, { signal })).json() as Promise<Document>;
  }

  /** Sends a document, and gives back the answer's. */
  async post<Document>(
    address: string,
    document: unknown,
    headers: Record<string, string> = {},
  ): Promise<Document> {
    const response = await this.ask(address, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
    return response.json() as Promise<Document>;
  }

  async remove<Document>(address: string, headers: Record<string, string> = {}): Promise<Document> {
    return (await this.ask(address, { method: 'DELETE', headers })).json() as Promise<Document>;
  }
}

async function send(url: URL, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new NoAnswer(cause);
  }
}

/** The words of a refusal. Where they do not arrive either, its status has to do. */
async function read(response: Response): Promise<string> {
  return response.text().catch(() => '');
}
