// Preloaded into a server (NODE_OPTIONS): its clock goes as the machine's does, but stands SHIFT_CLOCK_MS ahead.
const shift = Number(process.env.SHIFT_CLOCK_MS ?? 0);
const Machine = globalThis.Date;

globalThis.Date = class extends Machine {
  constructor(...given) {
    if (given.length === 0) super(Machine.now() + shift);
    else super(...given);
  }

  static now() {
    return Machine.now() + shift;
  }
};
