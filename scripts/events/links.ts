/** Are all agents connected? `4/4` */
export function isWhole(link: string | undefined): boolean {
  const [connected, total] = (link ?? '').split('/');
  return total !== undefined && total !== '0' && connected === total;
}
