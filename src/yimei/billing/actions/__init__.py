"""Every write about money: quotes, orders, payments, receipts."""
