import type { Route } from '../route.ts';

/** Below `/compute`: the list of versions. */
export const computeVersionRoutes: readonly Route[] = [];

/** Below `/compute/v2.1`. A new resource adds its table here. */
export const computeRoutes: readonly Route[] = [];
