/** Values by two keys. */
export class Pairs<V> {
  private readonly byFirst = new Map<string, Map<string, V>>();

  get(first: string, second: string): V | undefined {
    return this.byFirst.get(first)?.get(second);
  }

  set(first: string, second: string, value: V): void {
    const values = this.byFirst.get(first);
    if (values) values.set(second, value);
    else this.byFirst.set(first, new Map([[second, value]]));
  }

  delete(first: string, second: string): void {
    this.byFirst.get(first)?.delete(second);
  }

  deleteFirst(first: string): void {
    this.byFirst.delete(first);
  }

  deleteSecond(second: string): void {
    for (const values of this.byFirst.values()) values.delete(second);
  }

  rows<R>(rowOf: (first: string, second: string, value: V) => R): R[] {
    return [...this.byFirst].flatMap(([first, values]) =>
      [...values].map(([second, value]) => rowOf(first, second, value)),
    );
  }
}
