// Preloaded into a server (NODE_OPTIONS): sets the server's clock SHIFT_CLOCK_MS ahead of the machine's.
const shift = Number(process.env.SHIFT_CLOCK_MS ?? 0);
const MachineDate = globalThis.Date;

globalThis.Date = class extends MachineDate {
  constructor(...given) {
    if (given.length === 0) super(MachineDate.now() + shift);
    else super(...given);
  }

  static now() {
    return MachineDate.now() + shift;
  }
};
