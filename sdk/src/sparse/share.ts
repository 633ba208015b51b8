/** Bounds of contiguous runs, one a thread, whose costs are as equal as whole items allow: [0, …, costs.length]. */
export function shareOut(costs: readonly number[], threads: number): readonly number[] {
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const bounds = [0];
  let [item, sum] = [0, 0];
  for (let thread = 1; thread < threads; thread++) {
    const wanted = (total * thread) / threads;
    // The item that lies across the bound goes where most of it lies.
    while (item < costs.length && sum + (costs[item] as number) / 2 <= wanted) sum += costs[item++] as number;
    bounds.push(item);
  }
  return [...bounds, costs.length];
}
