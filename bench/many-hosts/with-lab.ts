interface Lab {
  close(): Promise<void>;
}

const open = new Set<Promise<Lab>>();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    await Promise.allSettled([...open].map(async (starting) => (await starting).close()));
    process.exit(1);
  });

/** Measures on a lab and closes it, also when the bench is told to end meanwhile. */
export async function withLab<L extends Lab, T>(
  starting: Promise<L>,
  measure: (lab: L) => Promise<T>,
): Promise<T> {
  open.add(starting);
  try {
    const lab = await starting;
    return await measure(lab).finally(() => lab.close());
  } finally {
    open.delete(starting);
  }
}
