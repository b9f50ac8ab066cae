import { Readable } from 'node:stream';
import type { ImageSource } from '../hypervisor/driver.ts';
import { Failure } from '../model/failure.ts';
import type { ImageId } from '../model/ids.ts';

/** Time limits for the control plane's answer, and for pauses within the data. Milliseconds. */
export interface HttpImagesLimits {
  readonly answerMs: number;
  readonly silenceMs: number;
}

const LIMITS: HttpImagesLimits = { answerMs: 30_000, silenceMs: 60_000 };

/** Statuses that mean that the image has no data. Glance answers 204 for an image before its upload. */
const NO_DATA: readonly number[] = [204, 404, 410];
/** The image is deactivated. */
const NOT_ACTIVE = 409;

/**
 * The image source of an agent without a store. It reads image data over HTTP, from the URL in the command.
 */
export function createHttpImages(limits: HttpImagesLimits = LIMITS): ImageSource {
  return {
    async open(id, url) {
      if (url === undefined)
        throw new Failure('unavailable', `The compute host cannot read image ${id}.`, {
          operatorText: `The command has no URL for image ${id}`,
        });
      const patience = new Patience(limits.answerMs);
      const response = await ask(id, url, patience);
      patience.restart(limits.silenceMs);
      const data = Readable.from(dataOf(response, { id, url, patience }), { objectMode: false });
      // If the stream is destroyed before its first read, the generator has not started and its `finally`
      // does not run.
      data.once('close', () => {
        patience.end();
        if (response.body?.locked === false) void response.body.cancel().catch(() => undefined);
      });
      return data;
    },
  };
}

interface RequestedImage {
  readonly id: ImageId;
  readonly url: string;
  readonly patience: Patience;
}

async function ask(id: ImageId, url: string, patience: Patience): Promise<Response> {
  const response = await fetch(url, { signal: patience.signal, redirect: 'error' }).catch((error) => {
    patience.end();
    throw unreachable(id, url, error);
  });
  if (response.status === 200) return response;
  patience.end();
  await response.body?.cancel().catch(() => undefined);
  if (NO_DATA.includes(response.status))
    throw new Failure('not-found', `Image ${id} could not be found.`, {
      operatorText: `${shown(url)} answers ${response.status} for image ${id}`,
    });
  if (response.status === NOT_ACTIVE) throw new Failure('conflict', `Image ${id} is not active.`);
  throw unreachable(id, url, new Error(`it answers ${response.status}`));
}

async function* dataOf(
  response: Response,
  { id, url, patience }: RequestedImage,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      patience.heard();
      yield chunk;
    }
  } catch (error) {
    throw unreachable(id, url, error);
  } finally {
    patience.end();
  }
}

/** Aborts after a period without data. */
class Patience {
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.#timer = this.#wait(milliseconds);
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  restart(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#wait(milliseconds);
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): NodeJS.Timeout {
    const giveUp = () => this.#ending.abort(new Error(`no data for ${milliseconds / 1000} s`));
    return setTimeout(giveUp, milliseconds);
  }
}

function unreachable(id: ImageId, url: string, why: unknown): Failure {
  const text = why instanceof Error ? `${why.message}${causeOf(why)}` : String(why);
  return new Failure('unavailable', `The compute host cannot read image ${id} now.`, {
    operatorText: `Reading image ${id} from ${shown(url)}: ${text}`,
    cause: why,
  });
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? `: ${error.cause.message}` : '';
}

/** The URL without its query, which may hold credentials. */
function shown(url: string): string {
  if (!URL.canParse(url)) return 'a malformed URL';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
