export type OrderStatus = 'processing' | 'completed' | 'failed';

export interface OrderItem {
  readonly id: string;
  readonly quantity: number;
}

export interface Order {
  readonly id: string;
  /** The `sub` of the token that placed the order. */
  readonly owner: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  /** How often the reconciler has put the order back on its way. */
  readonly attempts: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What a caller may see of an order. */
export type OrderView = Omit<Order, 'owner' | 'attempts'>;

export function viewOf({ id, status, items, createdAt, updatedAt }: Order): OrderView {
  return { id, status, items, createdAt, updatedAt };
}
