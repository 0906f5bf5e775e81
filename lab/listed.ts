/** The first of these, and how many more there are: `a, b, c, and 4 more`. Pure. @param most that are named */
export function listed(all: readonly string[], separator = ', ', most = 3): string {
  const more = all.length > most ? [`and ${all.length - most} more`] : [];
  return [...all.slice(0, most), ...more].join(separator);
}
