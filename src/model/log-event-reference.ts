import { LOG_EVENTS } from './log.ts';

/** Renders `docs/log-events.md`. */
export function renderLogEvents(): string {
  const rows = Object.entries(LOG_EVENTS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([event, [level, message]]) => `| \`${event}\` | ${level} | ${message} |`);
  return `# Log events

Written by \`npm run docs\` from \`src/model/log.ts\`.

Nameplate logs one event a line on standard error: text where that is a terminal, a JSON object elsewhere, or as \`[DEFAULT] use_json\` says.
Text is \`TIME LEVEL EVENT: MESSAGE FIELD=VALUE …\`. An object has \`time\`, \`level\`, \`event\`, \`message\`, \`pid\` and \`hostname\`, and the event's own fields, such as
\`server\`, \`host\`, \`operation\` (ids and names) and \`why\` (the reason, a sentence). Alerts and filters should use \`event\`: the name of an event does not change,
its message may. \`debug\` events are logged with \`[DEFAULT] debug\`.

| event | level | message |
|---|---|---|
${rows.join('\n')}
`;
}
