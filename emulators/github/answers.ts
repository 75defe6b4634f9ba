import type { components } from '@octokit/openapi-types';
import type { Answer } from '../server.ts';

/** The shapes that GitHub's own description gives. */
export type Schemas = components['schemas'];

/** An answer with a JSON body. */
export function json<Body extends object>(status: number, body: Body, verdict: string): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(body), verdict };
}

/** 204. */
export function noContent(verdict: string): Answer {
  return { status: 204, headers: {}, body: '', verdict };
}

/** A refusal in GitHub's form. */
export function refusal(status: number, message: string, why = message): Answer {
  const body: Schemas['basic-error'] = {
    message,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  };
  return json(status, body, `refused (${status}): ${why}`);
}

/**
 * What a path under a repository's former name is answered with: a GET 301, everything else 307, and the
 * same text for both, as GitHub was recorded doing it.
 */
export function moved(method: string, location: string): Answer {
  const body = {
    message: 'Moved Permanently',
    url: location,
    documentation_url: 'https://docs.github.com/v3/#http-redirects',
  };
  const answer = json(method === 'GET' ? 301 : 307, body, 'the repository has another name; redirected');
  return { ...answer, headers: { ...answer.headers, location } };
}

/** 404; `why` is for the log alone. */
export function notFound(why: string): Answer {
  return refusal(404, 'Not Found', why);
}

/** 422 for a body or a name that GitHub does not take. */
export function unprocessable(message: string): Answer {
  return refusal(422, message);
}

/** 422 for a body that lacks something. */
export function lacking(property: string): Answer {
  return unprocessable(`Invalid request.\n\n"${property}" wasn't supplied.`);
}

/** One page of a list (`page` from 1, `per_page` up to `most`), and the Link header (RFC 8288) to the next. */
export function pageOf<Item>(
  items: readonly Item[],
  query: string,
  url: string,
  sizes: { usual: number; most: number },
): { items: Item[]; headers: Record<string, string> } {
  const parameters = new URLSearchParams(query);
  const size = Math.min(whole(parameters.get('per_page')) ?? sizes.usual, sizes.most);
  const page = whole(parameters.get('page')) ?? 1;
  const slice = items.slice((page - 1) * size, page * size);
  if (page * size >= items.length) return { items: slice, headers: {} };
  parameters.set('page', String(page + 1));
  return { items: slice, headers: { link: `<${url}?${parameters}>; rel="next"` } };
}

function whole(text: string | null): number | undefined {
  return text !== null && /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : undefined;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON object in a request's body, or the refusal. */
export function objectIn(body: Buffer): { values: Map<string, unknown> } | { refused: Answer } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(UTF_8.decode(body));
  } catch {
    return { refused: refusal(400, 'Problems parsing JSON') };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { refused: refusal(400, 'Body should be a JSON object') };
  }
  return { values: new Map<string, unknown>(Object.entries(parsed)) };
}

const moments = new Map<number, string>();
const MOST_MOMENTS = 10_000;

/** A moment the way GitHub writes it: UTC, whole seconds, `2026-08-01T12:00:00Z`. */
export function isoSeconds(ms: number): string {
  let text = moments.get(ms);
  if (text === undefined) {
    text = `${new Date(ms).toISOString().slice(0, 19)}Z`;
    if (moments.size > MOST_MOMENTS) moments.clear();
    moments.set(ms, text);
  }
  return text;
}
