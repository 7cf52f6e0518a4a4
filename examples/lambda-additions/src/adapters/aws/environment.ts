/** @throws at the first use when the function was deployed without the variable. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set`);
  }
  return value;
}
