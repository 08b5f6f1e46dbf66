import type { DeskDoor } from '../domain/base/desk.ts';
import type { House } from '../engine/base/house.ts';
import type { Settings } from '../process/environment.ts';

async function loaded(settings: Settings, house: House): Promise<DeskDoor> {
  const { createDoor } = await import('./door.ts');
  const { deskMounts } = await import('../desk/index.ts');
  return createDoor({ settings, house, assemble: deskMounts });
}

/** The door of a process that may never need it: what serves the desk is loaded when it is first opened. */
export function lateDoor(settings: Settings, house: () => House): DeskDoor {
  let made: Promise<DeskDoor> | undefined;
  const door = () => {
    made ??= loaded(settings, house());
    return made;
  };
  return {
    open: async (at) => (await door()).open(at),
    offer: async (at) => (await door()).offer(at),
    close: async () => (await made)?.close(),
  };
}
