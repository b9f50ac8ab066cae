/** The longest wait that a Node timer can hold (2^31 - 1 ms), in whole seconds. */
export const LONGEST_WAIT_SECONDS = 2_147_483;
