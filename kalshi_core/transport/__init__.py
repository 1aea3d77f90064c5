"""How a request reaches the network: httpx clients, deadlines of sockets, forks and event loops."""
