/**
 * The end of a console log, as Nova cuts it: the last `lines` pieces between line ends. A log that ends with
 * a line end has an empty last piece, so that 3 of its pieces are two lines (nova/compute/manager.py
 * _tail_log).
 */
export function consoleTail(log: string, lines: number): string {
  return lines <= 0 ? '' : log.split('\n').slice(-lines).join('\n');
}
