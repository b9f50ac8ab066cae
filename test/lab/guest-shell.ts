import { setTimeout as delay } from 'node:timers/promises';

/** How the shell on the serial line of a demo guest is reached. */
export interface SerialLine {
  /** Types text on it. */
  type(text: string): Promise<void>;
  /** All that the guest has printed. */
  printed(): Promise<string>;
}

/** What a command in a guest did. */
export interface Ran {
  readonly status: number;
  readonly output: string;
}

const PROMPT = 'nameplate-demo# ';
let number = 0;

/** The shell of a demo guest. */
export class GuestShell {
  readonly #line: () => SerialLine;

  constructor(line: () => SerialLine) {
    this.#line = line;
  }

  /** Runs a command and waits for its end, on whatever host the guest is then. */
  async run(command: string): Promise<Ran> {
    await this.#listens();
    number++;
    const [begin, end] = [`begun-${number}`, `ended-${number}`];
    await this.#line().type(`echo; echo ${begin}=; ${command}; echo ${end}=$?\n`);
    const ended = new RegExp(`^${begin}=\\r?\\n([\\s\\S]*?)^${end}=(\\d+)`, 'm');
    for (;;) {
      const found = ended.exec(await this.#line().printed());
      if (found !== null) return { output: found[1] ?? '', status: Number(found[2]) };
      await delay(100); // what a guest prints is no event; the test's own timeout ends this
    }
  }

  /** What is typed before the shell has the line is lost: an empty line until it prompts. */
  async #listens(): Promise<void> {
    while (!(await this.#line().printed()).includes(PROMPT)) {
      await this.#line().type('\n');
      await delay(500);
    }
  }

  /** Runs a command until it succeeds. */
  async until(command: string): Promise<Ran> {
    for (;;) {
      const ran = await this.run(command);
      if (ran.status === 0) return ran;
    }
  }

  /** Waits until the guest has printed this. */
  async prints(pattern: RegExp): Promise<void> {
    while (!pattern.test(await this.#line().printed())) await delay(100);
  }
}
