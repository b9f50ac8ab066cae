import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderDrawing } from '../../setup/house-pages.ts';
import { ROOM_CONTENTS } from './room-contents.ts';
import { floorsOf, withoutShortcuts } from './room-graph.ts';
import { JOINING_ROOMS, ROOM_RULES } from './rooms.ts';

const arrow = (from: string, to: string) => ({ from, to, typesOnly: false });

describe('the drawing of the rooms', () => {
  it('shows every room of the table, and says what lives in it', () => {
    const rooms = [...Object.keys(ROOM_RULES), ...JOINING_ROOMS];
    const drawing = renderDrawing();
    assert.deepEqual(
      rooms.filter((room) => !drawing.includes(`["${room}"]`)),
      [],
    );
    assert.deepEqual(Object.keys(ROOM_CONTENTS).toSorted(), rooms.toSorted());
  });

  it('leaves out an arrow only where a longer way leads to the same room, and refuses a circle', () => {
    const ways = [
      arrow('api', 'store'),
      arrow('store', 'model'),
      arrow('api', 'model'),
      arrow('bus', 'model'),
    ];
    assert.deepEqual(withoutShortcuts(ways), [ways[0], ways[1], ways[3]]);
    assert.deepEqual(floorsOf(ways), [['model'], ['bus', 'store'], ['api']]);
    assert.throws(() => floorsOf([...ways, arrow('model', 'api')]), /rooms in a circle: .*model -> api/);
  });
});
