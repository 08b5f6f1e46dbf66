export const NAME = 'countersign';
export const VERSION = '0.1.0';
